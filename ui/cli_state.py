"""What every command shares: which library, JSON or not, errors in one line, progress."""

from __future__ import annotations

import difflib
import functools
import logging
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NoReturn, ParamSpec, TypeVar

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.segment import Segment

import vigie
from corpus.analysis import fold_accents
from corpus.errors import CorpusError
from ingest.errors import IngestError
from ingest.models import CrawlOutcome
from rag.errors import RagError, UnknownEngine
from ui.json_form import to_json
from ui.moments import read_moment

P = ParamSpec("P")
R = TypeVar("R")

# What a terminal would obey, or would show in another order than it stands: C0 but tab and line feed, DEL, C1, directions.
_OBEYED = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160), *range(8234, 8239), *range(8294, 8298)))


def clean(text: str) -> str:
    """Text without characters that a terminal obeys."""
    return text.translate(_OBEYED)


class SafeConsole(Console):
    """A console on which nothing that came from elsewhere is obeyed: titles, sources, addresses, errors that quote them."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments without control characters; rich's own styles are added to them later."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(clean(segment.text), segment.style)


out = SafeConsole(highlight=False, soft_wrap=True)
err = SafeConsole(stderr=True, highlight=False, soft_wrap=True)

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="The library's folder (or VIGIE_HOME).", show_default=False)
]
DemoOption = Annotated[bool, typer.Option("--demo", help="Use the sample library.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
SinceOption = Annotated[str | None, typer.Option("--since", help="From: 7d, 2026-01-31, hier ...")]
UntilOption = Annotated[str | None, typer.Option("--until", help="Before: 7d, 2026-01-31 ...")]
SourceOption = Annotated[list[str] | None, typer.Option("--source", help="Only this source (repeatable).")]
LanguageOption = Annotated[
    list[str] | None, typer.Option("--language", help="Only articles in this language: fr, en (repeatable).")
]
TopicOption = Annotated[list[str] | None, typer.Option("--topic", help="layoffs, automation, skills (repeatable).")]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="Answer from what was known then, by the end of that day or period.")
]


@dataclass(slots=True)
class Chosen:
    """The options given before the command."""

    home: Path | None = None
    demo: bool = False
    json: bool = False


chosen = Chosen()


def fail(message: str, code: int = 1) -> NoReturn:
    """One line on standard error, and the exit code."""
    err.print(f"vigie: {message}", markup=False)
    raise typer.Exit(code)


def one_line_errors(command: Callable[P, R]) -> Callable[P, R]:
    """What the reader can mend ends in one line and exit code 1; everything else stays loud."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except UnknownEngine as error:
            raise typer.BadParameter(str(error)) from error
        except (vigie.VigieError, CorpusError, IngestError, RagError) as error:
            fail(str(error))
        except (PermissionError, FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            fail(f"{error.filename}: {error.strerror}; check the path and its rights")
        except OSError as error:
            if error.errno in (27, 28, 30, 122):  # EFBIG, ENOSPC, EROFS, EDQUOT
                fail(f"{error.filename or 'disk'}: {error.strerror}; free some space or choose another --home")
            raise

    return run


@contextmanager
def library(home: Path | None = None, *, demo: bool = False) -> Iterator[vigie.Library]:
    """The library that the options name; the sample is made on first use."""
    if demo or chosen.demo:
        with crawl_progress("Sample newsroom") as told:
            opened = vigie.open_demo(told)
    else:
        opened = vigie.open_library(home or chosen.home)
    try:
        yield opened
    finally:
        opened.close()


def filters(
    opened: vigie.Library,
    *,
    since: str | None = None,
    until: str | None = None,
    source: Sequence[str] | None = None,
    language: Sequence[str] | None = None,
    topic: Sequence[str] | None = None,
    as_of: str | None = None,
) -> dict[str, Any]:
    """The filters of the library's methods from the options. A wrong one is wrong usage (exit code 2)."""
    unknown = [t for t in topic or () if t not in ("layoffs", "automation", "skills")]
    if unknown:
        raise typer.BadParameter(f"unknown topic '{unknown[0]}': use layoffs, automation or skills")
    foreign = [one for one in language or () if one not in ("fr", "en")]
    if foreign:
        raise typer.BadParameter(f"unknown language '{foreign[0]}': use fr or en")
    if source:
        held = opened.sources()
        strange = [one for one in source if fold_accents(one.lower()) not in {fold_accents(h.lower()) for h in held}]
        if strange and held:
            near = difflib.get_close_matches(strange[0], held, n=3, cutoff=0.4)
            known = f"; near it: {', '.join(near)}" if near else "; 'vigie stats' lists them"
            raise typer.BadParameter(f"no articles of a source '{strange[0]}'{known}")
    try:
        moments = {
            k: read_moment(v, opened.now(), end=k == "as_of")
            for k, v in (("since", since), ("until", until), ("as_of", as_of))
            if v
        }
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(str(error)) from error
    if "since" in moments and "until" in moments and moments["since"] >= moments["until"]:
        raise typer.BadParameter("--since is not before --until: exchange them, or leave one out")
    named = {"sources": tuple(source or ()), "languages": tuple(language or ()), "topics": tuple(topic or ())}
    return {**moments, **{k: v for k, v in named.items() if v}}


class CrawlProgress:
    """What a crawl has settled, stage by stage: feeds asked, entries by what became of them, articles not indexed yet."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show, self._guard = show, threading.Lock()
        self._counts: dict[str, int] = {}
        self._left = 0

    def __call__(self, outcome: CrawlOutcome) -> None:
        """Count an outcome; from any thread."""
        key = outcome.kind if outcome.entry else "feeds"
        with self._guard:
            self._counts[key] = self._counts.get(key, 0) + 1
            self._tell()

    def indexing(self, left: int) -> None:
        """So many articles wait to be indexed."""
        with self._guard:
            self._left = left
            self._tell()

    def _tell(self) -> None:
        parts = [f"{n} {name}" for name, n in self._counts.items()] + [f"{self._left} to index"] * (self._left > 0)
        self._show(", ".join(parts))


@contextmanager
def crawl_progress(what: str) -> Iterator[CrawlProgress]:
    """A live count of what a crawl settles and indexes, on standard error."""
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.fields[counts]}"), TimeElapsedColumn(),
        console=err, transient=True, disable=not sys.stderr.isatty(),
    ) as progress:  # fmt: skip
        task = progress.add_task(what, total=None, counts="")
        yield CrawlProgress(lambda text: progress.update(task, counts=text))


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that is told (done, total), on standard error."""
    with Progress(
        TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=err, transient=True,
        disable=not sys.stderr.isatty(),
    ) as progress:  # fmt: skip
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def print_json(value: Any) -> None:
    """JSON alone on standard output."""
    sys.stdout.write(to_json(value) + "\n")


def wants_json(here: bool) -> bool:
    """Whether --json stands before or after the command."""
    return here or chosen.json


_SAMPLE = {
    "fr": "Bibliothèque d'exemple, écrite pour Vigie ; sa date est le {date:%Y-%m-%d}.",
    "en": "Sample library, written for Vigie; its date is {date:%Y-%m-%d}.",
}


def name_sample(opened: vigie.Library, language: str = "en") -> None:
    """Say that answers come from the sample, in the language of what is answered."""
    if opened.sample:
        err.print(f"[dim]{_SAMPLE.get(language, _SAMPLE['en']).format(date=opened.now())}[/dim]")


def _cleaned(record: logging.LogRecord) -> bool:
    record.msg, record.args = clean(record.getMessage()), None
    return True


def set_up_logging(verbose: bool) -> None:
    """Warnings on standard error, more with --verbose."""
    level = logging.DEBUG if verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    for handler in logging.getLogger().handlers:
        handler.addFilter(_cleaned)
    for noisy in ("httpx", "httpcore", "chromadb", "apscheduler"):
        logging.getLogger(noisy).setLevel(logging.WARNING if verbose else logging.ERROR)
