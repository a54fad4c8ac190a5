"""Floors under the gold set's figures: ``make test`` fails below one, and an update never lowers one unasked. Pure but for the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evals.measures import LOW_IS_GOOD, EvaluationError
from evals.run_shape import is_number

Figures = Mapping[str, Mapping[str, float]]
BASELINE = Path(__file__).parent / "gold" / "baseline.json"
KEPT = (
    "nDCG@10",
    "success@1",
    "RR@10",
    "right_figure",
    "citation_precision",
    "citation_recall",
    "wrongly_declined",
    "rightly_declined",
)
FEW = 20
"""Questions below which a slice tells of single questions more than of quality: its floor has room for two and a half."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """``corpus``: the fingerprint of the articles that the floors were set on; "" where it was not kept."""

    floors: Figures
    corpus: str = ""

    def same(self, corpus: str) -> bool:
        """Whether these may be the articles of the floors."""
        return not self.corpus or self.corpus == corpus

    def other(self, corpus: str) -> str:
        """That they are not, in words."""
        return (
            f"the corpus is another than the floors were set on (fingerprint {corpus[:12]}, theirs {self.corpus[:12]})"
        )


def below(figures: Figures, floors: Figures) -> list[str]:
    """One line for every figure that is worse than its floor, or missing."""
    lines = []
    for slice_name, measures in floors.items():
        for measure, floor in measures.items():
            value = figures.get(slice_name, {}).get(measure)
            if value is None:
                lines.append(f"{slice_name} {measure}: not measured, floor {floor:.3f}")
            elif not ((value <= floor + 1e-9) if measure in LOW_IS_GOOD else (value >= floor - 1e-9)):
                lines.append(f"{slice_name} {measure}: {value:.3f}, floor {floor:.3f}")
    return lines


def raised(
    figures: Figures, floors: Figures, *, margin: float = 0.02, lower: bool = False
) -> dict[str, dict[str, float]]:
    """Floors a margin below the figures, none lower than before, nor gone since it was not measured, unless ``lower``."""
    made: dict[str, dict[str, float]] = {} if lower else {name: dict(row) for name, row in floors.items()}
    for slice_name, measures in figures.items():
        for measure in KEPT:
            if measure not in measures:
                continue
            low = measure in LOW_IS_GOOD
            # One question more or less is noise between processors: a small slice has a wide margin.
            room = max(margin, _questions_of_noise(measures["questions"])) if measures.get("questions") else margin
            value = round(min(1.0, measures[measure] + room) if low else max(0.0, measures[measure] - room), 4)
            before = floors.get(slice_name, {}).get(measure)
            if before is not None and not lower:
                value = min(value, before) if low else max(value, before)
            made.setdefault(slice_name, {})[measure] = value
    return made


def _questions_of_noise(questions: float) -> float:
    return (2.5 if questions < FEW else 1.5) / questions


def verdict(figures: Figures, corpus: str, baseline: Baseline) -> list[str]:
    """Why the gate fails, one line each; none when it passes. A failure on other articles than those that the floors were
    set on says so first: it is no change of quality. Without floors nothing can pass."""
    if not any(baseline.floors.values()):
        return ["there are no floors to hold the figures against; --raise-floors sets them"]
    lines = below(figures, baseline.floors)
    if lines and not baseline.same(corpus):
        lines.insert(0, f"{baseline.other(corpus)}, so this is not a change of quality alone; set the floors anew")
    return lines


def read_baseline(path: Path = BASELINE) -> Baseline:
    """The kept floors; none when there is no file. Raises EvaluationError naming the file and the slice that is wrong."""
    if not path.exists():
        return Baseline({})
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise EvaluationError(f"{path}: not JSON ({error})") from error
    floors = values.get("floors") if isinstance(values, dict) else None
    if not isinstance(floors, dict) or not isinstance(values.get("corpus", ""), str):
        raise EvaluationError(
            f"{path}: no file of floors, which has 'floors' by slice and measure and may have 'corpus'"
        )
    for name, row in floors.items():
        if not isinstance(row, dict) or not all(map(is_number, row.values())):
            raise EvaluationError(f"{path}: the floors of slice '{name}' are not numbers by measure")
    return Baseline(floors, values.get("corpus", ""))


def write_baseline(baseline: Baseline, path: Path = BASELINE) -> None:
    """Keep floors."""
    values = {"corpus": baseline.corpus, "floors": baseline.floors} if baseline.corpus else {"floors": baseline.floors}
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def next_baseline(figures: Figures, corpus: str, before: Baseline, *, lower: bool = False) -> Baseline:
    """Floors for the run's figures, with the fingerprint of its articles.

    Raises EvaluationError when the floors before are of other articles: they are set anew by ``lower`` alone.
    """
    if not before.same(corpus) and not lower:
        raise EvaluationError(f"{before.other(corpus)}; --lower-floors sets the floors anew")
    return Baseline(raised(figures, before.floors, lower=lower), corpus)
