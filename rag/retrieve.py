"""Question -> passages: filters as masks, dense and lexical scores, fusion, reranking, diversification.

Everything over candidates is array code over the columns; text is read from the store for the final passages alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.analysis import analyse_query
from corpus.blocks import blocks_within
from corpus.columns import Columns
from corpus.embedding import Embedder, TokenEmbedder
from corpus.embedding.paired import PairedEmbedder
from corpus.lexical import LexicalIndex
from corpus.models import TOPICS
from corpus.nearest import DenseIndex, Nearest, Searcher
from corpus.store import Store
from rag.closeness import (
    KEPT_SPANS,
    EmbeddedCloseness,
    Kept,
    KeptVectors,
    LateInteraction,
    Similarity,
    TokenCloseness,
    kept_tokens,
    without_names,
)
from rag.deeds import OFFICES, asks_to_lead
from rag.diversify import DIVERSITY
from rag.filtering import chroma_where, joined, meeting
from rag.fusion import calibrated, recency, top_masked
from rag.models import Filters, Passage, Question, SearchResult, SearchSettings
from rag.ranking import Candidates, Ranking, Ranks, Weights, company, ranked, shown, tuned
from rag.scoring import by_language, named, near_periods

FloatArray = NDArray[np.float32]

RECENT_HALF_LIFE_DAYS = 45.0
MOST_SOURCES = 4
"""Sources named in the question that are searched for themselves."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A question's text: its vector (d,), and its token vectors (q, k) with their weights (q,)."""

    vector: FloatArray
    states: tuple[FloatArray, FloatArray] | None


@dataclass(frozen=True, slots=True)
class _Sought:
    """The rows that a text's searches put forward; the lexical score of every row; what the dense search saw."""

    rows: NDArray[np.int64]
    text: _Text
    words: FloatArray
    near: Nearest | None


@dataclass(frozen=True, slots=True)
class _Ordered:
    """What a search put in order, before the first of it was read: of the whole question, then of its parts."""

    wanted: Filters
    columns: Columns
    rankings: Sequence[Ranking]
    state: tuple[str, int]
    """The state of the columns that the rows are of."""


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
        searcher: Searcher | None = None,
    ) -> None:
        self._store = store
        self._readers = readers
        self._embedder = embedder
        self._settings = settings
        self._weights = weights or tuned()
        self._guard = threading.Lock()
        self._dense = searcher or DenseIndex()
        self._vectors = KeptVectors(embedder)
        self._spans = Kept(embedder.token_spans, KEPT_SPANS) if isinstance(embedder, TokenEmbedder) else None
        self._last: tuple[SearchResult | None, _Ordered | None] = (None, None)
        self._last_text: tuple[str, _Text] | None = None

    def search(self, question: Question, filters: Filters, top: int, now: datetime) -> SearchResult:
        """The best ``top`` passages that meet the reader's ``filters`` and the question's own conditions."""
        timings: dict[str, float] = {}
        wanted = joined(filters, question.conditions if self._uses("question") else Filters())
        if not question.text.strip() or top <= 0:
            return SearchResult(question, wanted, (), timings, (), ())
        with self._guard:
            columns, found = self._candidates(question, wanted, now, timings)
            if not found:
                return SearchResult(question, wanted, (), timings, (), ())
            rankings = []
            for part in found:
                with _timed(timings, "rerank" if part.close is not None else "fuse"):
                    rankings.append(ranked(part, self._weights, self._settings.candidates))
            ordered = _Ordered(wanted, columns, rankings, _state(columns))
            result = self._shown(ordered, question, top, timings)
            self._last = (result, ordered)
        return result

    def deeper(self, result: SearchResult, top: int, now: datetime) -> SearchResult:
        """The best ``top`` passages of the search that gave ``result``. If it was the last one, and nothing was committed since, nothing
        is searched for again."""
        with self._guard:
            self._readers.refresh()
            last, ordered = self._last
            if last is result and ordered is not None and ordered.state == _state(self._readers.columns):
                return self._shown(ordered, result.question, top, {})
        return self.search(result.question, result.filters, top, now)

    def _shown(self, ordered: _Ordered, question: Question, top: int, timings: dict[str, float]) -> SearchResult:
        sources = self.sources(ordered.columns, question) if self._uses("question") else ()
        diversity = DIVERSITY if self._uses("diversify") else None
        positions, stages = shown(ordered.rankings, top, ordered.columns, sources, diversity)
        with _timed(timings, "read"):
            passages = self._read(ordered.columns, positions, stages, ordered.wanted)
        explanation = tuple(
            {"article": p.title, "ranks": {n: stages[n][1].get(row, 0) for n in stages}, "scores": dict(p.scores)}
            for p, row in zip(passages, positions, strict=True)
        )
        reranked = self._settings.rerank and self._uses("rerank")
        notes: tuple[str, ...] = (
            (self._embedder.pairing,) if reranked and isinstance(self._embedder, PairedEmbedder) else ()
        )
        # Said only where it is not what everyone has.
        notes += (f"nearest vectors by {self._dense.place}",) if self._dense.asks_where else ()
        return SearchResult(question, ordered.wanted, tuple(passages), timings, explanation, notes)

    def candidates(self, question: Question, filters: Filters, now: datetime) -> tuple[Columns, list[Candidates]]:
        """What ``search`` weighs, before it is weighed: of the whole question, then of its parts; none where nothing meets
        the conditions. For the tuning of the weights."""
        with self._guard:
            return self._candidates(question, joined(filters, question.conditions), now, {})

    def passages(self, columns: Columns, rows: Sequence[int], filters: Filters) -> list[Passage]:
        """The passages in some rows, without scores."""
        return self._read(columns, rows, {}, filters)

    def closeness(self, question: str, names: Sequence[str] = ()) -> Similarity:
        """How near sentences of passages are to a question with these names: by the kept token states, where the library has them."""
        if self._spans is not None and self._readers.columns.manifest.token_dimension:
            last = self._last_text  # A question is searched for first, and has its states then.
            text = last[1] if last is not None and last[0] == question else self._embed([question], {})[0]
            if text.states is not None and isinstance(self._embedder, TokenEmbedder):
                (spans,) = self._embedder.token_spans([question])
                telling = without_names(text.states[1], spans, question, names)
                return TokenCloseness(*text.states, self._spans, self._tokens_of, telling)
        return EmbeddedCloseness(self._vectors, question)

    def _tokens_of(self, passages: Sequence[Passage]) -> list[NDArray[np.int8]]:
        with self._guard:
            return kept_tokens(self._readers.columns, passages)

    def _uses(self, stage: str) -> bool:
        return stage not in self._settings.without

    def _candidates(
        self, question: Question, wanted: Filters, now: datetime, timings: dict[str, float]
    ) -> tuple[Columns, list[Candidates]]:
        self._readers.refresh()
        columns, lexical = self._readers.columns, self._readers.lexical
        with _timed(timings, "filter"):
            mask = meeting(columns, wanted)
        if not mask.any():
            return columns, []
        parts = (question.text, *question.parts) if self._uses("question") else (question.text,)
        asked = [replace(question, text=part) for part in parts]
        return columns, [self._found(columns, lexical, part, wanted, mask, now, timings) for part in asked]

    def _found(
        self,
        columns: Columns,
        lexical: LexicalIndex,
        question: Question,
        wanted: Filters,
        mask: NDArray[np.bool_],
        now: datetime,
        timings: dict[str, float],
    ) -> Candidates:
        """Candidates of one (sub-)question and its clauses, scored by every stage but the last."""
        apart = self._uses("question") and self._uses("clauses")
        asked = (question, *question.clauses) if apart else (question,)
        texts = self._embed([one.text for one in asked], timings)
        sought = [
            self._sought(columns, lexical, one, text, wanted, mask, timings)
            for one, text in zip(asked, texts, strict=True)
        ]
        with _timed(timings, "fuse"):
            rows = np.unique(np.concatenate([one.rows for one in sought]))
            whole, *others = [
                self._scored(columns, lexical, one, found, rows, now) for one, found in zip(asked, sought, strict=True)
            ]
            states = [text.states for text in texts if text.states is not None]
            if self._settings.rerank and self._uses("rerank") and states and columns.manifest.token_dimension:
                close = LateInteraction(columns, rows, states)
                whole, *others = [
                    replace(one, close=partial(close.scores, number)) for number, one in enumerate([whole, *others])
                ]
        return replace(whole, clauses=tuple(others))

    def _sought(
        self,
        columns: Columns,
        lexical: LexicalIndex,
        question: Question,
        text: _Text,
        wanted: Filters,
        mask: NDArray[np.bool_],
        timings: dict[str, float],
    ) -> _Sought:
        """What dense and lexical search put forward."""
        found: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)]
        limit = self._settings.candidates
        near: Nearest | None = None
        with _timed(timings, "filter"):
            # Each source that the question names puts forward its own, however loud the others are.
            source = np.asarray(columns.array("source"))
            told = self.sources(columns, question) if self._uses("question") else ()
            theirs = [mask & (source == number) for number in told[:MOST_SOURCES]]
        with _timed(timings, "dense"):
            if self._uses("dense"):
                where = chroma_where(columns, wanted) if self._dense.asks_where else None
                near = self._dense.search(columns, text.vector, mask, limit, where)
                found.append(near.rows)
                for number, only in zip(told, theirs, strict=False):
                    if only.any():
                        if self._dense.asks_where:
                            where = chroma_where(columns, replace(wanted, sources=(columns.names("source")[number],)))
                        found.append(self._dense.near(columns, text.vector, only, limit // 2, where))
        with _timed(timings, "lexical"):
            # Nobody is written of as the one who leads: articles have the office.
            terms = analyse_query(f"{question.text} {OFFICES}" if asks_to_lead(question) else question.text)
            words = lexical.scores(terms) if self._uses("lexical") else np.zeros(columns.rows, dtype=np.float32)
            found.append(top_masked(words, mask, limit, above=0.0))
            found += [top_masked(words, only, limit // 2, above=0.0) for only in theirs]
        return _Sought(np.concatenate(found), text, words, near)

    def _scored(
        self,
        columns: Columns,
        lexical: LexicalIndex,
        question: Question,
        sought: _Sought,
        rows: NDArray[np.int64],
        now: datetime,
    ) -> Candidates:
        """Some rows with the scores of every stage but the last."""
        language = np.asarray(columns.array("language"))
        scores: dict[str, FloatArray] = {"dense": np.zeros(len(rows), dtype=np.float32)}
        if sought.near is not None:
            similar = self._dense.similarities(columns, sought.text.vector, rows)
            background = np.take(language, sought.near.background)
            scores["dense"] = by_language(similar, language[rows], sought.near.background_scores, background)
        words = sought.words[rows]
        scores["lexical"] = calibrated(words, words) if len(rows) else words
        both = (scores["dense"] + scores["lexical"]) / np.float32(2)
        scores["article"] = company(both, np.asarray(columns.array("article")[rows]))
        scores |= self._wishes(columns, question, rows, now)
        if question.companies and self._uses("question"):
            scores["names"] = named(lexical, question.companies, rows)
        spoken = columns.names("language")
        number = spoken.index(question.language) if question.language in spoken else -1
        languages = language[rows]
        return Candidates(rows, languages, languages == number, scores, None)

    def sources(self, columns: Columns, question: Question) -> tuple[int, ...]:
        """The numbers of the sources that the question speaks of; of one that it demands all the rest are hidden anyway."""
        demanded = question.conditions.sources
        wanted = (*question.wishes.sources, *(demanded if len(demanded) > 1 else ()))
        return tuple(n for n, name in enumerate(columns.names("source")) if name in wanted) if wanted else ()

    def _embed(self, texts: Sequence[str], timings: dict[str, float]) -> list[_Text]:
        """Each text's vector and, where the embedder has them, its token vectors with their weights."""
        with _timed(timings, "embed"):
            kept: list[tuple[FloatArray, FloatArray] | None] = [None] * len(texts)
            if not isinstance(self._embedder, TokenEmbedder):
                vectors = self._embedder.embed_queries(texts)
            else:
                vectors, states = self._embedder.embed_queries_with_tokens(texts)
                weights = self._embedder.token_weights(states.tokens)
                spans = zip(states.offsets[:-1].tolist(), states.offsets[1:].tolist(), strict=True)
                numbers = _finite(states.vectors)
                kept = [(numbers[a:b], weights[a:b]) for a, b in spans]
        found = [_Text(vector, state) for vector, state in zip(_finite(vectors), kept, strict=True)]
        self._last_text = (texts[0], found[0])
        return found

    def _wishes(
        self, columns: Columns, question: Question, rows: NDArray[np.int64], now: datetime
    ) -> dict[str, FloatArray]:
        """What the question prefers: topics, a period, sources, news."""
        found: dict[str, FloatArray] = {}
        if not self._uses("question") or not len(rows):
            return found
        wishes = question.wishes
        published = np.asarray(columns.array("published")[rows])
        if wishes.topics:
            numbers = [TOPICS.index(t) for t in wishes.topics]
            found["topic"] = columns.array("topics")[rows][:, numbers].max(axis=1).astype(np.float32)
        if question.periods:
            found["period"] = near_periods(published, question.periods)
        if wishes.sources:
            spoken_of = self.sources(columns, question)
            found["source"] = np.isin(columns.array("source")[rows], spoken_of).astype(np.float32)
        if question.recency and self._uses("recency"):
            found["recency"] = recency(published, int(now.timestamp()), RECENT_HALF_LIFE_DAYS)
        return found

    def _read(
        self,
        columns: Columns,
        rows: Sequence[int],
        stages: Ranks,
        filters: Filters,
    ) -> list[Passage]:
        at = np.asarray(rows, dtype=np.int64)
        ids = [f"{number:016x}" for number in columns.array("article")[at].tolist()]
        articles = self._store.get_many(ids, as_of=filters.as_of)
        places = [columns.array(name)[at].tolist() for name in ("start", "end", "revision", "ordinal", "suspicious")]
        passages = []
        for row, article_id, start, end, revision, ordinal, suspicious in zip(rows, ids, *places, strict=True):
            article = articles.get(article_id)
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
                    suspicious=suspicious,
                    blocks=() if gone or article is None else blocks_within(article.blocks, start, end),
                )
            )
        return passages


def _state(columns: Columns) -> tuple[str, int]:
    return columns.manifest.generation, columns.manifest.sequence


def _finite(vectors: FloatArray) -> FloatArray:
    """What a faulty embedder gives that is no number says nothing: 0."""
    return np.nan_to_num(vectors, nan=0.0, posinf=0.0, neginf=0.0)


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    timings[stage] = round(timings.get(stage, 0.0) + (time.perf_counter() - started) * 1000, 3)
