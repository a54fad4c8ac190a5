"""Late interaction: every token of the question looks for its nearest token in a passage (MaxSim; Khattab and Zaharia 2020,
ColBERT). Array code over all candidates at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

SMALL_PRODUCT = 2**19 - 1
"""Multiplications in one matrix product. So small a one stays in the cache and on one thread: threads would wait for each
other, on a busy machine for longer than they compute."""


def max_similarities(
    question: FloatArray,
    weights: FloatArray,
    tokens: NDArray[np.int8],
    starts: NDArray[np.int64],
    counts: NDArray[np.int32],
) -> FloatArray:
    """(n,) float32: for each candidate the weighted mean, over the question's tokens, of the best similarity.

    ``question`` (q, k) unit rows, ``weights`` (q,) not all 0, ``tokens`` (t, k) int8 where 127 is 1, candidate ``i`` owning
    rows ``starts[i]`` to ``starts[i] + counts[i]``. A candidate without tokens gets 0.
    """
    scores = np.zeros(len(starts), dtype=np.float32)
    held = np.flatnonzero(counts > 0)
    if not len(held) or not len(question):
        return scores
    counts = counts[held].astype(np.int64)
    borders = np.cumsum(counts) - counts
    rows = np.arange(int(counts.sum())) + np.repeat(starts[held] - borders, counts)
    best = np.maximum.reduceat(_products(tokens, rows, question / np.float32(127)), borders, axis=1)
    scores[held] = (weights / weights.sum()) @ best
    return scores


def _products(tokens: NDArray[np.int8], rows: NDArray[np.int64], question: FloatArray) -> FloatArray:
    """(q, n): the products of every row of ``question`` (q, k) with some rows of ``tokens`` (t, k)."""
    out = np.empty((len(question), len(rows)), dtype=np.float32)
    block = min(len(rows), max(1, SMALL_PRODUCT // question.size))
    gathered, part = np.take(tokens, rows, axis=0), np.empty((block, question.shape[1]), dtype=np.float32)
    for start in range(0, len(rows), block):
        taken = gathered[start : start + block]
        into = part[: len(taken)]
        np.copyto(into, taken)
        np.matmul(question, into.T, out=out[:, start : start + len(taken)])
    return out
