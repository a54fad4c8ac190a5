"""The measures of an embedder by itself, on spaces small enough to work out by hand."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from evals.embedder import crosslingual, measure_embedder, piaf, ranks, similarity, tatoeba, trained_on
from evals.measures import EvaluationError


class Table:
    """An embedder that knows its texts' vectors by heart."""

    def __init__(self, angles: Mapping[str, float]) -> None:
        self._angles = angles

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        degrees = np.radians([self._angles[t] for t in texts])
        return np.stack([np.cos(degrees), np.sin(degrees)], axis=1).astype(np.float32)

    embed_queries = embed_documents


def test_a_tie_counts_against_the_right_document() -> None:
    same = np.asarray([[1.0, 0.0]], dtype=np.float32)
    assert ranks(same, np.concatenate([same, same]), np.asarray([0])).tolist() == [2]


def test_tatoeba_counts_best_matches_both_ways(tmp_path: Path) -> None:
    (tmp_path / "tatoeba.fra-eng.fra").write_text("un\ndeux\n", encoding="utf-8")
    (tmp_path / "tatoeba.fra-eng.eng").write_text("one\ntwo\n", encoding="utf-8")
    # "deux" lies nearer to "one"; "two" still lies nearest to "deux".
    figures = tatoeba(Table({"un": 0, "one": 10, "deux": 30, "two": 80}), tmp_path)
    assert figures == {"LASER Tatoeba fr-en P@1": 0.5, "LASER Tatoeba en-fr P@1": 1.0}


def test_tatoeba_refuses_sides_of_other_lengths(tmp_path: Path) -> None:
    (tmp_path / "tatoeba.fra-eng.fra").write_text("un\n", encoding="utf-8")
    (tmp_path / "tatoeba.fra-eng.eng").write_text("one\ntwo\n", encoding="utf-8")
    with pytest.raises(EvaluationError, match="1 sentences in one language, 2 in the other"):
        tatoeba(Table({}), tmp_path)


def test_crosslingual_takes_pairs_with_english_titles(tmp_path: Path) -> None:
    rows = [
        {"title_lang": "en", "fr_summary": "a" * 700, "fr_short": "", "title": "A"},
        {"title_lang": "en", "fr_summary": "", "fr_short": "b", "title": "B"},
        {"title_lang": "fr", "fr_summary": "c", "fr_short": "", "title": "C"},
    ]
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    figures = crosslingual(Table({"a" * 600: 0, "A": 40, "b": 60, "B": 10}), path)
    # a: B (10 degrees away) before A (40), rank 2; b: A (20 away) before B (50), rank 2.
    assert figures["xling description-title MRR"] == 1 / 2
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(EvaluationError, match="line 1"):
        crosslingual(Table({}), path)


def test_piaf_tells_what_trained_from_what_did_not(tmp_path: Path) -> None:
    texts = [f"p{n}" for n in range(40)]
    seen, unseen = (next(t for t in texts if trained_on(t) is wanted) for wanted in (True, False))
    data = [
        {
            "paragraphs": [
                {"context": seen, "qas": [{"question": "q1"}]},
                {"context": unseen, "qas": [{"question": "q2"}]},
            ]
        }
    ]
    path = tmp_path / "piaf.json"
    path.write_text(json.dumps({"data": data}), encoding="utf-8")
    figures = piaf(Table({seen: 0, "q1": 5, unseen: 90, "q2": 10}), path)
    second = 1 / math.log2(3)
    assert figures["PIAF dense nDCG@10, untrained"] == pytest.approx(second)
    assert figures["PIAF dense nDCG@10"] == pytest.approx((1 + second) / 2)


def test_similarity_is_a_rank_correlation(tmp_path: Path) -> None:
    for language in ("fr", "en"):
        (tmp_path / f"stsb-{language}-dev.csv").write_text("a,b,5.0\na,c,3.0\na,d,1.0\n", encoding="utf-8")
    figures = similarity(Table({"a": 0, "b": 10, "c": 20, "d": 90}), tmp_path)
    assert figures["STS-B fr Spearman"] == pytest.approx(1.0)


def test_a_folder_without_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="holds none of"):
        measure_embedder(Table({}), tmp_path)
