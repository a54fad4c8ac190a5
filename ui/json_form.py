"""Values as JSON: the same names, moments in ISO form, nothing lost."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from pathlib import Path
from typing import Any

from corpus.models import Article
from rag.models import Answer

_OBEYED = re.compile(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(value: Any) -> Any:
    """A value of dataclasses, mappings, sequences and moments as what ``json`` can write."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        made = {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        if isinstance(value, Article):
            made = {"id": value.id, **made}
        if isinstance(value, Answer):
            made = {"text": value.text, **made}
        return made
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence | Set) and not isinstance(value, str | bytes):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    return value


def to_json(value: Any) -> str:
    """The value as indented JSON, in readable Unicode; characters that a terminal obeys are escaped."""
    return _OBEYED.sub(lambda c: f"\\u{ord(c.group()):04x}", json.dumps(plain(value), ensure_ascii=False, indent=2))


def without_text(article: Article) -> dict[str, Any]:
    """An article as listings show it."""
    made = plain(article)
    del made["text"], made["blocks"]
    return dict(made)
