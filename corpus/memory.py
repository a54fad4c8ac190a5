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


@cache
def _trim() -> Any:
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):  # another C library, another system
        return None
    trim.argtypes, trim.restype = [ctypes.c_size_t], ctypes.c_int
    return trim
