"""Near-duplicates: one wire story in twelve papers counts once. MinHash over word shingles (Broder 1997), by datasketch."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

import numpy as np
from datasketch import MinHash, MinHashLSH

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
    ties by id. Articles without copies are not in the answer. The order of the input does not matter."""
    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    sketches = {key: _restored(value) for key, value in sorted(signatures.items()) if value}
    for key, sketch in sketches.items():
        index.insert(key, sketch)
    head: dict[str, str] = {key: key for key in sketches}

    def find(key: str) -> str:
        while head[key] != key:
            head[key] = head[head[key]]
            key = head[key]
        return key

    for key, sketch in sketches.items():
        for other in sorted(index.query(sketch)):
            if other > key and sketch.jaccard(sketches[other]) >= THRESHOLD:
                head[find(other)] = find(key)
    clusters: dict[str, list[str]] = {}
    for key in sketches:
        clusters.setdefault(find(key), []).append(key)
    return {
        member: first
        for members in clusters.values()
        if len(members) > 1
        for first in [_first(members, published)]
        for member in members
    }


def _first(members: Iterable[str], published: Mapping[str, datetime | None]) -> str:
    return min(members, key=lambda key: (published.get(key) is None, str(published.get(key) or ""), key))


def _sketch(values: np.ndarray | None = None) -> MinHash:
    return MinHash(num_perm=PERMUTATIONS, seed=1, hashfunc=_hash, scheme="affine32", hashvalues=values)


def _restored(value: bytes) -> MinHash:
    return _sketch(np.frombuffer(value, dtype="<u8").copy())


def _hash(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=4).digest(), "little")
