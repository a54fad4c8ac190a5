"""The crawl: feeds, then the pages that their entries name; every article and page is settled in one transaction.

Loss is the one thing that must not happen. A feed's validators are kept only after all its entries are settled, since a
crawl that died between would be told "304, nothing new" ever after; a page that could not be had is remembered with
its entry and asked again, whether its feed still names it or not.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from corpus.enrich.duplicates import signature
from corpus.models import FeedState, PageState
from corpus.store import Store
from ingest.assemble import article_of, entry_of, entry_to_json, with_what_was_known
from ingest.check import ask_feed
from ingest.decide import (
    ahead,
    entries_per_week,
    entry_needs_page,
    feed_after_failure,
    feed_is_due,
    freshened,
    freshness,
    next_feed_check,
    next_page_check,
    page_after_failure,
)
from ingest.errors import NotAFeed
from ingest.extract import ExtractedPage, extract_page, no_access
from ingest.feeds import read_feed
from ingest.fetch import Fetcher, user_agent
from ingest.grouping import group_copies
from ingest.models import (
    CrawlOutcome,
    CrawlReport,
    CrawlSettings,
    Feed,
    FeedEntry,
    FetchedPage,
    FetchProblem,
    OutcomeKind,
)
from ingest.queues import HostQueues
from ingest.robots_memory import StoredRobots
from ingest.subscriptions import discover
from ingest.tally import Tally
from ingest.urls import host_key

PAGE_TYPES = "text/html, application/xhtml+xml;q=0.9, text/plain;q=0.5"
OVER = "the run's time is over"
NO_ACCESS = (401, 402, 403, 451)
"""Answers by which a server shows a wall instead of a page: what the feed carries is kept, and nothing tried."""
READABLE = ("text/", "application/xhtml", "application/xml")


def crawl(
    store: Store,
    feeds: Sequence[Feed],
    settings: CrawlSettings,
    *,
    clock: Callable[[], datetime],
    recheck: bool = False,
    due_only: bool = False,
    on_event: Callable[[CrawlOutcome], None] | None = None,
) -> CrawlReport:
    """Ask every feed (with ``due_only`` those that are due) and keep what is new; known pages too with ``recheck``.

    ``on_event`` is told each outcome as it is settled, from any thread. Failures of feeds and pages are outcomes; only a
    library that cannot be written is raised.
    """
    started = time.monotonic()
    run = _Run(store, settings, clock, recheck=recheck, due_only=due_only, on_event=on_event)
    try:
        run.start(feeds)
        run.queues.run()
        run.group_copies()
    finally:
        run.fetcher.close()
    return run.tally.report(time.monotonic() - started)


@dataclass(slots=True)
class _Pending:
    """A feed whose entries are not all settled yet."""

    state: FeedState
    left: int
    complete: bool = True


class _Run:
    """One crawl's state. Methods run in the workers' threads; ``_guard`` keeps the counts."""

    def __init__(
        self,
        store: Store,
        settings: CrawlSettings,
        clock: Callable[[], datetime],
        *,
        recheck: bool,
        due_only: bool,
        on_event: Callable[[CrawlOutcome], None] | None,
    ) -> None:
        self.store, self.settings, self.clock = store, settings, clock
        self.recheck, self.due_only = recheck, due_only
        self.fetcher = Fetcher(settings, agent=user_agent(settings.contact), memory=StoredRobots(store, clock))
        self.queues = HostQueues(settings.parallel_hosts)
        self._on_event = on_event
        self._guard = threading.Lock()
        self._feeds: set[str] = set()
        self._taken: set[str] = set()
        self._titles: dict[str, str] = {}
        self._changed: dict[str, OutcomeKind] = {}
        self.tally = Tally()
        self._rng = random.Random()  # noqa: S311 - jitter
        self._deadline = time.monotonic() + settings.run_seconds if settings.run_seconds else float("inf")

    def start(self, feeds: Sequence[Feed]) -> None:
        """Queue every feed that is to be asked, and the pages that failed before or are due for another look."""
        now, states = self.clock(), {state.url: state for state in self.store.feeds()}
        self._titles = {url: state.title for url, state in states.items()}
        self._feeds = {feed.url for feed in feeds}
        for feed in feeds:
            state = states.get(feed.url, FeedState(feed.url, feed.title, feed.folder, feed.site_url))
            if feed_is_due(state, now, due_only=self.due_only):
                self.queues.add(host_key(feed.url), partial(self._ask_feed, state))
            else:
                reason = state.ended or f"asked again after {state.retry_after or state.next_check}"
                if not state.ended and not self.due_only:
                    self.tally.feed("waiting")
                self._tell(CrawlOutcome(feed.url, feed.url, "skipped", reason, entry=False))
        for page in self.store.pages() if self.recheck else self.store.pages_due(now):
            if page.outcome == "failed":
                if page.next_check is None or ahead(page.next_check, now) or not page.entry:
                    continue
            elif not (self.recheck or self.due_only):
                continue
            self._take(entry_of(page), page.feed_url, None, late=page.failures > 0)

    # -- feeds -------------------------------------------------------------------------------------------------------

    def _ask_feed(self, state: FeedState) -> None:
        if self._over():
            self._tell(CrawlOutcome(state.url, state.url, "skipped", OVER, entry=False))
            return
        fetched = ask_feed(self.fetcher, state, self.settings, conditional=True)
        now = self.clock()
        if isinstance(fetched, FetchProblem) and not fetched.asked:
            if fetched.retry_after:
                wait = now + timedelta(seconds=fetched.retry_after)
                self.store.put_feed(replace(state, retry_after=wait, next_check=wait))
            self.tally.feed("waiting")
            self._tell(CrawlOutcome(state.url, state.url, "skipped", fetched.reason, entry=False))
            return
        if isinstance(fetched, FetchProblem):
            self._feed_failed(state, fetched.reason, fetched)
            return
        if fetched.status == 304:
            moved = self._moved(state, fetched)
            if moved is None:
                return
            done = replace(freshened(moved, fetched), last_checked=now, last_success=now, failures=0, error="")
            self.store.put_feed(self._scheduled(replace(done, retry_after=None), fetched, now))
            self.tally.feed("unchanged")
            self._tell(CrawlOutcome(state.url, state.url, "unchanged", entry=False))
            return
        try:
            read = read_feed(
                fetched.content,
                fetched.url,
                content_type=fetched.headers.get("content-type", ""),
                most=self.settings.max_entries_per_feed,
            )
        except NotAFeed as error:
            announced = discover(fetched.content, fetched.url)
            hint = f"; this page's feed is {announced}" if announced else ""
            self._feed_failed(state, f"{error}{hint}", None)
            return
        moved = self._moved(state, fetched)
        if moved is None:
            return
        state = moved
        rate = entries_per_week([e.published for e in read.entries if e.published], now)
        done = replace(
            state,
            title=state.title or read.title,
            site_url=state.site_url or read.site_url,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
            last_checked=now,
            last_success=now,
            failures=0,
            error="",
            retry_after=None,
            ttl_seconds=read.ttl_seconds,
            entries_per_week=rate,
        )
        done = self._scheduled(done, fetched, now)
        self._titles[done.url] = done.title
        self.tally.feed("checked")
        self._tell(CrawlOutcome(state.url, state.url, "updated", entry=False))
        for reason, count in read.skipped.items():
            self.tally.skip(reason, count)
        self._queue_entries(done, read.entries, read.language)

    def _scheduled(self, state: FeedState, fetched: FetchedPage, now: datetime) -> FeedState:
        unsaid = state.max_age_seconds if fetched.status == 304 else 0
        fresh = freshness(fetched.headers, unsaid)
        due = next_feed_check(state, now, ttl_seconds=state.ttl_seconds, max_age=fresh, rng=self._rng)
        return replace(state, next_check=due, max_age_seconds=fresh)

    def _moved(self, state: FeedState, fetched: FetchedPage) -> FeedState | None:
        """The subscription at its new address where it has moved for good; None where there is one to that address already,
        into which it goes up, and which this run asks by itself."""
        new = fetched.moved_to
        if not new or new == state.url:
            return state
        other = {known.url: known for known in self.store.feeds()}.get(new)
        moved = other or replace(state, url=new)
        self.store.rename_feed(state.url, moved)
        self._titles[new] = moved.title
        followed = (
            "to which there is a subscription already; they are one now" if other else "the subscription followed"
        )
        self.tally.note(f"{state.url} has moved for good to {new}; {followed}")
        with self._guard:
            by_itself = new in self._feeds
            self._feeds.add(new)
        if other is None or not by_itself:
            return moved
        self.tally.feed("checked")
        self._tell(CrawlOutcome(state.url, state.url, "duplicate", new, entry=False))
        return None

    def _over(self) -> bool:
        return time.monotonic() > self._deadline

    def _queue_entries(self, state: FeedState, entries: Sequence[FeedEntry], language: str) -> None:
        pending = _Pending(state, left=1)
        for entry in entries:
            self._take(replace(entry, language=entry.language or language), state.url, pending)
        self._settled(pending)

    def _feed_failed(self, state: FeedState, reason: str, problem: FetchProblem | None) -> None:
        failed = feed_after_failure(state, reason, problem, self.clock(), self._rng)
        self.store.put_feed(failed)
        self.tally.feed("failed")
        note = f"{reason}; its publisher has ended it, and it is no longer asked" if failed.ended else reason
        self.tally.note(note if state.url in reason else f"{state.url}: {note}")
        self._tell(CrawlOutcome(state.url, state.url, "failed", reason, entry=False))

    # -- entries -----------------------------------------------------------------------------------------------------

    def _take(self, entry: FeedEntry, feed_url: str, pending: _Pending | None, *, late: bool = False) -> None:
        """Queue an entry's page, unless it is known, or taken already for another feed; a ``late`` one behind what the feeds
        of its host bring, which must not go without for those that failed before."""
        page = self.store.page(entry.url)
        with self._guard:
            if entry.url in self._taken:
                return
            self._taken.add(entry.url)
        if pending is not None and not entry_needs_page(entry, page, self.clock(), recheck=self.recheck):
            self._tell(CrawlOutcome(entry.url, feed_url, "unchanged"))
            return
        if pending is not None:
            with self._guard:
                pending.left += 1
        host, task = host_key(entry.url), partial(self._ask_page, entry, feed_url, page, pending)
        self.queues.add(host, partial(self.queues.add, host, task) if late else task)

    def _ask_page(self, entry: FeedEntry, feed_url: str, page: PageState | None, pending: _Pending | None) -> None:
        if self._over():
            if pending is not None:
                pending.complete = False
                self._settled(pending)
            self._tell(CrawlOutcome(entry.url, feed_url, "skipped", OVER))
            return
        known = page or PageState(entry.url, feed_url=feed_url)
        was_read = known.outcome not in ("", "failed")
        fetched = self.fetcher.get(
            entry.url,
            etag=known.etag if was_read else "",
            last_modified=known.last_modified if was_read else "",
            accept=PAGE_TYPES,
            only_types=READABLE,
        )
        if isinstance(fetched, FetchProblem) and fetched.status in NO_ACCESS:
            shut = FetchedPage(fetched.url, fetched.status, b"", {})
            outcome = self._page_read(entry, known, shut, no_access(f"no access ({fetched.reason})"))
        elif isinstance(fetched, FetchProblem):
            outcome = self._page_failed(entry, known, fetched)
        elif fetched.status == 304:
            outcome = self._page_same(entry, freshened(known, fetched))
        else:
            read = extract_page(fetched.content, fetched.url, fetched.headers)
            outcome = self._page_read(entry, known, fetched, self._as_allowed(read, fetched.url))
        self._tell(outcome)
        if pending is not None:
            self._settled(pending)

    def _page_failed(self, entry: FeedEntry, known: PageState, problem: FetchProblem) -> CrawlOutcome:
        self.store.put_page(page_after_failure(known, entry, entry_to_json(entry), problem, self.clock()))
        return CrawlOutcome(entry.url, known.feed_url, "failed", problem.reason)

    def _page_same(self, entry: FeedEntry, known: PageState) -> CrawlOutcome:
        now = self.clock()
        due = next_page_check(known.first_seen or known.last_fetched or now, known.changes, now)
        self.store.put_page(replace(known, entry_sha256=entry.sha256 or known.entry_sha256, failures=0, next_check=due))
        return CrawlOutcome(entry.url, known.feed_url, "unchanged")

    def _as_allowed(self, read: ExtractedPage, url: str) -> ExtractedPage:
        """What a page says, as far as its publisher's opt-outs and the reader's setting go."""
        if self.settings.respect_opt_out and read.status == "full":
            if self.fetcher.robots(url).opts_out_of_ai(url):
                return replace(read, status="opted-out", reason="the publisher shuts AI agents out in robots.txt")
        elif not self.settings.respect_opt_out and read.status == "opted-out":
            return replace(read, status="full", reason="")
        return read

    def _page_read(self, entry: FeedEntry, known: PageState, fetched: FetchedPage, read: ExtractedPage) -> CrawlOutcome:
        now = self.clock()
        state = replace(
            known,
            requested_url=fetched.url,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
            entry_sha256=entry.sha256 or known.entry_sha256,
            last_fetched=now,
            failures=0,
            entry="",
        )
        title = self._titles.get(known.feed_url, "")
        article = article_of(entry, known.feed_url, title, fetched, read, now)
        if article is None:
            self.store.put_page(
                replace(state, outcome="skipped", reason=read.reason, next_check=None, etag="", last_modified="")
            )
            return CrawlOutcome(entry.url, known.feed_url, "skipped", read.reason)
        before = self.store.get(article.id)
        if before is not None:
            article = with_what_was_known(article, before, entry)
            if known.outcome in ("", "failed") and before.feed_url != known.feed_url:
                # Another address of an article that is here already.
                self.store.put_page(replace(state, outcome="duplicate", reason=before.url, next_check=None))
                return CrawlOutcome(entry.url, known.feed_url, "duplicate", before.url)
        seen = article.published if self.settings.seen_as_published and article.published else now
        changed = before is not None and (before.title, before.text) != (article.title, article.text)
        changes = state.changes + changed
        first_seen = (before.first_seen if before else None) or seen
        due = next_page_check(first_seen, changes, now)
        kind: OutcomeKind = "new" if before is None else "updated" if changed else "unchanged"
        state = replace(state, outcome=kind, reason=read.reason, changes=changes, next_check=due, first_seen=first_seen)
        mark = signature(article.text) if article.status == "full" else b""
        stored = self.store.put_crawled(article, state, seen=now if before else seen, signature=mark)
        assert stored is not None
        with self._guard:
            self._changed[article.id] = stored.kind
        return CrawlOutcome(entry.url, known.feed_url, stored.kind, read.reason, article=stored.article)

    # -- ends --------------------------------------------------------------------------------------------------------

    def _settled(self, pending: _Pending) -> None:
        """One less to wait for; a feed whose entries are all settled keeps its validators."""
        with self._guard:
            pending.left -= 1
            done = pending.left == 0
        if done:
            state = pending.state
            self.store.put_feed(state if pending.complete else replace(state, etag="", last_modified=""))

    def group_copies(self) -> None:
        """Group copies; what this run counted as new and turns out to be one is counted as a duplicate."""
        found = group_copies(self.store, self.clock)
        for key, kind in self._changed.items():
            if kind == "new" and found.get(key, key) != key:
                self.tally.new_is_copy()

    def _tell(self, outcome: CrawlOutcome) -> None:
        self.tally.tell(outcome)
        if self._on_event is not None:
            self._on_event(outcome)
