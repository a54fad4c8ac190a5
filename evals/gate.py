"""Floors under the gold set's figures: ``make test`` fails below one, and an update never lowers one unasked. Pure but for the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from evals.measures import LOW_IS_GOOD

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


def below(figures: Figures, floors: Figures) -> list[str]:
    """One line for every figure that is worse than its floor, or missing."""
    lines = []
    for slice_name, measures in floors.items():
        for measure, floor in measures.items():
            value = figures.get(slice_name, {}).get(measure)
            if value is None:
                lines.append(f"{slice_name} {measure}: not measured, floor {floor:.3f}")
            elif (value > floor + 1e-9) if measure in LOW_IS_GOOD else (value < floor - 1e-9):
                lines.append(f"{slice_name} {measure}: {value:.3f}, floor {floor:.3f}")
    return lines


def raised(
    figures: Figures, floors: Figures, *, margin: float = 0.02, lower: bool = False
) -> dict[str, dict[str, float]]:
    """Floors a margin below the figures, none lower than before unless ``lower``."""
    made: dict[str, dict[str, float]] = {}
    for slice_name, measures in figures.items():
        for measure in KEPT:
            if measure not in measures:
                continue
            low = measure in LOW_IS_GOOD
            # One question more or less is noise between processors: a small slice has a wide margin.
            room = max(margin, 1.5 / measures["questions"]) if measures.get("questions") else margin
            value = round(min(1.0, measures[measure] + room) if low else max(0.0, measures[measure] - room), 4)
            before = floors.get(slice_name, {}).get(measure)
            if before is not None and not lower:
                value = min(value, before) if low else max(value, before)
            made.setdefault(slice_name, {})[measure] = value
    return made


def read_floors(path: Path = BASELINE) -> dict[str, dict[str, float]]:
    """The kept floors; none when there is no file."""
    if not path.exists():
        return {}
    floors: dict[str, dict[str, float]] = json.loads(path.read_text(encoding="utf-8"))["floors"]
    return floors


def write_floors(floors: Figures, path: Path = BASELINE) -> None:
    """Keep floors."""
    path.write_text(json.dumps({"floors": floors}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
