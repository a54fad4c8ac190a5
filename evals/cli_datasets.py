"""``vigie eval`` of data sets that lie in files: each is indexed once in a library of its own, and then asked."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

import vigie
from corpus.models import Article
from evals.beir import load_beir
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
from evals.cli_shared import out as printed
from evals.datasets import Dataset
from evals.declining import run_declining
from evals.documents import library_of, run_documents
from evals.multihop import hashes, load_articles, load_questions, run_multihop
from evals.squad import load_squad
from evals.xling import load_xling

EveryOption = Annotated[int, typer.Option("--every", min=1, help="Ask every n-th question only.")]
EvalHomeOption = Annotated[
    Path | None, typer.Option("--home", help="Where to build the library that is measured.", show_default=False)
]


READINGS = (
    "hits, mrr and map as the published evaluator reads them: any gold fact in the first k counts, and map is not cumulative; "
    "evidence: the share of the gold facts in the first ten"
)


@one_line_errors
def multihop_rag(
    data: Annotated[Path, typer.Option("--data", help="The folder with corpus.json and queries.json.")],
    every: EveryOption = 1,
    without: WithoutOption = "",
    declining: Annotated[
        bool, typer.Option("--declining", help="Ask the null questions too, and judge the declining score instead.")
    ] = False,
    home: EvalHomeOption = None,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """MultiHop-RAG: evidence from several articles (retrieval at 10), or null questions against answerable ones."""
    left_out = stages_of(without)
    articles = load_articles(data)
    questions = load_questions(data, articles)  # Before anything is indexed: a wrong row is told at once.
    if declining:
        with _library("multihop", articles, home, left_out) as library, progress_bar("Declining") as told:
            found = run_declining(library, questions, every=every, told=told)
        if json:
            typer.echo(json_module.dumps(asdict(found), indent=2))
            return
        printed.print(
            f"{found.null} null, {found.answerable} answerable: area under the ROC curve {found.auc:.3f}; "
            f"declined {found.null_declined:.3f} of the null, {found.answerable_declined:.3f} of the answerable; "
            f"answer p50 {found.ms[0]:.0f} ms, p95 {found.ms[1]:.0f} ms"
        )
        return
    with _library("multihop", articles, home, left_out) as library, progress_bar("MultiHop-RAG") as told:
        run = run_multihop(library, questions, data=hashes(data), without=left_out, every=every, told=told)
    keep_and_print(run, out, json)
    err.print(READINGS, markup=False)


@one_line_errors
def squad(
    data: Annotated[Path, typer.Option("--data", help="A JSON file in SQuAD's form: PIAF, FQuAD, SQuAD.")],
    every: EveryOption = 1,
    without: WithoutOption = "",
    home: EvalHomeOption = None,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Questions on paragraphs: each paragraph is a document."""
    left_out = stages_of(without)
    _run(load_squad(data), every, left_out, home, out, json)


@one_line_errors
def beir(
    data: Annotated[Path, typer.Option("--data", help="A folder with corpus.jsonl, queries.jsonl and qrels.")],
    split: Annotated[str, typer.Option("--split", help="Which file of qrels: test, dev ...")] = "test",
    every: EveryOption = 1,
    without: WithoutOption = "",
    home: EvalHomeOption = None,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Any data set in BEIR's form."""
    left_out = stages_of(without)
    _run(load_beir(data, split), every, left_out, home, out, json)


@one_line_errors
def xling(
    data: Annotated[Path, typer.Option("--data", help="A JSON-lines file of pairs.")],
    every: EveryOption = 1,
    without: WithoutOption = "",
    home: EvalHomeOption = None,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """French descriptions and English titles of the same articles: each finds the other."""
    left_out = stages_of(without)
    _run(load_xling(data), every, left_out, home, out, json)


def _run(
    dataset: Dataset, every: int, left_out: tuple[str, ...], home: Path | None, out: Path | None, json: bool
) -> None:
    with _library(dataset.key, dataset.articles, home, left_out) as library, progress_bar(dataset.name) as told:
        run = run_documents(library, dataset, without=left_out, every=every, told=told)
    keep_and_print(run, out, json)


@contextmanager
def _library(
    name: str, articles: Sequence[Article], home: Path | None, left_out: tuple[str, ...]
) -> Iterator[vigie.Library]:
    folder = home or vigie.default_home().with_name(f"vigie-eval-{name}")
    with library_of(articles, folder, without=left_out, tell=lambda line: err.print(line, markup=False)) as library:
        yield library
