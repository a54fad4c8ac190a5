"""``vigie feeds``: the subscriptions."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ingest.models import Feed, FoundFeed
from ingest.urls import canonical_url
from ui import cli_state as state
from ui.cli_state import DemoOption, HomeOption, JsonOption, err, one_line_errors, out, print_json, wants_json
from ui.printing import print_feeds

feeds_app = typer.Typer(no_args_is_help=True, help="The subscriptions.", rich_markup_mode=None)


@feeds_app.callback()
def of_library(demo: DemoOption = False, home: HomeOption = None) -> None:
    """The subscriptions."""
    state.chosen.demo = demo or state.chosen.demo
    state.chosen.home = home or state.chosen.home


@feeds_app.command("add")
@one_line_errors
def add(
    url: Annotated[str, typer.Argument(help="The address of a feed, or of a page or site that has one.")],
    title: Annotated[str, typer.Option("--title")] = "",
    folder: Annotated[str, typer.Option("--folder")] = "",
    unchecked: Annotated[bool, typer.Option("--unchecked", help="Subscribe without asking the address.")] = False,
    home: HomeOption = None,
) -> None:
    """Subscribe to a feed, or to the feed or news sitemap that a page leads to."""
    address = canonical_url(url)
    if not address:
        raise typer.BadParameter(f"'{url}' is no web address: give one that begins with https://")
    with state.library(home) as library:
        found = FoundFeed(Feed(address)) if unchecked else library.find_feed(address)
        library.subscribe(replace(found.feed, title=title or found.feed.title, folder=folder))
    how = f" ({found.how})" if found.how else ""
    out.print(f"Subscribed to {found.feed.url}{how}.", markup=False)
    if found.problem:
        err.print(f"It could not be asked now: {found.problem}. The next crawl will.", markup=False)
    for other in found.others:
        err.print(f"The page announces another one: {other}", markup=False)


@feeds_app.command("remove")
@one_line_errors
def remove(url: Annotated[str, typer.Argument(help="The feed's address.")], home: HomeOption = None) -> None:
    """End a subscription; its articles stay."""
    with state.library(home) as library:
        known = library.unsubscribe(url) or library.unsubscribe(canonical_url(url))
    if not known:
        state.fail(f"no subscription to {url}; 'vigie feeds list' shows them")
    out.print(f"No longer subscribed to {url}.", markup=False)


@feeds_app.command("list")
@one_line_errors
def list_feeds(home: HomeOption = None, demo: DemoOption = False, json: JsonOption = False) -> None:
    """The subscriptions and how they fare."""
    with state.library(home, demo=demo) as library:
        found = library.feeds()
    print_json({"feeds": found}) if wants_json(json) else print_feeds(found)


@feeds_app.command("import")
@one_line_errors
def import_opml(path: Annotated[Path, typer.Argument(help="An OPML file.")], home: HomeOption = None) -> None:
    """Subscribe to every feed of an OPML file."""
    with state.library(home) as library:
        count = library.import_opml(path)
    out.print(f"{count} feed{'s' if count != 1 else ''} imported.")


@feeds_app.command("export")
@one_line_errors
def export_opml(
    path: Annotated[
        Path | None, typer.Argument(help="Where to write; standard output when left out.", show_default=False)
    ] = None,
    home: HomeOption = None,
    demo: DemoOption = False,
) -> None:
    """The subscriptions as OPML."""
    with state.library(home, demo=demo) as library:
        content = library.export_opml()
    if path is None:
        sys.stdout.write(content.decode("utf-8") + "\n")
    else:
        path.write_bytes(content)


@feeds_app.command("check")
@one_line_errors
def check(home: HomeOption = None, json: JsonOption = False) -> None:
    """Ask every feed whether it answers."""
    with state.library(home) as library, state.bar("Checking"):
        found = library.check_feeds()
    print_json({"feeds": found}) if wants_json(json) else print_feeds(found)
    if any(feed.error for feed in found):
        raise typer.Exit(1)
