"""Topics against articles labelled by hand: precision, recall and F1 of each topic, and how far the two passes of labelling agreed.

The labels are of articles that may not be shipped, so that an article is named by a hash of its set and its place there.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.enrich.topics import score
from corpus.models import TOPIC_THRESHOLD, TOPICS
from evals.measures import EvaluationError

LABELS = Path(__file__).parent / "gold" / "topics.jsonl"
SETS: Mapping[str, str] = {"news-en/docs": "url", "news-en/docs_ai": "url", "news-fr/fiches": "file"}
"""The sets that were drawn from, as paths without ".jsonl.gz", and the field that names an article in each."""

Scorer = Callable[[str, str], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class LabelledArticle:
    """An article's labels by two independent passes, and what was settled on where they differed; ``half`` is "tune" for
    steering by, "held-out" to be looked at only when a figure is reported."""

    set: str
    id: str
    half: str
    labels: frozenset[str]
    first: frozenset[str]
    second: frozenset[str]


@dataclass(frozen=True, slots=True)
class TopicFigures:
    """One topic on one half of the articles."""

    topic: str
    half: str
    articles: int
    positives: int
    precision: float
    recall: float
    f1: float


def labelled_articles(path: Path = LABELS) -> list[LabelledArticle]:
    """The project's own labels."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        sets = (frozenset(row[name]) for name in ("labels", "first", "second"))
        found.append(LabelledArticle(row["set"], row["id"], row["half"], *sets))
    return found


def texts_of(articles: Sequence[LabelledArticle], data: Path) -> dict[str, tuple[str, str]]:
    """Article id -> (title, text), from the folder with news-en and news-fr. Raises EvaluationError when any is missing."""
    wanted = {article.id for article in articles}
    found = {key: text for key, text in _all_texts(data) if key in wanted}
    if len(found) < len(wanted):
        raise EvaluationError(f"{data}: {len(wanted) - len(found)} of {len(wanted)} labelled articles are not there")
    return found


def _all_texts(data: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    for name, field in SETS.items():
        path = data / f"{name}.jsonl.gz"
        try:
            lines = gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")
        except OSError as error:
            raise EvaluationError(
                f"{path}: {error.strerror or error}; give the folder with news-en/ and news-fr/"
            ) from error
        for line in filter(None, lines):
            row: dict[str, Any] = json.loads(line)
            yield label_id(name, str(row[field])), (str(row["title"]), str(row["text"]))


def label_id(name: str, place: str) -> str:
    """The id of an article in a set: the first 16 hexadecimal digits of a SHA-256."""
    return hashlib.sha256(f"{name}\n{place}".encode()).hexdigest()[:16]


def measure_topics(
    articles: Sequence[LabelledArticle], texts: Mapping[str, tuple[str, str]], scorer: Scorer = score
) -> list[TopicFigures]:
    """Every topic on both halves, by the labels that a score over the threshold gives."""
    given = {}
    for article in articles:
        title, text = texts[article.id]
        scores = scorer(title, text)
        given[article.id] = {topic for topic, value in scores.items() if value >= TOPIC_THRESHOLD}
    return [
        _figures(topic, half, [a for a in articles if a.half == half], given)
        for half in ("tune", "held-out")
        for topic in TOPICS
    ]


def _figures(topic: str, half: str, articles: Sequence[LabelledArticle], given: Mapping[str, set[str]]) -> TopicFigures:
    right = sum(topic in a.labels and topic in given[a.id] for a in articles)
    positives = sum(topic in a.labels for a in articles)
    claimed = sum(topic in given[a.id] for a in articles)
    precision, recall = right / claimed if claimed else 0.0, right / positives if positives else 0.0
    f1 = 2 * right / (claimed + positives) if claimed + positives else 0.0
    return TopicFigures(topic, half, len(articles), positives, round(precision, 3), round(recall, 3), round(f1, 3))


def kappa(first: Iterable[bool], second: Iterable[bool]) -> float:
    """Cohen's kappa (1960) of two labellings: (observed agreement - chance agreement) / (1 - chance agreement)."""
    pairs = list(zip(first, second, strict=True))
    observed = sum(a == b for a, b in pairs) / len(pairs)
    yes = [sum(pair[i] for pair in pairs) / len(pairs) for i in (0, 1)]
    chance = yes[0] * yes[1] + (1 - yes[0]) * (1 - yes[1])
    return 1.0 if chance == 1 else (observed - chance) / (1 - chance)


def agreement(articles: Sequence[LabelledArticle]) -> dict[str, float]:
    """Topic -> kappa of the two passes."""
    return {
        topic: round(kappa((topic in a.first for a in articles), (topic in a.second for a in articles)), 3)
        for topic in TOPICS
    }
