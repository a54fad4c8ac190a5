"""How near single sentences are to a question: by late interaction with the token states that the library keeps of its chunks, so that
nothing is embedded but the question. Where it keeps none, sentences are embedded."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.analysis import fold_accents
from corpus.chunking import heading
from corpus.columns import Columns
from corpus.embedding import Embedder
from rag.models import Passage
from rag.rerank import best_similarities

T = TypeVar("T")
FloatArray = NDArray[np.float32]
Place = tuple[Passage, int, int]
"""A sentence: ``passage.text[start:end]``."""
Similarity = Callable[[Sequence[Place]], "Closeness"]
"""How near each place is to the question, 1 at most."""
TokensOf = Callable[[Sequence[Passage]], list[NDArray[np.int8]]]
"""Passages -> the kept token vectors of each, (t, k) int8 where 127 is 1; none where the library has none."""
SpansOf = Callable[[Sequence[str]], list[NDArray[np.int64]]]
"""``TokenEmbedder.token_spans``."""

MOST_EMBEDDED = 24
"""Sentences that are embedded where there are no token states: those that share most words with the question. The others are held to be as far
as the farthest of these."""
KEPT_SPANS = 1024
"""Passages of which it is kept where their tokens lie: 6 MB."""
BESIDE = 40
"""Tokens before and after a sentence that count as around it."""
KNOWN = 0.5
"""A token that is nearer to one of the question's is no news."""
KEPT_VECTORS = 8192
"""Sentences whose vectors are kept: 12 MB at 384 dimensions."""


@dataclass(frozen=True, slots=True)
class Closeness:
    """How near sentences are to a question, each array (n,) float32.

    ``sentence``: by the sentence's own tokens; ``telling``: the same for the question's tokens that are of no name; ``around``: by the tokens
    of the sentences beside it too; ``new``: how many of the sentence's tokens are near to none of the question's: what it adds.
    """

    sentence: FloatArray
    telling: FloatArray
    around: FloatArray
    new: FloatArray

    @classmethod
    def nothing(cls, count: int) -> Closeness:
        """Of sentences of which nothing is known."""
        return cls(*(np.zeros(count, dtype=np.float32) for _ in range(4)))


class TokenCloseness:
    """For each sentence the weighted mean, over the question's tokens, of the best similarity among the sentence's own tokens: MaxSim
    (Khattab and Zaharia 2020, ColBERT) within a sentence whose tokens know their surroundings, so that "the company" is near to its name."""

    def __init__(
        self,
        states: FloatArray,
        weights: FloatArray,
        spans_of: SpansOf,
        tokens_of: TokensOf,
        telling: FloatArray | None = None,
    ) -> None:
        """``states`` (q, k) unit rows and ``weights`` (q,) of the question's tokens; ``telling`` (q,): the weights with 0 for those of names."""
        self._spans_of, self._tokens_of = spans_of, tokens_of
        whole, kept = _shares(weights), _shares(weights if telling is None else telling)
        self._shares = np.stack([whole, kept if kept.any() else whole])
        self._asked = states / np.float32(127)
        self._known: dict[str, tuple[NDArray[np.int64], FloatArray]] = {}

    def __call__(self, places: Sequence[Place]) -> Closeness:
        """Of each place; passages are looked at once in the life of this."""
        near = Closeness.nothing(len(places))
        if not self._shares.any():
            return near
        self._look_at(list({_name(passage): passage for passage, _, _ in places}.values()))
        for at, (passage, start, end) in enumerate(places):
            span, products = self._known[_name(passage)]
            first, last = np.searchsorted(span[:, 0], start), np.searchsorted(span[:, 1], end, side="right")
            if last <= first:
                continue
            inside = products[:, first:last]
            near.sentence[at], near.telling[at] = self._shares @ inside.max(axis=1)
            beside = products[:, max(0, first - BESIDE) : last + BESIDE]
            near.around[at] = self._shares[0] @ beside.max(axis=1)
            near.new[at] = (inside.max(axis=0) < KNOWN).sum()
        return near

    def _look_at(self, passages: Sequence[Passage]) -> None:
        fresh = [p for p in passages if _name(p) not in self._known]
        if not fresh:
            return
        starts = [len(heading(p.title, p.source)) + 1 for p in fresh]
        spans = self._spans_of([f"{heading(p.title, p.source)}\n{p.text}" for p in fresh])
        for passage, start, span, tokens in zip(fresh, starts, spans, self._tokens_of(fresh), strict=True):
            count = min(len(span), len(tokens))
            products = self._asked @ tokens[:count].T.astype(np.float32)
            self._known[_name(passage)] = span[:count] - start, products


def _name(passage: Passage) -> str:
    return passage.chunk_id or passage.text


def _shares(weights: FloatArray) -> FloatArray:
    """Weights that sum to 1; zeros where all are 0."""
    total = float(weights.sum())
    return weights / np.float32(total) if total > 0 else np.zeros_like(weights)


def without_names(weights: FloatArray, spans: NDArray[np.int64], question: str, names: Sequence[str]) -> FloatArray:
    """The weights (q,) of a question's tokens, which stand at ``spans`` (q, 2) in it, with 0 for those of its names."""
    kept = weights.copy()
    for name in names:
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", question):
            kept[: len(spans)][(spans[:, 0] < match.end()) & (spans[:, 1] > match.start())] = 0
    return kept


def kept_tokens(columns: Columns, passages: Sequence[Passage]) -> list[NDArray[np.int8]]:
    """The token vectors that a library keeps of each passage, (t, k) int8 where 127 is 1; none of one that is not in its columns any more."""
    keys = [_key(p.chunk_id) for p in passages]
    articles = columns.array("article")
    rows = np.flatnonzero(np.isin(articles, np.asarray([article for article, _, _ in keys], dtype=np.uint64)))
    fields = (articles[rows], columns.array("revision")[rows], columns.array("ordinal")[rows])
    held = dict(zip(zip(*(f.tolist() for f in fields), strict=True), rows.tolist(), strict=True))
    starts, counts = columns.array("token_start"), columns.array("token_count")
    found = []
    for key in keys:
        row = held.get(key)
        start, count = (0, 0) if row is None else (int(starts[row]), int(counts[row]))
        found.append(np.array(columns.tokens[start : start + count]))
    return found


def _key(chunk_id: str) -> tuple[int, int, int]:
    """Article, revision and ordinal of a chunk's id."""
    article, revision, ordinal = chunk_id.split(":")
    return int(article, 16), int(revision), int(ordinal)


class EmbeddedCloseness:
    """The cosine of each sentence, with its title, and the question, by an embedder that gives no token states."""

    def __init__(self, vectors: KeptVectors, question: str) -> None:
        self._vectors, self._question = vectors, question

    def __call__(self, places: Sequence[Place]) -> Closeness:
        """The cosine is all that is known: of the sentence, and so of what is around it."""
        near = Closeness.nothing(len(places))
        if places:
            asked = _words(self._question)
            shared = [-len(asked & _words(passage.text[start:end])) for passage, start, end in places]
            chosen = np.argsort(shared, kind="stable")[:MOST_EMBEDDED]
            texts = [f"{places[at][0].title}. {places[at][0].text[places[at][1] : places[at][2]]}" for at in chosen]
            cosines = self._vectors.documents(texts) @ self._vectors.query(self._question)
            for values in (near.sentence, near.telling, near.around):
                values[:] = cosines.min()
                values[chosen] = cosines
        return near


def _words(text: str) -> set[str]:
    return {word for word in fold_accents(text.lower()).split() if len(word) > 3}


class Kept(Generic[T]):
    """What was made of texts that were looked at lately: questions on one matter meet the same ones. Safe to share between threads."""

    def __init__(self, make: Callable[[Sequence[str]], Iterable[T]], most: int) -> None:
        """``make`` gives one thing for each text; those of the ``most`` texts asked for last are kept."""
        self._make, self._most = make, most
        self._kept: OrderedDict[str, T] = OrderedDict()
        self._guard = threading.Lock()

    def __call__(self, texts: Sequence[str]) -> list[T]:
        """One for each text, in their order, not to be written to."""
        with self._guard:
            found = {text: self._kept[text] for text in texts if text in self._kept}
        missing = list(dict.fromkeys(text for text in texts if text not in found))
        if missing:
            found.update(zip(missing, self._make(missing), strict=True))
        with self._guard:
            for text in texts:
                self._kept[text] = found[text]
                self._kept.move_to_end(text)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return [found[text] for text in texts]


class KeptVectors:
    """Vectors of sentences, for an embedder; those of sentences that were looked at lately are kept."""

    def __init__(self, embedder: Embedder, most: int = KEPT_VECTORS) -> None:
        self._embedder = embedder
        self._documents: Kept[FloatArray] = Kept(embedder.embed_documents, most)

    def query(self, text: str) -> FloatArray:
        """(d,) float32: a question's vector, never kept."""
        return np.asarray(self._embedder.embed_queries([text])[0], dtype=np.float32)

    def documents(self, texts: Sequence[str]) -> FloatArray:
        """(n, d) float32, in the order of the texts; those not kept yet are embedded."""
        return np.asarray(self._documents(texts), dtype=np.float32)


class LateInteraction:
    """The late interaction of several questions with rows of a library: all of them are compared at once, when the first is
    asked for. Not safe to share between threads."""

    def __init__(
        self, columns: Columns, rows: NDArray[np.int64], asked: Sequence[tuple[FloatArray, FloatArray]]
    ) -> None:
        """``rows`` (n,); of each question its token states (q, k) and their weights (q,)."""
        self._columns, self._rows = columns, rows
        self._states = np.concatenate([states for states, _ in asked])
        self._weights = np.zeros((len(asked), len(self._states)), dtype=np.float32)
        first = 0
        for number, (states, weights) in enumerate(asked):
            total = float(weights.sum())
            self._weights[number, first : first + len(states)] = weights / total if total > 0 else 0.0
            first += len(states)
        self._of = np.zeros(0, dtype=np.int64)
        self._scores = np.zeros((len(asked), 0), dtype=np.float32)

    def scores(self, number: int, positions: NDArray[np.int64]) -> FloatArray:
        """(m,) float32: the weighted mean, over the tokens of question ``number``, of the best similarity in each of the rows
        at ``positions`` (m,)."""
        if not np.array_equal(positions, self._of) or not len(positions):
            chosen = self._rows[positions]
            starts = np.asarray(self._columns.array("token_start")[chosen])
            counts = np.asarray(self._columns.array("token_count")[chosen])
            best = best_similarities(self._states, self._columns.tokens, starts, counts)
            self._of, self._scores = positions.copy(), self._weights @ best
        scores: FloatArray = self._scores[number]
        return scores
