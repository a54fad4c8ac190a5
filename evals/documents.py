"""Runs a data set whose judgements are of whole documents. A library of its own holds its documents, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import vigie
from corpus.models import Article, article_id
from evals.asking import DEEP, Found, Told, ask_all, came_at, find, ranking
from evals.datasets import Dataset, DocumentQuestion
from evals.measures import EvaluationError, ranked, score
from evals.runs import EvaluationRun, finished
from rag.models import Passage


@contextmanager
def library_of(
    articles: Sequence[Article], folder: Path, *, without: Sequence[str] = (), tell: Callable[[str], None]
) -> Iterator[vigie.Library]:
    """The library in a folder, filled with these articles on first use. Raises EvaluationError when it holds others."""
    settings = vigie.load_settings(folder)
    settings = settings.model_copy(update={"search": replace(settings.search, without=tuple(without))})
    with vigie.open_library(folder, settings) as library:
        wanted = {a.url: a for a in articles}
        # Before anything is added: the folder may be a reader's own library, or that of another version of the data.
        for held in library.articles():
            if held.url not in wanted:
                raise EvaluationError(f"{folder}: {held.url} is not of this data set; choose another folder by --home")
            kept, meant = library.article(held.id), wanted[held.url]
            if kept is None or (kept.title, kept.text) != (meant.title, meant.text):
                raise EvaluationError(
                    f"{folder}: {held.url} is there with another text; choose another folder by --home"
                )
        stats = library.stats()
        if stats.articles < len(articles) or any(stage.behind for stage in stats.stages):
            tell(f"Indexing {len(articles)} documents in {folder} (once)")
            library.add(articles)
        if lost := sorted(set(wanted) - {a.url for a in library.articles()}):
            raise EvaluationError(f"{folder}: {lost[0]} could not be kept; choose another folder by --home")
        yield library


def run_documents(
    library: vigie.Library, dataset: Dataset, *, without: Sequence[str] = (), every: int = 1, told: Told | None = None
) -> EvaluationRun:
    """Every ``every``-th question, scored on the documents of the first ten chunks (recall@100: of the first hundred)."""
    asked = ask_all(library, dataset.questions[::every], _row, told)
    return finished(
        dataset.name,
        library,
        asked,
        settings={"without": list(without), "every": every},
        data=dataset.data,
        made=datetime.now(UTC),
    )


def _row(library: vigie.Library, question: DocumentQuestion) -> tuple[dict[str, Any], Found]:
    grades = {article_id(url): grade for url, grade in question.relevant.items()}
    wanted = {key for key, grade in grades.items() if grade > 0}

    def right(passage: Passage) -> bool:
        return passage.article_id in wanted

    filters = {"languages": question.languages} if question.languages else {}
    found = find(library, question.question, lambda passages: wanted <= {p.article_id for p in passages}, **filters)
    measures = _scored(question.id, grades, found.first)
    if found.deep is not found.first:
        measures["recall@100"] = _scored(question.id, grades, found.deep[:DEEP])["recall@100"]
    return {
        "slices": list(question.slices),
        "expected": [
            {
                "article": url,
                "quote": question.quote,
                "grade": grade,
                **came_at(found.deep, _of(article_id(url))),
            }
            for url, grade in sorted(question.relevant.items())
            if grade > 0
        ],
        "ranking": ranking(found.first, right),
        "measures": measures,
    }, found


def _scored(key: str, grades: dict[str, int], passages: Sequence[Passage]) -> dict[str, float]:
    return score({key: grades}, {key: ranked([p.article_id for p in passages])})[key]


def _of(wanted: str) -> Callable[[Passage], bool]:
    return lambda passage: passage.article_id == wanted
