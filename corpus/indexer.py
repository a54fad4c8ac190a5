"""Follows the change sequence into vectors, terms and columns.

An article is committed before it is indexed. A batch is written to Chroma first (by chunk id, so that doing it twice
changes nothing), then to the columns and the term index, which one manifest makes visible together: a kill at any
moment leaves no article half indexed after the next start.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.analysis import analyse
from corpus.chunking import chunk_article
from corpus.columns import FOREVER, Columns, Rows, quantise_tokens
from corpus.embedding import Embedder, TokenEmbedder, embedder_key
from corpus.enrich.injection import find as find_injections
from corpus.errors import EmbedderMismatch
from corpus.lexical import LexicalIndex
from corpus.manifest import Manifest
from corpus.memory import give_back, hold_little_free
from corpus.models import TOPICS, Article, Chunk, StageState, VectorSettings
from corpus.store import Store
from corpus.vectors import Vectors

log = logging.getLogger(__name__)
BATCH_ARTICLES = 32
BATCHES_BETWEEN_TRIMS = 16


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What a catch-up did."""

    articles: int = 0
    chunks: int = 0
    embedded: int = 0
    """Chunks that were embedded; the others kept the vector of the same text in an earlier revision."""


_Embedded = tuple[NDArray[np.float32], NDArray[np.int8]]
"""A chunk's vector (d,) and token states (t, k); t is 0 where the embedder gives none."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Changes up to ``sequence`` on their way into the derived stores: ``old_rows`` are those of their articles until now, ``known`` what
    chunks keep from them, ``coming`` what the others are embedded as."""

    sequence: int
    ids: list[str]
    articles: dict[str, Article]
    chunks: list[Chunk]
    keys: NDArray[np.uint64]
    old_rows: NDArray[np.int64]
    valid_from: dict[str, int]
    known: list[_Embedded | None]
    coming: Future[list[_Embedded]]


class Readers:
    """What a reading process opens: columns and the term index, which follow the writer."""

    def __init__(self, folder: Path) -> None:
        self.columns = Columns(folder)
        self.lexical = LexicalIndex(folder, self.columns.manifest)
        self._guard = threading.Lock()

    def refresh(self) -> None:
        """See what was committed since."""
        with self._guard:
            if self.columns.refresh():
                self.lexical.refresh(self.columns.manifest)

    def stages(self, last: int) -> list[StageState]:
        """How far the derived stores have followed the change sequence up to ``last``."""
        self.refresh()
        manifest = self.columns.manifest
        rows = int(self.columns.current().sum())
        return [StageState(name, manifest.sequence, last - manifest.sequence, rows) for name in ("columns", "terms")]

    def close(self) -> None:
        """Let the files go."""
        self.columns.close()
        self.lexical.close()


def open_readers(home: Path) -> Readers:
    """The columns and the term index of the library at ``home``."""
    return Readers(home / "index")


@contextmanager
def open_indexer(
    home: Path, store: Store, embedder: Embedder, settings: VectorSettings, *, afresh: bool = False
) -> Iterator[Indexer]:
    """An indexer, for the holder of the writer's lock.

    Raises EmbedderMismatch when the library is indexed by another embedder, unless it is to be done ``afresh``.
    """
    folder, key = home / "index", embedder_key(embedder)
    indexed = store.get_meta("embedder")
    if indexed and indexed != key and not afresh:
        raise EmbedderMismatch(indexed, key)
    vectors = Vectors(
        settings.chroma_url or home / "chroma",
        prefix=settings.collection,
        embedder=embedder.name,
        dimension=embedder.dimension,
    )
    try:
        manifest = Manifest.read(folder)
        if afresh or manifest.embedder != key or vectors.sequence < manifest.sequence:
            # Another embedder, or a Chroma that lost what the columns have: everything derived is made anew.
            vectors.clear()
            generation = str(int(manifest.generation) + 1)
            tokens = embedder.token_dimension if isinstance(embedder, TokenEmbedder) else 0
            manifest = Manifest(
                generation=generation, embedder=key, dimension=embedder.dimension, token_dimension=tokens
            )
            manifest.write(folder)
            store.set_meta("embedder", key)
            _sweep_generations(folder, generation)
        yield Indexer(folder, store, embedder, vectors)
    finally:
        vectors.close()


class Indexer:
    """Brings the derived stores up to date with the store; one at a time, under the writer's lock."""

    def __init__(self, folder: Path, store: Store, embedder: Embedder, vectors: Vectors) -> None:
        self._folder = folder
        self._store = store
        self._embedder = embedder
        self._vectors = vectors
        self._columns = Columns(folder)
        self._lexical = LexicalIndex(folder, self._columns.manifest)
        self._batches = 0

    @contextmanager
    def following(self, left: Callable[[int], None] | None = None) -> Iterator[None]:
        """Catch up in a thread of its own for the length of the block, and once more at its end: embedding then
        overlaps with waiting for other people's servers. ``left`` is told how many changes are not indexed yet."""

        def told(*_: int) -> None:
            if left is not None:
                left(self._store.sequence() - self._columns.manifest.sequence)

        hold_little_free()
        stop = threading.Event()
        failures: list[BaseException] = []

        def follow() -> None:
            try:
                while not stop.wait(0.2):
                    self._catch_up(told, least=BATCH_ARTICLES)
            except BaseException as error:
                failures.append(error)

        thread = threading.Thread(target=follow, name="indexer", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        if failures:
            raise failures[0]
        told()
        self.catch_up(told)

    def catch_up(self, progress: Callable[[int, int], None] | None = None) -> IndexReport:
        """Index every change that is not; ``progress`` is told (changes done, changes in all)."""
        return self._catch_up(progress)

    def _catch_up(self, progress: Callable[[int, int], None] | None, *, least: int = 1) -> IndexReport:
        report, first, last = IndexReport(), self._columns.manifest.sequence, self._store.sequence()
        # While a batch is written the next one is embedded: Chroma's graph keeps one core busy, the model the other.
        ahead = ThreadPoolExecutor(1, "embedding")
        try:
            batch = self._gathered(first, least, ahead)
            while batch is not None:
                after = self._gathered(batch.sequence, least, ahead, unlike=batch)
                done = self._write(batch)
                # What was not looked at before because it holds an article of this batch again.
                batch = after or self._gathered(batch.sequence, least, ahead)
                self._batches += 1
                if self._batches % BATCHES_BETWEEN_TRIMS == 0:
                    give_back()
                report = IndexReport(
                    report.articles + done.articles, report.chunks + done.chunks, report.embedded + done.embedded
                )
                if progress is not None:
                    reached = self._columns.manifest.sequence
                    progress(reached - first, max(last, reached) - first)
        finally:
            ahead.shutdown(cancel_futures=True)
        return report

    def _gathered(
        self, after: int, least: int, ahead: ThreadPoolExecutor, unlike: _Batch | None = None
    ) -> _Batch | None:
        """The batch of changes that follows ``after``, being embedded by ``ahead``. None where fewer than ``least`` changes are
        left, or where one is of an article of the batch ``unlike``, whose rows are not written yet."""
        changes = self._store.changes(after, BATCH_ARTICLES)
        if not changes or len(changes) < least:
            return None
        ids = list(dict.fromkeys(change.article_id for change in changes))
        if unlike is not None and not set(ids).isdisjoint(unlike.ids):
            return None
        articles = self._store.get_many(ids)
        chunks = [chunk for i in ids if i in articles for chunk in chunk_article(articles[i], self._count)]
        keys = _content_keys(chunks)
        old_rows = self._columns.rows_of(np.asarray([int(i, 16) for i in ids], dtype=np.uint64))
        known = self._known(keys, old_rows)
        texts = [f"{c.heading}\n{c.text}" for c, own in zip(chunks, known, strict=True) if own is None]
        coming = ahead.submit(self._embedded, texts)
        valid_from = {i: self._valid_from(article) for i, article in articles.items()}
        return _Batch(changes[-1].sequence, ids, articles, chunks, keys, old_rows, valid_from, known, coming)

    def _write(self, batch: _Batch) -> IndexReport:
        ids, articles, chunks, old_rows = batch.ids, batch.articles, batch.chunks, batch.old_rows
        vectors, tokens, counts, embedded = self._vectors_of(batch)
        valid_from = batch.valid_from
        self._to_chroma(ids, articles, chunks, vectors, valid_from)
        self._columns.end_validity(old_rows, self._ends(old_rows, articles, valid_from))
        rows = _rows(chunks, articles, batch.keys, vectors, tokens, counts, valid_from)
        manifest = self._columns.append(rows)
        headings = [analyse(c.heading, articles[c.article_id].language) for c in chunks]
        texts = [analyse(c.text, articles[c.article_id].language) for c in chunks]
        segments = self._lexical.append(headings, texts) if chunks else self._lexical.manifest.segments
        replace(manifest, segments=segments, sequence=batch.sequence).write(self._folder)
        self._columns.refresh()
        self._lexical.refresh(self._columns.manifest)
        self._lexical.sweep()
        self._vectors.set_sequence(batch.sequence)
        return IndexReport(len(ids), len(chunks), embedded)

    def _count(self, texts: Sequence[str]) -> Sequence[int]:
        if isinstance(self._embedder, TokenEmbedder):
            return [int(n) for n in self._embedder.count_tokens(texts)]
        # Without the model's tokenizer: French and English run at about four characters a token.
        return [1 + len(text) // 4 for text in texts]

    def _known(self, keys: NDArray[np.uint64], old_rows: NDArray[np.int64]) -> list[_Embedded | None]:
        """What each chunk's text was embedded as in an earlier revision of its article; None of a new text."""
        rows = {int(k): int(r) for k, r in zip(self._columns.array("key")[old_rows], old_rows, strict=True)}
        found: list[_Embedded | None] = []
        for row in (rows.get(key) for key in keys.tolist()):
            if row is None:
                found.append(None)
                continue
            start, count = (int(self._columns.array(n)[row]) for n in ("token_start", "token_count"))
            # Copies: what is mapped may move when the batch before this one is written.
            states = np.array(self._columns.tokens[start : start + count])
            found.append((np.array(self._columns.array("vector")[row]), states))
        return found

    def _embedded(self, texts: Sequence[str]) -> list[_Embedded]:
        """A vector (d,) and token states (t, k) of each text; touches nothing but the embedder."""
        none = np.zeros((0, self._columns.manifest.token_dimension), dtype=np.int8)
        if not texts:
            return []
        if not isinstance(self._embedder, TokenEmbedder):
            return [(vector, none) for vector in self._embedder.embed_documents(texts)]
        vectors, made = self._embedder.embed_documents_with_tokens(texts)
        quantised = quantise_tokens(np.nan_to_num(made.vectors, nan=0.0, posinf=0.0, neginf=0.0))
        spans = zip(made.offsets[:-1], made.offsets[1:], strict=True)
        return [(vector, quantised[a:b]) for vector, (a, b) in zip(vectors, spans, strict=True)]

    def _vectors_of(self, batch: _Batch) -> tuple[NDArray[np.float32], NDArray[np.int8], NDArray[np.int32], int]:
        """Vectors, token states and their counts, and how many texts were embedded, when they are."""
        fresh = batch.coming.result()
        new = iter(fresh)
        parts = [next(new) if own is None else own for own in batch.known]
        manifest = self._columns.manifest
        vectors = np.asarray([v for v, _ in parts], dtype=np.float32).reshape(len(parts), manifest.dimension)
        sound = np.isfinite(vectors).all(axis=1)
        if not sound.all():
            # Chroma refuses them, and with them the batch; a vector without a direction is near to nothing.
            vectors[~sound] = 0
            log.warning(
                "%s: %d of %d vectors are not numbers; their chunks are found by words alone",
                self._embedder.name,
                np.count_nonzero(~sound),
                len(vectors),
            )
        counts = np.asarray([len(states) for _, states in parts], dtype=np.int32)
        joined = np.concatenate([np.zeros((0, manifest.token_dimension), dtype=np.int8), *(s for _, s in parts)])
        return vectors, joined, counts, len(fresh)

    def _valid_from(self, article: Article) -> int:
        """Seconds from which the current revision could be known; see ``Filters.as_of``."""
        first = article.published or article.first_seen
        moment = first if article.revision == 1 else self._store.revisions(article.id)[-1].seen
        return int(moment.timestamp()) if moment else 0

    def _ends(
        self, old_rows: NDArray[np.int64], articles: dict[str, Article], valid_from: dict[str, int]
    ) -> NDArray[np.int64]:
        """When each replaced row stops being valid: at the next revision; never was, when deleted or put anew."""
        ends = np.zeros(len(old_rows), dtype=np.int64)
        numbers, revisions = self._columns.array("article"), self._columns.array("revision")
        for at, row in enumerate(old_rows):
            article = articles.get(f"{int(numbers[row]):016x}")
            if article is not None and article.revision > int(revisions[row]):
                ends[at] = valid_from[article.id]
        return ends

    def _to_chroma(
        self,
        ids: Sequence[str],
        articles: dict[str, Article],
        chunks: Sequence[Chunk],
        vectors: NDArray[np.float32],
        valid_from: dict[str, int],
    ) -> None:
        if gone := [i for i in ids if i not in articles]:
            self._vectors.delete_articles(gone)
        for article in articles.values():
            if article.revision > 1:
                self._vectors.supersede(article.id, article.revision, valid_from[article.id])
        spans = [(valid_from[c.article_id], FOREVER) for c in chunks]
        if chunks:
            self._vectors.upsert(chunks, vectors, articles, spans)


def _content_keys(chunks: Sequence[Chunk]) -> NDArray[np.uint64]:
    """What a chunk's vector depends on, in 64 bits."""
    digests = (hashlib.blake2b(f"{c.heading}\n{c.text}".encode(), digest_size=8).digest() for c in chunks)
    return np.asarray([int.from_bytes(d, "little") for d in digests], dtype=np.uint64)


def _rows(
    chunks: Sequence[Chunk],
    articles: dict[str, Article],
    keys: NDArray[np.uint64],
    vectors: NDArray[np.float32],
    tokens: NDArray[np.int8],
    counts: NDArray[np.int32],
    valid_from: dict[str, int],
) -> Rows:
    of = [articles[c.article_id] for c in chunks]
    injected = {a.id: find_injections(a.text) for a in articles.values()}
    # A title goes along with every passage of its article.
    titled = {a.id for a in articles.values() if find_injections(a.title)}
    suspicious = [
        c.article_id in titled or any(a < c.end and c.start < b for a, b in injected[c.article_id]) for c in chunks
    ]
    seen = [int(a.first_seen.timestamp()) if a.first_seen else 0 for a in of]
    return Rows(
        vector=vectors,
        article=np.asarray([int(a.id, 16) for a in of], dtype=np.uint64),
        group=np.asarray([int(a.group or a.id, 16) for a in of], dtype=np.uint64),
        key=keys,
        revision=np.asarray([c.revision for c in chunks], dtype=np.int32),
        ordinal=np.asarray([c.ordinal for c in chunks], dtype=np.int32),
        start=np.asarray([c.start for c in chunks], dtype=np.int32),
        end=np.asarray([c.end for c in chunks], dtype=np.int32),
        published=np.asarray(
            [int(a.published.timestamp()) if a.published else s for a, s in zip(of, seen, strict=True)], dtype=np.int64
        ),
        first_seen=np.asarray(seen, dtype=np.int64),
        valid_from=np.asarray([valid_from[a.id] for a in of], dtype=np.int64),
        source=[a.source for a in of],
        language=[a.language for a in of],
        topics=np.asarray([[a.topics.get(t, 0.0) for t in TOPICS] for a in of], dtype=np.float32).reshape(-1, 3),
        suspicious=np.asarray(suspicious, dtype=np.bool_),
        tokens=tokens,
        token_count=counts,
    )


def _sweep_generations(folder: Path, kept: str) -> None:
    for path in folder.iterdir():
        if path.is_dir() and path.name != kept:
            with suppress(OSError):
                shutil.rmtree(path)
