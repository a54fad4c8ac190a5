"""What a version of a source sentence puts in another's place: a name for a name, a speaker for a speaker, a span of time for another. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from rag.matching import At, Evidence
from rag.models import Reason
from rag.parallels import where
from rag.reading import Item
from rag.stems import fold

VERSION = 0.7
"""Share of a claim's items in order in a source sentence from which its figures are that sentence's."""
MOST_ITEMS = 6
"""Items in a row that can be one thing put in another's place."""
_TIME = {
    word: number
    for number, words in enumerate(
        ("second seconds seconde secondes", "minute minutes", "heure heures hour hours", "jour jours day days", "semaine semaines week weeks",
         "mois month months", "trimestre trimestres quarter quarters", "an ans annee annees year years", "decennie decennies decade decades",
         "siecle siecles century centuries", "metre metres meter meters", "kilometre kilometres kilometer kilometers km", "mile miles", "yard yards")
    )
    for word in words.split()
}  # fmt: skip
_SAYS = (
    r"said|says|told|wrote|writes|added|adds|announced|announces|argued|argues|warned|warns|claims|claimed|explained|explains|noted|notes|reported|reports|"
    r"affirme|affirment|déclare|déclarent|explique|expliquent|estime|estiment|souligne|précise|rappelle|annonce|soutient|raconte|indique|assure|ajoute|avertit|"
    r"(?:a|ont) (?:déclaré|annoncé|affirmé|expliqué|indiqué|précisé|estimé|ajouté|assuré)"
)
_SAID = r"said|says|told|wrote|added|announced|warned|claimed|explained|(?:a|ont) (?:déclaré|annoncé|affirmé|expliqué|indiqué|précisé|estimé|ajouté|assuré)"
_SPEAKER = re.compile(
    rf"\b(?:[Aa]ccording to|[Ss]elon|[Pp]our|[DdÀ](?:['’]après| en croire)) (?:the |la |le |l['’])?(?P<source>[A-ZÉ][\w.’'-]*(?: [A-ZÉ][\w.’'-]*)*)"
    rf"|(?P<before>[A-ZÉ][\w.’'-]*(?: [A-ZÉ][\w.’'-]*)*)(?: (?:{_SAYS})|, (?:{_SAID}))\b"
    rf"|\b(?:{_SAYS}) (?P<after>[A-ZÉ][\w.’'-]*(?: [A-ZÉ][\w.’'-]*)*)(?=[,.”»\"]|$)"
)
_PRONOUNS = frozenset("il elle ils elles he she they it on".split())


def replaced_facts(evidence: Evidence) -> list[Reason]:
    """In one language: a name, figure or date that stands between the same words as another one in the source."""
    if evidence.across:
        return []
    for unit in evidence.units:
        reasons = _replaced_in(evidence, unit)
        if reasons:
            return reasons
    return []


def _replaced_in(evidence: Evidence, unit: tuple[int, int]) -> list[Reason]:
    claim, source = evidence.claim.items, evidence.readings[unit[0]].statements[unit[1]].items
    matcher = SequenceMatcher(None, [_key(i) for i in claim], [_key(i) for i in source], autojunk=False)
    blocks = matcher.get_opcodes()
    same = sum(b[2] - b[1] for b in blocks if b[0] == "equal")
    if same < max(2, len(claim) // 2):
        return []
    mine, theirs = Counter(_key(i) for i in claim), Counter(_key(i) for i in source)
    for tag, a, b, c, d in blocks:
        if tag != "replace" or b - a > MOST_ITEMS or d - c > MOST_ITEMS:
            continue
        for kind in ("name", "quantity", "date") if same >= VERSION * len(claim) else ("name",):
            strange = [
                p for p in range(a, b)
                if claim[p].kind == kind and not any(at[:2] == unit and c <= at[2] < d for at in evidence.matches.get(p, ()))
                and mine[_key(claim[p])] > theirs[_key(claim[p])]
            ]  # fmt: skip
            displaced = [
                p for p in range(c, d) if source[p].kind == kind and theirs[_key(source[p])] > mine[_key(source[p])]
            ]
            if not strange or not displaced or any(_met_there(evidence, p, unit) for p in strange):
                continue
            statement = evidence.readings[unit[0]].statements[unit[1]]
            if (
                kind == "name"
                and where(statement, source[displaced[0]])
                and not where(evidence.claim, claim[strange[0]])
            ):
                continue  # A firm is not put in the place of a place.
            if kind == "name" and _same_name(claim[a:b], source[c:d], evidence):
                continue
            told = {"quantity": "number"}.get(kind, kind)
            return [evidence.reason(told, strange[0], (*unit, displaced[0]), "the passage states another one here")]
    return []


def _met_there(evidence: Evidence, place: int, unit: tuple[int, int]) -> bool:
    return any(at[:2] == unit for at in evidence.matches.get(place, ()))


def _key(item: Item) -> str:
    return f"{item.quantity.values} {item.quantity.unit}" if item.quantity is not None else item.fold


def _same_name(mine: Sequence[Item], theirs: Sequence[Item], evidence: Evidence) -> bool:
    """Initials for words ("OIT"), or a name that is known elsewhere to be matched by these very items."""
    a, b = ([i for i in items if i.kind == "name"] for items in (mine, theirs))
    letters = ("".join(i.fold[:1] for i in a), "".join(i.fold[:1] for i in b))
    if any(i.fold == letters[1] for i in a) or any(i.fold == letters[0] for i in b):
        return True
    return any(evidence.readings[evidence.units[0][0]].acronyms & {i.fold} for i in a)


def other_speaker(evidence: Evidence) -> list[Reason]:
    """A statement that the claim puts into the mouth of one, and the source into that of another."""
    wanted = speakers(evidence.claim.text)
    if not wanted or evidence.across:
        return []
    sources = [evidence.readings[r].statements[u] for r, u in evidence.units]
    stated = [s for statement in sources for s in speakers(statement.text)]
    known = {word for name in stated for word in _words(name)}
    for name in wanted:
        words = _words(name)
        if not words or words & known or not stated:
            continue
        start = evidence.claim.text.index(name)
        there = (evidence.main.start, evidence.main.end) if evidence.units[0][1] else None
        return [
            Reason(
                "attribution",
                (start, start + len(name)),
                evidence.main_number,
                there,
                "the passage says that another said it",
            )
        ]
    return []


def speakers(text: str) -> list[str]:
    """The names that a sentence gives as those who say something; before a comma and the verb, all that stands there ("Anna Quist,
    head of Zyblor, said")."""
    found = []
    for m in _SPEAKER.finditer(text):
        name = m["source"] or m["before"] or m["after"]
        if name.split()[0].lower() not in _PRONOUNS:
            found.append(text[: m.end("before")] if m["before"] and "," in text[: m.start("before")] else name)
    return found


def _words(name: str) -> set[str]:
    return {fold(w) for w in re.findall(r"[A-ZÉ][\w-]+", name)}


def other_span(evidence: Evidence, place: int) -> list[Reason]:
    """A span of time or a length beside a figure: the source must have the figure with the same unit."""
    items = evidence.claim.items
    unit = _unit(items, place)
    if unit is None:
        return []
    units = {
        u for at in evidence.matches.get(place, ()) if (u := _unit(evidence.statement(at).items, at[2])) is not None
    }
    if units and unit not in units:
        at = evidence.matches[place][0]
        return [evidence.reason("number", place, at, "the passage counts in another unit")]
    return []


def _unit(items: Sequence[Item], place: int) -> int | None:
    after = items[place + 1] if place + 1 < len(items) else None
    if after is None or after.start - items[place].end > 2:
        return None
    return _TIME.get(after.fold)


def repeated(evidence: Evidence) -> list[Reason]:
    """In one language: a figure that the claim states more often than its source does."""
    if evidence.across:
        return []
    used: dict[tuple[At, ...], int] = {}
    for place, item in enumerate(evidence.claim.items):
        if item.kind != "quantity" or place not in evidence.matches:
            continue
        spots = tuple(sorted(evidence.matches[place]))
        used[spots] = used.get(spots, 0) + 1
        if used[spots] > len(spots):
            return [evidence.reason("number", place, spots[0], "the passage states this once only")]
    return []
