"""Whether what was found answers the question: one confidence in [0, 1], and the threshold under which Vigie declines. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from rag.evidence import Evidence
from rag.models import Question
from rag.scope import at_place, speaks_of

JUDGED = 10
"""How many pieces of evidence are looked at, the weightiest first."""
FEATURES = ("names", "coverage", "nearness", "figure", "period", "place", "bias")


@cache
def calibration() -> Mapping[str, float]:
    """Weights of the features and the threshold, fitted by ``evals.tune`` on the training questions alone."""
    values: Mapping[str, float] = json.loads(files("rag").joinpath("calibration.json").read_text(encoding="utf-8"))
    return values


def features(question: Question, evidence: Evidence) -> dict[str, float]:
    """What one piece of evidence has of what the question asks for, each in [0, 1]: together, for a name in one sentence
    and a figure in another answer nothing."""
    return {
        "names": evidence.names if question.companies else 0.8,
        "coverage": min(1.0, evidence.coverage),
        "nearness": max(0.0, evidence.nearness),
        "figure": 1.0 if question.intent != "how-many" or evidence.quantities else 0.0,
        "period": _in_period(question, evidence),
        "place": at_place(question, evidence.passage, evidence.text),
        "bias": 1.0,
    }


def _in_period(question: Question, evidence: Evidence) -> float:
    """1 where the question names no time, or the evidence is of that time."""
    return 1.0 if speaks_of(question, evidence.passage, evidence.text) else 0.0


def confidence(question: Question, evidence: Sequence[Evidence]) -> float:
    """In [0, 1]: that of the best piece of evidence, by a logistic model over its features."""
    weights = calibration()
    totals = [
        sum(weights.get(name, 0.0) * value for name, value in features(question, item).items())
        for item in evidence[:JUDGED]
    ]
    return 1 / (1 + math.exp(-max(totals, default=-20.0)))
