"""Fit the declining model on the training half of the gold questions, and choose its threshold there.

    python -m evals.tune

Writes ``rag/calibration.json``. The held-out questions are never looked at.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

import vigie
from evals.gold_set import gold_questions
from rag.answer import PASSAGES
from rag.decline import FEATURES, JUDGED, features
from rag.extractive import extract

TARGET = Path(__file__).parents[1] / "rag" / "calibration.json"
REGULARISATION = 0.02
WRONG_ANSWER_COST = 4.0
"""A wrong answer is worse than a refusal."""


def collect(library: vigie.Library) -> tuple[list[NDArray[np.float64]], NDArray[np.float64]]:
    """For each training question the features of its evidence (n, features), and whether it can be answered."""
    examples, labels = [], []
    for question in gold_questions():
        if question.split != "tune":
            continue
        result = library.search_result(question.question, top=PASSAGES)
        asked = result.question
        found = extract(asked, result.passages, library.closeness(question.question))
        if found.beside:
            continue  # Declined whatever the model says.
        evidence = found.evidence[:JUDGED]
        rows = [[features(asked, item)[name] for name in FEATURES] for item in evidence]
        examples.append(np.asarray(rows or [[0.0] * (len(FEATURES) - 1) + [1.0]]))
        labels.append(float(question.answerable))
    return examples, np.asarray(labels)


def fit(examples: list[NDArray[np.float64]], labels: NDArray[np.float64]) -> dict[str, float]:
    """Weights, none below 0 but the bias, by penalised likelihood; the threshold that costs least in training."""
    weight = np.where(labels == 1, 1.0, WRONG_ANSWER_COST)
    sign = 2 * labels - 1

    def loss(parameters: NDArray[np.float64]) -> float:
        totals = np.asarray([np.max(rows @ parameters) for rows in examples])
        return float((weight * np.logaddexp(0, -sign * totals)).mean() + REGULARISATION * (parameters[:-1] ** 2).mean())

    start = np.asarray([4.0, 3.0, 3.0, 2.0, 2.0, 2.0, -11.0])
    bounds = [(0.0, 12.0)] * (len(FEATURES) - 1) + [(-30.0, 0.0)]
    found = minimize(loss, start, method="Powell", bounds=bounds, options={"maxiter": 20000}).x
    sure = np.asarray([1 / (1 + np.exp(-np.max(rows @ found))) for rows in examples])
    cuts = np.unique(np.concatenate([[0.05], (np.sort(sure)[1:] + np.sort(sure)[:-1]) / 2]))
    costs = [float((weight * ((sure >= cut) != (labels == 1))).sum()) for cut in cuts]
    first = costs.index(min(costs))
    # Cuts that cost the same may lie apart, with dearer ones between: of these the lowest, which answers most.
    least = list(itertools.takewhile(lambda n: n < len(cuts) and costs[n] == costs[first], itertools.count(first)))
    return {name: round(float(v), 4) for name, v in zip(FEATURES, found, strict=True)} | {
        "threshold": round(float(np.median(cuts[least])), 4)
    }


def main() -> None:
    """Fit and write."""
    with vigie.open_demo() as library:
        examples, labels = collect(library)
    TARGET.write_text(json.dumps(fit(examples, labels)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
