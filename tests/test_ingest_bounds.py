"""Bytes that cost a reader the square of their length, were a pattern to look for the end of each of a thousand beginnings.

A regular expression holds every thread up while it runs, and with them the crawl. Nothing here is timed: what these tests
guard against takes hours, and ends in the suite's time-out.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest

from corpus import analysis, lexical
from corpus.enrich.injection import find as find_injections
from corpus.sentences import sentences
from ingest.assemble import article_of
from ingest.errors import NotAFeed
from ingest.extract import extract_page
from ingest.feeds import feed_links, plain_text, read_feed
from ingest.models import FeedEntry, FetchedPage
from ingest.page_bounds import LONGEST_TEXT, MOST_TAGS, linked_data
from ingest.urls import canonical_url

URL = "https://a.example/x"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
PROSE = "".join(
    f"<p>Paragraphe {i} : le groupe supprime {i + 10} postes à Nantes, à Lyon et à Brest.</p>" for i in range(9)
)
LENGTH = 600_000


def repeated(unit: str, length: int = LENGTH) -> bytes:
    return (unit * (length // len(unit)))[:length].encode()


@pytest.mark.parametrize(
    "unit",
    [
        "<script ",
        "<script type=application/ld+json>",
        "<link ",
        "<link rel=canonical ",
        "<title>",
        "<meta ",
        "<html lang",
        "<",
        "<\xa0",
    ],
)
def test_a_page_of_beginnings_is_read_or_refused(unit: str) -> None:
    many = repeated(unit)
    for page in (b"<html><body>" + many, b"<html><head><title>" + many + b"</title></head><article>" + PROSE.encode()):
        read = extract_page(page, URL, {})
        article_of(FeedEntry(URL, "T", None), URL, "F", FetchedPage(URL, 200, page, {}), read, NOW)
        list(feed_links(page, URL))


@pytest.mark.parametrize("unit", ["<![CDATA[", "<title>", "</p>", "<p ", "&"])
def test_a_feed_of_beginnings_is_read_or_refused(unit: str) -> None:
    field = repeated(unit)
    for content in (
        field,
        b"<rss version='2.0'><channel><item><link>/1</link><description>" + field + b"</description></item>",
    ):
        with contextlib.suppress(NotAFeed):
            assert len(read_feed(content, URL).entries) <= 1
    assert len(plain_text(field.decode())) <= 1_000_000


@pytest.mark.parametrize(
    "unit", ["A. ", ".", ".!", "\xa0", "as an ai ", "in your answer ", "ne tiens pas compte ", "1. ", "«"]
)
def test_a_text_of_beginnings_is_cut_into_sentences(unit: str) -> None:
    text = "Le groupe dit. " + repeated(unit, 100_000).decode("utf-8", "ignore") + " Fin du texte."
    spans = sentences(text)
    assert "".join(text.split()) == "".join("".join(text[a:b] for a, b in spans).split())
    find_injections(text)


def test_a_page_longer_than_any_article_is_kept_to_a_bound() -> None:
    paragraph = (
        "<p>" + "Le groupe supprime des postes à Nantes et à Lyon, dit-on, et il en crée à Brest. " * 12 + "</p>"
    )
    page = f"<html lang=fr><title>T</title><article>{paragraph * 600}</article></html>".encode()
    read = extract_page(page, URL, {})
    assert read.status == "full"
    assert LONGEST_TEXT * 0.9 < len(read.text) <= LONGEST_TEXT
    assert read.text.endswith("Brest.")
    many = f"<html><article>{PROSE}{'<b>' * (MOST_TAGS + 1)}</article></html>".encode()
    assert extract_page(many, URL, {}).reason == "more markup than an article has"


def test_structured_data_is_read_whole_and_the_extractor_spared_the_long_ones() -> None:
    long = '<script type="application/ld+json">{"a": "' + "x" * 100_000 + '"}</script>'
    short = '<SCRIPT type="application/ld+json">{"headline": "Titre"}</SCRIPT>'
    other = "<script>var a = 1</script>"
    page, blocks = linked_data(f"<head>{long}{other}{short}</head>")
    assert page == f'<head><script type="application/ld+json"></script>{other}{short}</head>'
    assert [len(b) for b in blocks] == [100_009, 21]
    assert linked_data("<script type=application/ld+json>{") == ("<script type=application/ld+json>{", [])
    html = f"<html><head>{long}{short}</head><article>{PROSE}</article></html>".encode()
    assert extract_page(html, URL, {}).title == "Titre"


def test_fields_as_long_as_a_page_are_cut() -> None:
    long = "mot " * 20_000
    entry = FeedEntry(URL, long, None, author=long, summary=long)
    for more in ("", "<meta name=robots content=noai>"):
        page = f"<html><head>{more}</head><article>{PROSE}</article></html>".encode()
        read = extract_page(page, URL, {})
        made = article_of(entry, URL, long, FetchedPage(URL, 200, page, {}), read, NOW)
        assert made is not None
        assert (len(made.title), len(made.author), len(made.source)) == (500, 500, 200)
        assert len(made.summary) <= 1000
    assert canonical_url("https://a.example/" + "x" * 10_000) == ""


def test_what_is_remembered_of_words_is_bounded() -> None:
    """Each word of a hostile page may be as long as a page; the most common ones of news are worth remembering, not all."""
    remembered = (analysis._remembered, lexical._remembered)
    analysis.analyse("mot", "fr")
    before = [cache.cache_info().currsize for cache in remembered]
    long = ["mot" * 100 + chr(ord("a") + i) for i in range(20)]
    assert analysis.analyse(" ".join(long), "fr") == [t for word in long for t in analysis._terms_of(word, "fr")]
    assert len({lexical.term_hash(word) for word in long}) == 20
    assert [cache.cache_info().currsize for cache in remembered] == before
    assert all((cache.cache_info().maxsize or 10**9) <= 100_000 for cache in remembered)
