"""Which articles tell the same story: copies, and reports of one event within days of each other. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from corpus.analysis import analyse, fold_accents
from corpus.enrich.families import voices
from corpus.models import Article
from rag.quantities import find_quantities

WINDOW = timedelta(days=4)
LEAST_SHARED = 0.4
"""Share of the shorter title's terms that two reports of one event have in common."""
LEAD_CHARACTERS = 400
LAST_DAY = 31
"""Bare numbers up to this one may be days, and those around 2000 years."""
_NO_NAMES = frozenset(("ai", "ia", "ceo", "pdg", "us", "tech", "big"))
_NAME = re.compile(r"(?<![\w’'-])[A-ZÀ-ÖØ-Þ][\w&-]+")


@dataclass(frozen=True, slots=True)
class Story:
    """Articles about one event, the one to show first: in the reader's language, a full text before a summary, the oldest."""

    articles: tuple[Article, ...]

    @property
    def lead(self) -> Article:
        """The article that stands for the story."""
        return self.articles[0]


def stories_of(articles: Sequence[Article], language: str = "") -> list[Story]:
    """The stories that articles tell, the one most written about first, then the newest; for a reader of ``language``."""
    clusters: list[list[Article]] = []
    for article in sorted(articles, key=lambda a: (_when(a), a.id)):
        home = next((c for c in clusters if any(_same_story(article, other) for other in c)), None)
        if home is None:
            clusters.append([article])
        else:
            home.append(article)
    made = [Story(tuple(sorted(c, key=lambda a: _rank(a, language)))) for c in clusters]
    return sorted(made, key=lambda s: (-_voices(s), -_when(s.lead).timestamp(), s.lead.id))


def _voices(story: Story) -> int:
    """Copies of one text count once, and so do all sites of one publisher."""
    return voices([(a.group or a.id, a.url) for a in story.articles])


def _when(article: Article) -> datetime:
    moment = article.published or article.first_seen
    assert moment is not None
    return moment


def _rank(article: Article, language: str) -> tuple[bool, bool, datetime, str]:
    return bool(language) and article.language != language, article.status != "full", _when(article), article.id


def _same_story(one: Article, two: Article) -> bool:
    if one.group and one.group == (two.group or two.id):
        return True
    if abs(_when(one) - _when(two)) > WINDOW:
        return False
    names = names_of(one.title) & names_of(two.title)
    if one.language != two.language:
        # Titles in two languages have few words in common: a name and a figure then tell.
        return bool(names) and bool(_figures(one) & _figures(two))
    a, b = set(analyse(one.title, one.language)), set(analyse(two.title, two.language))
    return bool(names) and len(a & b) >= LEAST_SHARED * max(1, min(len(a), len(b)))


def names_of(title: str) -> set[str]:
    """The names in a title, folded."""
    return {fold_accents(name.lower()) for name in _NAME.findall(title)} - _NO_NAMES


@lru_cache(maxsize=4096)
def _figures_in(text: str) -> frozenset[tuple[float, str]]:
    found = find_quantities(text)
    return frozenset(
        (value, quantity.unit)
        for quantity in found
        for value in quantity.values
        if quantity.unit or (value > LAST_DAY and not 1900 <= value <= 2100)
    )


def _figures(article: Article) -> frozenset[tuple[float, str]]:
    """Numbers of the title and the first lines, without days and years."""
    return _figures_in(f"{article.title}\n{article.text[:LEAD_CHARACTERS]}")
