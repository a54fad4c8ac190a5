"""``vigie eval`` and ``vigie bench``."""

from __future__ import annotations

import json as json_module
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import vigie
from evals.bench import BENCHES
from evals.gate import below, raised, read_floors, write_floors
from evals.measures import EvaluationError
from evals.multihop import load_articles, run_multihop
from evals.runner import EvaluationRun, run_gold

eval_app = typer.Typer(no_args_is_help=True, help="Measure retrieval and answers.", rich_markup_mode=None)
bench_app = typer.Typer(no_args_is_help=True, help="Measure speed.", rich_markup_mode=None)
out, err = Console(highlight=False), Console(stderr=True, highlight=False)

JsonOption = Annotated[bool, typer.Option("--json", help="Print the whole run as JSON.")]
WithoutOption = Annotated[
    str, typer.Option("--without", help="Stages to leave out: dense,lexical,rerank,recency,question,diversify.")
]


@contextmanager
def _told(what: str) -> Iterator[Callable[[int, int], None]]:
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _failing(error: EvaluationError) -> typer.Exit:
    err.print(f"vigie: {error}", markup=False)
    return typer.Exit(1)


@eval_app.command("gold")
def gold(
    split: Annotated[str, typer.Option("--split", help="tune or held-out; both when left out.")] = "",
    without: WithoutOption = "",
    gate: Annotated[bool, typer.Option("--gate", help="Fail below the kept floors.")] = False,
    raise_floors: Annotated[
        bool, typer.Option("--raise-floors", help="Keep floors just below what is measured.")
    ] = False,
    lower_floors: Annotated[bool, typer.Option("--lower-floors", help="With --raise-floors: floors may sink.")] = False,
    json: JsonOption = False,
) -> None:
    """The project's own questions over the bundled newsroom."""
    try:
        with vigie.open_demo() as library, _told("Gold questions") as told:
            run = run_gold(library, split=split, without=_stages(without), told=told)
    except EvaluationError as error:
        raise _failing(error) from error
    _print_run(run, json)
    if raise_floors:
        write_floors(raised(run.slices, read_floors(), lower=lower_floors))
    if gate and (lines := below(run.slices, read_floors())):
        for line in lines:
            err.print(f"below its floor: {line}", markup=False)
        raise typer.Exit(1)


@eval_app.command("multihop-rag")
def multihop(
    data: Annotated[Path, typer.Option("--data", help="The folder with corpus.json and queries.json.")],
    every: Annotated[int, typer.Option("--every", min=1, help="Ask every n-th question only.")] = 1,
    without: WithoutOption = "",
    home: Annotated[Path | None, typer.Option("--home", help="Where to build the library that is measured.")] = None,
    json: JsonOption = False,
) -> None:
    """MultiHop-RAG: evidence from several articles (retrieval at 10)."""
    folder = home or vigie.default_home().with_name("vigie-eval-multihop")
    try:
        articles = load_articles(data)
        settings = vigie.load_settings(folder)
        settings = settings.model_copy(update={"search": replace(settings.search, without=_stages(without))})
        with vigie.open_library(folder, settings) as library:
            if library.stats().articles != len(articles):
                err.print(f"Indexing {len(articles)} articles in {folder} (once)")
                library.add(articles)
            with _told("MultiHop-RAG") as told:
                run = run_multihop(library, data, without=_stages(without), every=every, told=told)
    except EvaluationError as error:
        raise _failing(error) from error
    _print_run(run, json)


def _stages(without: str) -> tuple[str, ...]:
    known = ("dense", "lexical", "rerank", "recency", "question", "diversify")
    stages = tuple(filter(None, (part.strip() for part in without.split(","))))
    for stage in stages:
        if stage not in known:
            raise typer.BadParameter(f"unknown stage '{stage}': use {', '.join(known)}")
    return stages


def _print_run(run: EvaluationRun, json: bool) -> None:
    if json:
        typer.echo(json_module.dumps(asdict(run), ensure_ascii=False, indent=2))
        return
    measures = list(dict.fromkeys(m for row in run.slices.values() for m in row))
    table = Table(title=f"{run.dataset} {run.settings}", box=None)
    for name in ("slice", *measures):
        table.add_column(name, justify="left" if name == "slice" else "right")
    for name, row in run.slices.items():
        table.add_row(name, *(_cell(row.get(m), m) for m in measures))
    out.print(table)
    for stage, spread in run.timings_ms.items():
        out.print(f"{stage}: p50 {spread['p50']:.1f} ms, p95 {spread['p95']:.1f} ms")


def _cell(value: Any, measure: str) -> str:
    return "" if value is None else f"{value:.0f}" if measure in ("questions", "mean_tokens") else f"{value:.3f}"


@bench_app.callback(invoke_without_command=True)
def bench_help() -> None:
    """Measure speed."""


def _add_bench(name: str, bench: Callable[[], dict[str, Any]]) -> None:
    @bench_app.command(name, help=bench.__doc__)
    def run(json: JsonOption = False) -> None:
        with _told(f"Benchmark {name}"):
            figures = bench()
        if json:
            typer.echo(json_module.dumps(figures, indent=2))
            return
        for key, value in figures.items():
            out.print(f"{key}: {value}")


for _name, _bench in BENCHES.items():
    _add_bench(_name, _bench)
