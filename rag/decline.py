"""Whether what was found answers the question: one confidence in [0, 1], and the threshold under which Vigie declines. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from rag.evidence import Evidence
from rag.models import Question

FEATURES = ("names", "coverage", "nearness", "figure", "period", "bias")


@cache
def calibration() -> Mapping[str, float]:
    """Weights of the features and the threshold, fitted by ``evals.tune`` on the training questions alone."""
    values: Mapping[str, float] = json.loads(files("rag").joinpath("calibration.json").read_text(encoding="utf-8"))
    return values


def features(question: Question, evidence: Sequence[Evidence]) -> dict[str, float]:
    """What the best evidence has of what the question asks for, each in [0, 1]."""
    best = evidence[:5]
    if not best:
        return dict.fromkeys(FEATURES, 0.0) | {"bias": 1.0}
    return {
        "names": max(e.names for e in best) if question.companies else 0.7,
        "coverage": min(1.0, max(e.coverage for e in best)),
        "nearness": max(0.0, max(e.nearness for e in best)),
        "figure": 1.0 if question.intent != "how-many" or any(e.quantities for e in best) else 0.0,
        "period": max(_in_period(question, e) for e in best),
        "bias": 1.0,
    }


def _in_period(question: Question, evidence: Evidence) -> float:
    """1 where the question names no time, or the article or its text is of that time."""
    since, until = question.wishes.since, question.wishes.until
    if since is None and until is None:
        return 1.0
    published = evidence.passage.published
    if published is not None and (since is None or published >= since) and (until is None or published < until):
        return 1.0
    text = evidence.text
    year = str(since.year) if since else ""
    return 0.6 if year and year in text else 0.0


def confidence(question: Question, evidence: Sequence[Evidence]) -> float:
    """In [0, 1], from the features by a logistic model."""
    weights = calibration()
    total = sum(weights.get(name, 0.0) * value for name, value in features(question, evidence).items())
    return 1 / (1 + math.exp(-total))
