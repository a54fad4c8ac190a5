from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpus.store import Store
from ingest.crawl import crawl
from ingest.errors import NotAFeed
from ingest.feed_bounds import LARGEST_FEED, first_items
from ingest.feeds import read_feed
from ingest.find_feed import find_feed
from ingest.models import CrawlSettings, Feed
from tests.fake_site import Site

SETTINGS = CrawlSettings(allow_hosts=("127.0.0.0/8",), delay=0.0, timeout=5, retries=0)
RSS = b"<rss version='2.0'><channel><title>Le fil</title><item><title>T</title><link>/1</link></item></channel></rss>"
NEWS = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>/2026/usine</loc><news:news><news:publication><news:name>Le Journal</news:name><news:language>fr</news:language>
</news:publication><news:publication_date>2026-01-05T08:00:00+01:00</news:publication_date><news:title>L\xe2\x80\x99usine &amp; ses
 postes</news:title></news:news><image:image><image:loc>/i.png</image:loc></image:image></url>
<url><loc>/a-propos</loc></url></urlset>"""


def html(head: str) -> tuple[int, dict[str, str], bytes]:
    page = f"<!doctype html><html><head>{head}</head><body>Bonjour</body></html>"
    return 200, {"Content-Type": "text/html"}, page.encode()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "vigie.sqlite") as opened:
        yield opened


def test_a_page_leads_to_the_feed_that_it_announces(site: Site) -> None:
    site.answers["/"] = html(
        "<link rel='alternate' type='application/rss+xml' href='/comments/feed'>"
        "<link rel='alternate' type='application/rss+xml' href='/broken'><link rel='alternate' type='application/rss+xml' href='/fil'>"
    )
    site.answers["/fil"] = site.answers["/comments/feed"] = (200, {}, RSS)
    found = find_feed(f"{site.base}/", SETTINGS)
    assert (found.feed.url, found.feed.title) == (f"{site.base}/fil", "Le fil")
    assert found.others == (f"{site.base}/broken", f"{site.base}/comments/feed")
    assert find_feed(f"{site.base}/fil", SETTINGS).how == ""


def test_a_feed_that_is_not_announced_is_found_at_a_usual_place(site: Site) -> None:
    site.answers |= {"/": html(""), "/rss.xml": (200, {}, RSS)}
    assert find_feed(f"{site.base}/", SETTINGS).feed.url == f"{site.base}/rss.xml"


def test_a_subscription_follows_a_move_for_good(site: Site) -> None:
    site.answers |= {"/old": (301, {"Location": "/fil"}, b""), "/fil": (200, {}, RSS)}
    assert find_feed(f"{site.base}/old", SETTINGS).feed.url == f"{site.base}/fil"


@pytest.mark.parametrize("packed", [False, True])
def test_a_site_without_a_feed_is_followed_by_its_news_sitemap(site: Site, store: Store, packed: bool) -> None:
    index = (
        "<sitemapindex><sitemap><loc>/pages.xml</loc></sitemap><sitemap><loc>/news.xml</loc></sitemap></sitemapindex>"
    )
    site.answers |= {
        "/": html(""),
        "/robots.txt": (200, {}, f"Sitemap: {site.base}/all.xml".encode()),
        "/all.xml": (200, {}, index.encode()),
        "/pages.xml": (200, {}, b"<urlset><url><loc>/a</loc></url></urlset>"),
        "/news.xml": (200, {}, gzip.compress(NEWS) if packed else NEWS),
        "/2026/usine": (200, {"Content-Type": "text/html"}, _page()),
    }
    found = find_feed(f"{site.base}/", SETTINGS)
    assert found.feed.url == f"{site.base}/news.xml"
    assert "news sitemap" in found.how
    assert find_feed(f"{site.base}/all.xml", SETTINGS).feed == found.feed
    crawl(store, [found.feed], SETTINGS, clock=lambda: datetime(2026, 2, 1, tzinfo=UTC))
    (article,) = store.find()
    assert (article.url, article.language) == (f"{site.base}/2026/usine", "fr")
    assert article.published == datetime(2026, 1, 5, 7, tzinfo=UTC)
    assert site.count("/a-propos") == 0


def _page() -> bytes:
    text = "".join(f"<p>Paragraphe {i} : l’entreprise supprime des postes à Nantes et à Lyon.</p>" for i in range(9))
    return (
        f"<html lang='fr'><title>L’usine</title><body><article><h1>L’usine</h1>{text}</article></body></html>".encode()
    )


def test_what_is_no_feed_and_leads_to_none_is_one_line(site: Site) -> None:
    site.answers |= {
        "/x.pdf": (200, {"Content-Type": "application/pdf"}, b"%PDF-1.7"),
        "/x.png": (200, {"Content-Type": "image/png"}, b"\x89PNG\r\n"),
        "/": html(""),
        "/pages.xml": (200, {}, b"<urlset><url><loc>/a</loc></url></urlset>"),
    }
    for path, what in (
        ("/x.pdf", "a PDF"),
        ("/x.png", "an image"),
        ("/", "no feed and no news sitemap"),
        ("/pages.xml", "without news"),
        ("/gone", "HTTP 404"),
    ):
        with pytest.raises(NotAFeed, match=what) as caught:
            find_feed(site.base + path, SETTINGS)
        assert "\n" not in str(caught.value)
    with pytest.raises(NotAFeed, match="private address"):
        find_feed(f"{site.base}/", CrawlSettings())


def test_an_address_that_does_not_answer_now_may_be_a_feed(site: Site) -> None:
    site.answers["/fil"] = (503, {}, b"")
    found = find_feed(f"{site.base}/fil", SETTINGS)
    assert (found.feed, found.problem) == (Feed(f"{site.base}/fil"), "HTTP 503")


def test_entries_by_the_million_are_cut_before_they_are_parsed() -> None:
    many = b"".join(b"<item><link>/%d</link></item>" % i for i in range(1_000_000))
    feed = read_feed(b"<rss version='2.0'><channel>" + many + b"</channel></rss>", "https://a.example/f", most=100)
    assert len(feed.entries) == 100
    assert feed.skipped == {"beyond the first 100 entries of a feed": 999_900}
    whole = b"<feed><entry/><entry></entry></feed>"
    assert first_items(whole, 2) == (whole, 0)
    assert first_items(whole, 1) == (b"<feed><entry/></feed>", 1)


@pytest.mark.parametrize(
    "hostile",
    [
        b"<rss><channel><item " + b"a='b' " * 100_000 + b">",
        b"<rss><channel>" + b"<div>" * 100_000,
        b"<rss><channel><item><title>" + b"<" * 100_000,
        gzip.compress(b"<rss>" + b"\0" * (LARGEST_FEED + 1)),
        b"\x1f\x8b nothing",
    ],
    ids=["attributes", "depth", "brackets", "bomb", "broken"],
)
def test_what_would_exhaust_a_parser_is_not_parsed(hostile: bytes) -> None:
    with pytest.raises(NotAFeed, match=r"markup that no feed has|when unpacked|broken gzip"):
        read_feed(hostile, "https://a.example/f")


def test_a_feed_of_200_mb_is_one_line_and_the_library_stays(site: Site, store: Store) -> None:
    site.answers["/f"] = (200, {}, RSS + b" " * (200 * 2**20))
    report = crawl(store, [Feed(f"{site.base}/f")], SETTINGS, clock=lambda: datetime(2026, 2, 1, tzinfo=UTC))
    assert report.problems == (f"{site.base}/f: larger than 16384 KiB, the most that is read",)
    assert [state.failures for state in store.feeds()] == [1]


def test_a_clock_that_ran_backwards_holds_nobody_up(site: Site, store: Store) -> None:
    site.answers |= {"/f": (200, {}, RSS), "/1": (503, {}, b"")}
    feeds, now = [Feed(f"{site.base}/f")], datetime(2026, 2, 1, tzinfo=UTC)
    for moment in (now + timedelta(days=4000), now):
        crawl(store, feeds, SETTINGS, clock=lambda moment=moment: moment, due_only=True)  # type: ignore[misc]
    assert (site.count("/f"), site.count("/1")) == (2, 2)
    crawl(store, feeds, SETTINGS, clock=lambda: now + timedelta(seconds=9), due_only=True)
    assert site.count("/f") == 2
