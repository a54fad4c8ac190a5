"""An answer without a model: whole sentences of the articles, chosen, dated, ordered, each cited and checked. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from corpus.analysis import fold_accents
from rag.aliases import as_written
from rag.assertion import ATTRIBUTION, mode_of
from rag.citations import CitationList
from rag.claims import check_claim, find_dates
from rag.closeness import Similarity
from rag.evidence import CUTS, Evidence, weigh
from rag.fitting import counts_something_else, fitting, of_the_asked_noun, speaks_past
from rag.models import Citation, Passage, Question, Sentence
from rag.names import is_place
from rag.quantities import find_quantities
from rag.reading import read_statement
from rag.reasons import GAP, reasons
from rag.scope import named, names_another, speaks_of
from rag.standing import plain_sentence
from rag.tokens import tokens
from rag.wording import grouped, lead_in, long_date, quoted, say, short_source

Shape = Callable[[Question, Sequence[Evidence]], list[Evidence]]
MOST_SENTENCES = 5
LESS_COVERED, LESS_NEAR, LESS_WEIGHT = 0.25, 0.14, 2.2
"""How much less a further sentence may cover of the question, how much farther it may be from it, and with how much less weight it stays all
the same. Chosen on the gold set, with its floors."""
_EXPLAIN = re.compile(
    r"^\s*(?:what (?:do|does|did|is|are|was|were)\b(?! (?:the )?(?:name|date|number|price|share|percentage|latest|value|valued))|qu['’]est-ce qu|(?:en )?quoi consist|quelle (?:est la |est |)différence|comment\b|how (?:do|does|did|is|are)\b)",
    re.IGNORECASE,
)
HARDLY_LESS = 0.5
"""With so little less weight than the best a sentence stays, however little it covers."""
MOST_OPEN = 4
"""Sentences of an answer to an open question."""
LATER = timedelta(days=3)
"""From so long after a figure on a newer one supersedes it; before, it is the same news."""
_TELLING = frozenset(("how-many", "who-when-which", "why", "open"))
"""Intents whose telling words must be met; a list or a timeline may speak of part of it."""


_SKILLS = re.compile(
    r"\b(?:compétences?|skills?|form(?:er|ation|ations|és?|ent)|train\w*|apprend\w*|appren\w+|learn\w*|reconver\w+|reskill\w*|upskill\w*|métiers?|diplôm\w+|degrees?|cours|courses?)\b",
    re.IGNORECASE,
)
_STAFF = re.compile(r"\b(?:effectifs?|workforce|headcount|staff|employs?|emploie\w*|compte)\b", re.IGNORECASE)
_RAISED = re.compile(
    r"\b(?:port(?:e|ent|ant|er|é|ée)\b.{0,40}?\bà|bring(?:s|ing)?\b.{0,40}?\bto|brought\b.{0,40}?\bto|raise[sd]?\b.{0,40}?\bto|au total|en tout|in total|a total of|total de)(?: (?:about|environ|around|some|près de|nearly|plus de|more than))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Extract:
    """Sentences of an answer with their citations, and all evidence that was weighed, best first. ``beside``: nothing is of
    what the question names, so that the sentences are a guess: they are of another time, or of none of its names."""

    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    evidence: tuple[Evidence, ...]
    beside: bool = False
    absent: tuple[str, ...] = ()
    """Names of a comparison that no evidence speaks of."""


def extract(question: Question, passages: Sequence[Passage], similarity: Similarity | None = None) -> Extract:
    """The extractive answer to a question from its passages; without sentences when none can be shown."""
    question = as_written(question, passages)
    evidence = weigh(question, passages, similarity)
    timely = [e for e in evidence if speaks_of(question, e.passage, e.text)]
    of_names = not question.companies or any(e.names > 0 for e in timely)
    fit = fitting(question, timely)
    chosen = _SHAPES.get(question.intent, _few)(question, fit or timely or evidence)
    # "How many" is not answered without a figure.
    figureless = question.intent == "how-many" and (
        not any(e.quantities for e in chosen) or counts_something_else(question, chosen)
    )
    beside = (
        not (timely and of_names and fit)
        or figureless
        or (question.intent in _TELLING and speaks_past(question, [*chosen, *fit[:3]]))
    )
    citations = CitationList()
    sentences: list[Sentence] = []
    newer: tuple[Evidence, int] | None = None
    for item in _in_own_language(question, chosen, fit):
        check = check_claim(item.text, [item.passage])
        if check.status != "supported":
            continue
        number = citations.cite(item.passage, item.start, item.end)
        text = _worded(item, question.language, question.intent == "what-happened")
        marks: tuple[int, ...] = (number,)
        if question.intent == "how-many" and len(question.companies) == 1:
            if newer is not None and (total := raised_to(newer[0], item)):
                stop = text[-1] if text[-1] in ".!…" else ""
                text = f"{text[: len(text) - len(stop)]}{' ;' if question.language == 'fr' else ';'} {say(question.language, 'raised', total=grouped(total, question.language))}{stop or '.'}"
                marks = (number, newer[1])
            newer = newer or (item, number)
        sentences.append(Sentence(text, marks, check.status, check.reasons))
    return Extract(tuple(sentences), citations.all(), tuple(evidence), beside, _absent(question, evidence))


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
    for match in _RAISED.finditer(newer.text):
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
        if item not in kept:
            kept.append(item)
    return kept


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


def _worded(evidence: Evidence, language: str, dated_first: bool) -> str:
    """The sentence in the answer: in its own language with its source, in the other one introduced as a quotation."""
    passage, text = evidence.passage, plain_sentence(evidence.text)
    source = short_source(passage.source)
    if passage.language and passage.language != language:
        lead = lead_in(source, passage.published, language, quoted_language=passage.language)
        colon = " : " if language == "fr" else ": "
        return f"{lead}{colon}{quoted(text, passage.language)}"
    origin = ", ".join(filter(None, (source, long_date(passage.published, language) if passage.published else "")))
    if dated_first and passage.published:
        mark = " : " if language == "fr" else ": "
        return f"{long_date(passage.published, language)} ({source}){mark}{text}"
    if not origin:
        return text
    stop = text[-1] if text[-1] in ".!…" else ""
    return f"{text[: len(text) - len(stop)]} ({origin}){stop or '.'}"


def _few(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The best sentences that add something to each other."""
    if not evidence:
        return []
    best = evidence[0].weight
    wanted = as_near([e for e in evidence if e.weight >= best - 1.6])
    if question.recency:
        wanted.sort(key=_newest_first)
    chosen = _distinct(wanted, 3)
    return _told_on(chosen, evidence, question.language) if asks_to_explain(question) and len(chosen) < 3 else chosen


def asks_to_explain(question: Question) -> bool:
    """Whether a question wants more than one fact: open ones, and "what does it do", "quelle est la différence"."""
    return question.intent == "open" or bool(_EXPLAIN.search(question.text))


def _told_on(chosen: list[Evidence], evidence: Sequence[Evidence], language: str) -> list[Evidence]:
    """The chosen sentences and, after the first one, what its passage goes on with: "It has two features: ..." tells what the
    announcement before it only names."""
    # In the other language every sentence is introduced: one is enough.
    if not chosen or chosen[0].passage.language != language:
        return chosen
    told, last = [chosen[0]], chosen[0]
    while len(told) < 3:
        onward = next(
            (
                e
                for e in evidence
                if e.passage.chunk_id == last.passage.chunk_id and e.end > last.end and 0 <= e.start - last.end <= GAP
            ),
            None,
        )
        if onward is None:
            break
        told.append(onward)
        last = onward
    return [*told, *(e for e in chosen[1:] if e not in told)][:MOST_OPEN]


def as_near(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Those that speak of nearly as much of what is asked, and are nearly as near to it, as the best one."""
    if not evidence:
        return []
    covered, best = max(e.coverage for e in evidence), max(e.weight for e in evidence)
    return [e for e in _no_farther(evidence) if e.coverage >= covered - LESS_COVERED or e.weight >= best - HARDLY_LESS]


def _no_farther(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Those nearly as near to the question as the nearest one, and those of about the greatest weight all the same: across languages
    all are farther."""
    near, best = max(e.nearness for e in evidence), max(e.weight for e in evidence)
    return [e for e in evidence if e.nearness >= near - LESS_NEAR or e.weight >= best - LESS_WEIGHT]


def _figures(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Sentences with a figure of the kind asked for, the newest figure first, each figure once."""
    with_figure = [e for e in evidence if e.quantities]
    if not with_figure:
        return _few(question, evidence)
    with_figure = of_the_asked_noun(question, with_figure)
    kept = _no_farther(with_figure)
    # A total that raises earlier figures is not left out, however it is worded.
    with_figure = [e for e in with_figure if e in kept or (e.names >= 0.6 and _RAISED.search(e.text))]
    most = max(e.names for e in with_figure)
    best = max(e.weight for e in with_figure if e.names == most)
    # Of several names that one sentence has all, a sentence with some of them counts something else.
    least = most if len(question.companies) > 1 and most == 1.0 else min(most, 0.6)
    wanted = [
        e for e in with_figure if e.names >= least and e.weight >= best - (3.5 if _RAISED.search(e.text) else 2.2)
    ]
    names = [fold_accents(n.lower()) for n in question.companies]

    newest = max((e.passage.published for e in wanted if e.passage.published), default=None)

    def worth(item: Evidence) -> float:
        # The article about the company itself says it best, a total says most, and a sentence with one figure says it plainest.
        own = any(n in fold_accents(item.passage.title.lower()) for n in names)
        # Who asks for the latest count is told the deed rather than the plan of a month before, which has the same figure.
        late = question.recency and newest and item.passage.published and newest - item.passage.published <= LATER
        total = bool(_RAISED.search(item.text))
        return item.weight + 2.0 * own + 1.0 * total + 0.5 * bool(late) - 0.3 * (len(item.quantities) - 1)

    chosen: list[Evidence] = []
    said: set[tuple[float, bool]] = set()
    for item in sorted(wanted, key=lambda e: (-worth(e), e.passage.chunk_id, e.start)):
        # A figure as reported beforehand and the same one as announced are two things to know.
        figures = {(max(q.values), _is_hearsay(item.text)) for q in item.quantities}
        if figures - said and len(_distinct([*chosen, item], MOST_SENTENCES)) == len(chosen) + 1:
            chosen.append(item)
            said |= figures
    return sorted(chosen[:MOST_SENTENCES], key=_newest_first)


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
    """One sentence an article, in the order of publication."""
    if not evidence:
        return []
    best = evidence[0].weight
    first_of: dict[str, Evidence] = {}
    for item in evidence:
        if item.weight >= best - 3.0 and (not question.companies or _is_about(question, item)):
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
    """Several sentences on skills and training, from several articles where there are."""
    telling = [e for e in evidence if _SKILLS.search(e.text)] or list(evidence)
    if not telling:
        return []
    best = telling[0].weight
    return _distinct([e for e in telling if e.weight >= best - 2.0], MOST_SENTENCES)


_SHAPES: dict[str, Shape] = {
    "how-many": _figures,
    "what-happened": _timeline,
    "compare": _sides,
    "skills": _list,
    "why": lambda _question, evidence: _distinct(reasons(evidence), 3),
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
        same = sum(c.passage.article_id == item.passage.article_id for c in chosen if item.passage.article_id)
        if not again and not overlaps and same < 2:
            chosen.append(item)
        if len(chosen) == most:
            break
    return chosen
