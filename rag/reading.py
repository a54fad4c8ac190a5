"""A sentence or passage -> what it states, in order: quantities, dates, names and words that can meet those of another text. Pure.

What ``rag/claims.py`` compares. A passage's reading is cached by its text; one of 200 words costs about a millisecond.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from corpus.sentences import sentences
from rag.assertion import mode_of, negations
from rag.dates import StatedDate, find_dates
from rag.lexicon import axes_of, english_roots, is_known_word, meanings
from rag.names import LEGAL, TITLES, canonical, is_place
from rag.quantities import Quantity, quantity_at
from rag.stems import FUNCTION_WORDS, fold
from rag.tokens import Token, language_of, tokens

_WEAK_PREFIX = 6
_NONE: frozenset[str] = frozenset()
_CONTENT_ANYWAY = frozenset(("autre", "other", "own"))


class Item(NamedTuple):
    """One thing that a text states. ``kind``: "quantity", "date", "name", "word" or "marker" (a word without content that turns
    a meaning: "moins", "before"). ``keys``: under which it meets its kin; ``weak`` the looser ones. ``hard``: a name that no
    dictionary word could be. ``negated``, ``axes``: see ``rag/assertion.py`` and ``rag/lexicon.py``."""

    kind: str
    fold: str
    keys: frozenset[str]
    weak: frozenset[str]
    start: int
    end: int
    hard: bool
    negated: bool
    axes: tuple[tuple[int, int], ...]
    quantity: Quantity | None = None
    date: StatedDate | None = None
    beside: tuple[str, str] = ("", "")
    """The words directly before and after."""


class Cue(NamedTuple):
    """A word of modality at ``start``; ``reached`` are the places of the items that it colours."""

    mode: str
    start: int
    end: int
    reached: frozenset[int]


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence: where it stands, its language, its items in order, its negations and modal words."""

    start: int
    end: int
    text: str
    language: str
    items: tuple[Item, ...]
    refusals: tuple[Cue, ...]
    modes: tuple[Cue, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage sentence by sentence (the title, if any, as the first one with an empty span), with an index from keys to
    (statement, item), the initials of its capitalised runs, and the years that it states."""

    statements: tuple[Statement, ...]
    index: Mapping[str, tuple[tuple[int, int], ...]]
    weak_index: Mapping[str, tuple[tuple[int, int], ...]]
    acronyms: frozenset[str]
    years: frozenset[int]


@lru_cache(maxsize=4096)
def read_statement(text: str, start: int = 0, language: str = "") -> Statement:
    """What one sentence states. ``start`` is where it stands in its passage; spans of items are within ``text``. Text in another
    language than the two is read as the nearer one."""
    row = tokens(text)
    language = language if language in ("fr", "en") else language_of(row)
    dates = {d.span[0]: d for d in find_dates(text)}
    shouting = _title_case(row)
    denials = negations(row)
    negated = {place for _, reached in denials for place in reached}
    items: list[Item] = []
    place_of: dict[int, int] = {}
    at, opening = 0, True
    while at < len(row):
        token = row[at]
        if token.start in dates:
            stated = dates[token.start]
            after = at
            while after < len(row) and row[after].start < stated.span[1]:
                place_of[after] = len(items)
                after += 1
            items.append(
                Item(
                    "date",
                    text[slice(*stated.span)].lower(),
                    frozenset(),
                    frozenset(),
                    *stated.span,
                    True,
                    False,
                    (),
                    None,
                    stated,
                )
            )
            at, opening = after, False
            continue
        read = quantity_at(text, row, at, language)
        if read is not None and not any(read[0][0].span[0] <= d < read[0][-1].span[1] for d in dates):
            items += [_quantity_item(text, quantity, at in negated) for quantity in read[0]]
            for place in range(at, read[1]):
                place_of[place] = len(items) - 1
            at, opening = read[1], False
            continue
        made = _word_item(token, language, opening, shouting, at in negated)
        if made is not None and made.kind == "marker" and at and row[at - 1].fold in ("au", "at", "du"):
            made = None  # "au moins", "at least" bound a figure; they turn nothing.
        if made is not None:
            place_of[at] = len(items)
            items.append(made)
        opening = (token.kind == "stop" and (opening or token.text in ':«“"•–—(')) or (
            opening and token.kind == "elision"
        )
        at += 1
    items = [_with_neighbours(item, row) for item in items]
    refusals = tuple(
        Cue("not", row[i].start, row[i].end, frozenset(place_of[p] for p in reached if p in place_of))
        for i, reached in denials
    )
    return Statement(start, start + len(text), text, language, tuple(items), refusals, _mode_cues(row, place_of))


def _with_neighbours(item: Item, row: Sequence[Token]) -> Item:
    if item.kind in ("word", "marker") and not item.axes:
        return item
    starts = [t.start for t in row]
    first, last = bisect_left(starts, item.start), bisect_left(starts, item.end)
    before = row[first - 1] if first else None
    after = row[last] if last < len(row) else None
    return item._replace(
        beside=(
            before.fold if before is not None and before.kind != "stop" else "",
            after.fold if after is not None and after.kind != "stop" else "",
        )
    )


def _quantity_item(text: str, quantity: Quantity, negated: bool) -> Item:
    written = text[slice(*quantity.span)]
    # "first" and "last" are opposites, though only one of them counts.
    axes = axes_of(fold(written)) if quantity.unit == "ordinal" and written.isalpha() else ()
    return Item("quantity", written, _NONE, _NONE, *quantity.span, True, negated, axes, quantity)


def _mode_cues(row: Sequence[Token], place_of: Mapping[int, int]) -> tuple[Cue, ...]:
    cues = []
    for at, token in enumerate(row):
        mode = (
            mode_of(token.fold) if token.kind == "word" and not (token.fold == "may" and token.text[0] == "M") else ""
        )
        if token.fold == "peut" and [t.fold for t in row[at + 1 : at + 3]] == ["-", "etre"]:
            mode = "possible"
        if (
            token.fold == "to"
            and 0 < at < 7
            and row[at - 1].text[0].isupper()
            and _lower_word(row, at + 1)
            and (at > 1 or not is_known_word(row[0].fold))
        ):
            mode = "planned"  # "Zyblor to cut 300 jobs"
        if not mode or (token.fold in ("plan", "plans") and at and row[at - 1].fold == "-"):
            continue
        if (
            token.fold in ("plan", "plans")
            and at
            and row[at - 1].fold in ("the", "a", "un", "le", "son", "its", "of", "de", "ce", "this")
        ):
            continue
        if token.fold == "set" and (at + 1 >= len(row) or row[at + 1].fold != "to"):
            continue
        reached: list[int] = []
        for place in range(at if mode in ("future", "conditional") else at + 1, min(at + 9, len(row))):
            if place in place_of and place_of[place] not in reached:
                reached.append(place_of[place])
            if len(reached) == 2:
                break
        cues.append(Cue(mode, token.start, token.end, frozenset(reached)))
    return tuple(cues)


def _lower_word(row: Sequence[Token], at: int) -> bool:
    return (
        at < len(row)
        and row[at].kind == "word"
        and row[at].text.islower()
        and row[at].fold not in ("the", "a", "an", "its")
    )


def _title_case(row: Sequence[Token]) -> bool:
    """Whether nearly every word is capitalised, so that capitals say nothing."""
    words = [t for t in row if t.kind == "word" and len(t.text) > 3]
    return len(words) >= 4 and sum(t.text[0].isupper() for t in words) >= 0.8 * len(words)


def _word_item(token: Token, language: str, opening: bool, shouting: bool, negated: bool) -> Item | None:
    if token.kind != "word":
        return None
    made = _shape(token.text, token.fold, language, opening, shouting)
    if made is None:
        return None
    kind, folded, keys, weak, _, _, hard, _, axes, *_ = made
    return Item(kind, folded, keys, weak, token.start, token.end, hard, negated, axes)


@lru_cache(maxsize=50_000)
def _shape(text: str, folded: str, language: str, opening: bool, shouting: bool) -> Item | None:
    """A word as an item that stands nowhere: all that its letters and its place in the sentence's opening tell."""
    axes = axes_of(folded)
    capital = text[0].isupper()
    shaped = not text[1:].islower() and any(c.isupper() or c.isdigit() for c in text[1:])
    if len(folded) < 2 and not (capital and not opening and folded not in ("a", "i")):
        return None
    function = folded in FUNCTION_WORDS[language] or (
        folded in FUNCTION_WORDS["fr" if language == "en" else "en"] and len(folded) <= 3
    )
    if function and not (shaped and text.isupper() and not shouting and not opening) and folded not in _CONTENT_ANYWAY:
        if not axes:
            return None
        return Item("marker", folded, frozenset(("m:" + folded,)), frozenset(), 0, 0, False, False, axes)
    if folded in TITLES or (folded in LEGAL and capital):
        return None
    known = is_known_word(folded)
    name = (capital or shaped) and (not opening or shaped or not known or is_place(folded))
    if shouting and known and not is_place(folded):
        name = False
    key = canonical(folded)
    keys = frozenset(("n:" + key,)) | (meanings(folded, language) if known or not name else frozenset())
    weak = (
        frozenset(("p:" + folded[:_WEAK_PREFIX],))
        if len(folded) >= _WEAK_PREFIX
        else frozenset(("p:" + folded[:5],))
        if len(folded) == 5
        else frozenset()
    )
    if not name:
        weak |= {"s:" + root for root in english_roots(folded, language)}
    hard = name and (not known or is_place(folded) or (shaped and len(folded) > 2))
    return Item("name" if name else "word", key, keys, weak, 0, 0, hard, False, axes)


@lru_cache(maxsize=2048)
def read_passage(text: str, title: str = "", language: str = "") -> Reading:
    """What a passage states, sentence by sentence, after its title."""
    language = language if language in ("fr", "en") else language_of(tokens(text[:3000]))
    statements = [read_statement(text[a:b], a, "" if b - a > 60 else language) for a, b in sentences(text)]
    statements.insert(0, read_statement(title, 0, ""))
    index: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    weak_index: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    acronyms: set[str] = set()
    years: set[int] = set()
    for number, statement in enumerate(statements):
        run = ""
        for place, item in enumerate(statement.items):
            for key in item.keys:
                index[key].append((number, place))
            for key in item.weak:
                weak_index[key].append((number, place))
            if item.date is not None and item.date.year is not None:
                years.add(item.date.year)
            capital = item.kind in ("name", "word") and statement.text[item.start].isupper()
            run = (run + item.fold[0])[-5:] if capital or (run and item.kind == "word") else ""
            if len(run) > 1:
                acronyms.update([run[-n:] for n in range(2, len(run) + 1)])
    return Reading(
        tuple(statements),
        {k: tuple(v) for k, v in index.items()},
        {k: tuple(v) for k, v in weak_index.items()},
        frozenset(acronyms),
        frozenset(years),
    )
