"""What the evaluation commands share: options, errors in one line, progress, the table of a run."""

from __future__ import annotations

import functools
import json as json_module
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

import vigie
from corpus.errors import CorpusError
from evals.ablations import STAGES
from evals.measures import EvaluationError
from evals.runs import EvaluationRun, default_file, trusted, write_run
from rag.errors import RagError

P = ParamSpec("P")
R = TypeVar("R")

COUNTS = (
    "questions",
    "pairs",
    "attacks",
    "recognised",
    "followed",
    "supported",
    "answered",
    "mean_tokens",
    "mean_words",
)
MEASURES_A_TABLE = 9
WIDE = 160
out, err = Console(highlight=False, soft_wrap=True), Console(stderr=True, highlight=False, soft_wrap=True)
if not out.is_terminal:
    out.width = max(out.width, WIDE)  # A file or a pipe has no edge.

JsonOption = Annotated[bool, typer.Option("--json", help="Print the whole run as JSON.")]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="The file to keep the run in; one in the library's folder 'runs' when left out."),
]
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


def keep_and_print(run: EvaluationRun, path: Path | None, json: bool) -> None:
    """Keep a run first, then print it, even where it could not be kept: it took its time. Raises EvaluationError at the end
    when something in it failed."""
    lost: OSError | None = None
    kept = path or default_file(run)
    try:
        write_run(run, kept)
    except OSError as error:
        lost = error
    if json:
        typer.echo(json_module.dumps(asdict(run), ensure_ascii=False, indent=2))
    else:
        print_slices(f"{run.dataset}, {run.library.get('embedder', '')}", run.slices)
        for stage, spread in run.timings_ms.items():
            out.print(f"{stage}: p50 {spread['p50']:.1f} ms, p95 {spread['p95']:.1f} ms")
    if lost is not None:
        raise lost
    err.print(f"Run kept in {kept}", markup=False)
    trusted(run, run.dataset)


def print_slices(title: str, slices: Mapping[str, Mapping[str, float]]) -> None:
    """Figures by slice, in tables that a terminal can hold."""
    measures = list(dict.fromkeys(m for row in slices.values() for m in row if m != "questions"))
    for start in range(0, len(measures), MEASURES_A_TABLE):
        table = Table(title=escape(title) if not start else None, box=None, title_justify="left")
        shown = measures[start : start + MEASURES_A_TABLE]
        for name in ("slice", "questions", *shown):
            table.add_column(name, justify="left" if name == "slice" else "right", no_wrap=name == "slice")
        for name, row in slices.items():
            if any(m in row for m in shown):
                table.add_row(escape(name), *(cell(row.get(m), m) for m in ("questions", *shown)))
        out.print(table)


def cell(value: Any, measure: str) -> str:
    """A figure as tables show it; nothing where it was not measured."""
    return "" if value is None else f"{value:.0f}" if measure in COUNTS else f"{value:.3f}"
