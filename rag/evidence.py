"""Sentences of the passages found, each weighed as evidence for the question. Pure.

What counts: the names that the question names, the terms and concepts that it uses, a figure of the kind asked for, the time asked
about, how well the passage ranked; and whether the sentence can stand alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from corpus.analysis import analyse, fold_accents
from corpus.blocks import kind_at
from corpus.enrich.injection import states_nothing
from corpus.sentences import sentences
from rag.asked_figures import asked_quantities, speaks_of_what_was, speaks_of_what_was_expected
from rag.choosing import likeliest_first
from rag.closeness import Similarity
from rag.deeds import asked_kinds, met
from rag.lexicon import concepts_of, concepts_told, meanings
from rag.models import Filters, Passage, Question
from rag.names import is_place
from rag.quantities import Quantity
from rag.scope import is_others, named, names_another
from rag.standing import plain_sentence, stands_from, stands_in_its_article, unfit, with_lists, with_quotations
from rag.tokens import tokens
from rag.wording import quoted

LOOKED_AT = 40
"""Sentences that are looked at closely, those whose passages and closeness promise most: of 606 questions whose answer was among the sentences of
20 passages, it was among the first 32 of 599."""
NEAR_ENOUGH, AROUND, RANK, SCORE = 10.0, 5.0, 2.0, 0.3
"""What closeness, that of the surroundings, the passage's rank and its score count for in that first look."""
ACROSS = 0.04
"""By how much a sentence that answers is farther from a question in the other language: 0.62 against 0.66 on the gold set's training questions."""
NAMED_ENOUGH = 0.5
"""So large a share of the question's names makes an article one about them."""
UNNAMED = 0.3
"""What a sentence has of the question's names where only its passage or its article names them, before it or in other passages."""

# Terms that ask, and say nothing of what is asked about.
_ASKING = frozenset(
    "pass passe estil happen tell say dire resum summar nouvel actual latest dernier recent differ differenc compar quoi neuf new news semain week mois month jour day hui today hier yesterday".split()
)
_STANDS_FOR = re.compile(
    r"\b(?:the (?:company|firm|group|start-?up|bank|retailer|carrier|maker|platform)|le groupe|l['’]entreprise|la (?:société|firme|start-?up|banque|plateforme))\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[«“\"].*[»”\"]$", re.DOTALL)
_SUBJECT = re.compile(r"^[«“\"'\s]*(?:the|le|la|les|l['’])\s*(\w{4,})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence (or some that belong together) of a passage: ``passage.text[start:end]``.

    ``weight``: log-odds, but for a constant, that it answers; ``share``: its share of the likelihood among all that was weighed. ``quantities``
    are those of the kind that the question asks for. ``names``: the share of the question's names that it is of; ``own``: that it has itself.
    ``telling``, ``around``, ``new``: see ``rag.closeness.Closeness``. ``rank``: its passage's place. ``about``: its article names the
    question's body, though its title does not. ``in_article``: it leans on what is not shown, so that its article's title is told with it.
    """

    passage: Passage
    start: int
    end: int
    weight: float
    names: float
    coverage: float
    nearness: float
    quantities: tuple[Quantity, ...]
    own: float = 0.0
    telling: float = 0.0
    around: float = 0.0
    new: float = 0.0
    rank: int = 0
    about: bool = False
    in_article: bool = False
    share: float = 0.0

    def worded(self) -> str:
        """The text as an answer shows it: on one line, and what stands in a quotation of its article between quotation marks,
        which the layout of the page stood for."""
        text = plain_sentence(self.text)
        within = kind_at(self.passage.blocks, self.start, self.end) == "quote"
        return quoted(text, self.passage.language) if within and not _QUOTED.match(text) else text

    def weighing(self, weight: float, share: float | None = None) -> Evidence:
        """The same with another weight."""
        return replace(self, weight=weight, share=self.share if share is None else share)

    @property
    def text(self) -> str:
        """The sentence as it stands in the passage."""
        return self.passage.text[self.start : self.end]


def weigh(question: Question, passages: Sequence[Passage], similarity: Similarity | None = None) -> list[Evidence]:
    """The sentences that promise most and can be shown, the likeliest to answer first. Passages that address an AI are passed over."""
    usable = [p for p in passages if p.text and not p.suspicious]
    asked = _Asked.of(question)
    places = [(rank, at) for rank, passage in enumerate(usable) for at in range(len(sentence_spans(passage.text)))]
    found: list[Evidence] = []
    sources: dict[int, _Source] = {}
    for rank, at in _most_promising(usable, places, similarity):
        if rank not in sources:
            sources[rank] = _Source.of(asked, usable[rank], rank, usable)
        item = _of_sentence(asked, sources[rank], at)
        if item is not None:
            found.append(item)
            if len(found) == LOOKED_AT:
                break
    if similarity is not None and found:
        near = similarity([(e.passage, e.start, e.end) for e in found])
        values = zip(
            near.sentence.tolist(), near.telling.tolist(), near.around.tolist(), near.new.tolist(), strict=True
        )
        found = [_with_closeness(question, item, *four) for item, four in zip(found, values, strict=True)]
    return likeliest_first(question, found)


def _with_closeness(
    question: Question, item: Evidence, sentence: float, telling: float, around: float, new: float
) -> Evidence:
    nearness = sentence + ACROSS * (item.passage.language != question.language)
    return replace(item, nearness=nearness, telling=telling, around=around, new=new)


def _most_promising(
    passages: Sequence[Passage], places: Sequence[tuple[int, int]], similarity: Similarity | None
) -> Iterator[tuple[int, int]]:
    """Places (number of the passage, number of the sentence), those first whose passages and closeness promise most."""
    worth = np.asarray([RANK / (1 + rank / 3) + SCORE * passages[rank].score for rank, _ in places])
    if similarity is not None and places:
        near = similarity([(passages[rank], *sentence_spans(passages[rank].text)[at]) for rank, at in places])
        worth = worth + NEAR_ENOUGH * near.sentence + AROUND * near.around
    return (places[n] for n in np.argsort(-worth, kind="stable").tolist())


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
        past = speaks_of_what_was(question.text)
        return cls(question, names, bodies, terms, beside_kinds, concepts_of(question.text), past, meant, kinds)


@lru_cache(maxsize=4096)
def sentence_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where the sentences of a passage's text begin and end, lists and quotations kept whole."""
    return tuple(with_quotations(text, with_lists(text, sentences(text))))


@lru_cache(maxsize=16384)
def can_be_shown(sentence: str) -> bool:
    """Whether a sentence states something and is neither of the page nor a piece of one."""
    return not unfit(sentence) and not states_nothing(sentence)


@dataclass(frozen=True, slots=True)
class _Source:
    """A passage as evidence is taken from it: what its title names, whether its article names the body that the title does not, and whether the title
    names another."""

    passage: Passage
    rank: int
    title_names: float
    body_in_title: float
    about: bool
    others: bool

    @classmethod
    def of(cls, asked: _Asked, passage: Passage, rank: int, passages: Sequence[Passage]) -> _Source:
        """``passages``: all that were found."""
        title_names, body = named(asked.names, passage.title), named(asked.bodies, passage.title)
        about = bool(asked.bodies) and not body and _is_about(asked, passage, passages)
        others = about and names_another(passage.title, replace(passage, title=""))
        return cls(passage, rank, title_names, body, about, others)


def _is_about(asked: _Asked, passage: Passage, passages: Sequence[Passage]) -> bool:
    """Whether an article whose title does not name the question's body is of it all the same: its publisher is, or its text that was found
    names it."""
    texts = (p.text for p in passages if p.article_id == passage.article_id or p is passage)
    return any(named(asked.bodies, text) >= NAMED_ENOUGH for text in (passage.source, *texts))


def _of_sentence(asked: _Asked, source: _Source, at: int) -> Evidence | None:
    """A sentence of a passage as evidence; None where it cannot be shown."""
    question, names, kinds, passage = asked.question, asked.names, asked.kinds, source.passage
    spans, title_names = sentence_spans(passage.text), source.title_names
    if not can_be_shown(passage.text[slice(*spans[at])]):
        return None
    first = stands_from(passage.text, spans, at, source.body_in_title, opens=passage.start == 0)
    told = first is None
    if first is None:
        # What it leans on is not here, or too far before: its article's title tells what it is about, where that names what is asked about.
        if (
            not passage.title
            or not (title_names or not names)
            or not stands_in_its_article(passage.text[slice(*spans[at])])
        ):
            return None
        first = spans[at][0]
    end = spans[at][1]
    # Nothing leans on a heading, and none is a sentence, whatever stop it has.
    if kind_at(passage.blocks, *spans[at]) == "heading" or (
        first < spans[at][0] and kind_at(passage.blocks, first, first + 1) == "heading"
    ):
        return None
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
            else UNNAMED
        )
        has_names = max(own, from_title * title_names)
    figure = question.intent in ("how-many", "compare")
    # A figure of an article about somebody else is theirs, whoever is named beside.
    if names and not has_names and source.about and not (figure and (source.others or names_another(shown, passage))):
        has_names = UNNAMED
    of_period = question.intent == "what-happened" and Filters() != question.conditions
    coverage = _coverage(asked.terms, asked.concepts, asked.meant, shown, passage, named=bool(names) or of_period)
    if kinds and coverage < 1.0:
        coverage = max(coverage, _by_deeds(asked.beside_kinds, met(kinds, shown), len(kinds), shown, passage))
    quantities = asked_quantities(question, shown) if figure else ()
    if not any(q.span[0] >= spans[at][0] - first for q in quantities):
        quantities = ()  # The sentence that is shown before this one has them, and is evidence by itself.
    if asked.past and quantities and speaks_of_what_was_expected(shown):
        quantities = ()
    return Evidence(
        passage,
        first,
        end,
        0.0,
        has_names,
        coverage,
        0.0,
        quantities,
        own=spoken_of,
        rank=source.rank,
        about=source.about,
        in_article=told,
    )


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
    had, titled = concepts_told(text), concepts_told(passage.title)
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
