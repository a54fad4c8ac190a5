"""What can go wrong in this package and be mended by the reader: one line each, keys as attributes."""

from __future__ import annotations


class RagError(Exception):
    """Base of this package's errors."""
