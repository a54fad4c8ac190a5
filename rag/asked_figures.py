"""Which figures a question asks for, and which of a sentence are of that kind: shares, money, durations, counts of people. Pure."""

from __future__ import annotations

import re

from rag.claims import find_dates
from rag.models import Question
from rag.quantities import Quantity, find_quantities

PEOPLE = re.compile(
    r"\b(?:postes?|emplois?|salariés?|employés?|personnes?|collaborateurs?|travailleurs?|effectifs?|licenci\w+|suppressions?|(?<!au )départs?|ingénieurs?|cadres?|jobs?|roles?|positions?|employees?|workers?|people|staff\w*|layoffs?|redundanc\w+|cuts?|workforce|headcount|engineers?|managers?)\b",
    re.IGNORECASE,
)
CUTS = re.compile(
    r"\b(?:suppr\w+|licenci\w+|lay(?:ing)?[- ]?offs?|laid[- ]off|cut\w*|axe[ds]?|axing|slash\w*|shed\w*|eliminat\w+|élimin\w+|redundanc\w+|départs?|departures?|plan social|let(?:ting)? go|dismiss\w*|fire[ds]?|firing|réductions?|reduc\w+|rédui\w+|coup\w+|disparai\w+|menac\w+|los[et]\w*|losing|leav\w+|quitt\w+|remerci\w+|sépar\w+|biff\w+|trim\w*|affect\w*|concern\w*|touch\w*|impact\w*|en moins|PSE|buyouts?|retir\w+|pertes?|perd\w+)\b",
    re.IGNORECASE,
)
"""Words by which a count of people or posts is one of cuts rather than of all who work there."""
_CUT_QUESTION = re.compile(
    r"\b(?:suppr\w+|licenci\w+|lay(?:ing)?[- ]?offs?|laid[- ]off|cut(?:s|ting)?|axed?|slash\w*|eliminat\w+|redundanc\w+)\b",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:f[ae]ll\w*|drop\w*|declin\w*|r[io]se\w*|increas\w*|gr[eo]w\w*|plung\w*|jump\w*|slump\w*|tumbl\w*|climb\w*|shed|baiss\w+|recul\w*|chut\w+|augment\w+|progress\w+|grimp\w+|bondi\w*)\b",
    re.IGNORECASE,
)
"""What rises or falls does so by a share as often as by an amount."""
_DURATION = re.compile(
    r"[\s\u00a0\u202f-]*(?:(?:chaotic|chaotiques|longs?|longues?|long|full|short|straight|consecutive|working|business|more|other|autres|petite?s?|dernier(?:e?s)?|dernières?|premiers?|premières?|prochaine?s?)[\s\u00a0\u202f])?(?:jours?|semaines?|mois|ans?(?! (?:effort|attempt|average|effectif))|années?|heures?|minutes?|trimestres?|days?|weeks?|months?|years?|hours?|quarters?)\b",
    re.IGNORECASE,
)
"""A unit of time, or one behind a word that tells of it: "five chaotic days", "4 longues semaines"."""
UNIT = 26
"""Characters after a figure that may tell its unit of time."""
_ASKS_DURATION = re.compile(
    r"\b(?:combien de temps|how (?:long|much time)|combien d(?:e |['’])(?:jours|semaines|mois|ann[ée]es|ans|heures|minutes)|how many (?:days|weeks|months|years|hours|minutes))\b",
    re.IGNORECASE,
)
_BY_HOW_MUCH = re.compile(r"\b(?:de combien|by how much|how much)\b", re.IGNORECASE)
_BY_SO_MUCH = re.compile(
    r"\b(?:by how (?:much|many)|how (?:much|many times) (?:more|less|fewer|faster|higher|lower|cheaper|larger|bigger)|(?:par|de) combien (?!d))",
    re.IGNORECASE,
)
"""A change is told as a share, a factor or an amount."""
_PAST = re.compile(
    r"\b(?:did|was|were|has|have|had)\b|\b(?:a|ont)-t-(?:il|elle|on)\b|\bont-(?:ils|elles)\b", re.IGNORECASE
)
_EXPECTED = re.compile(
    r"\b(?:(?:had |were )expect\w*|analysts|forecasts?|analystes|attend(?:u|us|ue|aient)|prévisions?)\b", re.IGNORECASE
)
_ASKS_EXPECTED = re.compile(r"\b(?:expect\w*|analyst\w*|forecast\w*|predict\w*|attend\w+|prév\w+)", re.IGNORECASE)
"""What was expected is no answer to what was, unless it is asked for."""
_SHARE = re.compile(
    r"\b(?:pourcentages?|part|proportion|taux|percent\w*|per cent|share|proportion|rate|fraction)\b|%", re.IGNORECASE
)
_MONEY = re.compile(
    r"\b(?:montant|salaires?|rémunérations?|salary|salaries|coûts?|coût\w+|prix|tarifs?|prices?|priced|dollars?|euros?|milliards?|investi\w*|économi\w+|cost\w*|much money|spend\w*|sav(?:e|es|ings?)|revenues?|charges?|valu\w+|lev[ée]\w*|raise[ds]?)\b|[$€£]|\bhow much (?:money|do|does|did|is|are|was|were|will|would|has|have|could|can|should)\b"
    r"|(?<!\bde )\bcombien (?!d[e'’ ])\S+ (?:.{0,60}? )?(?:perd\w*|gagn\w*|pay\w*|pai\w*|dépens\w*|rapport\w*|vers[eé]\w*|débours\w*|va(?:ut|lent|lait|udra))\b(?! (?:leur|son|sa) )",
    re.IGNORECASE,
)


def speaks_of_what_was(question: str) -> bool:
    """Whether a question asks what was, not what was expected."""
    return bool(_PAST.search(question)) and not _ASKS_EXPECTED.search(question)


def speaks_of_what_was_expected(sentence: str) -> bool:
    """Whether a sentence tells what somebody expected."""
    return bool(_EXPECTED.search(sentence))


_UNFILLED = re.compile(
    r"[\s\u00a0\u202f]*(?:open (?:positions?|roles?|jobs?)|job openings|openings|vacanc\w+|unfilled \w+|postes? (?:ouverts?|vacants?|à pourvoir|non pourvus?)|offres? d['’]emploi)\b",
    re.IGNORECASE,
)
_ASKS_UNFILLED = re.compile(r"\b(?:open|openings?|vacan\w+|unfilled|ouverts?|pourvoir|offres?)\b", re.IGNORECASE)
"""Posts that nobody holds: who asks for cuts does not ask for these."""
MANY = 1000
"""From so high an ordinal on it counts: "its millionth robot" says how many there are."""


def asked_quantities(question: Question, text: str) -> tuple[Quantity, ...]:
    """The quantities of a sentence that could answer the question: shares, money, or counts of people and things."""
    dates = tuple(d.span for d in find_dates(text))
    found = find_quantities(text, dates)
    if _ASKS_DURATION.search(question.text):
        return tuple(q for q in found if _DURATION.match(text[q.span[1] : q.span[1] + UNIT]))
    if _SHARE.search(question.text):
        return tuple(q for q in found if q.unit in ("%", "share"))
    if _CHANGE.search(question.text) and (_BY_HOW_MUCH.search(question.text) or not PEOPLE.search(question.text)):
        return tuple(q for q in found if q.unit in ("%", "share", "USD", "EUR", "GBP") or max(q.values) >= 5)
    if _BY_SO_MUCH.search(question.text):
        return tuple(q for q in found if not _DURATION.match(text[q.span[1] : q.span[1] + UNIT])) or found
    if _MONEY.search(question.text) and not PEOPLE.search(question.text):
        return tuple(q for q in found if q.unit in ("USD", "EUR", "GBP"))
    counts = tuple(
        q
        for q in found
        if (q.unit == "" or (q.unit == "ordinal" and max(q.values) >= MANY))
        and max(q.values) >= 5
        and not _DURATION.match(text[q.span[1] : q.span[1] + UNIT])
    )
    if _CUT_QUESTION.search(question.text) and not CUTS.search(text):
        return ()
    if not _ASKS_UNFILLED.search(question.text):
        counts = tuple(q for q in counts if not _UNFILLED.match(text[q.span[1] : q.span[1] + UNIT]))
    if PEOPLE.search(question.text):
        return tuple(q for q in counts if PEOPLE.search(text[max(0, q.span[0] - 60) : q.span[1] + 40]))
    return counts or tuple(q for q in found if not _DURATION.match(text[q.span[1] : q.span[1] + UNIT]))
