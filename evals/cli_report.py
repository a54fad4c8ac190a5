"""``vigie eval report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.cli_shared import err, one_line_errors
from evals.runs import read_run


@one_line_errors
def report(
    run: Annotated[Path, typer.Argument(help="A kept run.", show_default=False)],
    other: Annotated[Path | None, typer.Argument(help="A second one, set beside it.", show_default=False)] = None,
    out: Annotated[Path, typer.Option("--out", help="The page to write.")] = Path("report.html"),
) -> None:
    """A page of HTML on a run or on two: plots, and every question with what came and why the right passage lost."""
    from evals.report import report_page  # plotly is slow to import, and no other command needs it.

    page = report_page(read_run(run), read_run(other) if other else None)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8")
    err.print(f"Report written to {out}", markup=False)
