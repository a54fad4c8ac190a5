"""Which sentences give a reason, for a "why". Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.evidence import Evidence

CLOSE = 0.06
"""How much less near than the nearest sentence one is that speaks of the matter in other words."""
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


def reasons(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Sentences that give a reason for the matter asked about, the best first: they speak of it, are nearly as near to it as the nearest, or
    follow one that does. None where none gives a reason."""
    if not evidence:
        return []
    best, nearest = max(e.weight for e in evidence), max(e.nearness for e in evidence)
    matter = [e for e in evidence[:6] if e.coverage >= 0.6]
    for signs in (_BECAUSE, _PERHAPS_BECAUSE):
        telling = [
            e
            for e in evidence
            if signs.search(e.text)
            and e.weight >= best - 4.5
            and e.names > 0
            and (e.coverage >= 0.3 or e.nearness >= nearest - CLOSE or any(_goes_on(e, told) for told in matter))
        ]
        if telling:
            return telling
    return []  # A fact that is no reason is no answer to "why".


def _goes_on(item: Evidence, told: Evidence) -> bool:
    """Whether a sentence follows another one in its passage."""
    return item.passage.chunk_id == told.passage.chunk_id and 0 <= item.start - told.end <= GAP
