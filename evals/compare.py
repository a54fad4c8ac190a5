"""Two kept runs beside each other: whether a difference is one, and where it comes from. Pure; drawn numbers are seeded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap, permutation_test

from evals.measures import LOW_IS_GOOD, EvaluationError
from evals.runs import EvaluationRun, judgements, trusted

SEED = 20261127
RESAMPLES = 9999
CONFIDENCE = 0.95
LEADING = ("nDCG@10", "evidence@10", "hits@10", "rightly_declined")
"""The measure that stands for a slice and by which questions are ordered: the first of these that it has."""

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Difference:
    """What B has over A in one measure of one slice. ``low`` and ``high`` bound the mean difference (paired bootstrap, 95 %),
    ``p`` is that of a paired permutation test; ``wins`` counts the questions that are better in B."""

    slice: str
    measure: str
    questions: int
    mean_a: float
    mean_b: float
    difference: float
    low: float
    high: float
    p: float
    wins: int
    ties: int
    losses: int


@dataclass(frozen=True, slots=True)
class Changed:
    """One question with its rows in both runs."""

    id: str
    question: str
    measure: str
    a: float
    b: float
    row_a: dict[str, Any]
    row_b: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """``differences``: every measure over all questions, then the leading one of each slice. ``changed``: most first."""

    differences: tuple[Difference, ...]
    changed: tuple[Changed, ...]
    settings: dict[str, tuple[Any, Any]]
    """The settings, versions, library facts and kinds of measures in which the two runs differ."""


def compare(a: EvaluationRun, b: EvaluationRun, *, resamples: int = RESAMPLES, seed: int = SEED) -> Comparison:
    """B against A. Raises EvaluationError for two runs that do not compare."""
    check_comparable(a, b)
    rows_a, rows_b = ({str(r["id"]): r for r in run.questions} for run in (a, b))
    slices = sorted({name for row in a.questions for name in row["slices"]}, key=lambda n: (n != "all", n))
    differences = []
    for name in slices:
        ids = sorted(key for key, row in rows_a.items() if name in row["slices"])
        measures = list(dict.fromkeys(m for key in ids for m in rows_a[key]["measures"]))
        for measure in measures if name == "all" else [m for m in LEADING if m in measures][:1]:
            both = [
                (rows_a[key]["measures"][measure], rows_b[key]["measures"][measure])
                for key in ids
                if measure in rows_a[key]["measures"] and measure in rows_b[key]["measures"]
            ]
            if both:
                differences.append(difference(name, measure, both, resamples=resamples, seed=seed))
    if not differences:
        raise EvaluationError("A and B have no measure in common: nothing can be compared")
    return Comparison(tuple(differences), _changed(rows_a, rows_b), _unlike(a, b))


def check_comparable(a: EvaluationRun, b: EvaluationRun) -> None:
    """Raises EvaluationError, with the reason, for runs of which a difference would say nothing."""
    trusted(a, "A")
    trusted(b, "B")
    if a.dataset != b.dataset:
        raise EvaluationError(f"A is of {a.dataset}, B of {b.dataset}: they do not compare")
    ids_a, ids_b = ({str(row["id"]) for row in run.questions} for run in (a, b))
    if alone := sorted(ids_a ^ ids_b):
        where = "A" if alone[0] in ids_a else "B"
        raise EvaluationError(
            f"question {alone[0]} is in {where} alone ({len(alone)} such): compare runs of the same questions"
        )
    corpora = a.library.get("corpus"), b.library.get("corpus")
    if not all(corpora) or corpora[0] != corpora[1]:
        named = [str(c)[:12] if c else "none" for c in corpora]
        raise EvaluationError(
            f"the corpus differs (fingerprint {named[0]} in A, {named[1]} in B): run both on the same articles"
        )
    if judgements(a) != judgements(b):
        raise EvaluationError("the questions or what they expect differ between A and B: run both on the same data")


def difference(
    name: str, measure: str, both: Sequence[tuple[float, float]], *, resamples: int = RESAMPLES, seed: int = SEED
) -> Difference:
    """The paired statistics of one measure over one slice."""
    before, after = (np.asarray(values, dtype=np.float64) for values in zip(*both, strict=True))
    gain = after - before
    low, high = _interval(gain, resamples, seed)
    better = -gain if measure in LOW_IS_GOOD else gain
    return Difference(
        slice=name,
        measure=measure,
        questions=len(gain),
        mean_a=float(before.mean()),
        mean_b=float(after.mean()),
        difference=float(gain.mean()),
        low=low,
        high=high,
        p=_p_value(gain, resamples, seed),
        wins=int((better > 0).sum()),
        ties=int((better == 0).sum()),
        losses=int((better < 0).sum()),
    )


def _interval(gain: FloatArray, resamples: int, seed: int) -> tuple[float, float]:
    if len(gain) < 2 or not np.ptp(gain):
        return float(gain.mean()), float(gain.mean())
    found = bootstrap(
        (gain,), np.mean, n_resamples=resamples, batch=500, confidence_level=CONFIDENCE, method="percentile",
        random_state=np.random.default_rng(seed),
    )  # fmt: skip
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def _p_value(gain: FloatArray, resamples: int, seed: int) -> float:
    """Of the mean difference when the two runs' values are exchanged within questions at random, two-sided."""
    moved = gain[gain != 0]  # Exchanging equal values changes nothing.
    if len(moved) < 2:
        return 1.0  # Of two arrangements both are as far out.
    found = permutation_test(
        (moved, np.zeros_like(moved)), _mean_difference, permutation_type="samples", vectorized=True,
        n_resamples=resamples, batch=500, random_state=np.random.default_rng(seed),
    )  # fmt: skip
    return float(found.pvalue)


def _mean_difference(x: FloatArray, y: FloatArray, axis: int = -1) -> FloatArray:
    return np.asarray(np.mean(x - y, axis=axis), dtype=np.float64)


def leading(row: dict[str, Any]) -> str:
    """The measure that stands for a question; "" where it has none."""
    return next((m for m in LEADING if m in row["measures"]), "")


def _changed(rows_a: dict[str, dict[str, Any]], rows_b: dict[str, dict[str, Any]]) -> tuple[Changed, ...]:
    found = []
    for key, row in rows_a.items():
        measure = leading(row)
        if measure and measure in rows_b[key]["measures"]:
            one, other = row["measures"][measure], rows_b[key]["measures"][measure]
            if one != other:
                found.append(Changed(key, str(row["question"]), measure, one, other, row, rows_b[key]))
    return tuple(sorted(found, key=lambda c: (-abs(c.b - c.a), c.id)))


def _unlike(a: EvaluationRun, b: EvaluationRun) -> dict[str, tuple[Any, Any]]:
    flat_a, flat_b = ({**r.settings, **r.library, **r.versions} for r in (a, b))
    names_a, names_b = ({name for row in r.questions for name in row["measures"]} for r in (a, b))
    if names_a != names_b:  # What one run alone has cannot be compared: said, not left out unseen.
        flat_a["measures of one run alone"] = sorted(names_a - names_b)
        flat_b["measures of one run alone"] = sorted(names_b - names_a)
    return {
        key: (flat_a.get(key), flat_b.get(key)) for key in sorted(flat_a | flat_b) if flat_a.get(key) != flat_b.get(key)
    }
