"""Copies of one text put under the one that was published first, at the end of a crawl."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from corpus.enrich.duplicates import groups
from corpus.store import Store

GROUPED_AT = "grouped at"
"""The fact under which the library keeps the change number up to which its copies are grouped."""


def group_copies(store: Store, clock: Callable[[], datetime]) -> Mapping[str, str]:
    """Article id -> id of the one that it is counted under, of every article with copies; the same whatever order they
    came in. Nothing is done, and the answer is empty, when the library has not changed since it was last grouped.

    What counts is the library's change, not this run's: an earlier run may have been killed between its last article
    and here.
    """
    if store.get_meta(GROUPED_AT) == str(store.sequence()):
        return {}
    known = {article.id: article for article in store.find()}
    found = groups(dict(store.signatures()), {key: article.published for key, article in known.items()})
    wrong = [key for key, article in known.items() if article.group != found.get(key, "")]
    for key, article in store.get_many(wrong).items():
        store.put(replace(article, group=found.get(key, "")), seen=clock())
    store.set_meta(GROUPED_AT, str(store.sequence()))
    return found
