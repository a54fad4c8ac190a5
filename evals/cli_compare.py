"""``vigie eval compare``."""

from __future__ import annotations

import json as json_module
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from evals.cli_shared import JsonOption, one_line_errors, out
from evals.compare import RESAMPLES, Changed, Comparison
from evals.compare import compare as compared
from evals.runs import EvaluationRun, read_run


@one_line_errors
def compare(
    a: Annotated[Path, typer.Argument(help="The run to compare with.", show_default=False)],
    b: Annotated[Path, typer.Argument(help="The run that may be better.", show_default=False)],
    changed: Annotated[int, typer.Option("--changed", min=0, help="How many changed questions to show.")] = 5,
    resamples: Annotated[int, typer.Option("--resamples", min=99, help="Draws of bootstrap and permutations.")] = (
        RESAMPLES
    ),
    json: JsonOption = False,
) -> None:
    """B against A: differences with their intervals, and the questions that changed most."""
    first, second = read_run(a), read_run(b)
    found = compared(first, second, resamples=resamples)
    if json:
        typer.echo(json_module.dumps(asdict(found), ensure_ascii=False, indent=2))
        return
    for key, (one, other) in found.settings.items():
        out.print(f"{key}: {one} | {other}", markup=False)
    out.print(_table(found))
    for line in _latencies(first, second):
        out.print(line, markup=False)
    for question in found.changed[:changed]:
        out.print(_side_by_side(question))
    if len(found.changed) > changed:
        out.print(f"{len(found.changed) - changed} more questions changed; --changed N shows more.")


def _latencies(first: EvaluationRun, second: EvaluationRun) -> list[str]:
    return [
        f"{stage}: p50 {one['p50']:.1f} | {other['p50']:.1f} ms, p95 {one['p95']:.1f} | {other['p95']:.1f} ms"
        for stage, one in first.timings_ms.items()
        if (other := second.timings_ms.get(stage))
    ]


def _table(found: Comparison) -> Table:
    table = Table(box=None)
    for name in ("slice", "measure", "n", "A", "B", "B - A", "95 % interval", "p", "wins/ties/losses"):
        table.add_column(name, justify="left" if name in ("slice", "measure") else "right")
    for d in found.differences:
        table.add_row(
            escape(d.slice), d.measure, str(d.questions), f"{d.mean_a:.3f}", f"{d.mean_b:.3f}", f"{d.difference:+.3f}",
            f"{d.low:+.3f} .. {d.high:+.3f}", f"{d.p:.4f}", f"{d.wins}/{d.ties}/{d.losses}",
        )  # fmt: skip
    return table


def _side_by_side(changed: Changed) -> Table:
    title = f"{changed.id} {changed.question} ({changed.measure} {changed.a:.3f} -> {changed.b:.3f})"
    table = Table(title=escape(title), box=None, title_justify="left")
    for name in ("", "A", "B"):
        table.add_column(name, overflow="fold")
    left, right = changed.row_a["ranking"], changed.row_b["ranking"]
    for at in range(max(len(left), len(right))):
        table.add_row(str(at + 1), *(_entry(side[at]) if at < len(side) else "" for side in (left, right)))
    return table


def _entry(entry: dict[str, Any]) -> str:
    mark = "+" if entry["right"] else " "
    return escape(f"{mark} {entry['score']:.2f} {entry['title']} ({entry['chunk']})")
