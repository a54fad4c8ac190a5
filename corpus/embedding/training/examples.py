"""Batches to learn from, built from token ids alone: pairs, joined pairs, mixed texts, names and figures put in, parts and wholes.

Every batch is a function of the seed and its number, so that an interrupted training goes on as if it had not stopped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from corpus.embedding.training.data import Corpus

Ids = list[int]
LONGEST = 254
"""Tokens of one input, the two special ones not counted."""
SHORT = 48
"""Tokens of a single sentence at most; one long one would pad the whole batch."""
DROPPED = 0.1
"""Share of a question's and a paragraph's tokens that are left out: there are few of them, and they are seen often."""
HELD_OUT = 1000
"""Short pairs that are never learnt from."""
STAND_INS = ("tom", "mary", "boston", "australia", "john", "marie")
"""Names of Tatoeba's, which stand for any name."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows of each kind of batch."""

    short: int = 1024
    long: int = 256
    asked: int = 192


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded ids (b, t) int64 with 0 as padding. ``distil``: teacher (English), english, other (French or mixed, what
    should lie at the teacher's vector). ``asked``: queries and the passages that answer them, row by row."""

    kind: str
    rows: dict[str, NDArray[np.int64]]


class Examples:
    """Item ``i`` is batch ``i`` (any indexable dataset of torch's)."""

    def __init__(self, corpus: Corpus, teacher: Path, student: Path, *, seed: int, sizes: Sizes, steps: int) -> None:
        self._seed, self._sizes, self._steps = seed, sizes, steps
        old, new = (Tokenizer.from_file(str(folder / "tokenizer.json")) for folder in (teacher, student))
        self._new = new
        vocabulary = old.get_vocab()
        self._cls, self._sep = vocabulary["[CLS]"], vocabulary["[SEP]"]

        def pairs(rows: Sequence[tuple[str, str]]) -> list[tuple[Ids, Ids, Ids]]:
            english, french = [r[0] for r in rows], [r[1] for r in rows]
            return list(zip(_ids(old, english), _ids(new, english), _ids(new, french), strict=True))

        short = pairs(corpus.short)
        order = np.random.default_rng(seed).permutation(len(short))
        self.held_out = [corpus.short[at] for at in order[:HELD_OUT]]
        kept_out = {text.casefold() for pair in self.held_out for text in pair}
        self._short = [short[at] for at in order[HELD_OUT:] if not {t.casefold() for t in corpus.short[at]} & kept_out]
        self._prose = pairs(corpus.prose)
        self._single = [[p for p in part if max(map(len, p)) <= SHORT - 8] for part in (self._short, self._prose)]
        self._paragraphs = [_paragraph(new, text, questions) for text, questions in corpus.asked]
        self._stand_ins = {vocabulary[name] for name in STAND_INS if name in vocabulary}
        self._names = _names(vocabulary, self._short)
        numbers = np.random.default_rng(seed + 1).integers(1, 10 ** np.arange(2, 8).repeat(400))
        self._numbers = list(
            zip(
                _ids(old, [f"{n:,}" for n in numbers]),
                _ids(old, [f"{n:,}".replace(",", " ") for n in numbers]),
                strict=True,
            )
        )
        self._comma, self._colon = vocabulary[","], vocabulary[":"]

    def __len__(self) -> int:
        return self._steps

    def __getitem__(self, step: int) -> Batch:
        if step >= self._steps:
            raise IndexError(step)
        draw = np.random.default_rng((self._seed, step))
        kind = draw.random()
        if kind < 0.45:
            rows = [self._pair(draw) for _ in range(self._sizes.short)]
            return self._distil(rows)
        if kind < 0.80:
            length = int(draw.choice([48, 96, 160, 254]))
            joined = [self._joined(draw, length) for _ in range(max(1, self._sizes.long * 160 // length))]
            other = 3 if draw.random() < 0.35 else 2
            return self._distil([(row[0], row[1], row[other]) for row in joined])
        if kind < 0.83:
            return self._asked(draw)
        return self._parts(draw)

    # -- one example ------------------------------------------------------------------------------------------------

    def _pair(self, draw: np.random.Generator) -> tuple[Ids, Ids, Ids]:
        pool = self._single[int(draw.random() < 0.08)]
        return self._with_names(draw, pool[int(draw.integers(len(pool)))], 0.4)

    def _joined(self, draw: np.random.Generator, length: int) -> tuple[Ids, Ids, Ids, Ids]:
        """teacher, English, French, mixed: sentences one after the other, nearly ``length`` tokens."""
        teacher, english, french, mixed = Ids(), Ids(), Ids(), Ids()
        prose = draw.random() < 0.3
        at = int(draw.integers(len(self._prose)))
        while True:
            chosen = self._prose[at % len(self._prose)] if prose else self._short[int(draw.integers(len(self._short)))]
            at += 1
            t, e, f = self._with_names(draw, chosen, 0.3)
            if teacher and max(len(teacher) + len(t), len(english) + len(e), len(french) + len(f)) > length:
                break
            teacher, english, french = teacher + t, english + e, french + f
            mixed = mixed + (e if draw.random() < 0.5 else f)
        return teacher, english, french, mixed

    def _with_names(self, draw: np.random.Generator, pair: tuple[Ids, Ids, Ids], share: float) -> tuple[Ids, Ids, Ids]:
        """The same names and figures put into all three, in place of a stand-in or beside the sentence."""
        if draw.random() >= share:
            return pair
        name = [int(self._names[i]) for i in draw.integers(len(self._names), size=int(draw.integers(1, 4)))]
        found = self._stand_ins.intersection(pair[0]) & self._stand_ins.intersection(pair[2])
        if found and draw.random() < 0.8:
            old = min(found)
            t, e, f = ([i for token in side for i in (name if token == old else [token])] for side in pair)
            return t, e, f
        if draw.random() < 0.35:
            english, french = self._numbers[int(draw.integers(len(self._numbers)))]
            # "30,000" in English, "30 000" in French.
            return pair[0] + english + name, pair[1] + english + name, pair[2] + french + name
        if draw.random() < 0.5:
            before = [*name, self._colon]
            return before + pair[0], before + pair[1], before + pair[2]
        after = [self._comma, *name]
        return pair[0] + after, pair[1] + after, pair[2] + after

    # -- batches ----------------------------------------------------------------------------------------------------

    def _distil(self, rows: list[tuple[Ids, Ids, Ids]]) -> Batch:
        names = ("teacher", "english", "other")
        return Batch("distil", {n: self.padded([row[i] for row in rows]) for i, n in enumerate(names)})

    def _asked(self, draw: np.random.Generator) -> Batch:
        """French questions, or a paragraph's own sentence, against the paragraph or a part of it that has the answer."""
        chosen = draw.choice(len(self._paragraphs), size=min(self._sizes.asked, len(self._paragraphs)), replace=False)
        queries, passages = [], []
        for at in chosen:
            sentences, questions = self._paragraphs[int(at)]
            if questions and draw.random() < 0.75:
                query, answer = questions[int(draw.integers(len(questions)))]
                whole = draw.random() < 0.5
                first = 0 if whole else int(draw.integers(answer + 1))
                last = len(sentences) if whole else int(draw.integers(answer + 1, len(sentences) + 1))
                rest = sentences[first:last]
            else:
                one = int(draw.integers(len(sentences)))
                query = sentences[one]
                # Mostly without the sentence itself, or copying words would be all there is to learn (Lee et al. 2019).
                alone = len(sentences) == 1 or draw.random() < 0.2
                rest = sentences if alone else sentences[:one] + sentences[one + 1 :]
            queries.append(_thinned(draw, query))
            passages.append(_thinned(draw, [i for sentence in rest for i in sentence]))
        return Batch("asked", {"queries": self.padded(queries), "passages": self.padded(passages)})

    def _parts(self, draw: np.random.Generator) -> Batch:
        """A sentence in one language against a text in the other that holds its translation."""
        queries, passages = [], []
        for _ in range(self._sizes.asked):
            prose = draw.random() < 0.5
            pool = self._prose if prose else self._short
            size = int(draw.integers(3, 9))
            start = int(draw.integers(len(pool)))
            picked = [
                self._with_names(
                    draw, pool[(start + k) % len(pool)] if prose else pool[int(draw.integers(len(pool)))], 0.3
                )
                for k in range(size)
            ]
            one = int(draw.integers(size))
            ask, tell = (1, 2) if draw.random() < 0.5 else (2, 1)
            queries.append(picked[one][ask])
            passages.append([i for row in picked for i in row[tell]])
        return Batch("asked", {"queries": self.padded(queries), "passages": self.padded(passages)})

    def padded(self, rows: Sequence[Ids]) -> NDArray[np.int64]:
        """(b, t) int64 with the special tokens, cut to what the model reads."""
        cut = [[self._cls, *row[:LONGEST], self._sep] for row in rows]
        out = np.zeros((len(cut), max(map(len, cut))), dtype=np.int64)
        for at, row in enumerate(cut):
            out[at, : len(row)] = row
        return out

    def encoded(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Texts as the student reads them."""
        return self.padded(_ids(self._new, texts))


def _ids(tokenizer: Any, texts: Sequence[str]) -> list[Ids]:
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return [one.ids for one in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]


def _paragraph(tokenizer: Any, text: str, asked: Sequence[tuple[str, str]]) -> tuple[list[Ids], list[tuple[Ids, int]]]:
    """A paragraph's sentences; its questions, each with the number of the sentence that holds the answer."""
    sentences = [s for s in re.split(r"(?<=[.!?])\s+(?=[A-ZÀ-Ý«])", text) if s.strip()]
    holding = [next((at for at, s in enumerate(sentences) if answer in s), 0) for _, answer in asked]
    return _ids(tokenizer, sentences), list(zip(_ids(tokenizer, [q for q, _ in asked]), holding, strict=True))


def _thinned(draw: np.random.Generator, row: Ids) -> Ids:
    kept = [i for i, k in zip(row, draw.random(len(row)) >= DROPPED, strict=True) if k]
    return kept or row


def _names(vocabulary: dict[str, int], pairs: Sequence[tuple[Ids, Ids, Ids]]) -> NDArray[np.int64]:
    """Whole words of the vocabulary that no pair holds: rare words, most of them names."""
    used = {i for _, english, french in pairs for i in (*english, *french)}
    rare = [
        i for word, i in vocabulary.items() if word.isalpha() and word.isascii() and len(word) > 3 and i not in used
    ]
    return np.asarray(sorted(rare), dtype=np.int64)
