"""Numbers as news writes them, in French and English: "14 000", "14,000", "1,2 million", "mille deux cents", "3,5 %". Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_SPACE = "[ \u00a0\u202f\u2009]"
_SCALES = {
    "k": 1e3, "mille": 1e3, "thousand": 1e3, "millier": 1e3, "milliers": 1e3, "thousands": 1e3, "million": 1e6, "millions": 1e6,
    "m": 1e6, "mn": 1e6, "milliard": 1e9, "milliards": 1e9, "md": 1e9, "mds": 1e9, "mrd": 1e9, "bn": 1e9, "b": 1e9,
    "billion": 1e9, "billions": 1e9, "centaine": 100.0, "centaines": 100.0, "hundred": 100.0, "dizaine": 10.0, "dizaines": 10.0,
    "dozen": 12.0, "dozens": 12.0, "douzaine": 12.0, "trillion": 1e12,
}  # fmt: skip
_CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP", "dollar": "USD", "dollars": "USD", "euro": "EUR", "euros": "EUR", "usd": "USD", "eur": "EUR", "livres": "GBP", "pounds": "GBP"}  # fmt: skip
_EN = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}  # fmt: skip
_FR = {"un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70, "huitante": 80, "nonante": 90}  # fmt: skip
_HUNDREDS = {"cent": 100, "cents": 100, "hundred": 100}
_THOUSANDS = {
    "mille": 1000,
    "thousand": 1000,
    "million": 10**6,
    "millions": 10**6,
    "milliard": 10**9,
    "milliards": 10**9,
    "billion": 10**9,
}
_FRACTIONS = {"la moitié": 0.5, "half": 0.5, "un tiers": 1 / 3, "one third": 1 / 3, "a third": 1 / 3, "one-third": 1 / 3, "deux tiers": 2 / 3, "two thirds": 2 / 3, "two-thirds": 2 / 3, "un quart": 0.25, "a quarter": 0.25, "one quarter": 0.25, "one in four": 0.25, "un sur quatre": 0.25, "trois quarts": 0.75, "three quarters": 0.75, "three-quarters": 0.75, "un cinquième": 0.2, "one in five": 0.2, "un sur cinq": 0.2, "one in ten": 0.1, "un sur dix": 0.1, "one in three": 1 / 3, "un sur trois": 1 / 3}  # fmt: skip
_WORDS = "|".join(sorted({*_EN, *_FR, *_HUNDREDS, *_THOUSANDS}, key=len, reverse=True))
_DIGITS = rf"\d{{1,3}}(?:{_SPACE}\d{{3}})+(?!\d)(?:[.,]\d+)?|\d{{1,3}}(?:,\d{{3}})+(?!\d)(?:\.\d+)?|\d{{1,3}}(?:\.\d{{3}}){{2,}}(?!\d)|\d+(?:[.,]\d+)?"
_NUMBER = re.compile(
    rf"(?P<before>[$€£]{_SPACE}?)?(?<![\w.,-])(?:(?P<digits>{_DIGITS})|(?P<words>(?:{_WORDS})(?:(?:[ -]|{_SPACE})(?:et |and )?(?:{_WORDS}))*))(?!\w*\d)"
    rf"(?:{_SPACE}?(?P<scale>k|K|M|mille|thousands?|milliers?|millions?|mn|milliards?|Mds?|mrd|bn|B|billions?|centaines?|hundred|dizaines?|dozens?|douzaines?|trillion)(?![\w]))?"
    rf"(?:{_SPACE}?(?:d['’]|de |of )?(?P<after>%|pour{_SPACE}cent|per{_SPACE}?cent|percentage points?|points? de pourcentage|points?(?! de vente)|[$€£]|dollars?|euros?|USD|EUR|pounds|livres)(?!\w))?",
    re.IGNORECASE,
)
_FRACTION = re.compile(r"\b(?:" + "|".join(sorted(_FRACTIONS, key=len, reverse=True)) + r")\b", re.IGNORECASE)
_ABOUT = re.compile(
    r"\b(?:environ|près de|presque|quelque|autour de|à peu près|approximativement|about|around|nearly|almost|roughly|some|approximately|close to|up to|jusqu['’]à)\s+(?:de\s+|the\s+)?$",
    re.IGNORECASE,
)
_MORE = re.compile(r"\b(?:plus d[e'’]|au moins|more than|over|at least|upwards of|au-delà de)\s*$", re.IGNORECASE)
_LESS = re.compile(r"\b(?:moins d[e'’]|au plus|less than|fewer than|under|at most|no more than)\s*$", re.IGNORECASE)
_PLAIN_ARTICLES = frozenset(("un", "une", "one", "a", "six", "cent", "mille", "million"))


@dataclass(frozen=True, slots=True)
class Quantity:
    """``values`` holds more than one where a form is read in two ways ("1.200"). ``unit``: "%", "points", a currency code,
    "share" for a fraction, or "". ``bound``: "", "about", "more", "less"."""

    values: tuple[float, ...]
    unit: str
    bound: str
    span: tuple[int, int]


@lru_cache(maxsize=4096)
def find_quantities(text: str, skip: tuple[tuple[int, int], ...] = ()) -> tuple[Quantity, ...]:
    """Every quantity of a text, in order, but those inside the spans ``skip`` (dates)."""
    found = [
        Quantity((_FRACTIONS[m.group().lower()],), "share", _bound(text, m.start()), m.span())
        for m in _FRACTION.finditer(text)
    ]
    taken = [q.span for q in found] + list(skip)
    for match in _NUMBER.finditer(text):
        if any(a < match.end() and match.start() < b for a, b in taken):
            continue
        quantity = _quantity(text, match)
        if quantity is not None:
            found.append(quantity)
    return tuple(sorted(found, key=lambda q: q.span))


def _quantity(text: str, match: re.Match[str]) -> Quantity | None:
    scale_word, after = (match.group("scale") or "").lower(), (match.group("after") or "").lower()
    if digits := match.group("digits"):
        values = _read_digits(digits)
    else:
        words = match.group("words").lower()
        if words in _PLAIN_ARTICLES and not scale_word and not after:
            return None  # "un", "six" alone count nothing that could be checked.
        number = _read_words(words)
        if number is None:
            return None
        values = (number,)
    scale = _SCALES.get(scale_word, 1.0)
    unit = _unit((match.group("before") or "").strip(), after)
    if scale_word == "m" and not unit and match.group("scale") == "m":
        scale = 1.0  # Metres.
    return Quantity(tuple(v * scale for v in values), unit, _bound(text, match.start()), match.span())


def _read_digits(digits: str) -> tuple[float, ...]:
    plain = re.sub(_SPACE, "", digits)
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        return (float(plain.replace(",", "")),)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", plain):
        return (float(plain.replace(".", "")),)
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", plain):
        return (float(plain), float(plain.replace(".", "")))
    return (float(plain.replace(",", ".")),)


def _read_words(words: str) -> float | None:
    """The value of a number in words, of either language; None when the words make none."""
    total, group = 0, 0
    tokens = [t for t in re.split(r"[\s\u00a0\u202f-]+", words) if t not in ("et", "and")]
    for token in tokens:
        if token in _THOUSANDS:
            total += (group or 1) * _THOUSANDS[token]
            group = 0
        elif token in _HUNDREDS:
            group = (group or 1) * 100
        elif token in ("vingt", "vingts") and group % 100 == 4:
            group += 76  # quatre-vingts
        elif token in _EN or token in _FR:
            group += _EN.get(token) or _FR[token]
        else:
            return None
    return float(total + group)


def _unit(before: str, after: str) -> str:
    if before in _CURRENCIES:
        return _CURRENCIES[before]
    if after in _CURRENCIES:
        return _CURRENCIES[after]
    if after == "%" or ("cent" in after and "point" not in after and "percentage" not in after):
        return "%"
    return "points" if "point" in after else ""


def _bound(text: str, start: int) -> str:
    before = text[max(0, start - 24) : start]
    for name, pattern in (("more", _MORE), ("less", _LESS), ("about", _ABOUT)):
        if pattern.search(before):
            return name
    return ""


def agrees(claim: Quantity, source: Quantity) -> bool:
    """Whether a source's quantity supports a claim's: the same value and unit; what the claim only bounds or rounds may
    differ in that direction by little."""
    if claim.unit != source.unit and {claim.unit, source.unit} != {"%", "share"}:
        return False
    factor = {"%": 0.01}
    for value in claim.values:
        for other in source.values:
            a, b = (v * factor.get(q.unit, 1.0) if {claim.unit, source.unit} == {"%", "share"} else v for v, q in ((value, claim), (other, source)))  # fmt: skip
            if abs(a - b) <= 1e-9 * max(1.0, abs(a)) and _bounds_agree(claim.bound, source.bound):
                return True
            if claim.bound == "about" and not source.bound and abs(a - b) <= 0.05 * abs(b):
                return True
            if claim.bound == "more" and source.bound in ("", "more") and a < b <= 1.1 * a:
                return True
            if claim.bound == "less" and source.bound in ("", "less") and 0.9 * a <= b < a:
                return True
            if {claim.unit, source.unit} == {"%", "share"} and abs(a - b) < 0.006:
                return True
    return False


def _bounds_agree(claim: str, source: str) -> bool:
    """A bound may be dropped or softened, not turned around: "at least 500" is not "fewer than 500"."""
    return {claim, source} != {"more", "less"}
