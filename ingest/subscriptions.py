"""The feed list: OPML in and out, the list that Vigie ships, and the feed that a page announces."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from importlib.resources import files

from ingest.errors import NotOpml
from ingest.feeds import feed_links
from ingest.models import Feed
from ingest.urls import canonical_url

LARGEST_OPML = 16 * 1024 * 1024


def read_opml(content: bytes) -> list[Feed]:
    """The feeds of an OPML file (opml.org, 2.0), each in the folder that its outlines make, the first mention of a feed
    counting. Raises NotOpml."""
    if len(content) > LARGEST_OPML:
        raise NotOpml(f"an OPML file of more than {LARGEST_OPML // 2**20} MiB is not read; split it")
    # No subscription list needs a document type, and entities are how such files attack (CWE-776).
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", content, re.IGNORECASE):
        raise NotOpml("an OPML file with a document type or entities is not read; export it anew")
    try:
        root = ET.fromstring(content)  # noqa: S314 - entities are refused above
    except (ET.ParseError, ValueError, LookupError) as error:
        raise NotOpml(f"not an OPML file ({error}); export your subscriptions as OPML") from error
    body = root.find("body")
    if root.tag.lower() != "opml" or body is None:
        raise NotOpml("not an OPML file (no <opml> with a <body>); export your subscriptions as OPML")
    found: dict[str, Feed] = {}
    for feed in _outlines(body):
        found.setdefault(feed.url, feed)
    return list(found.values())


def _outlines(body: ET.Element) -> Iterator[Feed]:
    waiting: list[tuple[ET.Element, str]] = [(child, "") for child in reversed(body)]
    while waiting:  # Not recursive: the nesting is the file's, which may be hostile.
        outline, folder = waiting.pop()
        name = (outline.get("title") or outline.get("text") or "").strip()
        url = canonical_url(outline.get("xmlUrl") or outline.get("xmlurl") or "")
        if url:
            yield Feed(url, name, folder, canonical_url(outline.get("htmlUrl") or ""))
        inner = "/".join(part for part in (folder, name) if part) if not url else folder
        waiting += [(child, inner) for child in reversed(outline)]


def write_opml(feeds: list[Feed]) -> bytes:
    """The feeds as OPML 2.0, folders as nested outlines."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = "Vigie"
    folders: dict[str, ET.Element] = {"": ET.SubElement(root, "body")}
    for feed in feeds:
        path = ""
        for part in filter(None, feed.folder.split("/")):
            parent, path = folders[path], f"{path}/{part}".strip("/")
            if path not in folders:
                folders[path] = ET.SubElement(parent, "outline", text=part, title=part)
        title = feed.title or feed.url
        attributes = {"type": "rss", "text": title, "title": title, "xmlUrl": feed.url}
        ET.SubElement(folders[path], "outline", attributes | ({"htmlUrl": feed.site_url} if feed.site_url else {}))
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def default_feeds() -> list[Feed]:
    """The list that Vigie ships, used when the reader has chosen no feeds."""
    return read_opml(files("ingest").joinpath("default_feeds.opml").read_bytes())


def discover(content: bytes, url: str) -> str:
    """The feed that a page announces, "" when it announces none."""
    return next(feed_links(content, url), "")
