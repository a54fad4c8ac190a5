from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import VectorsUnavailable
from corpus.models import Article, Chunk
from corpus.vectors import FOREVER, Vectors, collection_name
from tests.chroma_server import free_port

DIMENSION = 16


@pytest.fixture(params=["embedded", "server"])
def vectors(request: pytest.FixtureRequest, home: Path) -> Iterator[Vectors]:
    place = home / "chroma" if request.param == "embedded" else request.getfixturevalue("server")
    made = Vectors(place, prefix=f"t{time.monotonic_ns()}", embedder="bundled v1", dimension=DIMENSION)
    yield made
    made.close()


def filled(vectors: Vectors, moment: datetime, n: int = 40) -> np.ndarray:
    rows = np.random.default_rng(1).normal(size=(n, DIMENSION)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    articles = [
        Article(f"https://a.example/{i}", "T", "x", "Les Échos" if i % 2 else "Monde", moment, "fr", first_seen=moment)
        for i in range(n)
    ]
    chunks = [Chunk(a.id, 1, 0, "x", 0, 1) for a in articles]
    vectors.upsert(chunks, rows, {a.id: a for a in articles}, [(0, FOREVER)] * n)
    vectors.upsert(chunks, rows, {a.id: a for a in articles}, [(0, FOREVER)] * n)
    return rows


def test_upsert_is_idempotent_and_reads_back(vectors: Vectors, moment: datetime) -> None:
    rows = filled(vectors, moment)
    ids = vectors.ids()
    assert (len(ids), vectors.count()) == (40, 40)
    key = f"{Article('https://a.example/3', '', '', '', None, '').id}:1:0"
    assert np.allclose(vectors.read([key, "absent:1:0"])[key], rows[3], atol=1e-6)
    assert vectors.sequence == 0
    vectors.set_sequence(7)
    assert vectors.sequence == 7


def test_query_gives_the_nearest_under_a_condition(vectors: Vectors, moment: datetime) -> None:
    rows = filled(vectors, moment)
    ids, scores = vectors.query(rows[4], 10, {"source_folded": "les echos"})
    order = np.argsort(-(rows[1::2] @ rows[4]))[:10]
    assert ids == [f"{Article(f'https://a.example/{1 + 2 * i}', '', '', '', None, '').id}:1:0" for i in order]
    assert np.allclose(scores, np.sort(rows[1::2] @ rows[4])[::-1][:10], atol=1e-5)
    assert len(vectors.query(rows[0], 500)[0]) == 40


def test_superseded_and_deleted(vectors: Vectors, moment: datetime) -> None:
    rows = filled(vectors, moment)
    first = Article("https://a.example/0", "", "", "", None, "").id
    vectors.supersede(first, 2, 99)
    ids, _ = vectors.query(rows[0], 40, {"valid_until": FOREVER})
    assert f"{first}:1:0" not in ids
    assert len(ids) == 39
    vectors.delete_articles([first])
    assert vectors.count() == 39
    vectors.clear()
    assert (vectors.count(), vectors.sequence, vectors.query(rows[0], 3)) == (0, 0, ([], pytest.approx(np.zeros(0))))


def test_embedders_never_share_a_collection() -> None:
    assert collection_name("vigie", "bundled", 384) != collection_name("vigie", "ollama:bge-m3", 1024)
    assert collection_name("vigie", "ollama:bge/m3 é", 8) == "vigie-ollama-bge-m3--8"


def test_a_server_that_is_down_is_one_clear_error() -> None:
    with pytest.raises(VectorsUnavailable, match="chroma run"):
        Vectors(f"http://127.0.0.1:{free_port()}", prefix="t", embedder="e", dimension=4)
