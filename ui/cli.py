"""The command line: ``vigie``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

import vigie
from ui import cli_state as state
from ui.cli_feeds import feeds_app
from ui.cli_serve import chat, demo, digest, run
from ui.cli_state import (
    AsOfOption,
    DemoOption,
    HomeOption,
    JsonOption,
    LanguageOption,
    SinceOption,
    SourceOption,
    TopicOption,
    UntilOption,
    one_line_errors,
    out,
    print_json,
    wants_json,
)
from ui.json_form import plain, without_text
from ui.printing import (
    print_answer,
    print_article,
    print_article_list,
    print_crawl,
    print_revisions,
    print_search,
    print_stale,
    print_stats,
)

# Typer carries its own click; of that the base of its usage errors has no public name.
_UsageError: Any = typer.BadParameter.__mro__[1]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
app.add_typer(feeds_app, name="feeds")
for command in (chat, run, demo, digest):
    app.command()(one_line_errors(command))


def _print_version(wanted: bool) -> None:
    if wanted:
        out.print(vigie.__version__)
        raise typer.Exit


@app.callback()
def options(
    home: HomeOption = None,
    demo: DemoOption = False,
    json: JsonOption = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Tell what happens, on standard error.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Vigie watches the AI industry's news and answers questions about layoffs, automation and skills."""
    state.set_up_logging(verbose)
    state.chosen.home, state.chosen.demo, state.chosen.json = home, demo, json


@app.command()
@one_line_errors
def crawl(
    feeds: Annotated[Path | None, typer.Option("--feeds", help="An OPML file of feeds to ask.")] = None,
    recheck: Annotated[bool, typer.Option("--recheck", help="Ask known pages again, conditionally.")] = False,
    due: Annotated[bool, typer.Option("--due", help="Ask only what the schedule says is due.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Ask the feeds now, and keep and index what is new."""
    with state.library(home) as library, state.crawl_progress("Crawling") as told:
        report = library.crawl(feeds, recheck=recheck, due_only=due, on_event=told, on_index=told.indexing)
    print_json(report) if wants_json(json) else print_crawl(report)
    answered = report.feeds.checked + report.feeds.unchanged
    if report.feeds.failed and not answered:
        state.fail("no feed answered; see 'vigie feeds check'")


@app.command()
@one_line_errors
def articles(
    article: Annotated[
        str | None, typer.Argument(help="An article's id or URL: print its stored text.", show_default=False)
    ] = None,
    revisions: Annotated[
        bool, typer.Option("--revisions", help="Every state of the article that was read, and what changed.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many at most.")] = 50,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    topic: TopicOption = None,
    as_of: AsOfOption = None,
    home: HomeOption = None,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """List the articles, or print one."""
    with state.library(home, demo=demo) as library:
        wanted = state.filters(
            library, since=since, until=until, source=source, language=language, topic=topic, as_of=as_of
        )
        if article is None:
            found = library.articles(limit=limit, **wanted)
            print_json({"articles": [without_text(a) for a in found]}) if wants_json(json) else print_article_list(
                found
            )
            return
        one = library.article(article, as_of=wanted.get("as_of"))
        if one is None:
            state.fail(f"no article '{article}'; 'vigie articles' lists them")
        if revisions:
            states = library.revisions(one.id)
            print_json({"revisions": states}) if wants_json(json) else print_revisions(states)
            return
        print_json(one) if wants_json(json) else print_article(one)


@app.command()
@one_line_errors
def search(
    question: Annotated[str, typer.Argument(help="What to look for.")],
    top: Annotated[int, typer.Option("--top", min=1, max=200, help="How many passages.")] = 10,
    explain: Annotated[
        bool, typer.Option("--explain", help="Scores and ranks by stage, filters read from the question.")
    ] = False,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    topic: TopicOption = None,
    as_of: AsOfOption = None,
    home: HomeOption = None,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Find passages."""
    with state.library(home, demo=demo) as library:
        wanted = state.filters(
            library, since=since, until=until, source=source, language=language, topic=topic, as_of=as_of
        )
        result = library.search_result(question, top=top, **wanted)
        if wants_json(json):
            made = {"question": plain(result.question), "filters": result.filters, "results": result.passages}
            print_json(
                {
                    **made,
                    "timings_ms": result.timings_ms,
                    **({"explanation": result.explanation, "notes": result.notes} if explain else {}),
                }
            )
            return
        state.name_sample(library, result.question.language)
        print_search(result, explain=explain)


@app.command()
@one_line_errors
def ask(
    question: Annotated[str, typer.Argument(help="The question, in French or English.")],
    engine: Annotated[
        str, typer.Option("--engine", help="auto, extractive, or PROVIDER:MODEL such as ollama:qwen3:4b.")
    ] = "",
    best_guess: Annotated[bool, typer.Option("--best-guess", help="Answer even where Vigie would decline.")] = False,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    language: LanguageOption = None,
    topic: TopicOption = None,
    as_of: AsOfOption = None,
    home: HomeOption = None,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """Answer a question, every sentence cited. Exit code 3: nothing in the library answers it."""
    if not question.strip():
        raise typer.BadParameter("the question is empty: write what you want to know")
    with state.library(home, demo=demo) as library:
        wanted = state.filters(
            library, since=since, until=until, source=source, language=language, topic=topic, as_of=as_of
        )
        answer = library.ask(question, engine=engine, best_guess=best_guess, **wanted)
        if wants_json(json):
            print_json(answer)
        else:
            state.name_sample(library, answer.language)
            print_answer(answer, question)
        library.remember_citations(f"answer to “{question}”", answer.citations)
    if not answer.answered:
        raise typer.Exit(3)


@app.command()
@one_line_errors
def stats(home: HomeOption = None, demo: DemoOption = False, json: JsonOption = False) -> None:
    """What the library holds."""
    with state.library(home, demo=demo) as library:
        found = library.stats()
    print_json(found) if wants_json(json) else print_stats(found)


@app.command()
@one_line_errors
def citations(
    every: Annotated[bool, typer.Option("--all", help="Also where the article changed elsewhere.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Answers and digests that cite what has changed since."""
    with state.library(home) as library:
        stale = library.stale_citations()
    found = [citation for citation in stale if every or citation.changed]
    print_json({"citations": found}) if wants_json(json) else print_stale(found, left_out=len(stale) - len(found))


@app.command()
@one_line_errors
def doctor(home: HomeOption = None, demo: DemoOption = False, json: JsonOption = False) -> None:
    """What is wrong, and what to do about it."""
    with state.library(home, demo=demo) as library:
        found = library.doctor()
    if wants_json(json):
        print_json({"problems": found})
    else:
        for line in found or ["All is well."]:
            out.print(line, markup=False)
    if found:
        raise typer.Exit(1)


@app.command()
@one_line_errors
def reindex(home: HomeOption = None, demo: DemoOption = False, json: JsonOption = False) -> None:
    """Rebuild vectors, terms and columns from the articles, with the configured embedder."""
    with state.library(home, demo=demo) as library, state.bar("Indexing") as told:
        report = library.reindex(told)
    print_json(report) if wants_json(json) else out.print(
        f"{report.articles} articles, {report.chunks} chunks indexed."
    )


def _mount_evaluation() -> None:
    from evals.cli import bench_app, eval_app

    app.add_typer(eval_app, name="eval")
    app.add_typer(bench_app, name="bench")


def main() -> None:
    """The entry point."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    # Evaluation brings plotting and statistics along: only those who ask for it (or for help) pay for it.
    if {"eval", "bench", "--help"} & set(sys.argv[1:]) or len(sys.argv) == 1:
        _mount_evaluation()
    try:
        code = app(standalone_mode=False)
    except _UsageError as error:
        # One line for wrong usage too, instead of three.
        message = error.format_message()
        command = error.ctx.command_path.replace("python -m ui", "vigie") if error.ctx else "vigie"
        # A group without a command answers with its help.
        line = message if message.startswith("Usage:") else f"vigie: {message.rstrip('.')}; see '{command} --help'"
        print(line, file=sys.stderr)  # noqa: T201
        code = 2
    except typer.Abort:
        print("vigie: stopped; nothing that was kept is lost", file=sys.stderr)  # noqa: T201
        code = 130
    sys.exit(code if isinstance(code, int) else 0)


__all__ = ["app", "main"]
