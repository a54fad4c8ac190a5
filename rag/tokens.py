"""Text -> tokens for reading quantities, dates and names in French and English. Pure.

One pass of one pattern: numbers keep their grouping, elisions and possessives are cut off, hyphenated words are split but for
names of countries, "n't" stays on its verb, and stops are tokens of their own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from rag.stems import FUNCTION_WORDS, fold

SPACES = " \u00a0\u202f\u2009"


class Token(NamedTuple):
    """``kind``: "number", "word", "elision" (also "'s") or "stop" (any other sign). ``fold``: lower case without accents."""

    text: str
    fold: str
    start: int
    end: int
    kind: str


_COUNTRIES = r"[ÉE]tats[ \u00a0-]Unis|Royaume[ \u00a0-]Uni|United States(?: of America)?|United Kingdom|Pays[ \u00a0-]Bas|New[ \u00a0-]York|Hong[ \u00a0-]Kong|Union europ[ée]enne|European Union|Cor[ée]e[ \u00a0]du[ \u00a0]Sud|South Korea|Arabie saoudite|Saudi Arabia|Afrique du Sud|South Africa|Silicon Valley|Cor[ée]e du Nord|North Korea"
_TOKEN = re.compile(
    rf"(?P<number>\d{{1,2}}[:hH]\d{{2}}(?![\d:])|(?<![\d.,])\d{{1,3}}([{SPACES}.,’'])\d{{3}}(?:\2\d{{3}})*(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
    rf"|(?P<elision>\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’](?=[^\W_])|['’]s\b)"
    rf"|(?P<word>(?:{_COUNTRIES})(?!\w)|(?:[A-Z]\.){{2,}}|[^\W\d_]+n['’]t\b|aujourd['’]hui|[^\W\d_]+\d*[^\W_]*)"
    r"|(?P<stop>[^\s\w]|_)",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a text in order."""
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "stop"
        if match["number"]:
            kind = "number"
        written = match.group()
        folded = fold(written) if kind in ("word", "elision") else written
        if kind == "word" and "." in folded:
            folded = folded.replace(".", "")
        if "’" in folded:
            folded = folded.replace("’", "'")
        found.append(Token(written, folded, match.start(), match.end(), kind))
    return tuple(found)


_TELLTALE = {
    language: frozenset(w for w in words if w not in FUNCTION_WORDS[other] and len(w) > 1)
    for language, words, other in (("fr", FUNCTION_WORDS["fr"], "en"), ("en", FUNCTION_WORDS["en"], "fr"))
}


def language_of(found: tuple[Token, ...]) -> str:
    """ "fr" or "en" by the function words of a text; English where neither shows."""
    french = sum(t.fold in _TELLTALE["fr"] or (t.kind == "elision" and t.fold != "'s") for t in found)
    english = sum(t.fold in _TELLTALE["en"] for t in found)
    if french != english:
        return "fr" if french > english else "en"
    return "fr" if any(t.kind == "word" and not t.text.isascii() for t in found) else "en"
