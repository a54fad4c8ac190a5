"""Moments and periods as a reader types them on the command line: "7d", "2w", "2026-01-31", "hier", "yesterday". Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from rag.periods import find_periods

_SPAN = re.compile(r"^(\d{1,4})\s*([hdwmyjsa])$", re.IGNORECASE)
_DAYS = {"h": 1 / 24, "d": 1.0, "j": 1.0, "w": 7.0, "s": 7.0, "m": 30.0, "y": 365.0, "a": 365.0}
_DATE_ALONE = re.compile(r"\d{4}-?\d\d-?\d\d")
FORMS = "use 7d, 2w, 3m, a date such as 2026-01-31, or words such as hier, yesterday, la semaine dernière"


_LEADS = re.compile(
    r"(?:en|in|le|la|the|on|au|du|depuis|since|from|début|fin|mi|dès|à partir d[eu]|avant|before|until|jusqu['’]à|as of)?\W*",
    re.IGNORECASE,
)


def read_moment(text: str, now: datetime, *, end: bool = False) -> datetime:
    """The moment that a text names, aware: a date's or period's beginning, with ``end`` its last second; a span counts back from now.
    Raises ValueError."""
    asked = text.strip()
    if (span := _SPAN.match(asked)) is not None:
        ago = now - timedelta(days=int(span.group(1)) * _DAYS[span.group(2).lower()])
        return ago.replace(hour=23, minute=59, second=59) if end else ago
    if re.fullmatch(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])", asked):
        first = datetime.fromisoformat(f"{asked}-01").replace(tzinfo=UTC)
        return (first + timedelta(days=31)).replace(day=1) - timedelta(seconds=1) if end else first
    try:
        moment = datetime.fromisoformat(asked)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment + timedelta(days=1, seconds=-1) if end and _DATE_ALONE.fullmatch(asked) else moment
    except ValueError:
        pass
    for said in (asked, f"en {asked}"):
        # What stands beside the period must say nothing else: "2026-02-31" is not 2026.
        for period in find_periods(said, now):
            around = (said[: period.span[0]], said[period.span[1] :].strip(" .,?!"))
            if not _LEADS.fullmatch(around[0]) or around[1] or period.since is None:
                continue
            if not end:
                return period.since
            # What goes on, as "this year" does, ends now.
            return period.until - timedelta(seconds=1) if period.until is not None else now
    raise ValueError(f"'{text}' is no date or period: {FORMS}")
