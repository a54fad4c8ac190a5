"""Whether source and claim assert in the same way: negation, opposites, denial, and how certain they are. Pure."""

from __future__ import annotations

from collections import Counter

from rag.assertion import ATTRIBUTION
from rag.matching import Evidence
from rag.models import Reason
from rag.reading import Cue, Statement
from rag.tokens import tokens

_LEVEL = {"rumoured": 0, "possible": 1, "planned": 2, "future": 2}
_SOFT = frozenset(
    "can may might would should peut peuvent pouvait pouvaient pu possible possibly serait seraient devrait devraient aurait auraient risque risquent supposed will shall va vont devoir doit doivent must probable probablement probably likely evtl".split()
)
_LEXICAL_NOT = frozenset(
    "unable fail failed fails failing refuse refused refuses lack lacks impossible unlikely ignore ignorer manque manquent refuser echoue prevent avoid unless absence omettant unclear evite eviter unknown inconnu faute incapable sauf except rare rarely rarement".split()
)


def assertion_reasons(evidence: Evidence) -> tuple[list[Reason], list[Reason]]:
    """Reasons to refuse, and reasons to say "partly"."""
    refused = _negation(evidence) or _opposites(evidence)
    certain, softened = _certainty(evidence)
    return refused + certain, softened


def _negation(evidence: Evidence) -> list[Reason]:
    claim, main = evidence.claim, evidence.main
    sources = [evidence.readings[r].statements[u] for r, u in evidence.units]
    if not claim.refusals and not any(s.refusals for s in sources):
        return []
    met = {place: set(partners) for place, partners in evidence.matches.items()}
    for cue in claim.refusals:
        if evidence.across and claim.text[cue.start : cue.end].lower() == "non":
            continue
        if not _answered(evidence, cue, met, sources):
            return [_cue_reason(evidence, "polarity", (cue.start, cue.end), None, "the passage does not deny this")]
    if evidence.across or _whole(evidence):
        mine, theirs = _count(claim, evidence.across), max(_count(s, evidence.across) for s in sources)
        if evidence.across and mine and theirs:
            mine = theirs  # "never ... again", "ne ... plus jamais": languages count them otherwise.
        if mine < theirs and not _denied_in_claim(evidence):
            span = (main.start + main.refusals[0].start, main.start + main.refusals[0].end) if main.refusals else None
            return [_cue_reason(evidence, "polarity", (0, len(claim.text)), span, "the passage negates this")]
        if mine > theirs and not _denied_by_a_word(evidence, sources):
            cue = claim.refusals[-1]
            return [
                _cue_reason(
                    evidence, "polarity", (cue.start, cue.end), evidence.main_span, "the passage does not deny this"
                )
            ]
    back = {at: place for place, partners in evidence.matches.items() for at in partners}
    for cue in main.refusals:
        reached = [back[(*evidence.units[0], i)] for i in cue.reached if (*evidence.units[0], i) in back]
        if not reached:
            continue
        if any(claim.items[p].negated for p in reached):
            continue
        if claim.refusals and (evidence.across or len(claim.refusals) >= len(main.refusals)):
            continue
        if _denied_in_claim(evidence):
            continue
        span = (main.start + cue.start, main.start + cue.end)
        return [_cue_reason(evidence, "polarity", (0, len(claim.text)), span, "the passage negates this")]
    return []


def _denied_by_a_word(evidence: Evidence, sources: list[Statement]) -> bool:
    """Whether the source denies by a word ("refuse") that the claim does not have itself."""
    mine = {i.fold for i in evidence.claim.items}
    return any(i.fold in _LEXICAL_NOT and (evidence.across or i.fold not in mine) for s in sources for i in s.items)


def _denied_in_claim(evidence: Evidence) -> bool:
    theirs = {i.fold for i in evidence.main.items}
    return any(i.fold in _LEXICAL_NOT and (evidence.across or i.fold not in theirs) for i in evidence.claim.items)


def _words(statement: Statement) -> frozenset[str]:
    return frozenset(t.fold for t in tokens(statement.text))


def _count(statement: Statement, across: bool) -> int:
    """Negations; across languages without the "non" of "non détecté", which is a prefix in the other."""
    return sum(not (across and statement.text[c.start : c.end].lower() == "non") for c in statement.refusals)


def _whole(evidence: Evidence) -> bool:
    """Whether the claim says all of its main statement, in the same language."""
    met = {at[2] for partners in evidence.matches.values() for at in partners if at[:2] == evidence.units[0]}
    counted = [i for i, item in enumerate(evidence.main.items) if item.kind != "marker"]
    return len(evidence.units) == 1 and sum(i in met for i in counted) >= 0.85 * len(counted)


def _answered(
    evidence: Evidence, cue: Cue, met: dict[int, set[tuple[int, int, int]]], sources: list[Statement]
) -> bool:
    """Whether the source has a negation for one of the claim's."""
    partners = [evidence.item(at) for place in cue.reached for at in met.get(place, ())]
    if any(p.negated for p in partners):
        return True
    if _denied_by_a_word(evidence, sources):
        return True
    held = [s for s in sources if s.refusals]
    if not held:
        return False
    return evidence.across or not partners or len(evidence.claim.refusals) <= len(evidence.main.refusals)


def _opposites(evidence: Evidence) -> list[Reason]:
    """The claim says "hausse" where its main statement says "baisse", and neither says the other as well."""
    claim, main = evidence.claim, evidence.main
    mine = _sides(claim)
    theirs = _sides(main)
    if not evidence.across and _whole(evidence):
        held, stated = _tally(main), _tally(claim)
        for (axis, side), count in stated.items():
            if count > held[axis, side] and stated[axis, -side] < held[axis, -side]:
                there = theirs[axis, -side]
                return [
                    evidence.reason(
                        "polarity", mine[axis, side], (*evidence.units[0], there), "the passage says the opposite"
                    )
                ]
    taken = {at[2] for partners in evidence.matches.values() for at in partners if at[:2] == evidence.units[0]}
    for (axis, side), place in mine.items():
        if (axis, -side) in mine or (axis, side) in theirs or (axis, -side) not in theirs:
            continue
        if (
            evidence.in_main(place) is not None
            or claim.items[place].negated != main.items[theirs[(axis, -side)]].negated
        ):
            continue
        there = theirs[(axis, -side)]
        if there in taken and main.items[there].kind != "marker":
            continue
        return [evidence.reason("polarity", place, (*evidence.units[0], there), "the passage says the opposite")]
    return []


def _tally(statement: Statement) -> Counter[tuple[int, int]]:
    return Counter(axis for item in statement.items for axis in item.axes)


def _sides(statement: Statement) -> dict[tuple[int, int], int]:
    return {axis: place for place, item in enumerate(statement.items) for axis in item.axes}


def _certainty(evidence: Evidence) -> tuple[list[Reason], list[Reason]]:
    claim, main = evidence.claim, evidence.main
    whole = (0, len(claim.text))
    mine = {c.mode for c in claim.modes}
    theirs = {c.mode for c in main.modes}
    said = bool(ATTRIBUTION.search(claim.text))
    if "denied" in mine and "denied" not in theirs and not (claim.refusals or main.refusals):
        span = next(
            ((main.start + c.start, main.start + c.end) for c in main.modes if c.mode == "denied"), evidence.main_span
        )
        return [_cue_reason(evidence, "polarity", whole, span, "one side denies what the other states")], []
    if not evidence.across and _whole(evidence):
        held, stated = (sorted(c.mode for c in s.modes if c.mode != "future") for s in (main, claim))
        if held != stated:
            return [
                _cue_reason(evidence, "attribution", whole, evidence.main_span, "the passage is more, or less, certain")
            ], []
    levels = [_LEVEL[m] for m in mine if m in _LEVEL]
    back = {at[2] for partners in evidence.matches.values() for at in partners if at[:2] == evidence.units[0]}
    for cue in main.modes:
        level = _LEVEL.get(cue.mode)
        if level is None or cue.mode == "future" or not (cue.reached & back):
            continue
        if any(own <= level for own in levels) or (said and level == 0):
            continue
        if evidence.across and (
            levels
            or said
            or "denied" in mine
            or _SOFT & _words(claim)
            or main.text[cue.start : cue.end].lower() in _SOFT
        ):
            continue
        span = (main.start + cue.start, main.start + cue.end)
        return [_cue_reason(evidence, "attribution", whole, span, "the passage is less certain")], []
    if not evidence.across and levels and not (theirs & set(_LEVEL)) and not ATTRIBUTION.search(main.text):
        cue = next(c for c in claim.modes if c.mode in _LEVEL)
        if cue.mode != "future" and any(p in cue.reached for p in evidence.matches):
            return [
                _cue_reason(
                    evidence,
                    "attribution",
                    (cue.start, cue.end),
                    evidence.main_span,
                    "the passage states this as a fact",
                )
            ], []
    if not evidence.across and not said and not levels and (found := ATTRIBUTION.search(main.text)):
        span = (main.start + found.start(), main.start + found.end())
        return [], [_cue_reason(evidence, "attribution", whole, span, "the passage attributes this")]
    return [], []


def _cue_reason(
    evidence: Evidence, kind: str, span: tuple[int, int], there: tuple[int, int] | None, message: str
) -> Reason:
    return Reason(kind, span, evidence.main_number, there if evidence.units[0][1] else None, message)
