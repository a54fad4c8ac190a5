"""An entry and its page put together to an article; an entry kept while its page cannot be had. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from corpus.enrich.language import detect
from corpus.enrich.topics import score
from corpus.models import Article, PageState
from ingest.extract import ExtractedPage, tidy_text, trusted_date
from ingest.models import FeedEntry, FetchedPage
from ingest.urls import canonical_url, host_key


def article_of(
    entry: FeedEntry, feed_url: str, feed_title: str, fetched: FetchedPage, read: ExtractedPage, now: datetime
) -> Article | None:
    """The article that an entry and its page make; None when there is nothing to keep.

    Of a page behind a wall, or whose publisher reserves it from mining, only what the feed itself carries is kept.
    """
    kept = read.status in ("walled", "opted-out")
    if read.status == "summary" or (kept and not (entry.title or read.title)):
        return None
    carried = tidy_text(entry.content or entry.summary)
    text = carried if kept else read.text
    title = read.title or entry.title or text[:80]
    language = detect(f"{title}. {text}", read.language or entry.language)
    return Article(
        url=read.canonical or canonical_url(fetched.url) or entry.url,
        title=entry.title or read.title if kept else title,
        text=text,
        source=read.site_name or feed_title or host_key(feed_url),
        published=trusted_date([read.published, entry.published], now),
        language=language,
        author=read.author or entry.author,
        summary=tidy_text(entry.summary)[:1000],
        status=read.status,
        topics=score(title, text, language),
        feed_url=feed_url,
    )


def entry_to_json(entry: FeedEntry) -> str:
    """A feed entry as JSON; ``entry_of`` is the inverse."""
    return json.dumps(asdict(entry), default=str)


def entry_of(page: PageState) -> FeedEntry:
    """The feed entry that a remembered page came by, as far as it is remembered."""
    if not page.entry:
        return FeedEntry(page.url, "", None)
    values = json.loads(page.entry)
    for name in ("published", "updated"):
        values[name] = datetime.fromisoformat(values[name]) if values.get(name) else None
    return FeedEntry(**values)
