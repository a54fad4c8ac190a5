"""Question -> passages: filters as masks, dense and lexical scores, fusion, reranking, diversification.

Everything over candidates is array code over the columns; text is read from the store for the final passages alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.analysis import analyse, analyse_query
from corpus.columns import FOREVER, Columns
from corpus.embedding import Embedder, TokenEmbedder
from corpus.lexical import LexicalIndex
from corpus.models import TOPIC_THRESHOLD, TOPICS
from corpus.nearest import DenseIndex
from corpus.schema import fold
from corpus.store import Store
from rag.diversify import diversified, taken_in_turn
from rag.fusion import calibrated, recency, standardised, top_masked, top_rows
from rag.models import Filters, Passage, Question, SearchResult, SearchSettings
from rag.rerank import max_similarities

FloatArray = NDArray[np.float32]

RECENT_HALF_LIFE_DAYS = 45.0


@dataclass(frozen=True, slots=True)
class Weights:
    """What each stage counts for in the final score, in deviations."""

    dense: float = 0.5
    lexical: float = 0.6
    rerank: float = 0.9
    topic: float = 0.15
    period: float = 0.5
    source: float = 0.8
    name: float = 1.5
    recency: float = 0.8


class Readable(Protocol):
    """The columns and the term index, which follow the writer (``corpus.indexer.Readers``)."""

    columns: Columns
    lexical: LexicalIndex

    def refresh(self) -> None:
        """See what was committed since."""
        ...


class Retriever:
    """Searches one library. Safe to share between threads; sees what another process has committed at each search."""

    def __init__(
        self,
        store: Store,
        readers: Readable,
        embedder: Embedder,
        settings: SearchSettings,
        weights: Weights | None = None,
    ) -> None:
        self._store = store
        self._readers = readers
        self._embedder = embedder
        self._settings = settings
        self._weights = weights or Weights()
        self._guard = threading.Lock()
        self._dense = DenseIndex()

    def search(self, question: Question, filters: Filters, top: int, now: datetime) -> SearchResult:
        """The best ``top`` passages that meet the reader's ``filters`` and the question's own conditions."""
        timings: dict[str, float] = {}
        wanted = _joined(filters, question.conditions if self._uses("question") else Filters())
        with self._guard:
            self._readers.refresh()
            columns, lexical = self._readers.columns, self._readers.lexical
            with _timed(timings, "filter"):
                mask = _mask(columns, wanted)
            notes: list[str] = []
            if not mask.any() or not question.text.strip() or top <= 0:
                return SearchResult(question, wanted, (), timings, (), tuple(notes))
            parts = (question.text, *question.parts) if self._uses("question") else (question.text,)
            rankings = [
                self._rank(columns, lexical, replace(question, text=part), mask, now, timings) for part in parts
            ]
            positions, stages = _merged(rankings, top, columns, diversify=self._uses("diversify"))
            with _timed(timings, "read"):
                passages = self._read(columns, positions, stages, wanted)
        explanation = tuple(
            {"article": p.title, "ranks": {n: stages[n][1].get(row, 0) for n in stages}, "scores": dict(p.scores)}
            for p, row in zip(passages, positions, strict=True)
        )
        return SearchResult(question, wanted, tuple(passages), timings, explanation, tuple(notes))

    def _uses(self, stage: str) -> bool:
        return stage not in self._settings.without

    def _rank(
        self,
        columns: Columns,
        lexical: LexicalIndex,
        question: Question,
        mask: NDArray[np.bool_],
        now: datetime,
        timings: dict[str, float],
    ) -> _Ranking:
        """Candidates of one (sub-)question, scored by every stage."""
        language = np.asarray(columns.array("language"))
        stages: dict[str, FloatArray] = {}
        vector, states = self._embed(question.text, timings)
        found: list[NDArray[np.int64]] = []
        with _timed(timings, "dense"):
            if self._uses("dense"):
                near = self._dense.search(columns, vector, mask, self._settings.candidates)
                found.append(near.rows)
        with _timed(timings, "lexical"):
            terms = analyse_query(question.text)
            words = lexical.scores(terms) if self._uses("lexical") else np.zeros(columns.rows, dtype=np.float32)
            found.append(top_masked(words, mask, self._settings.candidates, above=0.0))
        with _timed(timings, "fuse"):
            rows = np.unique(np.concatenate(found))
            if self._uses("dense"):
                similar = self._dense.similarities(columns, vector, rows)
                background = np.take(language, near.background)
                stages["dense"] = _by_language(similar, language[rows], near.background_scores, background)
            else:
                stages["dense"] = np.zeros(len(rows), dtype=np.float32)
            stages["lexical"] = calibrated(words[rows], words[rows]) if len(rows) else words[rows]
            weights = self._weights
            fused = weights.dense * stages["dense"] + weights.lexical * stages["lexical"]
            fused = fused + self._wishes(columns, question, rows, now, stages)
            if question.companies and self._uses("question"):
                stages["names"] = _named(lexical, question.companies, rows)
                fused = fused + weights.name * stages["names"]
            stages["fused"] = fused.astype(np.float32)
        if self._settings.rerank and self._uses("rerank") and states is not None and columns.manifest.token_dimension:
            with _timed(timings, "rerank"):
                best = top_rows(stages["fused"], self._settings.candidates)
                rows = rows[best]
                stages = {name: values[best] for name, values in stages.items()}
                close = max_similarities(
                    *states,
                    columns.tokens,
                    np.asarray(columns.array("token_start")[rows]),
                    np.asarray(columns.array("token_count")[rows]),
                )
                stages["rerank"] = standardised(close, language[rows])
                stages["final"] = (stages["fused"] + weights.rerank * stages["rerank"]).astype(np.float32)
        else:
            stages["final"] = stages["fused"]
        return _Ranking(rows, stages)

    def _embed(self, text: str, timings: dict[str, float]) -> tuple[FloatArray, tuple[FloatArray, FloatArray] | None]:
        """The question's vector and, where the embedder has them, its token vectors with their weights."""
        kept = None
        with _timed(timings, "embed"):
            if isinstance(self._embedder, TokenEmbedder):
                vectors, states = self._embedder.embed_queries_with_tokens([text])
                kept = (states.vectors, self._embedder.token_weights(states.tokens))
            else:
                vectors = self._embedder.embed_queries([text])
        vector = np.nan_to_num(vectors[0], nan=0.0, posinf=0.0, neginf=0.0)
        return vector, kept

    def _wishes(
        self,
        columns: Columns,
        question: Question,
        rows: NDArray[np.int64],
        now: datetime,
        stages: dict[str, FloatArray],
    ) -> FloatArray:
        """What the question prefers: topics, a period, sources, names, news."""
        extra = np.zeros(len(rows), dtype=np.float32)
        if not self._uses("question") or not len(rows):
            return extra
        wishes, weights = question.wishes, self._weights
        published = np.asarray(columns.array("published")[rows])
        if wishes.topics:
            numbers = [TOPICS.index(t) for t in wishes.topics]
            extra += weights.topic * columns.array("topics")[rows][:, numbers].max(axis=1)
        if wishes.since or wishes.until:
            extra += weights.period * _near_period(published, wishes)
        if wishes.sources:
            names = columns.names("source")
            numbers = [n for n, name in enumerate(names) if name in wishes.sources]
            extra += weights.source * np.isin(columns.array("source")[rows], numbers)
        if question.recency and self._uses("recency"):
            stages["recency"] = recency(published, int(now.timestamp()), RECENT_HALF_LIFE_DAYS)
            extra += weights.recency * stages["recency"]
        return extra

    def _read(
        self,
        columns: Columns,
        rows: Sequence[int],
        stages: Mapping[str, tuple[dict[int, float], dict[int, int]]],
        filters: Filters,
    ) -> list[Passage]:
        ids = [f"{int(columns.array('article')[row]):016x}" for row in rows]
        articles = self._store.get_many(ids, as_of=filters.as_of)
        passages = []
        for row, article_id in zip(rows, ids, strict=True):
            article = articles.get(article_id)
            start, end = int(columns.array("start")[row]), int(columns.array("end")[row])
            revision = int(columns.array("revision")[row])
            ordinal = int(columns.array("ordinal")[row])
            gone = article is None or article.revision != revision
            scores = {name: round(values[row], 4) for name, (values, _) in stages.items() if row in values}
            passages.append(
                Passage(
                    # Deleted or replaced between the search and the reading: nothing is quoted from it.
                    text="" if gone or article is None else article.text[start:end] or article.title,
                    title=article.title if article else "",
                    url=article.url if article else "",
                    source=article.source if article else "",
                    published=article.published if article else None,
                    language=article.language if article else "",
                    article_id=article_id,
                    chunk_id=f"{article_id}:{revision}:{ordinal}",
                    start=start,
                    end=end,
                    score=scores.get("final", 0.0),
                    scores=scores,
                    first_seen=article.first_seen if article else None,
                    suspicious=bool(columns.array("suspicious")[row]),
                )
            )
        return passages


@dataclass(frozen=True, slots=True)
class _Ranking:
    rows: NDArray[np.int64]
    stages: Mapping[str, FloatArray]


def _merged(
    rankings: Sequence[_Ranking], top: int, columns: Columns, *, diversify: bool
) -> tuple[list[int], dict[str, tuple[dict[int, float], dict[int, int]]]]:
    """The rows to show and, by stage, every shown row's score and rank."""
    orders: list[list[int]] = []
    for ranking in rankings:
        order = top_rows(ranking.stages["final"], len(ranking.rows))
        rows = ranking.rows[order]
        if diversify:
            articles, groups = np.asarray(columns.array("article")[rows]), np.asarray(columns.array("group")[rows])
            rows = rows[diversified(np.arange(len(rows)), articles, groups, top)]
        orders.append(rows[:top].tolist())
    # The parts of the question in turn; the whole question ranks what is left.
    chosen = taken_in_turn(orders[1:], top) if len(orders) > 1 else orders[0]
    if len(chosen) < top:
        chosen = taken_in_turn([chosen, orders[0]], top) if len(orders) > 1 else chosen
    shown = set(chosen)
    stages: dict[str, tuple[dict[int, float], dict[int, int]]] = {}
    for ranking in reversed(rankings):
        for name, values in ranking.stages.items():
            scores, ranks = stages.setdefault(name, ({}, {}))
            order = ranking.rows[top_rows(values, len(values))].tolist()
            ranks.update({row: rank for rank, row in enumerate(order, start=1) if row in shown})
            scores.update({row: float(v) for row, v in zip(ranking.rows.tolist(), values, strict=True) if row in shown})
    return chosen, stages


def _mask(columns: Columns, filters: Filters) -> NDArray[np.bool_]:
    """(rows,) what meets every condition. A source, language or topic that the library does not have matches nothing."""
    if filters.as_of is None:
        mask = columns.current()
    else:
        moment = int(filters.as_of.timestamp())
        mask = (columns.array("valid_from") <= moment) & (columns.array("valid_until") > moment)
    published = columns.array("published")
    if filters.since is not None:
        mask = mask & (published >= int(filters.since.timestamp()))
    if filters.until is not None:
        mask = mask & (published < int(filters.until.timestamp()))
    if filters.sources:
        wanted = {fold(s) for s in filters.sources}
        mask = mask & _among(columns, "source", wanted)
    if filters.languages:
        wanted = {fold(s) for s in filters.languages}
        mask = mask & _among(columns, "language", wanted)
    if filters.topics:
        numbers = [TOPICS.index(t) for t in filters.topics if t in TOPICS]
        about = columns.array("topics")[:, numbers] >= TOPIC_THRESHOLD
        mask = mask & about.any(axis=1)
    return np.asarray(mask, dtype=np.bool_)


def _among(columns: Columns, field: str, wanted: set[str]) -> NDArray[np.bool_]:
    """(rows,) whether the row's name in a field is one of the folded ones."""
    numbers = [number for number, name in enumerate(columns.names(field)) if fold(name) in wanted]
    held, mask = np.asarray(columns.array(field)), np.zeros(columns.rows, dtype=np.bool_)
    if len(numbers) <= 8:
        for number in numbers:
            mask |= held == number
        return mask
    table = np.zeros(len(columns.names(field)), dtype=np.bool_)
    table[numbers] = True
    return np.take(table, held)


def _joined(reader: Filters, question: Filters) -> Filters:
    """The reader's filters, and where the reader set none the question's own conditions."""
    return Filters(
        since=reader.since or question.since,
        until=reader.until or question.until,
        sources=reader.sources or question.sources,
        languages=reader.languages or question.languages,
        topics=reader.topics or question.topics,
        as_of=reader.as_of or question.as_of,
    )


def _named(lexical: LexicalIndex, names: Sequence[str], rows: NDArray[np.int64]) -> FloatArray:
    """(n,) the share of the question's names whose every term stands in the row."""
    share = np.zeros(len(rows), dtype=np.float32)
    for name in names:
        terms = analyse(name, "")
        if terms:
            share += lexical.standing(terms, rows)
    return share / np.float32(len(names))


def _by_language(
    scores: FloatArray,
    language: NDArray[np.int32],
    background_scores: FloatArray,
    background_language: NDArray[np.int32],
) -> FloatArray:
    """Similarities in deviations above the mean of chunks of the same language that were drawn without regard to the
    question, so that a question in French does not prefer French by habit."""
    out = np.zeros(len(scores), dtype=np.float32)
    for number in np.unique(language):
        inside = language == number
        background = background_scores[background_language == number]
        # Of few chunks the mean and spread say little: all languages together then stand in.
        out[inside] = calibrated(scores[inside], background if len(background) >= 50 else background_scores)
    return out


def _near_period(published: NDArray[np.int64], wishes: Filters) -> FloatArray:
    """1 inside the period, falling to one half a month outside of it."""
    since = int(wishes.since.timestamp()) if wishes.since else np.iinfo(np.int64).min
    until = int(wishes.until.timestamp()) if wishes.until else FOREVER
    outside = np.maximum(np.maximum(since - published, published - until), 0) / 86400.0
    return np.exp2(-outside / 30.0).astype(np.float32)


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    timings[stage] = round(timings.get(stage, 0.0) + (time.perf_counter() - started) * 1000, 3)
