"""The project's own questions over the bundled newsroom. Each names an article and a quote, never a chunk."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

from corpus.models import article_id
from evals.measures import EvaluationError
from rag.models import Passage


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """A place that answers a question; ``figure`` where the answer is one."""

    article: str
    quote: str
    figure: str = ""


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question; ``direction`` is its language and that of the articles that answer it ("fr-en").

    ``gold`` is what an answer should rest on; ``also`` are other places that answer too, in either language: right when
    they are found, not missed when they are not. ``as_of`` is the moment of which the question asks what was known.
    """

    id: str
    question: str
    language: str
    direction: str
    kind: str
    answerable: bool
    near_miss: bool
    gold: tuple[GoldSpan, ...]
    split: str
    also: tuple[GoldSpan, ...] = ()
    as_of: datetime | None = None


def gold_questions() -> tuple[GoldQuestion, ...]:
    """All of them. Raises EvaluationError naming the row that is wrong."""
    lines = files("evals.gold").joinpath("questions.jsonl").read_text(encoding="utf-8").splitlines()
    return read_questions(lines)


def read_questions(lines: Sequence[str]) -> tuple[GoldQuestion, ...]:
    """Questions from JSON lines. Raises EvaluationError naming the row."""
    found: dict[str, GoldQuestion] = {}
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            spans = tuple(GoldSpan(**span) for span in row.pop("gold"))
            also = tuple(GoldSpan(**span) for span in row.pop("also", ()))
            as_of = datetime.fromisoformat(row.pop("as_of")) if "as_of" in row else None
            question = GoldQuestion(**row, gold=spans, also=also, as_of=as_of)
        except (ValueError, TypeError, KeyError) as error:
            raise EvaluationError(f"gold question in row {number}: {error}") from error
        if question.id in found:
            raise EvaluationError(f"gold question in row {number}: the id {question.id} is there twice")
        if question.answerable != bool(spans):
            raise EvaluationError(f"gold question {question.id}: answerable needs a quote, unanswerable must have none")
        found[question.id] = question
    if not found:
        raise EvaluationError("there are no gold questions")
    return tuple(found.values())


def plain(text: str) -> str:
    """Text with every kind of space as one plain space, for comparing quotes."""
    return " ".join(text.split())


def is_gold(passage: Passage, question: GoldQuestion) -> bool:
    """Whether a passage belongs to an article that answers the question and holds its quote."""
    return bool(places_of(passage, question))


def places_of(passage: Passage, question: GoldQuestion) -> list[GoldSpan]:
    """The places that answer the question and lie in the passage."""
    text = plain(passage.text)
    return [
        span
        for span in (*question.gold, *question.also)
        if passage.article_id == article_id(span.article) and plain(span.quote) in text
    ]


def condensed(question: GoldQuestion, passages: Sequence[Passage]) -> list[str]:
    """The ranking as it is scored: the article of a need that a passage is the first to fill, the chunk of one that is wrong.

    A question needs each article of ``gold``. A passage of one fills its own need, one of another article an open one that shares a
    number with it, or any where none of the needs does. A passage that says again what an earlier one said is taken out, as
    unjudged ones are in condensed lists (Sakai 2007): it is no miss, and no second hit.
    """
    needs: dict[str, set[str]] = {}
    for span in question.gold:
        needs.setdefault(article_id(span.article), set()).update(_numbers(span.quote))
    still_open = dict.fromkeys(needs)
    row: list[str] = []
    for passage in passages:
        places = places_of(passage, question)
        if not places:
            row.append(passage.chunk_id)
            continue
        if passage.article_id in needs:
            fitting = [passage.article_id]
        else:
            told = set[str]().union(*(_numbers(span.quote) for span in places))
            fitting = [need for need, numbers in needs.items() if numbers & told] or list(needs)
        filled = next((need for need in fitting if need in still_open), None)
        if filled is not None:
            del still_open[filled]
            row.append(filled)
    return row


def _numbers(quote: str) -> set[str]:
    """Numbers as digits alone: "14 000" and "14,000" are one."""
    return set(re.findall(r"\d+", re.sub(r"(?<=\d)[\s,.](?=\d{3}\b)", "", quote)))
