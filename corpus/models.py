"""The values that the corpus hands out: articles, revisions, chunks, and what the crawler must remember.

All are frozen and slotted, so that they can cross a package border and be shared between threads. Times are
timezone-aware UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

ArticleStatus = Literal["full", "summary", "opted-out", "walled"]
"""``full``: the page's text; ``summary``: only what the feed carried; ``opted-out``: the publisher reserves its text
from mining; ``walled``: a pay, consent or bot wall stood before it."""

TOPICS: tuple[str, ...] = ("layoffs", "automation", "skills")
"""The topics that Vigie watches, in the order in which columns hold their scores."""

TOPIC_THRESHOLD = 0.5
"""An article is about a topic when its score for it is at least this."""


def article_id(url: str) -> str:
    """The id of the article at a canonical URL: the first 16 hexadecimal digits of the SHA-256 of the URL."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


BlockKind = Literal["heading", "quote", "item"]
"""What a block of a text can be that is no plain paragraph; ``item``: of a list."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a text that is no plain paragraph, at ``text[start:end]`` (characters)."""

    start: int
    end: int
    kind: BlockKind


@dataclass(frozen=True, slots=True)
class Article:
    """One article as it stands in its latest (or the asked) revision.

    ``url`` is canonical and names the article for good. ``published`` is None when no trustworthy date was found: a
    date is never invented. ``group`` is the id of the article under which word-for-word and near copies are counted
    ("" when the article stands for itself). ``blocks``: which parts of the text are headings, quotations and items of
    lists; None when that is not known (a text that a feed carried, or that was read before Vigie kept it).
    """

    url: str
    title: str
    text: str
    source: str
    published: datetime | None
    language: str
    author: str = ""
    summary: str = ""
    first_seen: datetime | None = None
    status: ArticleStatus = "full"
    topics: Mapping[str, float] = field(default_factory=dict)
    revision: int = 1
    group: str = ""
    feed_url: str = ""
    blocks: tuple[Block, ...] | None = None

    @property
    def id(self) -> str:
        """The article's id, derived from its URL."""
        return article_id(self.url)


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of an article's text. ``seen`` is when this state was first read."""

    article_id: str
    number: int
    seen: datetime
    title: str
    text: str
    sha256: str
    blocks: tuple[Block, ...] | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of one revision, cut on sentence borders; ``text == article.text[start:end]``.

    ``heading`` is what is put before the text when it is embedded or indexed (title, source, date); it is not part of
    the text and never scored as such.
    """

    article_id: str
    revision: int
    ordinal: int
    text: str
    start: int
    end: int
    heading: str = ""
    tokens: int = 0

    @property
    def id(self) -> str:
        """The chunk's id: ``article:revision:ordinal``; the same text of the same article always gets the same id."""
        return f"{self.article_id}:{self.revision}:{self.ordinal}"


@dataclass(frozen=True, slots=True)
class Stored:
    """What a put did: the article as it now stands, and how it stood to what was there."""

    article: Article
    kind: Literal["new", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class StaleCitation:
    """At ``at``, an answer or digest cited ``quote`` in revision ``cited`` of an article that now stands at ``current``
    (0: deleted). ``changed``: the quote is no longer in the text; otherwise the article changed elsewhere."""

    place: str
    article_id: str
    cited: int
    current: int
    quote: str
    at: datetime
    url: str
    title: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the change sequence: article ``article_id`` was put or deleted. ``sequence`` only grows."""

    sequence: int
    article_id: str
    revision: int
    kind: Literal["put", "delete"]


@dataclass(frozen=True, slots=True)
class FeedState:
    """What the store remembers of a subscribed feed between two crawls."""

    url: str
    title: str = ""
    folder: str = ""
    site_url: str = ""
    etag: str = ""
    last_modified: str = ""
    last_checked: datetime | None = None
    last_success: datetime | None = None
    next_check: datetime | None = None
    retry_after: datetime | None = None
    failures: int = 0
    error: str = ""
    ended: str = ""
    """Why the feed is no longer asked ("410 Gone on 2026-01-02"), "" while it is."""
    ttl_seconds: int = 0
    max_age_seconds: int = 0
    """How long its last answer said that it stays fresh; a 304 that does not say leaves it as it was."""
    entries_per_week: float = 0.0
    full_share: float = 0.0


@dataclass(frozen=True, slots=True)
class PageState:
    """What the store remembers of a page that a feed entry led to, whether an article came of it or not."""

    url: str
    """The canonical URL."""
    requested_url: str = ""
    feed_url: str = ""
    etag: str = ""
    last_modified: str = ""
    entry_sha256: str = ""
    """Of the feed entry that named it: a changed entry is a reason to ask the page again."""
    body_sha256: str = ""
    first_seen: datetime | None = None
    """When it was first read; the looks at it become rarer from there on."""
    last_fetched: datetime | None = None
    next_check: datetime | None = None
    changes: int = 0
    failures: int = 0
    outcome: str = ""
    """The last outcome's kind: "new", "updated", "unchanged", "duplicate", "skipped", "failed"."""
    reason: str = ""
    entry: str = ""
    """The feed entry as JSON, kept while the page could not be had, so that it is not lost when the feed forgets it."""


@dataclass(frozen=True, slots=True)
class VectorSettings:
    """Where Chroma lives: embedded in the library's folder, or a server by URL."""

    chroma_url: str = ""
    collection: str = "vigie"
    search: Literal["columns", "chroma"] = "columns"
    """Who finds the nearest vectors: this process, in the columns, or the server at ``chroma_url``, where the vectors do not
    fit in memory."""


@dataclass(frozen=True, slots=True)
class StageState:
    """How far a derived store has followed the change sequence."""

    name: str
    sequence: int
    behind: int
    rows: int


@dataclass(frozen=True, slots=True)
class LibraryStats:
    """What the library holds, and how far the derived stores have come."""

    home: str
    sample: bool
    now: datetime
    articles: int
    chunks: int
    feeds: int
    by_language: Mapping[str, int]
    by_source: Mapping[str, int]
    by_topic: Mapping[str, int]
    stages: tuple[StageState, ...]
    embedder: str
