"""The sample newsroom's pages and feeds, as publishers send them: furniture around the text, metadata, several feed forms."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from importlib.resources import files

NOTICE = {
    "fr": "Échantillon écrit pour Vigie : ce titre de presse n’existe pas. D’après",
    "en": "Sample written for Vigie: this publication does not exist. After",
}


@dataclass(frozen=True, slots=True)
class SampleArticle:
    """An article of the sample; ``report`` and ``report_url`` name the real report that its facts rest on.

    ``body`` is paragraphs apart by an empty line, in a little Markdown: ``## `` opens a heading, ``- `` an item of a
    list. ``also`` holds further reports and their links.
    """

    publisher: str
    path: str
    published: datetime
    language: str
    topics: tuple[str, ...]
    title: str
    body: str
    report: str
    report_url: str
    also: tuple[tuple[str, str], ...] = ()

    @property
    def url(self) -> str:
        """Its canonical address."""
        return f"http://{self.publisher}.example{self.path}"

    @property
    def text(self) -> str:
        """The body as a reader sees it: without the marks of headings."""
        return "\n".join(line.removeprefix("## ") for line in self.body.split("\n") if line)


@dataclass(frozen=True, slots=True)
class Publisher:
    """An invented publisher, on a host of its own, with a feed of one form ("rss", "atom", "json")."""

    name: str
    host: str
    key: str
    language: str
    feed: str

    @property
    def base(self) -> str:
        """The address of its home page, without a slash."""
        return f"http://{self.host}"

    @property
    def feed_url(self) -> str:
        """The address of its feed."""
        return f"{self.base}/{'feed.json' if self.feed == 'json' else 'feed.xml'}"


@cache
def publishers() -> tuple[Publisher, ...]:
    """The invented publishers."""
    rows = json.loads(files("corpus.sample").joinpath("publishers.json").read_text(encoding="utf-8"))
    return tuple(Publisher(**row) for row in rows)


@cache
def articles() -> tuple[SampleArticle, ...]:
    """Every article of the sample, the oldest first."""
    lines = files("corpus.sample").joinpath("articles.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return tuple(
        SampleArticle(
            **row
            | {
                "published": datetime.fromisoformat(row["published"]),
                "topics": tuple(row["topics"]),
                "also": tuple((report, link) for report, link in row.get("also", ())),
            }
        )
        for row in rows
    )


def page(publisher: Publisher, article: SampleArticle, related: Sequence[SampleArticle]) -> bytes:
    """The article's page in UTF-8: the text amid navigation, a cookie banner, related links and a footer."""
    french = article.language == "fr"
    e = html.escape
    linked = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": article.published.isoformat(),
        "inLanguage": article.language,
        "author": {"@type": "Organization", "name": "Rédaction" if french else "Staff"},
        "publisher": {"@type": "Organization", "name": publisher.name},
    }
    links = "".join(f'<li><a href="{e(a.path)}">{e(a.title)}</a></li>' for a in related)
    cookies = "Nous utilisons des cookies. Tout accepter." if french else "We use cookies. Accept all."
    reports = ((article.report, article.report_url), *article.also)
    named = ", ".join(f'<a href="{e(link)}" rel="nofollow">{e(report)}</a>' for report, link in reports)
    notice = f"{NOTICE[article.language]} {named}."
    return f"""<!doctype html>
<html lang="{article.language}"><head><meta charset="utf-8"><title>{e(article.title)} | {e(publisher.name)}</title>
<link rel="canonical" href="{publisher.base}{e(article.path)}">
<link rel="alternate" type="{FEED_TYPES[publisher.feed]}" href="{publisher.feed_url}">
<meta property="og:site_name" content="{e(publisher.name)}"><meta property="og:type" content="article">
<meta property="article:published_time" content="{article.published.isoformat()}">
<script type="application/ld+json">{json.dumps(linked, ensure_ascii=False).replace("<", chr(92) + "u003c")}</script></head>
<body><header><nav><a href="/">{"Accueil" if french else "Home"}</a> <a href="/tech">Tech</a></nav></header>
<div class="cookie-banner">{cookies}</div>
<main><article><h1>{e(article.title)}</h1>
{_blocks(article.body)}
</article>
<aside class="related"><h2>{"À lire aussi" if french else "Read also"}</h2><ul>{links}</ul></aside></main>
<footer><p>{notice}</p></footer></body></html>""".encode()


def _blocks(body: str) -> str:
    """Paragraphs, lines that begin with a dash as a list, and headings."""
    made = []
    for block in body.split("\n\n"):
        lines = block.split("\n")
        if block.startswith("## "):
            made.append(f"<h2>{html.escape(block[3:])}</h2>")
        elif all(line.startswith("- ") for line in lines):
            made.append("<ul>" + "".join(f"<li>{html.escape(line[2:])}</li>" for line in lines) + "</ul>")
        else:
            made.append(f"<p>{html.escape(block)}</p>")
    return "\n".join(made)


FEED_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}


def feed(publisher: Publisher, shown: Sequence[SampleArticle]) -> bytes:
    """The publisher's feed, the newest article first."""
    newest = sorted(shown, key=lambda a: a.published, reverse=True)
    return {"rss": _rss, "atom": _atom, "json": _json}[publisher.feed](publisher, newest).encode()


def _summary(article: SampleArticle) -> str:
    return article.body.split("\n\n")[0]


def _rss(publisher: Publisher, shown: Sequence[SampleArticle]) -> str:
    e = html.escape
    items = "".join(
        f"<item><title>{e(a.title)}</title><link>{publisher.base}{e(a.path)}?utm_source=rss</link><guid>{publisher.base}"
        f"{e(a.path)}</guid><pubDate>{format_datetime(a.published)}</pubDate><description>{e(_summary(a))}</description></item>"
        for a in shown
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{e(publisher.name)}</title>'
        f"<link>{publisher.base}/</link><description>{e(publisher.name)}</description><language>{publisher.language}"
        f"</language><ttl>30</ttl>{items}</channel></rss>"
    )


def _atom(publisher: Publisher, shown: Sequence[SampleArticle]) -> str:
    e = html.escape
    entries = "".join(
        f"<entry><id>{publisher.base}{e(a.path)}</id><title>{e(a.title)}</title><link href='{publisher.base}{e(a.path)}'/>"
        f"<published>{a.published.isoformat()}</published><updated>{a.published.isoformat()}</updated><summary>{e(_summary(a))}"
        "</summary></entry>"
        for a in shown
    )
    updated = max((a.published for a in shown), default=datetime(2025, 1, 1, tzinfo=UTC)).isoformat()
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{publisher.language}">'
        f"<id>{publisher.base}/</id><title>{e(publisher.name)}</title><link href='{publisher.base}/'/><updated>{updated}"
        f"</updated>{entries}</feed>"
    )


def _json(publisher: Publisher, shown: Sequence[SampleArticle]) -> str:
    items = [
        {
            "id": f"{publisher.base}{a.path}",
            "url": f"{publisher.base}{a.path}",
            "title": a.title,
            "date_published": a.published.isoformat(),
            "summary": _summary(a),
        }
        for a in shown
    ]
    made = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": publisher.name,
        "home_page_url": f"{publisher.base}/",
        "feed_url": publisher.feed_url,
        "language": publisher.language,
        "items": items,
    }
    return json.dumps(made, ensure_ascii=False)
