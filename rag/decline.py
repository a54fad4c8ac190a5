"""Whether what was found answers the question: one confidence in [0, 1], and the threshold under which Vigie declines. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from corpus.analysis import fold_accents
from rag.evidence import Evidence
from rag.models import Question
from rag.scope import at_place, speaks_of

JUDGED = 10
"""How many pieces of evidence are looked at, the weightiest first."""
FAR, NEAR = 0.35, 0.85
"""Closeness of sentences that have nothing to do with the question, and of those that nearly repeat it."""
FEATURES = ("names", "coverage", "nearness", "figure", "period", "place", "bias")


MISSING = 2.0
"""What a publication that the library does not hold takes from the log-odds of an answer: about as much as half of the question's names.
Set on the half of MultiHop-RAG's queries that is public here."""
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


def features(question: Question, evidence: Evidence) -> dict[str, float]:
    """What one piece of evidence has of what the question asks for, each in [0, 1]: together, for a name in one sentence
    and a figure in another answer nothing."""
    return {
        "names": evidence.names if question.companies else 0.8,
        "coverage": min(1.0, evidence.coverage),
        "nearness": min(1.0, max(0.0, (evidence.nearness - FAR) / (NEAR - FAR))),
        "figure": 1.0 if question.intent != "how-many" or evidence.quantities else 0.0,
        "period": _in_period(question, evidence),
        "place": at_place(question, evidence.passage, evidence.text),
        "bias": 1.0,
    }


def _in_period(question: Question, evidence: Evidence) -> float:
    """1 where the question names no time, or the evidence is of that time."""
    return 1.0 if speaks_of(question, evidence.passage, evidence.text) else 0.0


def confidence(question: Question, evidence: Sequence[Evidence], missing: Sequence[str] = ()) -> float:
    """In [0, 1]: that of the best piece of evidence, by a logistic model over its features; less where the question rests on
    ``missing`` publications, which the library does not hold."""
    weights = calibration()
    totals = [
        sum(weights.get(name, 0.0) * value for name, value in features(question, item).items())
        for item in evidence[:JUDGED]
    ]
    return 1 / (1 + math.exp(MISSING * bool(missing) - max(totals, default=-20.0)))


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
