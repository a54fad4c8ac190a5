"""Whether the declining score tells MultiHop-RAG's null questions from those that its articles answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

import vigie
from evals.asking import Told
from evals.measures import EvaluationError
from evals.multihop import MultihopQuestion


@dataclass(frozen=True, slots=True)
class Declining:
    """``auc``: the probability that an answerable question gets a higher confidence than a null one, a tie counting half.
    ``null_declined`` and ``answerable_declined`` are shares at the calibrated threshold; ``ms``: p50 and p95 of an answer."""

    null: int
    answerable: int
    auc: float
    null_declined: float
    answerable_declined: float
    ms: tuple[float, float]


def run_declining(
    library: vigie.Library, questions: Sequence[MultihopQuestion], *, every: int = 1, told: Told | None = None
) -> Declining:
    """Every ``every``-th answerable question and every null one, asked for the extractive answer. Raises EvaluationError
    where one of the kinds is missing."""
    null = [q for q in questions if not q.evidence]
    chosen = [*null, *[q for q in questions if q.evidence][::every]]
    if not null or len(chosen) == len(null):
        raise EvaluationError("declining is judged on null and answerable questions, and one of the kinds is missing")
    sure, declined, spent = [], [], []
    for number, question in enumerate(chosen, start=1):
        answer = library.ask(question.question, engine="extractive")
        sure.append(answer.confidence)
        declined.append(not answer.answered)
        spent.append(answer.timings_ms.get("total", 0.0))
        if told:
            told(number, len(chosen))
    rest = declined[len(null) :]
    return Declining(
        len(null),
        len(rest),
        area_under_roc(sure[: len(null)], sure[len(null) :]),
        sum(declined[: len(null)]) / len(null),
        sum(rest) / len(rest),
        (float(np.percentile(spent, 50)), float(np.percentile(spent, 95))),
    )


def area_under_roc(low: Sequence[float], high: Sequence[float]) -> float:
    """P(high > low) + P(high = low) / 2: Mann and Whitney's U over the number of pairs. Raises EvaluationError without both kinds."""
    if not low or not high:
        raise EvaluationError("the area under the ROC curve needs null and answerable questions")
    ranks = rankdata([*low, *high])
    rank_sum = float(ranks[len(low) :].sum())
    return (rank_sum - len(high) * (len(high) + 1) / 2) / (len(low) * len(high))
