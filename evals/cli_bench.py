"""``vigie bench``: one command a benchmark."""

from __future__ import annotations

import json as json_module
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from evals.bench import BENCHES
from evals.cli_shared import JsonOption, err, one_line_errors, out, progress_bar

NewsOption = Annotated[
    Path | None,
    typer.Option("--data", help="A folder with news-en and news-fr to multiply; the sample library when left out."),
]
CacheOption = Annotated[
    Path | None, typer.Option("--cache", help="Where the libraries are kept; .bench/data beside the code.")
]


def add_benches(app: typer.Typer) -> None:
    """Every benchmark as a command of its name."""
    for name, bench in BENCHES.items():
        _add(app, name, bench)
    app.command("retrieve")(one_line_errors(retrieve))
    app.command("answer")(one_line_errors(answer))
    app.command("peers")(one_line_errors(peers))
    app.command("crawl")(one_line_errors(crawl))


def _add(app: typer.Typer, name: str, bench: Callable[[], dict[str, Any]]) -> None:
    @app.command(name, help=bench.__doc__)
    def run(json: JsonOption = False) -> None:
        with progress_bar(f"Benchmark {name}"):
            figures = bench()
        _print(figures, json)


def retrieve(
    size: Annotated[str, typer.Option("--size", help="Chunks, one library each, separated by commas.")] = "10000",
    data: NewsOption = None,
    cache: CacheOption = None,
    json: JsonOption = False,
) -> None:
    """Search at several sizes: latency, recall of dense search, memory, start; at 100,000 chunks beside Chroma and LangChain."""
    from evals.bench_retrieve import CACHE, bench_retrieve

    try:
        sizes = [int(part) for part in size.replace("_", "").split(",")]
    except ValueError as error:
        raise typer.BadParameter(f"--size {size}: give whole numbers separated by commas") from error
    figures = bench_retrieve(sizes, data, cache or CACHE, lambda line: err.print(line, markup=False))
    _print(figures, json)


def answer(
    size: Annotated[int, typer.Option("--size", min=1000, help="Chunks of the library.")] = 100_000,
    data: NewsOption = None,
    cache: CacheOption = None,
    json: JsonOption = False,
) -> None:
    """The first sentence of extractive answers in a large library: milliseconds, by question."""
    from evals.bench_answer import bench_answer
    from evals.bench_retrieve import CACHE

    _print(bench_answer(size, data, cache or CACHE, lambda line: err.print(line, markup=False)), json)


def peers(
    data: Annotated[Path, typer.Option("--data", help="The folder with MultiHop-RAG's corpus.json and queries.json.")],
    cache: CacheOption = None,
    every: Annotated[int, typer.Option("--every", min=1, help="Ask every so many of the questions.")] = 1,
    json: JsonOption = False,
) -> None:
    """MultiHop-RAG asked of Vigie, of BM25, of MiniLM and of LangChain's EnsembleRetriever, on the same chunks."""
    from evals.bench_peers import bench_peers
    from evals.bench_retrieve import CACHE

    _print(bench_peers(data, cache or CACHE, every, lambda line: err.print(line, markup=False)), json)


def crawl(
    data: Annotated[
        Path | None,
        typer.Option("--data", help="The folder that holds newsroom and data; the bundled newsroom when left out."),
    ] = None,
    articles: Annotated[int, typer.Option("--articles", min=0, help="How many of the newsroom's; 0 for all 609.")] = 0,
    memory: Annotated[
        int, typer.Option("--memory", min=0, help="Instead: crawl so many articles, and tell the memory.")
    ] = 0,
    json: JsonOption = False,
) -> None:
    """A crawl over loopback against embedding alone, against newspaper4k and news-please, and its text against the newsroom's."""
    from evals.bench_crawl import bench_crawl
    from evals.bench_crawl_memory import bench_memory

    tell: Callable[[str], None] = lambda line: err.print(line, markup=False)  # noqa: E731 - a name for one argument
    if memory and data is None:
        raise typer.BadParameter("--memory needs --data, the folder that holds newsroom and data")
    _print(bench_memory(data, memory, tell) if memory and data else bench_crawl(data, articles, tell), json)


def _print(figures: Mapping[str, Any], json: bool) -> None:
    if json:
        typer.echo(json_module.dumps(figures, indent=2))
    else:
        _lines(figures, "")


def _lines(figures: Mapping[str, Any], before: str) -> None:
    """Nested figures, one line for those that lie side by side."""
    flat = {key: value for key, value in figures.items() if not isinstance(value, Mapping)}
    if flat:
        out.print(f"{before or 'figures'}: " + ", ".join(f"{key} {value}" for key, value in flat.items()), markup=False)
    for key, value in figures.items():
        if isinstance(value, Mapping):
            _lines(value, f"{before} / {key}" if before else key)
