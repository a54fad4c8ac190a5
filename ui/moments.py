"""Moments and periods as a reader types them on the command line: "7d", "2w", "2026-01-31", "hier", "yesterday". Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from rag.periods import find_periods

_SPAN = re.compile(r"^(\d{1,4})\s*([hdwmyjsa])$", re.IGNORECASE)
_DAYS = {"h": 1 / 24, "d": 1.0, "j": 1.0, "w": 7.0, "s": 7.0, "m": 30.0, "y": 365.0, "a": 365.0}
FORMS = "use 7d, 2w, 3m, a date such as 2026-01-31, or words such as hier, yesterday, la semaine dernière"


def read_moment(text: str, now: datetime) -> datetime:
    """The moment that a text names, aware; a date is its midnight, a span counts back from now. Raises ValueError."""
    asked = text.strip()
    if (span := _SPAN.match(asked)) is not None:
        return now - timedelta(days=int(span.group(1)) * _DAYS[span.group(2).lower()])
    try:
        moment = datetime.fromisoformat(asked)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        pass
    periods = find_periods(asked, now) or find_periods(f"en {asked}", now)
    if periods and periods[0].since is not None:
        return periods[0].since
    raise ValueError(f"'{text}' is no date or period: {FORMS}")
