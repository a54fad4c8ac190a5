"""What came in, by topic: one checked and cited sentence a story. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from corpus.analysis import fold_accents
from corpus.blocks import blocks_within
from corpus.models import TOPIC_THRESHOLD, TOPICS, Article
from rag.citations import CitationList
from rag.claims import check_claim
from rag.evidence import Evidence, weigh
from rag.models import Digest, DigestSection, Passage, Question, Sentence
from rag.standing import plain_sentence
from rag.stories import LEAD_CHARACTERS, Story, names_of, stories_of
from rag.wording import lead_in, long_date, quoted

TITLES = {
    "fr": {
        "layoffs": "Licenciements et suppressions de postes",
        "automation": "Automatisation",
        "skills": "Compétences et formation",
    },
    "en": {"layoffs": "Layoffs and job cuts", "automation": "Automation", "skills": "Skills and training"},
}
MOST_STORIES = 12
"""Lines of a section."""
MOST_CITED = 3
"""Articles that a line names."""
READ_CHARACTERS = 1500
EARLY, LONG, LONG_LINE = 0.5, 0.25, 320
"""What standing first is worth, in shares of the title told; what is taken off for a line of more characters than that."""


def make_digest(
    articles: Sequence[Article], *, since: datetime, until: datetime, topics: Sequence[str] = (), language: str = "fr"
) -> Digest:
    """The digest of articles that came in between two moments. A story stands under one topic; a line whose sentence does not
    pass the check is withheld and counted; passages that address an AI are never quoted."""
    sections: list[DigestSection] = []
    withheld = 0
    wanted = [t for t in TOPICS if not topics or t in topics]
    by_topic: dict[str, list[Article]] = {topic: [] for topic in wanted}
    for article in articles:
        topic = _topic_of(article, wanted)
        if topic and article.text:
            by_topic[topic].append(article)
    for topic in wanted:
        citations, lines = CitationList(), list[Sentence]()
        stories = stories_of(by_topic[topic], language)
        for story in stories[:MOST_STORIES]:
            line = _line(story, language, citations)
            if line is None:
                withheld += 1
            else:
                lines.append(line)
        if lines:
            title = TITLES.get(language, TITLES["fr"])[topic]
            more = max(0, len(stories) - MOST_STORIES)
            sections.append(DigestSection(title, tuple(lines), citations.all(), more))
    return Digest(since, until, language, tuple(sections), withheld)


def _topic_of(article: Article, wanted: Sequence[str]) -> str:
    """The strongest of the topics that are wanted, "" for none; layoffs where the title and the first lines tell of them, for
    an article on jobs that machines take is one on those jobs first."""
    from corpus.enrich.topics import score

    scores = {t: article.topics.get(t, 0.0) for t in wanted}
    best = max(scores, key=lambda t: scores[t], default="")
    if not best or scores[best] < TOPIC_THRESHOLD:
        return ""
    if best != "layoffs" and scores.get("layoffs", 0.0) >= TOPIC_THRESHOLD:
        told = score(article.title, article.text[:LEAD_CHARACTERS])
        return "layoffs" if told.get("layoffs", 0.0) >= TOPIC_THRESHOLD else best
    return best


def _line(story: Story, language: str, citations: CitationList) -> Sentence | None:
    """The sentence that says what the story is, from its lead article, with those of its other articles that say it too."""
    article, passage = story.lead, _passage(story.lead)
    best = _telling(article, passage)
    if best is None:
        return None
    named = _named_in(article.title, best.text)
    said = best.text if named else f"{article.title}{' : ' if article.language == 'fr' else ': '}{best.text}"
    beside = passage if named else replace(passage, text=f"{article.title}\n{passage.text}")
    check = check_claim(said, [beside])
    if check.status != "supported":
        return None
    numbers = [citations.cite(passage, best.start, best.end)]
    for other in story.articles[1:]:
        if len(numbers) < MOST_CITED and not _same_text(other, article):
            there = _passage(other)
            place = _telling(other, there)
            if place is not None and check_claim(said, [there]).status == "supported":
                numbers.append(citations.cite(there, place.start, place.end))
    text = plain_sentence(said)
    if article.language and article.language != language:
        colon = " : " if language == "fr" else ": "
        lead = lead_in(article.source, article.published, language, quoted_language=article.language)
        return Sentence(f"{lead}{colon}{quoted(text, article.language)}", tuple(numbers), check.status, check.reasons)
    when = f", {long_date(article.published, language)}" if article.published else ""
    text = best.worded() if named else f"{plain_sentence(said[: -len(best.text)])} {best.worded()}"
    stop = text[-1] if text[-1] in ".!…" else "."
    return Sentence(f"{text.rstrip('.!…')} ({article.source}{when}){stop}", tuple(numbers), check.status, check.reasons)


def _telling(article: Article, passage: Passage) -> Evidence | None:
    """The sentence that tells most of what the title does: it names what the title names, and stands early, as news is
    written. None where nothing can be shown."""
    from corpus.enrich.injection import find

    injected = find(article.text)
    evidence = [
        e
        for e in weigh(
            Question(article.title, article.language, companies=tuple(sorted(names_of(article.title)))), [passage]
        )
        if not any(a < e.end and e.start < b for a, b in injected)
    ]

    def value(e: Evidence) -> float:
        early = max(0.0, 1.0 - e.start / LEAD_CHARACTERS)
        return (
            e.coverage + _named_in(article.title, e.text) + EARLY * early - (LONG if len(e.text) > LONG_LINE else 0.0)
        )

    return max(evidence, key=value, default=None)


def _named_in(title: str, text: str) -> float:
    """The share of the title's names that a text has; 1 where the title names nobody."""
    names, folded = names_of(title), fold_accents(text.lower())
    return sum(bool(re.search(rf"(?<!\w){re.escape(n)}(?!\w)", folded)) for n in names) / len(names) if names else 1.0


def _passage(article: Article) -> Passage:
    return Passage(
        text=article.text[:READ_CHARACTERS],
        title=article.title,
        url=article.url,
        source=article.source,
        published=article.published,
        language=article.language,
        article_id=article.id,
        chunk_id=f"{article.id}:{article.revision}",
        start=0,
        end=min(READ_CHARACTERS, len(article.text)),
        blocks=blocks_within(article.blocks, 0, READ_CHARACTERS),
    )


def _same_text(one: Article, two: Article) -> bool:
    return (one.group or one.id) == (two.group or two.id)
