"""The body of an answer: decompressed within its limit, or read only so far that the connection serves again."""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import brotli
import httpx

LONGEST_NOTICE = 64 * 1024
"""Bytes of the body of a refusal or a redirect that are read: a server's page of explanation."""


def decoded(answer: httpx.Response, limit: int) -> Iterator[bytes]:
    """The body decompressed, never more than a little over ``limit`` at once: a bomb goes off outside."""
    coding = answer.headers.get("content-encoding", "").strip().lower()
    # As it comes: pieces of a fixed size would be waited for, and with them every look at the time.
    raw = answer.iter_raw()
    if coding in ("", "identity"):
        yield from raw
    elif coding == "br":
        unpack = brotli.Decompressor()
        for part in raw:
            yield unpack.process(part, output_buffer_limit=limit + 1)
            while not unpack.can_accept_more_data():
                yield unpack.process(b"", output_buffer_limit=limit + 1)
    elif coding in ("gzip", "x-gzip", "deflate"):
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
        for part in raw:
            pending = part
            while pending:
                yield inflate.decompress(pending, limit + 1)
                pending = inflate.unconsumed_tail
    else:
        raise httpx.DecodingError(f"unknown content coding {coding!r}")


def read_out(answer: httpx.Response) -> bool:
    """Read what comes with an answer that is not kept, so that the connection serves again; False when it is too much or breaks."""
    read = 0
    try:
        for part in answer.iter_raw():
            read += len(part)
            if read > LONGEST_NOTICE:
                return False
    except (httpx.HTTPError, ssl.SSLError, OSError):
        return False
    return True


def retry_after(value: str) -> float:
    """Seconds that a Retry-After header asks to wait (RFC 9110, 10.2.3); 0 when it says nothing readable."""
    if value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return 0.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
