"""What a run file must look like, so that a wrong one is named before anything is computed from it. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]


def is_number(value: Any) -> bool:
    """A finite number: JSON's NaN, true and texts are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _numbers(value: Any) -> bool:
    return isinstance(value, dict) and all(map(is_number, value.values()))


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _text_by_name(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_text, value.values()))


def _numbers_by_name(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_numbers, value.values()))


def _timings(value: Any) -> bool:
    return _numbers_by_name(value) and all({"p50", "p95"} <= set(row) for row in value.values())


def _settings(value: Any) -> bool:
    """What the report and the comparison read of them; the rest is free."""
    return (
        isinstance(value, dict)
        and _texts(value.get("without", []))
        and _numbers(value.get("weights", {}))
        and is_number(value.get("decline_below", 0.5))
    )


NEEDED: Mapping[str, Check] = {
    "dataset": _text,
    "questions": lambda value: isinstance(value, list),
    "slices": _numbers_by_name,
    "library": lambda value: isinstance(value, dict),
}
OPTIONAL: Mapping[str, Check] = {
    "settings": _settings,
    "timings_ms": _timings,
    "data": _text_by_name,
    "versions": _text_by_name,
    "failures": _texts,
    "made": _text,
}
ROW: Mapping[str, Check] = {
    "id": _text,
    "question": _text,
    "slices": _texts,
    "expected": lambda value: isinstance(value, list),
    "ranking": lambda value: isinstance(value, list),
    "measures": lambda value: isinstance(value, dict),
}
ANSWER: Mapping[str, Check] = {
    "answerable": lambda value: isinstance(value, bool),
    "answered": lambda value: isinstance(value, bool),
    "confidence": is_number,
    "answer": _texts,
    "error": _text,
}
CAME: Mapping[str, Check] = {
    "chunk": _text,
    "title": _text,
    "score": is_number,
    "scores": _numbers,
    "right": lambda value: isinstance(value, bool),
}
PLACE: Mapping[str, Check] = {
    "rank": lambda value: isinstance(value, int) and value > 0,
    "scores": _numbers,
    "quote": _text,
    "grade": is_number,
}


def wrong_part(values: Mapping[str, Any]) -> str:
    """The key of a run whose value is wrong; "" when none is."""
    wrong = [key for key, fits in NEEDED.items() if key not in values or not fits(values[key])]
    wrong += [key for key, fits in OPTIONAL.items() if key in values and not fits(values[key])]
    return wrong[0] if wrong else ""


def wrong_row(row: Any) -> str:
    """What is wrong with a question's row; "" when nothing is."""
    if not isinstance(row, dict):
        return "is no object"
    for key, fits in ROW.items():
        if key not in row:
            return f"lacks '{key}'"
        if not fits(row[key]):
            return f"has a wrong '{key}'"
    for key, fits in ANSWER.items():
        if key in row and not fits(row[key]):
            return f"has a wrong '{key}'"
    if ("answered" in row) != ("confidence" in row):
        return "has one of 'answered' and 'confidence' without the other"
    for name, value in row["measures"].items():
        if not is_number(value):
            return f"has no number for {name}"
    if not all(isinstance(e, dict) and all(k in e and fits(e[k]) for k, fits in CAME.items()) for e in row["ranking"]):
        return "has a wrong entry in 'ranking'"
    if not all(map(_place, row["expected"])):
        return "has a wrong entry in 'expected'"
    return ""


def _place(place: Any) -> bool:
    return (
        isinstance(place, dict)
        and _text(place.get("article"))
        and all(fits(place[key]) for key, fits in PLACE.items() if key in place)
    )
