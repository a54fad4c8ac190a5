"""Conditions as masks over the columns, and as a Chroma server is told them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.columns import FOREVER, Columns
from corpus.models import TOPIC_THRESHOLD, TOPICS
from corpus.schema import fold
from rag.models import Filters


def meeting(columns: Columns, filters: Filters) -> NDArray[np.bool_]:
    """(rows,) what meets every condition. A source, language or topic that the library does not have matches nothing."""
    if filters.as_of is None:
        mask = columns.current()
    else:
        moment = int(filters.as_of.timestamp())
        mask = (columns.array("valid_from") <= moment) & (columns.array("valid_until") > moment)
    published = columns.array("published")
    if filters.since is not None:
        mask = mask & (published >= int(filters.since.timestamp()))
    if filters.until is not None:
        mask = mask & (published < int(filters.until.timestamp()))
    if filters.sources:
        wanted = {fold(s) for s in filters.sources}
        mask = mask & _among(columns, "source", wanted)
    if filters.languages:
        wanted = {fold(s) for s in filters.languages}
        mask = mask & _among(columns, "language", wanted)
    if filters.topics:
        numbers = [TOPICS.index(t) for t in filters.topics if t in TOPICS]
        about = columns.array("topics")[:, numbers] >= TOPIC_THRESHOLD
        mask = mask & about.any(axis=1)
    return np.asarray(mask, dtype=np.bool_)


def chroma_where(columns: Columns, filters: Filters) -> dict[str, Any]:
    """The same conditions as a Chroma ``where`` over the fields of ``corpus.vectors``, for a library that has something that
    meets them."""
    if filters.as_of is None:
        found: list[dict[str, Any]] = [{"valid_until": FOREVER}]
    else:
        moment = int(filters.as_of.timestamp())
        found = [{"valid_from": {"$lte": moment}}, {"valid_until": {"$gt": moment}}]
    if filters.since is not None:
        found.append({"published": {"$gte": int(filters.since.timestamp())}})
    if filters.until is not None:
        found.append({"published": {"$lt": int(filters.until.timestamp())}})
    if filters.sources:
        found.append({"source_folded": {"$in": sorted({fold(s) for s in filters.sources})}})
    if filters.languages:
        wanted = {fold(s) for s in filters.languages}
        found.append({"language": {"$in": [name for name in columns.names("language") if fold(name) in wanted]}})
    if topics := [{f"topic_{t}": True} for t in filters.topics if t in TOPICS]:
        found.append(topics[0] if len(topics) == 1 else {"$or": topics})
    return found[0] if len(found) == 1 else {"$and": found}


def _among(columns: Columns, field: str, wanted: set[str]) -> NDArray[np.bool_]:
    """(rows,) whether the row's name in a field is one of the folded ones."""
    numbers = [number for number, name in enumerate(columns.names(field)) if fold(name) in wanted]
    held, mask = np.asarray(columns.array(field)), np.zeros(columns.rows, dtype=np.bool_)
    if len(numbers) <= 8:
        for number in numbers:
            mask |= held == number
        return mask
    table = np.zeros(len(columns.names(field)), dtype=np.bool_)
    table[numbers] = True
    return np.take(table, held)


def joined(reader: Filters, question: Filters) -> Filters:
    """The reader's filters, and where the reader set none the question's own conditions."""
    return Filters(
        since=reader.since or question.since,
        until=reader.until or question.until,
        sources=reader.sources or question.sources,
        languages=reader.languages or question.languages,
        topics=reader.topics or question.topics,
        as_of=reader.as_of or question.as_of,
    )
