"""Sentences of the passages found, each weighed as evidence for the question. Pure.

What counts: the names that the question names, the terms and concepts that it uses, a figure of the kind asked for, the time asked
about, how well the passage ranked; and whether the sentence can stand alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from corpus.analysis import analyse, fold_accents
from corpus.enrich.injection import states_nothing
from corpus.sentences import sentences
from rag.claims import find_dates
from rag.closeness import Similarity
from rag.deeds import asked_kinds, met
from rag.lexicon import concepts_of, meanings
from rag.models import Filters, Passage, Question
from rag.names import is_place
from rag.quantities import Quantity, find_quantities
from rag.scope import is_others, named, names_another
from rag.standing import stands_from, unfit, with_lists
from rag.tokens import tokens

CLOSENESS = 10.0
"""What a sentence gains by its closeness to the question, which differs by 0.1 (one standard deviation) between sentences of passages found. Chosen on 600
questions of PIAF's public half and the gold set's training questions: the best sentence held the answer in .67 and .81 (.62 and .74 by cosines of embedded
sentences)."""
ACROSS = 0.04
"""By how much a sentence that answers is farther from a question in the other language: 0.62 against 0.66 on the gold set's training questions."""

# Terms that ask, and say nothing of what is asked about.
_ASKING = frozenset(
    "pass passe estil happen tell say dire resum summar nouvel actual latest dernier recent differ differenc compar quoi neuf new news semain week mois month jour day hui today hier yesterday".split()
)
PEOPLE = re.compile(
    r"\b(?:postes?|emplois?|salariés?|employés?|personnes?|collaborateurs?|travailleurs?|effectifs?|licenci\w+|suppressions?|départs?|ingénieurs?|cadres?|jobs?|roles?|positions?|employees?|workers?|people|staff\w*|layoffs?|redundanc\w+|cuts?|workforce|headcount|engineers?|managers?)\b",
    re.IGNORECASE,
)
CUTS = re.compile(
    r"\b(?:suppr\w+|licenci\w+|lay(?:ing)?[- ]?offs?|laid[- ]off|cut\w*|axe[ds]?|axing|slash\w*|shed\w*|eliminat\w+|élimin\w+|redundanc\w+|départs?|departures?|plan social|let(?:ting)? go|dismiss\w*|fire[ds]?|firing|réductions?|reduc\w+|rédui\w+|coup\w+|disparai\w+|menac\w+|los[et]\w*|losing|leav\w+|quitt\w+|remerci\w+|sépar\w+|biff\w+|trim\w*|affect\w*|concern\w*|touch\w*|impact\w*|en moins|PSE|buyouts?|retir\w+|pertes?|perd\w+)\b",
    re.IGNORECASE,
)
"""Words by which a count of people or posts is one of cuts rather than of all who work there."""
_CUT_QUESTION = re.compile(
    r"\b(?:suppr\w+|licenci\w+|lay(?:ing)?[- ]?offs?|laid[- ]off|cut(?:s|ting)?|axed?|slash\w*|eliminat\w+|redundanc\w+)\b",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:f[ae]ll\w*|drop\w*|declin\w*|r[io]se\w*|increas\w*|gr[eo]w\w*|plung\w*|jump\w*|slump\w*|tumbl\w*|climb\w*|shed|baiss\w+|recul\w*|chut\w+|augment\w+|progress\w+|grimp\w+|bondi\w*)\b",
    re.IGNORECASE,
)
"""What rises or falls does so by a share as often as by an amount."""
_STANDS_FOR = re.compile(
    r"\b(?:the (?:company|firm|group|start-?up|bank|retailer|carrier|maker|platform)|le groupe|l['’]entreprise|la (?:société|firme|start-?up|banque|plateforme))\b",
    re.IGNORECASE,
)
_DURATION = re.compile(
    r"[\s\u00a0\u202f]*(?:jours?|semaines?|mois|ans?|années?|heures?|minutes?|days?|weeks?|months?|years?|hours?)\b",
    re.IGNORECASE,
)
_ASKS_DURATION = re.compile(
    r"\b(?:combien de temps|how (?:long|much time)|combien d(?:e |['’])(?:jours|semaines|mois|ann[ée]es|ans|heures|minutes)|how many (?:days|weeks|months|years|hours|minutes))\b",
    re.IGNORECASE,
)
_BY_HOW_MUCH = re.compile(r"\b(?:de combien|by how much|how much)\b", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:did|was|were|has|have|had)\b|\b(?:a|ont)-t-(?:il|elle|on)\b|\bont-(?:ils|elles)\b", re.IGNORECASE
)
_EXPECTED = re.compile(
    r"\b(?:(?:had |were )expect\w*|analysts|forecasts?|analystes|attend(?:u|us|ue|aient)|prévisions?)\b", re.IGNORECASE
)
_ASKS_EXPECTED = re.compile(r"\b(?:expect\w*|analyst\w*|forecast\w*|predict\w*|attend\w+|prév\w+)", re.IGNORECASE)
"""What was expected is no answer to what was, unless it is asked for."""
_SUBJECT = re.compile(r"^[«“\"'\s]*(?:the|le|la|les|l['’])\s*(\w{4,})", re.IGNORECASE)
_SHARE = re.compile(
    r"\b(?:pourcentages?|part|proportion|taux|percent\w*|per cent|share|proportion|rate|fraction)\b|%", re.IGNORECASE
)
_MONEY = re.compile(
    r"\b(?:montant|salaires?|rémunérations?|salary|salaries|coûts?|coût\w+|prix|tarifs?|prices?|priced|dollars?|euros?|milliards?|investi\w*|économi\w+|cost\w*|much money|spend\w*|sav(?:e|es|ings?)|revenues?|charges?|valu\w+|lev[ée]\w*|raise[ds]?)\b|[$€£]|\bhow much (?:money|do|does|did|is|are|was|were|will|would|has|have|could|can|should)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence (or two that belong together) of a passage: ``passage.text[start:end]``.

    ``quantities`` are those of the kind that the question asks for. Parts of the weight are kept, so that declining can judge them.
    """

    passage: Passage
    start: int
    end: int
    weight: float
    names: float
    coverage: float
    nearness: float
    quantities: tuple[Quantity, ...]
    dated: bool

    def weighing(self, weight: float) -> Evidence:
        """The same with another weight."""
        return replace(self, weight=weight)

    @property
    def text(self) -> str:
        """The sentence as it stands in the passage."""
        return self.passage.text[self.start : self.end]


def weigh(question: Question, passages: Sequence[Passage], similarity: Similarity | None = None) -> list[Evidence]:
    """Every sentence that can be shown, the weightiest first. Passages that address an AI are passed over."""
    found: list[Evidence] = []
    usable = [p for p in passages if p.text and not p.suspicious]
    best = max((p.score for p in usable), default=0.0)
    asked = _Asked.of(question)
    for rank, passage in enumerate(usable):
        found += _of_passage(asked, passage, rank, best)
    found.sort(key=lambda e: (-e.weight, e.passage.chunk_id, e.start))
    if similarity is None or not found:
        return found
    values = similarity([(e.passage, e.start, e.end) for e in found]).tolist()
    judged = [_judged(question, item, value) for item, value in zip(found, values, strict=True)]
    return sorted(judged, key=lambda e: (-e.weight, e.passage.chunk_id, e.start))


def _judged(question: Question, evidence: Evidence, closeness: float) -> Evidence:
    nearness = closeness + ACROSS * (evidence.passage.language != question.language)
    return replace(evidence, weight=evidence.weight + CLOSENESS * nearness, nearness=nearness)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a question is looked for by, read once: folded names; terms by language, and those that do not ask for a deed; concepts; the keys of its
    words; the deeds."""

    question: Question
    names: tuple[str, ...]
    bodies: tuple[str, ...]
    terms: dict[str, set[str]]
    beside_kinds: dict[str, set[str]]
    concepts: frozenset[int]
    past: bool
    meant: tuple[frozenset[str], ...]
    kinds: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]

    @classmethod
    def of(cls, question: Question) -> _Asked:
        """Read from a question."""
        names = tuple(fold_accents(n.lower()) for n in question.companies)
        terms = {language: _asked_terms(question, language) for language in ("fr", "en")}
        kinds = asked_kinds(question)
        beside_kinds = {
            language: {t for t in wanted if not any(asked.match(t) for _, asked, _ in kinds)}
            for language, wanted in terms.items()
        }
        bodies = tuple(n for n in names if not is_place(n))
        meant = _asked_meanings(question)
        past = bool(_PAST.search(question.text)) and not _ASKS_EXPECTED.search(question.text)
        return cls(question, names, bodies, terms, beside_kinds, concepts_of(question.text), past, meant, kinds)


@lru_cache(maxsize=4096)
def _showable(text: str) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...]]:
    """The sentences of a passage, and the numbers of those that could be shown."""
    spans = tuple(with_lists(text, sentences(text)))
    fit = (at for at, (a, b) in enumerate(spans) if not unfit(text[a:b]) and not states_nothing(text[a:b]))
    return spans, tuple(fit)


def _of_passage(asked: _Asked, passage: Passage, rank: int, best: float) -> list[Evidence]:
    question, names, kinds = asked.question, asked.names, asked.kinds
    spans, fit = _showable(passage.text)
    title_names = named(names, passage.title)
    body_in_title = named(asked.bodies, passage.title)
    of_period = question.intent == "what-happened" and Filters() != question.conditions
    found = []
    for at in fit:
        end = spans[at][1]
        first = stands_from(passage.text, spans, at, body_in_title, opens=passage.start == 0)
        if first is None:
            continue
        shown = passage.text[first:end]
        own = spoken_of = named(names, shown)
        if own and not title_names and question.intent == "how-many" and is_others(shown, passage, names):
            own = 0.0
        has_names = 1.0 if not names else own
        if names and own < 0.6 * title_names:
            # Where the sentence speaks of somebody else, the title does not make its figure the asked one's.
            from_title = (
                0.6
                if spoken_of
                or _STANDS_FOR.search(shown)
                or _is_of_title(shown, passage.title)
                # Whoever is asked for is somebody whom the title does not name.
                or question.intent == "who-when-which"
                or (len(names) > 1 and title_names >= 1.0)
                or not names_another(shown, passage)
                else 0.3
            )
            has_names = max(own, from_title * title_names)
        coverage = _coverage(asked.terms, asked.concepts, asked.meant, shown, passage, named=bool(names) or of_period)
        if kinds and coverage < 1.0:
            coverage = max(coverage, _by_deeds(asked.beside_kinds, met(kinds, shown), len(kinds), shown, passage))
        quantities = asked_quantities(question, shown) if question.intent in ("how-many", "compare") else ()
        dated = question.intent == "who-when-which" and bool(find_dates(shown))
        weight = (
            3.0 * has_names
            + 2.0 * coverage
            + 1.0 / (1 + rank / 3)
            + 0.5 * (1.0 if at == 0 and passage.start == 0 else 0.0)
            + (1.5 if quantities and question.intent in ("how-many", "compare") else 0.0)
            + (0.3 if dated and question.intent == "who-when-which" else 0.0)
            - 0.3 * (len(shown) > 420)
            + 0.2 * min(0.0, passage.score - best)
            - 1.2 * (asked.past and bool(_EXPECTED.search(shown)))
        )
        found.append(Evidence(passage, first, end, weight, has_names, coverage, 0.0, quantities, dated))
    return found


def _is_of_title(text: str, title: str) -> bool:
    """Whether a sentence's subject is a noun of its title: "the robot", of an article on "NEO, the humanoid robot"."""
    subject = _SUBJECT.match(text)
    return subject is not None and fold_accents(subject[1].lower()) in fold_accents(title.lower()).split()


def _asked_terms(question: Question, language: str) -> set[str]:
    """What the question asks about, as terms of ``language``: its words that its own language does not stop, without names
    and without the words that only ask."""
    telling = [word for word in question.text.split() if set(analyse(word, question.language)) - _ASKING]
    names = {t for name in question.companies for t in analyse(name, language)}
    return set(analyse(" ".join(telling), language)) - names - _ASKING


def _coverage(
    terms: dict[str, set[str]],
    concepts: frozenset[int],
    meant: Sequence[frozenset[str]],
    text: str,
    passage: Passage,
    *,
    named: bool,
) -> float:
    """How much of what the question asks about the sentence speaks of, by terms in its language, by concepts or by
    translations across."""
    language = passage.language if passage.language in terms else "en"
    wanted = terms[language]
    if not wanted:
        return 1.0 if named else 0.0  # The question asks for anything about its names, or for nothing at all.
    there, title = _terms(text, language), _terms(passage.title, language)
    by_terms = (len(wanted & there) + 0.4 * len((wanted & title) - there)) / len(wanted)
    if by_terms >= 1.0:
        return 1.0
    had, titled = concepts_of(text), concepts_of(passage.title)
    by_concepts = (len(concepts & had) + 0.4 * len((concepts & titled) - had)) / len(concepts) if concepts else 0.0
    by_meanings = 0.0
    if meant:
        text_keys, title_keys = _meaning_keys(text, language), _meaning_keys(passage.title, language)
        by_meanings = sum(1.0 if k & text_keys else 0.4 if k & title_keys else 0.0 for k in meant) / len(meant)
    return max(by_terms, by_concepts, by_meanings)


def _by_deeds(terms: dict[str, set[str]], told: int, kinds: int, text: str, passage: Passage) -> float:
    """Coverage with the deeds asked about in place of the words that ask for them: "créé" is met by "fondateur", "paid" by a price."""
    language = passage.language if passage.language in terms else "en"
    wanted = terms[language]
    there, title = _terms(text, language), _terms(passage.title, language)
    words = len(wanted & there) + 0.4 * len((wanted & title) - there)
    return (words + told) / (len(wanted) + kinds)


@lru_cache(maxsize=16384)
def _terms(text: str, language: str) -> frozenset[str]:
    return frozenset(analyse(text, language))


@lru_cache(maxsize=16384)
def _meaning_keys(text: str, language: str) -> frozenset[str]:
    found: set[str] = set()
    for token in tokens(text):
        if token.kind == "word":
            found |= meanings(token.fold, language)
    return frozenset(found)


def _asked_meanings(question: Question) -> tuple[frozenset[str], ...]:
    """For each content word of the question that is no name the keys under which it meets words of either language."""
    names = {fold_accents(w.lower()) for name in question.companies for w in re.findall(r"\w+", name)}
    words = {
        t.fold: meanings(t.fold, question.language)
        for t in tokens(question.text)
        if t.kind == "word"
        and len(t.fold) > 2
        and t.fold not in names
        and set(analyse(t.text, question.language)) - _ASKING
    }
    return tuple(words.values())


MANY = 1000
"""From so high an ordinal on it counts: "its millionth robot" says how many there are."""


def asked_quantities(question: Question, text: str) -> tuple[Quantity, ...]:
    """The quantities of a sentence that could answer the question: shares, money, or counts of people and things."""
    dates = tuple(d.span for d in find_dates(text))
    found = find_quantities(text, dates)
    if _ASKS_DURATION.search(question.text):
        return tuple(q for q in found if _DURATION.match(text[q.span[1] : q.span[1] + 14]))
    if _SHARE.search(question.text):
        return tuple(q for q in found if q.unit in ("%", "share"))
    if _CHANGE.search(question.text) and (_BY_HOW_MUCH.search(question.text) or not PEOPLE.search(question.text)):
        return tuple(q for q in found if q.unit in ("%", "share", "USD", "EUR", "GBP") or max(q.values) >= 5)
    if _MONEY.search(question.text) and not PEOPLE.search(question.text):
        return tuple(q for q in found if q.unit in ("USD", "EUR", "GBP"))
    counts = tuple(
        q
        for q in found
        if (q.unit == "" or (q.unit == "ordinal" and max(q.values) >= MANY))
        and max(q.values) >= 5
        and not _DURATION.match(text[q.span[1] : q.span[1] + 14])
    )
    if _CUT_QUESTION.search(question.text) and not CUTS.search(text):
        return ()
    if PEOPLE.search(question.text):
        return tuple(q for q in counts if PEOPLE.search(text[max(0, q.span[0] - 60) : q.span[1] + 40]))
    return counts or found
