"""What a crawl counts, from any thread, and the report that it makes of it."""

from __future__ import annotations

import threading
from collections import Counter

from ingest.models import ArticleCounts, CrawlOutcome, CrawlReport, FeedCounts


class Tally:
    """The counts of one crawl."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._feeds: Counter[str] = Counter()
        self._problems: list[str] = []

    def tell(self, outcome: CrawlOutcome) -> None:
        """Count what became of an entry; skipped and failed ones by reason."""
        if outcome.entry:
            reason = outcome.reason if outcome.kind in ("skipped", "failed") else ""
            with self._guard:
                self._counts[outcome.kind, reason] += 1
                if outcome.reason and outcome.kind in ("new", "updated"):
                    self._counts["shortened", outcome.reason] += 1

    def feed(self, kind: str) -> None:
        """Count a feed: "checked", "unchanged", "failed" or "waiting"."""
        with self._guard:
            self._feeds[kind] += 1

    def skip(self, reason: str, count: int) -> None:
        """Count entries that a feed's reader left out."""
        with self._guard:
            self._counts["skipped", reason] += count

    def new_is_copy(self) -> None:
        """An article counted as new turned out to be a copy."""
        with self._guard:
            self._counts["new", ""] -= 1
            self._counts["duplicate", ""] += 1

    def note(self, line: str) -> None:
        """Keep a line for the reader."""
        with self._guard:
            self._problems.append(line)

    def report(self, seconds: float) -> CrawlReport:
        """The summary of the run."""
        by_reason = {
            kind: {reason: n for (k, reason), n in sorted(self._counts.items()) if k == kind}
            for kind in ("shortened", "skipped", "failed")
        }
        return CrawlReport(
            feeds=FeedCounts(**self._feeds),
            articles=ArticleCounts(
                new=self._counts["new", ""],
                updated=self._counts["updated", ""],
                unchanged=self._counts["unchanged", ""],
                duplicate=self._counts["duplicate", ""],
                shortened=by_reason["shortened"],
                skipped=by_reason["skipped"],
                failed=by_reason["failed"],
            ),
            seconds=round(seconds, 3),
            problems=tuple(self._problems),
        )
