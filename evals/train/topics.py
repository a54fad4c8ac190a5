"""Fit what the topics' groups of words are worth (``corpus/enrich/topic_weights.json``).

Fitted to the "tune" half of the labelled articles, to 259 others that were labelled once (``topics-more.jsonl``) and to the sample newsroom's own
labels. No weight is negative: a word that speaks for a topic never speaks against it.
Usage: ``python -m evals.train.topics DATA``, where DATA holds news-en/ and news-fr/.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from corpus.enrich.topics import WEIGHTS_FILE, features
from corpus.models import TOPICS
from corpus.sample.pages import articles as sample
from evals.topics import LabelledArticle, labelled_articles, texts_of

MORE = Path(__file__).with_name("topics-more.jsonl")
PENALTY = 1.0
POSITIVES_COUNT = {"layoffs": 1.0, "automation": 2.0, "skills": 2.0}
"""How much an article of the topic counts against one that is not: those of the rarer topics twice."""


def fit(x: NDArray[np.float64], y: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """(d + 1,) weights and bias of a logistic regression with an L2 penalty; weights >= 0."""

    def loss(b: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = x @ b[:-1] + b[-1]
        error = weight * (1 / (1 + np.exp(-z)) - y)
        value = np.sum(weight * np.logaddexp(0, np.where(y == 1, -z, z))) + PENALTY * np.sum(b[:-1] ** 2) / 2
        return float(value), np.append(x.T @ error + PENALTY * b[:-1], error.sum())

    bounds = [(0.0, None)] * x.shape[1] + [(None, None)]
    found: NDArray[np.float64] = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    return found


def rows(data: Path) -> list[tuple[str, str, frozenset[str]]]:
    """(title, text, topics) of everything that is fitted to."""
    chosen = [a for a in labelled_articles() if a.half == "tune"]
    for line in MORE.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        labels = frozenset(row["labels"])
        chosen.append(LabelledArticle(row["set"], row["id"], "more", labels, labels, labels))
    texts = texts_of(chosen, data)
    return [(*texts[a.id], a.labels) for a in chosen] + [(a.title, a.body, frozenset(a.topics)) for a in sample()]


def main() -> None:
    """Fit and write."""
    articles = rows(Path(sys.argv[1]))
    made = {}
    for topic in TOPICS:
        x = np.asarray([features(topic, title, text) for title, text, _ in articles])
        y = np.asarray([float(topic in labels) for _, _, labels in articles])
        made[topic] = [round(float(w), 4) for w in fit(x, y, np.where(y == 1, POSITIVES_COUNT[topic], 1.0))]
    lines = ",\n".join(f"{json.dumps(topic)}: {json.dumps(weights)}" for topic, weights in made.items())
    WEIGHTS_FILE.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
