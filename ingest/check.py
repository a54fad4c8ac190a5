"""``vigie feeds check``: whether every feed answers with a feed; nothing that it says is kept."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from corpus.models import FeedState
from corpus.store import Store
from ingest.decide import ahead, feed_after_failure
from ingest.errors import NotAFeed
from ingest.feeds import read_feed
from ingest.fetch import Fetcher, user_agent
from ingest.models import CrawlSettings, Feed, FetchedPage, FetchProblem
from ingest.queues import HostQueues
from ingest.robots_memory import StoredRobots
from ingest.urls import host_key

FEED_TYPES = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


def check_feeds(
    store: Store, feeds: Sequence[Feed], settings: CrawlSettings, *, clock: Callable[[], datetime]
) -> list[FeedState]:
    """Ask every feed whether it answers with a feed, but those that asked to be left alone until later (Retry-After); no
    entries or validators are kept. The states as they are now."""
    fetcher = Fetcher(settings, agent=user_agent(settings.contact), memory=StoredRobots(store, clock))
    queues = HostQueues(settings.parallel_hosts)
    states = {state.url: state for state in store.feeds()}
    try:
        for feed in feeds:
            state = states.get(feed.url, FeedState(feed.url, feed.title, feed.folder))
            if not ahead(state.retry_after, clock()):
                queues.add(host_key(feed.url), partial(_check, store, fetcher, state, settings, clock))
        queues.run()
    finally:
        fetcher.close()
    asked = {feed.url for feed in feeds}
    return [state for state in store.feeds() if state.url in asked]


def ask_feed(
    fetcher: Fetcher, state: FeedState, settings: CrawlSettings, *, conditional: bool
) -> FetchedPage | FetchProblem:
    """The answer of a feed, by its validators where it is to be ``conditional``."""
    return fetcher.get(
        state.url,
        etag=state.etag if conditional else "",
        last_modified=state.last_modified if conditional else "",
        accept=FEED_TYPES,
        limit=settings.max_feed_bytes,
    )


def _check(
    store: Store, fetcher: Fetcher, state: FeedState, settings: CrawlSettings, clock: Callable[[], datetime]
) -> None:
    fetched = ask_feed(fetcher, state, settings, conditional=False)
    problem = fetched if isinstance(fetched, FetchProblem) else None
    reason, title = problem.reason if problem else "", state.title
    if isinstance(fetched, FetchedPage):
        try:
            read = read_feed(fetched.content, fetched.url, content_type=fetched.headers.get("content-type", ""))
            title = title or read.title
        except NotAFeed as error:
            reason = str(error)
    now = clock()
    if problem is not None and not problem.asked:
        return
    if reason:
        store.put_feed(feed_after_failure(state, reason, problem, now, random.Random()))  # noqa: S311 - jitter
    else:
        well = replace(state, title=title, last_checked=now, last_success=now, failures=0, error="", retry_after=None)
        store.put_feed(well)
