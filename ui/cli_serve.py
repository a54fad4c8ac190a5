"""The commands that make and serve: the chat, the schedule, the sample, the digest."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated

import typer

import vigie
from ui import cli_state as state
from ui.cli_state import (
    DemoOption,
    HomeOption,
    JsonOption,
    SinceOption,
    TopicOption,
    UntilOption,
    err,
    out,
    print_json,
    wants_json,
)
from ui.json_form import plain
from ui.rendering import FORMATS

HostOption = Annotated[
    str | None, typer.Option("--host", help="Address to serve on; others than loopback need a user and a password.")
]
PortOption = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port to serve on.")]


def chat(host: HostOption = None, port: PortOption = None, home: HomeOption = None, demo: DemoOption = False) -> None:
    """Open the chat in the browser."""
    from ui.chat import serve

    with state.library(home, demo=demo) as library:
        serve(library, host=host, port=port)


def run(host: HostOption = None, port: PortOption = None, home: HomeOption = None) -> None:
    """Crawl and write digests on schedule, and serve the chat."""
    from ui.chat import serve
    from ui.schedule import scheduled

    with state.library(home) as library, scheduled(library) as jobs:
        for job in jobs:
            err.print(f"[dim]{job}[/dim]")
        serve(library, host=host, port=port)


def demo(json: JsonOption = False) -> None:
    """Crawl the bundled newsroom into the sample library."""
    with state.library(demo=True) as library:
        found = library.stats()
    if wants_json(json):
        print_json(found)
    else:
        out.print(
            f"The sample library holds {found.articles} articles written for Vigie; its date is {found.now:%Y-%m-%d}."
        )


def digest(
    since: SinceOption = "7d",
    until: UntilOption = None,
    topic: TopicOption = None,
    language: Annotated[str, typer.Option("--language", help="fr or en.")] = "",
    format: Annotated[str, typer.Option("--format", help="md, html, json or rss.")] = "md",  # noqa: A002 - the option's name
    out_file: Annotated[
        Path | None, typer.Option("--out", help="Where to write; standard output when left out.")
    ] = None,
    home: HomeOption = None,
    demo: DemoOption = False,
    json: JsonOption = False,
) -> None:
    """What came in since, by topic, every line cited."""
    form = "json" if wants_json(json) else format
    if form not in (*FORMATS, "json"):
        raise typer.BadParameter(f"unknown format '{format}': use md, html, json or rss")
    with state.library(home, demo=demo) as library:
        wanted = state.filters(library, since=since, until=until, topic=topic)
        made = library.digest(
            wanted["since"],
            wanted.get("until"),
            topics=wanted.get("topics", ()),
            language=language or library.settings.schedule.digest_language,
        )
        state.name_sample(library, made.language)
        place = f"digest of {made.until:%Y-%m-%d}" + (f" in {out_file}" if out_file else "")
        library.remember_citations(place, [c for s in made.sections for c in s.citations])
    text = (
        json_module.dumps(plain(made), ensure_ascii=False, indent=2) + "\n" if form == "json" else FORMATS[form](made)
    )
    if out_file is None:
        typer.echo(state.clean(text), nl=False)
        return
    try:
        out_file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise vigie.VigieError(f"{out_file}: {error.strerror}; choose another --out") from error
