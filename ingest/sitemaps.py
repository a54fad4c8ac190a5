"""News sitemaps (sitemaps.org 0.9 with Google's news extension 0.9), for sites without a feed. Pure."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

_URLSET = re.compile(rb"<(?:[a-z0-9]+:)?urlset[\s>]", re.IGNORECASE)
_INDEX = re.compile(rb"<(?:[a-z0-9]+:)?sitemapindex[\s>]", re.IGNORECASE)
MOST_SITEMAPS = 1000


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """A <url> that has a <news:news>, its fields as they stand."""

    url: str
    title: str
    published: str
    modified: str
    publication: str
    language: str


def is_sitemap(content: bytes) -> bool:
    """Whether the bytes begin like a sitemap."""
    return bool(_URLSET.search(content[:4000]))


def is_sitemap_index(content: bytes) -> bool:
    """Whether the bytes begin like a list of sitemaps."""
    return bool(_INDEX.search(content[:4000]))


def news_entries(content: bytes, most: int) -> Iterator[SitemapEntry]:
    """The first ``most`` pages that a sitemap gives as news. A file that breaks off gives what stands before the break."""
    found = 0
    for element in _elements(content, "url"):
        fields: dict[str, str] = {}
        for part in element.iter():
            fields.setdefault(_name(part.tag), (part.text or "").strip())
        if "news" in fields and fields.get("loc"):
            found += 1
            yield SitemapEntry(
                fields["loc"],
                fields.get("title", ""),
                fields.get("publication_date", ""),
                fields.get("lastmod", ""),
                fields.get("name", ""),
                fields.get("language", ""),
            )
            if found == most:
                return


def sitemaps_of_index(content: bytes) -> list[str]:
    """The sitemaps that an index names, those for news first."""
    found = []
    for element in _elements(content, "sitemap"):
        found += [(part.text or "").strip() for part in element if _name(part.tag) == "loc" and part.text]
        if len(found) >= MOST_SITEMAPS:
            break
    return sorted(found, key=lambda url: "news" not in url.lower() and "actu" not in url.lower())


def _elements(content: bytes, name: str) -> Iterator[ET.Element]:
    # Entities are how such files attack (CWE-776); no sitemap needs a document type.
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", content, re.IGNORECASE):
        return
    parents: list[ET.Element] = []
    try:
        for event, element in ET.iterparse(BytesIO(content), events=("start", "end")):  # noqa: S314 - entities are refused
            if event == "start":
                parents.append(element)
                continue
            parents.pop()
            if _name(element.tag) == name:
                yield element
            if len(parents) == 1:
                # What is read is let go: 50,000 pages are not held at once.
                parents[0].clear()
    except (ET.ParseError, ValueError, LookupError):
        return


def _name(tag: object) -> str:
    return str(tag).rpartition("}")[2].lower()
