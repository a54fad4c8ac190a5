"""What must hold of everything that reads what servers send: feeds, pages, OPML, sitemaps, robots.txt. Fuzzed by ``fuzz_ingest``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from corpus.blocks import all_blocks
from corpus.models import Article
from ingest.assemble import article_of
from ingest.errors import NotAFeed, NotOpml
from ingest.extract import extract_page
from ingest.feeds import feed_links, read_feed
from ingest.models import FeedEntry, FetchedPage
from ingest.robots import read_robots
from ingest.sitemaps import news_entries, sitemaps_of_index
from ingest.subscriptions import read_opml, write_opml
from ingest.urls import canonical_url

NOW = datetime(2026, 2, 1, tzinfo=UTC)
URL = "https://a.example/x"
PROSE = "".join(f"<p>Paragraphe {i} : le groupe supprime des postes à Nantes, à Lyon et à Brest.</p>" for i in range(9))
RESERVED = b"<html><meta name=robots content=noai><article>" + PROSE.encode()
"""A page of which only what the feed carries may be kept."""
RUNS = re.compile(
    r"<\s*/?\s*(?:script|i?frame|object|embed|applet|svg|img|style|link|meta|base|form|input)\b|<\s*[a-z/!?][^<>]*\bon[a-z]+\s*=|"
    r"<\s*[a-z/!?][^<>]*(?:javascript|vbscript)\s*:",
    re.IGNORECASE,
)
"""What could run or load something if a tool showed it without escaping."""


def read_as_feed(content: bytes) -> None:
    """A feed, and the articles that come of its entries alone."""
    try:
        feed = read_feed(content, "https://a.example/feed")
    except NotAFeed as error:
        _one_line(str(error))
        return
    _harmless([feed.title])
    for entry in feed.entries:
        assert canonical_url(entry.url) == entry.url
        _article(entry, RESERVED)


def read_as_page(content: bytes) -> None:
    """A page, alone and around real prose; the feeds that it announces."""
    _article(FeedEntry(URL, "T", None), content)
    _article(FeedEntry(URL, "T", None), b"<article>" + PROSE.encode() + content + PROSE.encode() + b"</article>")
    assert all(canonical_url(link) == link for link in feed_links(content, URL))


def read_as_opml(content: bytes) -> None:
    """A subscription list; what is read of it is written and read again as the same."""
    try:
        feeds = read_opml(content)
    except NotOpml as error:
        _one_line(str(error))
        return
    assert {f.url for f in read_opml(write_opml(feeds))} == {f.url for f in feeds}


def read_as_sitemap(content: bytes) -> None:
    """A news sitemap and a list of them."""
    assert all(item.url for item in news_entries(content, 10))
    assert len(sitemaps_of_index(content)) <= 1100


def read_as_robots(content: bytes) -> None:
    """A robots.txt, and what is asked of it."""
    robots = read_robots(200, content)
    assert robots.crawl_delay() >= 0
    assert robots.allows(URL) in (True, False)
    assert robots.opts_out_of_ai(URL) in (True, False)
    assert isinstance(robots.sitemaps(), list)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "feed": read_as_feed,
    "page": read_as_page,
    "opml": read_as_opml,
    "sitemap": read_as_sitemap,
    "robots": read_as_robots,
}


def _article(entry: FeedEntry, page: bytes) -> None:
    read = extract_page(page, URL, {})
    made = article_of(entry, "https://a.example/feed", "Fil", FetchedPage(URL, 200, page, {}), read, NOW)
    if made is not None:
        _harmless(_fields(replace(made, first_seen=NOW)))
        _whole_blocks(made)


def _whole_blocks(article: Article) -> None:
    """What stands beside the text is of whole blocks of it, in order."""
    whole = {(start, end) for start, end, _ in all_blocks(article.text, None)}
    found = [(b.start, b.end) for b in article.blocks or ()]
    assert found == sorted(found)
    assert whole.issuperset(found)


def _fields(article: Article) -> Iterator[str]:
    yield from (article.title, article.author, article.summary, article.url, article.text, article.source)


def _harmless(fields: Any) -> None:
    for field in fields:
        assert not RUNS.search(field), f"this could run: {field[:300]!r}"
        field.encode("utf-8")


def _one_line(message: str) -> None:
    assert len(message.splitlines()) == 1, f"more than one line: {message[:300]!r}"
