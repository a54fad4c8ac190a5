"""Answers to robots.txt in the store, for a day (RFC 9309, 2.4)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from corpus.store import Store


class StoredRobots:
    """A ``RobotsMemory`` in the library's store."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock

    def recall(self, host: str) -> tuple[int, bytes] | None:
        """The status and body that were kept for a host within the last day."""
        kept = self._store.get_meta(f"robots {host}")
        if not kept:
            return None
        at, status, content = json.loads(kept)
        age = self._clock() - datetime.fromisoformat(at)
        # A clock that ran backwards makes an answer neither older nor newer: it is asked for again.
        return (status, content.encode("latin-1")) if timedelta(0) <= age <= timedelta(days=1) else None

    def remember(self, host: str, status: int, content: bytes) -> None:
        """Keep an answer."""
        self._store.set_meta(
            f"robots {host}", json.dumps([self._clock().isoformat(), status, content.decode("latin-1")])
        )
