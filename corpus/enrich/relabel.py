"""Topics of articles that an earlier release labelled."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from corpus.enrich.topics import score
from corpus.store import Store


def relabel(store: Store, *, seen: datetime) -> int:
    """Score the topics of every crawled article as this release does; how many changed. For the holder of the writer's lock.

    Articles that came by no feed keep what they were given.
    """
    changed = 0
    for listed in store.find():
        article = store.get(listed.id) if listed.feed_url else None
        if article is not None and (topics := score(article.title, article.text)) != dict(article.topics):
            store.put(replace(article, topics=topics), seen=seen)
            changed += 1
    return changed
