"""How the passages found write the names that a question names: a person by the surname, two names side by side as two. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from corpus.analysis import fold_accents
from rag.lexicon import is_known_word
from rag.models import Passage, Question
from rag.stems import FUNCTION_WORDS

SHORTEST = 4
"""Letters of a surname that stands for the whole name."""


def as_written(question: Question, passages: Sequence[Passage]) -> Question:
    """The question with its names as the passages have them.

    "Fran Soto" becomes "Soto" where a passage that has the whole name goes on with the surname alone; "Meltwater Verdane", which no passage has,
    becomes "Meltwater" and "Verdane" where passages have both, and so does a longer run of words. A surname that is an ordinary word, or that others bear, stays whole.
    """
    texts = [f"{p.title}\n{p.text}" for p in passages]
    names = [name for whole in question.companies for name in _as_written(whole, texts)]
    return replace(question, companies=tuple(dict.fromkeys(names)))


def _as_written(name: str, texts: Sequence[str]) -> tuple[str, ...]:
    words = name.split()
    if len(words) < 2:
        return (name,)
    whole = [text for text in texts if _has(name, text)]
    if not whole:
        return tuple(_in_parts(words, texts))
    last = words[-1]
    if len(words) > 3 or len(last) < SHORTEST or not last[:1].isupper() or is_known_word(fold_accents(last.lower())):
        return (name,)
    alone = re.compile(rf"(?<![\w’'-])(?:(\w+) )?{re.escape(last)}(?!\w)")
    before = [match[1] or "" for text in texts for match in alone.finditer(text)]
    others = {word for word in before if word[:1].isupper() and word not in words and not _is_word(word)}
    return (last,) if any(word not in words for word in before) and not others else (name,)


def _in_parts(words: Sequence[str], texts: Sequence[str]) -> list[str]:
    """A run of words that no text has as the longest runs that one has; the whole where some word of it is in none."""
    parts: list[str] = []
    at = 0
    while at < len(words):
        if not words[at][:1].isupper() and words[at].islower():
            at += 1  # "Software Factory de StrongDM"
            continue
        end = next((n for n in range(len(words), at, -1) if any(_has(" ".join(words[at:n]), t) for t in texts)), None)
        if end is None:
            return [" ".join(words)]
        parts.append(" ".join(words[at:end]))
        at = end
    return parts or [" ".join(words)]


def _is_word(word: str) -> bool:
    """An ordinary word, which has its capital from its place: "Selon Merle"."""
    folded = fold_accents(word.lower())
    return any(folded in listed for listed in FUNCTION_WORDS.values()) or is_known_word(folded)


def _has(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(fold_accents(name.lower()))}(?!\w)", fold_accents(text.lower())) is not None
