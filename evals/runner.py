"""Runs the gold questions through a library and scores what comes back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import vigie
from corpus.models import article_id
from evals.asking import DEEP, Found, Told, ask_all, came_at, find, ranking
from evals.gold_set import GoldQuestion, condensed, gold_questions, is_gold, plain
from evals.measures import ranked, score
from evals.runs import EvaluationRun, finished
from rag.decline import calibration
from rag.models import Answer, Passage, Sentence
from rag.quantities import find_quantities


def run_gold(
    library: vigie.Library,
    *,
    split: str = "",
    without: Sequence[str] = (),
    answers: bool = True,
    told: Told | None = None,
) -> EvaluationRun:
    """The gold questions over the sample library: retrieval over passages at 10, declining, figures, citations.

    Without ``answers`` only retrieval is measured, on the answerable questions: in a tenth of the time.
    """
    chosen = [q for q in gold_questions() if (not split or q.split == split) and (answers or q.answerable)]
    settings = library.settings.model_copy(update={"search": replace(library.settings.search, without=tuple(without))})
    with vigie.Library(library.home, settings) as measured:
        asked = ask_all(measured, chosen, partial(_gold_row, answers=answers), told)
        return finished(
            "gold",
            measured,
            asked,
            settings={
                "split": split,
                "without": list(without),
                "answers": answers,
                "decline_below": _threshold(settings),
            },
            made=datetime.now(UTC),
        )


def _gold_row(library: vigie.Library, question: GoldQuestion, *, answers: bool = True) -> tuple[dict[str, Any], Found]:
    filters: dict[str, Any] = {} if question.as_of is None else {"as_of": question.as_of}
    right = partial(_is_gold, question)

    def complete(passages: Sequence[Passage]) -> bool:
        return not (_articles(question) - {p.article_id for p in passages if right(p)})

    found = find(library, question.question, complete, **filters)
    row: dict[str, Any] = {
        "slices": gold_slices(question),
        "expected": [
            {
                "article": span.article,
                "quote": span.quote,
                **came_at(found.deep, partial(_is_gold, replace(question, gold=(span,), also=()))),
            }
            for span in question.gold
        ],
        "ranking": ranking(found.first, right),
        "answerable": question.answerable,
        "measures": {},
    }
    if question.answerable:
        row["measures"] = _retrieval(question, found.first)
        if found.deep is not found.first:
            row["measures"]["recall@100"] = _retrieval(question, found.deep[:DEEP])["recall@100"]
    if not answers:
        return row, found
    answer, first_ms = _timed_answer(library, question.question, filters)
    row["answered"], row["confidence"] = answer.answered, answer.confidence
    row["answer"] = [s.text for s in answer.sentences] if answer.answered else []
    if question.answerable:
        row["measures"] |= {
            **answer_measures(answer, question),
            "wrongly_declined": float(not answer.answered),
            "language": float(answer.language == question.language),
        }
    else:
        row["measures"] = {"rightly_declined": float(not answer.answered)}
    spent = {"answer": answer.timings_ms.get("total", 0.0)} | ({"first sentence": first_ms} if answer.answered else {})
    return row, replace(found, timings_ms={**found.timings_ms, **spent})


def _timed_answer(library: vigie.Library, text: str, filters: dict[str, Any]) -> tuple[Answer, float]:
    """The answer, and milliseconds until its first sentence came (0 where none did)."""
    started, first = time.perf_counter(), 0.0
    answer: Answer | None = None
    for event in library.ask_stream(text, **filters):
        if event.kind == "sentence" and not first:
            first = (time.perf_counter() - started) * 1000
        answer = event.answer or answer
    assert answer is not None
    return answer, first


def _borne_out(sentence: Sentence) -> bool:
    """Whether every figure, date and name of a sentence stands in what it cites."""
    return bool(sentence.citations) and not {r.kind for r in sentence.reasons} & {"number", "date", "name"}


def _threshold(settings: vigie.Settings) -> float:
    chosen = settings.answers.decline_below
    return calibration()["threshold"] if chosen is None else chosen


def _is_gold(question: GoldQuestion, passage: Passage) -> bool:
    return is_gold(passage, question)


def _articles(question: GoldQuestion) -> set[str]:
    return {article_id(s.article) for s in question.gold}


def gold_slices(question: GoldQuestion) -> list[str]:
    """The slices of a gold question: its direction, its kind, and whether one article answers it or several."""
    if question.answerable:
        sources = "one source" if len(_articles(question)) == 1 else "several sources"
        return ["all", question.direction, question.kind, sources]
    return ["unanswerable", "near misses"] if question.near_miss else ["unanswerable"]


def _retrieval(question: GoldQuestion, passages: Sequence[Passage]) -> dict[str, float]:
    """The measures over what the question needs: its gold articles, the same ones whatever was found."""
    run = ranked(condensed(question, passages))
    return score({question.id: dict.fromkeys(_articles(question), 1)}, {question.id: run})[question.id]


def answer_measures(answer: Answer, question: GoldQuestion) -> dict[str, float]:
    """Citation precision and recall against the gold places, and whether the right figure was given first or at all. A
    declined answer has none of them, so that declining is no way to win."""
    wanted = {float(span.figure) for span in question.gold if span.figure}
    if not answer.answered:
        return {"citation_precision": 0.0, "citation_recall": 0.0} | ({"right_figure": 0.0} if wanted else {})
    cited = [
        any(c.passage.article_id and is_gold(c.passage, question) for c in answer.citations if c.number in s.citations)
        for s in answer.sentences
    ]
    articles = {span.article for span in question.gold}
    reached = {
        span.article for span in question.gold for c in answer.citations if plain(span.quote) in plain(c.passage.text)
    }
    given = {value for s in answer.sentences for q in find_quantities(s.text) for value in q.values}
    return {
        "citation_precision": sum(cited) / len(cited) if cited else 0.0,
        "citation_recall": len(reached) / len(articles),
        "borne_out": sum(_borne_out(s) for s in answer.sentences) / len(answer.sentences),
    } | ({"right_figure": float(bool(wanted & given))} if wanted else {})
