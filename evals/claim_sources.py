"""Real sentences with the text around them, for the maker of claim pairs. Knows nothing of the claim check."""

from __future__ import annotations

import csv
import gzip
import hashlib
import html
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from corpus.sentences import sentences
from evals.measures import EvaluationError

DOCUMENTS_A_FILE = 900
SENTENCES_A_DOCUMENT = 12
AROUND = 2
"""Sentences of the passage on either side of the one that is taken."""
LENGTH = range(50, 330)
SAME = 4.8
"""From this grade of STS on, the two sentences of a pair say the same."""
_MARKDOWN = re.compile(
    r"\*\*|__|`|^#+ .*$|^[-*>] |(?<!\w)[*_]|[*_](?!\w)|\[(?=[^\]]*\]\()|(?<=\w)\]\([^)]*\)", re.MULTILINE
)
_UNFIT = re.compile(r"https?:|www\.|[|{}<>@=→~\[\]]|\.\.\.|…|^\W*(?:Also|Photo|Read|Image|Voir|Lire)\b")
_UNIT = re.compile(r'<tu tuid="([^"]+)">(.*?)</tu>', re.DOTALL)
_SEGMENT = re.compile(r"<seg>(.*?)</seg>", re.DOTALL)
_QUESTION_MARKS = re.compile(r"[?!]$")


@dataclass(frozen=True, slots=True)
class Source:
    """A sentence as it stands in ``passage``; ``other`` is the same in the other language or in other words, where a pair exists."""

    sentence: str
    passage: str
    language: str
    origin: str
    """The document: pairs of one document are all for tuning or all held out."""
    published: datetime | None = None
    other: str = ""
    other_language: str = ""


def chance(*key: object) -> int:
    """A number that depends on the key alone, so that every machine makes the same pairs."""
    return int.from_bytes(hashlib.sha256("\x1f".join(map(str, key)).encode()).digest()[:6], "big")


def read_news(folder: Path, language: str) -> list[Source]:
    """Sentences of news: ``news-fr`` and ``news-en``. Raises EvaluationError when the folder holds none of the files."""
    found: list[Source] = []
    for origin, text, published in _documents(folder, language):
        found += _taken(text, origin, language, published)
    if not found:
        raise EvaluationError(
            f"{folder}: no news that can be read; --data names the folder that holds news-fr and news-en"
        )
    return found


def read_translations(parallel: Path, sts: Path) -> list[Source]:
    """Sentences with their translation, each pair in both directions: TICO-19 and the LASER test pairs, and the rows of STS.

    Of these the claim check's word table was learned on TICO-19 alone.
    """
    found = []
    for origin, english, french, around in [*_pairs(parallel), *_sts_pairs(sts)]:
        fits = all(len(text) in LENGTH for text in (english, french)) and not _QUESTION_MARKS.search(english)
        if fits:
            found.append(Source(english, around[0] or english, "en", origin, None, french, "fr"))
            found.append(Source(french, around[1] or french, "fr", origin, None, english, "en"))
    return found


def read_paraphrases(folder: Path) -> list[Source]:
    """Pairs of STS that say the same, within a language and across."""
    rows = {language: _csv(folder / f"stsb-{language}-dev.csv") for language in ("fr", "en")}
    found = []
    for number, (french, english) in enumerate(zip(rows["fr"], rows["en"], strict=False)):
        if float(french[2]) < SAME or len(french[0]) < 30:
            continue
        origin = f"sts-{number}"
        for language, here, there in (("fr", french, english), ("en", english, french)):
            found.append(Source(here[0], here[0], language, origin, None, here[1], language))
            found.append(Source(here[0], here[0], language, origin, None, there[1], "en" if language == "fr" else "fr"))
    return found


def _documents(folder: Path, language: str) -> Iterator[tuple[str, str, datetime | None]]:
    if language == "en":
        for name in ("docs.jsonl.gz", "docs_ai.jsonl.gz"):
            rows = _json_lines(folder / name)
            for row in sorted(rows, key=lambda r: chance(r["url"]))[:DOCUMENTS_A_FILE]:
                yield row["url"], row["text"], _day(row.get("publish_date", ""))
        return
    for row in _json_lines(folder / "fiches.jsonl.gz"):
        yield row["file"], _plain(f"{row['resume']}\n\n{row['veille']}"), _day(row.get("date", ""))
    for row in _json_lines(folder / "posts.jsonl.gz"):
        if str(row.get("language", "")).startswith("fr"):
            yield row["link"], _plain(row["description"]), _day(row.get("published_date", ""))
    for row in json.loads(_text(folder / "articles_2026-02.json") or "[]"):
        yield row["URL"], _plain(row["Résumé"]), _day(row["Date de publication"])


def _taken(text: str, origin: str, language: str, published: datetime | None) -> Iterator[Source]:
    spans = sentences(text)
    fit = [n for n, (start, end) in enumerate(spans) if _fits(text[start:end])]
    for number in sorted(fit, key=lambda n: chance(origin, n))[:SENTENCES_A_DOCUMENT]:
        first, last = max(0, number - AROUND), min(len(spans) - 1, number + AROUND)
        start, end = spans[number]
        yield Source(text[start:end], text[spans[first][0] : spans[last][1]], language, origin, published)


def _fits(sentence: str) -> bool:
    if len(sentence) not in LENGTH or "\n" in sentence or not sentence.endswith((".", ".”", ".»", '."')):
        return False
    even = all(sentence.count(a) == sentence.count(b) for a, b in ("“”", "«»", "()")) and sentence.count('"') % 2 == 0
    return even and sentence[0].isupper() and not _UNFIT.search(sentence)


def _sts_pairs(folder: Path) -> Iterator[tuple[str, str, str, tuple[str, str]]]:
    rows = zip(*(_csv(folder / f"stsb-{language}-dev.csv") for language in ("en", "fr")), strict=False)
    for number, (english, french) in enumerate(rows):
        yield f"sts-{number}", english[0], french[0], ("", "")


def _pairs(folder: Path) -> Iterator[tuple[str, str, str, tuple[str, str]]]:
    laser = [_text(folder / "laser-tatoeba" / f"tatoeba.fra-eng.{code}").splitlines() for code in ("eng", "fra")]
    for english, french in zip(*laser, strict=False):
        yield f"tatoeba-{english}", english, french, ("", "")
    path = folder / "tico19.en-fr.tmx"
    if not path.exists():
        return
    units = []
    for unit in _UNIT.finditer(path.read_text(encoding="utf-8")):
        texts = [html.unescape(html.unescape(" ".join(seg.split()))) for seg in _SEGMENT.findall(unit[2])]
        # Whole runs of the PubMed part are paired with the wrong sentence.
        if len(texts) == 2 and not unit[1].startswith("PubMed"):
            units.append((unit[1], texts[0], texts[1]))
    for before, (name, english, french), after in zip(units, units[1:], units[2:], strict=False):
        near = [u for u in (before, (name, english, french), after) if u[0].split(":")[0] == name.split(":")[0]]
        if english[:1].isupper() and english.endswith("."):
            yield (
                f"tico-{name.split(':')[0]}",
                english,
                french,
                (" ".join(u[1] for u in near), " ".join(u[2] for u in near)),
            )


def _plain(text: str) -> str:
    return _MARKDOWN.sub("", text or "")


def _day(value: str) -> datetime | None:
    """The day of 2024/01/31, 2024-01-31T…, or 31/01/2024; None of anything else, a month alone included."""
    numbers = [int(n) for n in re.findall(r"\d+", value or "")[:3]]
    if len(numbers) < 3:
        return None
    year, month, day = numbers if numbers[0] > 31 else reversed(numbers)
    try:
        return datetime.combine(date(year, month, day), datetime.min.time(), UTC)
    except ValueError:
        return None


def _json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _text(path).splitlines() if line.strip()]


def _csv(path: Path) -> Sequence[Sequence[str]]:
    return list(csv.reader(io.StringIO(_text(path))))


def _text(path: Path) -> str:
    if not path.exists():
        return ""
    data = path.read_bytes()
    # Not splitlines' idea of a line: JSON may hold U+2028.
    return (
        (gzip.decompress(data) if path.suffix == ".gz" else data)
        .decode("utf-8")
        .replace("\u2028", " ")
        .replace("\x85", " ")
    )
