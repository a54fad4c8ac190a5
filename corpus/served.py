"""Dense search by a Chroma server, for libraries whose vectors do not fit in memory. Filters, words and the rest stay with the
mapped columns, of which the system holds what is used; no vector is held but those of the candidates and of a sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.columns import Columns
from corpus.embedding import Embedder
from corpus.errors import VectorsMissing, VectorsUnavailable
from corpus.models import VectorSettings
from corpus.nearest import (
    DIRECT_ROWS,
    Background,
    DenseIndex,
    FloatArray,
    Nearest,
    Rows,
    Searcher,
    best_of,
    similarities,
)
from corpus.vectors import Vectors

ASKED = 3
"""So many times the rows that are wanted are asked for, and compared exactly: the server's graph finds nearly all."""


class ServedIndex:
    """A ``Searcher`` that asks a server. What the server holds before the columns do, or still holds, is passed over.

    ``direct``: so few rows under a mask are compared here, exactly, without asking.
    """

    asks_where = True

    def __init__(self, vectors: Vectors, *, direct: int = DIRECT_ROWS) -> None:
        self.place = f"the Chroma server at {vectors.place}"
        self._vectors = vectors
        self._direct = direct
        self._background = Background()
        self._followed = ("", 0)
        self._order: Rows = np.zeros(0, dtype=np.int64)
        self._keys = np.zeros(0, dtype=np.uint64)

    def search(
        self,
        columns: Columns,
        vector: FloatArray,
        mask: NDArray[np.bool_],
        k: int,
        where: Mapping[str, Any] | None = None,
    ) -> Nearest:
        """As ``Searcher.search``. Raises VectorsUnavailable when the server does not answer."""
        left = int(np.count_nonzero(mask))
        if left <= DIRECT_ROWS:
            rows = np.flatnonzero(mask)
            background, scores = rows, similarities(columns, vector, rows)
        else:
            background, scores = self._background.of(columns, vector, mask, left)
        return Nearest(self.near(columns, vector, mask, k, where), background, scores)

    def near(
        self,
        columns: Columns,
        vector: FloatArray,
        mask: NDArray[np.bool_],
        k: int,
        where: Mapping[str, Any] | None = None,
    ) -> Rows:
        """As ``Searcher.near``."""
        if int(np.count_nonzero(mask)) <= self._direct:
            rows = np.flatnonzero(mask)
        else:
            rows = self._rows_of(columns, self._vectors.query(vector, ASKED * k, where)[0])
            rows = rows[mask[rows]]
        return rows[best_of(similarities(columns, vector, rows), k)]

    def similarities(self, columns: Columns, vector: FloatArray, rows: Rows) -> FloatArray:
        """As ``Searcher.similarities``."""
        return similarities(columns, vector, rows)

    def close(self) -> None:
        """Give the connection back."""
        self._vectors.close()

    def _rows_of(self, columns: Columns, ids: Sequence[str]) -> Rows:
        """The rows of chunks by their ids (article:revision:ordinal); the last one where a chunk was put twice."""
        if self._followed != (columns.manifest.generation, columns.rows):
            keys = _keys(*(columns.array(name) for name in ("article", "revision", "ordinal")))
            self._order = np.argsort(keys, kind="stable")
            self._keys = keys[self._order]
            self._followed = (columns.manifest.generation, columns.rows)
        parts = [chunk.split(":") for chunk in ids]
        articles = np.asarray([int(article, 16) for article, _, _ in parts], dtype=np.uint64)
        numbers = np.asarray([(int(r), int(o)) for _, r, o in parts], dtype=np.int64).reshape(-1, 2)
        wanted = _keys(articles, numbers[:, 0], numbers[:, 1])
        at = np.searchsorted(self._keys, wanted, side="right") - 1
        held = at >= 0
        held[held] = self._keys[at[held]] == wanted[held]
        return self._order[at[held]]


def open_searcher(settings: VectorSettings, embedder: Embedder, columns: Columns) -> Searcher:
    """Dense search as the settings want it: in the columns, or by the server that they name.

    Raises VectorsUnavailable when no server is named or answers, or when it holds nothing of a library that is indexed.
    """
    if settings.search == "columns":
        return DenseIndex()
    if not settings.chroma_url:
        raise _unnamed()
    columns.refresh()
    vectors = Vectors(
        settings.chroma_url,
        prefix=settings.collection,
        embedder=embedder.name,
        dimension=embedder.dimension,
        create=not columns.rows,
    )
    if columns.rows and not vectors.count():
        vectors.close()
        raise VectorsUnavailable(settings.chroma_url, "holds no vector of this library; run 'vigie reindex'")
    return ServedIndex(vectors)


def server_problems(settings: VectorSettings, embedder: Embedder, columns: Columns) -> list[str]:
    """What is wrong with the Chroma server that the settings name, one line each; none where they name none."""
    if not settings.chroma_url:
        return [] if settings.search == "columns" else [str(_unnamed())]
    columns.refresh()
    try:
        with closing(
            Vectors(
                settings.chroma_url,
                prefix=settings.collection,
                embedder=embedder.name,
                dimension=embedder.dimension,
                create=False,
            )
        ) as vectors:
            behind = columns.manifest.sequence - vectors.sequence
    except VectorsMissing:
        behind = columns.manifest.sequence
    except VectorsUnavailable as error:
        return [str(error)]
    if behind <= 0:
        return []
    return [f"{settings.chroma_url}: the Chroma server lacks {behind} changes of this library; run 'vigie reindex'"]


def _unnamed() -> VectorsUnavailable:
    return VectorsUnavailable("vectors.chroma_url", "is empty while vectors.search is 'chroma'; name a Chroma server")


def _keys(article: NDArray[Any], revision: NDArray[Any], ordinal: NDArray[Any]) -> NDArray[np.uint64]:
    """(n,) one number for each chunk: articles' ids are drawn from 64 bits already, so that two chunks hardly ever meet."""
    spread = np.uint64(0x9E3779B97F4A7C15)  # odd, near 2^64 over the golden ratio (Knuth, TAOCP 3, 6.4)
    place = revision.astype(np.uint64) * np.uint64(1 << 20) + ordinal.astype(np.uint64)
    return np.asarray(article + place * spread, dtype=np.uint64)
