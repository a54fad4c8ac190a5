"""The words of a question that tell it from others on the same matter, and how they meet those of a text. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from corpus.analysis import fold_accents
from rag.dates import find_dates
from rag.lexicon import concept_of, concepts_of, meanings, synonyms_of
from rag.models import Question
from rag.stems import FUNCTION_WORDS
from rag.tokens import tokens

COUNTED = re.compile(r"\b(?:combien d(?:e |['’])|how many )(\w+)", re.IGNORECASE)
"""The noun that a "how many" counts."""
_GENERIC = frozenset(
    number
    for word in "supprime licencie poste salarie entreprise annonce prevoit nouveau chiffre monde pays annee mois semaine jour rapport travail personnes reduction "
    "travailler effectif hausse baisse vague depart service marche restructuration".split()
    if (number := concept_of(word)) is not None
)
"""Concepts that nearly every article of a library on work is about: they tell no question from another."""
PLAIN = frozenset(
    """combien quel quelle quels quelles nombre total bilan plus moins dernier derniers derniere recent latest last new how many much what which who when
    fait faire dit dire say said says tell happen happened happening passe actuellement current currently so far date moment deja encore va vont aller will would
    prevu prevus prevoir plan plans personne personnes people gens monde world worldwide globally entre between tout tous all ensemble overall global
    chez aux cette ces this that there ont sont est have has had been being affected concern concerne concernes concernees touche touches touchees nombreux
    donner donne give gave list liste resume summarize summary comparer compare comparaison versus difference figure chiffres data sait know known
    pourquoi comment part share number percentage pourcentage proportion taux rate large larger largest small size taille savait savent presse press disait disent soir went take takes second seconde reste restera restent compte comptent devenu devenir become laying grace pourrait pourraient could compter handle parts back away down fera faisait faisaient reason reasons raison raisons vrai true question reponse answer lors during debut fin early late mid milieu spend spends spent spending cost costs coute couter cout couts depense depenses depenser paye payer pay invest investir investit""".split()
)


def telling_words(question: Question) -> dict[str, frozenset[str]]:
    """The words of a question that tell it from others on the same matter, with the keys under which they meet those of a text."""
    names = {fold_accents(w.lower()) for name in question.companies for w in re.findall(r"\w+", name)}
    dates = [d.span for d in find_dates(question.text)]
    found = {}
    for token in tokens(question.text):
        if token.kind != "word" or len(token.fold) < 4 or token.fold in names or token.fold in PLAIN:
            continue
        if any(a <= token.start < b for a, b in dates) or any(token.fold in words for words in FUNCTION_WORDS.values()):
            continue
        if concepts_of(token.fold) & _GENERIC:
            continue
        found[token.fold] = meanings(token.fold, question.language) | {
            "s:" + s for s in synonyms_of(token.fold, question.language)
        }
    return found


@lru_cache(maxsize=2048)
def keys_of(text: str, language: str) -> frozenset[str]:
    """The keys under which the words of a text meet those of a question: their meanings and the words themselves."""
    language = language if language in ("fr", "en") else "en"
    found: set[str] = set()
    for token in tokens(text):
        if token.kind == "word":
            own = meanings(token.fold, language)
            found |= own | {"w:" + token.fold}
            found |= {"s:" + key[2:] for key in own if key.startswith("e:")}
    return frozenset(found)


def begins(word: str, keys: frozenset[str]) -> bool:
    """Whether a word of five letters or more begins like one of a text."""
    start = "w:" + word[:5]
    return len(word) >= 5 and any(key.startswith(start) for key in keys)
