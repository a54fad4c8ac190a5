"""``vigie eval crawl``: the crawler's floors on the public newsroom."""

from __future__ import annotations

import json as json_module
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from evals.cli_shared import JsonOption, err, one_line_errors, out
from evals.measures import EvaluationError


@one_line_errors
def crawl(
    data: Annotated[Path, typer.Option("--data", help="The folder that holds newsroom and data.")],
    faults: Annotated[
        str, typer.Option("--faults", help="Seeds of newsrooms with faults: FIRST-LAST; 0 for none.")
    ] = "1-3",
    kills: Annotated[int, typer.Option("--kills", min=0, help="Crawls that are killed at a random moment.")] = 10,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Articles of each newsroom with faults; 0 for all.")] = 0,
    json: JsonOption = False,
) -> None:
    """No article lost or doubled, manners kept, corrections found, kills without a trace. Exit code 1 where one floor fails."""
    from evals.crawl_floors import fault_series, faultless, measure_kills

    first, _, last = faults.partition("-")
    if not first.isdigit() or not (last or first).isdigit():
        raise typer.BadParameter(f"--faults {faults}: give seeds as FIRST-LAST, such as 1-20")
    options = ["--limit", str(limit)] if limit else []
    found: dict[str, Any] = {"faults": []}
    failed = False
    with tempfile.TemporaryDirectory(prefix="vigie-floors") as folder:
        try:
            for figures in fault_series(
                data, Path(folder), range(int(first), int(last or first) + 1 if int(first) else 0), *options
            ):
                found["faults"].append(figures)
                failed |= not faultless(figures)
                err.print(f"{'as it must be' if faultless(figures) else 'FAILED'}: {figures}", markup=False)
            if kills:
                found["kills"] = measure_kills(
                    data, Path(folder), kills, tell=lambda line: err.print(line, markup=False)
                )
                failed |= bool(found["kills"]["differing"])
        except RuntimeError as error:
            raise EvaluationError(str(error)) from error
    if json:
        typer.echo(json_module.dumps(found, ensure_ascii=False, indent=2))
    else:
        sound = sum(map(faultless, found["faults"]))
        out.print(f"Newsrooms with faults: {sound} of {len(found['faults'])} as they must be.")
        if kills:
            out.print(f"Killed crawls: {len(found['kills']['differing'])} of {kills} differ from an uninterrupted one.")
    if failed:
        raise typer.Exit(1)
