"""Late interaction: every token of the question looks for its nearest token in a passage (MaxSim; Khattab and Zaharia 2020,
ColBERT). Array code over all candidates at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


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
    gathered = np.concatenate([tokens[s : s + c] for s, c in zip(starts[held], counts[held], strict=True)])
    similarity = gathered.astype(np.float32) @ (question.T / np.float32(127))
    borders = np.concatenate([[0], np.cumsum(counts[held])[:-1]])
    best = np.maximum.reduceat(similarity, borders, axis=0)
    scores[held] = best @ (weights / weights.sum())
    return scores
