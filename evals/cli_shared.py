"""What the evaluation commands share: options, errors in one line, progress, the table of a run."""

from __future__ import annotations

import functools
import json as json_module
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import vigie
from corpus.errors import CorpusError
from evals.measures import EvaluationError
from evals.runner import EvaluationRun
from rag.errors import RagError

P = ParamSpec("P")
R = TypeVar("R")

STAGES = ("dense", "lexical", "rerank", "recency", "question", "diversify")
COUNTS = ("questions", "mean_tokens")
out, err = Console(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False, soft_wrap=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print the whole run as JSON.")]
WithoutOption = Annotated[str, typer.Option("--without", help=f"Stages to leave out: {','.join(STAGES)}.")]


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that is told (done, total), on standard error."""
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def one_line_errors(command: Callable[P, R]) -> Callable[P, R]:
    """What the reader can mend ends in one line and exit code 1; everything else stays loud."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (EvaluationError, vigie.VigieError, CorpusError, RagError) as error:
            err.print(f"vigie: {error}", markup=False)
            raise typer.Exit(1) from error
        except OSError as error:
            if error.filename is None:
                raise
            err.print(f"vigie: {error.filename}: {error.strerror}; check the path and its rights", markup=False)
            raise typer.Exit(1) from error

    return run


def stages_of(without: str) -> tuple[str, ...]:
    """The stages that --without names. An unknown one is wrong usage (exit code 2)."""
    stages = tuple(filter(None, (part.strip() for part in without.split(","))))
    for stage in stages:
        if stage not in STAGES:
            raise typer.BadParameter(f"unknown stage '{stage}': use {', '.join(STAGES)}")
    return stages


def print_run(run: EvaluationRun, json: bool) -> None:
    """The run's slices as a table and its timings, or all of it as JSON."""
    if json:
        typer.echo(json_module.dumps(asdict(run), ensure_ascii=False, indent=2))
        return
    measures = list(dict.fromkeys(m for row in run.slices.values() for m in row))
    table = Table(title=f"{run.dataset} {run.settings}", box=None)
    for name in ("slice", *measures):
        table.add_column(name, justify="left" if name == "slice" else "right")
    for name, row in run.slices.items():
        table.add_row(name, *(cell(row.get(m), m) for m in measures))
    out.print(table)
    for stage, spread in run.timings_ms.items():
        out.print(f"{stage}: p50 {spread['p50']:.1f} ms, p95 {spread['p95']:.1f} ms")


def cell(value: Any, measure: str) -> str:
    """A figure as tables show it; nothing where it was not measured."""
    return "" if value is None else f"{value:.0f}" if measure in COUNTS else f"{value:.3f}"
