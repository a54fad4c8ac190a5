"""Which evidence answers what the question asks: of its body, at its place, of the kind asked for (a person, a date, a name), and
with its telling words. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.analysis import fold_accents
from rag.asked_figures import PEOPLE
from rag.choosing import has_other_name
from rag.dates import find_dates
from rag.deeds import STRICT, asked_kinds, asked_noun, asked_offices, asks_to_lead, leads, met
from rag.evidence import Evidence
from rag.lexicon import concept_of, is_known_word, meanings
from rag.models import Question
from rag.names import is_place
from rag.reading import read_statement
from rag.scope import asked_places, at_place, named
from rag.telling import COUNTED, PLAIN, begins, keys_of, telling_words
from rag.tokens import tokens

_WHO = re.compile(r"\b(?:qui|who|whom)\b|\b(?:quelles?|which|what)\s+(?:entreprises?|sociétés?|groupes?|employeurs?|banques?|companies|company|firms?|employers?|banks?)\b|\bquels? (?:groupes?|employeurs?)\b", re.IGNORECASE)  # fmt: skip
_MEASURE = re.compile(r"\b(?:what (?:is|was|are|were) the|quel(?:le)? (?:est|était) (?:le |la |l['’])?)\s*(salar\w+|salaire|rémunération|budget|headcount)", re.IGNORECASE)  # fmt: skip
_WHEN = re.compile(r"\b(?:quand|when|à quelle date|depuis quand|what date|quel jour|which day)\b", re.IGNORECASE)
OF_THE_BODY = 0.6
"""What a sentence has of the question's names that has one itself, or in its title."""
NEAR = 40
"""Characters between the noun asked for and the name that goes with it."""
TOLD, BESIDE = 0.5, 1.5
"""What a sentence gains that tells of the deed asked about, or has a name beside the noun asked for."""
_OF_THE_PRESS = frozenset(("us", "usa", "u.s", "america", "american", "united states", "etats-unis"))
"""A country that its own press, which is most of what is read, does not name."""
ELSEWHERE, OF_NO_KIND = 2.0, 1.5
"""What a sentence loses that is not at the place asked about, or has no date or name where one is asked for."""
_INFLECTED = re.compile(r"(?:ent|ons|ont|ait|aient|ez|ing|ed|es)$")


def fitting(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence that is of the question's body and place and of the kind asked for, in its order; none where none is."""
    kept = list(evidence)
    places = asked_places(question)
    bodies = [n for n in (fold_accents(c.lower()) for c in question.companies) if n not in places]
    if bodies:
        kept = [e for e in kept if e.names > 0 and (_names_body(bodies, e) or e.about)]
    if places:
        near = [(e, at_place(question, e.passage, e.text)) for e in kept]
        best = max((value for _, value in near), default=0.0)
        # A figure of another place of the passage is not the asked one's.
        least = best if question.intent == "how-many" else min(best, 0.5)
        if question.intent != "how-many" and all(place in _OF_THE_PRESS for place in places):
            kept = _lowered([(e, value >= least > 0) for e, value in near], ELSEWHERE)
        else:
            kept = [e for e, value in near if value >= least > 0]
    if question.intent == "who-when-which":
        kept = _telling_of(question, _of_kind(question, kept))
    return kept


def _names_body(bodies: Sequence[str], item: Evidence) -> bool:
    return named(bodies, item.text) > 0 or named(bodies, item.passage.title) > 0


def _of_kind(question: Question, evidence: list[Evidence]) -> list[Evidence]:
    if offices := asked_offices(question):
        # An investor who speaks in the same article is no chief technology officer.
        # Nor is the one of another body that an article on several names.
        return [
            e
            for e in evidence
            if e.names >= OF_THE_BODY and all(o.search(e.text) for o in offices) and _other_names(question, e)
        ]
    if asks_to_lead(question):
        words = {w: mine for w, mine in telling_words(question).items() if not leads(w)}
        kept = [e for e in evidence if leads(e.text) and _other_names(question, e)]
        told = [e for e in kept if any(mine & keys_of(e.text, e.passage.language) for mine in words.values())]
        return told or kept
    if _WHEN.search(question.text):
        most = min(0.6, max((e.names for e in evidence), default=0.0))
        # A date of somebody else's is no answer; without one of its own an article's date tells when.
        return _lowered([(e, e.names >= most and bool(find_dates(e.text))) for e in evidence], OF_NO_KIND)
    if _WHO.search(question.text):
        return _lowered([(e, _other_names(question, e)) for e in evidence], OF_NO_KIND)
    return evidence


def _lowered(judged: Sequence[tuple[Evidence, bool]], by: float) -> list[Evidence]:
    """The evidence with what does not fit lowered, in the new order."""
    kept = [item if fits else item.weighing(item.weight - by) for item, fits in judged]
    return sorted(kept, key=lambda e: (-e.weight, e.passage.chunk_id, e.start))


def _telling_of(question: Question, evidence: list[Evidence]) -> list[Evidence]:
    """The evidence with what tells of the deed asked about first; for a who of a deed that must be told, none that does not."""
    kinds = asked_kinds(question)
    strict = [kind for kind in kinds if kind[0] in STRICT]
    if strict and (_WHO.search(question.text) or _WHEN.search(question.text)):
        return [e for e in evidence if met(strict, e.text)]
    told = [e for e in evidence if met(kinds, e.text)]
    noun = asked_noun(question)
    raised = [
        e.weighing(e.weight + TOLD * (e in told) + BESIDE * (bool(noun) and _has_name_beside(question, e, noun)))
        for e in evidence
    ]
    return sorted(raised, key=lambda e: (-e.weight, e.passage.chunk_id, e.start))


def _has_name_beside(question: Question, item: Evidence, noun: frozenset[str]) -> bool:
    """Whether a name that the question does not have stands within a few words of the noun asked for."""
    language = item.passage.language if item.passage.language in ("fr", "en") else "en"
    places = [
        (t.start, t.end)
        for t in tokens(item.text)
        if t.kind == "word" and (meanings(t.fold, language) | {f"w:{t.fold.rstrip('s')}"}) & noun
    ]
    if not places:
        return False
    asked = fold_accents(question.text.lower())
    items = read_statement(item.text, 0, item.passage.language).items
    names = [i for i in items if i.kind == "name" and i.hard and i.fold not in asked and not is_place(i.fold)]
    return any(max(a - i.end, i.start - b) <= NEAR for a, b in places for i in names)


def _other_names(question: Question, evidence: Evidence) -> bool:
    return has_other_name(question, evidence.text, evidence.passage.language)


def of_the_asked_noun(question: Question, evidence: list[Evidence]) -> list[Evidence]:
    """Of "combien d'agents" those that count agents, where there are any; all where people or posts are asked for, which have many
    names, or nothing is counted."""
    match = COUNTED.search(question.text)
    if match is None or PEOPLE.fullmatch(match[1]) or fold_accents(match[1].lower()) in PLAIN:
        return evidence
    asked = meanings(fold_accents(match[1].lower()), question.language)
    counting = [
        e
        for e in evidence
        if any(asked & keys_of(e.text[q.span[1] : q.span[1] + 25], e.passage.language) for q in e.quantities)
    ]
    # One that is far below the best only happens to count the like.
    best = max((e.weight for e in evidence), default=0.0)
    return counting if any(e.weight >= best - 2.2 for e in counting) else evidence


def counts_something_else(question: Question, evidence: Sequence[Evidence]) -> bool:
    """Whether a question counts things ("how many pieces of content") or asks for a measure ("what is the salary") of which no evidence speaks;
    people and posts have many names, and so has a word without a translation in the other language."""
    match = COUNTED.search(question.text) or _MEASURE.search(question.text)
    if match is None or PEOPLE.fullmatch(match[1]) or fold_accents(match[1].lower()) in PLAIN:
        return False
    word = fold_accents(match[1].lower())
    asked = meanings(word, question.language) | {"w:" + word, "w:" + word.rstrip("s")}
    other = "e:" if question.language == "fr" else "f:"
    if not any(e.passage.language == question.language for e in evidence) and not any(
        k.startswith(other) for k in asked
    ):
        return False
    there = (keys_of(f"{e.passage.title}. {e.text}", e.passage.language) for e in evidence)
    return not any(asked & keys or begins(word, keys) for keys in there)


def speaks_past(question: Question, evidence: Sequence[Evidence]) -> bool:
    """Whether what is to be shown speaks past the question: of none of its telling words, or not of a name that it writes small."""
    words = telling_words(question)
    missing = untold(question, evidence)
    if not question.companies and any(
        not is_known_word(w) and len(w) > 4 and not is_place(w) and not _INFLECTED.search(w) for w in missing
    ):
        return True
    if len(missing) < len(words) or not words:
        return False
    if any(_around(w, words[w], evidence) for w in words):
        return False
    if question.intent == "who-when-which":
        return len(words) > 2  # Verbs that ask who and when are of many kinds.
    return len(words) > 1 or all(concept_of(w) is not None for w in words)


def _around(word: str, keys: frozenset[str], evidence: Sequence[Evidence]) -> bool:
    """Whether the passages of the evidence speak of a word anywhere."""
    texts = (keys_of(e.passage.text, e.passage.language) for e in evidence)
    return any(keys & there or begins(word, there) for there in texts)


def untold(question: Question, evidence: Sequence[Evidence]) -> list[str]:
    """The telling words of a question that nothing of what is to be shown speaks of, by the word, a translation, a synonym or a common
    beginning, in sentence, title or the passage around."""
    words = telling_words(question)
    for office in asked_offices(question):
        if any(office.search(item.text) for item in evidence):
            # "CTO" tells of each word of "chief technology officer".
            named_so = {fold_accents(t) for m in office.finditer(question.text.lower()) for t in m[0].split()}
            words = {word: mine for word, mine in words.items() if word not in named_so}
    for item in evidence:
        keys = keys_of(f"{item.passage.title}. {item.text}", item.passage.language or question.language)
        words = {
            word: mine
            for word, mine in words.items()
            if not mine & keys and not begins(word, keys) and "w:" + word not in keys
        }
    return list(words)
