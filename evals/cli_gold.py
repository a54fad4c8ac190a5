"""``vigie eval gold``."""

from __future__ import annotations

from typing import Annotated

import typer

import vigie
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
from evals.gate import below, raised, read_floors, write_floors
from evals.runner import run_gold


@one_line_errors
def gold(
    split: Annotated[str, typer.Option("--split", help="tune or held-out; both when left out.")] = "",
    without: WithoutOption = "",
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
    left_out = stages_of(without)
    with vigie.open_demo() as library, progress_bar("Gold questions") as told:
        run = run_gold(library, split=split, without=left_out, told=told)
    keep_and_print(run, out, json)
    if raise_floors:
        write_floors(raised(run.slices, read_floors(), lower=lower_floors))
    if gate and (lines := below(run.slices, read_floors())):
        for line in lines:
            err.print(f"below its floor: {line}", markup=False)
        raise typer.Exit(1)
