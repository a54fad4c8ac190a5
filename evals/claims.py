"""The claim check on pairs: how often it accepts what is false and refuses what is true, and what it costs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evals.claim_pairs import ClaimPair
from rag.models import ClaimCheck, Passage

Check = Callable[[str, Sequence[Passage]], ClaimCheck]
COST_PAIRS = 300


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair and what the check said of it."""

    pair: ClaimPair
    status: str

    @property
    def accepted(self) -> bool:
        """The check let a false claim through. "partly" is through as well, unless the claim is only too certain."""
        allowed = ("supported",) if self.pair.expected == "weaker" else ("supported", "partly")
        return self.pair.expected != "supported" and self.status in allowed

    @property
    def refused(self) -> bool:
        """The check called a true claim unsupported."""
        return self.pair.expected == "supported" and self.status == "unsupported"


def judge(pairs: Sequence[ClaimPair], check: Check) -> list[Judged]:
    """Every pair, its claim beside its one passage."""
    return [
        Judged(p, check(p.claim, [Passage(p.passage, published=p.published, language=_source(p))]).status)
        for p in pairs
    ]


def summary(judged: Sequence[Judged]) -> dict[str, dict[str, float]]:
    """By slice: how many pairs, false acceptance of the false ones, false refusal of the true ones, and of the true ones
    the share called "partly" (shown to the reader with a caution). Slices: all, half, language, half and language, kind."""
    slices: dict[str, list[Judged]] = {}
    for one in judged:
        across = ", across" if one.pair.across else ""
        for name in (
            "all", one.pair.half, one.pair.language, f"{one.pair.half}, {one.pair.language}",
            f"{one.pair.kind} ({one.pair.language}{across})", f"{one.pair.half}: {one.pair.kind}{across}",
        ):  # fmt: skip
            slices.setdefault(name, []).append(one)
    return {name: _rates(slices[name]) for name in sorted(slices, key=lambda n: (n != "all", ":" in n, "(" in n, n))}


def _rates(judged: Sequence[Judged]) -> dict[str, float]:
    true = [j for j in judged if j.pair.expected == "supported"]
    false = [j for j in judged if j.pair.expected != "supported"]
    rates = {"pairs": float(len(judged))}
    if false:
        rates["false acceptance"] = statistics.fmean(j.accepted for j in false)
    if true:
        rates["false refusal"] = statistics.fmean(j.refused for j in true)
        rates["partly"] = statistics.fmean(j.status == "partly" for j in true)
    return rates


def cost_ms(pairs: Sequence[ClaimPair], check: Check) -> dict[str, float]:
    """Milliseconds of a sentence beside three passages (its own last), median and 95th percentile, nothing seen before."""
    drawn = pairs[:: max(1, len(pairs) // COST_PAIRS)]
    spent = []
    for number, pair in enumerate(drawn):
        others = [drawn[(number + step) % len(drawn)].passage for step in (101, 57)]
        passages = [Passage(text) for text in (*others, pair.passage)]
        begun = time.perf_counter()
        check(pair.claim, passages)
        spent.append((time.perf_counter() - begun) * 1000)
    spent.sort()
    return {"p50": statistics.median(spent), "p95": spent[int(0.95 * len(spent))]}


def _source(pair: ClaimPair) -> str:
    """The language of the passage."""
    return {"fr": "en", "en": "fr"}[pair.language] if pair.across else pair.language
