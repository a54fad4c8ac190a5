"""How something is asserted: negated, denied, rumoured, planned, or flatly so, in French and English. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rag.stems import FUNCTION_WORDS
from rag.tokens import Token

_NOT = frozenset(
    (
        "not",
        "never",
        "cannot",
        "nor",
        "neither",
        "none",
        "nobody",
        "nothing",
        "aucun",
        "aucune",
        "jamais",
        "nul",
        "nulle",
        "hardly",
    )
)
_FRENCH_SECOND = frozenset(
    ("pas", "plus", "jamais", "aucun", "aucune", "rien", "ni", "personne", "guere", "nul", "nulle")
)
_REACH = 2
"""Content words that a negation reaches."""

MODES: dict[str, frozenset[str]] = {
    "denied": frozenset("dement dementi dementie dementent dementir dementait nie nient nier niait refute refutent refuter conteste contestent conteste deny denies denied denying refute refutes refuted disputes disputed refuting contests contested".split()),
    "rumoured": frozenset("rumeur rumeurs rumor rumors rumour rumours reportedly allegedly alleged rumored rumoured speculation speculate speculated presumably supposement apparently apparemment".split()),
    "possible": frozenset("could might may pourrait pourraient pourrais possibly perhaps expected attendu attendus attendue attendues potentially potential eventuel eventuelle eventuellement potentiellement potentiel potentielle peut-etre envisage envisagent envisager envisageait envisagerait envisageraient considering consider considers mulling mulls weighing weighs exploring explores susceptible susceptibles serait seraient aurait auraient probablement probably likely sans-doute risque risquent redoute redoutent craint craignent redouter craindre fear fears feared devrait devraient should unlikely would".split()),
    "planned": frozenset("prevoit prevoient prevoir prevoyait prevu prevue prevus prevues projette projettent compte comptent entend entendent planned plans plan planning intends intend intention expects expecting souhaite souhaitent veut veulent wants hopes espere esperent aims vise will shall va vont allait allaient vouloir voulait slated scheduled set proposes propose".split()),
}  # fmt: skip
_FUTURE = re.compile(r"(?:er|ir|dr|tr|ur|vr|aur|ser|fer|ver)(?:a|ont|ons|ez|ai)$")
_CONDITIONAL = re.compile(r"(?:er|ir)ai(?:t|ent|s)$")
ATTRIBUTION = re.compile(
    r"\b(?:selon|d['’]après|à en croire|according to|per|citant|citing|sources? (?:proches?|close|familiar)|people familiar|d['’]une source|reported|reports? say|claims?|alleges?|prétend\w*)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=100_000)
def mode_of(folded: str) -> str:
    """The mode that a folded word marks: "denied", "rumoured", "possible", "planned", "future" and "conditional" (French endings), or ""."""
    for name, words in MODES.items():
        if folded in words:
            return name
    if folded in ("sera", "seront", "aura", "auront", "ira", "iront"):
        return "future"
    if len(folded) > 6 and _CONDITIONAL.search(folded):
        return "conditional"
    if len(folded) > 5 and folded not in ("camera", "opera", "tibera") and _FUTURE.search(folded):
        return "future"
    return ""


def negations(row: Sequence[Token]) -> list[tuple[int, frozenset[int]]]:
    """(place of the cue, places of the words that it negates) for every negation among tokens. "not only" and "non seulement"
    are none, nor is "ne ... que"."""
    found: list[tuple[int, frozenset[int]]] = []
    at = 0
    while at < len(row):
        word = row[at].fold
        following = row[at + 1].fold if at + 1 < len(row) else ""
        if word in ("ne", "n'"):
            closing = next(
                (
                    i
                    for i in range(at + 1, min(at + 8, len(row)))
                    if row[i].fold in _FRENCH_SECOND or row[i].fold in (".", ";", "que", "qu'")
                ),
                None,
            )
            if closing is not None and row[closing].fold in _FRENCH_SECOND:
                inside = [i for i in range(at + 1, closing) if _content(row[i])]
                found.append((at, frozenset(inside[:_REACH] + _after(row, closing, _REACH - min(len(inside), 1)))))
                at = closing
        elif (
            (
                word in _NOT
                and following not in ("only", "seulement", "doute", "doubt")
                and not (at and row[at - 1].fold == "or")
            )
            or word.endswith("n't")
            or (word == "no" and following not in ("doubt", "matter", "."))
        ):
            if word == "no" and following in ("longer", "one"):
                at += 1
            found.append((at, frozenset(_after(row, at, _REACH))))
        elif (
            word == "pas"
            and (at == 0 or row[at - 1].fold not in ("un", "le", "les", "des", "ces"))
            and following != "seulement"
        ):
            found.append((at, frozenset(_after(row, at, _REACH))))
        elif word == "non" and following not in ("seulement", "plus") and not (at and row[at - 1].fold == "ou"):
            found.append((at, frozenset(_after(row, at, 1))))
        at += 1
    return found


def _content(token: Token) -> bool:
    return (
        token.kind in ("word", "number")
        and token.fold not in FUNCTION_WORDS["fr"]
        and token.fold not in FUNCTION_WORDS["en"]
    )


def _after(row: Sequence[Token], at: int, most: int) -> list[int]:
    places: list[int] = []
    for i in range(at + 1, min(at + 8, len(row))):
        if row[i].kind == "stop" and row[i].text in ".;:!?":
            break
        if _content(row[i]) and len(places) < most:
            places.append(i)
    return places
