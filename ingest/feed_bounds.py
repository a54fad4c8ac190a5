"""What of a feed's bytes is parsed at all: a parser's time and memory must not be the sender's to spend. Pure."""

from __future__ import annotations

import re
import zlib

from ingest.errors import NotAFeed

LARGEST_FEED = 16 * 1024 * 1024
"""Bytes of a feed after decompression."""
_MANY_OPEN = 20_000
MOST_TAGS = 400_000
"""Signs that open a tag in what is parsed, escaped markup and CDATA aside; two thousand entries have some sixty thousand."""
_LONGEST_TAG = re.compile(rb"<[A-Za-z/?][^<>]{100000}")
_ITEM = re.compile(rb"<(?:[a-z0-9]+:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_ENDS = ((b"<feed", b"</feed>"), (b"<rdf:RDF", b"</rdf:RDF>"), (b"<rss", b"</channel></rss>"))


def unpacked(content: bytes, url: str) -> bytes:
    """The bytes, decompressed where the file itself is gzip (as sitemaps often are). Raises NotAFeed for a bomb."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        made = inflate.decompress(content, LARGEST_FEED + 1)
    except zlib.error as error:
        raise NotAFeed(url, f"a broken gzip file ({error}); check the address") from error
    if len(made) > LARGEST_FEED:
        raise NotAFeed(url, f"more than {LARGEST_FEED // 2**20} MiB when unpacked; it is not read")
    return made


def first_items(content: bytes, most: int) -> tuple[bytes, int]:
    """The feed with its first ``most`` items, closed after them, and how many were left out."""
    cut, count = len(content), 0
    for item in _ITEM.finditer(content):
        if count == most:
            cut = item.start()
        count += 1
    if count <= most:
        return content, 0
    end = next((closing for opening, closing in _ENDS if opening in content[:2000]), b"")
    return content[:cut] + end, count - most


def refuse_abuse(content: bytes, url: str) -> None:
    """Raises NotAFeed for markup that no feed has and that costs a parser out of all proportion to its length."""
    # Measured with feedparser: 17 MB of attributes in one tag took 2.2 GB, a million open tags half a gigabyte.
    if _LONGEST_TAG.search(content) or b"<" * 1000 in content:
        raise NotAFeed(url, "markup that no feed has (a tag without end); it is not read")
    plain = _without_cdata(content)
    opened = len(re.findall(rb"<[A-Za-z]", plain))
    if opened - plain.count(b"</") - plain.count(b"/>") > _MANY_OPEN:
        raise NotAFeed(url, "markup that no feed has (thousands of tags left open); it is not read")


def refuse_markup(content: bytes, url: str) -> None:
    """Raises NotAFeed for more markup than the entries that are read can need."""
    if _without_cdata(content).count(b"<") > MOST_TAGS:
        raise NotAFeed(url, "markup that no feed has (hundreds of thousands of tags); it is not read")


def _without_cdata(content: bytes) -> bytes:
    # By hand: a pattern would look for the end of each section anew, to the end of the file where there is none.
    kept, at = [], 0
    while (start := content.find(b"<![CDATA[", at)) >= 0 and (end := content.find(b"]]>", start)) >= 0:
        kept.append(content[at:start])
        at = end + 3
    return b"".join(kept) + content[at:]
