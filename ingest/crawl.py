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
from datetime import datetime
from functools import partial

from corpus.enrich.duplicates import signature
from corpus.models import Article, FeedState, PageState
from corpus.store import Store
from ingest.assemble import article_of, entry_of, entry_to_json
from ingest.decide import (
    ahead,
    entries_per_week,
    entry_needs_page,
    feed_backoff,
    feed_is_due,
    freshened,
    freshness,
    next_feed_check,
    next_page_check,
    page_backoff,
)
from ingest.errors import NotAFeed
from ingest.extract import ExtractedPage, extract_page
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

FEED_TYPES = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
PAGE_TYPES = "text/html, application/xhtml+xml;q=0.9, text/plain;q=0.5"
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


def check_feeds(
    store: Store, feeds: Sequence[Feed], settings: CrawlSettings, *, clock: Callable[[], datetime]
) -> list[FeedState]:
    """Ask every feed whether it answers with a feed, keeping no entries or validators; the states as they are now."""
    run = _Run(store, settings, clock, recheck=False, due_only=False, on_event=None)
    try:
        for feed in feeds:
            run.queues.add(host_key(feed.url), partial(run.check_feed, feed))
        run.queues.run()
    finally:
        run.fetcher.close()
    return [state for state in store.feeds() if state.url in {feed.url for feed in feeds}]


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
        for feed in feeds:
            state = states.get(feed.url, FeedState(feed.url, feed.title, feed.folder, feed.site_url))
            if feed_is_due(state, now, due_only=self.due_only):
                self.queues.add(host_key(feed.url), partial(self._ask_feed, state))
            else:
                reason = state.ended or f"asked again after {state.retry_after or state.next_check}"
                self._tell(CrawlOutcome(feed.url, feed.url, "skipped", reason, entry=False))
        for page in self.store.pages() if self.recheck else self.store.pages_due(now):
            if page.outcome == "failed":
                if page.next_check is None or ahead(page.next_check, now) or not page.entry:
                    continue
            elif not (self.recheck or self.due_only):
                continue
            self._take(entry_of(page), page.feed_url, None)

    # -- feeds -------------------------------------------------------------------------------------------------------

    def _fetch_feed(self, state: FeedState, *, conditional: bool) -> FetchedPage | FetchProblem:
        return self.fetcher.get(
            state.url,
            etag=state.etag if conditional else "",
            last_modified=state.last_modified if conditional else "",
            accept=FEED_TYPES,
            limit=self.settings.max_feed_bytes,
        )

    def check_feed(self, feed: Feed) -> None:
        """Whether a feed answers; its state's success, failure and error."""
        state = {s.url: s for s in self.store.feeds()}.get(feed.url, FeedState(feed.url, feed.title, feed.folder))
        fetched = self._fetch_feed(state, conditional=False)
        if isinstance(fetched, FetchProblem):
            self._feed_failed(state, fetched.reason, fetched)
            return
        try:
            read = read_feed(fetched.content, fetched.url, content_type=fetched.headers.get("content-type", ""))
        except NotAFeed as error:
            self._feed_failed(state, str(error), None)
            return
        now = self.clock()
        title = state.title or read.title
        self.store.put_feed(
            replace(state, title=title, last_checked=now, last_success=now, failures=0, error="", retry_after=None)
        )

    def _ask_feed(self, state: FeedState) -> None:
        fetched = self._fetch_feed(state, conditional=not self.recheck)
        now = self.clock()
        if isinstance(fetched, FetchProblem):
            self._feed_failed(state, fetched.reason, fetched)
            return
        if fetched.status == 304:
            done = replace(freshened(state, fetched), last_checked=now, last_success=now, failures=0, error="")
            done = replace(done, retry_after=None)
            due = self._due(done, fetched, now)
            self.store.put_feed(replace(done, next_check=due))
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
        if fetched.moved_to and fetched.moved_to != state.url:
            moved = replace(state, url=fetched.moved_to)
            self.store.rename_feed(state.url, moved)
            self.tally.note(f"{state.url} has moved for good to {moved.url}; the subscription followed")
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
        due = self._due(done, fetched, now)
        self._titles[done.url] = done.title
        self.tally.feed("checked")
        self._tell(CrawlOutcome(state.url, state.url, "updated", entry=False))
        for reason, count in read.skipped.items():
            self.tally.skip(reason, count)
        self._queue_entries(replace(done, next_check=due), read.entries, read.language)

    def _due(self, state: FeedState, fetched: FetchedPage, now: datetime) -> datetime:
        fresh = freshness(fetched.headers)
        return next_feed_check(state, now, ttl_seconds=state.ttl_seconds, max_age=fresh, rng=self._rng)

    def _queue_entries(self, state: FeedState, entries: Sequence[FeedEntry], language: str) -> None:
        pending = _Pending(state, left=1)
        for entry in entries:
            self._take(replace(entry, language=entry.language or language), state.url, pending)
        self._settled(pending)

    def _feed_failed(self, state: FeedState, reason: str, problem: FetchProblem | None) -> None:
        now, failures = self.clock(), state.failures + 1
        gone = problem is not None and problem.status == 410
        wait = problem.retry_after if problem else 0.0
        due = feed_backoff(failures, wait, now, self._rng)
        failed = replace(state, last_checked=now, failures=failures, error=reason, next_check=due)
        failed = replace(failed, retry_after=due if wait else None, ended="410 Gone" if gone else state.ended)
        self.store.put_feed(failed)
        self.tally.feed("failed")
        self.tally.note(reason if state.url in reason else f"{state.url}: {reason}")
        self._tell(CrawlOutcome(state.url, state.url, "failed", reason, entry=False))

    # -- entries -----------------------------------------------------------------------------------------------------

    def _take(self, entry: FeedEntry, feed_url: str, pending: _Pending | None) -> None:
        """Queue an entry's page, unless it is known, or taken already for another feed."""
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
        self.queues.add(host_key(entry.url), partial(self._ask_page, entry, feed_url, page, pending))

    def _ask_page(self, entry: FeedEntry, feed_url: str, page: PageState | None, pending: _Pending | None) -> None:
        if time.monotonic() > self._deadline:
            if pending is not None:
                pending.complete = False
                self._settled(pending)
            self._tell(CrawlOutcome(entry.url, feed_url, "skipped", "the run's time is over"))
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
        if isinstance(fetched, FetchProblem):
            outcome = self._page_failed(entry, known, fetched)
        elif fetched.status == 304:
            outcome = self._page_same(entry, freshened(known, fetched))
        else:
            outcome = self._page_read(entry, known, fetched)
        self._tell(outcome)
        if pending is not None:
            self._settled(pending)

    def _page_failed(self, entry: FeedEntry, known: PageState, problem: FetchProblem) -> CrawlOutcome:
        now, failures = self.clock(), known.failures + 1
        if known.outcome and known.outcome != "failed":
            # An article that is kept stays as it was read; only the next look is put off.
            due = page_backoff(failures, problem.passing, now)
            self.store.put_page(replace(known, failures=failures, reason=problem.reason, next_check=due))
            return CrawlOutcome(entry.url, known.feed_url, "failed", problem.reason)
        self.store.put_page(
            replace(
                known,
                outcome="failed",
                reason=problem.reason,
                failures=failures,
                last_fetched=now,
                next_check=page_backoff(failures, problem.passing, now),
                entry_sha256=entry.sha256,
                entry=entry_to_json(entry),
            )
        )
        return CrawlOutcome(entry.url, known.feed_url, "failed", problem.reason)

    def _page_same(self, entry: FeedEntry, known: PageState) -> CrawlOutcome:
        now = self.clock()
        due = next_page_check(known.last_fetched or now, known.changes, now)
        self.store.put_page(replace(known, entry_sha256=entry.sha256 or known.entry_sha256, failures=0, next_check=due))
        return CrawlOutcome(entry.url, known.feed_url, "unchanged")

    def _page_read(self, entry: FeedEntry, known: PageState, fetched: FetchedPage) -> CrawlOutcome:
        now = self.clock()
        read = extract_page(fetched.content, fetched.url, fetched.headers)
        if self.settings.respect_opt_out and read.status == "full":
            if self.fetcher.robots(fetched.url).opts_out_of_ai(fetched.url):
                read = replace(read, status="opted-out", reason="the publisher shuts AI agents out in robots.txt")
        elif not self.settings.respect_opt_out and read.status == "opted-out":
            read = replace(read, status="full", reason="")
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
        article = self._article(entry, known.feed_url, fetched, read, now)
        if article is None:
            self.store.put_page(
                replace(state, outcome="skipped", reason=read.reason, next_check=None, etag="", last_modified="")
            )
            return CrawlOutcome(entry.url, known.feed_url, "skipped", read.reason)
        before = self.store.get(article.id)
        if before is not None:
            article = replace(article, group=before.group, published=article.published or before.published)
            if known.outcome in ("", "failed") and before.feed_url != known.feed_url:
                # Another address of an article that is here already.
                self.store.put_page(replace(state, outcome="duplicate", reason=before.url, next_check=None))
                return CrawlOutcome(entry.url, known.feed_url, "duplicate", before.url)
        seen = article.published if self.settings.seen_as_published and article.published else now
        changed = before is not None and (before.title, before.text) != (article.title, article.text)
        changes = state.changes + changed
        due = next_page_check((before.first_seen if before else None) or seen, changes, now)
        kind: OutcomeKind = "new" if before is None else "updated" if changed else "unchanged"
        state = replace(state, outcome=kind, reason=read.reason, changes=changes, next_check=due)
        mark = signature(article.text) if article.status == "full" else b""
        stored = self.store.put_crawled(article, state, seen=now if before else seen, signature=mark)
        assert stored is not None
        with self._guard:
            self._changed[article.id] = stored.kind
        return CrawlOutcome(entry.url, known.feed_url, stored.kind, read.reason, article=stored.article)

    def _article(
        self, entry: FeedEntry, feed_url: str, fetched: FetchedPage, read: ExtractedPage, now: datetime
    ) -> Article | None:
        return article_of(entry, feed_url, self._titles.get(feed_url, ""), fetched, read, now)

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
