"""Feed bytes -> entries: RSS 0.9x to 2.0, Atom, RDF by feedparser, JSON Feed (jsonfeed.org, 1.1), news sitemaps.

Entries come out as plain text with absolute links; whatever a feed says in HTML is read for its text alone.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from calendar import timegm
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import feedparser
import nh3

from ingest.errors import NotAFeed
from ingest.feed_bounds import first_items, refuse_abuse, refuse_markup, unpacked
from ingest.models import FeedEntry
from ingest.sitemaps import is_sitemap, is_sitemap_index, news_entries
from ingest.urls import canonical_url

_SPACES = re.compile(r"[ \t\r\f\v]+")
_UNPRINTED = re.compile(r"[\x00-\x08\x0b-\x1f]")
_BLOCKS = re.compile(r"</?(?:p|div|br|li|h[1-6]|tr|blockquote)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z/!]|&(?:lt|#0*60|#x0*3c);", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_FEED_MARK = re.compile(rb"<(?:rss|feed|rdf:RDF|[a-z0-9]+:feed|channel)\b", re.IGNORECASE)
_MARKS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"RIFF": "an image or a sound",
    b"PK\x03\x04": "an archive",
    b"ID3": "a sound",
}
_MEDIA = ("audio/", "video/")
LONGEST_FIELD = 100_000
"""Characters of a field that are read: an entry is news, not a book."""
MOST_ESCAPES = 5
_PERIODS = {"hourly": 3600, "daily": 86400, "weekly": 604800, "monthly": 2592000, "yearly": 31536000}


@dataclass(frozen=True, slots=True)
class ReadFeed:
    """A feed's title, site and entries; ``ttl_seconds`` is the longest wait between two checks that it asks for."""

    title: str
    site_url: str
    language: str
    ttl_seconds: int
    entries: tuple[FeedEntry, ...]
    skipped: Mapping[str, int]
    """Entries left out, by reason."""


def read_feed(content: bytes, url: str, *, content_type: str = "", most: int = 2000) -> ReadFeed:
    """The feed that an answer holds. Raises NotAFeed, saying what it is instead."""
    content = unpacked(content, url)
    head = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if not content.strip():
        raise NotAFeed(url, "an empty answer; check the address")
    if head in (b"{", b"["):
        return _read_json(content, url, most)
    for mark, what in _MARKS.items():
        if content.startswith(mark):
            raise NotAFeed(url, f"{what}, not a feed; subscribe to the site's feed instead")
    refuse_abuse(content, url)
    if is_sitemap(content):
        return _read_sitemap(content, url, most)
    if is_sitemap_index(content):
        raise NotAFeed(url, "a list of sitemaps, not a feed; 'vigie feeds add' finds the news sitemap in it")
    if _HTML.search(content[:2000]) and not _FEED_MARK.search(content[:20000]):
        raise NotAFeed(url, "a web page, not a feed; give the address of its feed", page=True)
    return _read_xml(content, url, content_type, most)


def _read_xml(content: bytes, url: str, content_type: str, most: int) -> ReadFeed:
    # Every field is made plain text below, so that feedparser's own sanitiser and resolver would be work done twice.
    first, beyond = first_items(content, most)
    refuse_markup(first, url)
    try:
        parsed = feedparser.parse(
            BytesIO(first),
            response_headers={"content-type": content_type} if content_type else {},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:
        # Broken markup breaks parsers in ways that no list of exceptions exhausts; one bad feed must not end a crawl.
        raise NotAFeed(
            url, f"not a feed that can be read ({type(error).__name__}: {error}); check the address"
        ) from error
    head = parsed.feed
    if not parsed.version and not parsed.entries:
        cause = str(parsed.get("bozo_exception", "")).split("\n")[0]
        raise NotAFeed(url, f"not a feed that can be read ({cause or 'unknown form'}); check the address")
    site = canonical_url(str(head.get("link", "")), url)
    language = str(head.get("language", ""))[:16].lower()
    entries: list[FeedEntry] = []
    skipped = {f"beyond the first {most} entries of a feed": beyond} if beyond else {}
    for item in parsed.entries[:most]:
        _keep(_xml_entry(item, site or url, language), entries, skipped)
    return ReadFeed(plain_text(head.get("title", "")), site, language, _ttl(head), tuple(entries), skipped)


def _xml_entry(item: Any, base: str, language: str) -> FeedEntry | str:
    if any(str(e.get("type", "")).startswith(_MEDIA) for e in item.get("enclosures", [])) and not item.get("content"):
        return "podcast"
    link = item.get("link") or next((x.get("href") for x in item.get("links", []) if x.get("href")), "")
    identifier = str(item.get("id", ""))
    if not link and identifier.startswith("http"):
        link = identifier
    bodies = [str(part.get("value", "")) for part in item.get("content", [])]
    return _entry(
        str(link or ""),
        base,
        title=str(item.get("title", "")),
        published=_moment(item.get("published_parsed")),
        updated=_moment(dict.get(item, "updated_parsed")),  # .get would answer with the date of publication
        author=str(item.get("author", "")),
        summary=str(item.get("summary", "")),
        content=max(bodies, key=len, default=""),
        language=str(item.get("language", "") or language),
    )


def _read_json(content: bytes, url: str, most: int) -> ReadFeed:
    try:
        feed = json.loads(content.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        raise NotAFeed(url, "JSON that cannot be read; check the address") from error
    if not isinstance(feed, dict) or "jsonfeed.org" not in str(feed.get("version", "")):
        raise NotAFeed(url, "JSON, but no JSON Feed; check the address")
    items = feed.get("items")
    site = canonical_url(str(feed.get("home_page_url", "") or ""), url)
    language = str(feed.get("language", "") or "")[:16].lower()
    entries: list[FeedEntry] = []
    skipped: dict[str, int] = {}
    for item in (items if isinstance(items, list) else [])[:most]:
        _keep(_json_entry(item, site or url, language), entries, skipped)
    return ReadFeed(plain_text(feed.get("title", "")), site, language, 0, tuple(entries), skipped)


def _json_entry(item: Any, base: str, language: str) -> FeedEntry | str:
    if not isinstance(item, dict):
        return "not an entry"
    attachments = item.get("attachments")
    kinds = [str(a.get("mime_type", "")) for a in attachments if isinstance(a, dict)] if attachments else []
    if kinds and all(kind.startswith(_MEDIA) for kind in kinds) and not item.get("content_html"):
        return "podcast"
    authors = item.get("authors")
    names = [str(a.get("name", "")) for a in authors if isinstance(a, dict)] if isinstance(authors, list) else []
    identifier = str(item.get("id", ""))
    return _entry(
        str(item.get("url") or (identifier if identifier.startswith("http") else "")),
        base,
        title=str(item.get("title", "") or ""),
        published=_iso(item.get("date_published")),
        updated=_iso(item.get("date_modified")),
        author=", ".join(filter(None, names)),
        summary=str(item.get("summary", "") or ""),
        content=str(item.get("content_html") or item.get("content_text") or ""),
        language=str(item.get("language", "") or language),
    )


def _read_sitemap(content: bytes, url: str, most: int) -> ReadFeed:
    entries: list[FeedEntry] = []
    skipped: dict[str, int] = {}
    title = language = ""
    for item in news_entries(content, most):
        title, language = title or item.publication, language or item.language
        made = _entry(
            item.url,
            url,
            title=item.title,
            published=_iso(item.published),
            updated=_iso(item.modified),
            author="",
            summary="",
            content="",
            language=item.language,
        )
        _keep(made, entries, skipped)
    if not entries and not skipped:
        raise NotAFeed(url, "a sitemap without news; give the address of the site's feed or of its news sitemap")
    return ReadFeed(plain_text(title), canonical_url("/", url), language[:16].lower(), 0, tuple(entries), skipped)


def _entry(
    link: str,
    base: str,
    *,
    title: str,
    published: datetime | None,
    updated: datetime | None,
    author: str,
    summary: str,
    content: str,
    language: str,
) -> FeedEntry | str:
    address = canonical_url(html.unescape(link.strip()), base) if link.strip() else ""
    if not address:
        return "no link"
    fields = [plain_text(field) for field in (title, author, summary, content)]
    stamp = json.dumps([address, *fields, str(published), str(updated)], ensure_ascii=False)
    return FeedEntry(
        url=address,
        title=fields[0],
        published=published or updated,
        updated=updated,
        author=fields[1],
        summary=fields[2],
        content=fields[3],
        language=language[:16].lower(),
        sha256=hashlib.sha256(stamp.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def _keep(made: FeedEntry | str, entries: list[FeedEntry], skipped: dict[str, int]) -> None:
    if isinstance(made, FeedEntry):
        entries.append(made)
    else:
        skipped[made] = skipped.get(made, 0) + 1


def plain_text(value: object) -> str:
    """What a field says without its markup, on one line a block, control characters away."""
    # JSON can spell half of a surrogate pair, which no encoder takes.
    text = str(value or "")[:LONGEST_FIELD].encode("utf-8", "ignore").decode()
    # Once for the markup, again for markup that was escaped, as often as it was.
    for _ in range(MOST_ESCAPES):
        if not ("<" in text or "&" in text):
            break
        before, text = text, _BLOCKS.sub("\n", text)
        text = html.unescape(nh3.clean(text, tags=set(), clean_content_tags={"script", "style"}))
        if text == before or not _TAG.search(text):
            break
    lines = (_SPACES.sub(" ", line).strip() for line in _printable(text).splitlines())
    return "\n".join(line for line in lines if line)


def _printable(text: str) -> str:
    return _UNPRINTED.sub("", text)


def _moment(parsed: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _iso(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
    if moment is None:
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None


def _ttl(head: Mapping[str, Any]) -> int:
    """The longest of <ttl> (minutes) and the syndication period (RSS 1.0 module), in seconds, at most a week."""
    waits = [0.0]
    try:
        waits.append(float(head.get("ttl", 0) or 0) * 60)
        period = str(head.get("sy_updateperiod", "")).strip().lower()
        if period in _PERIODS:
            waits.append(_PERIODS[period] / max(1.0, float(head.get("sy_updatefrequency", 1) or 1)))
    except (TypeError, ValueError):
        pass
    return int(min(max(waits), 604800))


def feed_links(content: bytes, url: str) -> Iterator[str]:
    """The feeds that a page announces (``<link rel="alternate">``), absolute, in the page's order."""
    for tag in re.findall(rb"<link\b[^<>]{0,2000}>", content[:500_000], re.IGNORECASE):
        text = tag.decode("utf-8", "replace")
        kind = re.search(r"type\s*=\s*[\"']?(application/(?:rss\+xml|atom\+xml|feed\+json|json))", text, re.IGNORECASE)
        href = re.search(r"href\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", text, re.IGNORECASE)
        if kind and href and re.search(r"rel\s*=\s*[\"']?[^\"'>]*alternate", text, re.IGNORECASE):
            address = canonical_url(html.unescape(next(filter(None, href.groups()), "")), url)
            if address:
                yield address
