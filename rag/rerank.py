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
    if not len(question):
        return np.zeros(len(starts), dtype=np.float32)
    scores: FloatArray = (weights / weights.sum()) @ best_similarities(question, tokens, starts, counts)
    return scores


def best_similarities(
    question: FloatArray, tokens: NDArray[np.int8], starts: NDArray[np.int64], counts: NDArray[np.int32]
) -> FloatArray:
    """(q, n) float32: of every token of the question its best similarity among a candidate's; 0 for one without tokens.

    Shapes as in ``max_similarities``. Several questions are compared at once by putting their tokens together: what is dear
    is to fetch the candidates.
    """
    best = np.zeros((len(question), len(starts)), dtype=np.float32)
    held = np.flatnonzero(counts > 0)
    if not len(held) or not len(question):
        return best
    sizes = counts[held].astype(np.int64)
    borders = np.cumsum(sizes) - sizes
    gathered = np.take(tokens, np.arange(int(sizes.sum())) + np.repeat(starts[held] - borders, sizes), axis=0)
    asked, longest = question / np.float32(127), int(sizes.max())
    block = min(longest, max(1, SMALL_PRODUCT // question.size))
    part = np.empty((block, question.shape[1]), dtype=np.float32)
    products = np.empty((len(question), longest), dtype=np.float32)
    for at, first, size in zip(held.tolist(), borders.tolist(), sizes.tolist(), strict=True):
        for start in range(0, size, block):
            taken = gathered[first + start : first + min(start + block, size)]
            into = part[: len(taken)]
            np.copyto(into, taken)
            np.matmul(asked, into.T, out=products[:, start : start + len(taken)])
        np.max(products[:, :size], axis=1, out=best[:, at])
    return best
