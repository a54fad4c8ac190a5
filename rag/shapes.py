"""The shapes of an answer: the figures newest first, a timeline, a block a side, reasons, or the likeliest sentences. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from corpus.analysis import fold_accents
from rag.asked_figures import speaks_of_what_was
from rag.assertion import ATTRIBUTION, mode_of
from rag.evidence import Evidence
from rag.fitting import of_the_asked_noun
from rag.models import Question
from rag.paragraphs import in_its_paragraph, told_on
from rag.reasons import reasons_first
from rag.scope import names_another
from rag.tokens import tokens

Shape = Callable[[Question, Sequence[Evidence]], list[Evidence]]
MOST_SENTENCES = 5
MOST_FIGURES = 4
_EXPLAIN = re.compile(
    r"^\s*(?:what (?:do|does|did|is|are|was|were)\b(?! (?:the )?(?:name|date|number|price|share|percentage|latest|value|valued))|qu['’]est-ce qu|(?:en )?quoi consist|quelle (?:est la |est |)différence|comment\b|how (?:do|does|did|is|are)\b)",
    re.IGNORECASE,
)
MOST_LIKELY, LESS_LIKELY, LEAST_SHARE = 3, 1.9, 0.06
"""A further sentence is shown where it is at least 0.15 times as likely to answer as the likeliest one (its weight, a log-odds, is so little less),
and at least so likely at all. On questions kept out of learning the answer then stood among them for .86 (.73 in the first)."""
SURE, SURE_FIGURE = 0.7, 0.85
"""So likely a sentence is shown alone: of those above it more than eight in ten held the answer, and what was shown beside them had it where they had not for
one in fifty."""
THIRD, ELSEWHERE = 1.2, 1.2
"""A third one has to be less below it, and one of another article."""
LESS_FOR_A_TOTAL, LESS_FOR_A_FIGURE = 5.5, 3.2
"""Another figure of the same body, and a total that raises it, are shown where they are so much less likely than the first."""
ONE_FOR_ALL = 0.3
"""So likely a sentence that names all sides stands before them."""
OVERTAKEN = 3.0
"""What a plan loses whose figure a later article tells of as done."""
OPENING, OF_THE_NEWS = 450, 2.0
"""Characters in which an article tells its news, and what a timeline has a sentence of it gain."""
LATER = timedelta(days=3)
"""From so long after a figure on a newer one supersedes it; before, it is the same news."""


_SKILLS = re.compile(
    r"\b(?:compétences?|skills?|form(?:er|ation|ations|és?|ent)|train\w*|apprend\w*|appren\w+|learn\w*|reconver\w+|reskill\w*|upskill\w*|métiers?|diplôm\w+|degrees?|cours|courses?)\b",
    re.IGNORECASE,
)
RAISED = re.compile(
    r"\b(?:port(?:e|ent|ant|er|é|ée)\b.{0,40}?\bà|bring(?:s|ing)?\b.{0,40}?\bto|brought\b.{0,40}?\bto|raise[sd]?\b.{0,40}?\bto|au total|en tout|in total|a total of|total de)(?: (?:about|environ|around|some|près de|nearly|plus de|more than))?",
    re.IGNORECASE,
)


def few(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The likeliest sentence, alone where it is surely right, else in its paragraph and with up to two that are not much less likely."""
    wanted = likely(evidence)
    if question.recency:
        wanted.sort(key=_newest_first)
    return _told(question, wanted, evidence)


def _reasons(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The likeliest reason in its paragraph, with up to two others that are not much less likely."""
    ordered = reasons_first(question, evidence)
    return _told(question, likely(ordered), evidence)


def _told(question: Question, wanted: Sequence[Evidence], evidence: Sequence[Evidence]) -> list[Evidence]:
    if not wanted:
        return []
    sure = wanted[0].share >= SURE
    # One fact is told by one sentence; what is to be explained seldom is.
    if sure and not asks_to_explain(question) and not wanted[0].in_article:
        return [wanted[0]]
    best = wanted[0].weight
    first = in_its_paragraph(wanted[0], evidence)
    if asks_to_explain(question):
        first = told_on(first)
    if sure:
        return [first]
    # What is of another article has to be nearly as likely.
    wanted = [e for e in wanted if e.passage.article_id == first.passage.article_id or e.weight >= best - ELSEWHERE]
    chosen = _distinct([first, *wanted[1:]], MOST_LIKELY)
    chosen = chosen[:2] + [e for e in chosen[2:] if e.weight >= best - THIRD]
    # In the order of their article, where they are of one.
    if len({e.passage.article_id or e.passage.title for e in chosen}) == 1:
        chosen.sort(key=lambda e: e.passage.start + e.start)
    return chosen


def asks_to_explain(question: Question) -> bool:
    """Whether a question wants more than one fact: open ones, a why, and "what does it do", "quelle est la différence"."""
    return question.intent in ("open", "why") or bool(_EXPLAIN.search(question.text))


def likely(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Those not much less likely to answer than the likeliest."""
    if not evidence:
        return []
    best = max(e.weight for e in evidence)
    return [e for e in evidence if e.weight >= best - LESS_LIKELY and (e.share >= LEAST_SHARE or e.weight == best)]


def _figures(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Sentences with a figure of the kind asked for, the newest figure first, each figure once."""
    with_figure = [e for e in evidence if e.quantities]
    if not with_figure:
        return few(question, evidence)
    with_figure = of_the_asked_noun(question, with_figure)
    likeliest = max(with_figure, key=lambda e: e.weight)
    # A figure of a sentence that leans is of the matter by its article alone: beside one that says itself whose it is, it is of something else.
    if not likeliest.in_article:
        with_figure = [e for e in with_figure if not e.in_article]
    best = likeliest.weight
    less = LESS_LIKELY if likeliest.share >= SURE_FIGURE else LESS_FOR_A_FIGURE
    # Of several names that one sentence has all, a sentence with some of them counts something else.
    most = max(e.names for e in with_figure if e.weight >= best - LESS_LIKELY)
    least = most if len(question.companies) > 1 and most == 1.0 else min(most, 0.6)
    wanted = [
        e
        for e in with_figure
        if (e.weight >= best - less and (e.names >= least or e is likeliest))
        # A total that raises earlier figures is not left out, however it is worded.
        or (e.weight >= best - LESS_FOR_A_TOTAL and e.names >= max(least, 0.6) and RAISED.search(e.text))
    ]
    # A plan's figure told again later, as done, comes along however it is worded.
    wanted += [
        e
        for e in with_figure
        if e not in wanted
        and e.weight >= best - LESS_FOR_A_TOTAL
        and e.names >= least
        and any(_overtakes(e, other) for other in wanted)
    ]
    newest = max((e.passage.published for e in wanted if e.passage.published), default=None)

    was = speaks_of_what_was(question.text)

    def worth(item: Evidence) -> float:
        # Who asks for the latest count is told the deed rather than the plan of a month before, which has the same figure.
        late = question.recency and newest and item.passage.published and newest - item.passage.published <= LATER
        # A sentence with one figure says it plainest.
        plain = 0.3 * (len(item.quantities) - 1)
        # Who asks what was is told the deed rather than the plan, which has the same figure.
        past = OVERTAKEN * (was and any(_overtakes(other, item) for other in wanted))
        return item.weight + 1.0 * bool(RAISED.search(item.text)) + 2.0 * bool(late) - plain - past

    chosen: list[Evidence] = []
    said: set[tuple[float, bool]] = set()
    for item in sorted(wanted, key=lambda e: (-worth(e), e.passage.chunk_id, e.start)):
        # A figure as reported beforehand and the same one as announced are two things to know.
        figures = {(max(q.values), _is_hearsay(item.text)) for q in item.quantities}
        # What a sentence mainly counts has to be new, not what it recalls beside.
        if max(figures) not in said and len(_distinct([*chosen, item], MOST_SENTENCES)) == len(chosen) + 1:
            chosen.append(item)
            said |= figures
    return sorted(chosen[:MOST_FIGURES], key=_newest_first)


def _overtakes(newer: Evidence, older: Evidence) -> bool:
    """Whether a later article has the same main figure."""
    published = newer.passage.published, older.passage.published
    if published[0] is None or published[1] is None or published[0] - published[1] < LATER:
        return False
    return _main(newer) == _main(older)


def _main(item: Evidence) -> float:
    return max(max(q.values) for q in item.quantities)


def _is_hearsay(text: str) -> bool:
    """Whether a sentence reports what others say or expect rather than what was announced or done."""
    return bool(ATTRIBUTION.search(text)) or any(
        mode_of(token.fold) in ("rumoured", "possible", "conditional") for token in tokens(text)
    )


def _is_about(question: Question, evidence: Evidence) -> bool:
    """Whether an article is about one of the question's bodies, or the sentence begins with one: no mention by the way; and, in an
    article on several matters, the sentence is on this one."""
    names = [fold_accents(n.lower()) for n in question.companies]
    text = fold_accents(evidence.text.lower())
    in_title = any(n in fold_accents(evidence.passage.title.lower()) for n in names)
    if in_title and not any(n in text for n in names):
        return "," not in evidence.passage.title and not names_another(evidence.text, evidence.passage)
    return in_title or any(n in text[:60] for n in names)


def _timeline(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """One sentence an article, the one that tells its news where there is, in the order of publication."""
    if not evidence:
        return []
    if not question.companies:
        evidence = [e for e in evidence if _tells_its_news(e, named=False)] or evidence
    best = evidence[0].weight
    first_of: dict[str, Evidence] = {}
    for item in sorted(
        evidence, key=lambda e: -e.weight - OF_THE_NEWS * _tells_its_news(e, named=bool(question.companies))
    ):
        if item.weight >= best - 3.0 and (not question.companies or _is_about(question, item)):
            first_of.setdefault(item.passage.article_id or item.passage.title, item)
    chosen = _distinct(list(first_of.values()), MOST_SENTENCES)
    return sorted(chosen, key=_newest_first, reverse=True)


def _tells_its_news(item: Evidence, *, named: bool) -> bool:
    """Whether a sentence stands at the beginning of its article and names whom it is about."""
    return item.passage.start + item.end <= OPENING and (item.own > 0 or not named)


def _sides(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """For each name of the question its best sentences, one side after the other."""
    if len(question.companies) < 2:
        return _figures(question, evidence) if any(e.quantities for e in evidence[:5]) else few(question, evidence)
    # "What does the agreement between A and B say" is answered by a sentence on both.
    chosen = [e for e in evidence[:1] if e.own >= 1.0 and e.share >= ONE_FOR_ALL]
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
    """Several sentences on skills and training, from several articles where there are."""
    telling = [e for e in evidence if _SKILLS.search(e.text)] or list(evidence)
    if not telling:
        return []
    best = telling[0].weight
    return _distinct([e for e in telling if e.weight >= best - 2.0], MOST_SENTENCES)


SHAPES: dict[str, Shape] = {
    "how-many": _figures,
    "what-happened": _timeline,
    "compare": _sides,
    "skills": _list,
    "why": _reasons,
}


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
        # A paragraph may hold the sentence that a copy of the article, or the chunk before, has by itself.
        again = again or any(item.text in c.text or c.text in item.text for c in chosen)
        same = sum(c.passage.article_id == item.passage.article_id for c in chosen if item.passage.article_id)
        if not again and not overlaps and same < 3:
            chosen.append(item)
        if len(chosen) == most:
            break
    return chosen
