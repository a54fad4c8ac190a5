"""``vigie eval injections``: attacks planted in articles, and what becomes of them."""

from __future__ import annotations

import json as json_module
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from evals.cli_shared import JsonOption, err, one_line_errors, out, print_slices
from evals.injections import read_attacks, run_injections, summary


@one_line_errors
def injections(
    data: Annotated[Path, typer.Option("--data", help="The folder with bipia_text_attack_train.json.")],
    json: JsonOption = False,
) -> None:
    """Injections in articles: followed by the extractive answer, shown as supported with a model that obeys."""
    attacks = read_attacks(data)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        err.print(f"{len(attacks)} attacks, a library in {folder}", markup=False)
        outcomes = run_injections(Path(folder) / "library", attacks)
    if json:
        typer.echo(
            json_module.dumps(
                {"slices": summary(outcomes), "attacks": [asdict(o) for o in outcomes]}, ensure_ascii=False, indent=2
            )
        )
        return
    print_slices("injections", summary(outcomes))
    for one in outcomes:
        if one.followed or one.supported:
            out.print(
                f"{one.attack.id}: {'followed ' if one.followed else ''}{'supported: ' + ' / '.join(one.shown) if one.supported else ''}",
                markup=False,
            )
