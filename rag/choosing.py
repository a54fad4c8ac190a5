"""How likely a sentence answers a question: a linear model over what it names, speaks of, is near to and has of the kind asked for. Pure.

Its weights are learned by ``evals.tune_sentences`` and kept in ``rag/sentences.json``; a share of 0.8 means that eight of ten such sentences
held the answer, on questions kept out of learning.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpus.analysis import fold_accents
from rag.dates import find_dates
from rag.lexicon import meanings
from rag.models import Question
from rag.names import is_place
from rag.reading import read_statement
from rag.reasons import gives_reason, hints_at_reason
from rag.telling import COUNTED, begins, keys_of, telling_words

if TYPE_CHECKING:
    from rag.evidence import Evidence

FEATURES = (
    "names", "own_names", "coverage", "telling_words", "telling", "around", "new", "rank", "score", "across", "length",
    "figure", "counted", "numbers", "date", "name", "place", "means", "list", "subject_first", "reason", "hint", "leans", "presents",
)  # fmt: skip
"""In this order in a row. ``telling``, ``around``, ``new``: see ``rag.closeness.Closeness``; those from ``figure`` on are of the kind asked for; ``leans``: see ``rag.evidence.Evidence``."""
TYPICAL_LENGTH = 150
_WHEN = re.compile(
    r"\b(?:quand|when|à quelle date|what date|quel jour|which day|depuis quand|en quelle année|what year)\b",
    re.IGNORECASE,
)
_WHO = re.compile(r"\b(?:qui|who|whom|whose)\b", re.IGNORECASE)
_WHERE = re.compile(r"\b(?:où|where)\b", re.IGNORECASE)
_HOW = re.compile(r"^\s*(?:comment|how (?:do|does|did|is|are|can|will|to))\b", re.IGNORECASE)
_WHICH = re.compile(r"\b(?:quels|quelles|which|what)\b", re.IGNORECASE)
_MEANS = re.compile(
    r"\b(?:using|through|via|by \w+ing|grâce à|en \w+ant|à l['’]aide|au moyen|consiste|permet\w*|repose\w*|s['’]appuie|fonctionne|utilis\w+|"
    r"d['’]abord|puis|first|then|lets?|allow\w*|works?)\b",
    re.IGNORECASE,
)
_PRESENTS = re.compile(
    r"\b(?:(?:cet|l['’])\s?(?:article|essai|entretien|épisode|auteur|ouvrage)|ce (?:billet|rapport|document|texte|guide|dossier|podcast)|cette (?:interview|analyse|étude|page|vidéo|synthèse|conférence)|(?:this|the) (?:article|piece|post|report|essay|interview|episode|guide|paper))\b.{0,80}\b(?:explor|analys|présent|examin|revien|décri|détaill|trait|abord|interrog|compil|synthétis|propos|look|discuss|cover|describ|walk)\w*"
    r"|^\W*(?:Billet|Rapport|Article|Entretien|Interview|Note|Document|Podcast|Page|Thread|Post)\b[^.]{0,60}\b(?:signé|publié|de|sur|du)\b",
    re.IGNORECASE | re.DOTALL,
)
"""A sentence that presents its article: what it is about, not what it says."""
OPENING = 220
_LIST = re.compile(r"\(1\)|\(i\)|: .*,.*,| 1\. ", re.DOTALL)
_AT_A_PLACE = re.compile(r"\b(?:at|in|à|au|aux|en) (?:the |la |le |l['’])?[A-ZÀ-Þ]\w+")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class _Kind:
    """What kind of answer a question wants, read once."""

    question: Question
    telling: Mapping[str, frozenset[str]]
    counted: frozenset[str]
    numbers: frozenset[str]
    subject: str
    when: bool
    who: bool
    where: bool
    how: bool
    which: bool
    why: bool
    figure: bool


@cache
def weights() -> NDArray[np.float64]:
    """(features,) as learned, in the order of ``FEATURES``."""
    kept: Mapping[str, float] = json.loads(files("rag").joinpath("sentences.json").read_text(encoding="utf-8"))
    return np.asarray([kept[name] for name in FEATURES])


def described(question: Question, evidence: Sequence[Evidence]) -> NDArray[np.float64]:
    """(n, features) of some evidence."""
    kind = _kind(question)
    return np.asarray([_row(kind, item) for item in evidence]).reshape(-1, len(FEATURES))


def likeliest_first(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence with its weight (log-odds but for a constant) and its share of the likelihood, the likeliest first."""
    if not evidence:
        return []
    values = described(question, evidence) @ weights()
    likely = np.exp(values - values.max())
    shares = likely / likely.sum()
    judged = [
        item.weighing(float(value), float(share)) for item, value, share in zip(evidence, values, shares, strict=True)
    ]
    return sorted(judged, key=lambda e: (-e.weight, e.passage.chunk_id, e.start))


def _kind(question: Question) -> _Kind:
    text = question.text
    match = COUNTED.search(text)
    word = fold_accents(match[1].lower()) if match else ""
    return _Kind(
        question,
        telling_words(question),
        meanings(word, question.language) | {"w:" + word.rstrip("s")} if word else frozenset(),
        frozenset(_NUMBER.findall(text)),
        fold_accents(question.companies[0].lower()) if question.companies else "",
        bool(_WHEN.search(text)),
        bool(_WHO.search(text)),
        bool(_WHERE.search(text)),
        bool(_HOW.search(text)),
        bool(_WHICH.search(text)),
        question.intent == "why",
        question.intent in ("how-many", "compare"),
    )


def _row(kind: _Kind, item: Evidence) -> list[float]:
    text, language = item.text, item.passage.language
    keys = keys_of(text, language)
    told = [bool(mine & keys) or begins(word, keys) for word, mine in kind.telling.items()]
    there = set(_NUMBER.findall(text)) if kind.numbers else set()
    at = fold_accents(text.lower()).find(kind.subject) if kind.subject else -1
    counts = kind.figure and bool(kind.counted) and any(
        kind.counted & keys_of(text[q.span[1] : q.span[1] + 30], language) for q in item.quantities
    )  # fmt: skip
    return [
        item.names,
        item.own if kind.question.companies else 0.8,
        item.coverage,
        sum(told) / len(told) if told else 0.8,
        item.telling,
        item.around,
        math.log1p(item.new),
        1 / (1 + item.rank / 3),
        item.passage.score,
        float(language != kind.question.language),
        math.log(len(text) / TYPICAL_LENGTH),
        float(kind.figure and bool(item.quantities)),
        float(counts),
        len(kind.numbers & there) / len(kind.numbers) if kind.numbers else 0.5,
        float(kind.when and bool(find_dates(text))),
        float(kind.who and has_other_name(kind.question, text, language)),
        float(kind.where and _says_where(text, language)),
        float(kind.how and bool(_MEANS.search(text))),
        float(kind.which and bool(_LIST.search(text))),
        float(0 <= at < 30),
        float(kind.why and gives_reason(text)),
        float(kind.why and hints_at_reason(text)),
        float(item.in_article),
        float(bool(_PRESENTS.search(text[:OPENING]))),
    ]


def has_other_name(question: Question, text: str, language: str) -> bool:
    """Whether a sentence has a name that the question does not have."""
    asked = fold_accents(question.text.lower())
    return any(name not in asked for name in _hard_names(text, language))


@lru_cache(maxsize=8192)
def _hard_names(text: str, language: str) -> tuple[str, ...]:
    return tuple(i.fold for i in read_statement(text, 0, language).items if i.kind == "name" and i.hard)


def _says_where(text: str, language: str) -> bool:
    items = read_statement(text, 0, language).items
    return any(i.kind == "name" and is_place(i.fold) for i in items) or bool(_AT_A_PLACE.search(text))
