"""Libraries of the size wanted, for benchmarks: a real library's rows, multiplied with noise, so that clusters are real.

A copy of a chunk has its vector with noise added, a tenth of its terms left out and a tenth exchanged, a date of its own,
and the token states of the original (the columns point to the same ones). Its text is read from the original's article.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import vigie
from corpus.columns import FIELDS, Columns, Rows
from corpus.indexer import Readers, open_readers
from corpus.lexical import LexicalIndex
from corpus.manifest import Manifest
from corpus.models import Article
from corpus.nearest import single
from corpus.store import Store
from evals.bench_articles import news_articles
from evals.documents import library_of

NOISE = 0.5
"""Length of the noise that is added to a unit vector: a copy's cosine to its original is about 0.89."""
NOW = datetime(2026, 6, 30, tzinfo=UTC)
PERIOD = timedelta(days=1000)
"""Copies are dated evenly over so long before ``NOW``, so that a period keeps the share of chunks that it is of this."""
_BLOCK = 50_000
_SEED = 11


@dataclass(frozen=True, slots=True)
class Base:
    """A real library's index and articles."""

    columns: Columns
    lexical: LexicalIndex
    store: Store
    articles: tuple[Article, ...]


@contextmanager
def base_library(data: Path | None, folder: Path, tell: Any) -> Iterator[vigie.Library]:
    """The library whose rows are multiplied: of the news in ``data``, kept in ``folder``; the sample when there is none."""
    if data is None:
        with vigie.open_demo() as library:
            yield library
        return
    with library_of(news_articles(data), folder, tell=tell) as library:
        yield library


@contextmanager
def opened_base(library: vigie.Library) -> Iterator[Base]:
    """What of a library is multiplied."""
    readers, store = open_readers(library.home), Store(library.home / "vigie.sqlite", read_only=True)
    try:
        yield Base(readers.columns, readers.lexical, store, tuple(library.articles()))
    finally:
        readers.close()
        store.close()


def grow(base: Base, size: int, folder: Path, *, told: Any = None) -> Path:
    """A folder with columns and terms of ``size`` rows, made on first use."""
    home = folder / f"{base.columns.manifest.embedder.split()[0]}-{base.columns.rows}-{size}".replace("/", "_")
    if (home / "done").exists():
        return home
    index = home / "index"
    manifest = base.columns.manifest
    Manifest(embedder=manifest.embedder, dimension=manifest.dimension, token_dimension=manifest.token_dimension).write(
        index
    )
    columns = Columns(index)
    lexical = LexicalIndex(index, columns.manifest)
    origins = np.arange(size) % base.columns.rows
    random = np.random.default_rng(_SEED)
    postings = all_postings(base)
    for start in range(0, size, _BLOCK):
        rows = origins[start : start + _BLOCK]
        batch = copies(base, rows, start, random)
        made = columns.append(batch)
        segments = lexical.append_postings(*noisy(postings, rows, start, random), len(rows))
        replace(made, segments=segments, sequence=start + len(rows)).write(index)
        columns.refresh()
        lexical.refresh(columns.manifest)
        lexical.sweep()
        if told:
            told(start + len(rows), size)
    share_tokens(base, columns, origins, index)
    (home / "done").touch()
    return home


def copies(base: Base, rows: NDArray[np.int64], first: int, random: np.random.Generator) -> Rows:
    """The columns of these of the base's rows, as rows ``first`` and following; without token states."""
    original = first + len(rows) <= base.columns.rows
    vectors = single(base.columns.array("vector")[rows])
    if not original:
        vectors = vectors + random.normal(scale=NOISE / vectors.shape[1] ** 0.5, size=vectors.shape).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    taken = {name: np.asarray(base.columns.array(name)[rows]) for name in FIELDS}
    # Articles of a copy belong together, and not to those of another copy.
    number = np.uint64(0) if original else (np.arange(first, first + len(rows)) // base.columns.rows).astype(np.uint64)
    article = taken["article"] ^ (number << np.uint64(40))
    moment = int(NOW.timestamp()) - random.integers(0, int(PERIOD.total_seconds()), len(rows))
    return Rows(
        vector=vectors,
        article=article,
        group=article,
        key=taken["key"] + number,
        revision=taken["revision"],
        ordinal=taken["ordinal"],
        start=taken["start"],
        end=taken["end"],
        published=moment,
        first_seen=moment,
        valid_from=moment,
        source=[base.columns.names("source")[n] for n in taken["source"]],
        language=[base.columns.names("language")[n] for n in taken["language"]],
        topics=taken["topics"],
        suspicious=taken["suspicious"],
        tokens=np.zeros((0, base.columns.manifest.token_dimension), dtype=np.int8),
        token_count=np.zeros(len(rows), dtype=np.int32),
    )


def all_postings(base: Base) -> tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.float32], NDArray[np.int64]]:
    """Every posting of the base by row: hashes, rows, weights, and where each row's begin, (rows + 1,)."""
    hashes, rows, weights = base.lexical.postings()
    order = np.argsort(rows, kind="stable")
    starts = np.searchsorted(rows[order], np.arange(base.columns.rows + 1))
    return hashes[order], rows[order], weights[order], starts


def noisy(
    postings: tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.float32], NDArray[np.int64]],
    origins: NDArray[np.int64],
    first: int,
    random: np.random.Generator,
) -> tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.float32]]:
    """Postings of copies of the base's rows ``origins``, as rows ``first`` and following."""
    hashes, _, weights, starts = postings
    counts = np.diff(starts)[origins]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    taken = np.repeat(starts[:-1][origins], counts) + within
    rows = np.repeat(np.arange(first, first + len(origins), dtype=np.int32), counts)
    kept = hashes[taken]
    if first + len(origins) <= len(starts) - 1:
        return kept, rows, weights[taken]
    chance = random.random(len(taken))
    other = chance < 0.1
    kept[other] = hashes[random.integers(0, len(hashes), int(other.sum()))]
    stays = chance < 0.9
    kept, rows, taken = kept[stays], rows[stays], taken[stays]
    # A term that came twice into a row counts once.
    order = np.lexsort((rows, kept))
    kept, rows, taken = kept[order], rows[order], taken[order]
    once = np.ones(len(kept), dtype=np.bool_)
    once[1:] = (kept[1:] != kept[:-1]) | (rows[1:] != rows[:-1])
    return kept[once], rows[once], weights[taken[once]]


def share_tokens(base: Base, columns: Columns, origins: NDArray[np.int64], index: Path) -> None:
    """Let the rows point to the token states of their originals, of which there is one copy."""
    generation = index / columns.manifest.generation
    np.asarray(base.columns.tokens).tofile(generation / "tokens.bin")
    for name in ("token_start", "token_count"):
        np.ascontiguousarray(base.columns.array(name)[origins]).tofile(generation / f"{name}.bin")
    replace(columns.manifest, tokens=base.columns.manifest.tokens).write(index)
    columns.refresh()


class OriginalTexts:
    """A store that reads a copy's text from its original's article."""

    def __init__(self, base: Base) -> None:
        self._store = base.store
        self._known = {a.id for a in base.articles}
        self._low = {int(i, 16) & (2**40 - 1): i for i in self._known}

    def get_many(self, article_ids: Iterable[str], *, as_of: datetime | None = None) -> Mapping[str, Article]:
        """As ``Store.get_many``."""
        origins = {i: i if i in self._known else self._low[int(i, 16) & (2**40 - 1)] for i in article_ids}
        found = self._store.get_many(origins.values(), as_of=as_of)
        return {i: found[origin] for i, origin in origins.items() if origin in found}


@contextmanager
def opened(home: Path) -> Iterator[Readers]:
    """The readers of a grown library."""
    readers = open_readers(home)
    try:
        yield readers
    finally:
        readers.close()
