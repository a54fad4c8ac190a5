"""The evidence for a claim: the statements of the passages that say most of it, and which item meets which. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import SequenceMatcher

from rag.agreement import supports, verdict
from rag.dates import StatedDate
from rag.lexicon import synonyms_of
from rag.models import Reason
from rag.names import initials
from rag.reading import Item, Reading, Statement

At = tuple[int, int, int]
"""(reading, statement, item)."""
_WEIGHT = {"quantity": 2.5, "date": 1.5, "name": 1.5, "word": 1.0, "marker": 0.0}
_WEAK = 0.6
MOST_STATEMENTS = 4


@dataclass(slots=True)
class Evidence:
    """``units`` (reading, statement), the main one first; ``matches``: per claim item the source items that meet it there, nearest
    first; ``weak``: those that meet only by a common beginning; ``loose``: quantities that the source states less exactly."""

    claim: Statement
    readings: Sequence[Reading]
    published: Sequence[datetime | None]
    numbers: Sequence[int]
    units: list[tuple[int, int]]
    matches: dict[int, list[At]]
    anywhere: dict[int, list[At]]
    weak: set[int] = field(default_factory=set)
    loose: set[int] = field(default_factory=set)

    @property
    def main(self) -> Statement:
        reading, unit = self.units[0]
        return self.readings[reading].statements[unit]

    @property
    def main_number(self) -> int:
        return self.numbers[self.units[0][0]]

    @property
    def main_span(self) -> tuple[int, int] | None:
        return (self.main.start, self.main.end) if self.units[0][1] else None

    @property
    def across(self) -> bool:
        return self.claim.language != self.main.language

    def statement(self, at: At) -> Statement:
        return self.readings[at[0]].statements[at[1]]

    def item(self, at: At) -> Item:
        return self.readings[at[0]].statements[at[1]].items[at[2]]

    def in_main(self, place: int) -> int | None:
        """Where a claim's item stands in the main statement, None when it does not."""
        return next((at[2] for at in self.matches.get(place, ()) if at[:2] == self.units[0]), None)

    def reason(self, kind: str, place: int, at: At | None, message: str) -> Reason:
        item = self.claim.items[place]
        span = None
        if at is not None and at[1]:
            source, statement = self.item(at), self.statement(at)
            span = (statement.start + source.start, statement.start + source.end)
        number = self.numbers[at[0]] if at is not None else self.main_number
        return Reason(kind, (item.start, item.end), number, span, message)

    def coverage(self) -> tuple[float, float]:
        """The weighted share of the claim's names and words that the evidence has, and the weight that was counted."""
        total = got = 0.0
        for place, item in enumerate(self.claim.items):
            if item.kind in ("word", "name"):
                total += 1.0
                if self.matches.get(place):
                    got += _WEAK if place in self.weak else 1.0
        return (got / total if total else 1.0), total

    def initial_of(self, place: int) -> bool:
        """Whether a claim's item is the initial of a given name ("E. Macron") that stands before the same name in the source."""
        items = self.claim.items
        if len(items[place].fold) != 1 or place + 1 >= len(items):
            return False
        given = (self.statement(at).items[at[2] - 1] for at in self.matches.get(place + 1, ()) if at[2])
        return any(i.kind == "name" and i.fold[:1] == items[place].fold for i in given)

    def known_by_other_means(self, place: int) -> bool:
        """Whether a name stands in the passages as initials ("OIT") or as the words that its initials stand for."""
        name = self.claim.items[place].fold
        if any(name in r.acronyms for r in self.readings):
            return True
        if self.anywhere.get(place):
            return True  # Named outside the evidence: ``binding`` judges whether the evidence speaks of it.
        if self.across and any(
            _cognates(name, other.fold) for unit in self.units for other in self.statement((*unit, 0)).items
        ):
            return True
        items = self.claim.items
        for first in range(max(0, place - 4), place + 1):
            for last in range(max(place, first + 1), min(len(items), first + 5)):
                letters = initials([i.fold for i in items[first : last + 1]])
                if any("n:" + letters in r.index for r in self.readings):
                    return True
        return False


def _cognates(a: str, b: str) -> bool:
    """ "malaysia" and "malaisie", "opec" and "opep": two languages' forms of one name."""
    if len(a) < 4 or len(b) < 4 or a[0] != b[0] or abs(len(a) - len(b)) > 3:
        return False
    return SequenceMatcher(None, a, b).ratio() >= 0.75


def gather(
    claim: Statement, readings: Sequence[Reading], published: Sequence[datetime | None], numbers: Sequence[int]
) -> Evidence:
    """The statements that say most of the claim: the best one, and up to three more that say what it lacks."""
    anywhere: dict[int, list[At]] = {}
    weak: dict[int, list[At]] = {}
    for place, item in enumerate(claim.items):
        strong = _partners(item, readings, published)
        if strong:
            anywhere[place] = strong
        elif (
            item.kind in ("word", "name")
            and not item.hard
            and (loose := _weak_partners(item, readings, claim.language))
        ):
            weak[place] = loose
    units = _choose(claim, anywhere, weak)
    chosen = set(units)
    matches: dict[int, list[At]] = {}
    by_beginning: set[int] = set()
    order = {unit: n for n, unit in enumerate(units)}
    for place in range(len(claim.items)):
        here = sorted((at for at in anywhere.get(place, ()) if at[:2] in chosen), key=lambda at: order[at[:2]])
        if not here:
            here = sorted((at for at in weak.get(place, ()) if at[:2] in chosen), key=lambda at: order[at[:2]])
            if here:
                by_beginning.add(place)
        if here:
            matches[place] = here
    evidence = Evidence(claim, readings, published, numbers, units, matches, anywhere, by_beginning)
    _exactness(evidence)
    _titles_and_dates(evidence)
    return evidence


def _partners(item: Item, readings: Sequence[Reading], published: Sequence[datetime | None]) -> list[At]:
    found: dict[At, None] = {}
    for number, reading in enumerate(readings):
        if item.kind in ("quantity", "date"):
            for unit, statement in enumerate(reading.statements):
                for place, other in enumerate(statement.items):
                    if _same_fact(item, other, published[number], reading):
                        found[(number, unit, place)] = None
            continue
        for key in item.keys:
            for unit, place in reading.index.get(key, ()):
                found[(number, unit, place)] = None
    return list(found)


def _same_fact(item: Item, other: Item, published: datetime | None, reading: Reading) -> bool:
    if item.quantity is not None:
        if other.quantity is not None:
            return verdict(item.quantity, other.quantity) != "no"
        year = (
            other.date.year if other.date is not None and other.date.month is None and not other.date.period else None
        )
        return year is not None and item.quantity.unit == "" and float(year) in item.quantity.values
    assert item.date is not None
    if other.date is not None:
        return supports(item.date, other.date, published, reading.years)
    return (
        other.quantity is not None and item.date.month is None and not item.date.period and item.date.year is not None
        and float(item.date.year) in other.quantity.values and other.quantity.unit == ""
    )  # fmt: skip


def _weak_partners(item: Item, readings: Sequence[Reading], language: str) -> list[At]:
    """Words with the same beginning, and synonyms."""
    keys = item.weak if item.kind == "name" else item.weak.union("s:" + s for s in synonyms_of(item.fold, language))
    return [
        (number, unit, place)
        for number, reading in enumerate(readings)
        for key in sorted(keys)
        for unit, place in reading.weak_index.get(key, ())
    ]


def _choose(claim: Statement, anywhere: dict[int, list[At]], weak: dict[int, list[At]]) -> list[tuple[int, int]]:
    has: dict[tuple[int, int], dict[int, float]] = {}
    for factor, table in ((_WEAK, weak), (1.0, anywhere)):
        for place, partners in table.items():
            worth = factor * _WEIGHT[claim.items[place].kind]
            for at in partners:
                has.setdefault(at[:2], {})[place] = worth
    if not has:
        return [(0, 0)]
    chosen: list[tuple[int, int]] = []
    missing = set(anywhere) | set(weak)
    while missing and len(chosen) < MOST_STATEMENTS:
        best, gain = None, 0.0
        for unit, worths in has.items():
            if unit in chosen:
                continue
            value = sum(w for place, w in worths.items() if place in missing)
            if chosen and min(abs(unit[1] - c[1]) if unit[0] == c[0] else 3 for c in chosen) > 2:
                value *= 0.7
            value -= 0.001 * unit[1] + (0.2 if unit[1] == 0 else 0.0)
            if value > gain:
                best, gain = unit, value
        if best is None or (chosen and (gain < 1.4 or len(has[best]) < 2)):
            break
        chosen.append(best)
        missing -= set(has[best])
    return chosen or [(0, 0)]


def _exactness(evidence: Evidence) -> None:
    """Puts exact partners of a quantity first; the quantity is loose when all partners are."""
    for place, item in enumerate(evidence.claim.items):
        if item.quantity is None or place not in evidence.matches:
            continue
        exact = [
            at for at in evidence.matches[place]
            if (q := evidence.item(at).quantity) is None or verdict(item.quantity, q) == "yes"
        ]  # fmt: skip
        if exact:
            evidence.matches[place] = exact
        else:
            evidence.loose.add(place)


def _titles_and_dates(evidence: Evidence) -> None:
    """A date may be that of the article itself, where the evidence states no other one that the claim leaves out."""
    taken = {at for place, partners in evidence.matches.items() if evidence.claim.items[place].date for at in partners}
    spare = any(
        item.date is not None and item.date.month is not None and (*unit, place) not in taken
        for unit in evidence.units
        for place, item in enumerate(evidence.readings[unit[0]].statements[unit[1]].items)
    )
    for place, item in enumerate(evidence.claim.items):
        if item.date is None or place in evidence.matches or spare:
            continue
        for number, moment in enumerate(evidence.published):
            if moment is not None and (item.date.month or item.date.relative or item.date.weekday is not None):
                own = StatedDate(moment.year, moment.month, moment.day, (0, 0))
                if supports(item.date, own, moment):
                    evidence.matches[place] = [(number, *evidence.units[0][1:], 0)]
