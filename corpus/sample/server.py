"""The bundled newsroom on loopback: one port a publisher, chosen by the system, standard library alone."""

from __future__ import annotations

import gzip
import hashlib
import html
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from corpus.enrich.topics import WEIGHTS_FILE
from corpus.sample.pages import FEED_TYPES, Publisher, SampleArticle, articles, feed, page, publishers


def sample_version() -> str:
    """What tells one state of the sample, and of its topics, from another."""
    labels = WEIGHTS_FILE.read_text(encoding="utf-8")
    return hashlib.sha256(repr((publishers(), articles(), labels)).encode()).hexdigest()[:12]


def sample_now() -> datetime:
    """The sample's own moment: the morning after its newest article."""
    newest = max(article.published for article in articles())
    return (newest + timedelta(days=1)).replace(hour=8, minute=0, second=0)


@dataclass(frozen=True, slots=True)
class Newsroom:
    """A newsroom that is being served. ``connect_to`` sends each publisher's host to its port."""

    connect_to: tuple[tuple[str, str], ...]
    now: datetime
    version: str

    @property
    def feeds(self) -> tuple[str, ...]:
        """The addresses of all feeds."""
        return tuple(publisher.feed_url for publisher in publishers())

    def opml(self) -> bytes:
        """The subscriptions to all feeds."""
        rows = "".join(
            f'<outline type="rss" text="{html.escape(p.name)}" title="{html.escape(p.name)}" xmlUrl="{p.feed_url}" '
            f'htmlUrl="{p.base}/"/>'
            for p in publishers()
        )
        return f'<?xml version="1.0" encoding="utf-8"?><opml version="2.0"><head><title>Sample</title></head><body>{rows}</body></opml>'.encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A crawler that hangs up is no error of the newsroom's."""


@contextmanager
def serve_newsroom() -> Iterator[Newsroom]:
    """Serve the sample for the length of the block."""
    servers = [_Server(("127.0.0.1", 0), _handler_for(publisher)) for publisher in publishers()]
    for server in servers:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    addresses = [f"127.0.0.1:{server.server_address[1]}" for server in servers]
    try:
        hosts = [publisher.host for publisher in publishers()]
        yield Newsroom(tuple(zip(hosts, addresses, strict=True)), sample_now(), sample_version())
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def _handler_for(publisher: Publisher) -> type[BaseHTTPRequestHandler]:
    mine = [a for a in articles() if a.publisher == publisher.key]
    by_path = {a.path: a for a in mine}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            """Keep quiet: a crawl's own report says what was asked."""

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/robots.txt":
                self._answer(200, "text/plain", b"User-agent: *\nDisallow: /members/\n")
            elif path in ("/feed.xml", "/feed.json"):
                newest = max((a.published for a in mine), default=sample_now())
                self._answer(200, FEED_TYPES[publisher.feed], feed(publisher, mine), newest)
            elif path == "/":
                self._answer(200, "text/html; charset=utf-8", _home(publisher, mine))
            elif path in by_path:
                article = by_path[path]
                related = [a for a in mine if a.path != path][-3:]
                self._answer(200, "text/html; charset=utf-8", page(publisher, article, related), article.published)
            else:
                self._answer(404, "text/plain", b"not found")

        def _answer(self, status: int, kind: str, body: bytes, modified: datetime | None = None) -> None:
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if self.headers.get("If-None-Match") == tag:
                status, body = 304, b""
            headers = {"Content-Type": kind, "ETag": tag}
            if modified is not None:
                headers["Last-Modified"] = format_datetime(modified, usegmt=True)
            if len(body) > 500 and "gzip" in self.headers.get("Accept-Encoding", ""):
                body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _home(publisher: Publisher, mine: list[SampleArticle]) -> bytes:
    links = "".join(f'<li><a href="{html.escape(a.path)}">{html.escape(a.title)}</a></li>' for a in reversed(mine))
    kind = FEED_TYPES[publisher.feed]
    return (
        f'<!doctype html><html lang="{publisher.language}"><head><meta charset="utf-8"><title>{html.escape(publisher.name)}</title>'
        f'<link rel="alternate" type="{kind}" href="{publisher.feed_url}"></head><body><h1>{html.escape(publisher.name)}</h1>'
        f"<ul>{links}</ul></body></html>"
    ).encode()
