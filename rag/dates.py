"""Dates and periods as a text states them, in French and English. Pure.

``rag/periods.py`` turns a question's period into bounds; here a date keeps exactly what was stated, so that "mars" supports
no "3 mars" and "mardi" is compared with a date through the article's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from rag.periods import MONTHS
from rag.stems import fold
from rag.tokens import Token, tokens

_MONTHS = {fold(name): number for name, number in MONTHS.items()} | {"sept": 9}
_FULL_MONTHS = frozenset(
    "janvier fevrier avril juin juillet aout septembre octobre novembre decembre january february april june july august september october november december".split()
)
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("lundi monday", "mardi tuesday", "mercredi wednesday", "jeudi thursday", "vendredi friday", "samedi saturday", "dimanche sunday")
    )
    for name in names.split()
}  # fmt: skip
_ORDINAL = {"premier": 1, "first": 1, "deuxieme": 2, "second": 2, "troisieme": 3, "third": 3, "quatrieme": 4, "fourth": 4, "1": 1, "2": 2, "3": 3, "4": 4}  # fmt: skip
_PARTS = {
    "debut": "start",
    "early": "start",
    "beginning": "start",
    "mi": "mid",
    "mid": "mid",
    "fin": "end",
    "late": "end",
    "end": "end",
}
_LAST = frozenset(("last", "dernier", "derniere", "passe", "passee", "previous", "precedent", "precedente"))
_NEXT = frozenset(("next", "prochain", "prochaine", "suivant", "suivante", "upcoming"))
_THIS = frozenset(("this", "ce", "cet", "cette"))
_SPANS = {
    "week": "week",
    "semaine": "week",
    "month": "month",
    "mois": "month",
    "year": "year",
    "annee": "year",
    "an": "year",
}
_DAYS = {"yesterday": -1, "hier": -1, "today": 0, "aujourd'hui": 0, "tomorrow": 1, "demain": 1, "tonight": 0}
_NUMERIC = re.compile(r"(?<![\d/.-])(?:(?P<iso>(?:19|20)\d{2}[-/]\d{1,2}[-/]\d{1,2})|(?P<month>0?[1-9]|1[0-2])/(?P<of>(?:19|20)\d{2})|(?P<a>\d{1,2})[/.](?P<b>\d{1,2})[/.](?P<y>(?:19|20)\d{2}|\d{2}(?!\d)))(?![\d/]|\.\d)")  # fmt: skip
_DAY_AND_MONTH = re.compile(r"(?<=\b[ldLD][eu] )(\d{1,2})/(\d{1,2})(?![\d/])")
_DIRECTION = (
    ("since", re.compile(r"\b(?:depuis|since|à (?:partir|compter) d[eu]|starting|from|dès|as of)\s+(?:le\s+|the\s+|l['’]|la\s+)?$", re.IGNORECASE)),
    ("by", re.compile(r"\b(?:d['’]ici(?: à| au| le)?|by|avant|before|jusqu['’](?:en|au|à)|until|till|through|prior to)\s+(?:le\s+|the\s+|la\s+|l['’])?$", re.IGNORECASE)),
    ("after", re.compile(r"\b(?:après|after|beyond|au-delà de)\s+(?:le\s+|the\s+|la\s+|l['’])?$", re.IGNORECASE)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A date as far as it is stated. ``period``: "Q1" to "Q4", "H1", "H2", "start", "mid", "end"; ``weekday`` 0 (Monday) to 6;
    ``relative``: (unit, offset) like ("year", -1); ``other`` the other reading of 03/04/2025 (month, day); ``direction``:
    "since", "by", "after" or ""."""

    year: int | None
    month: int | None
    day: int | None
    span: tuple[int, int]
    period: str = ""
    weekday: int | None = None
    relative: tuple[str, int] | None = None
    other: tuple[int, int] | None = None
    direction: str = ""


@lru_cache(maxsize=4096)
def find_dates(text: str) -> tuple[StatedDate, ...]:
    """Every date that a text states, as far as it states it, in order."""
    row = tokens(text)
    found = [made for match in _NUMERIC.finditer(text) if (made := _numeric(match))]
    found += [
        StatedDate(None, int(match[2]), int(match[1]), match.span())
        for match in _DAY_AND_MONTH.finditer(text)
        if _valid(2024, int(match[2]), int(match[1]))
    ]
    taken = [d.span for d in found]
    at = 0
    while at < len(row):
        token = row[at]
        if any(a <= token.start < b for a, b in taken):
            at += 1
            continue
        read = _date_at(row, at)
        if read is None:
            at += 1
            continue
        made, at = read
        found.append(replace(made, direction=_direction(text, made.span[0])))
    return tuple(sorted(found, key=lambda d: d.span))


def _numeric(match: re.Match[str]) -> StatedDate | None:
    if match["iso"]:
        year, month, day = (int(p) for p in re.split(r"[-/]", match["iso"]))
        return StatedDate(year, month, day, match.span()) if _valid(year, month, day) else None
    if match["of"]:
        return StatedDate(int(match["of"]), int(match["month"]), None, match.span())
    a, b, year = int(match["a"]), int(match["b"]), int(match["y"])
    year += 2000 if year < 100 else 0
    if not match["y"][2:] and "." in match.group():
        return None  # "3.10.24" is a version more often than a date.
    if _valid(year, b, a):
        return StatedDate(year, b, a, match.span(), other=(a, b) if a != b and _valid(year, a, b) else None)
    return StatedDate(year, a, b, match.span()) if _valid(year, a, b) else None


def _valid(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _date_at(row: Sequence[Token], at: int) -> tuple[StatedDate, int] | None:
    token = row[at]
    if token.kind == "number":
        return _day_first(row, at) or _bare_year(row, at) or _quarter(row, at)
    if token.kind != "word":
        return None
    word = token.fold
    if word in _WEEKDAYS:
        return _weekday(row, at)
    if word in _MONTHS:
        return _month_first(row, at)
    if word in _DAYS:
        return StatedDate(None, None, None, token[2:4], relative=("day", _DAYS[word])), at + 1
    if word in _PARTS:
        return _part(row, at)
    return _quarter(row, at) or _relative(row, at)


def _day_first(row: Sequence[Token], at: int) -> tuple[StatedDate, int] | None:
    """ "3 mars 2025", "1er mars", "3rd of March", "3-4 mars" is read at its second day."""
    digits = row[at].text
    if not digits.isdigit() or not 1 <= int(digits) <= 31:
        return None
    here = at + 1
    if here < len(row) and row[here].fold in ("er", "st", "nd", "rd", "th") and row[here].start == row[here - 1].end:
        here += 1
    while here < len(row) and row[here].fold in ("of", "de") and here < at + 3:
        here += 1
    if here >= len(row) or row[here].fold not in _MONTHS or row[here].kind != "word":
        return None
    month = _MONTHS[row[here].fold]
    year, after = _year_after(row, here + 1)
    return StatedDate(year, month, int(digits), (row[at].start, row[after - 1].end)), after


def _year_after(row: Sequence[Token], at: int) -> tuple[int | None, int]:
    here = at
    while here < len(row) and row[here].fold in (",", ".", "de", "of") and here < at + 2:
        here += 1
    if here < len(row) and _is_year(row[here]):
        return int(row[here].text), here + 1
    return None, at


def _is_year(token: Token) -> bool:
    return token.kind == "number" and len(token.text) == 4 and token.text.isdigit() and 1900 <= int(token.text) <= 2099


def _month_first(row: Sequence[Token], at: int) -> tuple[StatedDate, int] | None:
    token = row[at]
    month, here = _MONTHS[token.fold], at + 1
    if (
        here < len(row)
        and row[here].text == "."
        and len(token.text) <= 5
        and here + 1 < len(row)
        and row[here + 1].kind == "number"
    ):
        here += 1
    if here < len(row) and row[here].kind == "number" and row[here].text.isdigit() and 1 <= int(row[here].text) <= 31:
        following = row[here + 1].fold if here + 1 < len(row) else ""
        if token.text[0].isupper() and following not in ("%", "million", "millions", "milliards"):
            day, after = int(row[here].text), here + 1
            if after < len(row) and row[after].fold in ("st", "nd", "rd", "th"):
                after += 1
            year, end = _year_after(row, after)
            return StatedDate(year, month, day, (token.start, row[end - 1].end)), end
    year, after = _year_after(row, here)
    before = row[at - 1].fold if at else ""
    if year is None and token.fold not in _FULL_MONTHS:
        sure = before in (
            "en",
            "in",
            "since",
            "depuis",
            "until",
            "by",
            "of",
            "fin",
            "debut",
            "mi",
            "-",
            "last",
            "this",
            "next",
            "early",
            "late",
            "de",
            "through",
            "before",
            "after",
            "avant",
            "apres",
            "des",
        )
        if (
            token.fold not in ("mars", "mai", "may", "march")
            or not sure
            or (token.fold in ("may", "march") and token.text.islower())
        ):
            return None
    if year is None and after < len(row) and row[after].fold in (_LAST | _NEXT) and row[after].kind == "word":
        turn = -1 if row[after].fold in _LAST else 1  # "mars prochain"
        return StatedDate(None, month, None, (token.start, row[after].end), relative=("named", turn)), after + 1
    if year is None and before in ("last", "next") and token.text[0].isupper():
        turn = -1 if before == "last" else 1
        return StatedDate(None, month, None, (row[at - 1].start, row[after - 1].end), relative=("named", turn)), after
    return StatedDate(year, month, None, (token.start, row[after - 1].end)), after


def _bare_year(row: Sequence[Token], at: int) -> tuple[StatedDate, int] | None:
    token = row[at]
    if not _is_year(token):
        return None
    before = row[at - 1] if at else None
    if before is not None and (
        before.text in "$€£#"
        or (
            before.text in "-–/"
            and at > 1
            and row[at - 2].kind == "word"
            and row[at - 2].fold not in _PARTS
            and row[at - 1].start == row[at - 2].end
        )
    ):
        return None
    following = row[at + 1].fold if at + 1 < len(row) else ""
    if following in (
        "%",
        "$",
        "€",
        "£",
        "k",
        "million",
        "millions",
        "milliards",
        "postes",
        "emplois",
        "jobs",
        "employees",
        "salaries",
        "workers",
        "people",
        "personnes",
        "positions",
        "roles",
        "euros",
        "dollars",
        "employes",
        "km",
        "points",
        "customers",
        "clients",
    ):
        return None
    return StatedDate(int(token.text), None, None, token[2:4]), at + 1


def _weekday(row: Sequence[Token], at: int) -> tuple[StatedDate, int]:
    number, here = _WEEKDAYS[row[at].fold], at + 1
    while here < len(row) and row[here].fold in (",", "the", "le") and here < at + 3:
        here += 1
    full = None
    if here < len(row):
        full = (
            _day_first(row, here)
            if row[here].kind == "number"
            else _month_first(row, here)
            if row[here].fold in _MONTHS
            else None
        )
    if full is not None and full[0].day is not None:
        return replace(full[0], weekday=number, span=(row[at].start, full[0].span[1])), full[1]
    after = (
        at + 2 if at + 1 < len(row) and row[at + 1].fold in (_LAST | _NEXT) and row[at + 1].kind == "word" else at + 1
    )
    return StatedDate(None, None, None, (row[at].start, row[after - 1].end), weekday=number), after


def _part(row: Sequence[Token], at: int) -> tuple[StatedDate, int] | None:
    """ "fin 2025", "début mars", "mid-2026", "the end of March", "early next year"."""
    here = at + 1
    while here < len(row) and row[here].fold in ("-", "of", "de", "d'", "l'", "the") and here < at + 3:
        here += 1
    if here >= len(row) or row[here].kind == "elision":
        return None
    if row[here].kind == "number":
        inner = _bare_year(row, here)
    elif row[here].fold in _MONTHS:
        inner = _month_first(row, here)
    else:
        inner = _relative(row, here)
    if inner is None:
        return None
    return replace(inner[0], period=_PARTS[row[at].fold], span=(row[at].start, inner[0].span[1])), inner[1]


def _quarter(row: Sequence[Token], at: int) -> tuple[StatedDate, int] | None:
    """ "T3 2025", "Q3", "third quarter of 2025", "premier semestre", "first half of 2025", "1er trimestre", "3Q25"."""
    word = row[at].fold
    if len(word) == 2 and word[0] in "tqhs" and word[1] in "1234" and row[at].text[0].isupper():
        if word[0] in "hs" and word[1] in "34":
            return None
        kind, number, after = ("Q" if word[0] in "tq" else "H"), int(word[1]), at + 1
        sure = word[0] in "tqh"
    elif word in _ORDINAL:
        here = at + 1
        while (
            here < len(row)
            and row[here].fold in ("er", "e", "eme", "nd", "st", "rd", "th", "fiscal", "-")
            and here < at + 3
        ):
            here += 1
        if here >= len(row) or row[here].fold not in ("trimestre", "quarter", "semestre", "half"):
            return None
        kind, number, after = ("Q" if row[here].fold in ("trimestre", "quarter") else "H"), _ORDINAL[word], here + 1
        sure = row[here].fold != "half" or (after < len(row) and row[after].fold in ("of", "this"))
    else:
        return None
    here = after
    while (
        here < len(row) and row[here].fold in ("of", "de", "the", ",", "fiscal", "exercice", "l'") and here < after + 3
    ):
        here += 1
    year = None
    if here < len(row) and _is_year(row[here]):
        year, after, sure = int(row[here].text), here + 1, True
    relative = None
    if (
        year is None
        and here < len(row)
        and row[here].kind == "word"
        and (read := _relative(row, here)) is not None
        and read[0].relative
    ):
        relative, after = read[0].relative, read[1]
    if not sure:
        return None
    return StatedDate(
        year, None, None, (row[at].start, row[after - 1].end), period=f"{kind}{number}", relative=relative
    ), after


def _relative(row: Sequence[Token], at: int) -> tuple[StatedDate, int] | None:
    """ "last week", "la semaine dernière", "cette année", "l'an prochain", "next month"."""
    word = row[at].fold
    following = row[at + 1] if at + 1 < len(row) else None
    if following is None or following.kind != "word":
        return None
    if word in _SPANS and following.fold in (_LAST | _NEXT):
        offset = -1 if following.fold in _LAST else 1
        return StatedDate(None, None, None, (row[at].start, following.end), relative=(_SPANS[word], offset)), at + 2
    if following.fold in _SPANS and (word in _THIS or word in ("last", "next", "previous")):
        offset = 0 if word in _THIS else 1 if word == "next" else -1
        return StatedDate(
            None, None, None, (row[at].start, following.end), relative=(_SPANS[following.fold], offset)
        ), at + 2
    return None


def _direction(text: str, start: int) -> str:
    before = text[max(0, start - 24) : start]
    return next((name for name, pattern in _DIRECTION if pattern.search(before)), "")
