"""MultiHop-RAG (Tang and Yang 2024): 609 news articles, questions whose evidence lies in several of them.

Scored on at most 10 unjoined chunks of at most 256 tokens; a longer one is refused, so that size is no way to win.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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

FILES = ("corpus.json", "queries.json")


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
    for number, row in enumerate(_read(folder / "corpus.json"), start=1):
        try:
            refuse_twice(seen, row["url"], f"{folder / 'corpus.json'}, article {number}")
            published = datetime.fromisoformat(row["published_at"])
            articles.append(
                Article(
                    row["url"],
                    row["title"],
                    row["body"],
                    row["source"],
                    published,
                    "en",
                    author=row.get("author") or "",
                )
            )
        except (KeyError, TypeError, ValueError) as error:
            raise EvaluationError(f"{folder / 'corpus.json'}, article {number}: {error}") from error
    return articles


def load_questions(folder: Path) -> list[MultihopQuestion]:
    """The questions with their evidence. Raises EvaluationError naming the file or row."""
    found = []
    for number, row in enumerate(_read(folder / "queries.json"), start=1):
        try:
            evidence = tuple((str(e["url"]), str(e["fact"])) for e in row["evidence_list"])
            found.append(MultihopQuestion(f"{number:04}", str(row["query"]), str(row["question_type"]), evidence))
        except (KeyError, TypeError) as error:
            raise EvaluationError(
                f"{folder / 'queries.json'}, question {number}: {error!r} is missing or wrong"
            ) from error
    return found


def _read(path: Path) -> list[dict[str, Any]]:
    rows = read_json(path, "multihop-rag")
    if not isinstance(rows, list) or not rows:
        raise EvaluationError(f"{path}: holds no rows")
    tell_version(f"multihop-rag {path.name}", sha256_of(path), len(rows))
    return rows


def run_multihop(
    library: vigie.Library, folder: Path, *, without: Sequence[str] = (), every: int = 1, told: Told | None = None
) -> EvaluationRun:
    """Every ``every``-th answerable question, retrieved at 10 from a library that holds the corpus."""
    asked = ask_all(library, [q for q in load_questions(folder) if q.evidence][::every], _row, told)
    return finished(
        "multihop-rag",
        library,
        asked,
        settings={"without": list(without), "every": every},
        data={name: sha256_of(folder / name) for name in FILES},
        made=datetime.now(UTC),
    )


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
