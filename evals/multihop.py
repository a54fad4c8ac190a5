"""MultiHop-RAG (Tang and Yang 2024): 609 news articles, questions whose evidence lies in several of them.

Scored on at most 10 unjoined chunks of at most 256 tokens; a longer one is refused, so that size is no way to win.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import vigie
from corpus.models import Article
from evals.asking import Found, Told, ask_all, came_at, find, ranking
from evals.datasets import read_json, refuse_twice, sha256_of, tell_version
from evals.measures import (
    EvaluationError,
    evidence_share,
    published_average_precision,
    published_hits,
    published_reciprocal_rank,
)
from evals.runs import EvaluationRun, finished
from rag.models import Passage

CORPUS, QUERIES, PUBLISHED_QUERIES = "corpus.json", "queries.json", "MultiHopRAG.json"


@dataclass(frozen=True, slots=True)
class MultihopQuestion:
    """``evidence``: (the article's URL, a fact that stands in it word for word), none for a null question."""

    id: str
    question: str
    kind: str
    evidence: tuple[tuple[str, str], ...]


def load_articles(folder: Path) -> list[Article]:
    """The corpus. Raises EvaluationError naming the file or row."""
    articles = []
    seen: set[str] = set()
    for number, row in enumerate(_read(folder / CORPUS), start=1):
        place = f"{folder / CORPUS}, article {number}"
        url, title, body, source, moment = (
            _text(row, key, place) for key in ("url", "title", "body", "source", "published_at")
        )
        refuse_twice(seen, url, place)
        try:
            published = datetime.fromisoformat(moment)
        except ValueError as error:
            raise EvaluationError(f"{place}: 'published_at' is {moment!r}, not in ISO form") from error
        if published.tzinfo is None:
            raise EvaluationError(f"{place}: 'published_at' ({moment}) has no time zone")
        articles.append(Article(url, title, body, source, published, "en", author=str(row.get("author") or "")))
    return articles


def load_questions(folder: Path, articles: Sequence[Article] | None = None) -> list[MultihopQuestion]:
    """The questions with their evidence. Raises EvaluationError naming the file or row; with ``articles`` also where a
    question's evidence is of an unknown article, or a fact does not stand in its own: it could never be found."""
    path = queries_file(folder)
    texts = {a.url: squeezed(f"{a.title}\n{a.text}") for a in articles or ()}
    found = []
    for number, row in enumerate(_read(path), start=1):
        place = f"{path}, question {number}"
        text, kind = (_text(row, key, place) for key in ("query", "question_type"))
        if not isinstance(row.get("evidence_list"), list):
            raise EvaluationError(f"{place}: 'evidence_list' is missing or no list")
        evidence = tuple((_text(e, "url", place), _text(e, "fact", place)) for e in row["evidence_list"])
        for url, fact in evidence if articles is not None else ():
            if url not in texts:
                raise EvaluationError(f"{place}: its evidence is of an unknown article, {url}")
            if squeezed(fact) not in texts[url]:
                raise EvaluationError(f"{place}: the fact '{fact[:60]}' does not stand in its article, {url}")
        found.append(MultihopQuestion(f"{number:04}", text, kind, evidence))
    return found


def queries_file(folder: Path) -> Path:
    """The questions' file: ``queries.json``, or under the name that it is published by."""
    published = folder / PUBLISHED_QUERIES
    return published if published.exists() and not (folder / QUERIES).exists() else folder / QUERIES


def _read(path: Path) -> list[Any]:
    rows = read_json(path, "multihop-rag")
    if not isinstance(rows, list) or not rows:
        raise EvaluationError(f"{path}: holds no rows")
    tell_version(f"multihop-rag {path.name}", sha256_of(path), len(rows))
    return rows


def _text(row: Any, key: str, place: str) -> str:
    value = row.get(key) if isinstance(row, dict) else None
    if not isinstance(value, str) or not value.strip():
        raise EvaluationError(f"{place}: '{key}' is missing, empty or no text")
    return value


def run_multihop(
    library: vigie.Library,
    questions: Sequence[MultihopQuestion],
    *,
    data: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
    every: int = 1,
    told: Told | None = None,
) -> EvaluationRun:
    """Every ``every``-th answerable question, retrieved at 10 from a library that holds the corpus. ``data``: SHA-256 of
    the files, by name."""
    asked = ask_all(library, [q for q in questions if q.evidence][::every], _row, told)
    return finished(
        "multihop-rag",
        library,
        asked,
        settings={"without": list(without), "every": every},
        data=data,
        made=datetime.now(UTC),
    )


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of the data set's files, by name."""
    return {path.name: sha256_of(path) for path in (folder / CORPUS, queries_file(folder))}


def _row(library: vigie.Library, question: MultihopQuestion) -> tuple[dict[str, Any], Found]:
    facts = [squeezed(fact) for _, fact in question.evidence]

    def standing(passage: Passage) -> list[bool]:
        text = squeezed(passage.text)
        return [fact in text for fact in facts]

    def complete(passages: Sequence[Passage]) -> bool:
        return all(any(column) for column in zip(*map(standing, passages), strict=True)) if passages else False

    came = find(library, question.question, complete)
    found = [standing(p) for p in came.first]
    return {
        "slices": ["all", question.kind],
        "expected": [
            {"article": url, "quote": fact, **came_at(came.deep, partial(_states, squeezed(fact)))}
            for url, fact in question.evidence
        ],
        "ranking": ranking(came.first, lambda p: any(standing(p))),
        "measures": {
            "hits@10": float(published_hits(found, 10)),
            "hits@4": float(published_hits(found, 4)),
            "mrr@10": published_reciprocal_rank(found),
            "map@10": published_average_precision(found, len(facts)),
            "evidence@10": evidence_share(found, len(facts)),
        },
    }, came


def _states(fact: str, passage: Passage) -> bool:
    return fact in squeezed(passage.text)


def squeezed(text: str) -> str:
    """Without white space: the published evaluator compares facts so."""
    return re.sub(r"\s", "", text)
