"""Dense search against plain sums and sorts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from corpus import nearest
from corpus.columns import Columns, binary_codes
from corpus.manifest import Manifest
from corpus.nearest import DenseIndex, bit_planes, hamming, single, weighted_hamming
from tests.test_corpus_columns import rows as made_rows

Random = np.random.Generator


def clustered(n: int, d: int, random: Random) -> NDArray[np.float32]:
    """Unit vectors around some centres."""
    centres = random.normal(size=(1 + n // 40, d))
    vectors = centres[random.integers(0, len(centres), n)] + 0.7 * random.normal(size=(n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def opened(folder: Path, dimension: int = 8) -> Columns:
    Manifest(dimension=dimension, token_dimension=4).write(folder)
    return Columns(folder)


def grown(columns: Columns, vectors: NDArray[np.float32], folder: Path) -> None:
    """Add rows with these vectors."""
    batch = made_rows(len(vectors), first=columns.rows)
    columns.append(replace(batch, vector=vectors)).write(folder)
    columns.refresh()


@pytest.fixture
def coded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of 600 rows counts as a large one."""
    monkeypatch.setattr(nearest, "EXACT_ROWS", 100)
    monkeypatch.setattr(nearest, "DIRECT_ROWS", 20)
    monkeypatch.setattr(nearest, "CODE_CANDIDATES", 200)
    monkeypatch.setattr(nearest, "WEIGHTED_CANDIDATES", 100)
    monkeypatch.setattr(nearest, "SAMPLE_ROWS", 100)
    monkeypatch.setattr(nearest, "LEAST_SAMPLE", 30)


def test_halves_become_singles_exactly() -> None:
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16)
    halves = halves[np.isfinite(halves)]
    assert np.array_equal(single(halves), halves.astype(np.float32))
    assert single(halves[:6].reshape(2, 3)).shape == (2, 3)


@given(st.integers(1, 70), st.sampled_from([8, 64, 130, 384, 500]), st.integers(0, 99))
def test_distances_against_bits(n: int, d: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    vectors, vector = random.normal(size=(n, d)).astype(np.float32), random.normal(size=d).astype(np.float32)
    codes, code = np.ascontiguousarray(binary_codes(vectors).T), binary_codes(vector[None, :])[0]
    differ = (vectors > 0) != (vector > 0)
    expected = differ.sum(axis=1)
    assert hamming(codes, code).tolist() == (np.minimum(expected, 255) if d <= 384 else expected).tolist()
    steps = np.rint(np.abs(vector) * np.float32(15 / float(np.abs(vector).max())))
    assert weighted_hamming(codes, code, bit_planes(vector)).tolist() == (differ @ steps).tolist()


def test_what_looks_away_stays_far() -> None:
    vector = np.ones(384, dtype=np.float32)
    codes = binary_codes(np.stack([vector, -vector]))
    assert hamming(np.ascontiguousarray(codes.T), codes[0]).tolist() == [0, 255]


@pytest.mark.parametrize("share", [1.0, 0.5, 0.1, 0.01, 0.0])
def test_a_small_library_is_compared_whole(tmp_path: Path, share: float) -> None:
    random = np.random.default_rng(5)
    columns, index = opened(tmp_path), DenseIndex()
    for _ in range(3):  # Grows in between.
        grown(columns, clustered(70, 8, random), tmp_path)
        vector = clustered(1, 8, random)[0]
        mask = random.random(columns.rows) < share
        found = index.search(columns, vector, mask, 10)
        exact = columns.array("vector").astype(np.float32) @ vector
        inside = np.flatnonzero(mask)
        assert sorted(found.rows) == sorted(inside[np.argsort(-exact[inside], kind="stable")][:10])
        assert found.background.tolist() == inside.tolist()
        assert np.allclose(found.background_scores, exact[inside], atol=1e-6)
        assert np.allclose(index.similarities(columns, vector, inside), exact[inside], atol=1e-6)


def near_one(columns: Columns, random: Random) -> NDArray[np.float32]:
    """A question that is about something in the library."""
    vector = columns.array("vector")[random.integers(columns.rows)] + 0.05 * random.normal(size=128)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


@pytest.mark.parametrize("share", [1.0, 0.5, 0.1, 0.02])
def test_a_large_library_finds_nearly_all_of_the_nearest(tmp_path: Path, coded: None, share: float) -> None:
    random = np.random.default_rng(7)
    columns, index, recalls = opened(tmp_path, 128), DenseIndex(), []
    for _ in range(4):
        grown(columns, clustered(300, 128, random), tmp_path)
        for _ in range(5):
            vector = near_one(columns, random)
            mask = random.random(columns.rows) < share
            found = index.search(columns, vector, mask, 10)
            exact = np.where(mask, columns.array("vector").astype(np.float32) @ vector, -np.inf)
            best = np.argsort(-exact)[: min(10, mask.sum())]
            assert mask[found.rows].all()
            assert mask[found.background].all()
            assert len(found.rows) == len(best)
            assert np.allclose(index.similarities(columns, vector, found.rows), exact[found.rows], atol=1e-6)
            recalls.append(len(np.intersect1d(found.rows, best)) / len(best))
    assert np.mean(recalls) > 0.95


def test_the_background_stands_for_all_rows(tmp_path: Path, coded: None) -> None:
    random = np.random.default_rng(9)
    columns, index = opened(tmp_path), DenseIndex()
    grown(columns, clustered(4_000, 8, random), tmp_path)
    vector = np.asarray(columns.array("vector")[3], dtype=np.float32)
    exact = columns.array("vector").astype(np.float32) @ vector
    for mask in (np.ones(4_000, dtype=np.bool_), np.arange(4_000) % 50 == 3):
        found = index.search(columns, vector, mask, 10)
        again = DenseIndex().search(columns, vector, mask, 10)
        assert found.background.tolist() == again.background.tolist()
        assert np.allclose(found.background_scores, exact[found.background], atol=1e-6)
        spread = exact[mask].std()
        assert abs(found.background_scores.mean() - exact[mask].mean()) < 4 * spread / np.sqrt(len(found.background))
        # Those that the codes chose would lie far above.
        assert exact[found.rows].mean() - found.background_scores.mean() > spread


def test_the_sample_does_not_depend_on_when_rows_were_seen(tmp_path: Path, coded: None) -> None:
    random = np.random.default_rng(13)
    columns, followed = opened(tmp_path), DenseIndex()
    for added in (1_000, 10, 10, 100, 300, 7):
        grown(columns, clustered(added, 8, random), tmp_path)
        vector, mask = clustered(1, 8, random)[0], np.ones(columns.rows, dtype=np.bool_)
        before, after = (i.search(columns, vector, mask, 5) for i in (followed, DenseIndex()))
        assert before.background.tolist() == after.background.tolist()
        assert sorted(before.rows) == sorted(after.rows)
        assert before.background.max() >= 0.8 * columns.rows


def test_another_generation_and_more_than_there_are(tmp_path: Path, coded: None) -> None:
    random = np.random.default_rng(11)
    columns, index = opened(tmp_path), DenseIndex()
    everything = np.ones(300, dtype=np.bool_)
    for generation in ("1", "2"):
        replace(columns.manifest, generation=generation, rows=0, tokens=0).write(tmp_path)
        columns.refresh()
        grown(columns, clustered(300, 8, random), tmp_path)
        vector = np.asarray(columns.array("vector")[7], dtype=np.float32)
        assert 7 in index.search(columns, vector, everything, 1).rows
        assert len(index.search(columns, vector, everything, 1_000).rows) == 300
    assert len(index.search(columns, vector, everything, 0).rows) == 0
    # A vector without a direction is compared all the same.
    assert len(index.search(columns, np.zeros(8, dtype=np.float32), everything, 5).rows) == 5
