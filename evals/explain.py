"""What a run's rows say beyond their figures: why the right passage lost, and what another threshold would decline. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.asking import DEEP, TOP

# The stages whose scores add up to the final one, and what the run's settings call their weights.
ADDED = {
    "dense": "dense",
    "lexical": "lexical",
    "rerank": "rerank",
    "recency": "recency",
    "names": "name",
    "article": "article",
    "topic": "topic",
    "period": "period",
    "source": "source",
    "across": "across",
    "clause": "clause",
}
TELLING = 0.05
"""Points of the final score below which a stage is not named."""


@dataclass(frozen=True, slots=True)
class ThresholdPoint:
    """What would be declined if every answer below ``threshold`` were: shares of the unanswerable and the answerable."""

    threshold: float
    rightly: float
    wrongly: float


def why_lost(row: Mapping[str, Any], weights: Mapping[str, float]) -> list[str]:
    """One line for every expected place that a wrong passage came before, or that did not come: by which stages it lost to
    the first wrong one. Stages are named by the points that they cost, weight included."""
    wrong = next(((at, e) for at, e in enumerate(row["ranking"], start=1) if not e["right"]), None)
    lines = []
    for place in row["expected"]:
        rank = place.get("rank")
        if rank is None:
            lines.append(
                f"{place['article']}: not among the first {DEEP}; no stage brought it near, or a filter hid it"
            )
            continue
        if wrong is None or rank < wrong[0]:
            continue
        costs = _costs(wrong[1]["scores"], place["scores"], weights)
        named = ", ".join(f"{stage} {points:.2f}" for stage, points in costs) or (
            "no stage: the order comes from the question's parts, or from the limit on passages of one article"
        )
        beyond = "" if rank <= TOP else f", beyond the {TOP} that are shown"
        lines.append(f"{place['article']}: came {_ordinal(rank)}{beyond}; behind the {_ordinal(wrong[0])} by {named}")
    return lines


def _costs(
    winner: Mapping[str, float], loser: Mapping[str, float], weights: Mapping[str, float]
) -> list[tuple[str, float]]:
    """(stage, points by which the winner is ahead there), most first."""
    points = [
        (stage, weights.get(weight, 1.0) * (winner.get(stage, 0.0) - loser.get(stage, 0.0)))
        for stage, weight in ADDED.items()
    ]
    return sorted((p for p in points if p[1] > TELLING), key=lambda p: -p[1])


def _ordinal(number: int) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number % 100 in (11, 12, 13) else endings.get(number % 10, 'th')}"


def declining_curve(rows: Sequence[Mapping[str, Any]], threshold: float, points: int = 101) -> list[ThresholdPoint]:
    """The share declined over the threshold. A question that was declined at or above the kept threshold was so for another
    reason (a time or name that nothing is about) and stays declined; below it, other reasons cannot be told apart."""
    judged = [
        (bool(row["answerable"]), row["confidence"], not row["answered"] and row["confidence"] >= threshold)
        for row in rows
        if "confidence" in row and "answerable" in row
    ]
    curve = []
    for at in range(points if judged else 0):
        level = at / (points - 1)
        shares = []
        for wanted in (False, True):
            part = [other or sure < level for answerable, sure, other in judged if answerable is wanted]
            shares.append(sum(part) / len(part) if part else 0.0)
        curve.append(ThresholdPoint(level, *shares))
    return curve
