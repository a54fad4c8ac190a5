"""``vigie bench answer``: how long until the first sentence of an extractive answer, in a library of the size wanted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import vigie
from evals.bench_retrieve import Told, load, spread
from evals.bench_scale import NOW, Base, OriginalTexts, base_library, grow, opened, opened_base
from evals.blind_reading import reading_questions
from evals.gold_set import gold_questions
from rag.answer import Answerer
from rag.known_names import KnownNames
from rag.models import Answer, AnswerSettings, Filters, SearchSettings
from rag.retrieve import Retriever

QUESTIONS = 100
"""Of each kind: the gold set's answerable questions, and those of the blind reading."""


class _Texts(OriginalTexts):
    """A store that reads a copy's text from its original's article, and knows the library's sources and titles."""

    def __init__(self, base: Base) -> None:
        super().__init__(base)
        self.sources, self.sequence, self.find = base.store.sources, base.store.sequence, base.store.find


def bench_answer(size: int, data: Path | None, cache: Path, tell: Told) -> dict[str, Any]:
    """Milliseconds until the first sentence (or the refusal) of every question, asked once before and once on the clock."""
    texts = asked_texts()
    with base_library(data, cache / "library", tell) as library, opened_base(library) as base:
        home = grow(base, size, cache)
        store: Any = _Texts(base)
        with opened(home) as readers:
            retriever = Retriever(store, readers, vigie.open_embedder(), SearchSettings())
            answerer = Answerer(retriever, store, AnswerSettings(), KnownNames(store))
            return {"chunks": size, **first_sentences(answerer, texts), **load()}


def asked_texts() -> list[str]:
    """Questions in both languages, of the sample's news and of real ones."""
    gold = [q.question for q in gold_questions() if q.gold][:QUESTIONS]
    read = [q.question for q in reading_questions() if q.answerable][-QUESTIONS:]
    return [*gold, *read]


def first_sentences(answerer: Answerer, texts: Sequence[str]) -> dict[str, Any]:
    """Spreads of the milliseconds to the first sentence where there is an answer, to the refusal elsewhere, and of the stages' times.

    The embedder and the index are warm, and so is what the process keeps of passages that an earlier question met; ``cold`` is each
    question's first time, when its passages were never read.
    """
    list(answerer.stream(texts[0], Filters(), now=NOW))
    cold = [_timed(answerer, text) for text in texts]
    warm = [_timed(answerer, text) for text in texts]
    stages: dict[str, list[float]] = {}
    for _, _, answer in cold:
        for name, ms in answer.timings_ms.items():
            stages.setdefault(name, []).append(ms)
    return {
        "answered": sum(a.answered for _, _, a in warm),
        "first_sentence": spread([ms for ms, _, a in cold if a.answered]),
        "asked_again": spread([ms for ms, _, a in warm if a.answered]),
        "refusal": spread([ms for ms, _, a in cold if not a.answered] or [0.0]),
        "processor": spread([ms for _, ms, a in cold if a.answered]),
        "stages": {name: spread(times) for name, times in stages.items()},
    }


def _timed(answerer: Answerer, text: str) -> tuple[float, float, Answer]:
    """Milliseconds by the clock and of the processor until the first sentence, and the answer."""
    started, busy = time.perf_counter(), time.process_time()
    spent: tuple[float, float] | None = None
    answer: Answer | None = None
    for event in answerer.stream(text, Filters(), now=NOW):
        if spent is None and event.kind in ("sentence", "answer"):
            spent = (time.perf_counter() - started) * 1000, (time.process_time() - busy) * 1000
        answer = event.answer or answer
    assert spent is not None
    assert answer is not None
    return *spent, answer
