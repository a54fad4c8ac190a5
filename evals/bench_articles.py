"""Real articles to make a library of, for benchmarks: the news of a folder, or the bundled newsroom."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpus.models import Article
from evals.measures import EvaluationError

ENGLISH, FRENCH = 800, 1300
"""Articles of each language at most: about 9,000 chunks together, of which a third French."""
_FIRST_SEEN = datetime(2026, 1, 1, tzinfo=UTC)


def news_articles(folder: Path) -> list[Article]:
    """Articles of ``news-en`` and ``news-fr`` in a folder, the same ones everywhere (drawn by a hash of their address).

    Raises EvaluationError when it holds neither.
    """
    english = _drawn(list(_english(folder / "news-en")), ENGLISH)
    french = _drawn(list(_french(folder / "news-fr")), FRENCH)
    if not english and not french:
        raise EvaluationError(
            f"{folder}: no news that can be read; --data names the folder that holds news-en and news-fr"
        )
    return [*english, *french]


def _drawn(articles: list[Article], limit: int) -> list[Article]:
    distinct = {a.url: a for a in articles if a.text.strip()}
    return sorted(distinct.values(), key=lambda a: hashlib.sha256(a.url.encode()).digest())[:limit]


def _english(folder: Path) -> Iterator[Article]:
    for name in ("docs.jsonl.gz", "docs_ai.jsonl.gz"):
        for row in _rows(folder / name):
            source = str(row["url"]).split("/")[2].removeprefix("www.")
            yield _article(row["url"], row["title"], row["text"], source, "en")


def _french(folder: Path) -> Iterator[Article]:
    for row in _rows(folder / "fiches.jsonl.gz"):
        yield _article(
            f"https://fiches.invalid/{row['file']}", row["title"], f"{row['resume']}\n\n{row['veille']}", "fiches", "fr"
        )
    for row in _rows(folder / "posts.jsonl.gz"):
        if str(row.get("language", "")).startswith("fr"):
            yield _article(row["link"], row["title"], row["description"], str(row.get("author", "")), "fr")


def _article(url: str, title: str, text: str, source: str, language: str) -> Article:
    return Article(str(url), str(title), str(text), source, _FIRST_SEEN, language)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file; none where it does not exist. Raises EvaluationError naming the row that is wrong."""
    if not path.exists():
        return
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise EvaluationError(f"{path}, row {number}: {error}") from error
