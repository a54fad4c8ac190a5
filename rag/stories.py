"""Which articles tell the same story: copies, and reports of one event within days of each other. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from corpus.analysis import analyse, fold_accents
from corpus.enrich.families import voices
from corpus.models import Article

WINDOW = timedelta(days=4)
LEAST_SHARED = 0.4
"""Share of the shorter title's terms that two reports of one event have in common."""
_NAME = re.compile(r"(?<![\w’'-])[A-ZÀ-ÖØ-Þ][\w&-]+")


@dataclass(frozen=True, slots=True)
class Story:
    """Articles about one event, the one to show first: a full text before a summary, the oldest first."""

    articles: tuple[Article, ...]

    @property
    def lead(self) -> Article:
        """The article that stands for the story."""
        return self.articles[0]


def stories_of(articles: Sequence[Article]) -> list[Story]:
    """The stories that articles tell, the one most written about first, then the newest."""
    clusters: list[list[Article]] = []
    for article in sorted(articles, key=lambda a: (_when(a), a.id)):
        home = next((c for c in clusters if any(_same_story(article, other) for other in c)), None)
        if home is None:
            clusters.append([article])
        else:
            home.append(article)
    made = [Story(tuple(sorted(c, key=lambda a: (a.status != "full", _when(a), a.id)))) for c in clusters]
    return sorted(made, key=lambda s: (-_voices(s), -_when(s.lead).timestamp(), s.lead.id))


def _voices(story: Story) -> int:
    """Copies of one text count once, and so do all sites of one publisher."""
    return voices([(a.group or a.id, a.url) for a in story.articles])


def _when(article: Article) -> datetime:
    moment = article.published or article.first_seen
    assert moment is not None
    return moment


def _same_story(one: Article, two: Article) -> bool:
    if one.group and one.group == (two.group or two.id):
        return True
    if abs(_when(one) - _when(two)) > WINDOW or one.language != two.language:
        return False
    a, b = set(analyse(one.title, one.language)), set(analyse(two.title, two.language))
    names = {fold_accents(n.lower()) for n in _NAME.findall(one.title)} & {
        fold_accents(n.lower()) for n in _NAME.findall(two.title)
    }
    return bool(names) and len(a & b) >= LEAST_SHARED * max(1, min(len(a), len(b)))
