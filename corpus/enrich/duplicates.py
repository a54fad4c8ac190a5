"""Near-duplicates: one wire story in twelve papers counts once. MinHash over word shingles (Broder 1997), by datasketch."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache

import numpy as np
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

PERMUTATIONS = 96
THRESHOLD = 0.8
"""Estimated share of shingles in common (Jaccard) from which two texts are copies."""
SHINGLE_WORDS = 4
LEAST_WORDS = 40
"""Shorter texts have too few shingles to tell a copy from a coincidence."""
_WORD = re.compile(r"\w+")


def signature(text: str) -> bytes:
    """96 unsigned 64-bit numbers, little-endian; b"" for a text of under 40 words."""
    words = _WORD.findall(text.lower())
    if len(words) < LEAST_WORDS:
        return b""
    shingles = {" ".join(words[i : i + SHINGLE_WORDS]) for i in range(len(words) - SHINGLE_WORDS + 1)}
    sketch = _sketch()
    sketch.update_batch([s.encode() for s in shingles])
    return np.asarray(sketch.hashvalues, dtype="<u8").tobytes()


def groups(signatures: Mapping[str, bytes], published: Mapping[str, datetime | None]) -> dict[str, str]:
    """Article id -> id of the article that its copies are counted under: the one published first, undated ones last,
    ties by id. Articles without copies are not in the answer. The order of the input does not matter.

    Candidates by bands (locality-sensitive hashing, Leskovec et al., Mining of Massive Datasets, 3.4), all signatures as one
    array: an object for each would take ten times the memory and the time.
    """
    keys = sorted(key for key, value in signatures.items() if value)
    joined = b"".join(signatures[key] for key in keys)
    # A signature's numbers have 32 bits.
    marks = np.frombuffer(joined, dtype="<u8").astype(np.uint32).reshape(-1, PERMUTATIONS)
    head = list(range(len(keys)))

    def find(at: int) -> int:
        while head[at] != at:
            head[at] = head[head[at]]
            at = head[at]
        return at

    for members in _alike(marks):
        if len({find(at) for at in members.tolist()}) == 1:
            continue
        for n, at in enumerate(members[:-1].tolist()):
            others = members[n + 1 :]
            near = others[np.count_nonzero(marks[others] == marks[at], axis=1) >= THRESHOLD * PERMUTATIONS]
            for other in near.tolist():
                head[find(other)] = find(at)
    clusters: dict[int, list[str]] = {}
    for at, key in enumerate(keys):
        clusters.setdefault(find(at), []).append(key)
    return {
        member: first
        for members in clusters.values()
        if len(members) > 1
        for first in [_first(members, published)]
        for member in members
    }


def _alike(marks: NDArray[np.uint32]) -> Iterator[NDArray[np.int64]]:
    """Rows that agree in all numbers of a band, two or more of them, in order, band after band."""
    bands, width = _banding()
    odd = np.random.default_rng(1).integers(0, 2**63, size=width, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    for band in range(bands):
        # Two rows that only their hash has in common are told apart when they are compared.
        hashes = (marks[:, band * width : (band + 1) * width].astype(np.uint64) * odd).sum(axis=1, dtype=np.uint64)
        order = np.argsort(hashes, kind="stable")
        ends = np.flatnonzero(np.diff(hashes[order], append=hashes[order][-1:] ^ np.uint64(1))) + 1
        starts = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            if end - start > 1:
                yield order[start:end]


@cache
def _banding() -> tuple[int, int]:
    """Bands and numbers a band with which datasketch finds pairs above the threshold."""
    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    return int(index.b), int(index.r)


def _first(members: Iterable[str], published: Mapping[str, datetime | None]) -> str:
    return min(members, key=lambda key: (published.get(key) is None, str(published.get(key) or ""), key))


def _sketch() -> MinHash:
    return MinHash(num_perm=PERMUTATIONS, seed=1, hashfunc=_hash, scheme="affine32")


def _hash(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=4).digest(), "little")
