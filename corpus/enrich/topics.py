"""Layoffs, automation, skills: which of the topics an article is about, in French and English. Pure.

Each topic has words and phrases with weights; a title counts more than the text, and what is said often counts less
each time. The sum is squashed to a score in (0, 1).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from corpus.enrich.topic_words import WORDS
from corpus.models import TOPICS

TITLE_WEIGHT = 2.5
# Evidence at which the score is one half, and how steep the squashing is.
MIDDLE, STEEPNESS = 3.0, 1.1
_READ_CHARACTERS = 6000


def score(title: str, text: str, language: str) -> dict[str, float]:
    """The topics with a score above 0.05, each in (0, 1). Without a known language both vocabularies are tried."""
    languages = (language,) if language in WORDS else tuple(WORDS)
    scores = {}
    body = text[:_READ_CHARACTERS]
    for topic in TOPICS:
        evidence = max(_evidence(title, body, WORDS[code][topic]) for code in languages)
        value = 1 / (1 + math.exp(-STEEPNESS * (evidence - MIDDLE)))
        if value > 0.05:
            scores[topic] = round(value, 4)
    return scores


def _evidence(title: str, text: str, words: Mapping[re.Pattern[str], float]) -> float:
    # The same word again adds less and less, and a long text has more room for a passing mention.
    room = math.sqrt(max(1.0, len(text) / 1500))
    total = 0.0
    for pattern, weight in words.items():
        total += TITLE_WEIGHT * weight * bool(pattern.search(title))
        total += weight * math.log2(1 + len(pattern.findall(text))) / room
    return total
