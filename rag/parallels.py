"""A claim beside a source sentence of several clauses: what belongs to one clause is not said of another. Pure.

"320 postes supprimés chez Danelis, 75 chez L'Oréane": the figure of one firm, place or date beside the other one. ``rag/binding.py``
looks at the words directly around a fact; here it is the clause that it stands in, and the deed that it is counted by.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

from rag.lexicon import axes_of, is_change, is_counted_by, is_deed
from rag.matching import Evidence
from rag.models import Reason
from rag.names import is_place
from rag.reading import Item, Statement

_BREAK = re.compile(
    r"[;:()—–]|(?<!\d),|,(?!\d)|\b(?:et|and|mais|but|while|whereas|tandis que|alors que|contre|against|puis|then|dont|after|après)\b",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"\b(?P<how>à|au|aux|en|chez|dans|in|at|pour|for|within|par|by)(?:\s+(?:la|le|les|the|its|ses|son|sa)\b)?\s*(?:l['’])?$",
    re.IGNORECASE,
)
_KINDS_OF_WHERE = {"par": "by", "by": "by", "pour": "for", "for": "for"}
_OF_WHOLE = re.compile(
    r"^\s*(?:d['’]|de|des|of|sur|out of)\s*(?:ses|leurs?|its|their|the|les|some|quelque)?\s*$", re.IGNORECASE
)
_HELD = re.compile(
    r"\b(?:compt|emplo|regroup|rassembl|has|have|had|avait|avaient|dispos|total|occup|workforce|headcount|effectif|staff)\w*\b|"
    r"\b(?:de|des|d['’]|of|with|avec|aux|a)\s*(?:ses|leurs?|its|their|the|les|quelque|some)?\s*$",
    re.IGNORECASE,
)  # fmt: skip
_AT_RISK = re.compile(r"\b(?:at risk|menacée?s?|threatened|en jeu|exposed|exposée?s?|en péril)\b", re.IGNORECASE)
_REACH = 4
"""Items between a figure and the deed that it is counted by."""


@lru_cache(maxsize=2048)
def _breaks(text: str) -> tuple[int, ...]:
    return tuple(match.start() for match in _BREAK.finditer(text))


def clause_of(statement: Statement, item: Item) -> int:
    """The number of the clause, by commas and conjunctions, that an item of a statement stands in."""
    return bisect_right(_breaks(statement.text), item.start)


def where(statement: Statement, item: Item) -> str:
    """How an item is led in: "in" of a place or body ("chez", "à"), "by", "for", or "" of a subject or object."""
    match = _WHERE.search(statement.text[max(0, item.start - 16) : item.start])
    return _KINDS_OF_WHERE.get(match["how"].lower(), "in") if match else ""


def parallel_reasons(evidence: Evidence) -> list[Reason]:
    """Facts of one clause of the main statement said of another, parts taken for the whole, and deeds turned around."""
    return _of_another_clause(evidence) or pair_reasons(evidence) or _whole_for_part(evidence) or _other_deed(evidence)


def _spots(evidence: Evidence, place: int) -> list[int]:
    return [at[2] for at in evidence.matches.get(place, ()) if at[:2] == evidence.units[0]]


def _of_another_clause(evidence: Evidence) -> list[Reason]:
    """A figure, date, place or name of another clause than all the rest of the claim, where that clause has one of its own."""
    claim, main = evidence.claim, evidence.main
    if not _breaks(main.text):
        return []
    taken = {spot for place in range(len(claim.items)) for spot in _spots(evidence, place)}
    for place, item in enumerate(claim.items):
        if item.kind == "marker" or item.axes or (item.quantity is not None and item.quantity.unit == "ordinal"):
            continue
        spots = _spots(evidence, place)
        if item.kind == "word" and not (where(claim, item) or is_place(item.fold)):
            continue
        home = _home(evidence, place) if spots else None
        if home is None or home in {clause_of(main, main.items[s]) for s in spots}:
            continue
        for spot in spots:
            there = clause_of(main, main.items[spot])
            rival = next(
                (
                    n
                    for n, other in enumerate(main.items)
                    if n not in taken
                    and clause_of(main, other) == home
                    and _same_part(main, other, spot)
                    and not _beside_taken(main, n, taken)
                ),
                None,
            )
            more = any(
                n not in taken and clause_of(main, other) == there and other.kind in ("quantity", "word")
                for n, other in enumerate(main.items)
            )
            if rival is not None and more:
                kind = {"quantity": "number", "date": "date"}.get(item.kind, "name")
                return [
                    evidence.reason(kind, place, (*evidence.units[0], rival), "the passage says this of something else")
                ]
    return []


def _same_part(main: Statement, other: Item, spot: int) -> bool:
    """Whether an item could stand where another one does: of its kind, and led in alike."""
    item = main.items[spot]
    if item.kind in ("date", "quantity"):
        same = item.quantity is None or (other.quantity is not None and other.quantity.unit == item.quantity.unit)
        return other.kind == item.kind and same
    if is_place(item.fold):
        return is_place(other.fold) and other.fold != item.fold
    ways = where(main, item)
    if not ways:
        return item.hard and other.hard and other.kind == "name" and not where(main, other)
    return other.kind in ("name", "word") and where(main, other) == ways


def _beside_taken(main: Statement, place: int, taken: set[int]) -> bool:
    """Whether an item is part of a name of which another part is in the claim."""
    return any(
        near in taken and main.items[near].kind == "name" and main.items[place].kind == "name"
        and max(main.items[near].start - main.items[place].end, main.items[place].start - main.items[near].end) < 3
        for near in (place - 1, place + 1) if 0 <= near < len(main.items)
    )  # fmt: skip


def _home(evidence: Evidence, place: int) -> int | None:
    """The clause of the main statement that has most of a claim's clause, one of its items aside; None where none has more
    than one of its items."""
    claim, main = evidence.claim, evidence.main
    own = clause_of(claim, claim.items[place])
    weights: dict[int, float] = {}
    for other, item in enumerate(claim.items):
        if other == place or item.kind == "marker" or clause_of(claim, item) != own:
            continue
        worth = 2.0 if item.kind == "quantity" else 1.0
        for clause in {clause_of(main, main.items[s]) for s in _spots(evidence, other)}:
            weights[clause] = weights.get(clause, 0.0) + worth
    if not weights:
        return None
    best = max(weights.values())
    at_best = [clause for clause, weight in weights.items() if weight == best]
    return at_best[0] if best >= 2 and len(at_best) == 1 else None


def same_pairs(evidence: Evidence, place: int) -> bool:
    """Whether a claim's figure stands with the very name that is led in beside it in the source ("75 chez L'Oréane"), or a
    name with that figure; the words around may then be those of another figure, which the source has once for both."""
    claim, main = evidence.claim, evidence.main
    own = clause_of(claim, claim.items[place])
    kinds = {"quantity": "name", "name": "quantity"}
    wanted = kinds.get(claim.items[place].kind)
    if wanted is None:
        return False
    mine = {
        s for other, item in enumerate(claim.items)
        if item.kind == wanted and clause_of(claim, item) == own for s in _spots(evidence, other)
    }  # fmt: skip
    for spot in _spots(evidence, place):
        figure, pair = (spot, _led_in(main, spot)) if wanted == "name" else (_figure_of(main, spot), spot)
        if figure is not None and pair is not None and (pair if wanted == "name" else figure) in mine:
            return True
    return False


def _led_in(statement: Statement, figure: int) -> int | None:
    """The name that is led in after a figure, before any other figure: "75 chez L'Oréane"."""
    for place in range(figure + 1, min(len(statement.items), figure + 5)):
        item = statement.items[place]
        if item.kind in ("quantity", "date") or clause_of(statement, item) != clause_of(
            statement, statement.items[figure]
        ):
            return None
        if item.kind == "name" and where(statement, item):
            return place
    return None


def _figure_of(statement: Statement, name: int) -> int | None:
    before = (p for p in range(name - 1, max(-1, name - 5), -1) if statement.items[p].kind == "quantity")
    return next((p for p in before if _led_in(statement, p) == name), None)


def pair_reasons(evidence: Evidence) -> list[Reason]:
    """A figure beside the name that the source has beside another figure."""
    claim, main = evidence.claim, evidence.main
    led = {
        figure: name
        for figure, i in enumerate(main.items)
        if i.kind == "quantity" and (name := _led_in(main, figure)) is not None
    }
    if len(led) < 2:
        return []
    for place, item in enumerate(claim.items):
        spots = _spots(evidence, place)
        if item.kind != "quantity" or len(spots) != 1 or spots[0] not in led:
            continue
        own = clause_of(claim, item)
        near = [
            (p, s) for p, other in enumerate(claim.items)
            if other.kind == "name" and clause_of(claim, other) == own for s in _spots(evidence, p)
        ]  # fmt: skip
        if any(s == led[spots[0]] for _, s in near):
            continue
        for other, spot in near:
            if spot in led.values() and other not in (p for p, s in near if s == led[spots[0]]):
                return [
                    evidence.reason(
                        "name", other, (*evidence.units[0], led[spots[0]]), "the passage states this of somebody else"
                    )
                ]
    return []


def _whole_for_part(evidence: Evidence) -> list[Reason]:
    """ "18 400 salariés partiront" of a source that has "1 200 de ses 18 400 salariés": the whole for the part."""
    claim, main = evidence.claim, evidence.main
    for place, item in enumerate(claim.items):
        spots = _spots(evidence, place)
        if item.kind != "quantity" or not spots or not all(_part_before(main, s) is not None for s in spots):
            continue
        before = claim.text[: item.start]
        if any(i.kind == "quantity" for i in claim.items[:place]) or _HELD.search(before[-24:]):
            continue
        part = _part_before(main, spots[0])
        assert part is not None
        return [evidence.reason("number", place, (*evidence.units[0], part), "the passage says this of a part")]
    return []


def parted(statement: Statement, spot: int, other: int) -> bool:
    """Whether the figure at ``spot`` counts a part of the one at ``other``."""
    return other > spot and _part_before(statement, other) == spot


def _part_before(statement: Statement, spot: int) -> int | None:
    """The figure that counts a part of the one at ``spot``."""
    items = statement.items
    for before in range(spot - 1, max(-1, spot - 3), -1):
        if items[before].kind == "quantity":
            between = statement.text[items[before].end : items[spot].start]
            words = re.sub(r"^\s*[^\W\d_]+(?=\s+(?:de|des|of|sur)\b)", "", between) if spot - before == 2 else between
            return before if _OF_WHOLE.match(words) else None
    return None


def _other_deed(evidence: Evidence) -> list[Reason]:
    """A figure that the claim counts by a deed ("supprime 500") and the source by its opposite ("embauche 500")."""
    claim, main = evidence.claim, evidence.main
    for place, item in enumerate(claim.items):
        if item.kind != "quantity":
            continue
        spots = _spots(evidence, place)
        mine = _deed(claim, place)
        if mine is None or not spots:
            continue
        reasons = []
        for spot in spots:
            theirs = _deed(main, spot)
            if theirs is None and _at_risk(main, main.items[spot]) and not _at_risk(claim, item):
                message = "the passage says that this is at risk"
                reasons.append(evidence.reason("attribution", mine, (*evidence.units[0], spot), message))
                continue
            if theirs is None:
                reasons.clear()
                break
            own, other = claim.items[mine], main.items[theirs]
            sides = {axis for axis in own.axes if is_deed(axis[0])}
            turned = any((axis, -side) in other.axes for axis, side in sides)
            if not turned or sides & set(other.axes) or own.negated != other.negated:
                reasons.clear()
                break
            reasons.append(
                evidence.reason("polarity", mine, (*evidence.units[0], theirs), "the passage counts the opposite")
            )
        if reasons:
            return reasons[:1]
    return []


def _at_risk(statement: Statement, item: Item) -> bool:
    """Whether the clause of a figure says no more than that something is at risk."""
    breaks = _breaks(statement.text)
    end = next((b for b in breaks if b > item.start), len(statement.text))
    return bool(_AT_RISK.search(statement.text, max((b for b in breaks if b <= item.start), default=0), end))


def _deed(statement: Statement, place: int) -> int | None:
    """The deed that a figure is counted by: the nearest before it in its clause, else the nearest after it there."""
    items = statement.items
    own = clause_of(statement, items[place])
    near = [*range(place - 1, max(-1, place - 1 - _REACH), -1), *range(place + 1, min(len(items), place + 1 + _REACH))]
    return next(
        (n for n in near if any(is_deed(a) for a, _ in items[n].axes) and clause_of(statement, items[n]) == own), None
    )


def unmet_deeds(evidence: Evidence) -> list[Reason]:
    """What the claim counts by a deed ("ouvre 75 guichets") must be done in its evidence, by that word or one of its side."""
    claim = evidence.claim
    sides = {
        axis
        for reading, unit in evidence.units
        for i in evidence.readings[reading].statements[unit].items
        for axis in i.axes
    }
    rises = {side for word, side in (("up", 1), ("down", -1)) if set(axes_of(word)) & sides}
    deeds = {
        d for place, i in enumerate(claim.items)
        if i.quantity is not None and (d := _deed(claim, place)) is not None
        and not (i.quantity.bound in ("low", "high") and (0, 1) in claim.items[d].axes)  # "est passée de 2 à 6 %"
    }  # fmt: skip
    turned = _turned_deeds(evidence, sides)
    if turned:
        return turned
    return [
        evidence.reason("content", place, None, "the passage does not say that this happens")
        for place in sorted(deeds)
        if claim.items[place].kind == "word" and not evidence.matches.get(place)
        and (counted := [a for a in claim.items[place].axes if is_counted_by(a[0])])
        and not set(counted) & sides and not any(is_change(a[0]) and a[1] in rises for a in counted)
    ]  # fmt: skip


def _turned_deeds(evidence: Evidence, sides: set[tuple[int, int]]) -> list[Reason]:
    """A deed of the claim that no evidence has, where the evidence has its opposite."""
    claim = evidence.claim
    for place, item in enumerate(claim.items):
        deeds = {a for a in item.axes if is_deed(a[0])}
        if item.kind != "word" or not deeds or evidence.matches.get(place) or deeds & sides or item.negated:
            continue
        others = {(axis, -side) for axis, side in deeds}
        if any(others & set(i.axes) for i in claim.items):
            continue
        for reading, unit in evidence.units:
            items = evidence.readings[reading].statements[unit].items
            met = sum(at[:2] == (reading, unit) for spots in evidence.matches.values() for at in spots)
            spot = next((n for n, i in enumerate(items) if others & set(i.axes) and not i.negated), None)
            if spot is not None and met > 1 and not claim.refusals:
                return [evidence.reason("polarity", place, (reading, unit, spot), "the passage says the opposite")]
    return []
