"""The subscriptions of a library: what ``vigie feeds`` and a crawl work on. A part of ``vigie.Library``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from corpus.lock import WriterLock
from corpus.models import FeedState
from corpus.store import Store
from ingest.models import CrawlSettings, Feed, FoundFeed
from vigie_settings import VigieError


class Subscriptions:
    """The methods of a library that concern its feeds; changes take the writer's lock."""

    _store: Store
    _clock: Callable[[], datetime]

    @property
    def crawl_settings(self) -> CrawlSettings:
        """The settings of a crawl, with the hosts that the reader allows."""
        raise AssertionError("unreachable: a library has its own")

    def _lock(self, purpose: str) -> WriterLock:
        raise AssertionError(f"unreachable: a library has its own ({purpose})")

    def subscribe(self, feed: Feed) -> None:
        """Add a feed to the subscriptions, or change its title and folder."""
        with self._lock("subscribe"):
            known = {state.url: state for state in self._store.feeds()}.get(feed.url, FeedState(feed.url))
            self._store.put_feed(
                replace(
                    known,
                    title=feed.title or known.title,
                    folder=feed.folder or known.folder,
                    site_url=feed.site_url or known.site_url,
                    ended="",
                )
            )

    def find_feed(self, url: str) -> FoundFeed:
        """The feed behind the address of a feed, a page or a site, asked for now. Raises NotAFeed where there is none."""
        from ingest.find_feed import find_feed

        return find_feed(url, self.crawl_settings)

    def unsubscribe(self, url: str) -> bool:
        """End a subscription; its articles stay. False when there was none."""
        with self._lock("unsubscribe"):
            return self._store.remove_feed(url)

    def feeds(self) -> list[FeedState]:
        """The subscriptions and how they fare, with the share of their articles that came with all their text."""
        return self._with_shares(self._store.feeds())

    def _with_shares(self, states: list[FeedState]) -> list[FeedState]:
        shares = self._store.full_shares()
        return [replace(state, full_share=shares.get(state.url, 0.0)) for state in states]

    def import_opml(self, path: Path | str) -> int:
        """Subscribe to every feed of an OPML file; how many there are."""
        feeds = read_opml_file(Path(path))
        for feed in feeds:
            self.subscribe(feed)
        return len(feeds)

    def export_opml(self) -> bytes:
        """The subscriptions as OPML."""
        from ingest.subscriptions import write_opml

        return write_opml([Feed(s.url, s.title, s.folder, s.site_url) for s in self._store.feeds()])

    def check_feeds(self) -> list[FeedState]:
        """Ask every feed whether it answers, without keeping its entries; the states as they now are."""
        from ingest.check import check_feeds

        with self._lock("feeds check"):
            found = check_feeds(self._store, self._feeds_to_ask(None), self.crawl_settings, clock=self._clock)
        return self._with_shares(found)

    def _feeds_to_ask(self, opml: Path | str | None) -> list[Feed]:
        """Those of the OPML file, which become subscriptions; else the reader's; else the list that Vigie ships."""
        from ingest.subscriptions import default_feeds

        states = {state.url: state for state in self._store.feeds()}
        feeds = [Feed(s.url, s.title, s.folder, s.site_url) for s in states.values() if not s.ended]
        if opml is not None:
            feeds = read_opml_file(Path(opml))
        elif not states:
            feeds = default_feeds()
        for feed in feeds:
            if feed.url not in states:
                self._store.put_feed(FeedState(feed.url, feed.title, feed.folder, feed.site_url))
        return feeds


def read_opml_file(path: Path) -> list[Feed]:
    """The feeds of an OPML file. Raises VigieError when it cannot be read, NotOpml when it is none."""
    from ingest.subscriptions import read_opml

    try:
        content = path.read_bytes()
    except OSError as error:
        raise VigieError(f"{path}: {error.strerror or error}; name a readable OPML file") from error
    return read_opml(content)
