"""Where sentences begin and end, in French and English news prose. Pure.

Rules, not a model: a sentence ends at ``. ! ? …`` (with closing quotes and brackets) before white space and something
that can open a sentence, unless the word before the stop is an abbreviation, an initial, or a number's own stop. A
line break that ends a paragraph, heading or list item always ends a sentence.
"""

from __future__ import annotations

import re

Span = tuple[int, int]

_ABBREVIATIONS = frozenset(
    [
        "m",
        "mm",
        "mme",
        "mmes",
        "mlle",
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "pr",
        "st",
        "ste",
        "sr",
        "jr",
        "inc",
        "ltd",
        "corp",
        "co",
        "cie",
        "vs",
        "etc",
        "cf",
        "ex",
        "env",
        "approx",
        "no",
        "nos",
        "vol",
        "p",
        "pp",
        "art",
        "fig",
        "ed",
        "éd",
        "al",
        "av",
        "apr",
        "janv",
        "févr",
        "avr",
        "juil",
        "sept",
        "oct",
        "nov",
        "déc",
        "jan",
        "feb",
        "mar",
        "jun",
        "jul",
        "aug",
        "sep",
        "dec",
        "gen",
        "gov",
        "sen",
        "rep",
        "rev",
        "hon",
        "capt",
        "lt",
        "col",
        "sgt",
        "u.s",
        "u.k",
        "e.u",
        "u.n",
        "d.c",
        "a.m",
        "p.m",
        "e.g",
        "i.e",
        "ph.d",
        "n.y",
        "l.a",
        "bros",
        "dept",
        "est",
        "min",
        "max",
        "tél",
        "hab",
        "mds",
        "md",
        "mrd",
        "univ",
        "assn",
        "mt",
        "ft",
    ]
)
# After these an abbreviation that can close a sentence ("at 5 p.m. The", "Amazon Inc. Le") does close it.
_CLOSING = frozenset(
    ["inc", "ltd", "corp", "co", "cie", "etc", "jr", "sr", "u.s", "u.k", "e.u", "a.m", "p.m", "d.c", "hab", "bros"]
)
# None of these takes the square of what it reads, whatever that is: texts are the web's.
_FRESH_START = re.compile(
    r"\s*(?:[\"“«]\s*)?(?:The|This|That|These|It|He|She|They|But|And|In|A|An|For|Le|La|Les|Il|Elle|Ils|Elles|Un|Une|Mais|Ce|"
    r"Cette|Ces|Selon|En|Au|On)(?=\s)"
)
_STOP = re.compile(r"(?<![.!?…])[.!?…]+[\"'”’»)\]*_]*(?:\s*»[*_]*)?(?=\s|$)")
_OPENER = re.compile(r"\s*(?:[\"'“‘«(\[–—*_-]+\s*)?(?:[A-ZÀ-ÖØ-Þ0-9€$£]|[a-z]?[A-Z])")
_BREAK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*•–#]|\d+[.)])\s)|(?<=[.!?…:;»\"”])\n|\n")
LONGEST_ABBREVIATION = 80
_WORD_BEFORE = re.compile(r"([^\s(\[«“\"'’]+)$")


def sentences(text: str) -> list[Span]:
    """(start, end) of every sentence, in order, without white space around; every other character of ``text`` that is
    not white space lies in exactly one span."""
    spans: list[Span] = []
    for begin, end in _lines(text):
        spans += _split_line(text, begin, end)
    return spans


def _lines(text: str) -> list[Span]:
    borders = [0]
    for match in _BREAK.finditer(text):
        borders += [match.start(), match.end()]
    borders.append(len(text))
    return [trimmed for a, b in zip(borders[::2], borders[1::2], strict=True) if (trimmed := _trim(text, a, b))]


def _split_line(text: str, begin: int, end: int) -> list[Span]:
    spans: list[Span] = []
    start = begin
    for match in _STOP.finditer(text, begin, end):
        if match.end() >= end:
            break
        if _ends_sentence(text, start, match, end):
            if trimmed := _trim(text, start, match.end()):
                spans.append(trimmed)
            start = match.end()
    if trimmed := _trim(text, start, end):
        spans.append(trimmed)
    return spans


def _ends_sentence(text: str, start: int, stop: re.Match[str], end: int) -> bool:
    if not _OPENER.match(text, stop.end(), end):
        return False
    if stop.group()[0] != "." or len(stop.group()) > 1:
        return True
    word = _WORD_BEFORE.search(text, max(start, stop.start() - LONGEST_ABBREVIATION), stop.start())
    if word is None:
        return True
    bare = word.group(1).lower().rstrip(".")
    if len(bare) == 1 and bare.isalpha():
        return False  # An initial: "J. Smith".
    if bare.isdigit() and word.start() == start:
        return False  # "1. First of all" is one item.
    if bare in _CLOSING and _FRESH_START.match(text, stop.end(), end):
        return True
    return bare not in _ABBREVIATIONS


def _trim(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None
