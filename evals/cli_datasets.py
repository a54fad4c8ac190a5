"""``vigie eval`` of data sets that lie in files: each is indexed once in a library of its own, and then asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
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
from evals.multihop import load_articles, run_multihop


@one_line_errors
def multihop_rag(
    data: Annotated[Path, typer.Option("--data", help="The folder with corpus.json and queries.json.")],
    every: Annotated[int, typer.Option("--every", min=1, help="Ask every n-th question only.")] = 1,
    without: WithoutOption = "",
    home: Annotated[Path | None, typer.Option("--home", help="Where to build the library that is measured.")] = None,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """MultiHop-RAG: evidence from several articles (retrieval at 10)."""
    left_out = stages_of(without)
    folder = home or vigie.default_home().with_name("vigie-eval-multihop")
    articles = load_articles(data)
    settings = vigie.load_settings(folder)
    settings = settings.model_copy(update={"search": replace(settings.search, without=left_out)})
    with vigie.open_library(folder, settings) as library:
        if library.stats().articles != len(articles):
            err.print(f"Indexing {len(articles)} articles in {folder} (once)")
            library.add(articles)
        with progress_bar("MultiHop-RAG") as told:
            run = run_multihop(library, data, without=left_out, every=every, told=told)
    keep_and_print(run, out, json)
