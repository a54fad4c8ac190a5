"""The values of the way from the web to an article, each named after its moment in the crawl."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from corpus.models import Article

OutcomeKind = Literal["new", "updated", "unchanged", "duplicate", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class CrawlSettings:
    """How to ask. Times in seconds, sizes in bytes."""

    contact: str = ""
    """An address or URL that a publisher can write to; sent in the User-Agent."""
    allow_hosts: tuple[str, ...] = ()
    """Hosts, addresses or networks that the address guard lets through although they are private."""
    delay: float = 1.0
    """Seconds between the end of one request to a host and the start of the next; robots.txt may ask for more."""
    timeout: float = 20.0
    page_seconds: float = 60.0
    max_page_bytes: int = 8 * 1024 * 1024
    max_feed_bytes: int = 16 * 1024 * 1024
    max_redirects: int = 5
    retries: int = 4
    parallel_hosts: int = 16
    max_entries_per_feed: int = 2000
    run_seconds: float = 6 * 3600.0
    """Budget of one run, after which what is left waits for the next; 0 for none."""
    connect_to: tuple[tuple[str, str], ...] = ()
    """(host, "address:port") pairs: requests for the host go there, as the sample newsroom's ``.example`` hosts do; the
    address guard checks the address."""
    seen_as_published: bool = False
    """First seen is the date of publication, as if the crawl had followed the feed all along: for the sample."""
    respect_opt_out: bool = True
    """Keep only title, link, date and what the feed itself carries where a publisher reserves text and data mining."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A subscription as a reader states it."""

    url: str
    title: str = ""
    folder: str = ""
    site_url: str = ""


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """The feed to subscribe to, how it was come by ("": it is the address given), and the others that a page announces.

    ``problem`` says why the address could not be asked now; the feed is then the address itself, unread.
    """

    feed: Feed
    how: str = ""
    others: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry of a feed, plain text and absolute links only."""

    url: str
    title: str
    published: datetime | None
    updated: datetime | None = None
    author: str = ""
    summary: str = ""
    content: str = ""
    language: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """An HTTP answer after redirects, decompressed, within the caps."""

    url: str
    """The address that answered, after redirects."""
    status: int
    content: bytes
    headers: Mapping[str, str]
    etag: str = ""
    last_modified: str = ""
    moved_to: str = ""
    """Where 301 or 308 answers alone led, "" when none did: the subscription moves there."""


@dataclass(frozen=True, slots=True)
class FetchProblem:
    """Why a request gave nothing. ``passing``: another try may succeed, after ``retry_after`` seconds if not 0."""

    url: str
    reason: str
    passing: bool = False
    status: int = 0
    retry_after: float = 0.0
    this_run: bool = True
    """Whether another try is worth it in the same run; not where a name has no address or robots.txt cannot be had."""
    asked: bool = True
    """Whether the host was asked at all; not where it is left alone for the rest of the run."""


@dataclass(frozen=True, slots=True)
class CrawlOutcome:
    """What became of one feed entry, or of a feed (``entry`` False). A failure is a value, never a crash."""

    url: str
    feed_url: str
    kind: OutcomeKind
    reason: str = ""
    entry: bool = True
    article: Article | None = None


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """Feeds that answered with something new, with nothing new (304), and not or not with a feed.

    ``waiting``: left alone in this run, under back-off, Retry-After or on a host that is left alone.
    """

    checked: int = 0
    unchanged: int = 0
    failed: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class ArticleCounts:
    """Entries by what became of them."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicate: int = 0
    shortened: Mapping[str, int] = field(default_factory=dict)
    """Of the new and updated ones, those of which only what the feed carries is kept, by reason: walls and opt-outs."""
    skipped: Mapping[str, int] = field(default_factory=dict)
    """By reason."""
    failed: Mapping[str, int] = field(default_factory=dict)
    """By reason."""


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """The summary of one crawl."""

    feeds: FeedCounts
    articles: ArticleCounts
    seconds: float
    problems: tuple[str, ...] = ()
    """One line each: what failed, why, and what the reader can do."""
