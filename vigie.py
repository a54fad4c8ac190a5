"""Vigie's composition root and public Python API.

    import vigie
    with vigie.open_library(home) as library:
        library.crawl()
        answer = library.ask("Combien de postes Amazon supprime-t-il ?")

Only ``vigie_settings`` reads configuration files and the environment, and only this module joins the packages:
everything below receives frozen values. Heavy parts (Chroma, the embedder, LangChain) are opened when first needed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from corpus.embedding import embedder_key
from corpus.errors import EmbedderMismatch, LibraryUnwritable
from corpus.health import library_stats, problems
from corpus.lock import WriterLock
from corpus.models import Article, LibraryStats, Revision, StageState, StaleCitation
from corpus.models import article_id as id_of_url
from corpus.store import open_store
from ingest.models import CrawlOutcome, CrawlReport, CrawlSettings
from rag.models import Answer, AnswerEvent, Citation, Digest, Filters, Passage, SearchResult
from vigie_feeds import Subscriptions
from vigie_settings import (
    ChatSettings,
    ScheduleSettings,
    Settings,
    SettingsError,
    VigieError,
    default_home,
    demo_home,
    load_settings,
)

if TYPE_CHECKING:
    from corpus.embedding import Embedder
    from corpus.indexer import Indexer, IndexReport, Readers
    from rag.answer import Answerer
    from rag.known_names import KnownNames
    from rag.retrieve import Retriever

__all__ = [
    "ChatSettings",
    "Library",
    "ScheduleSettings",
    "Settings",
    "SettingsError",
    "VigieError",
    "default_home",
    "demo_home",
    "load_settings",
    "open_demo",
    "open_embedder",
    "open_library",
]
__version__ = "0.1.0"
SAMPLE_FILE = "sample.json"


class Library(Subscriptions):
    """An open library.

    Reading takes no lock and follows what other processes write. ``crawl``, ``add``, ``reindex`` and the changes of
    subscriptions take the writer's lock while they run. Filters are keyword arguments: ``since, until`` (aware),
    ``sources, languages, topics`` (sequences of names), ``as_of`` (aware).
    """

    def __init__(self, home: Path, settings: Settings, *, clock: Callable[[], datetime] | None = None) -> None:
        self.home = home
        self.settings = settings
        self._clock = clock or (lambda: datetime.now(UTC))
        self._sample_note = _read_note(home / SAMPLE_FILE)
        self._store = open_store(home / "vigie.sqlite")
        self._opened: list[Callable[[], None]] = [self._store.close]

    # -- facts -------------------------------------------------------------------------------------------------------

    @property
    def sample(self) -> bool:
        """Whether this is the sample library, written for Vigie."""
        return bool(self._sample_note)

    def now(self) -> datetime:
        """The moment that questions and periods count from: the clock's, or the sample's own."""
        note = self._sample_note.get("now")
        return datetime.fromisoformat(note) if note else self._clock()

    @cached_property
    def embedder(self) -> Embedder:
        """The configured embedder, opened on first use."""
        return open_embedder(self.settings)

    def articles(self, *, limit: int | None = None, **filters: Any) -> list[Article]:
        """Articles without their text, newest first."""
        chosen = _filters(filters)
        return self._store.find(
            since=chosen.since,
            until=chosen.until,
            sources=chosen.sources,
            languages=chosen.languages,
            topics=chosen.topics,
            as_of=chosen.as_of,
            limit=limit,
        )

    def article(self, article_id: str, *, as_of: datetime | None = None) -> Article | None:
        """One article with its text, by id or URL."""
        return self._store.get(article_id, as_of=as_of) or self._store.get(id_of_url(article_id), as_of=as_of)

    def revisions(self, article_id: str) -> list[Revision]:
        """Every state of the article that was read, the first first."""
        return self._store.revisions(article_id)

    def sources(self) -> list[str]:
        """The names of all sources."""
        return self._store.sources()

    def stats(self) -> LibraryStats:
        """What the library holds, and how far the derived stores have come."""
        return library_stats(
            self._store,
            self._stages(),
            home=str(self.home),
            sample=self.sample,
            now=self.now(),
            embedder=self.settings.embedding.model,
        )

    def fingerprint(self) -> str:
        """SHA-256 over the articles as they now stand: two libraries of the same text have the same."""
        return self._store.fingerprint()

    # -- questions ---------------------------------------------------------------------------------------------------

    def search(self, text: str, *, top: int = 10, **filters: Any) -> list[Passage]:
        """The best ``top`` passages for a question, best first."""
        return list(self.search_result(text, top=top, **filters).passages)

    def search_result(self, text: str, *, top: int = 10, **filters: Any) -> SearchResult:
        """The same with the question as it was read, timings, and every passage's way through the stages."""
        from rag.question import read_question

        question = read_question(text, self.now(), self.sources(), known=self._known_names())
        return self.retriever.search(question, _filters(filters), top, self.now())

    def ask(
        self, text: str, *, engine: str = "", history: Sequence[str] = (), best_guess: bool = False, **filters: Any
    ) -> Answer:
        """A cited answer, or a refusal with the nearest articles.

        ``history`` holds the conversation's earlier questions; ``best_guess`` answers where Vigie would decline.
        """
        events = self.ask_stream(text, engine=engine, history=history, best_guess=best_guess, **filters)
        return next(event.answer for event in events if event.answer is not None)

    def ask_stream(
        self, text: str, *, engine: str = "", history: Sequence[str] = (), best_guess: bool = False, **filters: Any
    ) -> Iterator[AnswerEvent]:
        """The same as it comes about; the last event carries the whole answer."""
        return self._answerer.stream(
            text,
            _filters(filters),
            engine=engine or self.settings.answers.engine,
            history=history,
            best_guess=best_guess,
            now=self.now(),
        )

    def digest(
        self, since: datetime, until: datetime | None = None, *, topics: Sequence[str] = (), language: str = "fr"
    ) -> Digest:
        """What came in between two moments (by first seen), by topic, every line cited."""
        from rag.digest import make_digest

        found = self._store.find(seen_since=since, seen_until=until, topics=topics, with_text=True)
        return make_digest(found, since=since, until=until or self.now(), topics=topics, language=language)

    def remember_citations(self, place: str, citations: Iterable[Citation]) -> None:
        """Note what an answer or digest cites, for ``stale_citations``; not in the sample or where no writes are taken."""
        parts = [(c.passage.chunk_id.split(":"), c.quote) for c in citations if c.passage.chunk_id.count(":")]
        if parts and not self.sample:
            with suppress(LibraryUnwritable):
                self._store.record_citations(place, {(p[0], int(p[1]), q) for p, q in parts}, at=self._clock())

    def stale_citations(self) -> list[StaleCitation]:
        """What was cited in a revision that is no longer the current one, the newest first."""
        return self._store.stale_citations()

    def closeness(self, text: str, names: Sequence[str] = ()) -> Callable[[Sequence[Any]], Any]:
        """How near sentences are to a question with these names: (passage, start, end) places -> ``rag.closeness.Closeness``."""
        return self.retriever.closeness(text, names)

    def warm_up(self) -> None:
        """Open what a first question needs, so that it is answered at once."""
        self.search_result("Amazon", top=1)

    # -- writing -----------------------------------------------------------------------------------------------------

    def crawl(
        self,
        opml: Path | str | None = None,
        *,
        recheck: bool = False,
        due_only: bool = False,
        on_event: Callable[[CrawlOutcome], None] | None = None,
        on_index: Callable[[int], None] | None = None,
        settings: CrawlSettings | None = None,
    ) -> CrawlReport:
        """Ask every subscribed feed (or those of an OPML file) and keep and index what is new.

        ``on_event`` is told each outcome, ``on_index`` how many articles wait to be indexed; both from other threads. Raises LibraryBusy when another process writes. A failing feed or page is counted and named, never raised.
        """
        from ingest.crawl import crawl

        with self._writing("crawl") as writing:
            feeds = self._feeds_to_ask(opml)
            with writing.following(on_index):
                return crawl(
                    self._store,
                    feeds,
                    settings or self.crawl_settings,
                    clock=self._clock,
                    recheck=recheck,
                    due_only=due_only,
                    on_event=on_event,
                )

    def add(self, articles: Iterable[Article]) -> int:
        """Keep and index articles that did not come by a feed; how many were new or changed."""
        from corpus.enrich.language import detect
        from corpus.enrich.topics import score

        changed = 0
        with self._writing("add") as writing:
            for article in articles:
                language = article.language or detect(f"{article.title}. {article.text}")
                topics = article.topics or score(article.title, article.text)
                kept = replace(article, language=language, topics=topics)
                changed += self._store.put(kept, seen=self._clock()).kind != "unchanged"
            writing.catch_up()
        return changed

    def reindex(self, progress: Callable[[int, int], None] | None = None) -> IndexReport:
        """Score topics anew, then rebuild vectors, terms and columns with the configured embedder; ``progress`` is told
        (changes done, in all)."""
        from corpus.enrich.relabel import relabel

        with self._writing("reindex", afresh=True) as writing:
            relabel(self._store, seen=self._clock())
            return writing.catch_up(progress)

    def doctor(self) -> list[str]:
        """What is wrong with the library and what to do about it, one line each; empty when all is well."""
        from corpus.served import server_problems

        found = problems(self._store, self._stages()) + self._embedder_problems()
        return found + server_problems(self.settings.vectors, self.embedder, self._readers.columns)

    # -- within ------------------------------------------------------------------------------------------------------

    @property
    def crawl_settings(self) -> CrawlSettings:
        """The settings of a crawl, with the hosts that the reader allows."""
        crawl = self.settings.crawl
        return replace(crawl, allow_hosts=(*crawl.allow_hosts, *self.settings.allow_hosts))

    @cached_property
    def _readers(self) -> Readers:
        from corpus.indexer import open_readers

        readers = open_readers(self.home)
        self._opened.append(readers.close)
        return readers

    @cached_property
    def retriever(self) -> Retriever:
        """The search itself, for measuring and tuning it."""
        from corpus.served import open_searcher
        from rag.retrieve import Retriever

        if mismatch := self._embedder_problems():
            raise VigieError(mismatch[0])
        dense = open_searcher(self.settings.vectors, self.embedder, self._readers.columns)
        self._opened.append(dense.close)
        return Retriever(self._store, self._readers, self.embedder, self.settings.search, searcher=dense)

    @cached_property
    def _known_names(self) -> KnownNames:
        from rag.known_names import KnownNames

        return KnownNames(self._store)

    @cached_property
    def _answerer(self) -> Answerer:
        from rag.answer import Answerer

        return Answerer(self.retriever, self._store, self.settings.answers, self._known_names)

    def _follow_embedder(self) -> None:
        """Index the sample anew after a release with other weights; a reader's library waits for ``vigie reindex``."""
        if self._embedder_problems():
            self.reindex()

    def _embedder_problems(self) -> list[str]:
        indexed, configured = self._store.get_meta("embedder"), embedder_key(self.embedder)
        return [str(EmbedderMismatch(indexed, configured))] if indexed and indexed != configured else []

    def _stages(self) -> list[StageState]:
        return self._readers.stages(self._store.sequence())

    def _lock(self, purpose: str) -> WriterLock:
        return WriterLock(self.home, purpose=purpose, wait=2.0)

    @contextmanager
    def _writing(self, purpose: str, *, afresh: bool = False) -> Iterator[Indexer]:
        """The writer's lock, and an indexer that has caught up with what an earlier process left."""
        from corpus.indexer import open_indexer

        with (
            self._lock(purpose),
            open_indexer(self.home, self._store, self.embedder, self.settings.vectors, afresh=afresh) as indexer,
        ):
            yield indexer

    def close(self) -> None:
        """Give files and connections back."""
        while self._opened:
            self._opened.pop()()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_library(home: Path | str | None = None, settings: Settings | None = None) -> Library:
    """The library in a folder, made on first use; the reader's own when none is named."""
    folder = Path(home).expanduser() if home else default_home()
    return Library(folder, settings or load_settings(folder))


def open_demo(on_event: Callable[[CrawlOutcome], None] | None = None, settings: Settings | None = None) -> Library:
    """The sample library; on first use the bundled newsroom is crawled into it over loopback HTTP."""
    from corpus.sample.server import sample_version, serve_newsroom

    folder = demo_home()
    note = _read_note(folder / SAMPLE_FILE)
    chosen = settings or load_settings(folder)
    if note.get("version") == sample_version():
        library = Library(folder, chosen)
        library._follow_embedder()
        return library
    folder.mkdir(parents=True, exist_ok=True)
    with serve_newsroom() as newsroom, Library(folder, chosen) as library:
        library._follow_embedder()
        crawl = replace(library.crawl_settings, connect_to=newsroom.connect_to, delay=0.0, seen_as_published=True)
        opml = folder / "newsroom.opml"
        opml.write_bytes(newsroom.opml())
        library.crawl(opml, on_event=on_event, settings=crawl, recheck=True)
        if note:  # An earlier release made it, and its labels.
            library.reindex()
        # Written last: a start that was cut off is made good by the next one.
        made = {"version": newsroom.version, "now": newsroom.now.isoformat()}
        (folder / SAMPLE_FILE).write_text(json.dumps(made), encoding="utf-8")
    return Library(folder, chosen)


def open_embedder(settings: Settings | None = None) -> Embedder:
    """The configured embedder: ``.embed_documents(texts)``, ``.embed_queries(texts)`` -> (n, d) float32, unit rows."""
    from corpus.embedding.factory import open_embedder as open_configured

    return open_configured((settings or Settings()).embedding)


def _filters(named: Mapping[str, Any]) -> Filters:
    values: dict[str, Any] = {k: v if isinstance(v, datetime | None) else tuple(v) for k, v in named.items()}
    return Filters(**values)


def _read_note(path: Path) -> Mapping[str, str]:
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}
