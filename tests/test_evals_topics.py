from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from corpus.models import TOPICS
from evals.measures import EvaluationError
from evals.topics import (
    LabelledArticle,
    agreement,
    kappa,
    label_id,
    labelled_articles,
    measure_topics,
    texts_of,
)


def labelled(key: str, half: str, *labels: str) -> LabelledArticle:
    return LabelledArticle("s", key, half, *(frozenset(labels),) * 3)


def test_the_labels_are_as_they_are_said_to_be() -> None:
    articles = labelled_articles()
    assert len({a.id for a in articles}) == len(articles) >= 250
    assert set().union(*(a.labels for a in articles)) == set(TOPICS)
    # The half is the id's own, so that no article can change sides.
    assert all(a.half == ("held-out" if int(a.id, 16) % 2 else "tune") for a in articles)
    # Where both passes agreed nobody settled otherwise.
    assert all(a.first & a.second <= a.labels <= a.first | a.second for a in articles)
    assert all(value >= 0.8 for value in agreement(articles).values())


def test_figures_by_the_formulas() -> None:
    articles = [labelled("a", "tune", "layoffs"), labelled("b", "tune", "layoffs"), labelled("c", "tune")]
    scores = {"A": {"layoffs": 0.9}, "B": {"layoffs": 0.4}, "C": {"layoffs": 0.5}}
    texts = {"a": ("A", ""), "b": ("B", ""), "c": ("C", "")}
    found = measure_topics(articles, texts, lambda title, text: scores[title])
    (layoffs,) = [f for f in found if (f.half, f.topic) == ("tune", "layoffs")]
    assert (layoffs.articles, layoffs.positives) == (3, 2)
    assert (layoffs.precision, layoffs.recall, layoffs.f1) == (1 / 2, 1 / 2, 2 * 1 / (2 + 2))


def test_kappa_by_the_formula() -> None:
    # Agreed on 3 of 4; by chance 1/2 * 1/4 + 1/2 * 3/4.
    assert kappa([True, True, False, False], [True, False, False, False]) == pytest.approx(
        (3 / 4 - 1 / 2) / (1 - 1 / 2)
    )
    assert kappa([False], [False]) == 1.0


def test_texts_are_found_by_the_hash_of_their_place(tmp_path: Path) -> None:
    for name, field in (("news-en/docs", "url"), ("news-en/docs_ai", "url"), ("news-fr/fiches", "file")):
        path = tmp_path / f"{name}.jsonl.gz"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(gzip.compress(json.dumps({field: "x", "title": name, "text": "Texte\u2028ici"}).encode()))
    wanted = labelled(label_id("news-fr/fiches", "x"), "tune")
    assert texts_of([wanted], tmp_path) == {wanted.id: ("news-fr/fiches", "Texte\u2028ici")}
    with pytest.raises(EvaluationError, match="1 of 2"):
        texts_of([wanted, labelled("gone", "tune")], tmp_path)
    with pytest.raises(EvaluationError, match="news-en"):
        texts_of([wanted], tmp_path / "none")


@pytest.mark.shared
def test_the_topics_are_what_readers_call_them(shared: Path) -> None:
    articles = labelled_articles()
    found = measure_topics(articles, texts_of(articles, shared / "data"))
    (layoffs,) = [f for f in found if (f.half, f.topic) == ("tune", "layoffs")]
    assert layoffs.f1 >= 0.8
