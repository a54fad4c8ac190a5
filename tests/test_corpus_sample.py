from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from corpus.sample.pages import NOTICE, SampleArticle, articles, page, publishers
from corpus.sample.server import sample_now, serve_newsroom
from ingest.extract import extract_page
from ingest.feeds import read_feed

BY_KEY = {p.key: p for p in publishers()}


def test_the_sample_is_large_bilingual_and_many_voiced() -> None:
    languages = Counter(a.language for a in articles())
    assert len(articles()) >= 150
    assert 0.6 <= languages["fr"] / len(articles()) <= 0.75
    assert len(publishers()) >= 12
    assert {p.feed for p in publishers()} == {"rss", "atom", "json"}
    assert all(p.host.endswith(".example") for p in publishers())
    assert len({(a.publisher, a.path) for a in articles()}) == len(articles())


def test_every_article_is_dated_and_names_its_report() -> None:
    for article in articles():
        assert article.published.tzinfo is not None
        assert article.published < sample_now()
        assert article.report
        assert article.report_url.startswith("http")
        assert BY_KEY[article.publisher].language == article.language


def test_no_article_is_older_than_the_report_it_rests_on() -> None:
    for article in articles():
        for link in (article.report_url, *(url for _, url in article.also)):
            assert urlsplit(link).path.strip("/") or urlsplit(link).query, f"{article.path} names a front page: {link}"
            if dated := re.search(r"(20\d\d)[-/](\d\d)[-/](\d\d)", link):
                year, month, day_of_month = map(int, dated.groups())
                day = datetime(year, month, day_of_month, tzinfo=UTC)
                # A link's date is its publisher's, up to a day ahead of UTC.
                assert article.published + timedelta(days=1) >= day, f"{article.path} is older than {link}"


def test_confusable_on_purpose() -> None:
    bodies = Counter(a.body for a in articles())
    assert sum(n > 1 for n in bodies.values()) >= 3
    amazon = [a.title + a.body for a in articles() if "Amazon" in a.title]
    for figure in ("30\u202f000", "14\u202f000", "16\u202f000", "30,000", "14,000", "16,000"):
        assert any(figure in text for text in amazon), figure


@pytest.mark.parametrize("article", articles(), ids=lambda a: a.path)
def test_the_page_says_what_it_is_and_gives_back_its_text(article: SampleArticle) -> None:
    made = page(BY_KEY[article.publisher], article, articles()[:3])
    assert NOTICE[article.language] in made.decode()
    read = extract_page(made, "http://x.example/a", {"content-type": "text/html; charset=utf-8"})
    assert read.status == "full"
    assert read.title == article.title
    assert read.published == article.published
    assert "".join(read.text.split()) == "".join(article.text.split())


def test_the_server_answers_conditionally() -> None:
    with serve_newsroom() as newsroom:
        ports = dict(newsroom.connect_to)
        for publisher in publishers():
            address = publisher.feed_url.replace(publisher.host, ports[publisher.host])
            with urlopen(address) as answer:
                feed = read_feed(answer.read(), publisher.feed_url)
                tag = answer.headers["ETag"]
            mine = {f"{publisher.base}{a.path}" for a in articles() if a.publisher == publisher.key}
            assert {e.url for e in feed.entries} == mine
            with pytest.raises(OSError, match="304"):
                urlopen(Request(address, headers={"If-None-Match": tag}))
