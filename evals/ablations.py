"""What each stage of retrieval adds: the run with it against the run without it, all else equal. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evals.compare import LEADING, RESAMPLES, Difference, compare
from evals.runs import EvaluationRun

STAGES = ("dense", "lexical", "rerank", "recency", "question", "clauses", "diversify")
"""The stages that can be left out (``SearchSettings.without``)."""


@dataclass(frozen=True, slots=True)
class Ablation:
    """``leading``: what the stage adds over all questions in the measure that stands for the set; ``slices``: the same by
    slice; ``others``: every other measure over all questions."""

    stage: str
    leading: Difference
    slices: tuple[Difference, ...]
    others: tuple[Difference, ...]


def ablations(
    whole: EvaluationRun, without: Mapping[str, EvaluationRun], *, resamples: int = RESAMPLES
) -> tuple[Ablation, ...]:
    """One a stage, the most useful first. Raises EvaluationError when a run does not compare with the whole one."""
    found = [_ablation(stage, compare(run, whole, resamples=resamples).differences) for stage, run in without.items()]
    return tuple(sorted(found, key=lambda a: (-a.leading.difference, a.stage)))


def _ablation(stage: str, differences: tuple[Difference, ...]) -> Ablation:
    slices = tuple(d for d in differences if d.slice != "all")
    overall = [d for d in differences if d.slice == "all"]
    leading = min(overall, key=lambda d: LEADING.index(d.measure) if d.measure in LEADING else len(LEADING))
    return Ablation(stage, leading, slices, tuple(d for d in overall if d is not leading))
