"""Cross-lingual pairs: French descriptions of articles and their English titles. Each finds the other among all of its kind.

The search is narrowed to the language that is looked for, so that no text can find itself. French titles are asked for
their descriptions as well, as the yardstick of one language.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from corpus.models import Article
from evals.datasets import Dataset, DocumentQuestion, read_json_lines, refuse_twice, sha256_of, tell_version
from evals.measures import EvaluationError

KEYS = ("id", "title", "title_lang", "fr_short")
MONTH = len("2026-01")


def load_xling(path: Path) -> Dataset:
    """Texts and questions. Raises EvaluationError naming the row. Pairs whose title's language is not given are left out."""
    seen: set[str] = set()
    articles: list[Article] = []
    questions: list[DocumentQuestion] = []
    rows = read_json_lines(path, "xling", KEYS)
    for number, row in rows:
        place = f"{path}, row {number}"
        refuse_twice(seen, row["id"], place)
        language, title, description = row["title_lang"], row["title"].strip(), row["fr_short"].strip()
        if not title or not description:
            raise EvaluationError(f"{place}: 'title' or 'fr_short' is empty")
        if language not in ("en", "fr"):
            continue
        published = _moment(str(row.get("date") or ""), place)
        french = f"http://xling.example/fr/{number:05}"
        articles.append(Article(french, "", description, "pairs", published, "fr"))
        if language == "en":
            english = f"http://xling.example/en/{number:05}"
            articles.append(Article(english, title, title, "pairs", published, "en"))
            questions += (
                DocumentQuestion(f"{number:05} fr-en", description, {english: 1}, ("all", "across", "fr-en"), ("en",)),
                DocumentQuestion(f"{number:05} en-fr", title, {french: 1}, ("all", "across", "en-fr"), ("fr",)),
            )
        else:
            questions.append(DocumentQuestion(f"{number:05} fr-fr", title, {french: 1}, ("all", "fr-fr"), ("fr",)))
    if not questions:
        raise EvaluationError(f"{path}: no pair has a title in English or French")
    sha256 = sha256_of(path)
    tell_version(f"xling {path.name}", sha256, len(rows))
    return Dataset("xling", tuple(articles), tuple(questions), {path.name: sha256})


def _moment(text: str, place: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(f"{text}-01" if len(text) == MONTH else text).replace(tzinfo=UTC)
    except ValueError as error:
        raise EvaluationError(f"{place}: the date '{text}' is not in ISO form") from error
