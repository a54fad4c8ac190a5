"""Retrieval measures, by ir-measures; and the two readings of MultiHop-RAG's own.

A run is {question id: {passage id: score}}, qrels {question id: {passage id: relevance}}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ir_measures
from ir_measures import AP, RR, R, Success, nDCG

Run = Mapping[str, Mapping[str, float]]
Qrels = Mapping[str, Mapping[str, int]]

MEASURES = {
    "nDCG@10": nDCG @ 10,
    "RR@10": RR @ 10,
    "AP@10": AP @ 10,
    "recall@5": R @ 5,
    "recall@10": R @ 10,
    "recall@100": R @ 100,
    "success@1": Success @ 1,
    "success@4": Success @ 4,
    "success@10": Success @ 10,
}

# Measures where less is better.
LOW_IS_GOOD = frozenset(("wrongly_declined",))


class EvaluationError(Exception):
    """A dataset or run that cannot be scored; the message names the row."""


def score(qrels: Qrels, run: Run) -> dict[str, dict[str, float]]:
    """Every measure of ``MEASURES`` for every question of the qrels; a question that the run lacks scores 0.

    Raises EvaluationError for an empty run, and for questions of the run that the qrels do not know.
    """
    if not run:
        raise EvaluationError("the run holds no question; nothing was retrieved")
    unknown = sorted(set(run) - set(qrels))
    if unknown:
        raise EvaluationError(f"question {unknown[0]} of the run has no judgements")
    rows: dict[str, dict[str, float]] = {key: dict.fromkeys(MEASURES, 0.0) for key in qrels}
    names = {measure: name for name, measure in MEASURES.items()}
    for metric in ir_measures.iter_calc(list(MEASURES.values()), _plain(qrels), _plain(run)):
        rows[metric.query_id][names[metric.measure]] = float(metric.value)
    return rows


def _plain(table: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {key: dict(row) for key, row in table.items()}


def ranked(ids: Sequence[str]) -> dict[str, float]:
    """A ranking as scores: the first gets the most; a passage that comes twice counts once."""
    distinct = list(dict.fromkeys(ids))
    return {key: float(len(distinct) - at) for at, key in enumerate(distinct)}


def mean_of(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of every measure over questions."""
    return {name: sum(row[name] for row in rows) / len(rows) for name in MEASURES} if rows else {}


def published_hits(found: Sequence[Sequence[bool]], k: int) -> bool:
    """MultiHop-RAG's published Hits@k: any gold fact stands in any of the first k passages (Tang and Yang 2024,
    ``retrieval_evaluate.py``). ``found[rank][fact]`` says which fact stands where."""
    return any(any(row) for row in found[:k])


def published_reciprocal_rank(found: Sequence[Sequence[bool]]) -> float:
    """MultiHop-RAG's published MRR@10 for one question: of the first passage that has any gold fact."""
    return next((1.0 / rank for rank, row in enumerate(found[:10], start=1) if any(row)), 0.0)


def published_average_precision(found: Sequence[Sequence[bool]], facts: int) -> float:
    """MultiHop-RAG's published MAP@10 for one question: each passage adds the facts that it is the first to have, divided
    by its rank. Not cumulative: a perfect ranking of three facts gets 0.611."""
    seen: set[int] = set()
    total = 0.0
    for rank, row in enumerate(found[:10], start=1):
        new = {fact for fact, there in enumerate(row) if there} - seen
        seen |= new
        total += len(new) / rank
    return total / min(facts, 10) if facts else 0.0


def evidence_share(found: Sequence[Sequence[bool]], facts: int) -> float:
    """The share of the gold facts that stand somewhere in the first ten passages."""
    return sum(any(row[fact] for row in found[:10]) for fact in range(facts)) / facts if facts else 0.0
