"""What the stages found, weighed: candidates of a question with every stage's score, and the order that their weights give.

Pure array code. The weights are learned by ``evals.tune_retrieval`` and kept in ``rag/weights.json``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.diversify import DIVERSITY, Diversity, diversified, sources_in_turn, taken_in_turn
from rag.fusion import standardised, top_rows

FloatArray = NDArray[np.float32]
Ranks = Mapping[str, tuple[dict[int, float], dict[int, int]]]
"""By stage: the score of each shown row, and its rank among all candidates."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each stage counts for in the final score, in deviations.

    ``across_*``: by how much a stage counts for text in another language than the question's: words match less there, and
    meaning must do more. ``long_lexical``: the same for a question of several clauses, whose one vector blurs what its many
    words tell. ``across``: what such text is given for being at a disadvantage that the stages do not make good.
    """

    dense: float
    lexical: float
    rerank: float
    article: float
    topic: float
    period: float
    source: float
    name: float
    recency: float
    clause: float
    long_lexical: float
    across_dense: float
    across_lexical: float
    across_rerank: float
    across: float


@cache
def tuned() -> Weights:
    """The weights that come with Vigie."""
    return Weights(**json.loads(files("rag").joinpath("weights.json").read_text(encoding="utf-8")))


class Fields(Protocol):
    """The columns that the order depends on besides scores."""

    def array(self, name: str) -> NDArray[Any]:
        """(rows,) of the column."""
        ...


@dataclass(frozen=True, slots=True)
class Candidates:
    """What was found for one (sub-)question.

    ``rows`` (n,) int64; ``languages`` (n,) int32; ``own`` (n,) whether a row is in the question's language; ``scores`` by
    stage (n,) float32; ``close``: the late interaction of the candidates at some positions, None without reranking.
    ``clauses``: the same rows as candidates of each clause of a long question.
    """

    rows: NDArray[np.int64]
    languages: NDArray[np.int32]
    own: NDArray[np.bool_]
    scores: Mapping[str, FloatArray]
    close: Callable[[NDArray[np.int64]], FloatArray] | None
    clauses: tuple[Candidates, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """Rows (n,) with the score of each stage (n,); "final" orders them."""

    rows: NDArray[np.int64]
    stages: Mapping[str, FloatArray]


PLAIN = ("article", "topic", "period", "source", "recency")


def ranked(candidates: Candidates, weights: Weights, keep: int) -> Ranking:
    """The ``keep`` best candidates with every stage's score. The final score is the sum of the shown ones by their weights:
    what counts differently across languages is shown as it counts."""
    rows = candidates.rows
    words = weights.long_lexical if candidates.clauses else 1.0
    stages = _weighed(candidates, weights, words)
    told = [_weighed(clause, weights, words)["fused"] for clause in candidates.clauses]
    if told:
        stages["clause"] = _served(stages["fused"], told)
    before = stages["fused"] + weights.clause * stages["clause"] if told else stages["fused"]
    if candidates.close is None or not len(rows):
        return Ranking(rows, {**stages, "final": before.astype(np.float32)})
    best = top_rows(before, keep)
    stages = {name: values[best] for name, values in stages.items()}
    stages["rerank"] = _close(candidates, best, weights)
    final = stages["fused"] + weights.rerank * stages["rerank"]
    if told:
        parts = zip(told, candidates.clauses, strict=True)
        stages["clause"] = _served(
            final, [fused[best] + weights.rerank * _close(clause, best, weights) for fused, clause in parts]
        )
        final = final + weights.clause * stages["clause"]
    stages["final"] = final.astype(np.float32)
    return Ranking(rows[best], stages)


def _weighed(candidates: Candidates, weights: Weights, words: float) -> dict[str, FloatArray]:
    """Every stage but the last as it counts, and "fused", their sum by weights."""
    own, given = candidates.own, candidates.scores
    stages: dict[str, FloatArray] = {
        "dense": _across(given["dense"], own, weights.across_dense),
        "lexical": np.float32(words) * _across(given["lexical"], own, weights.across_lexical),
        "across": (~own).astype(np.float32),
    }
    fused = weights.dense * stages["dense"] + weights.lexical * stages["lexical"] + weights.across * stages["across"]
    for name in PLAIN:
        if name in given:
            stages[name] = given[name]
            fused = fused + getattr(weights, name) * given[name]
    if "names" in given:
        stages["names"] = given["names"]
        fused = fused + weights.name * given["names"]
    stages["fused"] = fused.astype(np.float32)
    return stages


def _close(candidates: Candidates, best: NDArray[np.int64], weights: Weights) -> FloatArray:
    """(k,) the late interaction of the candidates at ``best``, comparable between languages."""
    if candidates.close is None:
        return np.zeros(len(best), dtype=np.float32)
    close = standardised(candidates.close(best), candidates.languages[best])
    return _across(close, candidates.own[best], weights.across_rerank)


def _served(whole: FloatArray, clauses: Sequence[FloatArray]) -> FloatArray:
    """(n,): how well the clause that a candidate serves best is served, on the scale of the whole question's scores. The best
    and not the sum: a passage that answers one clause need not speak of the others."""
    best: FloatArray = np.max([standardised(scores) for scores in clauses], axis=0)
    served: FloatArray = (whole.std() * best).astype(np.float32)
    return served


def _across(scores: FloatArray, own: NDArray[np.bool_], factor: float) -> FloatArray:
    return np.where(own, scores, np.float32(factor) * scores).astype(np.float32)


def company(scores: FloatArray, articles: NDArray[np.uint64]) -> FloatArray:
    """(n,), (n,) -> (n,): the best score above 0 of another candidate of the same article, else 0: a passage of an article
    that is about the question throughout is worth more than a stray one."""
    out = np.zeros(len(scores), dtype=np.float32)
    if not len(scores):
        return out
    order = np.lexsort((-scores, articles))
    sorted_articles = articles[order]
    begins = np.r_[True, sorted_articles[1:] != sorted_articles[:-1]]
    first = np.flatnonzero(begins)
    best = order[first]
    follows = np.minimum(first + 1, len(order) - 1)
    has = (first + 1 < len(order)) & ~begins[follows]
    out[order] = scores[best][np.cumsum(begins) - 1]
    out[best] = np.where(has, scores[order[follows]], 0.0)
    return np.maximum(out, 0.0).astype(np.float32)


def shown(
    rankings: Sequence[Ranking],
    top: int,
    columns: Fields,
    sources: Sequence[int] = (),
    diversity: Diversity | None = DIVERSITY,
) -> tuple[list[int], Ranks]:
    """The rows to show and, by stage, every shown row's score and rank.

    ``rankings``: of the whole question, then of its parts; ``sources``: the numbers of those that the question names;
    ``diversity`` None shows the plain order.
    """
    orders: list[list[int]] = []
    for ranking in rankings:
        rows = ranking.rows[top_rows(ranking.stages["final"], len(ranking.rows))]
        if diversity is not None:
            articles, groups = np.asarray(columns.array("article")[rows]), np.asarray(columns.array("group")[rows])
            depth = len(rows) if len(sources) > 1 else top
            rows = rows[diversified(np.arange(len(rows)), articles, groups, depth, per_article=diversity.per_article)]
            if len(sources) > 1:
                rows = np.asarray(
                    sources_in_turn(rows.tolist(), np.asarray(columns.array("source")[rows]), sources, top),
                    dtype=np.int64,
                )
        orders.append(rows[:top].tolist())
    # The parts of the question in turn; the whole question ranks what is left.
    chosen = taken_in_turn(orders[1:], top) if len(orders) > 1 else orders[0]
    if len(chosen) < top and len(orders) > 1:
        chosen = taken_in_turn([chosen, orders[0]], top)
    return chosen, _by_stage(rankings, set(chosen))


def _by_stage(rankings: Sequence[Ranking], wanted: set[int]) -> Ranks:
    stages: dict[str, tuple[dict[int, float], dict[int, int]]] = {}
    for ranking in reversed(rankings):
        at = np.flatnonzero(np.isin(ranking.rows, list(wanted)))
        rows = ranking.rows[at].tolist()
        everywhere = np.stack(list(ranking.stages.values()))
        held = everywhere[:, at]
        # Equal ones by position, as in ``top_rows``.
        order = np.argsort(-everywhere, axis=1, kind="stable")
        places_of = np.empty_like(order)
        np.put_along_axis(places_of, order, np.arange(1, order.shape[1] + 1)[None, :], axis=1)
        placed = places_of[:, at].tolist()
        for name, values, places in zip(ranking.stages, held.tolist(), placed, strict=True):
            scores, ranks = stages.setdefault(name, ({}, {}))
            scores.update(zip(rows, values, strict=True))
            ranks.update(zip(rows, places, strict=True))
    return stages
