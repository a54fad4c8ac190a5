"""The maker of claim pairs: real sentences beside their source, rewritten in form or altered in substance.

Written without sight of the claim check, whose signature is all it needs: a pair is a claim, a passage, and what a check should say.
A pair's half is that of its document, by a hash: "tune" to steer by, "held-out" to be looked at only when a figure is reported.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from evals.claim_alterations import KINDS, altered, names_in
from evals.claim_forms import FORM_KINDS, dated, rewritten
from evals.claim_sources import Source, chance, read_news, read_paraphrases, read_translations
from evals.measures import EvaluationError

Expected = Literal["supported", "weaker", "unsupported"]
EXPECTED: dict[str, Expected] = {"supported": "supported", "weaker": "weaker", "unsupported": "unsupported"}
A_KIND = 130
"""Pairs of a kind and language at most, so that no easy kind drowns the others."""
ACROSS = ("figure", "period", "name", "place", "polarity")
"""Alterations that are also made beside a source in the other language."""
HAND = Path(__file__).parent / "gold" / "claims.jsonl"


@dataclass(frozen=True, slots=True)
class ClaimPair:
    """``expected``: "supported" of a rewriting; "unsupported" of an alteration; "weaker" where the source is less certain (not supported)."""

    id: str
    kind: str
    claim: str
    passage: str
    expected: Expected
    language: str
    across: bool
    half: str
    published: datetime | None = None


def make_pairs(data: Path, a_kind: int = A_KIND) -> list[ClaimPair]:
    """The pairs of a folder with news-fr, news-en and, where they lie there, parallel and stsb-fr-en; in a fixed order.

    Raises EvaluationError when there is no news to read.
    """
    news = {language: read_news(data / f"news-{language}", language) for language in ("fr", "en")}
    found: list[ClaimPair] = []
    for language, sources in news.items():
        names = sorted({name for s in sources for name in names_in(s.sentence)}, key=chance)
        found += _forms(sources, a_kind)
        for kind in KINDS:
            found += _some(_alterations(sources, kind, names), a_kind)
        translated = [
            s for s in read_translations(data / "parallel", data / "stsb-fr-en") if s.other_language == language
        ]
        found += _some(_said_otherwise(translated, "translation"), 2 * a_kind)
        same = [s for s in read_paraphrases(data / "stsb-fr-en") if s.other_language == language]
        found += _some(_said_otherwise(same, "paraphrase"), a_kind)
        for kind in ACROSS:
            found += _some(_altered_across(translated, kind, names), a_kind // 2)
    return sorted({pair.id: pair for pair in found}.values(), key=lambda p: p.id)


def read_hand(path: Path = HAND) -> list[ClaimPair]:
    """The pairs written by hand. Raises EvaluationError naming the row that is wrong."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            published = datetime.fromisoformat(row["published"]) if row.get("published") else None
            id_, kind, claim, passage, language = (
                str(row[name]) for name in ("id", "kind", "claim", "passage", "language")
            )
            expected: Expected = EXPECTED[row["expected"]]
        except (KeyError, ValueError) as error:
            raise EvaluationError(f"{path.name}, row {number}: {error!r}") from error
        found.append(
            ClaimPair(id_, kind, claim, passage, expected, language, bool(row.get("across")), "hand", published)
        )
    return found


def half_of(origin: str) -> str:
    """Which half a document's pairs belong to."""
    return "tune" if chance("half", origin) % 2 == 0 else "held-out"


def _forms(sources: Sequence[Source], a_kind: int) -> Iterator[ClaimPair]:
    for kind in FORM_KINDS:
        yield from _some(
            (_pair(s, kind, claim, "supported") for s in sources for claim in _one(s, kind, rewritten(s, kind))), a_kind
        )
    yield from _some(
        (_pair(s, "weekday", c, "supported") for s in sources for c in _one(s, "weekday", dated(s))), a_kind // 2
    )
    wrong = (_pair(s, "weekday-altered", c, "unsupported") for s in sources for c in _one(s, "weekday", dated(s, 3)))
    yield from _some(wrong, a_kind // 2)


def _alterations(sources: Sequence[Source], kind: str, names: Sequence[str]) -> Iterator[ClaimPair]:
    expected: Expected = "weaker" if kind == "certainty" else "unsupported"
    for source in sources:
        for claim in _one(source, kind, altered(source, kind, names)):
            yield _pair(source, kind, claim, expected)


def _said_otherwise(sources: Sequence[Source], kind: str) -> Iterator[ClaimPair]:
    for source in sources:
        yield _pair(source, kind, source.other, "supported", source.other_language)


def _altered_across(sources: Sequence[Source], kind: str, names: Sequence[str]) -> Iterator[ClaimPair]:
    """An alteration of the translation, beside the original."""
    for source in sources:
        there = replace(
            source, sentence=source.other, passage=f"{source.other} {source.passage}", language=source.other_language
        )
        for claim in _one(there, kind, altered(there, kind, names)):
            yield _pair(source, kind, claim, "unsupported", source.other_language)


def _pair(source: Source, kind: str, claim: str, expected: Expected, language: str = "") -> ClaimPair:
    said_in = language or source.language
    return ClaimPair(
        f"{kind}-{said_in}-{chance(claim, source.passage):012x}", kind, claim, source.passage, expected, said_in,
        said_in != source.language, half_of(source.origin), source.published,
    )  # fmt: skip


def _one(source: Source, kind: str, claims: Iterable[str]) -> list[str]:
    """At most one claim of a kind from a sentence, and none that says what the source says."""
    fit = [claim for claim in dict.fromkeys(claims) if claim != source.sentence and claim not in source.passage]
    return [min(fit, key=lambda claim: chance(kind, claim))] if fit else []


def _some(pairs: Iterable[ClaimPair], most: int) -> list[ClaimPair]:
    """As many as are wanted, drawn over all documents."""
    return sorted(pairs, key=lambda pair: chance(pair.id))[:most]
