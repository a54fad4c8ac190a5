"""``vigie eval reading``: ask the questions of the blind reading over a folder of news, and write the sheet to judge."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated

import typer

import vigie
from evals.blind_reading import NOW, answer_sheet, ask_questions, load_news, reading_questions, shares
from evals.cli_shared import JsonOption, err, one_line_errors, print_slices
from evals.documents import library_of
from evals.measures import EvaluationError


@one_line_errors
def reading(
    data: Annotated[
        Path | None, typer.Option("--data", help="A folder with news-en, news-fr and multihop-rag.", show_default=False)
    ] = None,
    number: Annotated[int, typer.Option("--round", min=0, help="The round to ask; 0 is all.")] = 0,
    home: Annotated[
        Path | None, typer.Option("--home", help="Where to build the library that is asked.", show_default=False)
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option("--sheet", help="Write answers and cited passages there, to be read.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """The verdicts of the blind reading as they are kept; with --data the questions are asked anew, to be read again."""
    questions = reading_questions(number)
    if data is not None:
        if sheet is None:
            raise EvaluationError("name the file for the answers by --sheet")
        folder = home or vigie.default_home().with_name("vigie-eval-reading")
        with library_of(load_news(data), folder, tell=lambda line: err.print(line, markup=False)) as filled:
            settings = filled.settings
        with vigie.Library(folder, settings, clock=lambda: NOW) as library:
            rows = answer_sheet(questions, ask_questions(library, questions))
        sheet.write_text(json_module.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
        err.print(f"{len(rows)} answers written to {sheet}", markup=False)
        return
    figures = shares(questions)
    if json:
        typer.echo(json_module.dumps(figures, ensure_ascii=False, indent=2))
        return
    print_slices("blind reading", figures)
