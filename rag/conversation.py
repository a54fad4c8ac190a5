"""Follow-ups become whole questions: "et chez Google ?", "why?", "and since then?". By rule. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from rag.question import read_question

_FOLLOW = re.compile(
    r"^\s*(?:et\b|and\b|mais\b|but\b|pourquoi\s*\??$|why\s*\??$|depuis\b.{0,20}\??$|since then|quand\s*\??$|when\s*\??$|où\s*\??$|where\s*\??$|qui\s*\??$|who\s*\??$|combien\s*\??$|how many\s*\??$|what about\b|how about\b|qu['’]en est-il\b|même question|same question|en (?:19|20)\d\d\s*\??$|in (?:19|20)\d\d\s*\??$)",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^\s*(?:et|and|mais|but|what about|how about|qu['’]en est-il (?:de|d['’]|chez|pour)?|même question pour|same question for)\b\s*[,:]?\s*",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(r"^(?:chez|à|a|at|for|pour|in|en|de|d['’]|with)\s+", re.IGNORECASE)
_SINCE_THEN = re.compile(r"\b(?:depuis|since then|since)\s*\??$", re.IGNORECASE)
_PRONOUN = re.compile(
    r"\b(?:il|elle|ils|elles|it|they|the company|l['’]entreprise|le groupe|la société|ce groupe|cette entreprise)\b|-t-(?:il|elle|ils|elles)\b",
    re.IGNORECASE,
)
LONGEST_FOLLOW_UP = 90
"""Characters: a longer question says what it is about."""


def whole_question(text: str, history: Sequence[str], now: datetime) -> str:
    """``text`` made whole by the questions before it, the last one first; itself where it stands alone."""
    asked = " ".join(text.split())
    if not history or not asked or len(asked) > LONGEST_FOLLOW_UP:
        return asked
    before = whole_question(history[-1], history[:-1], now)
    here, there = read_question(asked, now), read_question(before, now)
    if not _FOLLOW.match(asked):
        if here.companies or not there.companies or not _PRONOUN.search(asked):
            return asked
        return f"{asked.rstrip(' ?')} ({', '.join(there.companies)}) ?"
    rest = _LEADING.sub("", asked).strip(" ?")
    if _SINCE_THEN.search(asked):
        return f"{before.rstrip(' ?')}, {'les derniers chiffres' if there.language == 'fr' else 'the latest'} ?"
    if here.companies and there.companies:
        name = _PREPOSITION.sub("", rest)
        return before.replace(there.companies[0], here.companies[0] if here.companies[0] in name else name)
    if here.companies:
        return f"{before.rstrip(' ?')} {rest} ?"
    return f"{rest} : {before}" if there.language == "fr" else f"{rest}: {before}"
