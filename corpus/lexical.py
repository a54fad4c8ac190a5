"""The term index: BM25 over French and English terms, in segments of posting arrays, row for row the columns.

Grows without a rebuild: each batch is a segment, like-sized neighbours are merged. A segment holds finished term
weights, so that a question adds up arrays and nothing else.

Scoring is BM25 (Robertson and Zaragoza 2009) with Lucene's inverse document frequency, ln(1 + (N - n + 0.5)/(n + 0.5)),
and a fixed pivot in place of the average length: chunks are of one size by construction, and an index that grew then
scores exactly as one made at once.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.analysis import LONGEST_REMEMBERED
from corpus.manifest import Manifest

K1 = 1.2
B = 0.75
PIVOT_TERMS = 120.0
"""The length, in terms, of a chunk that is neither favoured nor held back."""
HEADING_WEIGHT = 2.0
"""How often a term of the heading (title, source) counts as one of the text."""

Postings = tuple[NDArray[np.int32], NDArray[np.float32]]
"""The rows in which a term stands, and what it weighs there."""

_FILES = ("hashes", "starts", "rows", "weights")


def term_hash(term: str) -> int:
    """64 bits that stand for a term: two of a million terms meet with probability 3e-8."""
    return _remembered(term) if len(term) <= LONGEST_REMEMBERED else _hash(term)


def _hash(term: str) -> int:
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "little")


_remembered = lru_cache(maxsize=100_000)(_hash)
"""Some 24 MB at most; 600,000 terms of 1,434 articles are 44,700 different ones."""


class _Segment:
    """Postings of rows first..last: term ``hashes[i]`` stands in ``rows[starts[i]:starts[i+1]]`` with ``weights``."""

    def __init__(self, folder: Path) -> None:
        self.hashes, self.starts, self.rows, self.weights = (
            np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in _FILES
        )

    def postings(self, keys: NDArray[np.uint64]) -> Iterator[tuple[int, Postings]]:
        """Of those keys that stand in the segment: which key, and where it stands."""
        at = np.searchsorted(self.hashes, keys)
        if not len(self.hashes):
            return
        known = np.flatnonzero(np.take(self.hashes, at, mode="clip") == keys)
        for number in known:
            start, end = int(self.starts[at[number]]), int(self.starts[at[number] + 1])
            yield int(number), (self.rows[start:end], self.weights[start:end])


class LexicalIndex:
    """The segments that ``manifest`` names, in ``folder``."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self._segments: dict[tuple[str, int, int], _Segment] = {}
        self.manifest = manifest

    def refresh(self, manifest: Manifest) -> None:
        """Follow the columns to another manifest."""
        kept = {(manifest.generation, a, b) for a, b in manifest.segments}
        self._segments = {key: segment for key, segment in self._segments.items() if key in kept}
        self.manifest = manifest

    def scores(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """(rows,) float32: the BM25 score of every row for the distinct terms; 0 where none stands."""
        scores = np.zeros(self.manifest.rows, dtype=np.float32)
        for found in self._found(list(dict.fromkeys(terms))):
            count = sum(len(rows) for rows, _ in found)
            if not count:
                continue
            idf = np.float32(np.log1p((self.manifest.rows - count + 0.5) / (count + 0.5)))
            for rows, weights in found:
                scores[rows] += idf * weights
        return scores

    def standing(self, terms: Sequence[str], rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """(n,) whether every term stands in each of some rows."""
        found = np.ones(len(rows), dtype=np.bool_)
        for term in terms:
            stands = np.zeros(len(rows), dtype=np.bool_)
            for posted, _ in self._postings(term):
                at = np.searchsorted(posted, rows)
                stands |= posted[np.minimum(at, len(posted) - 1)] == rows
            found &= stands
        return found

    def document_frequencies(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """(n,) int64: in how many rows each term stands."""
        return np.asarray([sum(len(r) for r, _ in self._postings(t)) for t in terms], dtype=np.int64)

    def _postings(self, term: str) -> list[Postings]:
        return self._found([term])[0]

    def _found(self, terms: Sequence[str]) -> list[list[Postings]]:
        """The postings of each term, by segment."""
        keys = np.asarray([term_hash(term) for term in terms], dtype=np.uint64)
        found: list[list[Postings]] = [[] for _ in terms]
        for first, last in self.manifest.segments:
            segment = self._segment(first, last)
            for at, postings in segment.postings(keys):
                found[at].append(postings)
        return found

    def _segment(self, first: int, last: int) -> _Segment:
        key = (self.manifest.generation, first, last)
        if key not in self._segments:
            self._segments[key] = _Segment(self._path(first, last))
        return self._segments[key]

    def _path(self, first: int, last: int) -> Path:
        return self._folder / self.manifest.generation / f"terms-{first}-{last}"

    def append(self, headings: Sequence[Sequence[str]], texts: Sequence[Sequence[str]]) -> tuple[tuple[int, int], ...]:
        """Write the terms of the rows that follow the last one; the segments that make them visible.

        Neighbouring segments of like size become one, so that there are about log2(rows) of them.
        """
        return self.append_postings(*_postings_of(headings, texts, self.manifest.rows), len(texts))

    def append_postings(
        self, hashes: NDArray[np.uint64], rows: NDArray[np.int32], weights: NDArray[np.float32], count: int
    ) -> tuple[tuple[int, int], ...]:
        """The same with finished postings of the next ``count`` rows, in any order, each term once a row."""
        first = self.manifest.rows
        last = first + count
        self._save(first, last, *_grouped(hashes, rows, weights))
        segments = [*self.manifest.segments, (first, last)]
        while len(segments) > 1 and _size(segments[-2]) <= 2 * _size(segments[-1]):
            (a, middle), (_, b) = segments[-2:]
            self._save(a, b, *_merged(self._segment(a, middle), _Segment(self._path(middle, b))))
            segments[-2:] = [(a, b)]
        return tuple(segments)

    def _save(self, first: int, last: int, *arrays: NDArray[Any]) -> None:
        folder = self._path(first, last)
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in zip(_FILES, arrays, strict=True):
            np.save(folder / f"{name}.npy", array)

    def postings(self) -> tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.float32]]:
        """Every posting: the term's hash, the row, the weight."""
        parts = [self._segment(a, b) for a, b in self.manifest.segments]
        hashes = [np.repeat(part.hashes, np.diff(part.starts)) for part in parts]
        if not parts:
            return np.zeros(0, np.uint64), np.zeros(0, np.int32), np.zeros(0, np.float32)
        return (
            np.concatenate(hashes),
            np.concatenate([p.rows for p in parts]),
            np.concatenate([p.weights for p in parts]),
        )

    def sweep(self) -> None:
        """Delete segments that no manifest names any more. A reader that still maps one keeps its file on POSIX; on
        Windows the file stays until the next sweep."""
        kept = {self._path(a, b) for a, b in self.manifest.segments}
        for folder in (self._folder / self.manifest.generation).glob("terms-*"):
            if folder not in kept:
                with suppress(OSError):
                    shutil.rmtree(folder)

    def close(self) -> None:
        """Let the files go."""
        self._segments.clear()


def _size(segment: tuple[int, int]) -> int:
    return segment[1] - segment[0]


def _postings_of(
    headings: Sequence[Sequence[str]], texts: Sequence[Sequence[str]], first: int
) -> tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.float32]]:
    keys: list[int] = []
    rows: list[int] = []
    weights: list[float] = []
    for row, (heading, text) in enumerate(zip(headings, texts, strict=True), start=first):
        counts: Counter[str] = Counter(text)
        for term in heading:
            counts[term] += HEADING_WEIGHT  # type: ignore[assignment] # a weighted frequency, as in BM25F
        length = len(text) + len(heading)
        norm = K1 * (1 - B + B * length / PIVOT_TERMS)
        for term, frequency in counts.items():
            keys.append(term_hash(term))
            rows.append(row)
            weights.append(frequency * (K1 + 1) / (frequency + norm))
    hashes = np.asarray(keys, dtype=np.uint64)
    return hashes, np.asarray(rows, dtype=np.int32), np.asarray(weights, dtype=np.float32)


def _grouped(
    hashes: NDArray[np.uint64], rows: NDArray[np.int32], weights: NDArray[np.float32]
) -> tuple[NDArray[Any], ...]:
    order = np.lexsort((rows, hashes))
    distinct, counts = np.unique(hashes[order], return_counts=True)
    starts = np.zeros(len(distinct) + 1, dtype=np.int64)
    np.cumsum(counts, out=starts[1:])
    return distinct, starts, rows[order], weights[order]


def _merged(one: _Segment, two: _Segment) -> tuple[NDArray[Any], ...]:
    """Two neighbouring segments as one. Linear: terms are in order in both, and every row of ``one`` comes before those of
    ``two``, so that a term's postings are those of ``one`` and then those of ``two``."""
    hashes = np.union1d(one.hashes, two.hashes)
    starts = np.zeros(len(hashes) + 1, dtype=np.int64)
    places = [np.searchsorted(hashes, part.hashes) for part in (one, two)]
    counts = [np.diff(part.starts) for part in (one, two)]
    for at, count in zip(places, counts, strict=True):
        starts[at + 1] += count
    np.cumsum(starts, out=starts)
    rows, weights = np.empty(starts[-1], dtype=np.int32), np.empty(starts[-1], dtype=np.float32)
    filled = np.zeros(len(hashes), dtype=np.int64)
    for part, at, count in zip((one, two), places, counts, strict=True):
        shift = starts[at] + filled[at] - part.starts[:-1]
        to = np.repeat(shift, count) + np.arange(len(part.rows))
        rows[to], weights[to] = part.rows, part.weights
        filled[at] += count
    return hashes, starts, rows, weights
