"""Fit the declining model on training questions, and choose its threshold there.

    python -m evals.tune --data DIR

Learned on the gold set's training questions and on those of ``evals/gold/sentences.jsonl``, over the news of ``DIR``. Writes
``rag/calibration.json``. The gold set's held-out questions are never looked at.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

import vigie
from evals.tune_sentences import Right, gold_cases, news_cases, news_library
from rag.answer import PASSAGES
from rag.decline import FEATURES, features
from rag.extractive import extract

TARGET = Path(__file__).parents[1] / "rag" / "calibration.json"
REGULARISATION = 0.02
WRONG_ANSWER_COST = 1.25
"""A wrong answer is twice as bad as a refusal or worse; but one question in six cannot be answered where readers ask, and one in four here."""
Case = tuple[str, datetime | None, Right | None]
"""A question, its moment, and what a right sentence is; None where nothing answers it."""


def collect(library: vigie.Library, asked: Iterable[Case]) -> Iterator[tuple[NDArray[np.float64], bool]]:
    """For each question the features of its extract's sentences (n, features), and whether it can be answered. Left out are those that could be but get another answer, and
    those that are declined whatever the model says."""
    for text, as_of, right in asked:
        result = library.search_result(text, top=PASSAGES, **({} if as_of is None else {"as_of": as_of}))
        question, passages = result.question, [p for p in result.passages if p.text]
        found = extract(question, passages, library.closeness(question.text, question.companies))
        if found.elsewhere or not found.sentences or (right and not any(right(item) for item in found.chosen)):
            continue
        yield np.asarray([[row[name] for name in FEATURES] for row in features(question, found)]), right is not None


def fit(examples: Sequence[NDArray[np.float64]], labels: NDArray[np.float64]) -> dict[str, float]:
    """Weights by penalised likelihood of each example's best row, over features of one spread, and the threshold that costs least in training."""
    cost = np.where(labels == 1, 1.0, WRONG_ANSWER_COST)
    sign = 2 * labels - 1
    spread = np.concatenate(examples).std(axis=0)
    spread[spread == 0] = 1.0

    def loss(parameters: NDArray[np.float64]) -> float:
        totals = np.asarray([np.max((rows / spread) @ parameters) for rows in examples])
        return float((cost * np.logaddexp(0, -sign * totals)).mean() + REGULARISATION * (parameters[:-1] ** 2).sum())

    start = np.asarray([0.3] * (len(FEATURES) - 1) + [-5.0])
    found = minimize(loss, start, method="L-BFGS-B").x / spread
    sure = np.asarray([1 / (1 + np.exp(-np.max(rows @ found))) for rows in examples])
    cuts = np.unique(np.concatenate([[0.05], (np.sort(sure)[1:] + np.sort(sure)[:-1]) / 2]))
    costs = [float((cost * ((sure >= cut) != (labels == 1))).sum()) for cut in cuts]
    first = costs.index(min(costs))
    # Cuts that cost the same may lie apart, with dearer ones between: of these the lowest, which answers most.
    least = list(itertools.takewhile(lambda n: n < len(cuts) and costs[n] == costs[first], itertools.count(first)))
    return {name: round(float(v), 4) for name, v in zip(FEATURES, found, strict=True)} | {
        "threshold": round(float(np.median(cuts[least])), 4)
    }


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a folder with news-en, news-fr and multihop-rag")
    parser.add_argument("--home", type=Path, help="where the library of the news is kept")
    given = parser.parse_args()
    folder = given.home or vigie.default_home().with_name("vigie-tune-sentences") / "news"
    with vigie.open_demo() as library:
        cases = list(collect(library, gold_cases()))
    with news_library(given.data, folder) as library:
        cases += collect(library, news_cases())
    examples, labels = zip(*cases, strict=True)
    chosen = fit(examples, np.asarray(labels, dtype=np.float64))
    TARGET.write_text(json.dumps(chosen) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
