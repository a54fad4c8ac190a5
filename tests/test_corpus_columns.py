from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.analysis import analyse, analyse_query
from corpus.columns import FOREVER, Columns, Rows, binary_codes, quantise_tokens
from corpus.lexical import HEADING_WEIGHT, K1, PIVOT_TERMS, B, LexicalIndex
from corpus.manifest import Manifest


def rows(n: int, first: int = 0, seed: int = 0) -> Rows:
    random = np.random.default_rng(seed + first)
    vectors = random.normal(size=(n, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    counts = random.integers(0, 4, n).astype(np.int32)
    tokens = random.normal(size=(int(counts.sum()), 4)).astype(np.float32)
    numbers = np.arange(first, first + n)
    return Rows(
        vector=vectors,
        article=numbers.astype(np.uint64),
        group=numbers.astype(np.uint64),
        key=numbers.astype(np.uint64),
        revision=np.ones(n, dtype=np.int32),
        ordinal=np.zeros(n, dtype=np.int32),
        start=np.zeros(n, dtype=np.int32),
        end=np.ones(n, dtype=np.int32),
        published=numbers.astype(np.int64),
        first_seen=numbers.astype(np.int64),
        valid_from=numbers.astype(np.int64),
        source=[f"source {i % 3}" for i in numbers],
        language=["fr" if i % 2 else "en" for i in numbers],
        topics=np.zeros((n, 3), dtype=np.float32),
        suspicious=np.zeros(n, dtype=np.bool_),
        tokens=quantise_tokens(tokens),
        token_count=counts,
    )


def opened(folder: Path) -> Columns:
    Manifest(dimension=8, token_dimension=4).write(folder)
    return Columns(folder)


def test_what_is_appended_is_seen_after_the_manifest_and_not_before(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    reader = Columns(tmp_path)
    batch = rows(5)
    manifest = writer.append(batch)
    assert not reader.refresh()
    assert reader.rows == 0
    manifest.write(tmp_path)
    assert reader.refresh()
    assert reader.rows == 5
    assert np.allclose(reader.array("vector"), batch.vector, atol=1e-3)
    assert [reader.names("source")[n] for n in reader.array("source")] == list(batch.source)
    assert reader.tokens.shape == (int(batch.token_count.sum()), 4)
    starts = reader.array("token_start")
    assert starts.tolist() == (np.cumsum(batch.token_count) - batch.token_count).tolist()


def test_a_batch_that_was_never_made_visible_is_written_over(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    writer.append(rows(7, seed=1))  # Killed before its manifest.
    batch = rows(3)
    writer.append(batch).write(tmp_path)
    reader = Columns(tmp_path)
    assert reader.rows == 3
    assert np.allclose(reader.array("vector"), batch.vector, atol=1e-3)


def test_ended_rows_vanish_for_a_reader_that_is_open(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    writer.append(rows(4)).write(tmp_path)
    writer.refresh()
    reader = Columns(tmp_path)
    assert reader.current().tolist() == [True] * 4
    found = writer.rows_of(np.asarray([2], dtype=np.uint64))
    writer.end_validity(found, np.asarray([99]))
    assert reader.current().tolist() == [True, True, False, True]
    assert reader.array("valid_until").tolist() == [FOREVER, FOREVER, 99, FOREVER]


def test_vectors_that_are_no_numbers_lie_nowhere(tmp_path: Path) -> None:
    writer, batch = opened(tmp_path), rows(3)
    batch.vector[1, 2], batch.vector[2, 0] = np.nan, np.inf
    writer.append(batch).write(tmp_path)
    writer.refresh()
    assert np.abs(writer.array("vector")).sum(axis=1).astype(bool).tolist() == [True, False, False]


def test_binary_codes_are_the_signs() -> None:
    vectors = np.random.default_rng(3).normal(size=(6, 70)).astype(np.float32)
    codes = binary_codes(vectors)
    assert codes.shape == (6, 2)
    distance = np.bitwise_count(codes[0] ^ codes[1]).sum()
    assert distance == ((vectors[0] > 0) != (vectors[1] > 0)).sum()


words = st.sampled_from("amazon supprime postes emploi robot skills jobs cut meta".split())
document = st.tuples(st.lists(words, max_size=4), st.lists(words, max_size=12))


def slow_scores(documents: list[tuple[list[str], list[str]]], query: list[str]) -> list[float]:
    """BM25 by the book, one document and one term at a time."""
    scores = []
    for heading, text in documents:
        counts = Counter(text)
        weighted = {t: counts[t] + HEADING_WEIGHT * heading.count(t) for t in {*text, *heading}}
        length, total = len(text) + len(heading), 0.0
        for term in dict.fromkeys(query):
            n = sum(term in h or term in x for h, x in documents)
            if term in weighted:
                idf = np.log1p((len(documents) - n + 0.5) / (n + 0.5))
                tf = weighted[term]
                total += idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * length / PIVOT_TERMS))
        scores.append(total)
    return scores


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(document, min_size=1, max_size=5), min_size=1, max_size=6), st.lists(words, max_size=4))
def test_the_term_index_grown_in_batches_scores_by_the_book(
    tmp_path_factory: object, batches: list[list[tuple[list[str], list[str]]]], query: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("terms")  # type: ignore[attr-defined]
    manifest = Manifest()
    index = LexicalIndex(folder, manifest)
    for batch in batches:
        segments = index.append([h for h, _ in batch], [t for _, t in batch])
        manifest = Manifest(rows=manifest.rows + len(batch), segments=segments)
        index.refresh(manifest)
        index.sweep()
    documents = [d for batch in batches for d in batch]
    assert np.allclose(index.scores(query), slow_scores(documents, query), atol=1e-5)
    asked = np.arange(len(documents))[::-1]
    held = [all(t in {*documents[row][0], *documents[row][1]} for t in query) for row in asked]
    assert index.standing(query, asked).tolist() == held
    assert len(manifest.segments) <= 2 + np.log2(len(documents) + 1)


def test_french_and_english_terms_meet() -> None:
    assert analyse("L'emploi des salariés d'Amazon", "fr") == ["emploi", "salari", "amazon"]
    assert analyse("licenciements", "fr") == analyse("licencié", "fr")
    assert analyse("14 000 postes", "fr")[0] == analyse("14,000 jobs", "en")[0] == "14000"
    assert analyse("3,5 %", "fr") == analyse("3.5%", "en") == ["3.5"]
    assert analyse("É", "fr") == analyse("e", "fr")
    assert set(analyse("company's layoffs", "en")) <= set(analyse_query("the company layoffs"))
    assert analyse("", "fr") == []


@given(st.text(max_size=200), st.sampled_from(["fr", "en", "de", ""]))
def test_analysis_takes_any_text(text: str, language: str) -> None:
    assert all(term for term in analyse(text, language))
