"""``vigie eval embedder``: the table of ``docs/embedder.md`` for the embedder that is configured."""

from __future__ import annotations

import json as json_module
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

import vigie
from evals.cli_shared import JsonOption, err, one_line_errors, out
from evals.embedder import measure_embedder, multihop_passages, speed


@one_line_errors
def embedder(
    data: Annotated[
        Path,
        typer.Option("--data", help="A folder with parallel/, xling-ai-pairs/, stsb-fr-en/, piaf/ or multihop-rag/."),
    ],
    model: Annotated[
        str, typer.Option("--model", help="bundled or ollama:MODEL; the configured one when left out.")
    ] = "",
    json: JsonOption = False,
) -> None:
    """What an embedder is worth by itself, in French and English."""
    settings = vigie.load_settings(vigie.default_home())
    if model:
        settings = settings.model_copy(update={"embedding": replace(settings.embedding, model=model)})
    measured = vigie.open_embedder(settings)
    figures = measure_embedder(measured, data, told=lambda part: err.print(f"{part} ...", markup=False))
    if (data / "multihop-rag").exists():
        figures |= speed(measured, multihop_passages(data / "multihop-rag")[:100])
    if json:
        typer.echo(json_module.dumps({"embedder": measured.name, "figures": figures}, indent=2))
        return
    table = Table(title=measured.name, box=None)
    table.add_column("measure")
    table.add_column("value", justify="right")
    for name, value in figures.items():
        table.add_row(name, f"{value:.3f}")
    out.print(table)
