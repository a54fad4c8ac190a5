"""``vigie eval`` and ``vigie bench``: the commands are in ``cli_*.py``, one file a kind; each is mounted here by its name."""

from __future__ import annotations

import typer

from evals.cli_bench import add_benches
from evals.cli_claims import claims
from evals.cli_compare import compare
from evals.cli_crawl import crawl
from evals.cli_datasets import beir, multihop_rag, squad, xling
from evals.cli_embedder import embedder
from evals.cli_gold import gold
from evals.cli_injections import injections
from evals.cli_reading import reading
from evals.cli_report import report
from evals.cli_topics import topics

eval_app = typer.Typer(no_args_is_help=True, help="Measure retrieval and answers.", rich_markup_mode=None)
bench_app = typer.Typer(no_args_is_help=True, help="Measure speed.", rich_markup_mode=None)

eval_app.command("gold")(gold)
eval_app.command("multihop-rag")(multihop_rag)
eval_app.command("squad")(squad)
eval_app.command("beir")(beir)
eval_app.command("xling")(xling)
eval_app.command("embedder")(embedder)
eval_app.command("claims")(claims)
eval_app.command("injections")(injections)
eval_app.command("reading")(reading)
eval_app.command("topics")(topics)
eval_app.command("crawl")(crawl)
eval_app.command("compare")(compare)
eval_app.command("report")(report)


@bench_app.callback(invoke_without_command=True)
def bench_help() -> None:
    """Measure speed."""


add_benches(bench_app)
