"""Whether a sentence is about whom, when and where a question asks: its names, its time, its places. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from corpus.analysis import fold_accents
from rag.dates import StatedDate, find_dates
from rag.lexicon import is_known_word
from rag.models import Passage, Question
from rag.names import canonical, is_place
from rag.reading import read_statement

_BODIES = frozenset("google meta opec who un nato imf ilo oecd wto ecb fed ceo ai gdp gdpr cnil hr llm".split())
"""Keys of the table of names that are no places."""
_RESULTS_WITHIN = timedelta(days=60)
_QUARTER = re.compile(r"\b(?:quarter(?:ly)?|trimestre|trimestriel\w*)\b", re.IGNORECASE)
_REPORTED_WITHIN = timedelta(days=3)
"""An article of the first days after a period, or before a single day, without a date of its own, still reports of it."""


def named(names: Sequence[str], text: str) -> float:
    """The share of the question's names that a text has, a place in either language."""
    if not names:
        return 0.0
    folded = fold_accents(text.lower())
    written = text if len(text) == len(folded) else ""
    return sum(_has_name(name, folded, written) for name in names) / len(names)


def _has_name(name: str, folded: str, written: str = "") -> bool:
    """``written`` is the text before it was folded, "" where positions differ: "ramp up" does not name Ramp."""
    plural = "" if len(name) < 5 else "s?"
    stem = name[:-1] if plural and name.endswith("s") else name
    for match in re.finditer(rf"(?<!\w){re.escape(stem)}{plural}(?!\w)", folded):
        if not written or not written[slice(*match.span())].islower() or not is_known_word(name):
            return True
    if not is_place(name):
        return False
    wanted = canonical(name)
    words = re.findall(r"[\w.-]*\w", folded)
    pairs = (f"{a} {b}" for a, b in itertools.pairwise(words))
    return any(
        canonical(word.replace(".", "")) == wanted or canonical(word) == wanted
        for word in itertools.chain(words, pairs)
    )


def asked_places(question: Question) -> tuple[str, ...]:
    """Folded names of the question that say where: known places, and names that "à", "en", "in" leads in."""
    text = fold_accents(question.text.lower())
    names = [fold_accents(n.lower()) for n in question.companies]
    return tuple(
        n for n in names if says_where(n) or re.search(rf"\b(?:a|en|aux?|in) {re.escape(n)}(?!\w)(?!['’]s)", text)
    )


def says_where(name: str) -> bool:
    """Whether a folded name is a place's; the table of names has bodies too ("Google", "Meta")."""
    return is_place(name) and canonical(name) not in _BODIES


def at_place(question: Question, passage: Passage, sentence: str) -> float:
    """The share of the places asked about that the sentence or its title names, or by half the passage; 1 without any."""
    places = asked_places(question)
    if not places:
        return 1.0
    near = fold_accents(f"{passage.title} {sentence}".lower())
    around = fold_accents(passage.text.lower())
    return sum(1.0 if _has_name(p, near) else 0.5 if _has_name(p, around) else 0.0 for p in places) / len(places)


def names_another(text: str, passage: Passage) -> bool:
    """Whether a sentence names a body that the title does not name; places and people of a country are none."""
    items = [i for i in read_statement(text, 0, passage.language).items if i.kind == "name"]
    title = fold_accents(passage.title.lower())
    return any(i.hard and not is_place(i.fold) and i.fold not in title for i in items)


def is_others(text: str, passage: Passage, names: Sequence[str]) -> bool:
    """Whether a sentence that mentions the asked name speaks first of the body that its article is about: "Chegg cuts 388 jobs and
    blames Google" counts no jobs of Google."""
    title = set(re.findall(r"[\w&-]+", fold_accents(passage.title.lower())))
    first = next(
        (i.fold for i in read_statement(text, 0, passage.language).items if i.kind == "name" and not is_place(i.fold)),
        "",
    )
    return first in title and not any(first in name for name in names)


def speaks_of(question: Question, passage: Passage, sentence: str) -> bool:
    """Whether a sentence of a passage is of the time that the question names: by the dates that its sentence states, or its
    title; by its article's date where they state none."""
    since, until = question.wishes.since, question.wishes.until
    if since is None and until is None:
        return True
    published = passage.published
    for text in (sentence, passage.title):
        dates = find_dates(text)
        bounds = [_bounds(d, published) for d in dates]
        met = [b for b in bounds if b and (until is None or b[0] < until) and (since is None or b[1] > since)]
        # "In 2023" says little of November 2023: what is stated must be about as narrow as what is asked.
        if any(since is None or until is None or end - start <= 3.1 * (until - since) for start, end in met):
            return True
        # "By 2027" and "since 2019" say nothing of when the news is from.
        stated = any(b for d, b in zip(dates, bounds, strict=True) if not d.direction)
        if text is sentence and stated and not met:
            return False
    if until is not None and since is not None and _of_quarter(sentence, published, since, until):
        return True
    # "On 15 November, how many cuts was Verizon said to plan?": what the papers of the days before had is what was known.
    one_day = since is not None and until is not None and until - since <= timedelta(days=1)
    return (
        published is not None
        and (since is None or published >= since - (_REPORTED_WITHIN if one_day else timedelta()))
        and (until is None or published < until + _REPORTED_WITHIN)
    )


def _of_quarter(sentence: str, published: datetime | None, since: datetime, until: datetime) -> bool:
    """Whether a sentence speaks of "the quarter" in the weeks in which the asked quarter's results are told."""
    quarter = timedelta(days=89) <= until - since <= timedelta(days=93)
    return (
        quarter
        and published is not None
        and until <= published < until + _RESULTS_WITHIN
        and bool(_QUARTER.search(sentence))
    )


def _bounds(stated: StatedDate, published: datetime | None) -> tuple[datetime, datetime] | None:
    """[start, end) of a stated date, a missing year taken from the article's date; None for what is too vague."""
    year, month, day = stated.year, stated.month, stated.day
    if month is None and stated.period[:1] in ("Q", "H"):
        months = 3 if stated.period[0] == "Q" else 6
        first = months * (int(stated.period[1]) - 1) + 1
        if year is None and published is not None:
            year = published.year - (first > published.month)
        return (
            None
            if year is None
            else (
                datetime(year, first, 1, tzinfo=UTC),
                datetime(year + (first + months) // 13, (first + months - 1) % 12 + 1, 1, tzinfo=UTC),
            )
        )
    if year is None:
        if month is None or published is None:
            return None
        year = published.year - (month > published.month + 1)
    try:
        if month is None:
            return datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
        if day is None:
            return datetime(year, month, 1, tzinfo=UTC), datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        start = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
    return start, start + timedelta(days=1)
