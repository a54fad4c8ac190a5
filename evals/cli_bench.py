"""``vigie bench``: one command a benchmark."""

from __future__ import annotations

import json as json_module
from collections.abc import Callable
from typing import Any

import typer

from evals.bench import BENCHES
from evals.cli_shared import JsonOption, out, progress_bar


def add_benches(app: typer.Typer) -> None:
    """Every benchmark as a command of its name."""
    for name, bench in BENCHES.items():
        _add(app, name, bench)


def _add(app: typer.Typer, name: str, bench: Callable[[], dict[str, Any]]) -> None:
    @app.command(name, help=bench.__doc__)
    def run(json: JsonOption = False) -> None:
        with progress_bar(f"Benchmark {name}"):
            figures = bench()
        if json:
            typer.echo(json_module.dumps(figures, indent=2))
            return
        for key, value in figures.items():
            out.print(f"{key}: {value}")
