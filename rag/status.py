"""Whether something is said to have happened, and who says it: plans, denials, what was given up, and speakers without a name. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from rag.lexicon import axes_of
from rag.matching import At, Evidence
from rag.models import Reason
from rag.reading import Item, Statement
from rag.stems import fold

_AUXILIARY = re.compile(
    r"\b(?:a|ont|avait|avaient|ayant|est|sont|était|étaient|été|has|have|had|having|was|were|been)\s+(?:\w+(?:ly|ment)\s+|déjà\s+|already\s+|tous\s+|toutes\s+|été\s+|since\s+|also\s+|aussi\s+)?$",
    re.IGNORECASE,
)
_PARTICIPLE = re.compile(r"(?:é|ée|és|ées|i|is|ie|ies|it|ite|its|ites|u|ue|us|ues|ert|erte|erts|ertes|ed|en|wn|cut|shut|shed|hit|lost|sold|laid|left|made|found|taken|quit|let)$", re.IGNORECASE)  # fmt: skip
_OPEN_BEFORE = re.compile(
    r"\b(?:will|would|could|may|might|should|to|be|being|not|n['’]t|va|vont|allait|allaient|de|d['’]|à|pour)\s+(?:\w+\s+)?$",
    re.IGNORECASE,
)
_DENIES = frozenset((*axes_of("dementi"), *axes_of("confirme")))
_NOT_YET = frozenset(("possible", "conditional", "planned", "future", "rumoured"))
_GIVEN_UP = re.compile(
    r"\b(?:renonc\w+\s+à|renonc\w+|abandonn\w+|annul\w+|écart\w+|exclu[ts]?\b|exclu(?:ent|re|ait)|évit\w+|gave up|calls? it quits (?:in|on)|giv(?:e|es|en|ing) up|abandon\w*|cancel\w*|ruled? out|rules out|avoid\w*|spared?|called off|dropped plans?|scrapped (?:its |the |a )?plans?)\s+(?:(?:à|de|d['’]|to|the|its|le|la|les|l['’]|son|sa|un|une|of|any|tout|toute|plans?|projets?|idea|idée)\s*)*(?=\w)",
    re.IGNORECASE,
)
_TURNS_BACK = re.compile(
    r"\b(?:mais|but|tandis que|alors que|while|whereas|however|en revanche|toutefois|cependant)\b|;", re.IGNORECASE
)
_DECIDED = re.compile(
    r"\b(?:decided|agreed|voted|promised|pledged|vowed|threatened|offered|asked|urged|ready|due)\sto\s$"
    r"|\b(?:décidée?s?|acceptée?s?|promis|menacée?s?|proposée?s?|demandée?s?|votée?s?|prêt[es]*)\s(?:de\s|d['’]|à\s)$",
    re.IGNORECASE,
)
_SAYING = frozenset(
    fold(w)
    for w in (
        "dit disent affirme affirment déclare déclarent explique expliquent estime estiment souligne soulignent précise précisent rappelle rappellent annonce annoncent soutient "
        "soutiennent assure assurent ajoute ajoutent avertit redoute redoutent craint craignent promet promettent promis garantit garantissent réclame réclament dénonce dénoncent accuse accusent "
        "juge jugent qualifie qualifient espère espèrent regrette regrettent salue saluent critique critiquent indique indiquent évoque évoquent parle parlent said says told warns warned fears feared promised promises "
        "guarantees guaranteed demands demanded denounced called calls welcomed criticised criticized hopes hoped expects expected believes believed thinks insists insisted argues argued reported reports announced announces speaks spoke cites cited claims claimed"
    ).split()
)
_CLAUSE = re.compile(r"[;:.(]|(?<!\d),|,(?!\d)|\b(?:et|and|mais|but|while|whereas|tandis|alors)\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:il|elle|ils|elles|on|he|she|they|it|qui|who|which|that|we|nous|je|i)\b", re.IGNORECASE)
_SUBJECT = 3
"""Items before a word of saying that are its subject."""
_APPOSED = re.compile(r",\s(?:elle|lui|eux|elles|quant à \w+|for \w+ part),", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")


def status_reasons(evidence: Evidence) -> list[Reason]:
    """What the claim says to have happened must not only be planned, feared, denied or given up in its evidence, and whom the
    claim has say it must say it there."""
    return _not_yet(evidence) or _denied(evidence) or _given_up(evidence) or _other_mouth(evidence)


def has_happened(statement: Statement, item: Item) -> bool:
    """Whether a word stands as something done: "a supprimé", "has cut", "were replaced", "Danelis cut"."""
    word = statement.text[item.start : item.end]
    before = statement.text[max(0, item.start - 40) : item.start]
    if _AUXILIARY.search(before):
        return bool(_PARTICIPLE.search(word))
    if statement.language == "en" and word.lower().endswith("ed"):
        return not _OPEN_BEFORE.search(before)
    return word == "cut" and bool(re.search(r"[A-Z][\w’'-]*\s$", before))


def _reached(statement: Statement, modes: frozenset[str]) -> set[int]:
    return {place for cue in statement.modes if cue.mode in modes for place in cue.reached}


def _open_in(statement: Statement, place: int) -> bool:
    item = statement.items[place]
    if has_happened(statement, item):
        return False
    before = statement.text[max(0, item.start - 24) : item.start]
    return place in _reached(statement, _NOT_YET) or bool(_DECIDED.search(before))


def _not_yet(evidence: Evidence) -> list[Reason]:
    claim = evidence.claim
    coloured = _reached(claim, _NOT_YET | {"denied"})
    for place, item in enumerate(claim.items):
        if item.kind != "word" or place in coloured or item.negated or not has_happened(claim, item):
            continue
        spots = evidence.matches.get(place, ())
        if spots and all(_open_in(evidence.statement(at), at[2]) for at in spots):
            if any(has_happened(evidence.statement(at), evidence.item(at)) for at in evidence.anywhere.get(place, ())):
                continue
            return [evidence.reason("attribution", place, spots[0], "the passage does not say that this has happened")]
    return []


def _denied_span(statement: Statement) -> list[tuple[int, int]]:
    """From each word of denial to where the sentence turns back ("mais")."""
    spans = []
    for cue in statement.modes:
        if cue.mode == "denied":
            turn = _TURNS_BACK.search(statement.text, cue.end)
            spans.append((cue.end, turn.start() if turn else len(statement.text)))
    return spans


def _denied(evidence: Evidence) -> list[Reason]:
    """Something that stands in a denial, and is stated by the claim."""
    claim = evidence.claim
    if claim.refusals:
        return []
    if any(c.mode == "denied" for c in claim.modes):
        return _denies_another(evidence)
    words = [p for p, i in enumerate(claim.items) if i.kind == "word" and not _DENIES & set(i.axes)]
    met = [
        at
        for p in words
        for at in evidence.matches.get(p, ())
        if evidence.item(at).start >= min((a for a, _ in _denied_span(evidence.statement(at))), default=0)
    ]
    held: list[At] = []
    for at in met:
        item = evidence.item(at)
        if any(a <= item.start < b for a, b in _denied_span(evidence.statement(at))):
            held.append(at)
    if held and 2 * len(held) > len(met):
        place = next(p for p in words if held[0] in evidence.matches.get(p, ()))
        return [evidence.reason("polarity", place, held[0], "the passage has this denied")]
    return []


def _denies_another(evidence: Evidence) -> list[Reason]:
    """The claim has denied what stands after the source's denial has turned back ("mais confirme un gel")."""
    claim, main = evidence.claim, evidence.main
    spans, mine = _denied_span(main), _denied_span(claim)
    if not spans:
        return []
    spots = [
        (place, at) for place, i in enumerate(claim.items) if i.start >= mine[0][0] and i.kind == "word"
        for at in evidence.matches.get(place, ()) if at[:2] == evidence.units[0]
    ]  # fmt: skip
    strange = [s for s in spots if any(main.items[s[1][2]].start >= b for _, b in spans)]
    if strange and 2 * len(strange) > len(spots):
        return [evidence.reason("polarity", *strange[0], "the passage does not deny this")]
    return []


def _given_up(evidence: Evidence) -> list[Reason]:
    """ "renonce à fermer l'usine" is no closure."""
    claim = evidence.claim
    mine = [m.end() for m in _GIVEN_UP.finditer(claim.text)]
    for place, item in enumerate(claim.items):
        if item.kind != "word" or item.negated or any(item.start == end for end in mine) or claim.refusals:
            continue
        spots = evidence.matches.get(place, ())
        given = [at for at in spots if _is_given_up(evidence.statement(at), evidence.item(at))]
        if given and len(given) == len(spots) and not mine:
            return [evidence.reason("polarity", place, given[0], "the passage says that this was given up")]
    return []


def _is_given_up(statement: Statement, item: Item) -> bool:
    return any(match.end() == item.start for match in _GIVEN_UP.finditer(statement.text))


@lru_cache(maxsize=2048)
def _sayings(text: str) -> tuple[tuple[int, int, int], ...]:
    """(start of its clause, start and end of the word) for every word of saying that its subject stands before."""
    text = _APPOSED.sub(lambda m: " " * len(m.group()), text)
    found = []
    breaks = [0, *(m.end() for m in _CLAUSE.finditer(text))]
    for match in _WORD.finditer(text):
        if fold(match.group()) in _SAYING:
            start = breaks[bisect_right(breaks, match.start()) - 1]
            found.append((start, match.start(), match.end()))
    return tuple(found)


def _subjects(statement: Statement) -> Iterator[tuple[list[int], int]]:
    """(items of the subject, end of the word of saying) where the subject is no pronoun."""
    for start, at, end in _sayings(statement.text):
        subject = [n for n, i in enumerate(statement.items) if start <= i.start < at and i.kind in ("name", "word")]
        if subject and not _PRONOUN.search(_APPOSED.sub(" ", statement.text[start:at])):
            yield subject, end


def _other_mouth(evidence: Evidence) -> list[Reason]:
    """What the claim has somebody say, and the source somebody else, be they names or not ("la direction", "le syndicat")."""
    claim, main = evidence.claim, evidence.main
    wanted = next(_subjects(claim), None)
    theirs = list(_subjects(main))
    if wanted is None or not theirs or len(_sayings(main.text)) != len(theirs):
        return []
    subject, said = wanted
    told = {
        at[2] for place, item in enumerate(claim.items) if item.start > said
        for at in evidence.matches.get(place, ()) if at[:2] == evidence.units[0]
    }  # fmt: skip
    ends = [end for _, end in theirs] + [len(main.text)]
    shares = [sum(ends[n] <= main.items[spot].start < ends[n + 1] for spot in told) for n in range(len(theirs))]
    verbs = _met_at(evidence, said)
    shares = [share + (end in verbs) for share, (_, end) in zip(shares, theirs, strict=True)]
    best = max(shares)
    if best < 2 or shares.count(best) > 1:
        return []
    speaker = set(theirs[shares.index(best)][0])
    known = [p for p in subject[-_SUBJECT:] if evidence.in_main(p) is not None]
    if not known or {at[2] for at in evidence.matches[known[0]] if at[:2] == evidence.units[0]} & speaker:
        return []
    place = known[0]
    return [
        evidence.reason(
            "attribution", place, (*evidence.units[0], min(speaker)), "the passage says that another said it"
        )
    ]


def _met_at(evidence: Evidence, end: int) -> set[int]:
    """Where the words of the main statement end that meet the claim's word of saying."""
    places = (p for p, i in enumerate(evidence.claim.items) if i.end == end)
    return {
        evidence.main.items[at[2]].end for p in places for at in evidence.matches.get(p, ())
        if at[:2] == evidence.units[0]
    }  # fmt: skip
