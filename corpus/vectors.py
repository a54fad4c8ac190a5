"""Chroma: where chunk vectors live, embedded in the library's folder by default or on a server by URL.

Only the writer opens the embedded database: a second process that reads it misses what the writer adds. Readers search
the columns, or the server. The embedder's name is part of the collection's name, so that vectors never mix.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from corpus.errors import LibraryUnwritable, VectorsMissing, VectorsUnavailable
from corpus.models import TOPIC_THRESHOLD, TOPICS, Article, Chunk
from corpus.schema import fold

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

FOREVER = 2**53 - 1
"""``valid_until`` of a chunk that no later revision has replaced, in seconds; exact as a float too."""
# Default settings (M 16, ef 100) find 0.41 of the true top 100 among 100,000 clustered vectors; these find over 0.9.
_REFUSALS = ("readonly", "read-only", "disk is full", "disk i/o", "no space", "file too large", "quota", "permission")
"""What Chroma's errors say where the disk is at fault; they have no classes of their own for it."""
HNSW = {"space": "cosine", "max_neighbors": 32, "ef_construction": 200, "ef_search": 400}


def collection_name(prefix: str, embedder: str, dimension: int) -> str:
    """A name that Chroma accepts: 3 to 512 of ``[a-zA-Z0-9._-]``, a letter or digit at both ends."""
    name = re.sub(r"[^a-zA-Z0-9._-]+", "-", f"{prefix}-{embedder}-{dimension}")
    return name.strip("._-")[:200].rstrip("._-")


class Vectors:
    """One collection of unit vectors of ``dimension``, float32, cosine distance.

    ``place`` is a folder (embedded) or an http(s) URL (a server started by ``chroma run``). Raises VectorsUnavailable
    when the server does not answer, VectorsMissing where it has no such collection and ``create`` is off, LibraryUnwritable when the folder refuses.
    """

    def __init__(self, place: Path | str, *, prefix: str, embedder: str, dimension: int, create: bool = True) -> None:
        self.place = place
        self.dimension = dimension
        self.name = collection_name(prefix, embedder, dimension)
        with self._translated():
            self._client = _open(place)
            self._collection = self._open_collection() if create else self._existing()
            self._batch = self._client.get_max_batch_size()

    def _open_collection(self) -> Collection:
        return self._client.get_or_create_collection(
            self.name,
            embedding_function=None,
            configuration={"hnsw": cast("Any", HNSW)},
            metadata={"sequence": 0, "made_by": "vigie"},
        )

    def _existing(self) -> Collection:
        from chromadb.errors import NotFoundError

        try:
            return self._client.get_collection(self.name, embedding_function=None)
        except NotFoundError:
            raise VectorsMissing(str(self.place), "holds no vector of this library; run 'vigie reindex'") from None

    @property
    def sequence(self) -> int:
        """The number of the last change of the store that this collection has followed."""
        return int((self._collection.metadata or {}).get("sequence", 0))

    def set_sequence(self, sequence: int) -> None:
        """Note that every change up to ``sequence`` is in."""
        with self._translated():
            self._collection.modify(metadata={"sequence": sequence, "made_by": "vigie"})

    def upsert(
        self,
        chunks: Sequence[Chunk],
        vectors: NDArray[np.float32],
        articles: Mapping[str, Article],
        valid: Sequence[tuple[int, int]],
    ) -> None:
        """Put chunks with their (n, dimension) vectors, the fields to filter by, and the seconds between which each
        chunk's revision was the current one."""
        with self._translated():
            for first in range(0, len(chunks), self._batch):
                part = chunks[first : first + self._batch]
                self._collection.upsert(
                    ids=[chunk.id for chunk in part],
                    embeddings=vectors[first : first + self._batch],
                    metadatas=[
                        _fields(chunk, articles[chunk.article_id], span)
                        for chunk, span in zip(part, valid[first : first + self._batch], strict=True)
                    ],
                    documents=[chunk.text for chunk in part],
                )

    def supersede(self, article_id: str, revision: int, until: int) -> None:
        """Chunks of earlier revisions of the article stop being current at ``until`` (seconds)."""
        with self._translated():
            condition: Any = {
                "$and": [
                    {"article_id": article_id},
                    {"revision": {"$lt": revision}},
                    {"valid_until": FOREVER},
                ]
            }
            old = self._collection.get(where=condition, include=[])["ids"]
            for first in range(0, len(old), self._batch):
                ids = old[first : first + self._batch]
                self._collection.update(ids=ids, metadatas=[{"valid_until": until} for _ in ids])

    def delete_articles(self, article_ids: Sequence[str]) -> None:
        """Forget every chunk of the articles."""
        with self._translated():
            for first in range(0, len(article_ids), 500):
                condition: Any = {"article_id": {"$in": list(article_ids[first : first + 500])}}
                self._collection.delete(where=condition)

    def ids(self) -> set[str]:
        """The ids of all chunks."""
        with self._translated():
            return set(self._collection.get(include=[])["ids"])

    def count(self) -> int:
        """How many chunks there are."""
        with self._translated():
            return self._collection.count()

    def read(self, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors of the chunks that are there, by id, each (dimension,) float32."""
        found: dict[str, NDArray[np.float32]] = {}
        with self._translated():
            for first in range(0, len(ids), self._batch):
                got = self._collection.get(ids=list(ids[first : first + self._batch]), include=["embeddings"])
                rows = np.asarray(got["embeddings"], dtype=np.float32).reshape(-1, self.dimension)
                found.update(zip(got["ids"], rows, strict=True))
        return found

    def query(
        self, vector: NDArray[np.float32], k: int, where: Mapping[str, Any] | None = None
    ) -> tuple[list[str], NDArray[np.float32]]:
        """The ``k`` nearest chunks to a unit vector under a Chroma ``where`` over the fields of ``upsert``: ids and
        cosine similarities, best first; fewer when fewer meet the condition."""
        with self._translated():
            limit = min(k, self._collection.count())
            if limit == 0:
                return [], np.zeros(0, dtype=np.float32)
            got = self._collection.query(
                query_embeddings=vector.reshape(1, -1),
                n_results=limit,
                where=dict(where) if where else None,
                include=["distances"],
            )
        distances = got["distances"]
        assert distances is not None
        return got["ids"][0], 1.0 - np.asarray(distances[0], dtype=np.float32)

    def clear(self) -> None:
        """Empty the collection, to be filled anew."""
        with self._translated():
            self._client.delete_collection(self.name)
            self._collection = self._open_collection()

    def close(self) -> None:
        """Give the database back."""
        close = getattr(self._client, "close", None)
        if close is not None:
            close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Chroma's errors that a reader can mend, as this package's."""
        try:
            yield
        except ValueError as error:
            if isinstance(self.place, str) and "connect" in str(error).lower():
                raise VectorsUnavailable(self.place, "no Chroma server answers; start it with 'chroma run'") from error
            raise
        except OSError as error:
            if isinstance(self.place, str):
                raise VectorsUnavailable(self.place, str(error)) from error
            raise LibraryUnwritable(self.place, error.strerror or str(error)) from error
        except Exception as error:
            text = str(error)
            if isinstance(self.place, str) and type(error).__module__.startswith(("httpx", "httpcore")):
                raise VectorsUnavailable(self.place, text or type(error).__name__) from error
            if isinstance(self.place, Path) and any(part in text.lower() for part in _REFUSALS):
                raise LibraryUnwritable(self.place, text) from error
            raise


def _open(place: Path | str) -> ClientAPI:
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    if isinstance(place, Path):
        return chromadb.PersistentClient(path=str(place), settings=settings)
    parts = urlsplit(place)
    secure = parts.scheme == "https"
    return chromadb.HttpClient(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or (443 if secure else 8000),
        ssl=secure,
        settings=settings,
    )


def _fields(chunk: Chunk, article: Article, valid: tuple[int, int]) -> dict[str, Any]:
    """The fields of a chunk that a ``where`` can name; moments in seconds."""
    published = article.published or article.first_seen
    fields: dict[str, Any] = {
        "article_id": chunk.article_id,
        "revision": chunk.revision,
        "ordinal": chunk.ordinal,
        "published": int(published.timestamp()) if published else 0,
        "first_seen": int(article.first_seen.timestamp()) if article.first_seen else 0,
        "valid_from": valid[0],
        "valid_until": valid[1],
        "source": article.source,
        "source_folded": fold(article.source),
        "language": article.language,
    }
    for topic in TOPICS:
        fields[f"topic_{topic}"] = article.topics.get(topic, 0.0) >= TOPIC_THRESHOLD
    return fields
