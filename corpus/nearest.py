"""Dense search over the columns: which chunks' vectors are nearest to a question's, among those that a mask leaves.

Small libraries are compared whole. In large ones binary codes (one bit a component) choose candidates in two steps, by
how many bits differ, then with each bit weighted by how much the question's component counts; those that are left are
compared exactly. A mask that leaves few rows needs no code. Array code throughout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.columns import Columns, binary_codes

FloatArray = NDArray[np.float32]
Rows = NDArray[np.int64]

EXACT_ROWS = 20_000
"""A library of up to so many rows is compared whole."""
DIRECT_ROWS = 6_000
"""So few rows under a mask are compared one by one, without a look at their codes."""
CODE_CANDIDATES, CODE_SHARE = 10_000, 16
"""At least so many rows, and one in so many of those under the mask, are taken by the bits in which they differ."""
WEIGHTED_CANDIDATES, WEIGHTED_SHARE = 3_000, 150
"""At least so many of these, and one in so many under the mask, are compared exactly."""
WEIGHT_BITS = 4
SAMPLE_ROWS = 2_048
"""Rows of each language that stand for all of them where the mean and spread of similarities are asked for."""
LEAST_SAMPLE = 1_024
"""With fewer sampled rows under a mask, a sample is drawn from the masked rows themselves."""
BLOCK = 32_768
WEIGHTED_BLOCK = 8_192
EXACT_BLOCK = 256
"""Rows that are compared exactly at a time: they stay in the cache, and no memory is asked for anew."""
_SEED = 20_261_127


@dataclass(frozen=True, slots=True)
class Nearest:
    """``rows`` (at most k) are the nearest ones, in no order. ``background`` are rows drawn from all under the mask,
    without regard to how near they are, with their similarities ``background_scores``: all of them where there are few.
    """

    rows: Rows
    background: Rows
    background_scores: FloatArray


class Searcher(Protocol):
    """Dense search: by ``DenseIndex`` in the process, or by a server (``corpus.served``). Not safe to share between threads:
    the retriever's lock guards it.

    ``place`` says where it searches. ``mask`` (rows,) and ``where``, a condition for Chroma, say the same; ``asks_where``
    tells whether the latter is looked at.
    """

    place: str
    asks_where: bool

    def search(
        self,
        columns: Columns,
        vector: FloatArray,
        mask: NDArray[np.bool_],
        k: int,
        where: Mapping[str, Any] | None = None,
    ) -> Nearest:
        """The ``k`` rows of the mask (rows,) nearest to ``vector`` (d,), a unit vector, by cosine similarity."""
        ...

    def near(
        self,
        columns: Columns,
        vector: FloatArray,
        mask: NDArray[np.bool_],
        k: int,
        where: Mapping[str, Any] | None = None,
    ) -> Rows:
        """The rows of ``search``, without a background."""
        ...

    def similarities(self, columns: Columns, vector: FloatArray, rows: Rows) -> FloatArray:
        """(n,) cosine similarities of some rows."""
        ...

    def close(self) -> None:
        """Give back what was opened."""
        ...


class Background:
    """Rows drawn at random, up to ``SAMPLE_ROWS`` of each language, with their vectors: they stand for all."""

    def __init__(self) -> None:
        self._drawn_from = ("", 0)
        self._rows: Rows = np.zeros(0, dtype=np.int64)
        self._vectors = np.zeros((0, 0), dtype=np.float32)

    def of(self, columns: Columns, vector: FloatArray, mask: NDArray[np.bool_], left: int) -> tuple[Rows, FloatArray]:
        """Rows of the mask, of which it leaves ``left``, and their similarities."""
        settled = _settled(columns.rows)
        if self._drawn_from != (columns.manifest.generation, settled):
            self._rows = _sampled(np.asarray(columns.array("language")[:settled]))
            self._vectors = single(columns.array("vector")[self._rows])
            self._drawn_from = (columns.manifest.generation, settled)
        kept = mask[self._rows]
        if np.count_nonzero(kept) >= LEAST_SAMPLE:
            return self._rows[kept], _dots(self._vectors, vector)[kept]
        rows = np.flatnonzero(mask)
        if left > 2 * LEAST_SAMPLE:
            rows = np.unique(rows[np.random.default_rng(_SEED).integers(0, left, 2 * LEAST_SAMPLE)])
        return rows, similarities(columns, vector, rows)


class DenseIndex:
    """Compares questions with the vectors of ``Columns``. Keeps what is dear to make anew, and follows as rows are added.

    A ``Searcher``.
    """

    place = "the columns, in this process"
    asks_where = False

    def __init__(self) -> None:
        self._generation = ""
        self._rows = 0
        self._matrix = np.zeros((0, 0), dtype=np.float32)
        self._codes = np.zeros((0, 0), dtype=np.uint64)
        self._background = Background()
        self._asked = np.zeros(0, dtype=np.float32)
        self._distance: NDArray[np.unsignedinteger[Any]] = np.zeros(0, dtype=np.uint8)

    def near(
        self,
        columns: Columns,
        vector: FloatArray,
        mask: NDArray[np.bool_],
        k: int,
        where: Mapping[str, Any] | None = None,
    ) -> Rows:
        """As ``Searcher.near``; cheaper where the same vector has just been searched for."""
        del where  # the mask says the same
        self._follow(columns)
        left = int(np.count_nonzero(mask))
        if columns.rows <= EXACT_ROWS or left <= DIRECT_ROWS:
            rows = np.flatnonzero(mask)
            return rows[best_of(self.similarities(columns, vector, rows), k)]
        near = self._by_code(columns, vector, mask, left, k)
        return near[best_of(similarities(columns, vector, near), k)]

    def search(
        self,
        columns: Columns,
        vector: FloatArray,
        mask: NDArray[np.bool_],
        k: int,
        where: Mapping[str, Any] | None = None,
    ) -> Nearest:
        """As ``Searcher.search``."""
        del where  # the mask says the same
        self._follow(columns)
        left = int(np.count_nonzero(mask))
        if columns.rows <= EXACT_ROWS:
            rows = np.flatnonzero(mask)
            # To gather a row costs about as much as to compare two.
            few = 3 * left < columns.rows
            scores = _dots(self._matrix[rows], vector) if few else _dots(self._matrix[: self._rows], vector)[rows]
            return Nearest(rows[best_of(scores, k)], rows, scores)
        if left <= DIRECT_ROWS:
            rows = np.flatnonzero(mask)
            scores = similarities(columns, vector, rows)
            return Nearest(rows[best_of(scores, k)], rows, scores)
        near = self._by_code(columns, vector, mask, left, k)
        near_scores = similarities(columns, vector, near)
        background, scores = self._background.of(columns, vector, mask, left)
        return Nearest(near[best_of(near_scores, k)], background, scores)

    def similarities(self, columns: Columns, vector: FloatArray, rows: Rows) -> FloatArray:
        """(n,) cosine similarities of some rows."""
        self._follow(columns)
        if columns.rows <= EXACT_ROWS:
            return _dots(self._matrix[rows], vector)
        return similarities(columns, vector, rows)

    def close(self) -> None:
        """Nothing was opened."""

    def _by_code(self, columns: Columns, vector: FloatArray, mask: NDArray[np.bool_], left: int, k: int) -> Rows:
        """Rows of the mask to compare exactly, chosen by their codes; at least ``k``."""
        held, code = columns.array("code"), binary_codes(vector[None, :])[0]
        least = max(4 * k, CODE_CANDIDATES + left // CODE_SHARE)
        if 6 * left < columns.rows:
            rows = np.flatnonzero(mask)
            if least < left:
                distance = hamming(_columnwise(held, rows), code)
                rows = rows[distance <= _edge(distance, least)]
        else:
            rows = _nearest_codes(self._distances(vector, code), mask, left, least)
        weighted = weighted_hamming(_columnwise(held, rows), code, bit_planes(vector))
        return rows[weighted <= _edge(weighted, max(2 * k, WEIGHTED_CANDIDATES + left // WEIGHTED_SHARE))]

    def _distances(self, vector: FloatArray, code: NDArray[np.uint64]) -> NDArray[np.unsignedinteger[Any]]:
        """(rows,) in how many bits every row differs, kept for the vector's next search under another mask."""
        if len(self._distance) != self._rows or not np.array_equal(self._asked, vector):
            self._distance = hamming(self._codes[:, : self._rows], code)
            self._asked = vector.copy()
        return self._distance

    def _follow(self, columns: Columns) -> None:
        """Take over rows that were added."""
        generation, rows = columns.manifest.generation, columns.rows
        if (generation, rows) == (self._generation, self._rows):
            return
        first = self._rows if generation == self._generation and rows > self._rows else 0
        if rows <= EXACT_ROWS:
            vectors = single(columns.array("vector")[first:])
            self._matrix = _with(self._matrix, vectors, first, axis=0)
            self._codes = np.zeros((0, 0), dtype=np.uint64)
        else:
            self._matrix = np.zeros((0, 0), dtype=np.float32)
            first = first if self._codes.size else 0
            fresh = np.ascontiguousarray(columns.array("code")[first:].T)
            self._codes = _with(self._codes, fresh, first, axis=1)
        self._generation, self._rows = generation, rows
        self._distance = self._distance[:0]


def similarities(columns: Columns, vector: FloatArray, rows: Rows) -> FloatArray:
    """(n,) cosine similarities, compared exactly, of some rows with a unit vector (d,)."""
    held, out = columns.array("vector"), np.empty(len(rows), dtype=np.float32)
    room = min(EXACT_BLOCK, len(rows))
    halves = np.empty((room, held.shape[1]), dtype=held.dtype)
    bits = np.empty((room, held.shape[1]), dtype=np.int32)
    scaled = vector * _SCALE
    for start in range(0, len(rows), EXACT_BLOCK):
        part = rows[start : start + EXACT_BLOCK]
        taken, shifted = halves[: len(part)], bits[: len(part)]
        np.take(held, part, axis=0, out=taken, mode="clip")  # any other mode copies
        _shift(taken, shifted)
        np.vecdot(shifted.view(np.float32), scaled, out=out[start : start + len(part)])
    return out


_SCALE = np.float32(2.0**112)


def single(halves: NDArray[np.float16]) -> FloatArray:
    """Half precision -> single, exactly, for finite values: NumPy's own conversion goes one by one, this by shifts."""
    bits = np.empty(halves.shape, dtype=np.int32)
    _shift(np.ascontiguousarray(halves), bits)
    values = bits.view(np.float32)
    np.multiply(values, _SCALE, out=values)
    return values


def _shift(halves: NDArray[np.float16], out: NDArray[np.int32]) -> None:
    """The bits of a half moved to where a single has them are its value times 2^-112, subnormal ones included (IEEE 754)."""
    np.copyto(out, halves.view(np.int16))
    np.left_shift(out, 13, out=out)
    np.bitwise_and(out, np.int32(-0x70002000), out=out)


def _columnwise(codes: NDArray[np.uint64], rows: Rows) -> NDArray[np.uint64]:
    """(rows, words) -> (words, n): the codes of some rows. Taken whole, as a row's words lie side by side."""
    return np.ascontiguousarray(np.take(codes, rows, axis=0).T)


def hamming(codes: NDArray[np.uint64], code: NDArray[np.uint64]) -> NDArray[np.unsignedinteger[Any]]:
    """(words, n) and (words,) -> (n,): in how many bits each column differs. In 8 bits up to 6 words, where 255 means 255 or
    more, which only vectors that look away from each other reach."""
    words, n = codes.shape
    narrow = words <= 6
    out: NDArray[np.unsignedinteger[Any]] = np.zeros(n, dtype=np.uint8 if narrow else np.uint16)
    differ, counts = np.empty(min(BLOCK, n), dtype=np.uint64), np.empty(min(BLOCK, n), dtype=np.uint8)
    second = np.empty(min(BLOCK, n), dtype=np.uint8)
    for start in range(0, n, BLOCK):
        stop = min(start + BLOCK, n)
        x, c, rest, total = (room[: stop - start] for room in (differ, counts, second, out[start:stop]))
        rest[:] = 0
        for word in range(words):
            np.bitwise_xor(codes[word, start:stop], code[word], out=x)
            np.bitwise_count(x, out=c)
            into = rest if narrow and word > 2 else total  # three words are 192 bits at most
            np.add(into, c, out=into)
        if narrow:
            np.minimum(total, np.invert(rest, out=c), out=total)  # 255 - rest is its complement
            np.add(total, rest, out=total)
    return out


def bit_planes(vector: FloatArray) -> NDArray[np.uint64]:
    """(d,) -> (WEIGHT_BITS, words): the components' sizes in steps of the greatest's fifteenth, plane b holding the bits
    that are worth 2^b."""
    size = np.abs(vector)
    steps = np.rint(size * ((2**WEIGHT_BITS - 1) / max(float(size.max()), 1e-12))).astype(np.uint8)
    return np.stack([binary_codes(((steps >> bit) & 1).astype(np.float32)[None, :])[0] for bit in range(WEIGHT_BITS)])


def weighted_hamming(
    codes: NDArray[np.uint64], code: NDArray[np.uint64], planes: NDArray[np.uint64]
) -> NDArray[np.uint16]:
    """(words, n), (words,) and (planes, words) -> (n,): the weights of the bits in which each column differs, summed (up to
    4,369 components of 4 bits)."""
    words, n = codes.shape
    out = np.zeros(n, dtype=np.uint16)
    # A plane of up to 255 bits is counted in 8 bits.
    kinds = [np.uint8 if int(np.bitwise_count(plane).sum()) <= 255 else np.uint16 for plane in planes]
    for start in range(0, n, WEIGHTED_BLOCK):
        part = codes[:, start : start + WEIGHTED_BLOCK] ^ code[:words, None]
        total = out[start : start + WEIGHTED_BLOCK]
        both, counts = np.empty(len(total), dtype=np.uint64), np.empty(len(total), dtype=np.uint8)
        for bit, plane in enumerate(planes):
            sums = np.zeros(len(total), dtype=kinds[bit])
            for word in range(words):
                np.bitwise_and(part[word], plane[word], out=both)
                np.add(sums, np.bitwise_count(both, out=counts), out=sums)
            total += sums.astype(np.uint16) << np.uint16(bit)
    return out


def _nearest_codes(distance: NDArray[np.unsignedinteger[Any]], mask: NDArray[np.bool_], left: int, least: int) -> Rows:
    """At least ``least`` rows of the mask (of which it leaves ``left``), those with the least distances; more where
    distances are equal."""
    # Where the nearest end is estimated on some of the rows, and mended where too few came.
    step = 1 + left // 65_536
    edge = _edge(distance[::step][mask[::step]], -(-least // step))
    while True:
        chosen = np.flatnonzero((distance <= edge) & mask)
        if len(chosen) >= min(least, left) or edge >= np.iinfo(distance.dtype).max:
            return chosen
        edge += 1


def _dots(vectors: FloatArray, vector: FloatArray) -> FloatArray:
    """(n, d) and (d,) -> (n,). Row by row: a matrix product would wait for its threads, on a busy machine for longer than
    it computes."""
    return np.asarray(np.vecdot(vectors, vector))


def _edge(distance: NDArray[np.unsignedinteger[Any]], k: int) -> int:
    """The smallest distance within which at least ``k`` lie; the greatest there is when there are fewer."""
    reached = np.cumsum(np.bincount(distance, minlength=1))
    return min(int(np.searchsorted(reached, k)), len(reached) - 1)


def best_of(scores: FloatArray, k: int) -> Rows:
    """Positions of the ``k`` greatest, in no order; equal ones at the edge by position."""
    if len(scores) <= k:
        return np.arange(len(scores))
    if k <= 0:
        return np.zeros(0, dtype=np.int64)
    edge = np.partition(scores, len(scores) - k)[len(scores) - k]
    above = np.flatnonzero(scores > edge)
    return np.concatenate([above, np.flatnonzero(scores == edge)[: k - len(above)]])


def _settled(rows: int) -> int:
    """How many of the rows are sampled from: the first fifteen sixteenths at least, and as many for any number of rows up to
    the next such step, so that the same columns give the same sample whoever has followed them since when."""
    step = 1 << max(0, rows.bit_length() - 5)
    return rows // step * step


def _sampled(language: NDArray[np.int32]) -> Rows:
    """Rows drawn at random, the same ones for the same columns, up to ``SAMPLE_ROWS`` of each language."""
    random = np.random.default_rng(_SEED)
    drawn = []
    for number in np.flatnonzero(np.bincount(language)):
        inside = np.flatnonzero(language == number)
        drawn.append(inside if len(inside) <= SAMPLE_ROWS else inside[random.integers(0, len(inside), SAMPLE_ROWS)])
    return np.unique(np.concatenate(drawn))


def _with(kept: NDArray, fresh: NDArray, first: int, *, axis: int) -> NDArray:  # type: ignore[type-arg]
    """``fresh`` behind the first ``first`` of ``kept``, in room that grows by an eighth at a time."""
    last = first + fresh.shape[axis]
    if first == 0 or kept.shape[axis] < last:
        shape = list(fresh.shape)
        shape[axis] = last + last // 8  # room that is not written to takes no memory
        room = np.empty(shape, dtype=fresh.dtype)
        old = [slice(None)] * fresh.ndim
        old[axis] = slice(0, first)
        if first:
            room[tuple(old)] = kept[tuple(old)]
        kept = room
    new = [slice(None)] * fresh.ndim
    new[axis] = slice(first, last)
    kept[tuple(new)] = fresh
    return kept
