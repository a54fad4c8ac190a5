"""Scores of candidates that the columns alone do not hold: similarity fair to both languages, names that stand, periods that
are near. Pure array code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from corpus.analysis import analyse
from corpus.lexical import LexicalIndex
from rag.fusion import calibrated

FloatArray = NDArray[np.float32]

SHORTEST_FALL_DAYS, LONGEST_FALL_DAYS = 3.0, 30.0
"""How far from a day, and from a month or more, a publication is half as near: news of a day is printed on the next ones."""


def named(lexical: LexicalIndex, names: Sequence[str], rows: NDArray[np.int64]) -> FloatArray:
    """(n,) float32: the share of the question's names whose every term stands in the row."""
    share = np.zeros(len(rows), dtype=np.float32)
    for name in names:
        terms = analyse(name, "")
        if terms:
            share += lexical.standing(terms, rows)
    return share / np.float32(len(names))


def by_language(
    scores: FloatArray,
    language: NDArray[np.int32],
    background_scores: FloatArray,
    background_language: NDArray[np.int32],
) -> FloatArray:
    """Similarities in deviations above the mean of chunks of the same language that were drawn without regard to the
    question, so that a question in French does not prefer French by habit."""
    out = np.zeros(len(scores), dtype=np.float32)
    for number in np.flatnonzero(np.bincount(language)):
        inside = language == number
        background = background_scores[background_language == number]
        # Of few chunks the mean and spread say little: all languages together then stand in.
        out[inside] = calibrated(scores[inside], background if len(background) >= 50 else background_scores)
    return out


def near_periods(
    published: NDArray[np.int64], periods: Sequence[tuple[datetime | None, datetime | None]]
) -> FloatArray:
    """1 inside one of the periods, falling to one half outside of it within its own length: within three days of a day, a
    month of what is longer."""
    best = np.zeros(len(published), dtype=np.float32)
    for begins, ends in periods:
        since = begins.timestamp() if begins else -np.inf
        until = ends.timestamp() if ends else np.inf
        length = (ends - begins).days if begins and ends else LONGEST_FALL_DAYS
        outside = np.maximum(np.maximum(since - published, published - until), 0) / 86400.0
        fall = np.exp2(-outside / min(LONGEST_FALL_DAYS, max(SHORTEST_FALL_DAYS, length)))
        best = np.maximum(best, fall.astype(np.float32))
    return best
