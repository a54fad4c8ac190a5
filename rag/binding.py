"""Whether a claim's figures, dates and names stand with the same things as in the source: the right company beside the right
number, who did what to whom, and nothing put in another's place. Pure."""

from __future__ import annotations

import re
from itertools import pairwise

from rag.lexicon import is_known_word
from rag.matching import At, Evidence
from rag.models import Reason
from rag.parallels import parted, same_pairs, where
from rag.reading import Item
from rag.replaced import other_span, repeated
from rag.roles import role_reasons, voices_differ

_FACTS = frozenset(("quantity", "date", "name"))
_NEAR = 3
"""Items on either side that make a neighbourhood."""
_COPY = 0.6
"""Share of a claim's items in one source statement from which it is a version of that statement."""
_STAND_INS = frozenset(
    "societe entreprise groupe company firm companies group geant giant startup constructeur editeur maker editor service compagnie".split()
)
_BY = re.compile(
    r"\b(?:according to|selon|d['’]après)(?: the| la| le| l['’])? ?(?:[A-ZÉ][\w.’'-]* ?){0,4}$", re.IGNORECASE
)
_PRONOUN = re.compile(r"(?:He|She|They|Il|Elle|Ils|Elles)\b")
_TURN = re.compile(r"[,;:]|\b(?:et|and|mais|but|il|elle|ils|elles|it|they|he|she)\b", re.IGNORECASE)
_PEOPLE = frozenset("personne personnes people gens individu individus persons".split())


def _is_version(evidence: Evidence) -> bool:
    counted = [p for p, item in enumerate(evidence.claim.items) if item.kind != "marker"]
    return bool(counted) and sum(evidence.in_main(p) is not None for p in counted) >= _COPY * len(counted)


def substitution_reasons(evidence: Evidence) -> list[Reason]:
    """In a version of a source sentence in the same language, something else in the place of what the source has."""
    if evidence.across or not _is_version(evidence):
        return []
    order = [p for p, item in enumerate(evidence.claim.items) if item.kind != "marker"]
    home = {p: evidence.in_main(p) for p in order}
    used = {at[2] for p in order for at in evidence.matches.get(p, ()) if at[:2] == evidence.units[0]}
    source = evidence.main.items
    reasons = []
    at = 0
    while at < len(order):
        if home[order[at]] is not None:
            at += 1
            continue
        end = at
        while end < len(order) and home[order[end]] is None:
            end += 1
        run = order[at:end]
        left = home[order[at - 1]] if at else None
        right = home[order[end]] if end < len(order) else None
        gap = _gap(source, used, left, right)
        if (
            gap
            and len(run) <= 2
            and not _stands_in_for(evidence, run, gap)
            and not _added(evidence, run, gap, left, right)
        ):
            kind = {"quantity": "number", "date": "date", "name": "name"}.get(
                evidence.claim.items[run[0]].kind, "content"
            )
            where: At = (*evidence.units[0], gap[0])
            reasons.append(
                evidence.reason(
                    kind,
                    run[0],
                    where,
                    f"the passage has {evidence.main.text[source[gap[0]].start : source[gap[0]].end]} here",
                )
            )
        at = end
    return reasons


def _gap(source: tuple[Item, ...], used: set[int], left: int | None, right: int | None) -> list[int]:
    """The source's items, met by nothing in the claim, that stand where a run of unmet claim items stands."""
    if left is not None and right is not None:
        between = list(range(left + 1, right))
    elif left is not None:
        between = list(range(left + 1, min(len(source), left + 2)))
    elif right is not None:
        between = list(range(max(0, right - 1), right))
    else:
        return []
    between = [i for i in between if source[i].kind != "marker"]
    if not between or len(between) > 3 or any(i in used for i in between):
        return []
    return between


def _added(evidence: Evidence, run: list[int], gap: list[int], left: int | None, right: int | None) -> bool:
    """Whether a name is added at an end, where the source names nobody, or only a place: that it leads to the sentence,
    ``binding_reasons`` judges."""
    main, claim = evidence.main, evidence.claim
    edge = left is None or right is None
    named = any(claim.items[p].hard for p in run) and all(
        claim.items[p].kind == "name" and evidence.anywhere.get(p) for p in run
    )
    led = where(claim, claim.items[run[0]])
    if (
        left is None
        and right is not None
        and not _TURN.search(main.text[main.items[gap[-1]].end : main.items[right].start])
    ):
        return False  # It takes the place of the subject.
    return edge and named and all(
        not main.text[main.items[i].start].isupper() or (main.items[i].kind == "name" and where(main, main.items[i]) and not led)
        for i in gap
    )  # fmt: skip


def _stands_in_for(evidence: Evidence, run: list[int], gap: list[int]) -> bool:
    """ "the company" for a name; a date for a weekday that resolves to it is matched already."""
    words = [evidence.claim.items[p] for p in run]
    if all(_same_in_short(evidence, p, gap) for p in run):
        return True
    if all(evidence.main.items[i].fold in _STAND_INS for i in gap) and all(w.hard for w in words):
        return True  # And back; that the name leads to it, ``binding_reasons`` judges.
    return all(w.fold in _STAND_INS for w in words) and any(evidence.main.items[i].kind == "name" for i in gap)


def _same_in_short(evidence: Evidence, place: int, gap: list[int]) -> bool:
    """Initials for the words there, the initial of a given name, or another word of the same direction ("chute", "baisse")."""
    item = evidence.claim.items[place]
    if item.fold in evidence.readings[evidence.units[0][0]].acronyms or evidence.initial_of(place):
        return True
    return any(set(item.axes) & set(evidence.main.items[i].axes) for i in gap)


def binding_reasons(evidence: Evidence) -> list[Reason]:
    """Facts that the source states, but of something else."""
    reasons = _displaced(evidence) or _turned(evidence) or _swapped(evidence) or role_reasons(evidence)
    reasons += repeated(evidence)
    for place, item in enumerate(evidence.claim.items):
        if item.kind == "quantity" and place in evidence.matches:
            reasons += other_span(evidence, place) or _counted(evidence, place) or _owner(evidence, place)
        elif item.hard and item.kind == "name" and place not in evidence.matches:
            reasons += _absent_name(evidence, place)
    return reasons


def _displaced(evidence: Evidence) -> list[Reason]:
    """In one language: a fact between the very words that stand around another fact in the source, and not around it."""
    if evidence.across or not _is_version(evidence):
        return []
    source = evidence.main.items
    for place, item in enumerate(evidence.claim.items):
        if not _is_fact(item) or _fronted(evidence, place) or same_pairs(evidence, place):
            continue
        own = max(
            (_sides_met(item, source[at[2]]) for at in evidence.matches.get(place, ()) if at[:2] == evidence.units[0]),
            default=0,
        )
        if own == 2:
            continue
        spots = {at[2] for at in evidence.matches.get(place, ()) if at[:2] == evidence.units[0]}
        for other, rival in enumerate(source):
            if (
                other in spots
                or not _is_fact(rival)
                or rival.fold == item.fold
                or (item.kind in _FACTS) != (rival.kind in _FACTS)
                or (item.kind in _FACTS and item.kind != rival.kind)
                or set(item.axes) & set(rival.axes)
            ):
                continue
            met = _sides_met(item, rival)
            if item.kind == "quantity" and spots and all(parted(evidence.main, s, other) for s in spots):
                continue  # "1 200 de ses 18 400 salariés": both count the same noun.
            if (
                item.kind == "name"
                and rival.kind == "name"
                and (voices_differ(evidence) or _one_name(source, other, spots) or _described(evidence, other, spots))
            ):
                continue
            if met == 2 or (met == 1 and own == 0 and _tells(item, rival)):
                return [
                    evidence.reason(
                        _kind(item), place, (*evidence.units[0], other), "the passage says this of something else"
                    )
                ]
    return []


def _one_name(source: tuple[Item, ...], other: int, spots: set[int]) -> bool:
    """Whether two items of the source are parts of one name ("Anna" and "Quist"), or of the name and what precedes it."""
    for spot in spots:
        first, last = sorted((other, spot))
        run = source[first : last + 1]
        if len(run) <= 3 and all(i.kind == "name" and b.start - i.end == 1 for i, b in pairwise(run)):
            return run[-1].kind == "name"
    return False


def _described(evidence: Evidence, other: int, spots: set[int]) -> bool:
    """Whether a name only describes the one that it stands before: "la PME bretonne Kerloc'h"."""
    items, text = evidence.main.items, evidence.main.text
    return any(
        0 < spot - other <= 2 and re.fullmatch(r"\s(?:[a-zà-ÿ-]{4,}\s)?", text[items[other].end : items[spot].start])
        for spot in spots
    )


def _is_fact(item: Item) -> bool:
    """A figure, a date, a name, or a word with an opposite."""
    return item.kind in _FACTS or bool(item.axes)


def _turned(evidence: Evidence) -> list[Reason]:
    """A word of direction ("a augmenté") among the neighbours of its opposite in the source ("fell 8%")."""
    source = evidence.main.items
    for place, item in enumerate(evidence.claim.items):
        if item.kind != "word" or not item.axes:
            continue
        other_side = {(axis, -side) for axis, side in item.axes}
        own = max(
            (_closeness(evidence, place, i) for i, s in enumerate(source) if set(item.axes) & set(s.axes)), default=0.0
        )
        for spot, rival in enumerate(source):
            if other_side & set(rival.axes) and _closeness(evidence, place, spot) >= own + 1.0:
                return [
                    evidence.reason("polarity", place, (*evidence.units[0], spot), "the passage says the opposite here")
                ]
    return []


def _sides_met(item: Item, other: Item) -> int:
    return sum(bool(a) and a == b for a, b in zip(item.beside, other.beside, strict=True))


def _tells(item: Item, other: Item) -> bool:
    """Whether the one common neighbour is a word that says something (no article or conjunction)."""
    return any(len(a) > 3 and a == b for a, b in zip(item.beside, other.beside, strict=True))


def _swapped(evidence: Evidence) -> list[Reason]:
    """A fact whose neighbours in the claim are those of another fact of its kind in the source."""
    reasons: list[Reason] = []
    items = evidence.claim.items
    for place, item in enumerate(items):
        if item.kind not in ("quantity", "date") and not item.hard:
            continue
        mine = [at for at in evidence.matches.get(place, ()) if at[:2] == evidence.units[0]]
        if not mine:
            continue
        if (
            (item.kind == "name" and _attributed(evidence.claim.text, item))
            or _fronted(evidence, place)
            or same_pairs(evidence, place)
        ):
            continue  # Judged by who says it, wherever it stands; what is put first has other neighbours.
        if item.kind == "name" and place <= 1 and min(at[2] for at in mine) <= 1:
            continue  # The subject of the whole sentence, said again before its second verb.
        own = max(_closeness(evidence, place, at[2]) for at in mine)
        spots = {at[2] for at in mine}
        for other, rival in enumerate(evidence.main.items):
            if (
                other in spots
                or rival.kind != item.kind
                or (item.kind == "name" and not rival.hard)
                or rival.fold == item.fold
            ):
                continue
            if item.kind == "name" and (voices_differ(evidence) or _described(evidence, other, spots)):
                continue
            if _closeness(evidence, place, other) >= own + (1.0 if not evidence.across else 1.5):
                reasons.append(
                    evidence.reason(
                        _kind(item), place, (*evidence.units[0], other), "the passage says this of something else"
                    )
                )
                break
    return reasons


def _fronted(evidence: Evidence, place: int) -> bool:
    """Whether an item is the phrase that a sentence opens with ("By the end of 2027, ...")."""
    item = evidence.claim.items[place]
    return place <= 1 and evidence.claim.text[item.end : item.end + 1] == "," and item.kind != "quantity"


def _attributed(text: str, item: Item) -> bool:
    return bool(_BY.search(text[: item.start]))


def _kind(item: Item) -> str:
    return {"quantity": "number", "date": "date"}.get(item.kind, "name")


def _closeness(evidence: Evidence, place: int, spot: int) -> float:
    """How much of a claim item's neighbourhood stands around a place of the main statement."""
    total = 0.0
    items = evidence.claim.items
    for step in (-3, -2, -1, 1, 2, 3):
        near = place + step
        if not 0 <= near < len(items) or items[near].kind == items[place].kind:
            continue
        best = 0.0
        for at in evidence.matches.get(near, ()):
            if at[:2] != evidence.units[0]:
                continue
            distance = at[2] - spot
            if distance and abs(distance) <= _NEAR:
                same_side = (distance > 0) == (step > 0)
                best = max(best, (1.0 if same_side else 0.5) * 2 / (abs(distance) + abs(step)))
        total += best
    return total


def _counted(evidence: Evidence, place: int) -> list[Reason]:
    """A figure's noun must be one of the words around it in the source."""
    items = evidence.claim.items
    noun = next((p for p in range(place + 1, min(place + 3, len(items))) if items[p].kind == "word"), None)
    quantity = items[place].quantity
    if noun is None or quantity is None or quantity.unit == "ordinal" or items[noun].fold in _PEOPLE:
        return []
    if evidence.across and not is_known_word(items[noun].fold):
        return []
    if re.search(r"\w[-‑]$", evidence.claim.text[: items[place].start]):
        return []  # "COVID-19" counts nothing.
    if re.search(
        r"[.,;:()–—]|\b(?:à|au|aux|en|dans|par|pour|sur|in|at|to|for|from|by|on|depuis|since)\b",
        evidence.claim.text[items[place].end : items[noun].start],
    ):
        return []
    units = {at[:2] for at in evidence.matches[place]}
    if any(at[:2] in units for at in evidence.matches.get(noun, ())):
        return []
    at = evidence.matches[place][0]
    source = evidence.statement(at).items
    there = next((p for p in range(at[2] + 1, min(at[2] + 3, len(source))) if source[p].kind == "word"), None)
    met = {m for partners in evidence.matches.values() for m in partners}
    if there is None or (*at[:2], there) in met or source[there].fold in _PEOPLE or quantity.unit in ("%", "share"):
        return []
    return [evidence.reason("number", place, at, "the passage counts something else")]


def _owner(evidence: Evidence, place: int) -> list[Reason]:
    """The name before a figure must be that of the source's sentence, or of what leads to it."""
    items = evidence.claim.items
    owner = next((p for p in range(place - 1, -1, -1) if items[p].hard and items[p].kind == "name"), None)
    if owner is None:
        return []
    partners = evidence.matches[place]
    named = {at[:2] for at in evidence.anywhere.get(owner, ())}
    if not named or any(at[:2] in named for at in partners):
        return []
    at = partners[0]
    source = evidence.statement(at).items
    mine = {i.fold for i in items}
    statement = evidence.statement(at)
    strangers = [i for i in source[: at[2]] if i.hard and i.kind == "name" and i.fold not in mine]
    stranger = any(not (same_pairs(evidence, place) and where(statement, i)) for i in strangers)
    if stranger and not any(unit == (at[0], 0) for unit in named if len(source) < 4):
        return [evidence.reason("number", place, at, "the passage states this of somebody else")]
    if any(n[0] == at[0] and n[1] <= at[1] for n in named):
        return []
    return [evidence.reason("number", place, at, "the passage states this of somebody else")]


def _leads(evidence: Evidence, spots: list[At]) -> bool:
    """Whether a name is what a pronoun of the main statement may stand for: in the title, or the first name of the nearest sentence
    before that names anything. Where the main statement has no pronoun, any earlier mention will do."""
    if not _PRONOUN.match(evidence.main.text):
        return True
    reading, unit = evidence.units[0]
    if any(at[:2] == (reading, 0) for at in spots):
        return True
    for before in range(unit - 1, 0, -1):
        names = [n for n, i in enumerate(evidence.readings[reading].statements[before].items) if i.kind == "name"]
        if names:
            return any(at[:2] == (reading, before) and at[2] <= names[0] + 2 for at in spots)
    return False


def _absent_name(evidence: Evidence, place: int) -> list[Reason]:
    """A name that stands outside the evidence must lead to it: the title or an earlier sentence, and nobody else named first."""
    spots = evidence.anywhere.get(place, [])
    if not spots:
        return []
    reading, unit = evidence.units[0]
    if any(at[0] == reading and at[1] <= unit for at in spots):
        mine = {i.fold for i in evidence.claim.items}
        first = next((i for i in evidence.main.items if i.kind == "name"), None)
        if (first is None or not first.hard or first.fold in mine) and _leads(evidence, spots):
            return []
    return [evidence.reason("name", place, spots[0], "the passage names it elsewhere, not with this")]
