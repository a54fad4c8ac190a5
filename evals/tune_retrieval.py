"""Learn what the stages of retrieval count for, and write ``rag/weights.json``.

    python -m evals.tune_retrieval --data ../shared/data --work FOLDER [--write]

Tuned on the training part of the gold questions, and on every second question of MultiHop-RAG, PIAF and the cross-lingual
pairs; the other halves, and the held-out gold questions, are only reported. Candidates are collected once by the real
search; then one weight after the other is moved as long as that helps (coordinate search from several starts).
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import vigie
from corpus.models import article_id
from evals.datasets import Dataset
from evals.documents import library_of
from evals.gold_set import gold_questions, plain
from evals.multihop import load_articles, load_questions, squeezed
from evals.squad import load_squad
from evals.xling import load_xling
from rag.diversify import DIVERSITY, Diversity
from rag.models import Filters, Passage
from rag.ranking import Candidates, Weights, ranked, shown, tuned
from rag.retrieve import Retriever

TARGET = Path(__file__).parents[1] / "rag" / "weights.json"
TOP, KEEP = 10, 100
IMPORTANCE = {"gold": 2.0, "multihop-rag": 1.0, "squad": 0.5, "xling": 0.5}
STEPS = (0.6, 0.8, 0.92, 1.08, 1.25, 1.6)
SHRINK = 0.0003
"""What a weight's move by its own size must bring at least: small gains on the training part are noise."""
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Held:
    """The columns that the order depends on, which outlive their library."""

    columns: Mapping[str, NDArray[Any]]

    def array(self, name: str) -> NDArray[Any]:
        """(rows,) of the column."""
        return self.columns[name]


@dataclass(frozen=True, slots=True)
class Case:
    """A question with what was found for it. ``facts`` (rows found, facts): which row holds which of what is wanted."""

    set: str
    training: bool
    columns: Held
    parts: tuple[Candidates, ...]
    sources: tuple[int, ...]
    at: dict[int, int]
    facts: BoolArray
    wanted: int


def main() -> None:
    """Collect, tune, report, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder with multihop-rag, piaf, xling-ai-pairs")
    parser.add_argument("--work", type=Path, required=True, help="where the libraries are built")
    parser.add_argument("--every", type=int, default=1, help="collect every n-th question of the large sets")
    parser.add_argument("--write", action="store_true", help="keep what was found")
    chosen = parser.parse_args()
    cases = list(collect(chosen.data, chosen.work, chosen.every))
    say(f"{len(cases)} questions")
    best = tune(cases, tuned(), say)
    for name, weights in (("before", tuned()), ("after", best)):
        for part in (True, False):
            say(f"{name}, {'training' if part else 'kept apart'}: {report(cases, weights, training=part)}")
    for per_article in (2, 3, 4, 10):
        figures = report(cases, best, training=True, diversity=Diversity(per_article))
        say(f"{per_article} passages of an article, training: {figures}")
    say(json.dumps(asdict(best)))
    if chosen.write:
        TARGET.write_text(json.dumps(asdict(best)) + "\n", encoding="utf-8")


def say(line: str) -> None:
    """Tell what goes on."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def collect(data: Path, work: Path, every: int = 1) -> Iterator[Case]:
    """Every question with its candidates, by the real search over libraries that are built on first use."""
    with vigie.open_demo() as library:
        for question in gold_questions():
            if not question.answerable:
                continue
            spans = (*question.gold, *question.also)
            tests = [_quoted(article_id(span.article), span.quote) for span in spans]
            filters = Filters(as_of=question.as_of)
            needed = len({span.article for span in question.gold})
            yield _case(library, "gold", question.split == "tune", question.question, filters, tests, needed)
    folder = data / "multihop-rag"
    with library_of(load_articles(folder), work / "multihop", tell=say) as library:
        asked = [q for q in load_questions(folder) if q.evidence]
        for number, multi in enumerate(asked):
            if number % every == 0:
                stated = [_stating(squeezed(fact)) for _, fact in multi.evidence]
                training = number // every % 2 == 0
                yield _case(library, "multihop-rag", training, multi.question, Filters(), stated, len(stated))
    for name, dataset, step in (
        ("squad", load_squad(data / "piaf" / "piaf.json"), 5),
        ("xling", load_xling(data / "xling-ai-pairs" / "pairs.jsonl"), 1),
    ):
        yield from _documents(name, dataset, work / name, every * step)


def _documents(name: str, dataset: Dataset, home: Path, every: int) -> Iterator[Case]:
    with library_of(dataset.articles, home, tell=say) as library:
        for number, question in enumerate(dataset.questions):
            if number % every:
                continue
            tests = [_of(article_id(url)) for url, grade in question.relevant.items() if grade > 0]
            training = number // every // 2 % 2 == 0  # Both directions of a pair lie side by side.
            filters = Filters(languages=question.languages)
            yield _case(library, name, training, question.question, filters, tests, len(tests))


def _case(
    library: vigie.Library,
    name: str,
    training: bool,
    text: str,
    filters: Filters,
    tests: Sequence[Callable[[Passage], bool]],
    wanted: int,
) -> Case:
    result = library.search_result(text, top=1, **_given(filters))
    retriever: Retriever = library.retriever
    now: datetime = library.now()
    columns, parts = retriever.candidates(result.question, filters, now)
    rows = sorted({int(row) for part in parts for row in part.rows})
    passages = retriever.passages(columns, rows, filters)
    facts = np.asarray([[test(p) for test in tests] for p in passages], dtype=np.bool_).reshape(len(rows), len(tests))
    sources = retriever.sources(columns, result.question)
    kept = tuple(_remembered(part) for part in parts)
    held = Held({name: np.array(columns.array(name)) for name in ("article", "group", "source")})
    return Case(name, training, held, kept, sources, {r: i for i, r in enumerate(rows)}, facts, wanted)


def _given(filters: Filters) -> dict[str, Any]:
    return {field.name: value for field in fields(filters) if (value := getattr(filters, field.name))}


def _remembered(part: Candidates) -> Candidates:
    """The candidates with the late interaction of all of them worked out."""
    if part.close is None:
        return part
    close = partial(np.take, part.close(np.arange(len(part.rows))))
    return replace(part, close=close, clauses=tuple(map(_remembered, part.clauses)))


def _quoted(article: str, quote: str) -> Callable[[Passage], bool]:
    wanted = plain(quote)
    return lambda passage: passage.article_id == article and wanted in plain(passage.text)


def _stating(fact: str) -> Callable[[Passage], bool]:
    return lambda passage: fact in squeezed(passage.text)


def _of(article: str) -> Callable[[Passage], bool]:
    return lambda passage: passage.article_id == article


def measured(case: Case, weights: Weights, diversity: Diversity = DIVERSITY) -> dict[str, float]:
    """The figures of one question. nDCG over what is new: a fact found twice counts once."""
    rankings = [ranked(part, weights, KEEP) for part in case.parts]
    rows = shown(rankings, TOP, case.columns, case.sources, diversity)[0] if rankings else []
    found = case.facts[[case.at[row] for row in rows]]
    right = found.any(axis=1)
    hits = np.flatnonzero(right)
    seen = np.maximum.accumulate(found, axis=0) if len(rows) else found
    new = np.diff(np.r_[np.zeros((1, found.shape[1]), dtype=np.int8), seen.astype(np.int8)], axis=0).any(axis=1)
    discount = 1 / np.log2(np.arange(2, TOP + 2))
    ideal = discount[: min(max(case.wanted, 1), TOP)].sum()
    return {
        "nDCG@10": min(1.0, float(discount[: len(rows)][new].sum() / ideal)),
        "success@1": float(bool(len(hits)) and hits[0] == 0),
        "MRR@10": 1 / (1 + float(hits[0])) if len(hits) else 0.0,
        "Hits@4": float(bool(len(hits)) and hits[0] < 4),
        "Hits@10": float(bool(len(hits))),
        "evidence": float(found.any(axis=0).mean()) if len(rows) and found.shape[1] else 0.0,
    }


READ = {
    "gold": ("nDCG@10", "success@1"),
    "multihop-rag": ("Hits@10", "Hits@4", "MRR@10", "evidence"),
    "squad": ("nDCG@10",),
    "xling": ("MRR@10",),
}


def report(
    cases: Sequence[Case], weights: Weights, *, training: bool, diversity: Diversity = DIVERSITY
) -> dict[str, dict[str, float]]:
    """The means by set."""
    rows: dict[str, list[dict[str, float]]] = {}
    for case in cases:
        if case.training is training:
            rows.setdefault(case.set, []).append(measured(case, weights, diversity))
    return {
        name: {m: round(float(np.mean([r[m] for r in found])), 4) for m in READ[name]} for name, found in rows.items()
    }


def objective(cases: Sequence[Case], weights: Weights) -> float:
    """The mean over the sets, by importance, of the mean of what is read of each."""
    means = report(cases, weights, training=True)
    total = sum(IMPORTANCE[name] for name in means)
    return sum(IMPORTANCE[name] * float(np.mean(list(values.values()))) for name, values in means.items()) / total


def tune(cases: Sequence[Case], start: Weights, told: Callable[[str], None]) -> Weights:
    """One weight after the other moved while that helps by more than noise. "rerank" keeps the scale: only ratios count."""
    training = [case for case in cases if case.training]
    best, value = start, objective(training, start)
    told(f"start {value:.4f}")
    names = [field.name for field in fields(Weights) if field.name != "rerank"]
    for _ in range(4):
        before = value
        for name in names:
            present = getattr(best, name)
            size = max(abs(present), 0.25)
            moves = {round(present * step, 4) for step in STEPS} | {round(present + d * size, 4) for d in (-0.4, 0.4)}
            for at in sorted(moves):
                tried = replace(best, **{name: at})
                got = objective(training, tried)
                if got > value + SHRINK * (1 + abs(math.log((abs(at) + 0.1) / (abs(present) + 0.1)))):
                    best, value = tried, got
                    told(f"{name} {at}: {value:.4f}")
        if value - before < SHRINK:
            break
    return best


if __name__ == "__main__":
    main()
