"""Dates and periods as news questions name them, in French and English, against a given now. Pure.

A small bilingual grammar of our own: dateparser answers None for "mardi dernier", "since October" and "au T3 2025".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier january jan janv",
            "février fevrier february feb févr",
            "mars march mar",
            "avril april apr avr",
            "mai may",
            "juin june jun",
            "juillet july jul juil",
            "août aout august aug",
            "septembre september sep sept",
            "octobre october oct",
            "novembre november nov",
            "décembre decembre december dec déc",
        ),
        start=1,
    )
    for name in names.split()
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("lundi monday", "mardi tuesday", "mercredi wednesday", "jeudi thursday", "vendredi friday", "samedi saturday",
         "dimanche sunday")
    )
    for name in names.split()
}  # fmt: skip
_UNITS = {
    "jour": 1, "jours": 1, "day": 1, "days": 1, "semaine": 7, "semaines": 7, "week": 7, "weeks": 7, "mois": 30, "month": 30,
    "months": 30, "an": 365, "ans": 365, "année": 365, "années": 365, "year": 365, "years": 365, "heures": 1, "hours": 1,
}  # fmt: skip
_SMALL = {
    "un": 1, "une": 1, "a": 1, "one": 1, "deux": 2, "two": 2, "trois": 3, "three": 3, "quatre": 4, "four": 4, "cinq": 5,
    "five": 5, "six": 6, "sept": 7, "seven": 7, "dix": 10, "ten": 10, "douze": 12, "twelve": 12, "quinze": 15,
}  # fmt: skip
_M = "|".join(sorted(MONTHS, key=len, reverse=True))
_D = "|".join(_WEEKDAYS)
_U = "|".join(sorted(_UNITS, key=len, reverse=True))
_N = r"\d{1,3}|" + "|".join(_SMALL)
_YEAR = r"(?:19|20)\d{2}"


@dataclass(frozen=True, slots=True)
class Period:
    """``since`` inclusive, ``until`` exclusive; ``span`` is where it stands in the text; ``strict``: it limits by date of
    publication ("since", "last week") rather than naming when something happened ("in October 2025")."""

    since: datetime | None
    until: datetime | None
    span: tuple[int, int]
    strict: bool


_DAY = rf"(?:(?P<d1>\d{{1,2}})(?:er|st|nd|rd|th)?\s+(?:de\s+|of\s+)?(?P<m1>{_M})\.?(?:,?\s+(?P<y1>{_YEAR}))?|(?P<m2>{_M})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<y2>{_YEAR}))?|(?P<iso>{_YEAR}-\d{{2}}-\d{{2}}))"
_MONTH = rf"(?P<mm>{_M})\.?\s+(?:de\s+|of\s+)?(?P<my>{_YEAR})"
_QUARTER = rf"(?:(?:T|Q)(?P<q>[1-4])|(?P<qn>premier|deuxième|second|troisième|quatrième|first|third|fourth|1er|2e|3e|4e)\s+(?:trimestre|quarter))\s*(?:de\s+|of\s+|,\s*)?(?P<qy>{_YEAR})?"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("last-n", rf"\b(?:ces |les |the |dans les |in the |over the |au cours des |during the )?(?:(?P<n1>{_N})\s+(?:derniers|dernières|last|past)\s+(?P<u1>{_U})|(?:last|past|derniers|dernières)\s+(?P<n2>{_N})\s+(?P<u2>{_U}))\b"),
        ("ago", rf"\b(?:depuis|since|il y a)\s+(?P<n3>{_N})\s+(?P<u3>{_U})\b"),
        ("relative", r"\b(?P<rel>la semaine dernière|la semaine passée|last week|cette semaine|this week|le mois dernier|last month|ce mois-ci|ce mois|this month|de la semaine(?! (?:derni|pass|proch|du|de|des))|of the week(?! of)|du mois(?= ?[?.!]?$)|of the month|du jour(?= ?[?.!]?$)|of the day|l['’]an dernier|l['’]année dernière|last year|cette année|this year|aujourd['’]hui|today|hier|yesterday)\b"),
        ("weekday", rf"\b(?:(?P<w1>{_D})\s+(?:dernier|passé)|last\s+(?P<w2>{_D})|(?:since|depuis)\s+(?P<w3>{_D}))\b"),
        ("day", rf"(?<![\w.,]){_DAY}(?![\w-])"),
        ("month", rf"\b{_MONTH}\b"),
        ("quarter", rf"\b{_QUARTER}(?!\w)"),
        ("bare-month", rf"\b(?:en|in|since|depuis|before|avant|fin|début|mi-)\s*(?P<bm>{_M})\b(?!\s+\d)"),
        ("year", rf"\b(?:en|in|since|depuis|before|avant|de|of|année|year|from)\s+(?P<year>{_YEAR})\b"),
    )
)  # fmt: skip
_SINCE = re.compile(
    r"\b(?:depuis|since|après|after|à partir d[eu]|from)\s+(?:le\s+|the\s+|la\s+|début\s+|fin\s+|the\s+)?$",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\b(?:avant|before|jusqu['’](?:au|à|en)|until|up to)\s+(?:le\s+|the\s+|la\s+|fin\s+)?$", re.IGNORECASE
)

_HORIZON = re.compile(
    r"\b(?:d['’]ici(?: à| au| le| la)?(?: la)?(?: fin| début)?(?: de| d['’])?|by(?: the)?(?: end| start)?(?: of)?|horizon|by late|by early|by mid)\s*$",
    re.IGNORECASE,
)
"""What stands before the date by which something is to be done: that is no time to look for news of."""


def find_periods(text: str, now: datetime) -> list[Period]:
    """Every date and period that a text names, in order, none inside another."""
    found: list[Period] = []
    for name, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(p.span[0] < match.end() and match.start() < p.span[1] for p in found):
                continue
            period = _read(name, match, text, now)
            if period is not None and not _HORIZON.search(text[: match.start()]):
                found.append(period)
    return sorted(found, key=lambda p: p.span)


def _read(name: str, match: re.Match[str], text: str, now: datetime) -> Period | None:
    value = {k: v for k, v in match.groupdict().items() if v is not None}
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        bounds, strict = _bounds(name, value, today)
    except (ValueError, OverflowError):
        return None
    since, until = bounds
    before = text[: match.start()]
    opening = match.group()
    if _SINCE.search(before) or re.match(r"(?:depuis|since)\b", opening, re.IGNORECASE):
        return Period(since, None, match.span(), True)
    if _BEFORE.search(before) or re.match(r"(?:avant|before)\b", opening, re.IGNORECASE):
        return Period(None, since, match.span(), True)
    # "last week's game" names the game: it does not limit the news to that week.
    named = re.match(r"['’]s\b", text[match.end() :]) is not None
    return Period(since, until, match.span(), strict and not named)


def _bounds(name: str, value: dict[str, str], today: datetime) -> tuple[tuple[datetime, datetime | None], bool]:
    day = timedelta(days=1)
    if name in ("last-n", "ago"):
        number = next(v for k, v in value.items() if k.startswith("n"))
        unit = next(v for k, v in value.items() if k.startswith("u"))
        count = int(number) if number.isdigit() else _SMALL[number.lower()]
        return (today - day * count * _UNITS[unit.lower()], None), True
    if name == "relative":
        return _relative(value["rel"].lower().replace("’", "'"), today), True
    if name == "weekday":
        wanted = _WEEKDAYS[next(iter(value.values())).lower()]
        start = today - day * ((today.weekday() - wanted) % 7 or 7)
        return (start, start + day), True
    if name == "day":
        start = _day(value, today)
        return (start, start + day), False
    if name == "month":
        return _month(int(value["my"]), MONTHS[value["mm"].lower()]), False
    if name == "bare-month":
        month = MONTHS[value["bm"].lower()]
        return _month(today.year - (month > today.month), month), False
    if name == "quarter":
        names = ("premier first 1er", "deuxième second 2e", "troisième third 3e", "quatrième fourth 4e")
        number = value.get("q") or str(1 + next(i for i, n in enumerate(names) if value["qn"].lower() in n.split()))
        year = int(value.get("qy", today.year))
        start = datetime(year, 3 * int(number) - 2, 1, tzinfo=UTC)
        return (start, _month(year, 3 * int(number))[1]), False
    year = int(value["year"])
    return (datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)), False


def _day(value: dict[str, str], today: datetime) -> datetime:
    if "iso" in value:
        return datetime.fromisoformat(value["iso"]).replace(tzinfo=UTC)
    month = MONTHS[(value.get("m1") or value["m2"]).lower()]
    number = int(value.get("d1") or value["d2"])
    stated = value.get("y1") or value.get("y2")
    if stated:
        return datetime(int(stated), month, number, tzinfo=UTC)
    this_year = datetime(today.year, month, number, tzinfo=UTC)
    # A day without a year is the last one there was, with some days' grace for what is announced.
    return this_year if this_year <= today + timedelta(days=15) else this_year.replace(year=today.year - 1)


def _month(year: int, month: int) -> tuple[datetime, datetime]:
    start = datetime(year, month, 1, tzinfo=UTC)
    return start, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)


def _relative(words: str, today: datetime) -> tuple[datetime, datetime | None]:
    day = timedelta(days=1)
    monday = today - day * today.weekday()
    first = today.replace(day=1)
    table: dict[str, tuple[datetime, datetime | None]] = {
        "cette semaine": (monday, None),
        "this week": (monday, None),
        "de la semaine": (today - 7 * day, None),
        "of the week": (today - 7 * day, None),
        "du mois": (today - 30 * day, None),
        "of the month": (today - 30 * day, None),
        "du jour": (today, None),
        "of the day": (today, None),
        "ce mois": (first, None),
        "ce mois-ci": (first, None),
        "this month": (first, None),
        "cette année": (first.replace(month=1), None),
        "this year": (first.replace(month=1), None),
        "aujourd'hui": (today, None),
        "today": (today, None),
        "hier": (today - day, today),
        "yesterday": (today - day, today),
    }
    if words in table:
        return table[words]
    if "semaine" in words or "week" in words:
        return monday - 7 * day, monday
    if "mois" in words or "month" in words:
        return (first - day).replace(day=1), first
    return first.replace(year=today.year - 1, month=1), first.replace(month=1)
