"""The tuning of retrieval: what it measures, and that it finds the stage that tells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evals.tune_retrieval import Case, Held, measured, objective, report, tune
from rag.ranking import Candidates, Weights, tuned

FLAT = Weights(1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0)


def case(dense: list[float], lexical: list[float], right: int, *, training: bool = True, name: str = "squad") -> Case:
    n = len(dense)
    scores = {"dense": np.asarray(dense, dtype=np.float32), "lexical": np.asarray(lexical, dtype=np.float32)}
    own = np.ones(n, dtype=np.bool_)
    found = Candidates(np.arange(n) + 7, np.zeros(n, dtype=np.int32), own, scores, None)
    numbers = np.arange(n + 7, dtype=np.uint64)
    held = Held({"article": numbers, "group": numbers, "source": np.zeros(n + 7, dtype=np.int32)})
    facts = np.zeros((n, 1), dtype=np.bool_)
    facts[right] = True
    return Case(name, training, held, (found,), (), {row: at for at, row in enumerate(range(7, n + 7))}, facts, 1)


def test_the_figures_of_one_question() -> None:
    second = measured(case([3, 2, 1], [0, 0, 0], 1), FLAT)
    assert second == pytest.approx(
        {"nDCG@10": 1 / np.log2(3), "success@1": 0, "MRR@10": 0.5, "Hits@4": 1, "Hits@10": 1, "evidence": 1}
    )
    nothing = replace(case([1], [1], 0), parts=(), at={}, facts=np.zeros((0, 1), dtype=np.bool_))
    assert set(measured(nothing, FLAT).values()) == {0.0}


def test_a_fact_that_comes_twice_counts_once() -> None:
    twice = case([3, 2, 1], [0, 0, 0], 0)
    twice.facts[1] = True
    assert measured(twice, FLAT)["nDCG@10"] == measured(case([3, 2, 1], [0, 0, 0], 0), FLAT)["nDCG@10"] == 1


def test_the_weight_that_tells_is_raised_and_the_other_half_is_not_looked_at() -> None:
    random = np.random.default_rng(4)
    cases = []
    for at in range(40):
        dense, lexical = random.normal(size=15), random.normal(size=15)
        right = int(random.integers(15))
        # The dense score tells in training; in the half that is kept apart the lexical one would.
        (dense if at % 2 else lexical)[right] += 1.5
        cases.append(case(dense.tolist(), lexical.tolist(), right, training=bool(at % 2)))
    best = tune(cases, FLAT, lambda _: None)
    assert best.dense / best.lexical > 1.5
    assert objective([c for c in cases if c.training], best) > objective([c for c in cases if c.training], FLAT)
    assert (
        report(cases, best, training=False)["squad"]["nDCG@10"]
        < report(cases, FLAT, training=False)["squad"]["nDCG@10"]
    )


def test_the_weights_that_come_with_vigie_are_whole() -> None:
    weights = tuned()
    assert weights.dense > 0
    assert weights.lexical > 0
    assert weights.rerank > 0
