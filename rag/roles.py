"""Who did what to whom: two names on the sides of a verb. Pure."""

from __future__ import annotations

import re

from rag.lexicon import axes_of
from rag.matching import Evidence
from rag.models import Reason
from rag.reading import Item

_TRADE = frozenset((*axes_of("achete"), *axes_of("vend")))
"""Who buys and who sells are told apart whoever the third is."""


def role_reasons(evidence: Evidence) -> list[Reason]:
    """Two names on the other sides of the same verb: who bought whom. A passive voice on one side turns them back."""
    items, source = evidence.claim.items, evidence.main.items
    for place, item in enumerate(items):
        if item.kind != "word":
            continue
        spot = evidence.in_main(place)
        if spot is None:
            continue
        before, after = _name_beside(items, place, -1), _name_beside(items, place, 1)
        there_before, there_after = _name_beside(source, spot, -1), _name_beside(source, spot, 1)
        if before is None or after is None or there_before is None or there_after is None:
            continue
        names = (_run(items, before), _run(items, after))
        there = (_run(source, there_before), _run(source, there_after))
        turned = (items[before].fold, items[after].fold) == (source[there_after].fold, source[there_before].fold)
        if (turned and items[before].fold != items[after].fold) or (
            _TRADE & set(item.axes) and _other_subject(names, there, evidence)
        ):
            passive = _passive(evidence.claim.text, item.end, items[after].start)
            if passive == _passive(evidence.main.text, source[spot].end, source[there_after].start):
                return [
                    evidence.reason(
                        "name", before, (*evidence.units[0], there_after), "the passage has it the other way round"
                    )
                ]
    return []


def _other_subject(
    names: tuple[frozenset[str], frozenset[str]], there: tuple[frozenset[str], frozenset[str]], evidence: Evidence
) -> bool:
    """Whether who does it in the claim is somebody else than who does it in the source, be it the object or a third."""
    mine, theirs = names[0], there[0]
    if mine & theirs or mine & names[1] or theirs & there[1]:
        return False
    told = {i.fold for i in evidence.main.items if i.kind == "name"}
    return bool(mine & told) and bool((mine | names[1]) & there[1])


def _run(items: tuple[Item, ...], place: int) -> frozenset[str]:
    """The words of the whole name that one stands in."""
    first = last = place
    while first and items[first - 1].kind == "name" and items[first].start - items[first - 1].end < 3:
        first -= 1
    while last + 1 < len(items) and items[last + 1].kind == "name" and items[last + 1].start - items[last].end < 3:
        last += 1
    return frozenset(i.fold for i in items[first : last + 1])


def voices_differ(evidence: Evidence) -> bool:
    texts = (evidence.claim.text, evidence.main.text)
    return len({_passive(text, 0, len(text)) for text in texts}) == 2


def _name_beside(items: tuple[Item, ...], place: int, step: int) -> int | None:
    for distance in range(1, 5):
        near = place + step * distance
        if 0 <= near < len(items) and items[near].kind == "name":
            return near
    return None


def _passive(text: str, start: int, end: int) -> bool:
    return bool(re.search(r"\b(?:par|by)\b", text[start:end]))
