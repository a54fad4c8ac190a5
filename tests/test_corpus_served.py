"""Dense search by a real Chroma server, against the columns."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import chromadb
import numpy as np
import pytest
from typer.testing import CliRunner

import vigie
from corpus import served
from corpus.columns import Columns
from corpus.errors import VectorsUnavailable
from corpus.models import Article, VectorSettings
from corpus.nearest import DenseIndex
from corpus.served import ServedIndex
from corpus.vectors import Vectors
from rag.filtering import chroma_where, meeting
from rag.models import Filters
from ui.cli import app

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def settings_of(server: str, collection: str, search: str = "chroma") -> vigie.Settings:
    return vigie.Settings(vectors={"chroma_url": server, "collection": collection, "search": search})  # type: ignore[arg-type]


def article(i: int, text: str = "") -> Article:
    return Article(
        f"https://a.example/{i}",
        f"Note {i}",
        text or f"Entreprise {i} supprime {100 + i} postes dans sa division numéro {i % 7}, a-t-elle annoncé.",
        ("Les Échos", "Monde", "Post")[i % 3],
        NOW - timedelta(days=i),
        ("fr", "fr", "en")[i % 3],
        topics={"layoffs": 0.9 if i % 2 else 0.1, "skills": 0.9 if i % 5 == 0 else 0.0},
    )


FILTERS = (
    {},
    {"since": NOW - timedelta(days=20)},
    {"since": NOW - timedelta(days=40), "until": NOW - timedelta(days=9)},
    {"sources": ["les echos"]},
    {"sources": ["Monde", "post"], "languages": ["EN"]},
    {"topics": ["layoffs"]},
    {"topics": ["layoffs", "skills"], "languages": ["fr"]},
    {"sources": ["nobody"]},
    {"as_of": NOW - timedelta(days=12)},
)


def test_the_server_finds_what_the_columns_find(server: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with vigie.Library(home, settings_of(server, "same"), clock=lambda: NOW) as library:
        library.add(article(i) for i in range(60))
        # A revision, whose forerunner may only be found as of then, and a deleted article.
        library.add([article(3, "Entreprise 3 renonce à supprimer des postes dans sa division.")])
    monkeypatch.setattr(served, "DIRECT_ROWS", 0)
    asked: list[object] = []
    query = Vectors.query

    def noted(self: Vectors, vector: np.ndarray, k: int, where: object = None) -> object:
        asked.append(where)
        return query(self, vector, k, where)  # type: ignore[arg-type]

    monkeypatch.setattr(Vectors, "query", noted)
    monkeypatch.setattr(ServedIndex.__init__, "__kwdefaults__", {"direct": 0})
    questions = ("suppression de postes", "Entreprise 17 division", "What do 'Les Échos' and 'Monde' say of jobs?")
    for question in questions:
        for filters in FILTERS:
            found = {}
            for search in ("columns", "chroma"):
                with vigie.Library(home, settings_of(server, "same", search), clock=lambda: NOW) as library:
                    found[search] = library.search_result(question, top=20, **filters)
            ours, theirs = (found[name].passages for name in ("columns", "chroma"))
            assert [p.chunk_id for p in ours] == [p.chunk_id for p in theirs], (question, filters)
            assert [p.score for p in ours] == pytest.approx([p.score for p in theirs], abs=1e-3)
            assert not found["columns"].notes
            assert not theirs or server in found["chroma"].notes[0]
    assert len(asked) > len(questions) * (len(FILTERS) - 1)


def test_where_and_mask_say_the_same(server: str, home: Path) -> None:
    with vigie.Library(home, settings_of(server, "where"), clock=lambda: NOW) as library:
        library.add(article(i) for i in range(40))
        library.add([article(3, "Entreprise 3 renonce à supprimer des postes dans sa division.")])
        embedder = library.embedder
    columns = Columns(home / "index")
    vectors = Vectors(server, prefix="where", embedder=embedder.name, dimension=embedder.dimension)
    vector = embedder.embed_queries(["postes"])[0]
    for named in FILTERS:
        filters = Filters(**{k: v if isinstance(v, datetime) else tuple(v) for k, v in named.items()})  # type: ignore[arg-type]
        rows = np.flatnonzero(meeting(columns, filters))
        parts = (columns.array(n)[rows].tolist() for n in ("article", "revision", "ordinal"))
        expected = {f"{a:016x}:{r}:{o}" for a, r, o in zip(*parts, strict=True)}
        if expected:
            assert set(vectors.query(vector, 500, chroma_where(columns, filters))[0]) == expected, named
    vectors.close()


def test_nearly_all_of_the_nearest_among_many(server: str, home: Path) -> None:
    """3,000 clustered vectors under filters, by the server's own index."""
    from tests.test_corpus_nearest import clustered, grown, opened

    random = np.random.default_rng(3)
    columns = opened(home, 64)
    grown(columns, clustered(3_000, 64, random), home)
    vectors = Vectors(server, prefix="many", embedder="e", dimension=64)
    held = columns.array("vector").astype(np.float32)
    ids = [
        f"{a:016x}:{r}:{o}"
        for a, r, o in zip(*(columns.array(n).tolist() for n in ("article", "revision", "ordinal")), strict=True)
    ]
    for first in range(0, 3_000, 1_000):
        part = slice(first, first + 1_000)
        vectors._collection.upsert(
            ids=ids[part],
            embeddings=held[part],
            metadatas=[{"valid_until": int(i % 4)} for i in range(first, first + 1_000)],
        )
    index, recalls = ServedIndex(vectors, direct=0), []
    for share, where in ((4, None), (1, {"valid_until": 0})):
        mask = np.arange(3_000) % 4 < share
        for _ in range(10):
            vector = clustered(1, 64, random)[0]
            found = index.search(columns, vector, mask, 50, where)
            exact = DenseIndex().search(columns, vector, mask, 50)
            recalls.append(len(np.intersect1d(found.rows, exact.rows)) / 50)
            assert mask[found.rows].all()
            assert found.background.tolist() == exact.background.tolist()
            assert np.allclose(found.background_scores, exact.background_scores, atol=1e-6)
    assert np.mean(recalls) > 0.98
    # What the server holds and the columns do not is passed over.
    vectors._collection.upsert(ids=["00000000000000ff:9:0"], embeddings=held[:1], metadatas=[{"valid_until": 0}])
    assert len(index.near(columns, held[0], np.ones(3_000, dtype=np.bool_), 5)) == 5
    vectors.close()


def test_the_command_line_says_who_searched(server: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with vigie.Library(home, settings_of(server, "cli"), clock=lambda: NOW) as library:
        library.add(article(i) for i in range(5))
        assert library.ask("Combien de postes Entreprise 2 supprime-t-elle ?").text
    monkeypatch.setenv("VIGIE_VECTORS__SEARCH", "chroma")
    monkeypatch.setenv("VIGIE_VECTORS__CHROMA_URL", server)
    monkeypatch.setenv("VIGIE_VECTORS__COLLECTION", "cli")
    run = CliRunner().invoke(app, ["search", "postes Entreprise 2", "--home", str(home), "--explain", "--json"])
    assert run.exit_code == 0
    told = json.loads(run.stdout)
    assert told["results"][0]["title"] == "Note 2"
    assert told["notes"] == [f"nearest vectors by the Chroma server at {server}"]


def test_what_a_reader_can_mend_is_one_line(server: str, home: Path) -> None:
    with vigie.Library(home, settings_of(server, "one"), clock=lambda: NOW) as library:
        library.add([article(1)])
    cases = (
        (settings_of(server, "asked"), "holds no vector of this library; run 'vigie reindex'"),
        (settings_of("http://127.0.0.1:1", "one"), "chroma run"),
        (settings_of("", "one"), "vectors.chroma_url is empty|vectors.chroma_url: is empty"),
    )
    for settings, message in cases:
        with (
            vigie.Library(home, settings, clock=lambda: NOW) as library,
            pytest.raises(VectorsUnavailable, match=message),
        ):
            library.search("postes")
    with pytest.raises(ValueError, match="search"):
        vigie.Settings(vectors=VectorSettings(search="elsewhere"))  # type: ignore[arg-type]


def test_an_empty_library_asks_nothing(server: str, home: Path) -> None:
    with vigie.Library(home, settings_of(server, "empty"), clock=lambda: NOW) as library:
        assert library.search("postes") == []


def collections(server: str) -> list[str]:
    """The names that a server holds."""
    address = urlsplit(server)
    client = chromadb.HttpClient(host=address.hostname or "", port=address.port or 0)
    return [c.name for c in client.list_collections()]


def test_the_doctor_looks_at_the_server(server: str, home: Path) -> None:
    def found(settings: vigie.Settings) -> list[str]:
        with vigie.open_library(home, settings) as library:
            return library.doctor()

    chosen = settings_of(server, "looked-at")
    with vigie.open_library(home, chosen) as library:
        library.add(article(i) for i in range(3))
    assert found(chosen) == []
    (line,) = found(settings_of(server, "looked-for"))
    assert line == f"{server}: the Chroma server lacks 3 changes of this library; run 'vigie reindex'"
    assert not [
        name for name in collections(server) if name.startswith(("looked-for", "asked"))
    ]  # Looking makes nothing.
    with vigie.open_library(home, settings_of(server, "looked-for")) as library:
        library.reindex()
    assert found(settings_of(server, "looked-for")) == []
    (line,) = found(settings_of("http://127.0.0.1:9", "looked-at"))
    assert "no Chroma server answers" in line
    (line,) = found(settings_of("", "looked-at"))
    assert line.startswith("vectors.chroma_url: is empty")
    assert found(vigie.Settings()) == []
