"""Memory that is free, given back to the system."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any


def give_back() -> bool:
    """Have the C library return what it holds free; True where it did.

    glibc keeps what many threads freed between what a few still hold (parsed pages beside an index that grows): over a long
    crawl that is more than all that is in use. Some 5 ms a call; elsewhere nothing is done.
    """
    trim = _trim()
    return trim is not None and bool(trim(0))


M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""glibc's numbers for ``mallopt`` (malloc.h)."""
HELD_FREE = 2 << 20
"""Bytes that an arena may hold free at its end, and from which a piece of memory is the system's again once it is freed."""


@cache
def hold_little_free() -> bool:
    """Have every arena of the C library give back what it holds free at its end; True where it will.

    glibc raises both thresholds to the largest piece that was ever freed (an array of a batch's token states: 10 MB, and 20), and ``malloc_trim``
    does not shorten any arena but the first: a crawl's sixteen threads then held 440 MB that nobody used after 12,000 articles.
    """
    option = _of_the_library("mallopt", ctypes.c_int, ctypes.c_int)
    return option is not None and all(option(which, HELD_FREE) for which in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD))


def _trim() -> Any:
    return _of_the_library("malloc_trim", ctypes.c_size_t)


@cache
def _of_the_library(name: str, *takes: Any) -> Any:
    try:
        function = getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError, TypeError):  # another C library, another system
        return None
    function.argtypes, function.restype = list(takes), ctypes.c_int
    return function
