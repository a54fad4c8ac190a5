"""Whether a source's quantity or date supports a claim's. Pure.

The rules stand in docs/claims.md: the same value in the same unit, bounds that may be softened but not added or turned around;
a date as far as the claim states it, with weekdays and years resolved by the article's own date.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from rag.dates import StatedDate
from rag.quantities import Quantity


def same_value(a: Quantity, b: Quantity) -> bool:
    """Whether two quantities have the same unit and value, whatever their bounds; 25 % is a quarter."""
    shares = {a.unit, b.unit} == {"%", "share"}
    if a.unit != b.unit and not shares:
        return False
    for x in a.values:
        for y in b.values:
            u, v = (x / 100 if shares and a.unit == "%" else x), (y / 100 if shares and b.unit == "%" else y)
            if abs(u - v) <= (0.0051 if shares else 1e-9 * max(1.0, abs(u))):
                return True
    return False


def verdict(claim: Quantity, source: Quantity) -> str:
    """ "yes", "loose" (the source is less exact than the claim) or "no": whether a source's quantity supports a claim's.

    Same value: a bound may be kept or softened to "about"; dropped, it is "loose"; added or turned around, "no". Another value:
    an unbounded source may be rounded (fewer significant digits, "about" within 5 %, "more than" and "less than" within 10 %).
    """
    if same_value(claim, source):
        if "vague" in (claim.bound, source.bound):
            return "yes" if claim.bound == source.bound else "no"
        if claim.bound == source.bound or claim.bound == "about":
            return "yes"
        if claim.bound in ("low", "high") and not source.bound:
            return "loose"  # "de 2 à 6 %" of what rose from the one to the other.
        if claim.bound == "":
            return "yes" if source.bound == "about" and source.unit == "share" else "loose"
        if claim.bound == "nearly":
            return "yes" if source.bound == "about" else "no"
        return "no"
    if claim.unit != source.unit or source.bound or claim.bound not in ("about", "nearly", "more", "less"):
        return "no"
    for a in claim.values:
        for b in source.values:
            if a <= 0 or b <= 0 or _digits(a) >= _digits(b):
                continue
            ratio = b / a
            near = {
                "about": 0.95 <= ratio <= 1.05,
                "nearly": 0.95 <= ratio < 1,
                "more": 1 < ratio <= 1.1,
                "less": 0.9 <= ratio < 1,
            }
            if near[claim.bound]:
                return "yes"
    return "no"


def _digits(value: float) -> int:
    return len(f"{value:.10g}".replace(".", "").strip("0").split("e")[0]) or 1


def agrees(claim: Quantity, source: Quantity) -> bool:
    """Whether a source's quantity supports a claim's, exactly or loosely."""
    return verdict(claim, source) != "no"


def resolve(stated: StatedDate, published: datetime | None) -> StatedDate:
    """A date with what the article's own date adds: weekdays and "last year" become dates, a missing year the nearest one
    before (or shortly after) publication. Without a date of publication the date stays as stated."""
    if published is None:
        return stated
    base = published.date()
    if stated.relative is not None:
        unit, offset = stated.relative
        if unit == "day":
            day = base + timedelta(days=offset)
            return replace(stated, year=day.year, month=day.month, day=day.day)
        if unit == "year":
            return replace(stated, year=base.year + offset)
        if unit == "month":
            months = base.year * 12 + base.month - 1 + offset
            return replace(stated, year=months // 12, month=months % 12 + 1)
        if unit == "named" and stated.month is not None:  # "mars prochain": the first March after publication.
            past = stated.month < base.month or (stated.month == base.month and offset > 0)
            year = base.year + (1 if offset > 0 and past else -1 if offset < 0 and not past else 0)
            return replace(stated, year=year)
        return stated
    if stated.weekday is not None and stated.day is None:
        day = base - timedelta(days=(base.weekday() - stated.weekday) % 7)
        return replace(stated, year=day.year, month=day.month, day=day.day)
    if stated.month is not None and stated.year is None:
        ahead = (stated.month - base.month) % 12
        year = base.year if stated.month <= base.month else base.year - 1
        if 0 < ahead <= 3:  # A month just ahead is as likely this one's as last year's: both are tried by the caller.
            return stated
        return replace(stated, year=year)
    if stated.period[:1] in ("Q", "H") and stated.year is None:
        return replace(stated, year=base.year)
    return stated


def supports(
    claim: StatedDate, source: StatedDate, published: datetime | None = None, years: Iterable[int] = ()
) -> bool:
    """Whether a source's date supports a claim's: everything the claim states is stated by the source or follows from the
    article's date (``years``: those that its text states, where it has no date)."""
    if (
        claim.direction
        and source.direction
        and claim.direction != source.direction
        and {claim.direction, source.direction} != {"since", "after"}
    ):
        return False
    if claim.period and source.period and claim.period != source.period:
        return False
    if _same_words(claim, source):
        return True
    wanted, given = resolve(claim, published), resolve(source, published)
    if claim.period and not source.period and not _within(given, claim.period):
        return False
    readings = [(given.month, given.day)] + ([given.other] if given.other else [])
    asked = [(wanted.month, wanted.day)] + ([wanted.other] if wanted.other else [])
    if not any(
        _covers(month, given_month) and _covers(day, given_day)
        for month, day in asked
        for given_month, given_day in readings
    ):
        return False
    if claim.weekday is not None and source.weekday is not None and claim.weekday != source.weekday:
        return False
    if (
        claim.weekday is not None
        and source.weekday is None
        and claim.day is None
        and (published is None or given.day is None)
    ):
        return False
    if claim.relative is not None and (published is None or claim.relative[0] == "week"):
        return False
    if wanted.year is None:
        return True
    if given.year is not None:
        return wanted.year == given.year
    if claim.year is None:
        return True
    near = {published.year - 1, published.year, published.year + 1} if published else set()
    return given.month is not None and (claim.year in near if published else claim.year in set(years))


def _same_words(claim: StatedDate, source: StatedDate) -> bool:
    return (claim.year, claim.month, claim.day, claim.weekday, claim.relative, claim.period, claim.other) == (
        source.year, source.month, source.day, source.weekday, source.relative, source.period, source.other,
    )  # fmt: skip


def _covers(claim: int | None, source: int | None) -> bool:
    return claim is None or claim == source


def _within(given: StatedDate, period: str) -> bool:
    """Whether a date with a month lies in a quarter or half."""
    if given.month is None or period[0] not in "QH":
        return False
    return (given.month - 1) // (3 if period[0] == "Q" else 6) + 1 == int(period[1])
