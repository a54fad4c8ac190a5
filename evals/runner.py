"""Runs a dataset's questions through a library and scores what comes back."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import vigie
from corpus.models import article_id
from evals.gold_set import GoldQuestion, gold_questions, is_gold, plain
from evals.measures import mean_of, ranked, score
from rag.models import Answer
from rag.quantities import find_quantities

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class EvaluationRun:
    """What ``vigie eval --json`` prints."""

    dataset: str
    settings: dict[str, Any]
    slices: dict[str, dict[str, float]]
    questions: list[dict[str, Any]]
    timings_ms: dict[str, dict[str, float]]


def run_gold(
    library: vigie.Library, *, split: str = "", without: Sequence[str] = (), told: Told | None = None
) -> EvaluationRun:
    """The gold questions over the sample library: retrieval over passages at 10, declining, figures, citations."""
    chosen = [q for q in gold_questions() if not split or q.split == split]
    settings = library.settings.model_copy(update={"search": replace(library.settings.search, without=tuple(without))})
    rows: list[dict[str, Any]] = []
    timings: dict[str, list[float]] = {}
    with vigie.Library(library.home, settings) as measured:
        for done, question in enumerate(chosen, start=1):
            row = _gold_row(measured, question)
            for stage, ms in row.pop("timings_ms").items():
                timings.setdefault(stage, []).append(ms)
            rows.append(row)
            if told:
                told(done, len(chosen))
    return EvaluationRun(
        dataset="gold",
        settings={
            "split": split,
            "without": list(without),
            "embedder": library.stats().embedder,
            "version": vigie.__version__,
        },
        slices=_slices(rows),
        questions=rows,
        timings_ms={stage: _spread(values) for stage, values in timings.items()},
    )


def _gold_row(library: vigie.Library, question: GoldQuestion) -> dict[str, Any]:
    filters: dict[str, Any] = {} if question.as_of is None else {"as_of": question.as_of}
    result = library.search_result(question.question, top=10, **filters)
    answer = library.ask(question.question, **filters)
    row: dict[str, Any] = {
        "id": question.id,
        "question": question.question,
        "direction": question.direction,
        "kind": question.kind,
        "near_miss": question.near_miss,
        "answerable": question.answerable,
        "answered": answer.answered,
        "confidence": answer.confidence,
        "language": answer.language == question.language,
        "timings_ms": {**result.timings_ms, "answer": answer.timings_ms.get("total", 0.0)},
        "found": [{"title": p.title, "gold": is_gold(p, question)} for p in result.passages],
    }
    if question.answerable:
        relevant = {p.chunk_id: 1 for p in result.passages if is_gold(p, question)}
        # Gold places that were not retrieved still count against recall and nDCG.
        reached = {p.article_id for p in result.passages if p.chunk_id in relevant}
        for number in range(len({article_id(s.article) for s in question.gold} - reached)):
            relevant[f"missing {number}"] = 1
        row["measures"] = score(
            {question.id: relevant or {"missing": 1}}, {question.id: ranked([p.chunk_id for p in result.passages])}
        )[question.id]
        row |= _answer_measures(answer, question)
    return row


def _answer_measures(answer: Answer, question: GoldQuestion) -> dict[str, Any]:
    """Citation precision and recall against the gold places, and whether the right figure was given first or at all."""
    if not answer.answered:
        return {"citation_precision": 0.0, "citation_recall": 0.0, "figure": None}
    cited = [
        any(c.passage.article_id and is_gold(c.passage, question) for c in answer.citations if c.number in s.citations)
        for s in answer.sentences
    ]
    articles = {span.article for span in question.gold}
    reached = {
        span.article for span in question.gold for c in answer.citations if plain(span.quote) in plain(c.passage.text)
    }
    wanted = {float(span.figure) for span in question.gold if span.figure}
    given = {value for s in answer.sentences for q in find_quantities(s.text) for value in q.values}
    return {
        "citation_precision": sum(cited) / len(cited) if cited else 0.0,
        "citation_recall": len(reached) / len(articles),
        "figure": bool(wanted & given) if wanted else None,
    }


def _slices(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Means by slice: all, each direction, each kind; declining of answerable and unanswerable questions."""
    answerable = [r for r in rows if r["answerable"]]
    names = {"all": answerable}
    for key in ("direction", "kind"):
        for value in sorted({r[key] for r in answerable}):
            names[value] = [r for r in answerable if r[key] == value]
    slices: dict[str, dict[str, float]] = {}
    for name, part in names.items():
        if not part:
            continue
        figures = [r["figure"] for r in part if r["figure"] is not None]
        slices[name] = {
            **mean_of([r["measures"] for r in part]),
            "citation_precision": statistics.fmean(r["citation_precision"] for r in part),
            "citation_recall": statistics.fmean(r["citation_recall"] for r in part),
            "wrongly_declined": statistics.fmean(not r["answered"] for r in part),
            "language": statistics.fmean(r["language"] for r in part),
            "questions": float(len(part)),
        } | ({"right_figure": statistics.fmean(figures)} if figures else {})
    for name, part in (
        ("unanswerable", [r for r in rows if not r["answerable"]]),
        ("near misses", [r for r in rows if r["near_miss"]]),
    ):
        if part:
            slices[name] = {
                "rightly_declined": statistics.fmean(not r["answered"] for r in part),
                "questions": float(len(part)),
            }
    return slices


def _spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "p50": round(statistics.median(ordered), 2),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 2),
    }
