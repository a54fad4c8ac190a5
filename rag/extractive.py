"""An answer without a model: whole sentences of the articles, chosen, dated, ordered, each cited and checked. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from corpus.analysis import fold_accents
from rag.citations import CitationList
from rag.claims import check_claim
from rag.evidence import Evidence, Similarity, plain_sentence, weigh
from rag.models import Citation, Passage, Question, Sentence
from rag.wording import lead_in, long_date, quoted

Shape = Callable[[Question, Sequence[Evidence]], list[Evidence]]
MOST_SENTENCES = 5


@dataclass(frozen=True, slots=True)
class Extract:
    """Sentences of an answer with their citations, and all evidence that was weighed, best first."""

    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    evidence: tuple[Evidence, ...]


def extract(question: Question, passages: Sequence[Passage], similarity: Similarity | None = None) -> Extract:
    """The extractive answer to a question from its passages; without sentences when none can be shown."""
    evidence = weigh(question, passages, similarity)
    chosen = _SHAPES.get(question.intent, _few)(question, evidence)
    citations = CitationList()
    sentences = []
    for item in chosen:
        check = check_claim(item.text, [item.passage])
        if check.status != "supported":
            continue
        number = citations.cite(item.passage, item.start, item.end)
        dated_first = question.intent == "what-happened"
        sentences.append(
            Sentence(_worded(item, question.language, dated_first), (number,), check.status, check.reasons)
        )
    return Extract(tuple(sentences), citations.all(), tuple(evidence))


def _worded(evidence: Evidence, language: str, dated_first: bool) -> str:
    """The sentence in the answer: in its own language with its source, in the other one introduced as a quotation."""
    passage, text = evidence.passage, plain_sentence(evidence.text)
    if passage.language and passage.language != language:
        lead = lead_in(passage.source, passage.published, language, quoted_language=passage.language)
        colon = " : " if language == "fr" else ": "
        return f"{lead}{colon}{quoted(text, passage.language)}"
    origin = ", ".join(
        filter(None, (passage.source, long_date(passage.published, language) if passage.published else ""))
    )
    if dated_first and passage.published:
        mark = " : " if language == "fr" else ": "
        return f"{long_date(passage.published, language)} ({passage.source}){mark}{text}"
    if not origin:
        return text
    stop = text[-1] if text[-1] in ".!…" else ""
    return f"{text[: len(text) - len(stop)]} ({origin}){stop or '.'}"


def _few(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The best sentences that add something to each other."""
    if not evidence:
        return []
    best = evidence[0].weight
    wanted = [e for e in evidence if e.weight >= best - 1.6]
    if question.recency:
        wanted.sort(key=_newest_first)
    return _distinct(wanted, 3)


def _figures(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Sentences with a figure of the kind asked for, the newest figure first, each figure once."""
    with_figure = [e for e in evidence if e.quantities]
    if not with_figure:
        return _few(question, evidence)
    most = max(e.names for e in with_figure)
    best = max(e.weight for e in with_figure if e.names == most)
    wanted = [e for e in with_figure if e.names >= min(most, 0.6) and e.weight >= best - 2.2]
    wanted = _in_asked_period(question, wanted)
    names = [fold_accents(n.lower()) for n in question.companies]

    def worth(item: Evidence) -> float:
        # The article about the company itself says it best, and a sentence with one figure says it plainest.
        own = any(n in fold_accents(item.passage.title.lower()) for n in names)
        return item.weight + 1.0 * own - 0.3 * (len(item.quantities) - 1)

    chosen: list[Evidence] = []
    said: set[float] = set()
    for item in sorted(wanted, key=lambda e: (-worth(e), e.passage.chunk_id, e.start)):
        figures = {max(q.values) for q in item.quantities}
        if figures - said and len(_distinct([*chosen, item], MOST_SENTENCES)) == len(chosen) + 1:
            chosen.append(item)
            said |= figures
    return sorted(chosen[:MOST_SENTENCES], key=_newest_first)


def _timeline(_question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """One sentence an article, in the order of publication."""
    if not evidence:
        return []
    best = evidence[0].weight
    first_of: dict[str, Evidence] = {}
    for item in evidence:
        if item.weight >= best - 3.0:
            first_of.setdefault(item.passage.article_id or item.passage.title, item)
    chosen = _distinct(list(first_of.values()), MOST_SENTENCES)
    return sorted(chosen, key=_newest_first, reverse=True)


def _sides(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """For each name of the question its best sentences, one side after the other."""
    if len(question.companies) < 2:
        return _figures(question, evidence) if any(e.quantities for e in evidence[:5]) else _few(question, evidence)
    chosen: list[Evidence] = []
    for name in question.companies[:4]:
        folded = fold_accents(name.lower())
        mine = [e for e in evidence if folded in fold_accents(e.text.lower())]
        alone = [
            e
            for e in mine
            if not any(fold_accents(o.lower()) in fold_accents(e.text.lower()) for o in question.companies if o != name)
        ]
        with_figures = [e for e in (alone or mine) if e.quantities] or alone or mine
        chosen += sorted(_distinct(with_figures, 2), key=_newest_first)
    return _distinct(chosen, 2 * MOST_SENTENCES)


def _list(_question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Several sentences on one matter, from several articles where there are."""
    if not evidence:
        return []
    best = evidence[0].weight
    return _distinct([e for e in evidence if e.weight >= best - 2.0], MOST_SENTENCES)


_SHAPES: dict[str, Shape] = {
    "how-many": _figures,
    "what-happened": _timeline,
    "compare": _sides,
    "skills": _list,
}


def _in_asked_period(question: Question, evidence: list[Evidence]) -> list[Evidence]:
    """Those that speak of the period that the question names, by their text or by their date, where there are any."""
    since, until = question.wishes.since, question.wishes.until
    if since is None and until is None:
        return evidence
    spoken = [e for e in evidence if since is not None and str(since.year) in e.text]
    inside = [
        e
        for e in evidence
        if e.passage.published is not None
        and (since is None or e.passage.published >= since)
        and (until is None or e.passage.published < until)
    ]
    return inside or spoken or evidence


def _newest_first(evidence: Evidence) -> tuple[float, float]:
    published: datetime | None = evidence.passage.published
    return (-(published.timestamp() if published else 0.0), -evidence.weight)


def _distinct(evidence: Sequence[Evidence], most: int) -> list[Evidence]:
    """The first ones that do not say again what one before them says, at most two of an article."""
    chosen: list[Evidence] = []
    for item in evidence:
        words = set(fold_accents(item.text.lower()).split())
        again = any(
            len(words & set(fold_accents(c.text.lower()).split())) > 0.7 * min(len(words), len(c.text.split()))
            for c in chosen
        )
        overlaps = any(
            c.passage.chunk_id == item.passage.chunk_id and c.start < item.end and item.start < c.end for c in chosen
        )
        same = sum(c.passage.article_id == item.passage.article_id for c in chosen if item.passage.article_id)
        if not again and not overlaps and same < 2:
            chosen.append(item)
        if len(chosen) == most:
            break
    return chosen
