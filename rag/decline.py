"""Whether what was found answers the question: one confidence in [0, 1], and the threshold under which Vigie declines. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from corpus.analysis import fold_accents
from rag.deeds import asked_kinds, met
from rag.extractive import Extract
from rag.models import Passage, Question
from rag.scope import at_place, named, says_where

FEATURES = ("weight", "share", "names", "bodies", "told", "deed", "sound", "place", "bias")


SIDE = 0.5
"""What a sentence on one side of a comparison has of its names, however many sides there are."""
MISSING = 2.0
"""What a publication that the library does not hold takes from the log-odds of an answer: about as much as half of the question's names.
Set on the half of MultiHop-RAG's queries that is public here."""
ANYTHING = 1.5
"""The log-odds of a timeline that is of the body and of the matter asked about."""
_KIND = (
    r"(?:articles?|reports?|pieces?|reviews?|stor(?:y|ies)|coverage|interviews?|profiles?|posts?|features?|analys[ie]s)"
)
_NAME = r"((?:(?:The|Le|La|Les) )?[A-ZÀ-Þ][\w&.’'-]*(?: (?:[A-ZÀ-Þ][\w&.’'-]*|of|de|des|du)(?=\W))*)"
_ARTICLE_OF = re.compile(
    rf"(?<![Qq]uel )(?<![Ww]hich )\b{_KIND}\b(?: published| that appeared| paru\w*| publié\w*)? (?:in|from|by|dans|du|par) (?:the |an? )?{_NAME}"
    rf"|\b(?:and|&|or) (?:another|one|a second)(?: {_KIND})? (?:in|from|by) (?:the )?{_NAME}"
    rf"|\b(?:an?|the|another) {_NAME} {_KIND}\b"
)
_NO_PUBLICATIONS = frozenset(
    "january february march april may june july august september october november december janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre ai ia".split()
)


@cache
def calibration() -> Mapping[str, float]:
    """Weights of the features and the threshold, fitted by ``evals.tune`` on the training questions alone."""
    values: Mapping[str, float] = json.loads(files("rag").joinpath("calibration.json").read_text(encoding="utf-8"))
    return values


def features(question: Question, found: Extract) -> list[dict[str, float]]:
    """What each sentence of an extract has of what the question asks for. ``weight`` and ``share``: how likely it answers, on all questions'
    scale and among this question's sentences; ``bodies``: the share of the question's bodies that its article speaks of there; ``told``, ``deed`` (whether
    what the question asks to have been done is told) and ``sound``: of the whole extract."""
    bodies = [name for name in (fold_accents(n.lower()) for n in question.companies) if not says_where(name)]
    kinds = asked_kinds(question)
    # The sides of a comparison are told of by one article each.
    together = [item.passage for item in found.chosen] if question.intent == "compare" else []
    deed = float(not kinds or any(met(kinds, item.text) for item in found.chosen))
    return [
        {
            "weight": item.weight / 10,
            "share": item.share,
            "names": max(item.names, SIDE * bool(together)) if question.companies else 0.8,
            "bodies": _met_in(bodies, together or [item.passage]),
            "told": found.told,
            "deed": deed,
            "sound": float(not found.beside),
            "place": at_place(question, item.passage, item.text),
            "bias": 1.0,
        }
        for item in found.chosen
    ]


def _met_in(bodies: Sequence[str], passages: Sequence[Passage]) -> float:
    """The share of some names that passages, their titles or their publishers have: of "when did A buy B" both, or it is another purchase."""
    texts = [text for p in passages for text in (p.text, p.title, p.source)]
    return sum(any(named([name], text) for text in texts) for name in bodies) / len(bodies) if bodies else 1.0


def confidence(question: Question, found: Extract, missing: Sequence[str] = ()) -> float:
    """In [0, 1]: that of the best sentence, by a logistic model over its features; less where the question rests on ``missing`` publications,
    which the library does not hold."""
    weights = calibration()
    totals = [sum(weights[name] * row[name] for name in FEATURES) for row in features(question, found)]
    if not totals:
        return 0.0
    # "What happened at X" asks for no fact in particular: whatever is told of X then answers.
    least = (
        ANYTHING
        if question.intent == "what-happened" and not found.beside and _all_named(question, found)
        else -math.inf
    )
    return 1.0 / (1.0 + math.exp(-(max([*totals, least]) - MISSING * bool(missing))))


def _all_named(question: Question, found: Extract) -> bool:
    return bool(question.companies) and found.told >= 0.5 and any(item.names >= 0.6 for item in found.chosen)


def missing_publications(text: str, sources: Sequence[str]) -> tuple[str, ...]:
    """The publications whose article a question asks about ("a report in The Example Times", "un article du Courrier Exemple") and that are
    none of the library's ``sources``."""
    held = [_plain_name(source) for source in sources]
    names = [match[1] or match[2] or match[3] for match in _ARTICLE_OF.finditer(text)]
    found = [re.sub(r"['’]s?$", "", name).strip() for name in names]
    return tuple(
        dict.fromkeys(
            name
            for name in found
            if len(name) > 2
            and _plain_name(name) not in _NO_PUBLICATIONS
            and not any(
                _plain_name(name) in source or source in _plain_name(name) for source in held if len(source) > 2
            )
        )
    )


def _plain_name(name: str) -> str:
    return re.sub(r"^(?:the|le|la|les|l['’]) ?", "", fold_accents(name.lower()).strip())
