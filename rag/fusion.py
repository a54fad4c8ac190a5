"""Scores of several stages made comparable, and put together. Pure array functions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


def standardised(scores: FloatArray, group: NDArray[np.int32] | None = None) -> FloatArray:
    """(n,) -> (n,): mean 0 and deviation 1; with ``group`` (n,) within each group, so that languages compete fairly. A
    group without spread becomes 0."""
    out = np.zeros_like(scores)
    # Groups are small numbers: to count them is quicker than to sort them.
    for number in np.flatnonzero(np.bincount(group)) if group is not None else [None]:
        inside = group == number if group is not None else np.ones(len(scores), dtype=np.bool_)
        values = scores[inside]
        spread = values.std()
        if spread > 1e-9:
            out[inside] = (values - values.mean()) / spread
    return out


def calibrated(scores: FloatArray, background: FloatArray) -> FloatArray:
    """Scores in deviations above the mean of a background: what a text that has nothing to do with the question gets."""
    spread = float(background.std()) if len(background) else 0.0
    return ((scores - background.mean()) / spread).astype(np.float32) if spread > 1e-9 else np.zeros_like(scores)


def top_rows(scores: FloatArray, k: int) -> NDArray[np.int64]:
    """The positions of the ``k`` best scores, best first, ties by position; fewer when there are fewer. -inf is never
    among them."""
    k = min(k, len(scores))
    if k <= 0:
        return np.zeros(0, dtype=np.int64)
    if k < len(scores):
        edge = np.partition(scores, len(scores) - k)[len(scores) - k]
        chosen = np.flatnonzero(scores >= edge)
    else:
        chosen = np.arange(len(scores))
    chosen = chosen[np.isfinite(scores[chosen])]
    order = np.lexsort((chosen, -scores[chosen]))
    return chosen[order[:k]].astype(np.int64)


def top_masked(scores: FloatArray, mask: NDArray[np.bool_], k: int, above: float = -np.inf) -> NDArray[np.int64]:
    """The positions of the ``k`` best scores over ``above`` among those of the mask, best first, ties by position.

    Every score is looked at once: a sample tells under which score none of the best lies, the few over it are sorted.
    """
    step = 1 + len(scores) // 16_384
    sample = scores[::step][mask[::step]]
    sample = sample[sample > above]
    enough = 8 + 2 * k // step
    if len(sample) > enough:
        floor = np.partition(sample, len(sample) - enough)[len(sample) - enough]
        chosen = np.flatnonzero((scores >= floor) & mask)
        if len(chosen) >= k:
            return chosen[top_rows(scores[chosen], k)]
    chosen = np.flatnonzero((scores > above) & mask)
    return chosen[top_rows(scores[chosen], k)]


def recency(published: NDArray[np.int64], now: int, half_life_days: float) -> FloatArray:
    """1 for what is published now, one half after ``half_life_days``, towards 0 after years."""
    age = np.maximum(0, now - published) / 86400.0
    return np.exp2(-age / half_life_days).astype(np.float32)
