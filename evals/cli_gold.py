"""``vigie eval gold``."""

from __future__ import annotations

import json as json_module
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

import vigie
from evals.ablations import STAGES, Ablation, ablations
from evals.cli_shared import (
    JsonOption,
    OutOption,
    WithoutOption,
    err,
    keep_and_print,
    one_line_errors,
    progress_bar,
    stages_of,
)
from evals.cli_shared import (
    out as printed,
)
from evals.gate import next_baseline, read_baseline, verdict, write_baseline
from evals.runner import run_gold
from evals.runs import EvaluationRun, default_file, trusted, write_run

OTHERS = ("success@1", "recall@10", "recall@100")
SLICES = ("fr-fr", "fr-en", "en-fr", "en-en")


@one_line_errors
def gold(
    split: Annotated[str, typer.Option("--split", help="tune or held-out; both when left out.")] = "",
    without: WithoutOption = "",
    ablate: Annotated[
        bool, typer.Option("--ablations", help="Leave out each stage in turn: what does it add to retrieval?")
    ] = False,
    gate: Annotated[bool, typer.Option("--gate", help="Fail below the kept floors.")] = False,
    raise_floors: Annotated[
        bool, typer.Option("--raise-floors", help="Keep floors just below what is measured.")
    ] = False,
    lower_floors: Annotated[bool, typer.Option("--lower-floors", help="With --raise-floors: floors may sink.")] = False,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """The project's own questions over the bundled newsroom."""
    if split not in ("", "tune", "held-out"):
        raise typer.BadParameter(f"unknown split '{split}': use tune or held-out")
    if (gate or raise_floors) and (split or without or ablate):
        raise typer.BadParameter(
            "floors are of all questions and all stages: leave out --split, --without, --ablations"
        )
    if lower_floors and not raise_floors:
        raise typer.BadParameter("--lower-floors lets --raise-floors lower them: give both")
    left_out = stages_of(without)
    if ablate:
        _ablations(split, left_out, out, json)
        return
    baseline = read_baseline()
    with vigie.open_demo() as library, progress_bar("Gold questions") as told:
        run = run_gold(library, split=split, without=left_out, told=told)
    keep_and_print(run, out, json)
    corpus = str(run.library["corpus"])
    if raise_floors:
        baseline = next_baseline(run.slices, corpus, baseline, lower=lower_floors)
        write_baseline(baseline)
    if gate:
        lines = verdict(run.slices, corpus, baseline)
        for line in lines:
            err.print(f"gate: {line}", markup=False)
        if not lines and not baseline.same(corpus):
            err.print(f"gate: passed, though {baseline.other(corpus)}", markup=False)
        if lines:
            raise typer.Exit(1)


def _ablations(split: str, left_out: tuple[str, ...], folder: Path | None, json: bool) -> None:
    """Every stage left out in turn, retrieval alone; the runs are kept in a folder."""
    stages = [stage for stage in STAGES if stage not in left_out]
    runs: dict[str, EvaluationRun] = {}
    place = folder
    with vigie.open_demo() as library:
        for stage in ("", *stages):
            name = f"without {stage}" if stage else "whole"
            with progress_bar(f"Gold questions, {name}") as told:
                chosen = (*left_out, stage) if stage else left_out
                run = runs[stage] = run_gold(library, split=split, without=chosen, answers=False, told=told)
            if place is None:
                place = default_file(run).with_suffix("")
            write_run(run, place / f"{name.replace(' ', '-')}.json")
            trusted(run, name)
    found = ablations(runs.pop(""), runs)
    if json:
        typer.echo(json_module.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
    else:
        printed.print(_table(found))
    err.print(f"Runs kept in {place}", markup=False)


def _table(found: tuple[Ablation, ...]) -> Table:
    """What each stage adds: the whole run's figure less the one without it."""
    lead = found[0].leading
    title = f"What each stage adds; {lead.measure} of the whole is {lead.mean_b:.3f} over {lead.questions} questions"
    table = Table(title=title, box=None, title_justify="left")
    names = ("stage", f"{lead.measure} without", "adds", "95 % interval", "p", *OTHERS, *SLICES)
    for name in names:
        table.add_column(name, justify="left" if name == "stage" else "right")
    for one in found:
        d = one.leading
        others = {o.measure: f"{o.difference:+.3f}" for o in one.others}
        slices = {s.slice: f"{s.difference:+.3f}" for s in one.slices}
        table.add_row(
            one.stage, f"{d.mean_a:.3f}", f"{d.difference:+.3f}", f"{d.low:+.3f} .. {d.high:+.3f}", f"{d.p:.4f}",
            *(others.get(m, "") for m in OTHERS), *(slices.get(s, "") for s in SLICES),
        )  # fmt: skip
    return table
