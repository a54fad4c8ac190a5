"""``vigie eval topics``: the topics' labels against those that were given by hand."""

from __future__ import annotations

import json as json_module
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from evals.cli_shared import JsonOption, one_line_errors, out
from evals.topics import agreement, labelled_articles, measure_topics, texts_of


@one_line_errors
def topics(
    data: Annotated[Path, typer.Option("--data", help="The folder with news-en/ and news-fr/.")],
    json: JsonOption = False,
) -> None:
    """Layoffs, automation, skills: precision, recall and F1 on articles labelled by hand."""
    articles = labelled_articles()
    figures = measure_topics(articles, texts_of(articles, data))
    agreed = agreement(articles)
    if json:
        made = {"articles": len(articles), "kappa": agreed, "figures": [asdict(f) for f in figures]}
        typer.echo(json_module.dumps(made, indent=2))
        return
    table = Table(title=f"{len(articles)} labelled articles", box=None)
    for name in ("half", "topic", "articles", "about it", "precision", "recall", "F1", "kappa of the labels"):
        table.add_column(name, justify="left" if name in ("half", "topic") else "right")
    for f in figures:
        row = (f.half, f.topic, str(f.articles), str(f.positives))
        table.add_row(*row, f"{f.precision:.3f}", f"{f.recall:.3f}", f"{f.f1:.3f}", f"{agreed[f.topic]:.3f}")
    out.print(table)
