"""Learn which sentence answers: the weights of ``rag/choosing.py``, from questions whose answer is known.

    python -m evals.tune_sentences --data DIR

Learned on the gold set's training questions, on questions over the news of ``DIR`` with a pattern that a right sentence meets
(``evals/gold/sentences.jsonl``), and on a part of PIAF's public questions. Prints how often the right sentence comes first, second or third on
questions kept out (five folds), and writes ``rag/sentences.json`` from all of them.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

import vigie
from corpus.models import article_id
from evals.blind_reading import NOW, load_news
from evals.documents import library_of
from evals.gold_set import gold_questions, plain
from evals.squad import load_squad
from rag.aliases import as_written
from rag.answer import PASSAGES
from rag.choosing import FEATURES, described
from rag.evidence import Evidence, weigh

TARGET = Path(__file__).parents[1] / "rag" / "sentences.json"
REGULARISATION = 0.01
PIAF = 400
COUNTS = {"gold": 1.0, "news": 1.5, "piaf": 0.5}
"""What a question of each set counts for: PIAF's are of an encyclopedia."""
FOLDS, SEED = 5, 3
Right = Callable[[Evidence], bool]


@dataclass(frozen=True, slots=True)
class Example:
    """What was weighed for a question: (n, features), and which of it holds the answer, (n,) bool."""

    group: str
    rows: NDArray[np.float64]
    right: NDArray[np.bool_]


def examples(
    library: vigie.Library, group: str, asked: Iterable[tuple[str, datetime | None, Right]]
) -> Iterator[Example]:
    """Of the questions whose answer is among the sentences weighed."""
    for text, as_of, right in asked:
        result = library.search_result(text, top=PASSAGES, **({} if as_of is None else {"as_of": as_of}))
        passages = [p for p in result.passages if p.text]
        question = as_written(result.question, passages)
        found = weigh(question, passages, library.closeness(question.text, question.companies))
        labels = np.asarray([right(item) for item in found], dtype=np.bool_)
        if labels.any():
            yield Example(group, described(question, found), labels)


def gold_cases() -> list[tuple[str, datetime | None, Right | None]]:
    """The gold set's training questions: right is what holds a gold quote, nothing for those that cannot be answered."""

    def right(quotes: Sequence[str]) -> Right:
        return lambda item: any(
            q in plain(item.text) or (len(item.text) > 30 and plain(item.text) in q) for q in quotes
        )

    return [
        (q.question, q.as_of, right([plain(s.quote) for s in (*q.gold, *q.also)]) if q.answerable else None)
        for q in gold_questions()
        if q.split == "tune"
    ]


def news_cases() -> list[tuple[str, datetime | None, Right | None]]:
    """The questions over real news: right is what meets the pattern, nothing where there is none."""

    def right(pattern: str) -> Right:
        return lambda item: re.search(pattern, item.text, re.DOTALL) is not None

    lines = files("evals.gold").joinpath("sentences.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [(r["question"], None, right(r["pattern"]) if r["pattern"] else None) for r in rows]


@contextmanager
def news_library(data: Path, folder: Path) -> Iterator[vigie.Library]:
    """The library of the blind reading's articles, just after the last of them."""
    with library_of(load_news(data), folder, tell=_tell) as filled:
        settings = filled.settings
    with vigie.Library(folder, settings, clock=lambda: NOW) as library:
        yield library


def piaf_examples(data: Path, folder: Path) -> Iterator[Example]:
    """A part of PIAF's questions: right is what holds the answer and is of its paragraph."""
    dataset = load_squad(data / "piaf" / "piaf.json")
    chosen = random.Random(SEED).sample(list(dataset.questions), PIAF)  # noqa: S311 - a draw that is the same each time

    def right(url: str, quote: str) -> Right:
        return lambda item: item.passage.article_id == article_id(url) and plain(quote) in plain(item.text)

    asked = [(q.question, None, right(next(iter(q.relevant)), q.quote)) for q in chosen]
    with library_of(dataset.articles, folder, tell=_tell) as library:
        yield from examples(library, "piaf", asked)


def learned(found: Sequence[Example]) -> NDArray[np.float64]:
    """(features,): weights that make the right sentences together likeliest, by penalised likelihood over features of one spread."""
    spread = np.concatenate([one.rows for one in found]).std(axis=0) + 1e-6
    total = sum(COUNTS[one.group] for one in found)

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, slope = 0.0, np.zeros_like(parameters)
        for one in found:
            rows = one.rows / spread
            likely = np.exp(rows @ parameters - (rows @ parameters).max())
            likely /= likely.sum()
            right = float(likely[one.right].sum())
            value -= COUNTS[one.group] * float(np.log(right + 1e-12))
            slope -= COUNTS[one.group] * ((likely * one.right / (right + 1e-12)) @ rows - likely @ rows)
        penalty = REGULARISATION * float((parameters**2).sum())
        return value / total + penalty, slope / total + 2 * REGULARISATION * parameters

    best: NDArray[np.float64] = minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B").x
    weights: NDArray[np.float64] = best / spread
    return weights


def places(found: Sequence[Example]) -> dict[str, list[int]]:
    """By set the place of the first right sentence of each question, under weights learned without its fold."""
    folds = np.random.RandomState(SEED).randint(0, FOLDS, len(found))
    came: dict[str, list[int]] = {}
    for fold in range(FOLDS):
        chosen = learned([one for one, its in zip(found, folds, strict=True) if its != fold])
        for one, its in zip(found, folds, strict=True):
            if its == fold:
                order = np.argsort(-(one.rows @ chosen), kind="stable")
                came.setdefault(one.group, []).append(int(np.flatnonzero(one.right[order])[0]))
    return came


def _answerable(
    cases: Iterable[tuple[str, datetime | None, Right | None]],
) -> Iterator[tuple[str, datetime | None, Right]]:
    for text, as_of, right in cases:
        if right is not None:
            yield text, as_of, right


def _tell(line: str) -> None:
    with suppress(BrokenPipeError):
        print(line, file=sys.stderr)  # noqa: T201 - a script


def main() -> None:
    """Learn and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="a folder with news-en, news-fr, multihop-rag and piaf"
    )
    parser.add_argument("--home", type=Path, help="where the libraries are kept")
    given = parser.parse_args()
    home = given.home or vigie.default_home().with_name("vigie-tune-sentences")
    with vigie.open_demo() as library:
        found = list(examples(library, "gold", _answerable(gold_cases())))
    with news_library(given.data, home / "news") as library:
        found += examples(library, "news", _answerable(news_cases()))
    found += piaf_examples(given.data, home / "piaf")
    for group, came in places(found).items():
        firsts = ", ".join(f"{sum(p < n for p in came)} among the first {n}" for n in (1, 2, 3, 5))
        print(f"{group}: of {len(came)} questions {firsts}")  # noqa: T201 - a script
    chosen = dict(zip(FEATURES, [round(float(v), 4) for v in learned(found)], strict=True))
    TARGET.write_text(json.dumps(chosen, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
