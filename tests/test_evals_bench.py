"""The libraries that benchmarks are run on, and the figures that come of them."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import vigie
from corpus.embedding import TokenEmbedder
from corpus.models import Article
from evals import bench_retrieve, bench_scale
from evals.bench_articles import news_articles
from evals.bench_retrieve import Asked, Remembered, questions_of, recalls, search_times, time_to_fresh
from evals.measures import EvaluationError
from rag.models import Filters, Question

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def library(home: Path) -> vigie.Library:
    made = vigie.Library(home, vigie.Settings(), clock=lambda: NOW)
    made.add(
        Article(
            f"https://a.example/{i}",
            f"Note numéro {i} sur l'emploi",
            f"Entreprise {i} supprime {100 + i} postes dans sa division numéro {i}.",
            "Post",
            NOW,
            ("fr", "en")[i % 2],
        )
        for i in range(30)
    )
    return made


def test_a_library_is_multiplied(library: vigie.Library, tmp_path: Path) -> None:
    with library, bench_scale.opened_base(library) as base:
        made = bench_scale.grow(base, 1_500, tmp_path / "cache")
        assert bench_scale.grow(base, 1_500, tmp_path / "cache") == made
        with bench_scale.opened(made) as readers:
            columns = readers.columns
            assert columns.rows == 1_500
            origins = np.arange(1_500) % 30
            vectors = np.asarray(columns.array("vector"), dtype=np.float32)
            assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-2)
            near = (vectors * np.asarray(base.columns.array("vector"), dtype=np.float32)[origins]).sum(axis=1)
            assert near.mean() == pytest.approx(1 / np.sqrt(1 + bench_scale.NOISE**2), abs=0.02)
            quarter = columns.array("published") >= bench_retrieve.filters_of(0.25).since.timestamp()  # type: ignore[union-attr]
            assert quarter.mean() == pytest.approx(0.25, abs=0.05)
            assert len(np.unique(columns.array("article"))) == 1_500
            assert np.array_equal(columns.array("token_count"), base.columns.array("token_count")[origins])
            assert columns.manifest.tokens == base.columns.manifest.tokens
            # Nine tenths of the terms are those of the original.
            term = readers.lexical.document_frequencies(["entrepris"])[0]
            assert term == pytest.approx(1_350 * base.lexical.document_frequencies(["entrepris"])[0] / 30, rel=0.1)
            texts = bench_scale.OriginalTexts(base)
            copy = f"{int(columns.array('article')[31]):016x}"
            original = f"{int(base.columns.array('article')[1]):016x}"
            assert texts.get_many([copy])[copy].id == original


def test_figures_of_a_small_library(library: vigie.Library, tmp_path: Path) -> None:
    embedder = Remembered(vigie.open_embedder())
    with library, bench_scale.opened_base(library) as base:
        made = bench_scale.grow(base, 1_500, tmp_path / "cache")
        everything = questions_of(base, embedder)
        asked = Asked(everything.questions[-3:], everything.vectors[-3:])
        before = {p: p.stat().st_size for p in made.rglob("*") if p.is_file() and p.suffix == ".npy"}
        with bench_scale.opened(made) as readers, bench_retrieve.warmed(base, readers, embedder, asked) as retriever:
            figures = search_times(retriever, asked)
            assert figures["all"]["n"] == 3 * len(bench_retrieve.MIX)
            assert figures["all"]["min_ms"] <= figures["all"]["p50_ms"] <= figures["all"]["p95_ms"]
            assert set(recalls(readers.columns, asked).values()) == {1.0}
            first = retriever.search(Question("Entreprise 7"), Filters(languages=("en",)), 3, bench_scale.NOW)
            assert {p.language for p in first.passages} == {"en"}
        assert time_to_fresh(base, made, embedder) > 0
        assert {p: p.stat().st_size for p in made.rglob("*") if p.is_file() and p.suffix == ".npy"} == before
        with bench_scale.opened(made) as readers:
            assert readers.columns.rows == 1_500


def test_news_are_drawn_by_their_address(tmp_path: Path) -> None:
    (tmp_path / "news-en").mkdir()
    rows = [{"url": f"https://www.b.example/{i}", "title": f"T{i}", "text": "Some text."} for i in range(5)]
    with gzip.open(tmp_path / "news-en" / "docs.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(
            "\n".join(json.dumps(r) for r in [*rows, rows[0], {**rows[1], "url": "https://c.example/", "text": " "}])
        )
    found = news_articles(tmp_path)
    assert sorted(a.url for a in found) == [r["url"] for r in rows]
    assert {(a.source, a.language) for a in found} == {("b.example", "en")}
    with gzip.open(tmp_path / "news-en" / "docs.jsonl.gz", "at", encoding="utf-8") as file:
        file.write("\n{")
    with pytest.raises(EvaluationError, match="row 8"):
        news_articles(tmp_path)
    with pytest.raises(EvaluationError, match="news-en and news-fr"):
        news_articles(tmp_path / "nothing")


def test_a_size_that_is_too_small(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="too small"):
        bench_retrieve.bench_retrieve([10], None, tmp_path, print)


def test_the_remembering_embedder_reranks_too() -> None:
    # Without all of a TokenEmbedder's methods searches would be measured without reranking, and nobody would see it.
    assert isinstance(Remembered(vigie.open_embedder()), TokenEmbedder)
