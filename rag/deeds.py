"""What a question asks somebody to have done ("who replaced", "qui a racheté"), and whether a sentence tells of such a deed. Pure.

A sentence about the right body that tells of no such deed is no answer to who did it: "Apple's Tim Cook said" does not say who replaced him.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.analysis import fold_accents
from rag.lexicon import meanings
from rag.models import Question

_KINDS: tuple[tuple[str, str], ...] = (
    ("replace", r"(?:replac\w+|rempla[cç]\w+)(?! (?:them|us|you|human|work|job|people|employee|staff|task|des |les |l['’]))|succeed\w*|succ[eé]d\w+|success(?:or|eur)\w*|t(?:ake|ook)s? over|takes? the helm|int[ée]rim\w*|named|nomm\w+|appoint\w+|(?:return|came|come)\w* (?:back )?as|forced out|new (?:CEO|chief|head|boss)|nouve\w+ (?:PDG|direct\w+|patron\w*|pr[ée]sident\w*)"),
    ("create", r"cr[ée]{1,2}\w*|creat\w+|fond(?:é|ateur|atrice|a|èrent)\w*|cofond\w+|(?:co-?)?found(?:ed|er|ers|ing)|con[cç]u\w*|lanc\w+|launch\w*|built|buil[dt]\w*|form(?:ed|s|ing|é|ée|és|ent)|d[ée]velop\w+|invent\w+|set up|behind|derri[èe]re"),
    ("buy", r"rach[eè]t\w*|acqui\w+|ach[eè]t\w+|buy(?:s|ing|ers?)?|bought|purchas\w+|take ?over\w*|took over|s['’]empar\w+|snap(?:s|ped)? up"),
    ("win", r"wins?|won|winn\w+|gagn\w+|rempor\w+|laur[ée]at\w*|award\w*|d[ée]cern\w+|vict\w+|beat|battu\w*"),
    ("sue", r"sue[sd]?|suing|lawsuits?|plaint\w+|poursui\w+|attaqu\w+|complaint\w*|filed|assign\w+|proc[èe]s"),
    ("stop", r"suspend\w*|suspension|bloqu\w+|block\w*|halt\w*|paus\w+|interdi\w+|stop\w*|g[eè]l\w+|fr[eo]\w*z\w+|ordonn\w+|order\w*"),
    ("resign", r"resign\w*|d[ée]mission\w*|step\w* (?:down|aside)|quit(?:s|te|té)? (?:the|his|her|its|ses|son|sa|le)\b"),
    ("leave", r"abandonn\w*|quitt\w+|left|leav\w+|drop\w*|step\w* down|d[ée]mission\w*|resign\w*|renonc\w+|d[ée]part\w*|depart\w*|oust\w*|évinc\w+|fired"),
    ("pay", r"invest\w*|inject\w*|financ\w+|pa(?:y|id|ie|yé)\w*|fund\w*|backed|led by"),
)  # fmt: skip
_ASKED = tuple((kind, re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)) for kind, pattern in _KINDS)
STRICT = frozenset(("replace", "buy", "win", "sue", "resign"))
"""Deeds that a sentence has to tell of; the others have too many other names."""
BEGINS = re.compile(
    r"\b(?:unveil\w*|launch\w*|lanc\w+|annonc\w+|announc\w+|introduc\w+|pr[ée]sent\w+|releas\w+|sort\w*|stable|disponib\w+|availab\w+|begin\w*|beg[au]n|d[ée]but\w*|commenc\w+|start\w*|set for|scheduled|pr[ée]vu\w*|slated|open\w*|ouv(?:r|er)\w+|effect|vigueur|ferm\w+|clos\w+|end\w*|fin\w*|livr\w+|deliver\w*)\b",
    re.IGNORECASE,
)
_LEADS = re.compile(
    r"\b(?:qui|who) (?:dirige\w*|préside\w*|leads|runs|heads)\b|\b(?:qui est|quel(?:le)? est|who is|who['’]s) (?:le |la |l['’]|the |an? )?(?:(?:nouve\w+|actuel\w*|current|new|acting) )?"
    r"(?:pdg|patron\w*|direct\w+ général\w*|président\w*|ceo|chief executive|boss|head|president|chair\w*|dirigeant\w*)\b|\b(?:who is|who['’]s|qui est) [\w.'’ &-]{2,40}['’]s? (?:boss|chief|ceo|head)\b|\bà la tête d",
    re.IGNORECASE,
)
_LEADER = re.compile(
    r"\b(?:dirige(?:ant\w*)?|pdg|direct(?:eur|rice) général\w*|patron\w*|président\w*|à la tête|préside|ceo|chief executive|heads|leads|led by|runs|boss|president|chairman|chairwoman|managing director|DG|cheffe? de l['’](?:État|entreprise))\b",
    re.IGNORECASE,
)
"""Who leads all of it: the head of one department does not."""
_OFFICES = tuple(
    re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)
    for pattern in (
        r"direct(?:eur|rice) financi[eè]re?|chief financial officer|finance (?:chief|director)|head of finance|CFO|DAF",
        r"direct(?:eur|rice) technique|chief technology officer|chief technical officer|CTO|direct(?:eur|rice) des systèmes d['’]information|chief information officer|DSI|CIO",
        r"ressources humaines|human resources|chief people officer|chief hr officer|CHRO|DRH|HR (?:chief|director)|head of (?:HR|people)",
        r"direct(?:eur|rice) des opérations|chief operating officer|COO",
        r"direct(?:eur|rice) (?:du )?marketing|chief marketing officer|CMO",
        r"chief scientist|scientifique en chef|direct(?:eur|rice) scientifique|chief economist|économiste en chef",
        r"research and development|recherche et(?: du)? développement|R&D",
    )
)
_ASKS_OFFICE = re.compile(
    r"\b(?:qui (?:est|sont|dirige|pilote|préside)|who(?:['’]s| is| are| was| leads| runs| heads)|who (?:serves|works) as)\b",
    re.IGNORECASE,
)
OFFICES = "CEO PDG chief executive directeur général directrice générale"
"""What articles call whoever leads a body, as a search has it."""
_PAYS = re.compile(
    r"\b(?:pa(?:y|ys|id|ying|ie|yé|yer)|coût\w*|cout\w*|cost\w*|price[ds]?|prix|spen[dt]\w*|dépens\w+|invest\w*|valu\w+|valoris\w+|valent|vaut|worth|rais\w+|lev\w+|how much (?:money|do|does|did|is|are|was|were|will|would|has|have|could|can|should)|montant)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"[$€£]\s?\d|\d[\d\s.,\u202f\u00a0]*(?:million|billion|milliard|trillion|Md|M|Mds)?s?\s?(?:d['’]euros|de dollars|euros?|dollars?|[$€£])|\d[\d,.]*\s?(?:million|billion|trillion)",
    re.IGNORECASE,
)
_NOUN = re.compile(
    r"\b(?:quel(?:le)?s?|which|what)\s+(?:est |sont |is |are )?(?:le |la |les |l['’]|the )?(?:\w+ [aà] \w+ )?([^\W\d_]{3,}(?:\s+[^\W\d_]{4,})?)"
    r"|\b(?:who is|who['’]s|who are|qui est|qui sont)\s+(?:le |la |les |l['’]|the |an? )?([^\W\d_]{3,})",
    re.IGNORECASE,
)


def asked_kinds(question: Question) -> tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]:
    """The kinds of deed that a question asks about: name, the words that ask for it, the words that tell of it."""
    text = question.text
    for name in question.companies:
        text = text.replace(name, " ")
    found = [(kind, pattern, pattern) for kind, pattern in _ASKED if pattern.search(text)]
    if _LEADS.search(question.text):
        found.append(("lead", _LEADER, _LEADER))
    if question.intent in ("how-many", "compare") and _PAYS.search(text):
        found = [one for one in found if one[0] not in ("pay", "buy")]
        found.append(("money", _PAYS, _MONEY))
    return tuple(found)


def asked_offices(question: Question) -> list[re.Pattern[str]]:
    """The offices whose holder a question asks for ("who is the CFO"), each as what tells of it in both languages."""
    if not _ASKS_OFFICE.search(question.text):
        return []
    return [office for office in _OFFICES if office.search(question.text)]


def asks_to_lead(question: Question) -> bool:
    """Whether a question asks who leads a body, not one of its departments."""
    return bool(_LEADS.search(question.text)) and not asked_offices(question)


def leads(text: str) -> bool:
    """Whether a text speaks of somebody's office."""
    return bool(_LEADER.search(text))


def met(kinds: Sequence[tuple[str, re.Pattern[str], re.Pattern[str]]], text: str) -> int:
    """How many of the deeds asked about a text tells of."""
    return sum(bool(told.search(text)) for _, _, told in kinds)


def asked_noun(question: Question) -> frozenset[str]:
    """The keys of the noun whose bearer is asked for: "which judge", "who is the candidate"; none where there is none."""
    match = _NOUN.search(question.text)
    if match is None:
        return frozenset()
    # "Which newspaper publisher": either word may be the one.
    words = [fold_accents(word) for word in (match[1] or match[2]).lower().split()]
    return frozenset().union(*(meanings(word, question.language) | {f"w:{word.rstrip('s')}"} for word in words))
