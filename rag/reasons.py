"""Which sentences give a reason, for a "why". Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.evidence import Evidence

TOLD, HINTED = 2.0, 1.0
"""What a sentence gains that gives a reason in so many words, or may give one: many do without a word that says so."""
MATTER, COVERED = 3, 0.6
"""How many of the likeliest sentences may tell the matter, and how much of the question they cover."""
WITHIN = 3.0
"""How much less likely than the likeliest a sentence is at most whose reason counts."""
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


def reasons_first(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence with what gives a reason lifted, and what hints at one lifted less, in the new order; a reason told right after the matter is as
    likely as that. None where nothing likely gives one: a fact that is no reason is no answer to "why"."""
    matter = [e for e in evidence[:MATTER] if e.coverage >= COVERED]
    found, likely = [], False
    for item in evidence:
        gain = TOLD if _BECAUSE.search(item.text) else HINTED if _PERHAPS_BECAUSE.search(item.text) else 0.0
        before = [e.weight for e in matter if _goes_on(item, e)] if gain else []
        weight = max([item.weight, *before])
        likely = likely or (gain > 0 and weight >= evidence[0].weight - WITHIN)
        found.append(item.weighing(weight + gain))
    return sorted(found, key=lambda e: (-e.weight, e.passage.chunk_id, e.start)) if likely else []


def _goes_on(item: Evidence, told: Evidence) -> bool:
    """Whether a sentence follows another one in its passage."""
    return item.passage.chunk_id == told.passage.chunk_id and 0 <= item.start - told.end <= GAP
