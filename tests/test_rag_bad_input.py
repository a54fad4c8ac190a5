"""What no one should ask or give: defined results, or one clear line."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vigie
from corpus.models import Article

NOW = datetime(2026, 7, 1, tzinfo=UTC)
LONG = "Combien de postes l'entreprise 3 supprime-t-elle, et depuis quand ? " * 150


class Faulty:
    """The bundled embedder, which fails at texts that hold a word: not a number, or without bounds."""

    def __init__(self, word: str, value: float) -> None:
        self._sound, self._word, self._value = vigie.open_embedder(), word, value
        self.name, self.dimension = self._sound.name, self._sound.dimension
        self.token_dimension: int = self._sound.token_dimension  # type: ignore[attr-defined]

    def _spoilt(self, texts: Sequence[str], vectors: Any) -> Any:
        return np.where([[self._word in t] for t in texts], np.float32(self._value), vectors)

    def embed_documents(self, texts: Sequence[str]) -> Any:
        return self._spoilt(texts, self._sound.embed_documents(texts))

    def embed_queries(self, texts: Sequence[str]) -> Any:
        return self._spoilt(texts, self._sound.embed_queries(texts))

    def embed_documents_with_tokens(self, texts: Sequence[str]) -> Any:
        return self._with_tokens(texts, *self._sound.embed_documents_with_tokens(texts))  # type: ignore[attr-defined]

    def embed_queries_with_tokens(self, texts: Sequence[str]) -> Any:
        return self._with_tokens(texts, *self._sound.embed_queries_with_tokens(texts))  # type: ignore[attr-defined]

    def _with_tokens(self, texts: Sequence[str], vectors: Any, states: Any) -> Any:
        made = states.vectors.copy()
        for text, first, last in zip(texts, states.offsets[:-1], states.offsets[1:], strict=True):
            if self._word in text:
                made[first:last] = self._value
        return self._spoilt(texts, vectors), replace(states, vectors=made)

    def token_weights(self, tokens: Any) -> Any:
        return self._sound.token_weights(tokens)  # type: ignore[attr-defined]

    def count_tokens(self, texts: Sequence[str]) -> Any:
        return self._sound.count_tokens(texts)  # type: ignore[attr-defined]


def opened(home: Path, embedder: Faulty | None = None) -> vigie.Library:
    library = vigie.Library(home, vigie.Settings(), clock=lambda: NOW)
    if embedder is not None:
        library.__dict__["embedder"] = embedder
    return library


def filled(home: Path, embedder: Faulty | None = None, n: int = 12) -> vigie.Library:
    library = opened(home, embedder)
    library.add(
        Article(
            f"https://a.example/{i}",
            f"Note {i}" + (" défectueuse" if i == 3 else ""),
            f"Entreprise {i} supprime {100 + i} postes dans sa division.",
            "Post",
            NOW - timedelta(days=i),
            "fr",
        )
        for i in range(n)
    )
    return library


@pytest.mark.parametrize("question", ["postes", LONG[:10_000], "?", "\x00 \ud800".encode("utf-8", "replace").decode()])
def test_an_empty_library(home: Path, question: str) -> None:
    with opened(home) as library:
        assert library.search(question, top=10) == []
        assert not library.ask(question).answered


def test_a_filter_that_matches_nothing(home: Path) -> None:
    with filled(home) as library:
        for filters in (
            {"sources": ["personne"]},
            {"languages": ["xx"]},
            {"topics": ["cuisine"]},
            {"since": NOW + timedelta(days=1)},
            {"since": NOW, "until": NOW - timedelta(days=5)},
            {"as_of": NOW - timedelta(days=400)},
        ):
            result = library.search_result("postes Entreprise 3", **filters)
            assert (result.passages, result.explanation) == ((), ()), filters
            assert not library.ask("Combien de postes Entreprise 3 supprime-t-elle ?", **filters).answered


@pytest.mark.parametrize("top", [0, 1, 11, 12, 13, 10_000])
def test_more_than_there_are(home: Path, top: int) -> None:
    with filled(home) as library:
        found = library.search("postes", top=top)
    assert len(found) == len({p.chunk_id for p in found}) == min(top, 12)
    assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)


def test_a_question_of_ten_thousand_characters(home: Path) -> None:
    with filled(home) as library:
        found = library.search(LONG[:10_000], top=3)
        assert len(found) == 3
        assert all(np.isfinite(list(p.scores.values())).all() for p in found)
        assert library.search("x" * 10_000, top=3)
        assert library.ask(LONG[:10_000]).sentences


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_vectors_of_chunks_that_are_no_numbers(home: Path, value: float, caplog: pytest.LogCaptureFixture) -> None:
    """Such a chunk is told of, is found by its words, and spoils no other's score."""
    with caplog.at_level(logging.WARNING), filled(home, Faulty("défectueuse", value)) as library:
        assert [r.getMessage() for r in caplog.records if r.name == "corpus.indexer"] == [
            f"{library.embedder.name}: 1 of 12 vectors are not numbers; their chunks are found by words alone"
        ]
        found = library.search("Entreprise 7 division postes", top=12)
        assert len(found) == 12
        assert found[0].title == "Note 7"
        assert all(np.isfinite(list(p.scores.values())).all() for p in found)
        assert library.search("note défectueuse", top=1)[0].title == "Note 3 défectueuse"
    # The next process reads the same from the disk; with a sound embedder all others are nearer.
    with opened(home) as library:
        found = library.search("note défectueuse", top=12)
        (spoilt,) = [p for p in found if p.title == "Note 3 défectueuse"]
        assert np.isfinite(list(spoilt.scores.values())).all()
        assert spoilt.scores["lexical"] == max(p.scores["lexical"] for p in found)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_question_whose_vector_is_no_number(home: Path, value: float) -> None:
    filled(home).close()
    with opened(home, Faulty("division", value)) as library:
        found = library.search("Entreprise 7 division postes", top=12)
    assert len(found) == 12
    assert found[0].title == "Note 7"
    assert all(np.isfinite(list(p.scores.values())).all() for p in found)


def test_nothing_but_vectors_that_are_no_numbers(home: Path) -> None:
    with filled(home, Faulty("", np.nan)) as library:
        found = library.search("Entreprise 7", top=12)
    assert found[0].title == "Note 7"
    assert len(found) == 12
