"""Files in SQuAD's form (PIAF, FQuAD, SQuAD): every paragraph is a document, every answerable question is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.models import Article
from evals.datasets import Dataset, DocumentQuestion, read_json, refuse_twice, sha256_of, tell_version
from evals.gold_set import plain
from evals.measures import EvaluationError


def load_squad(path: Path) -> Dataset:
    """Paragraphs and questions. Raises EvaluationError naming the file and the row.

    A paragraph that is there twice is one document. Questions without an answer (SQuAD 2.0) are not asked.
    """
    rows = read_json(path, "squad")
    documents: dict[str, Article] = {}
    questions: list[DocumentQuestion] = []
    seen: set[str] = set()
    for place, title, paragraph in _paragraphs(rows, path):
        context = paragraph.get("context")
        if not isinstance(context, str) or not context.strip():
            raise EvaluationError(f"{place}: 'context' is missing or empty")
        article = documents.setdefault(
            context, Article(f"http://squad.example/{len(documents) + 1:06}", title, context, "SQuAD", None, "")
        )
        asked = paragraph.get("qas")
        if not isinstance(asked, list):
            raise EvaluationError(f"{place}: 'qas' is missing or no list")
        for number, row in enumerate(asked, start=1):
            question = _question(row, context, article.url, f"{place}, question {number}")
            refuse_twice(seen, question.id, f"{place}, question {number}")
            if question.quote:
                questions.append(question)
    if not questions:
        raise EvaluationError(f"{path}: holds no question with an answer")
    sha256 = sha256_of(path)
    tell_version(f"squad {path.name}", sha256, len(seen))
    return Dataset("squad", tuple(documents.values()), tuple(questions), {path.name: sha256})


def _paragraphs(rows: Any, path: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(place, title, paragraph)."""
    articles = rows.get("data") if isinstance(rows, dict) else None
    if not isinstance(articles, list):
        raise EvaluationError(f"{path}: not in SQuAD's form, which has a list 'data' of articles with 'paragraphs'")
    for at, article in enumerate(articles, start=1):
        paragraphs = article.get("paragraphs") if isinstance(article, dict) else None
        if not isinstance(paragraphs, list):
            raise EvaluationError(f"{path}, article {at}: 'paragraphs' is missing or no list")
        for number, paragraph in enumerate(paragraphs, start=1):
            place = f"{path}, article {at}, paragraph {number}"
            if not isinstance(paragraph, dict):
                raise EvaluationError(f"{place}: not an object")
            yield place, str(article.get("title") or ""), paragraph


def _question(row: Any, context: str, url: str, place: str) -> DocumentQuestion:
    if not isinstance(row, dict) or not isinstance(row.get("id"), str | int):
        raise EvaluationError(f"{place}: 'id' is missing, or no text or number")
    if not isinstance(row.get("question"), str) or not row["question"].strip():
        raise EvaluationError(f"{place} (id {row['id']}): 'question' is missing or empty")
    answers = row.get("answers", [])
    if not isinstance(answers, list):
        raise EvaluationError(f"{place}: 'answers' is no list")
    texts = [a.get("text") if isinstance(a, dict) else None for a in answers]
    for text in texts:
        if not isinstance(text, str) or plain(text) not in plain(context):
            raise EvaluationError(f"{place} (id {row['id']}): the answer {text!r} does not stand in its paragraph")
    return DocumentQuestion(str(row["id"]), row["question"], {url: 1}, quote=str(texts[0]) if texts else "")
