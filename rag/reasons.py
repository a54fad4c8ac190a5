"""Which sentences give a reason, for a "why". Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpus.analysis import fold_accents
from rag.dates import find_dates
from rag.models import Question
from rag.stems import FUNCTION_WORDS
from rag.tokens import tokens

if TYPE_CHECKING:
    from rag.evidence import Evidence

MATTER, COVERED = 3, 0.6
"""How many of the likeliest sentences may tell the matter, and how much of the question they cover."""
WITHIN = 1.0
"""How much less likely than the likeliest a sentence is at most whose reason shuts out those that give none in so many words."""
ADDED = 3
"""Words of its own that a sentence has at least which tells more than that it is so."""
GAP = 3
"""Characters between a sentence and the one that follows it."""
_BECAUSE = re.compile(
    r"\b(?:parce qu|car|en raison|à cause|du fait|faute de|afin d|grâce à|pour (?:réduire|simplifier|financer|investir|gagner|alléger|économiser|améliorer|compenser|redéployer|rester|devenir|libérer|des raisons)|au nom d|face à|sur fond d|dans le cadre d|au profit d|in the face of|raisons?|motifs?|justifi\w+|expliqu\w+|invoqu\w+|attribu\w+|impute\w*|moteurs?|r[ée]sult\w+ d|because|due to|conclud\w+ that|over (?:(?:the|its|his|her|their|allegedly) )?(?:concerns|fears|comments|remarks|claims|allegations|use|plans?|lack|refusal|decision|handling|role)|lost confidence|no longer ha[sd] confidence|owing to|as a result|reasons?|blam\w+|(?:citing|cites?|cited)(?! (?:\w+ ){0,3}(?:people|sources?|a person|persons))|explain\w*|attribut\w+|driven by|in order to|so that|to (?:become|reduce|free|fund|invest|focus|simplify|cut costs|make|save|offset|streamline|move))",
    re.IGNORECASE,
)
_PERHAPS_BECAUSE = re.compile(
    r"\b(?:pour (?:mieux |se |s['’])?\w+(?:er|ir|re)|dans (?:une|le cadre d['’]une) (?:réorganisation|restructuration)|in an? (?:restructuring|reorgani[sz]ation|effort|bid|push)|as part of|alors qu|amid|as (?:it|they|the)|following|veut|wants)\b",
    re.IGNORECASE,
)
"""Weaker signs of a reason, looked at where there is no stronger one."""


def gives_reason(text: str) -> bool:
    """Whether a sentence gives a reason in so many words. Many do without a word that says so."""
    return bool(_BECAUSE.search(text))


def hints_at_reason(text: str) -> bool:
    """Whether a sentence may give a reason, and does not say so."""
    return not gives_reason(text) and bool(_PERHAPS_BECAUSE.search(text))


def reasons_first(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence in the order of likelihood: a reason that is told right after the matter is as likely as that; what only tells again that it is so
    is left out, and where something likely gives a reason in so many words, what does not."""
    matter = [e for e in evidence[:MATTER] if e.coverage >= COVERED]
    signed, others = [], []
    for item in evidence:
        if gives_reason(item.text) or hints_at_reason(item.text):
            before = [e.weight for e in matter if _goes_on(item, e)]
            signed.append(item.weighing(max([item.weight, *before])))
        elif _adds(question, item):
            others.append(item)
    best = max((e.weight for e in (*signed, *others)), default=0.0)
    if any(e.weight >= best - WITHIN for e in signed):
        others = []
    return sorted((*signed, *others), key=lambda e: (-e.weight, e.passage.chunk_id, e.start))


def _adds(question: Question, item: Evidence) -> bool:
    """Whether a sentence says something beside what is asked about, its names, figures and dates."""
    known = fold_accents(f"{question.text} {item.passage.title}".lower())
    dates = [d.span for d in find_dates(item.text)]
    added = {
        t.fold
        for t in tokens(item.text)
        if t.kind == "word"
        and len(t.fold) > 3
        and t.text[:1].islower()
        and not any(a <= t.start < b for a, b in dates)
        and not any(t.fold in words for words in FUNCTION_WORDS.values())
        and t.fold[:5] not in known
    }
    return len(added) >= ADDED


def _goes_on(item: Evidence, told: Evidence) -> bool:
    """Whether a sentence follows another one in its passage."""
    return item.passage.chunk_id == told.passage.chunk_id and 0 <= item.start - told.end <= GAP
