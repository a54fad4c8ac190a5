"""What a library holds, how far its derived stores have come, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from corpus.models import LibraryStats, StageState
from corpus.store import Store


def library_stats(
    store: Store, stages: Sequence[StageState], *, home: str, sample: bool, now: datetime, embedder: str
) -> LibraryStats:
    """The numbers that ``vigie stats`` prints. ``embedder`` is named when nothing is indexed yet."""
    counts = store.counts()
    return LibraryStats(
        home=home,
        sample=sample,
        now=now,
        articles=counts["all"][""],
        chunks=max((stage.rows for stage in stages), default=0),
        feeds=len(store.feeds()),
        by_language=counts["language"],
        by_source=counts["source"],
        by_topic=counts["topic"],
        stages=tuple(stages),
        embedder=store.get_meta("embedder") or embedder,
    )


def problems(store: Store, stages: Sequence[StageState]) -> list[str]:
    """What is wrong and what to do about it, one line each; empty when all is well."""
    found = [
        f"{stage.name}: {stage.behind} changes behind the articles; the next 'vigie crawl' follows them, or 'vigie reindex'"
        for stage in stages
        if stage.behind
    ]
    found += [
        f"{feed.url}: failed {f'{feed.failures} times in a row' if feed.failures > 1 else 'once'} ({feed.error}); see 'vigie feeds check'"
        for feed in store.feeds()
        if feed.failures and not feed.ended
    ]
    found += [f"{feed.url}: no longer asked ({feed.ended}); remove it" for feed in store.feeds() if feed.ended]
    if stale := [citation for citation in store.stale_citations() if citation.changed]:
        found.append(
            f"{len(stale)} cited passages have changed since, the latest in {stale[0].place}; 'vigie citations' lists them"
        )
    return found
