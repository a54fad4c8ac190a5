"""Numbers as news writes them, in French and English: "14 000", "14,000", "1,2 million", "mille deux cents", "3,5 %". Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.tokens import SPACES, Token, language_of, tokens

_SCALES = {
    "k": 1e3, "mille": 1e3, "thousand": 1e3, "millier": 1e3, "milliers": 1e3, "thousands": 1e3, "million": 1e6, "millions": 1e6,
    "mn": 1e6, "mio": 1e6, "milliard": 1e9, "milliards": 1e9, "md": 1e9, "mds": 1e9, "mrd": 1e9, "mrds": 1e9, "bn": 1e9,
    "trillion": 1e12, "trillions": 1e12, "tn": 1e12, "hundred": 1e2, "dozen": 12.0, "dozens": 12.0, "lakh": 1e5, "crore": 1e7,
}  # fmt: skip
_ATTACHED = {"m": 1e6, "b": 1e9, "t": 1e12}
_COLLECTIVES = {"dizaine": 10.0, "douzaine": 12.0, "quinzaine": 15.0, "vingtaine": 20.0, "trentaine": 30.0, "quarantaine": 40.0, "cinquantaine": 50.0, "soixantaine": 60.0, "centaine": 100.0, "millier": 1e3, "dozen": 12.0, "hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "milliard": 1e9}  # fmt: skip
_VAGUE = {"dizaines": 10.0, "douzaines": 12.0, "dozens": 12.0, "centaines": 100.0, "hundreds": 100.0, "milliers": 1e3, "thousands": 1e3, "millions": 1e6, "milliards": 1e9, "billions": 1e9}  # fmt: skip
CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "dollar": "USD", "dollars": "USD", "euro": "EUR", "euros": "EUR", "usd": "USD", "eur": "EUR", "gbp": "GBP", "livres": "GBP", "pounds": "GBP", "pound": "GBP", "yen": "JPY", "yens": "JPY", "yuan": "CNY", "yuans": "CNY", "rmb": "CNY", "roupies": "INR", "rupees": "INR", "won": "KRW", "wons": "KRW", "francs": "CHF", "chf": "CHF", "bitcoin": "BTC", "bitcoins": "BTC"}  # fmt: skip
_SMALL = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "twice": 2, "thrice": 3, "zero": 0, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11,
    "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40,
    "cinquante": 50, "soixante": 60, "septante": 70, "huitante": 80, "octante": 80, "nonante": 90,
}  # fmt: skip
_ENGLISH = frozenset(
    "one two three four five seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty".split()
)
_HUNDREDS = {"cent": 100, "cents": 100, "hundred": 100}
_THOUSANDS = {
    "mille": 1e3,
    "thousand": 1e3,
    "million": 1e6,
    "millions": 1e6,
    "milliard": 1e9,
    "milliards": 1e9,
    "trillion": 1e12,
}
_NUMBER_WORDS = frozenset((*_SMALL, *_HUNDREDS, *_THOUSANDS, "billion", "billions"))
_ORDINALS = {
    "first": 1, "premier": 1, "premiere": 1, "premiers": 1, "premieres": 1, "second": 2, "deuxieme": 2, "seconde": 2, "third": 3,
    "troisieme": 3, "fourth": 4, "quatrieme": 4, "fifth": 5, "cinquieme": 5, "sixth": 6, "sixieme": 6, "seventh": 7, "septieme": 7,
    "eighth": 8, "huitieme": 8, "ninth": 9, "neuvieme": 9, "tenth": 10, "dixieme": 10, "twentieth": 20, "vingtieme": 20, "centieme": 100, "millionieme": 1e6,
    "millionth": 1e6,
}  # fmt: skip
_ALONE = frozenset(("un", "une", "one", "million", "milliard", "billion", "cent", "cents", "zero"))
_ORDINAL_ENDINGS = frozenset(("er", "re", "ere", "e", "eme", "nd", "nde", "st", "rd", "th", "ieme"))
_PARTS = {
    "tiers": 3, "third": 3, "thirds": 3, "quart": 4, "quarts": 4, "quarter": 4, "quarters": 4, "cinquieme": 5, "cinquiemes": 5, "fifth": 5,
    "fifths": 5, "dixieme": 10, "dixiemes": 10, "tenth": 10, "tenths": 10, "sixieme": 6, "sixth": 6, "huitieme": 8, "eighth": 8,
}  # fmt: skip
_ABOUT = re.compile(
    r"\b(?:environ|quelques?|autour de|à peu près|approximativement|about|around|roughly|some|approximately|close to|dans les|ordre de|proche de|circa|an estimated)\s+(?:de\s+|d['’]|the\s+)?$|[~≈]\s*$",
    re.IGNORECASE,
)
_NEARLY = re.compile(r"\b(?:près d[e'’]|presque|nearly|almost|quasiment|pas loin d[e'’])\s*$", re.IGNORECASE)
_MORE = re.compile(
    r"\b(?:plus d[e'’]|au moins|au minimum|more than|over|at least|upwards of|au-delà de|above|exceeding|excède|dépass\w+|minimum de|supérieure? à)\s*(?:l[ea]s?\s|the\s|an?\s|une?\s|d['’])?\s*[$€£]?$|>\s*$",
    re.IGNORECASE,
)
_LESS = re.compile(
    r"\b(?:moins d[e'’]|au plus|less than|fewer than|under|at most|no more than|up to|as many as|as much as|jusqu['’]à|below|au maximum|maximum de|inférieure? à|sous les|à peine|barely)\s*(?:l[ea]s?\s|the\s|an?\s|une?\s|d['’])?\s*[$€£]?$|<\s*$",
    re.IGNORECASE,
)
_OVER = re.compile(r"\bover (?:the (?:next|last|past) )?$", re.IGNORECASE)
_SPAN_AFTER = re.compile(r"\s?-?(?:years?|months?|weeks?|days?|quarters?|decades?)\b", re.IGNORECASE)
_MORE_AFTER = re.compile(r"\s?(?:\+(?!\d)|(?:ou|et|or|and) (?:plus|more|above)\b)", re.IGNORECASE)
_RANGE_JOINTS = frozenset(("a", "to", "-", "–", "—", "et", "and", "ou", "or"))


@dataclass(frozen=True, slots=True)
class Quantity:
    """``values`` holds more than one where a form is read in two ways ("1.200"). ``unit``: "%", "points", a currency code,
    "share" for a fraction, "ordinal", or "". ``bound``: "", "about", "nearly", "more", "less", "low" and "high" (the ends of
    a range), "vague" ("hundreds")."""

    values: tuple[float, ...]
    unit: str
    bound: str
    span: tuple[int, int]


@lru_cache(maxsize=4096)
def find_quantities(text: str, skip: tuple[tuple[int, int], ...] = ()) -> tuple[Quantity, ...]:
    """Every quantity of a text, in order, but those inside the spans ``skip`` (dates)."""
    found: list[Quantity] = []
    row = tokens(text)
    language = language_of(row)
    at = 0
    while at < len(row):
        token = row[at]
        if any(a <= token.start < b for a, b in skip):
            at += 1
            continue
        read = quantity_at(text, row, at, language)
        if read is None:
            at += 1
        else:
            made, at = read
            found += made
    return tuple(q for q in found if not any(a < q.span[1] and q.span[0] < b for a, b in skip))


def quantity_at(text: str, row: Sequence[Token], at: int, language: str) -> tuple[list[Quantity], int] | None:
    """The quantities that begin at a token (two for a range) and the next token's place; None when none begins there."""
    first = _single(text, row, at, language)
    if first is None:
        return None
    low, after = first
    joint = row[after] if after < len(row) else None
    if joint is not None and joint.fold in _RANGE_JOINTS and low.unit != "ordinal":
        between = re.search(
            r"\b(?:entre|between)\s+[$€£]?$", text[max(0, low.span[0] - 12) : low.span[0]], re.IGNORECASE
        )
        second = (
            _single(text, row, after + 1, language) if joint.fold not in ("et", "and", "ou", "or") or between else None
        )
        if second is not None and second[0].unit != "ordinal":
            high, end = second
            alone = low
            scale = _scale_of(row, after + 1, end)
            if not low.unit and high.unit and high.unit != "share":
                low = replace(low, unit=high.unit)
            if low.unit and not high.unit and low.unit not in ("%", "points", "share"):
                high = replace(high, unit=low.unit)
            if scale > 1 and max(low.values) < 1000 and _scale_of(row, at, after) == 1:
                low = replace(low, values=tuple(v * scale for v in low.values))
            if low.unit == high.unit and min(low.values) < max(high.values):
                return [replace(low, bound="low"), replace(high, bound="high")], end
            low = alone
    return [low], after


def _scale_of(row: Sequence[Token], at: int, end: int) -> float:
    """The scale among the tokens of a quantity: "millions", or the M of "M$"."""
    return max(
        (_SCALES.get(t.fold) or (_ATTACHED.get(t.fold, 1.0) if t.text == "M" else 1.0) for t in row[at:end]),
        default=1.0,
    )


def _single(text: str, row: Sequence[Token], at: int, language: str) -> tuple[Quantity, int] | None:
    if at >= len(row):
        return None
    token = row[at]
    start, currency = token.start, ""
    written_before = token.kind == "stop" or token.text.isupper()  # "$3", "EUR 3"; "won 3" is no money.
    if token.text in CURRENCIES and written_before and at + 1 < len(row) and row[at + 1].kind == "number":
        currency = CURRENCIES[token.text]
        at += 1
        token = row[at]
    if not currency and (share := _share(text, row, at)) is not None:
        return share
    if token.kind == "number":
        values: tuple[float, ...] = read_digits(token.text)
        after = at + 1
        if after < len(row) and row[after].start == token.end and row[after].fold in _ORDINAL_ENDINGS:
            return Quantity(values, "ordinal", "", (start, row[after].end)), after + 1
    elif token.fold in _VAGUE and token.kind == "word":
        return Quantity((_VAGUE[token.fold],), _unit_after(row, at + 1)[0], "vague", token[2:4]), _unit_after(
            row, at + 1
        )[1]
    elif token.fold in ("un", "une", "a", "an", "one", "half") and (collective := _collective(row, at, language)):
        value, approximate, after = collective
        unit, after = _unit_after(row, after)
        bound = _bound(text, start, row[after - 1].end) or ("about" if approximate else "")
        return Quantity((value,), unit, bound, (start, row[after - 1].end)), after
    elif token.fold in _NUMBER_WORDS and token.kind == "word":
        words = read_words(row, at, language)
        if words is None:
            return None
        value, after = words
        values = (value,)
        if after == at + 1 and token.fold in _ALONE:
            unit, _ = _unit_after(row, after)
            if not unit:
                return None  # "un", "one" alone count nothing that could be checked.
    elif token.fold in _ORDINALS and token.kind == "word":
        return Quantity((float(_ORDINALS[token.fold]),), "ordinal", "", token[2:4]), at + 1
    else:
        return None
    scale, after = _scale(row, after, language, currency)
    values = tuple(v * scale for v in values)
    unit, after = _unit_after(row, after)
    end = row[after - 1].end
    return Quantity(values, currency or unit, _bound(text, start, end), (start, end)), after


def _scale(row: Sequence[Token], at: int, language: str, currency: str) -> tuple[float, int]:
    if at + 1 < len(row) and row[at].text == "-" and row[at + 1].fold in _THOUSANDS:
        at += 1  # "a 750-million-euro fund"
    if at >= len(row) or row[at].kind != "word":
        return 1.0, at
    word, attached = row[at].fold, row[at].start == row[at - 1].end
    money = currency or (at + 1 < len(row) and row[at + 1].text in CURRENCIES)
    if word in ("billion", "billions"):
        return (1e12 if language == "fr" else 1e9), at + 1
    if word in _SCALES and word != "cents":
        scale = _SCALES[word]
        following = (
            _scale(row, at + 1, language, currency) if word in ("mille", "hundred", "thousand", "million") else None
        )
        return (scale * following[0], following[1]) if following and following[0] > 1 else (scale, at + 1)
    if word in _ATTACHED and (attached or (money and row[at].text == "M")):
        return _ATTACHED[word], at + 1
    return 1.0, at


def _unit_after(row: Sequence[Token], at: int) -> tuple[str, int]:
    if at >= len(row):
        return "", at
    here = at
    while here < len(row) and row[here].fold in ("d'", "de", "of", "us", "-") and here < at + 2:
        here += 1
    if here >= len(row):
        return "", at
    token = row[here]
    after = row[here + 1].fold if here + 1 < len(row) else ""
    if token.text == "%":
        return "%", here + 1
    if token.fold in ("pour", "per") and after in ("cent", "cents"):
        return "%", here + 2
    if token.fold == "percentage" and after in ("point", "points"):
        return "points", here + 2
    if token.fold in ("percent", "pct", "pc"):
        return "%", here + 1
    if token.fold in ("point", "points"):
        more = [t.fold for t in row[here + 1 : here + 3]]
        return "points", here + 3 if more in (["de", "pourcentage"], ["de", "pourcent"]) else here + 1
    if token.text in CURRENCIES or (token.kind == "word" and token.fold in CURRENCIES):
        return CURRENCIES.get(token.text) or CURRENCIES[token.fold], here + 1
    return "", at


def _collective(row: Sequence[Token], at: int, language: str) -> tuple[float, bool, int] | None:
    """ "une centaine", "a dozen", "un millier", "half a million", "a billion": value, whether only about, next place."""
    factor, here = 1.0, at + 1
    if row[at].fold == "half" and here < len(row) and row[here].fold == "a":
        factor, here = 0.5, here + 1
    elif row[at].fold == "half":
        return None
    if here < len(row) and row[here].fold in ("demi", "-"):
        while here < len(row) and row[here].fold in ("demi", "-"):
            factor = 0.5 if row[here].fold == "demi" else factor
            here += 1
    if here >= len(row) or row[here].fold not in _COLLECTIVES:
        return None
    word = row[here].fold
    value = 1e12 if word == "billion" and language == "fr" else _COLLECTIVES[word]
    if word in ("hundred", "thousand") and row[at].fold == "one":
        return None  # "one hundred and twenty" is read as words.
    if here + 2 < len(row) and row[here + 1].fold in ("et", "and") and row[here + 2].fold in ("demi", "demie"):
        return value * 1.5, False, here + 3
    scale, after = (
        _scale(row, here + 1, language, "")
        if word in ("hundred", "thousand", "centaine", "dizaine")
        else (1.0, here + 1)
    )
    return factor * value * scale, word.endswith("aine"), after


def _share(text: str, row: Sequence[Token], at: int) -> tuple[Quantity, int] | None:
    """ "la moitié", "un tiers", "three quarters", "one in five", "9 sur 10"."""
    token = row[at]
    if token.fold in ("moitie", "half", "mi") and token.kind == "word":
        if (
            token.fold == "mi"
            or (at + 1 < len(row) and row[at + 1].fold in ("a", "-", "an"))
            or (at and row[at - 1].fold in ("first", "second", "premiere", "seconde"))
        ):
            return None
        return Quantity((0.5,), "share", _bound(text, token.start, token.end), token[2:4]), at + 1
    count = float(_SMALL[token.fold]) if token.fold in _SMALL else 1.0 if token.fold in ("a", "an") else 0.0
    if token.kind == "number" and len(token.text) <= 2:
        count = float(token.text)
    if not count or at + 1 >= len(row):
        return None
    here = at + 2 if row[at + 1].text in ("-", "‑") and at + 2 < len(row) else at + 1
    part = row[here].fold in _PARTS and (token.kind == "word" or row[here].fold in ("tiers", "thirds"))
    if part and count < _PARTS[row[here].fold]:
        if row[here].fold in ("third", "quarter", "fifth", "sixth", "tenth", "eighth") and not _counts_a_part(
            row, at, here
        ):
            return None
        span = (token.start, row[here].end)
        return Quantity((count / _PARTS[row[here].fold],), "share", _bound(text, *span), span), here + 1
    if (
        at + 3 < len(row)
        and row[at + 1].kind == "word"
        and row[at + 2].fold in ("sur", "in")
        and row[at + 1].fold not in _NUMBER_WORDS
    ):
        at += 1  # "un comptable sur cinq"
    words = [t.fold for t in row[at + 1 : at + 4]]
    skip = 3 if words[:2] == ["out", "of"] else 2 if words[:1] in (["sur"], ["in"]) else 0
    if skip and at + skip < len(row):
        whole = row[at + skip]
        of = float(whole.text) if whole.kind == "number" and whole.text.isdigit() else float(_SMALL.get(whole.fold, 0))
        if (
            1 < of <= 100
            and count < of
            and (skip != 2 or words[0] != "in" or count == 1 or of in (5.0, 10.0, 100.0))
            and whole.fold not in ("un", "une", "one")
        ):
            span = (token.start, whole.end)
            return Quantity((count / of,), "share", _bound(text, *span), span), at + skip + 1
    return None


def _counts_a_part(row: Sequence[Token], at: int, here: int) -> bool:
    """ "a third of the staff", "one-third" are shares; "a third round", "a quarter later" are not."""
    return here > at + 1 or (here + 1 < len(row) and row[here + 1].fold in ("of", "des", "de", "du", "d'"))


def read_digits(digits: str) -> tuple[float, ...]:
    """The value of a number in digits with any grouping; two where the form is read in two ways ("1.200")."""
    plain = re.sub(rf"[{SPACES}’']", "", digits)
    if clock := re.fullmatch(r"(\d{1,2})[:hH](\d{2})", plain):  # Minutes, of either half of the day.
        minutes = 60.0 * int(clock[1]) + int(clock[2])
        return (minutes, minutes + 720) if int(clock[1]) <= 12 else (minutes,)
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", plain):
        return (float(plain.replace(",", "")),)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?", plain):
        return (float(plain.replace(".", "").replace(",", ".")),)
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}(?:,\d+)?", plain):
        whole = float(plain.replace(".", "").replace(",", "."))
        return (whole,) if "," in plain else (float(plain), whole)
    plain = plain.replace(",", ".")
    if plain.count(".") > 1:  # A version or a section: "3.5.1" is compared digit by digit.
        head, *rest = plain.split(".")
        return (float(head + "." + "".join(f"{int(p) % 1000:03d}" for p in rest)),)
    return (float(plain),)


def read_words(row: Sequence[Token], at: int, language: str = "") -> tuple[float, int] | None:
    """The value of a number in words that begins at a token, of either language, and the next token's place."""
    total, group, here, last = 0.0, 0.0, at, at
    before = ""
    while here < len(row):
        word = row[here].fold
        if word in ("-", "et", "and", "‑") and here > at:
            if (
                here + 1 < len(row)
                and row[here + 1].fold in _NUMBER_WORDS
                and (
                    word == "-"
                    or before in _HUNDREDS
                    or before in _THOUSANDS
                    or row[here + 1].fold in ("un", "une", "onze")
                )
                and not (word != "-" and row[here + 1].fold in _THOUSANDS)
            ):
                here += 1
                continue
            break
        if row[here].kind != "word":
            break
        if word in ("billion", "billions"):
            total, group = total + (group or 1) * (1e12 if language == "fr" else 1e9), 0
        elif word in _THOUSANDS:
            total, group = total + (group or 1) * _THOUSANDS[word], 0
        elif word in _HUNDREDS:
            if group >= 100 or (word == "cents" and before in _ENGLISH):
                break
            group = (group or 1) * 100
        elif word in ("vingt", "vingts") and group % 100 == 4:
            group += 76  # quatre-vingts
        elif word in _SMALL:
            value = _SMALL[word]
            tail = group % 100
            if here > at and not (
                (tail == 0 and (group or total)) or (tail in (20, 30, 40, 50, 60, 70, 80, 90, 10) and value < 20)
            ):
                break
            group += value
        else:
            break
        before = word
        here += 1
        last = here
    return (total + group, last) if last > at else None


def _bound(text: str, start: int, end: int) -> str:
    before = text[max(0, start - 28) : start]
    if _MORE_AFTER.match(text, end):
        return "more"
    if _OVER.search(before) and _SPAN_AFTER.match(text, end):
        return ""  # "over three years" is how long as often as how much.
    for name, pattern in (("more", _MORE), ("less", _LESS), ("nearly", _NEARLY), ("about", _ABOUT)):
        if pattern.search(before):
            return name
    return ""
