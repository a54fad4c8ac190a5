"""All that retrieval filters and scores by, as memory-mapped arrays: one row a chunk, row for row the term index.

Files only grow; ``Manifest`` says how much of them is valid. Only the ends of validity change in place, so that a
reader in another process sees a replaced or deleted chunk vanish at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.manifest import Manifest

FOREVER = 2**53 - 1
"""``valid_until`` of a chunk whose revision is the current one, in seconds."""

# One row a chunk: name -> (dtype, components; 0 for the embedder's dimension, -1 for a plain column).
FIELDS: Mapping[str, tuple[str, int]] = {
    "vector": ("<f2", 0),
    "code": ("<u8", 0),
    "article": ("<u8", -1),
    "group": ("<u8", -1),
    "key": ("<u8", -1),
    "revision": ("<i4", -1),
    "ordinal": ("<i4", -1),
    "start": ("<i4", -1),
    "end": ("<i4", -1),
    "published": ("<i8", -1),
    "first_seen": ("<i8", -1),
    "valid_from": ("<i8", -1),
    "valid_until": ("<i8", -1),
    "source": ("<i4", -1),
    "language": ("<i4", -1),
    "topics": ("<f4", 3),
    "suspicious": ("|b1", -1),
    "token_start": ("<i8", -1),
    "token_count": ("<i4", -1),
}


@dataclass(frozen=True, slots=True)
class Rows:
    """What a batch of n chunks adds. Ids are unsigned 64-bit, moments seconds since 1970, vectors unit rows."""

    vector: NDArray[np.float32]
    article: NDArray[np.uint64]
    group: NDArray[np.uint64]
    key: NDArray[np.uint64]
    revision: NDArray[np.int32]
    ordinal: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    published: NDArray[np.int64]
    first_seen: NDArray[np.int64]
    valid_from: NDArray[np.int64]
    source: Sequence[str]
    language: Sequence[str]
    topics: NDArray[np.float32]
    suspicious: NDArray[np.bool_]
    tokens: NDArray[np.int8]
    token_count: NDArray[np.int32]


def code_width(dimension: int) -> int:
    """64-bit words of a binary code: one bit a component."""
    return (dimension + 63) // 64


def binary_codes(vectors: NDArray[np.float32]) -> NDArray[np.uint64]:
    """(n, d) -> (n, ceil(d / 64)) uint64: the signs of the components."""
    n, dimension = vectors.shape
    bits = np.zeros((n, code_width(dimension) * 64), dtype=np.bool_)
    bits[:, :dimension] = vectors > 0
    return np.packbits(bits, axis=1).view("<u8").reshape(n, -1)


def quantise_tokens(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Unit rows as int8: 127 is 1."""
    return np.rint(np.clip(vectors, -1, 1) * 127).astype(np.int8)


class Columns:
    """The arrays in ``folder``. ``manifest`` is what is visible; ``refresh`` follows what a writer committed.

    ``array(name)`` gives (rows, ...) of a field of ``FIELDS``; ``tokens`` is (tokens, k) int8.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.manifest = Manifest()
        self._seen: tuple[int, ...] = ()
        self._arrays: dict[str, NDArray[Any]] = {}
        self.refresh()

    @property
    def rows(self) -> int:
        """How many rows there are, those no longer valid included."""
        return self.manifest.rows

    def refresh(self) -> bool:
        """Take over what the writer has committed since; True when there was something."""
        # Looked at before it is read: what is written in between is read again.
        seen = Manifest.mark(self._folder)
        if seen and seen == self._seen:
            return False
        found = Manifest.read(self._folder)
        self._seen = seen
        if found == self.manifest:
            return False
        self._arrays.clear()
        self.manifest = found
        return True

    def array(self, name: str) -> NDArray[Any]:
        """A field's column, read-only, mapped on first use."""
        if name not in self._arrays:
            # As a plain array: each piece cut out of a memmap is a memmap, which costs more than the cutting.
            self._arrays[name] = np.asarray(self._map(name, "r"))
        return self._arrays[name]

    @property
    def tokens(self) -> NDArray[np.int8]:
        """(tokens, k) int8: the token vectors of all chunks, found by ``token_start`` and ``token_count``."""
        return self.array("tokens")

    def names(self, field: str) -> tuple[str, ...]:
        """The names that the numbers in the column "source" or "language" stand for."""
        return self.manifest.strings.get(field, ())

    def current(self) -> NDArray[np.bool_]:
        """(rows,) the chunks of current revisions."""
        return np.asarray(self.array("valid_until") == FOREVER)

    def append(self, rows: Rows) -> Manifest:
        """Write a batch behind the last row; the manifest that makes it visible once it is written."""
        at, first_token = self.manifest, self.manifest.tokens
        made: dict[str, NDArray[Any]] = {
            name: getattr(rows, name)
            for name in FIELDS
            if name not in ("code", "valid_until", "source", "language", "token_start")
        }
        # What a faulty embedder gives lies nowhere, rather than next to everything.
        sound = np.isfinite(rows.vector).all(axis=1, keepdims=True)
        made["vector"] = np.where(sound, rows.vector, np.float32(0))
        made["code"] = binary_codes(made["vector"])
        made["valid_until"] = np.full(len(rows.article), FOREVER)
        made["token_start"] = first_token + np.cumsum(rows.token_count, dtype=np.int64) - rows.token_count
        for field in ("source", "language"):
            numbers = []
            for value in getattr(rows, field):
                at, number = at.number(field, value)
                numbers.append(number)
            made[field] = np.asarray(numbers, dtype=np.int32)
        for name, values in made.items():
            self._write(name, values, self.manifest.rows)
        self._write("tokens", rows.tokens, first_token)
        return Manifest(
            generation=at.generation,
            rows=at.rows + len(rows.article),
            articles=at.articles,
            tokens=at.tokens + len(rows.tokens),
            sequence=at.sequence,
            embedder=at.embedder,
            dimension=at.dimension,
            token_dimension=at.token_dimension,
            segments=at.segments,
            strings=at.strings,
        )

    def end_validity(self, rows: NDArray[np.int64], until: NDArray[np.int64]) -> None:
        """Chunks stop being valid at ``until``; 0 takes them out of every as-of too."""
        if len(rows):
            ends = self._map("valid_until", "r+")
            ends[rows] = until
            ends.flush()

    def rows_of(self, articles: NDArray[np.uint64]) -> NDArray[np.int64]:
        """The current rows of some articles."""
        if not self.rows or not len(articles):
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(np.isin(self.array("article"), articles) & self.current())

    def _write(self, name: str, values: NDArray[Any], first: int) -> None:
        dtype, shape = self._shape(name)
        content = np.ascontiguousarray(values, dtype=dtype).tobytes()
        row_bytes = np.dtype(dtype).itemsize * int(np.prod(shape, dtype=np.int64))
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("r+b" if path.exists() else "w+b") as file:
            file.seek(first * row_bytes)
            file.write(content)

    def _map(self, name: str, mode: Any) -> Any:
        dtype, shape = self._shape(name)
        count = self.manifest.tokens if name == "tokens" else self.manifest.rows
        if count == 0 or 0 in shape:
            return np.zeros((count, *shape), dtype=dtype)
        return np.memmap(self._path(name), dtype=dtype, mode=mode, shape=(count, *shape))

    def _shape(self, name: str) -> tuple[str, tuple[int, ...]]:
        if name == "tokens":
            return "|i1", (self.manifest.token_dimension,)
        dtype, components = FIELDS[name]
        if components > 0:
            return dtype, (components,)
        if components < 0:
            return dtype, ()
        return dtype, (code_width(self.manifest.dimension) if name == "code" else self.manifest.dimension,)

    def _path(self, name: str) -> Path:
        return self._folder / self.manifest.generation / f"{name}.bin"

    def close(self) -> None:
        """Let the files go."""
        self._arrays.clear()
