"""Folders in BEIR's form: ``corpus.jsonl``, ``queries.jsonl``, ``qrels/*.tsv``."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from corpus.models import Article
from evals.datasets import (
    SOURCES,
    Dataset,
    DocumentQuestion,
    read_file,
    read_json_lines,
    refuse_twice,
    sha256_of,
    tell_beir_counts,
)
from evals.measures import EvaluationError

_log = logging.getLogger(__name__)
COLUMNS = 3


def load_beir(folder: Path, split: str = "test") -> Dataset:
    """Documents, and the questions that a split judges. Raises EvaluationError naming the file and the row."""
    documents = _documents(folder / "corpus.jsonl")
    asked: dict[str, str] = {}
    seen: set[str] = set()
    path = folder / "queries.jsonl"
    for number, row in read_json_lines(path, "beir", ("_id", "text")):
        refuse_twice(seen, row["_id"], f"{path}, row {number}")
        if not row["text"].strip():
            raise EvaluationError(f"{path}, row {number}: the question {row['_id']} is empty")
        asked[row["_id"]] = row["text"]
    judged = folder / "qrels" / f"{split}.tsv"
    if not judged.exists() and judged.parent.is_dir():
        there = ", ".join(sorted(p.stem for p in judged.parent.glob("*.tsv"))) or "none"
        raise EvaluationError(f"{judged}: no such split; --split takes one of: {there}")
    grades = _grades(judged, documents, asked)
    questions = tuple(
        DocumentQuestion(key, asked[key], {documents[d].url: grade for d, grade in row.items()})
        for key, row in grades.items()
        if any(grade > 0 for grade in row.values())
    )
    if not questions:
        raise EvaluationError(f"{judged}: judges no document as relevant; {SOURCES['beir']}")
    tell_beir_counts(folder.name, len(documents), len(questions))
    files = {p.relative_to(folder).as_posix(): sha256_of(p) for p in (folder / "corpus.jsonl", path, judged)}
    articles = tuple(a for a in documents.values() if a.text)
    if not articles:
        raise EvaluationError(f"{folder / 'corpus.jsonl'}: no document has a title or a text")
    if empty := {a.url for a in documents.values() if not a.text}:
        lost = sum(any(grade > 0 and url in empty for url, grade in q.relevant.items()) for q in questions)
        _log.warning(
            "%s: %d documents have neither title nor text and cannot be found; %d questions are judged to need one",
            folder.name, len(empty), lost,
        )  # fmt: skip
    return Dataset("beir", articles, questions, files)


def _documents(path: Path) -> dict[str, Article]:
    found: dict[str, Article] = {}
    seen: set[str] = set()
    for number, row in read_json_lines(path, "beir", ("_id", "text")):
        refuse_twice(seen, row["_id"], f"{path}, row {number}")
        title = row.get("title") or ""
        if not isinstance(title, str):
            raise EvaluationError(f"{path}, row {number}: 'title' is no text")
        url = f"http://beir.example/{quote(row['_id'], safe='')}"
        found[row["_id"]] = Article(url, title, row["text"].strip() or title, "BEIR", None, "")
    return found


def _grades(path: Path, documents: Mapping[str, Article], asked: Mapping[str, str]) -> dict[str, dict[str, int]]:
    grades: dict[str, dict[str, int]] = {}
    for number, line in enumerate(read_file(path, "beir").split("\n"), start=1):
        cells = line.rstrip("\r").split("\t")
        if not line.strip() or (number == 1 and cells[0] == "query-id"):
            continue
        place = f"{path}, row {number}"
        if len(cells) != COLUMNS:
            raise EvaluationError(f"{place}: {len(cells)} columns instead of query-id, corpus-id, score")
        question, document, grade = cells
        if question not in asked:
            raise EvaluationError(f"{place}: judges the unknown question {question}")
        if document not in documents:
            raise EvaluationError(f"{place}: judges the unknown document {document}")
        if not grade.strip().removeprefix("-").isdecimal():
            raise EvaluationError(f"{place}: the score '{grade}' is no whole number")
        if document in grades.setdefault(question, {}):
            raise EvaluationError(f"{place}: document {document} is judged twice for question {question}")
        grades[question][document] = max(0, int(grade))
    return grades
