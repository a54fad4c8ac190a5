"""Whether cited passages say what a sentence says: quantities, dates, names, polarity, modality, and the rest of the content.

Pure, no model, in French and English and across them. The claim is read into items (``rag/reading.py``); the sentences of the
passages that state most of them are the evidence; every figure, date and name must stand there, bound to the same things, and
asserted in the same way. A false acceptance is worse than a false refusal: what is not found is not supported. A sentence that
stands whole in a passage is supported whatever it contains. See docs/claims.md for the rules.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from rag.binding import binding_reasons, substitution_reasons
from rag.dates import find_dates
from rag.lexicon import english_roots, french_roots
from rag.matching import Evidence, gather
from rag.models import ClaimCheck, Passage, Reason, SentenceStatus
from rag.names import is_place
from rag.parallels import parallel_reasons, unmet_deeds
from rag.polarity import assertion_reasons
from rag.reading import read_passage, read_statement
from rag.replaced import other_speaker, replaced_facts
from rag.status import status_reasons

__all__ = ["check_claim", "find_dates"]

LEAST_COVERAGE = 0.62
"""Share of a claim's words that its evidence must have, in one language."""
LEAST_ACROSS = 0.4
"""The same across languages, where the word table leaves gaps."""


def check_claim(sentence: str, passages: Sequence[Passage]) -> ClaimCheck:
    """The verdict on a sentence given its cited passages, each needing only its text.

    "supported": everything found; "partly": the facts are there but the source is less exact or less certain ("plus de 500",
    "selon l'agence"); "unsupported": something is not there, or is there of somebody else. Each reason has the spans on both
    sides where there are two. A passage's ``published`` date resolves "mardi" and leaves out years; its title counts as text.
    """
    if not sentence.strip():
        return ClaimCheck("unsupported", (Reason("content", (0, 0), message="an empty sentence"),))
    if not passages:
        return ClaimCheck("unsupported", (Reason("content", (0, len(sentence)), message="no passage is cited"),))
    if any(_stands_in(sentence, p.text) for p in passages):
        return ClaimCheck("supported")
    best: ClaimCheck | None = None
    rounds = [(p,) for p in passages] + ([tuple(passages)] if len(passages) > 1 else [])
    for number, group in enumerate(rounds):
        check = _check(sentence, group, number if len(group) == 1 else None)
        if check.status == "supported":
            return check
        if best is None or _rank(check) > _rank(best):
            best = check
    assert best is not None
    return best


def _rank(check: ClaimCheck) -> tuple[bool, int]:
    return check.status == "partly", -len(check.reasons)


def _check(sentence: str, passages: Sequence[Passage], number: int | None) -> ClaimCheck:
    claim = read_statement(sentence)
    if not any(item.kind != "marker" for item in claim.items):
        return ClaimCheck(
            "unsupported", (Reason("content", (0, len(sentence)), message="nothing that can be checked"),)
        )
    readings = [read_passage(p.text, p.title, p.language) for p in passages]
    numbers = [number] if number is not None else list(range(len(passages)))
    evidence = gather(claim, readings, [p.published for p in passages], numbers)
    hard = (
        _fact_reasons(evidence)
        + substitution_reasons(evidence)
        + replaced_facts(evidence)
        + other_speaker(evidence)
        + binding_reasons(evidence)
        + parallel_reasons(evidence)
        + unmet_deeds(evidence)
        + status_reasons(evidence)
        + _coverage_reasons(evidence)
    )
    refused, softened = assertion_reasons(evidence)
    hard += refused
    if hard:
        return ClaimCheck("unsupported", tuple(hard))
    softened += [
        evidence.reason("number", place, evidence.matches[place][0], "the passage is less exact")
        for place in sorted(evidence.loose)
    ]
    status: SentenceStatus = "partly" if softened else "supported"
    return ClaimCheck(status, tuple(softened))


def _fact_reasons(evidence: Evidence) -> list[Reason]:
    """Every quantity, date and hard name must be matched in the evidence."""
    reasons = []
    for place, item in enumerate(evidence.claim.items):
        people = (
            item.kind == "word" and len(item.fold) > 4 and item.fold != "europe" and is_place(item.fold)
        )  # "portugais"
        if evidence.matches.get(place) or (item.kind not in ("quantity", "date", "name") and not people):
            continue
        if (
            evidence.across
            and item.quantity is not None
            and item.quantity.unit == "ordinal"
            and 1.0 in item.quantity.values
        ):
            continue  # "premier" is "early" as often as "first".
        kind = {"quantity": "number", "date": "date"}.get(item.kind, "name")
        if kind == "name" and evidence.across and not item.hard and _beside_a_name(evidence, place):
            continue  # A word of a name that is translated: "International Air Transport Association".
        if not people and kind == "name" and (evidence.known_by_other_means(place) or evidence.initial_of(place)):
            continue
        written = evidence.claim.text[item.start : item.end]
        reasons.append(evidence.reason(kind, place, None, f"the passage does not state {written}"))
    return reasons


def _beside_a_name(evidence: Evidence, place: int) -> bool:
    items = evidence.claim.items
    folded = items[place].fold
    if folded in english_roots(folded, "fr") or (evidence.claim.language == "en" and folded in french_roots(folded)):
        return False  # A word that is the same in both languages is a name of its own: "Berlin".
    near = (p for p in (place - 1, place + 1) if 0 <= p < len(items) and evidence.matches.get(p))
    return any(
        items[p].kind == "name" and max(items[p].start - items[place].end, items[place].start - items[p].end) < 5
        for p in near
    )


def _coverage_reasons(evidence: Evidence) -> list[Reason]:
    share, counted = evidence.coverage()
    facts = any(item.kind in ("quantity", "date") for item in evidence.claim.items)
    # Two words are no evidence unless both are there: "C'est un syndicat qui entre dans un bar."
    least = 1.0 if counted < 3 and not facts else LEAST_ACROSS if evidence.across else LEAST_COVERAGE
    if counted and share < least:
        span = (0, len(evidence.claim.text))
        return [Reason("content", span, evidence.main_number, evidence.main_span, "the passage does not say this")]
    return []


def _stands_in(sentence: str, text: str) -> bool:
    """Whether a sentence stands in a text as one or more whole sentences, typography aside."""
    wanted, there = _plain(sentence), _plain(text)
    if not wanted:
        return False
    at = there.find(wanted)
    while at >= 0:
        before, after = there[:at].rstrip(" "), there[at + len(wanted) :].lstrip()
        if (not before or before[-1] in '.!?…:;»"\n)') and (not after or wanted[-1:] in ".!?…" or after[0] in '.!?…"»'):
            return True
        at = there.find(wanted, at + 1)
    return False


_TYPOGRAPHY = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "\u2011": "-", "\u00ad": None, "\u200b": None})  # fmt: skip


@lru_cache(maxsize=2048)
def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHY)
    lines = [" ".join(line.split()) for line in folded.splitlines() if line.strip()]
    # Quotation marks tell nothing here, and in a text with an odd one no pair can be told.
    joined = re.sub(r" +", " ", re.sub(r' ?" ?', " ", "\n".join(lines)))
    return re.sub(r" (?=[.,:;!?%])", "", joined).strip().rstrip(".").strip()
