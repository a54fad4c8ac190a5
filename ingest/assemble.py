"""An entry and its page put together to an article; an entry kept while its page cannot be had. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from datetime import datetime

from corpus.blocks import blocks_of
from corpus.enrich.language import detect
from corpus.enrich.topics import score
from corpus.models import Article, PageState
from ingest.extract import ExtractedPage, tidy_text, trusted_date
from ingest.models import FeedEntry, FetchedPage
from ingest.urls import canonical_url, host_key

_LIVE = re.compile(
    r"<(?=[\s/]*(?:script|i?frame|frameset|object|embed|applet|svg|math|img|image|video|audio|source|style|link|meta|base|"
    r"form|input|button|body|html|template|isindex|details|marquee|xml|xss|import|layer|bgsound)\b)"
    r"|<(?=\s*[a-z/!?][^<>]{0,2000}?\bon[a-z]+\s*=)|<(?=\s*[a-z/!?][^<>]{0,2000}?(?:javascript|vbscript|data)\s*:)",
    re.IGNORECASE,
)
LONGEST_TITLE, LONGEST_NAME = 500, 200
_NO_TEXT = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)
_ANY_TAG = re.compile(r"<(?=\s*[a-zA-Z/!?])")


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
    text = disarmed(carried if kept else read.text)
    # A title stands before every chunk of its text; one of a page's length is an attack.
    stated = entry.title[:LONGEST_TITLE]
    title = read.title or stated or text[:80]
    language = detect(f"{title}. {text}", read.language or entry.language)
    return Article(
        url=_address(entry, fetched, read),
        title=disarmed(stated or read.title if kept else title),
        text=text,
        source=disarmed((read.site_name or feed_title or host_key(feed_url))[:LONGEST_NAME]),
        published=trusted_date([read.published, entry.published, read.shown], now),
        language=language,
        author=disarmed((read.author or entry.author)[:LONGEST_TITLE]),
        summary=disarmed(tidy_text(entry.summary)[:1000]),
        status=read.status,
        topics=score(title, text),
        feed_url=feed_url,
        blocks=None if kept or read.kinds is None else blocks_of(text, read.kinds),
    )


def _address(entry: FeedEntry, fetched: FetchedPage, read: ExtractedPage) -> str:
    # A wall on another host stands before a publisher's every article, and is the address of none.
    if read.status == "walled" and host_key(fetched.url) != host_key(entry.url):
        return entry.url
    return read.canonical or canonical_url(fetched.url) or entry.url


def with_what_was_known(article: Article, before: Article, entry: FeedEntry) -> Article:
    """An article that is read again, with what this reading could not know: its group, and of a page that was asked without
    its feed entry what the entry said. A text that a wall now hides stays as it was read."""
    hidden = article.status == "walled" and (before.status == "full" or not entry.title)
    reserved = article.status == "opted-out" and not entry.title
    if hidden:
        article = replace(article, title=before.title, text=before.text, status=before.status, topics=before.topics)
        article = replace(article, language=before.language, blocks=before.blocks)
    elif reserved:
        # What the feed carried is all that may be kept.
        text = before.text if before.status == "opted-out" else before.summary
        article = replace(article, title=before.title, text=text, topics=score(before.title, text))
    return replace(
        article,
        group=before.group,
        published=article.published or before.published,
        author=article.author or before.author,
        summary=article.summary or before.summary,
    )


def disarmed(text: str) -> str:
    """Text in which no tag that could do something is left, not even one that a page only shows: where there is one, the
    "<" of all of them becomes "‹" (of that one alone, what stood around it could make another).

    Whatever shows an article escapes it; this is for the tools that read the library without doing so. Characters that XML
    has no place for or advises against (1.0, 2.2) go, so that every article can stand in a feed and no terminal obeys one; so do
    those that turn the direction of what follows (Unicode Bidirectional Algorithm, 2: embeddings, overrides, isolates).
    """
    text = _NO_TEXT.sub("", text)
    return _ANY_TAG.sub("‹", text) if _LIVE.search(text) else text


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
