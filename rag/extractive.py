"""An answer without a model: whole sentences of the articles, chosen, dated, ordered, each cited and checked. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from corpus.analysis import fold_accents
from corpus.enrich.language import detect
from rag.aliases import as_written
from rag.asked_figures import CUTS, speaks_of_what_was, speaks_of_what_was_expected
from rag.citations import CitationList
from rag.claims import check_claim, find_dates
from rag.closeness import Similarity
from rag.deeds import asked_offices
from rag.evidence import Evidence, weigh
from rag.fitting import counts_something_else, fitting, speaks_past, untold
from rag.models import Citation, Filters, Passage, Question, Sentence
from rag.names import is_place
from rag.quantities import find_quantities
from rag.reading import read_statement
from rag.scope import named, speaks_of
from rag.shapes import LATER, RAISED, SHAPES, few
from rag.standing import plain_sentence
from rag.telling import telling_words
from rag.wording import grouped, lead_in, long_date, quoted, say, short_source

TOLD_ACROSS = 0.7
"""Words that are met in the other language are seen less surely: so many are held to be met."""
OWN_LANGUAGE, EXPECTED = 0.7, 2.0
"""What a sentence gains in the reader's language, and loses that tells what was expected."""
WORDS_OF_ITS_OWN = 5
FAINT = 0.25
"""A figure that is no likelier the one asked for is held to be beside the question: of 28 such over real news 7 were right."""
LONG_ENOUGH = 60
"""Characters by which a sentence's language is told."""
_QUOTED_WITHIN = re.compile(r"[\"“][^\"”]*[\"”]|«[^»]*»")
_TELLING = frozenset(("how-many", "who-when-which", "why", "open"))
"""Intents whose telling words must be met; a list or a timeline may speak of part of it."""
_SINCE = frozenset("depuis since avant before apres after pendant during jusqu until".split())
_STAFF = re.compile(r"\b(?:effectifs?|workforce|headcount|staff|employs?|emploie\w*|compte)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Extract:
    """Sentences of an answer with their citations, and all evidence that was weighed, the likeliest first.

    ``chosen``: what the sentences are of. ``elsewhere``: nothing is of the time that the question names, or of any of its names, or has a figure where one is asked for. ``beside``: that, or
    nothing is of its place and kind, or speaks of what tells the question from others. ``told``: the share of
    its telling words that what was chosen speaks of.
    """

    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    evidence: tuple[Evidence, ...]
    beside: bool = False
    absent: tuple[str, ...] = ()
    """Names of a comparison that no evidence speaks of."""
    chosen: tuple[Evidence, ...] = ()
    elsewhere: bool = False
    told: float = 0.0


def extract(question: Question, passages: Sequence[Passage], similarity: Similarity | None = None) -> Extract:
    """The extractive answer to a question from its passages; without sentences when none can be shown."""
    question = as_written(question, passages)
    evidence = weigh(question, passages, similarity)
    timely = [e for e in evidence if speaks_of(question, e.passage, e.text)]
    of_names = not question.companies or any(e.names > 0 for e in timely)
    fit = _shared_out(fitting(question, _preferred(question, timely)))
    # A time or a place alone asks what happened then or there.
    intent = "what-happened" if _only_narrows(question) else question.intent
    chosen = SHAPES.get(intent, few)(question, fit or timely or evidence)
    # "How many" is not answered without a figure.
    figureless = question.intent == "how-many" and (
        not any(e.quantities for e in chosen)
        or counts_something_else(question, chosen)
        # An article that names the body only somewhere has figures of many.
        or all(e.about for e in chosen)
        or max(e.share for e in chosen) < FAINT
    )
    counted = question.intent != "how-many" or any(e.quantities for e in chosen)
    elsewhere = not (timely and of_names and counted) or (bool(asked_offices(question)) and not fit)
    about = [*chosen, *fit[:3]]
    beside = elsewhere or not fit or figureless or (question.intent in _TELLING and speaks_past(question, about))
    citations = CitationList()
    sentences: list[Sentence] = []
    newer: tuple[Evidence, int] | None = None
    told_in = _in_own_language(question, chosen, fit)
    if intent == "what-happened":
        told_in.sort(key=lambda e: e.passage.published.timestamp() if e.passage.published else 0.0)
    for item in told_in:
        check = check_claim(item.text, [item.passage])
        if check.status != "supported":
            continue
        number = citations.cite(item.passage, item.start, item.end)
        text = _worded(item, question.language, intent == "what-happened")
        marks: tuple[int, ...] = (number,)
        if question.intent == "how-many" and len(question.companies) == 1:
            if newer is not None and (total := raised_to(newer[0], item)):
                stop = text[-1] if text[-1] in ".!…" else ""
                text = f"{text[: len(text) - len(stop)]}{' ;' if question.language == 'fr' else ';'} {say(question.language, 'raised', total=grouped(total, question.language))}{stop or '.'}"
                marks = (number, newer[1])
            newer = newer or (item, number)
        sentences.append(Sentence(text, marks, check.status, check.reasons))
    words, left = telling_words(question), untold(question, about)
    told = 1 - len(left) / len(words) if words else 1.0
    if about and all(item.passage.language != question.language for item in about):
        told = max(told, TOLD_ACROSS)
    return Extract(
        tuple(sentences),
        citations.all(),
        tuple(evidence),
        beside,
        _absent(question, evidence),
        tuple(chosen),
        elsewhere,
        told,
    )


def _preferred(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence with what is in the reader's language lifted, which says the same more often than not, and what was expected lowered where it
    is asked what was."""
    told = speaks_of_what_was(question.text)
    judged = [
        e.weighing(
            e.weight
            + OWN_LANGUAGE * (e.passage.language == question.language)
            - EXPECTED * (told and speaks_of_what_was_expected(e.text))
        )
        for e in evidence
    ]
    return sorted(judged, key=lambda e: (-e.weight, e.passage.chunk_id, e.start))


def _only_narrows(question: Question) -> bool:
    """Whether a question has nothing but conditions: "depuis le 3 janvier 2026", "en 2025"."""
    narrowed = bool(question.periods) or Filters() != question.conditions
    return (
        question.intent == "open" and narrowed and not question.companies and telling_words(question).keys() <= _SINCE
    )


def _shared_out(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence with its shares of the likelihood of all of it: what is of somebody else takes none."""
    if not evidence:
        return []
    best = max(e.weight for e in evidence)
    likely = [math.exp(e.weight - best) for e in evidence]
    total = sum(likely)
    return [e.weighing(e.weight, one / total) for e, one in zip(evidence, likely, strict=True)]


def _absent(question: Question, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    if question.intent != "compare" or len(question.companies) < 2:
        return ()
    return tuple(
        name for name in question.companies
        if not any(named([fold_accents(name.lower())], f"{e.passage.title} {e.text}") for e in evidence)
    )  # fmt: skip


def raised_to(newer: Evidence, older: Evidence) -> str:
    """The total to which a newer sentence raises an older one's figure, as it writes it ("30 000"); "" where it raises none."""
    published = newer.passage.published, older.passage.published
    if published[0] is None or published[1] is None or published[0] - published[1] < LATER or not older.quantities:
        return ""
    for match in RAISED.finditer(newer.text):
        total = next((q for q in newer.quantities if match.end() <= q.span[0] <= match.end() + 12), None)
        if total is None:
            continue
        # "Bringing its workforce to 1,5 million" raises no number of cuts.
        said = newer.text[match.start() : total.span[1] + 60]
        if (
            CUTS.search(said)
            and not _STAFF.search(said)
            and max(total.values) > max(max(q.values) for q in older.quantities)
        ):
            return newer.text[slice(*total.span)]
    return ""


def _in_own_language(question: Question, chosen: Sequence[Evidence], fit: Sequence[Evidence]) -> list[Evidence]:
    """The chosen sentences, each that says in the other language what one in the reader's says given by that one, once."""
    kept: list[Evidence] = []
    for item in chosen:
        if any(_says_the_same(item, other) for other in kept):
            continue
        if item.passage.language != question.language:
            own = (
                e
                for e in fit
                if e.passage.language == question.language and _says_the_same(item, e) and e.weight >= item.weight - 2.0
            )
            item = next(own, item)
        if not any(item.passage.article_id == o.passage.article_id and _shares_text(item, o) for o in kept):
            kept.append(item)
    return kept


def _shares_text(a: Evidence, b: Evidence) -> bool:
    """Whether two pieces of one article have a sentence in common."""
    start, end = a.passage.start + a.start, a.passage.start + a.end
    return start < b.passage.start + b.end and b.passage.start + b.start < end


def _says_the_same(a: Evidence, b: Evidence) -> bool:
    """Whether two sentences in different languages report one thing: the same figures of two digits or more, within three days,
    and the same names."""
    if a.passage.language == b.passage.language or a.passage.published is None or b.passage.published is None:
        return False
    if abs(a.passage.published - b.passage.published) > timedelta(days=3):
        return False
    # The one figure that is asked for tells enough; otherwise whom the figures are of has to be the same.
    asked = [frozenset(max(q.values) for q in e.quantities if max(q.values) >= 10) for e in (a, b)]
    if len(asked[0]) == 1 and asked[0] == asked[1] and a.names == b.names:
        return True
    mine, theirs = _figures_of(a), _figures_of(b)
    return bool(mine) and mine == theirs and _names_of(a) == _names_of(b)


def _names_of(evidence: Evidence) -> frozenset[str]:
    items = read_statement(evidence.text, 0, evidence.passage.language).items
    return frozenset(i.fold for i in items if i.kind == "name" and i.hard and not is_place(i.fold))


def _figures_of(evidence: Evidence) -> frozenset[float]:
    dates = tuple(d.span for d in find_dates(evidence.text))
    return frozenset(max(q.values) for q in find_quantities(evidence.text, dates) if max(q.values) >= 10)


def _language_of(text: str, language: str) -> str:
    """The language of a sentence: its article's, unless it plainly is in the other one that Vigie reads, as a quotation in a French note may be."""
    # What a sentence quotes says nothing of its own language, unless it is nothing but a quotation.
    own = _QUOTED_WITHIN.sub(" ", text)
    told = own if len(own.split()) >= WORDS_OF_ITS_OWN else text
    if len(told) < LONG_ENOUGH:
        return language
    found = detect(told, language)
    return found if found in ("fr", "en") else language


def _worded(evidence: Evidence, language: str, dated_first: bool) -> str:
    """The sentence in the answer: in its own language with its source, in the other one introduced as a quotation."""
    passage, text = evidence.passage, evidence.worded()
    source, written = short_source(passage.source), _language_of(text, passage.language)
    if written and written != language:
        lead = lead_in(source, passage.published, language, quoted_language=written)
        if evidence.in_article:
            lead = f"{lead}, {say(language, 'in_article', title=passage.title)}"
        colon = " : " if language == "fr" else ": "
        return f"{lead}{colon}{quoted(plain_sentence(evidence.text), written)}"
    day = long_date(passage.published, language) if passage.published else ""
    # "Ars Technica reports ... (Ars Technica, 23 July)" names it once too often.
    opens = bool(day) and fold_accents(text.lower()).startswith(fold_accents(source.lower()))
    origin = day if opens else ", ".join(filter(None, (source, day)))
    if evidence.in_article:
        lead = f"{lead_in(source, passage.published, language)}, {say(language, 'in_article', title=passage.title)}"
        return f"{lead}{' : ' if language == 'fr' else ': '}{text}"
    if dated_first and passage.published:
        mark = " : " if language == "fr" else ": "
        return f"{long_date(passage.published, language)} ({source}){mark}{text}"
    if not origin:
        return text
    stop = text[-1] if text[-1] in ".!…" else ""
    return f"{text[: len(text) - len(stop)]} ({origin}){stop or '.'}"
