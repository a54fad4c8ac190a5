"""Layoffs, automation, skills: which of the topics an article is about, in French and English. Pure.

A logistic model for each topic: of every group of words, whether the title has it, how often the text does, and how often for its length.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

from corpus.enrich.topic_words import GROUPS
from corpus.models import TOPICS

WEIGHTS_FILE = Path(__file__).with_name("topic_weights.json")
LEAST_SCORE = 0.1
_READ_CHARACTERS = 8000
_PAGE_CHARACTERS = 1500


def score(title: str, text: str) -> dict[str, float]:
    """The topics with a score of ``LEAST_SCORE`` or more, each in (0, 1)."""
    scores = {}
    for topic in TOPICS:
        *weights, bias = _WEIGHTS[topic]
        evidence = bias + sum(w * x for w, x in zip(weights, features(topic, title, text), strict=True))
        value = 1 / (1 + math.exp(-evidence))
        if value >= LEAST_SCORE:
            scores[topic] = round(value, 4)
    return scores


def features(topic: str, title: str, text: str) -> list[float]:
    """Three numbers for each group of the topic's words: 1.0 where the title has it; log2(1 + n / pages) and log2(1 + n) of its n
    places in the first 8,000 characters of the text, a page being 1,500 characters."""
    title, body = title.lower(), text[:_READ_CHARACTERS].lower()
    pages = max(1.0, len(body) / _PAGE_CHARACTERS)
    found: list[float] = []
    for pattern in GROUPS[topic].values():
        places = sum(1 for _ in pattern.finditer(body))
        found += [float(bool(pattern.search(title))), math.log2(1 + places / pages), math.log2(1 + places)]
    return found


def _read_weights() -> dict[str, Sequence[float]]:
    read: dict[str, Sequence[float]] = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    return read


_WEIGHTS = _read_weights()
