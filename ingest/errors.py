"""What can go wrong in this package and be mended by the reader: one line each, keys as attributes."""

from __future__ import annotations


class IngestError(Exception):
    """Base of this package's errors."""


class NotOpml(IngestError):
    """A file given as a subscription list is none."""


class NotAFeed(IngestError):
    """An address given as a feed answers with something else. ``page``: with a web page, which may lead to a feed."""

    def __init__(self, url: str, what: str, *, page: bool = False) -> None:
        self.url, self.page = url, page
        super().__init__(f"{url}: {what}")
