"""What to ask and when, and what a page's answer means. Pure."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

from corpus.models import FeedState, PageState
from ingest.models import FeedEntry, FetchedPage, FetchProblem

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHORTEST_CHECK, LONGEST_CHECK = timedelta(minutes=30), timedelta(days=1)
LONGEST_BACKOFF = timedelta(days=7)
LONGEST_WAIT = timedelta(days=31)
"""No check, of a feed or a page, is put off for longer."""
FAILURES_BEFORE_BACKOFF = 3
"""A reader who was offline for a crawl or two need not wait; a feed that fails again and again is left in peace."""
LAST_RECHECK_AGE = timedelta(days=60)
YEAR_SECONDS = 365 * 86400
RESTLESS_CHANGES = 5
"""A page that changed this often at a look changes at every load, and is no longer re-read."""


def entry_needs_page(entry: FeedEntry, page: PageState | None, now: datetime, *, recheck: bool) -> bool:
    """Whether an entry's page is to be asked for: a new one, one whose entry changed, one that failed and is due again,
    and any known one when asked to recheck."""
    if page is None:
        return True
    if page.outcome == "failed":
        return not ahead(page.next_check, now) or page.entry_sha256 != entry.sha256
    return recheck or page.entry_sha256 != entry.sha256


def feed_is_due(state: FeedState, now: datetime, *, due_only: bool) -> bool:
    """Whether a feed is to be asked now: Retry-After is kept in any case, back-off from the third failure in a row on, the
    schedule with ``due_only``."""
    if state.ended:
        return False
    if ahead(state.retry_after, now):
        return False
    backing_off = state.failures >= FAILURES_BEFORE_BACKOFF
    return not ((due_only or backing_off) and ahead(state.next_check, now))


def ahead(moment: datetime | None, now: datetime) -> bool:
    """Whether a moment that was set is still to come; one further ahead than any that is ever set comes from a clock that
    ran backwards since, and holds nobody up."""
    return moment is not None and now < moment <= now + LONGEST_WAIT


def next_feed_check(state: FeedState, now: datetime, *, ttl_seconds: int, max_age: int, rng: random.Random) -> datetime:
    """The longest of what the feed and its server ask for, else half the usual time between two entries; with jitter of a
    tenth, so that a restart does not ask every feed in the same minute.

    A few minutes of freshness are what every cache adds by itself, and say nothing about a feed.
    """
    asked = timedelta(seconds=min(max(ttl_seconds, max_age, 0), 7 * 86400))
    per_week = state.entries_per_week
    usual = timedelta(weeks=1) / per_week / 2 if per_week > 0 else LONGEST_CHECK
    wait = asked if asked >= SHORTEST_CHECK else min(max(usual, SHORTEST_CHECK), LONGEST_CHECK)
    return now + wait * rng.uniform(1.0, 1.1)


def feed_backoff(failures: int, retry_after: float, now: datetime, rng: random.Random) -> datetime:
    """When a failing feed is asked again by the schedule: half an hour, doubled with every failure, a week at most."""
    wait = min(SHORTEST_CHECK * (1 << min(failures - 1, 16)), LONGEST_BACKOFF)
    return now + max(wait * rng.uniform(1.0, 1.1), timedelta(seconds=min(retry_after, LONGEST_WAIT.total_seconds())))


def page_backoff(failures: int, passing: bool, now: datetime, *, retry_after: float = 0.0) -> datetime:
    """When a page that could not be had is asked again: at once by the next crawl after a failure in passing (doubling
    from the fourth on), after a day, doubling, where the server said that it is not there; never before Retry-After."""
    asked = timedelta(seconds=min(retry_after, LONGEST_WAIT.total_seconds()))
    if passing:
        wait = timedelta(0) if failures <= 3 else min(HOUR * (1 << min(failures - 4, 12)), 30 * DAY)
    else:
        wait = min(DAY * (1 << min(failures - 1, 5)), 30 * DAY)
    return now + max(wait, asked)


def page_after_failure(
    known: PageState, entry: FeedEntry, kept: str, problem: FetchProblem, now: datetime
) -> PageState:
    """A page's state after a failure. ``kept`` is its entry as JSON, remembered while there is no article of it. A failure of
    the whole host, which was not asked, is not the page's."""
    failures = known.failures + problem.asked
    due = page_backoff(max(failures, 1), problem.passing, now, retry_after=problem.retry_after)
    failed = replace(known, failures=failures, reason=problem.reason, next_check=due)
    if known.outcome not in ("", "failed"):
        # An article that is kept stays as it was read; only the next look is put off.
        return failed
    return replace(failed, outcome="failed", last_fetched=now, entry_sha256=entry.sha256, entry=kept)


def next_page_check(first_seen: datetime, changes: int, now: datetime) -> datetime | None:
    """When a known page is looked at again: after half of its age, an hour at least; never once it is two months old, or
    changes at every load."""
    age = now - first_seen
    if age > LAST_RECHECK_AGE or changes >= RESTLESS_CHANGES:
        return None
    return now + max(HOUR, age / 2)


def entries_per_week(moments: list[datetime], now: datetime) -> float:
    """How much a feed publishes, by the dates of its entries in the last four weeks."""
    recent = [m for m in moments if now - timedelta(weeks=4) <= m <= now]
    return len(recent) / 4.0


def freshness(headers: Mapping[str, str], unsaid: int = 0) -> int:
    """Seconds for which an answer says that it stays fresh (RFC 9111, 4.2.1): Cache-Control's max-age, else Expires less
    Date; 0 when it is not to be kept, ``unsaid`` when it says nothing."""
    control = headers.get("cache-control", "").lower()
    for part in control.split(","):
        name, _, value = part.strip().partition("=")
        if name in ("no-cache", "no-store"):
            return 0
        if name == "max-age" and value.strip('"').isdigit():
            return min(int(value.strip('"')), YEAR_SECONDS)
    try:
        ends, sent = (parsedate_to_datetime(headers[name]) for name in ("expires", "date"))
        return min(max(0, int((ends - sent).total_seconds())), YEAR_SECONDS)
    except (KeyError, TypeError, ValueError):
        return unsaid


Remembered = TypeVar("Remembered", FeedState, PageState)


def feed_after_failure(
    state: FeedState, reason: str, problem: FetchProblem | None, now: datetime, rng: random.Random
) -> FeedState:
    """A feed's state after a failure: backed off, held by Retry-After, ended by a 410."""
    wait = problem.retry_after if problem else 0.0
    due = feed_backoff(state.failures + 1, wait, now, rng)
    ended = f"410 Gone on {now:%Y-%m-%d}" if problem is not None and problem.status == 410 else state.ended
    return replace(
        state,
        last_checked=now,
        failures=state.failures + 1,
        error=reason,
        next_check=due,
        retry_after=due if wait else None,
        ended=ended,
    )


def freshened(state: Remembered, answer: FetchedPage) -> Remembered:
    """The validators that came with a 304 take the place of those that were kept (RFC 9111, 4.3.4)."""
    return replace(state, etag=answer.etag or state.etag, last_modified=answer.last_modified or state.last_modified)
