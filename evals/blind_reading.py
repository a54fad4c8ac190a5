"""The blind reading: extractive answers to questions over real news, laid beside their cited passages for somebody to judge.

The questions were written from what the articles say before any answer was seen. The articles are public but not ours: the questions,
the verdicts and the ids are kept in ``evals/gold/reading.jsonl``, no sentence of an article is.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import vigie
from corpus.models import Article
from evals.measures import EvaluationError
from rag.models import Answer

_ON_AI = re.compile(r"layoff|laid off|job cuts|artificial intelligence|chatgpt|openai|nvidia|\bAI\b", re.IGNORECASE)
_SECTIONS = ("technology", "business")
NOW = datetime(2026, 8, 20, tzinfo=UTC)
"""The moment of which is asked: just after the last of the articles."""
_DAY = len("2026-01-01")
VERDICTS = ("true", "answers", "reads")
"""Every sentence true to its source; answers the question or rightly declines; reads well."""


@dataclass(frozen=True, slots=True)
class ReadingQuestion:
    """``round``: 1 for the hundred of the first reading, then the fresh sets. ``answerable`` is what its writer held it to be.
    ``true``, ``answers``, ``reads``: the reader's verdict on the answer of its round, None where it was not read yet."""

    id: str
    round: int
    language: str
    kind: str
    question: str
    answerable: bool
    near_miss: bool = False
    true: bool | None = None
    answers: bool | None = None
    reads: bool | None = None
    why: str = ""


def reading_questions(number: int = 0) -> tuple[ReadingQuestion, ...]:
    """The questions of a round, of all rounds by default. Raises EvaluationError naming the row that is wrong."""
    lines = files("evals.gold").joinpath("reading.jsonl").read_text(encoding="utf-8").splitlines()
    found: dict[str, ReadingQuestion] = {}
    for row, line in enumerate(lines, start=1):
        try:
            question = ReadingQuestion(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise EvaluationError(f"reading question in row {row}: {error}") from error
        if question.id in found:
            raise EvaluationError(f"reading question in row {row}: the id {question.id} is there twice")
        found[question.id] = question
    return tuple(q for q in found.values() if number in (0, q.round))


def load_news(data: Path) -> list[Article]:
    """The articles on AI, work and business of a folder with ``news-en``, ``news-fr`` and ``multihop-rag``, each URL once.

    Raises EvaluationError where a folder is missing.
    """
    found: dict[str, Article] = {}
    for article in (*_english(data), *_multihop(data), *_notes(data), *_summaries(data)):
        if article.text.strip():
            found.setdefault(article.url, article)
    return list(found.values())


def _english(data: Path) -> list[Article]:
    rows = _rows(data / "news-en" / "docs_ai.jsonl.gz")
    rows += [row for row in _rows(data / "news-en" / "docs.jsonl.gz") if _ON_AI.search(row["title"] or "")]
    return [
        Article(
            row["url"],
            row["title"] or "",
            row["text"] or "",
            _host(row["url"]),
            _moment(row["publish_date"].replace("/", "-")),
            "en",
        )
        for row in rows
    ]


def _multihop(data: Path) -> list[Article]:
    rows = _json(data / "multihop-rag" / "corpus.json")
    return [
        Article(row["url"], row["title"], row["body"], row["source"], _moment(row["published_at"]), "en")
        for row in rows
        if row["category"] in _SECTIONS
    ]


def _notes(data: Path) -> list[Article]:
    found = []
    for row in _rows(data / "news-fr" / "fiches.jsonl.gz"):
        if not row["url"]:
            continue
        named = re.search(r"^source: *\"?([^\"(\n]+)", row["text"], re.MULTILINE)
        # A reader's note, in French, on what somebody else published: its words are not theirs.
        source = f"Note sur {named[1].strip() if named else _host(row['url'])}"
        found.append(Article(row["url"], row["title"], row["resume"] or "", source, _moment(row["date"]), "fr"))
    return found


def _summaries(data: Path) -> list[Article]:
    rows = _json(data / "news-fr" / "articles_2026-02.json")
    return [
        Article(
            row["URL"],
            row.get("Titre") or "",
            row["Résumé"] or "",
            row["Sources"] or _host(row["URL"]),
            _moment(row["Date de publication"]),
            "fr",
        )
        for row in rows
    ]


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            return [json.loads(line) for line in file]
    except OSError as error:
        raise EvaluationError(
            f"{path}: {error.strerror or error}; name the folder that holds news-en by --data"
        ) from error


def _json(path: Path) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror or error}; name the folder that holds it by --data") from error
    return rows


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _moment(text: str) -> datetime | None:
    """A day or moment; a month is its first day; None for what is neither."""
    text = f"{text}-01" if re.fullmatch(r"\d{4}-\d\d", text) else text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text[:_DAY])
        except ValueError:
            return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def answer_sheet(questions: Sequence[ReadingQuestion], answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """What a reader needs to judge: each question, its answer sentence by sentence with the passages that it cites."""
    return [_sheet_row(q, a) for q, a in zip(questions, answers, strict=True)]


def _sheet_row(question: ReadingQuestion, answer: Answer) -> dict[str, Any]:
    return {
        "id": question.id,
        "question": question.question,
        "answered": answer.answered,
        "confidence": answer.confidence,
        "notices": list(answer.notices),
        "sentences": [{"text": s.text, "citations": list(s.citations), "status": s.status} for s in answer.sentences],
        "citations": [
            {
                "number": c.number,
                "title": c.passage.title,
                "url": c.passage.url,
                "published": c.passage.published.date().isoformat() if c.passage.published else "",
                "quote": c.quote,
                "passage": c.passage.text,
            }
            for c in answer.citations
        ],
        "nearest": [p.title for p in answer.nearest],
        "ms": answer.timings_ms.get("total", 0.0),
    }


def ask_questions(library: vigie.Library, questions: Sequence[ReadingQuestion]) -> list[Answer]:
    """The extractive answer to each, in one process."""
    return [library.ask(q.question, engine="extractive") for q in questions]


def shares(questions: Sequence[ReadingQuestion]) -> dict[str, dict[str, float]]:
    """By round and slice the share of answers that stood each verdict; of those that were read."""
    slices: dict[str, list[ReadingQuestion]] = {}
    for question in questions:
        if question.true is None:
            continue
        for name in ("all", question.language, "answerable" if question.answerable else "unanswerable"):
            slices.setdefault(f"round {question.round}, {name}", []).append(question)
    return {
        name: {
            "questions": float(len(rows)),
            **{v: sum(bool(asdict(q)[v]) for q in rows) / len(rows) for v in VERDICTS},
        }
        for name, rows in slices.items()
    }
