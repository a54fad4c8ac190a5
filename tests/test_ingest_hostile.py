"""Whatever a feed or a page sends: no crash, and nothing in the library or in what is rendered that could run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.models import Article
from ingest.assemble import article_of, disarmed
from ingest.errors import NotAFeed
from ingest.extract import extract_page
from ingest.feeds import plain_text, read_feed
from ingest.find_feed import find_feed
from ingest.models import CrawlSettings, FeedEntry, FetchedPage
from ingest.sitemaps import news_entries, sitemaps_of_index
from rag.digest import make_digest
from tests.fake_site import Site
from ui.rendering import digest_html, digest_markdown, digest_rss

NOW = datetime(2026, 2, 1, tzinfo=UTC)
SETTINGS = CrawlSettings(allow_hosts=("127.0.0.0/8",), delay=0.0, timeout=5, retries=0)
RUNS = re.compile(
    r"<\s*/?\s*(?:script|i?frame|object|embed|applet|svg|img|style|link|meta|base|form|input)\b|<\s*[a-z/!?][^<>]*\bon[a-z]+\s*=|"
    r"<\s*[a-z/!?][^<>]*(?:javascript|vbscript)\s*:",
    re.IGNORECASE,
)
PROSE = "".join(f"<p>Paragraphe {i} : le groupe supprime des postes à Nantes, à Lyon et à Brest.</p>" for i in range(9))

hostile_parts = st.sampled_from(
    "<script>alert(1)</script>|<img src=x onerror=alert(1)>|<iframe src=//x.example>|<svg/onload=alert(1)>|javascript:alert(1)|"
    "&lt;script&gt;alert(1)&lt;/script&gt;|&amp;lt;img src=x onerror=alert(1)|&amp;amp;lt;script&amp;amp;gt;|<![CDATA[|]]>|<!--|-->|"
    "<p>|</p>|<article>|<a href='javascript:x()'>y</a>|<!DOCTYPE x [|&#60;script|&#x3c;object data=x>|\0|\ud83d|\uffff|<style>@import x|"
    "<base href=//x.example>|<meta http-equiv=refresh content='0;url=data:text/html,x'>|<template>|<math>|'|\"|<|>|&".split(
        "|"
    )
)
hostile_text = st.lists(hostile_parts | st.text(max_size=8), max_size=12).map("".join)


def fields(article: Article | FeedEntry) -> Iterator[str]:
    yield from (article.title, article.author, article.summary, article.url)
    yield article.text if isinstance(article, Article) else article.content


def assert_harmless(articles: list[Article]) -> None:
    """In the fields as they are stored, and in every form in which they are handed out."""
    for article in articles:
        assert not [field for field in fields(article) if RUNS.search(field)]
    digest = make_digest(articles, since=datetime(2020, 1, 1, tzinfo=UTC), until=NOW, topics=(), language="fr")
    for made in (digest_html(digest), digest_markdown(digest), digest_rss(digest)):
        for article in articles:
            for field in filter(RUNS.search, fields(article)):
                assert field not in made


def made_article(entry: FeedEntry, page: bytes) -> Article | None:
    read = extract_page(page, "https://a.example/x", {})
    fetched = FetchedPage("https://a.example/x", 200, page, {})
    made = article_of(entry, "https://a.example/feed", "Fil", fetched, read, NOW)
    return replace(made, first_seen=NOW) if made else None


@given(hostile_text, hostile_text, hostile_text)
@settings(max_examples=150)
def test_nothing_hostile_survives_a_feed(title: str, summary: str, content: str) -> None:
    raw = (
        f"<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>{title}</title><item><link>/1</link>"
        f"<title>{title}</title><description>{summary}</description><content:encoded><![CDATA[{content}]]></content:encoded></item></channel></rss>"
    ).encode("utf-8", "surrogatepass")
    made = {"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "/1", "title": title, "summary": summary, "content_html": content}]}  # fmt: skip
    for content_ in (raw, json.dumps(made).encode()):
        try:
            feed = read_feed(content_, "https://a.example/feed")
        except NotAFeed:
            continue
        for entry in feed.entries:
            article = made_article(entry, b"<html><meta name=robots content=noai><article>" + PROSE.encode())
            assert_harmless([article] if article else [])


@given(hostile_text, hostile_text, st.sampled_from(["utf-8", "utf-16", "cp1252", "utf-7"]))
@settings(max_examples=150)
def test_nothing_hostile_survives_a_page(title: str, body: str, charset: str) -> None:
    page = f"<html><head><title>{title}</title><meta property='og:site_name' content=\"{title}\"></head><article><h1>{title}</h1>{PROSE}<p>{body}</p>{PROSE}"
    made = made_article(FeedEntry("https://a.example/x", title, None, author=title), page.encode(charset, "replace"))
    assert_harmless([made] if made else [])


@given(
    st.binary(max_size=300)
    | hostile_text.map(lambda text: f"<urlset><url>{text}<news/></url>{text}".encode("utf-8", "replace"))
)
def test_no_bytes_break_the_sitemap_readers(content: bytes) -> None:
    assert all(item.url for item in news_entries(content, 10))
    assert len(sitemaps_of_index(content)) <= 1000


@given(hostile_text)
def test_what_is_escaped_often_is_plain_all_the_same(text: str) -> None:
    assert not RUNS.search(disarmed(plain_text(text)))


def test_a_text_without_markup_stays_as_it_is() -> None:
    for text in (
        "Moins de 5 < 10 % des salariés, a<b",
        "« Le plan » d’action : 3 > 2 & R&D",
        "if x <y and y> z",
        "<b>gras</b>",
    ):
        assert disarmed(text) == text
    assert disarmed("<script>x") == "‹script>x"


@pytest.mark.shared
def test_every_hostile_feed_of_the_public_data(shared: Path) -> None:
    """As feeds, in full texts and in texts that only the feed carries, and within pages; what comes of it is harmless."""
    folder = shared / "data" / "security"
    cases = [
        case["xml"] for case in json.loads((folder / "feedparser_sanitize_cases.json").read_text(encoding="utf-8"))
    ]
    items = [case["payload"] for case in json.loads((folder / "xss_rss_brskb.json").read_text(encoding="utf-8"))]
    orders = json.loads((folder / "bipia_text_attack_train.json").read_text(encoding="utf-8"))
    items += [
        f"<item><title>{line}</title><description>{line}</description></item>"
        for lines in orders.values()
        for line in lines
    ]
    cases += [f"<rss version='2.0'><channel><title>Fil</title>{item}</channel></rss>" for item in items]
    made: list[Article | None] = []
    for number, case in enumerate(cases):
        link = f"<link rel='alternate' href='/p{number}'/><link>/p{number}</link>"
        feed = read_feed(re.sub(r"<(item|entry)\b([^>]*)>", rf"<\1\2>{link}", case).encode(), "https://a.example/feed")
        assert not RUNS.search(feed.title)
        for entry in feed.entries or (FeedEntry("https://a.example/x", "T", None),):
            shown = f"<html><title>T</title><article><h1>T</h1>{PROSE}{case}{PROSE}</article></html>"
            heads = ("", "<meta name=robots content=noai>")
            made += [made_article(entry, (head + shown).encode("utf-8", "replace")) for head in heads]
    articles = [article for article in made if article is not None]
    assert len(articles) > 1.8 * len(cases)
    assert_harmless(articles)


def test_a_page_that_calls_itself_a_feed_is_harmless(site: Site) -> None:
    site.answers["/f"] = (
        200,
        {},
        b"<rss><channel><title>&lt;script&gt;x&lt;/script&gt;&amp;lt;img onerror=x</title></channel></rss>",
    )
    assert not RUNS.search(find_feed(f"{site.base}/f", SETTINGS).feed.title)
