"""What came in, by topic: one checked and cited sentence a story. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from corpus.models import TOPIC_THRESHOLD, TOPICS, Article
from rag.citations import CitationList
from rag.claims import check_claim
from rag.evidence import weigh
from rag.models import Digest, DigestSection, Passage, Question, Sentence
from rag.standing import plain_sentence
from rag.stories import Story, stories_of
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


def make_digest(
    articles: Sequence[Article], *, since: datetime, until: datetime, topics: Sequence[str] = (), language: str = "fr"
) -> Digest:
    """The digest of articles that came in between two moments. A story stands under its strongest topic; a line whose
    sentence does not pass the check is withheld and counted; passages that address an AI are never quoted."""
    from corpus.enrich.injection import find

    sections: list[DigestSection] = []
    withheld = 0
    wanted = [t for t in TOPICS if not topics or t in topics]
    by_topic: dict[str, list[Article]] = {topic: [] for topic in wanted}
    for article in articles:
        scores = {t: article.topics.get(t, 0.0) for t in wanted}
        best = max(scores, key=lambda t: scores[t], default="")
        if best and scores[best] >= TOPIC_THRESHOLD and article.text:
            by_topic[best].append(article)
    for topic in wanted:
        citations, lines = CitationList(), list[Sentence]()
        for story in stories_of(by_topic[topic])[:MOST_STORIES]:
            line = _line(story, language, citations, find(story.lead.text))
            if line is None:
                withheld += 1
            else:
                lines.append(line)
        if lines:
            title = TITLES.get(language, TITLES["fr"])[topic]
            sections.append(DigestSection(title, tuple(lines), citations.all()))
    return Digest(since, until, language, tuple(sections), withheld)


def _line(story: Story, language: str, citations: CitationList, injected: Sequence[tuple[int, int]]) -> Sentence | None:
    """The sentence that says what the story is, from its lead article, with the other articles' number."""
    article = story.lead
    passage = Passage(
        text=article.text[:1500],
        title=article.title,
        url=article.url,
        source=article.source,
        published=article.published,
        language=article.language,
        article_id=article.id,
        chunk_id=f"{article.id}:{article.revision}",
        start=0,
        end=min(1500, len(article.text)),
    )
    evidence = [
        e
        for e in weigh(Question(article.title, article.language), [passage])
        if not any(a < e.end and e.start < b for a, b in injected)
    ]
    if not evidence:
        return None
    best = evidence[0]
    check = check_claim(best.text, [passage])
    if check.status != "supported":
        return None
    number = citations.cite(passage, best.start, best.end)
    text = plain_sentence(best.text)
    if article.language and article.language != language:
        colon = " : " if language == "fr" else ": "
        lead = lead_in(article.source, article.published, language, quoted_language=article.language)
        return Sentence(f"{lead}{colon}{quoted(text, article.language)}", (number,), check.status, check.reasons)
    when = f", {long_date(article.published, language)}" if article.published else ""
    stop = text[-1] if text[-1] in ".!…" else "."
    return Sentence(f"{text.rstrip('.!…')} ({article.source}{when}){stop}", (number,), check.status, check.reasons)
