"""The feed behind an address that a reader gives: a feed, a page that announces one, or a site with a news sitemap."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.errors import NotAFeed
from ingest.feed_bounds import unpacked
from ingest.feeds import ReadFeed, feed_links, read_feed
from ingest.fetch import Fetcher, user_agent
from ingest.models import CrawlSettings, Feed, FetchedPage, FetchProblem, FoundFeed
from ingest.sitemaps import is_sitemap_index, sitemaps_of_index
from ingest.urls import canonical_url

ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, text/html;q=0.9, */*;q=0.5"
USUAL_PLACES = ("/feed", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml")
"""Where sites keep the feed that their pages do not announce."""
USUAL_SITEMAPS = ("/sitemap-news.xml", "/news-sitemap.xml", "/sitemap_news.xml")
MOST_ASKED = 5
"""Announced feeds and sitemaps that are asked for at most, so that one subscription does not become a crawl of its own."""


def find_feed(url: str, settings: CrawlSettings) -> FoundFeed:
    """The feed behind an address. Raises NotAFeed, in one line, for what is no feed and leads to none."""
    fetcher = Fetcher(settings, agent=user_agent(settings.contact))
    try:
        return _Search(fetcher, settings).find(url)
    finally:
        fetcher.close()


class _Search:
    def __init__(self, fetcher: Fetcher, settings: CrawlSettings) -> None:
        self._fetcher, self._settings = fetcher, settings

    def find(self, url: str) -> FoundFeed:
        fetched = self._get(url)
        if isinstance(fetched, FetchProblem):
            if fetched.passing:
                return FoundFeed(Feed(url), problem=fetched.reason)
            raise NotAFeed(url, fetched.reason.removeprefix(f"{url}: "))
        try:
            return FoundFeed(_feed(fetched.moved_to or url, self._read(fetched)))
        except NotAFeed as error:
            if is_sitemap_index(fetched.content) or fetched.content.startswith(b"\x1f\x8b"):
                return self._in_index(unpacked(fetched.content, url), url, error)
            if not error.page:
                raise
        # Feeds of comments come last: they are seldom what is meant.
        announced = sorted(dict.fromkeys(feed_links(fetched.content, fetched.url)), key=lambda a: "comment" in a)
        for address in announced[:MOST_ASKED]:
            if made := self._feed_at(address):
                return FoundFeed(made, "announced by the page", tuple(a for a in announced if a != address))
        for place in USUAL_PLACES:
            if made := self._feed_at(canonical_url(place, fetched.url)):
                return FoundFeed(made, "not announced, found at a usual place")
        for address in self._sitemaps(fetched.url):
            if made := self._feed_at(address):
                return FoundFeed(made, "the site has no feed; this is its news sitemap")
        raise NotAFeed(url, "a web page that leads to no feed and no news sitemap; give the address of the site's feed")

    def _in_index(self, content: bytes, url: str, error: NotAFeed) -> FoundFeed:
        for address in sitemaps_of_index(content)[:MOST_ASKED]:
            if made := self._feed_at(canonical_url(address, url)):
                return FoundFeed(made, "a news sitemap that this list names")
        raise NotAFeed(url, "a list of sitemaps without news; give the address of the site's feed") from error

    def _sitemaps(self, url: str) -> Iterator[str]:
        """The sitemaps that may have news: those that robots.txt names, one level of lists opened, else the usual places."""
        named = sorted(self._fetcher.robots(url).sitemaps(), key=lambda a: "news" not in a.lower())
        for address in [canonical_url(a, url) for a in named[:MOST_ASKED]]:
            yield address
            fetched = self._get(address) if address and "news" not in address.lower() else None
            if isinstance(fetched, FetchedPage) and is_sitemap_index(fetched.content):
                yield from (canonical_url(a, url) for a in sitemaps_of_index(fetched.content)[:2])
        yield from (canonical_url(place, url) for place in USUAL_SITEMAPS)

    def _feed_at(self, address: str) -> Feed | None:
        fetched = self._get(address) if address else None
        if not isinstance(fetched, FetchedPage):
            return None
        try:
            return _feed(fetched.moved_to or address, self._read(fetched))
        except NotAFeed:
            return None

    def _read(self, fetched: FetchedPage) -> ReadFeed:
        return read_feed(fetched.content, fetched.url, content_type=fetched.headers.get("content-type", ""))

    def _get(self, address: str) -> FetchedPage | FetchProblem:
        return self._fetcher.get(address, accept=ACCEPT, limit=self._settings.max_feed_bytes)


def _feed(url: str, read: ReadFeed) -> Feed:
    return Feed(url, read.title, "", read.site_url)
