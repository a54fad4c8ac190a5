from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evals.blind_reading import ReadingQuestion, answer_sheet, load_news, reading_questions, shares
from evals.measures import EvaluationError
from rag.models import Answer, Citation, Passage, Question, Sentence


def test_the_kept_questions_are_of_both_languages_and_some_have_no_answer() -> None:
    first = reading_questions(1)
    assert len(first) == 100
    assert sum(q.language == "fr" for q in first) == 50
    assert sum(not q.answerable for q in first) == 15
    assert len({q.question for q in reading_questions()}) == len(reading_questions())


def test_shares_count_only_what_was_read() -> None:
    rows = [
        ReadingQuestion("a", 1, "fr", "open", "A ?", True, true=True, answers=True, reads=False),
        ReadingQuestion("b", 1, "fr", "open", "B ?", True, true=True, answers=False, reads=False),
        ReadingQuestion("c", 1, "en", "open", "C?", True),
    ]
    figures = shares(rows)
    assert figures["round 1, all"] == {"questions": 2.0, "true": 1.0, "answers": 0.5, "reads": 0.0}
    assert "round 1, en" not in figures


def test_the_sheet_has_each_sentence_beside_its_passage() -> None:
    passage = Passage("Zébulon supprime 40 postes.", title="T", published=datetime(2026, 2, 1, tzinfo=UTC))
    answer = Answer(
        Question("Q ?"), "fr", True, "extractive", (Sentence("Zébulon supprime 40 postes.", (1,), "supported"),),
        (Citation(1, passage, "Zébulon supprime 40 postes.", 0, 27),),
    )  # fmt: skip
    (row,) = answer_sheet([ReadingQuestion("a", 1, "fr", "open", "Q ?", True)], [answer])
    assert row["sentences"][0]["citations"] == [row["citations"][0]["number"]]
    assert row["citations"][0]["passage"] == passage.text


def test_news_is_read_from_the_folders(tmp_path: Path) -> None:
    for folder in ("news-en", "news-fr", "multihop-rag"):
        (tmp_path / folder).mkdir()
    with pytest.raises(EvaluationError, match="--data"):
        load_news(tmp_path)
    english = {"url": "https://www.a.example/1", "title": "Acme layoffs", "publish_date": "2026/02/03", "text": "Acme."}
    other = english | {"url": "https://www.a.example/2", "title": "A recipe"}
    note = {"url": "https://b.example/1", "title": "N", "date": "2026-02", "resume": "Une note.", "text": '---\nsource: "Revue (X)"\n'}  # fmt: skip
    for name, rows in (("docs", [english, other]), ("docs_ai", [english])):
        with gzip.open(tmp_path / "news-en" / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    with gzip.open(tmp_path / "news-fr" / "fiches.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(note) + "\n")
    (tmp_path / "news-fr" / "articles_2026-02.json").write_text("[]", encoding="utf-8")
    (tmp_path / "multihop-rag" / "corpus.json").write_text("[]", encoding="utf-8")
    found = load_news(tmp_path)
    assert [(a.url, a.source, a.language) for a in found] == [
        ("https://www.a.example/1", "a.example", "en"),
        ("https://b.example/1", "Note sur Revue", "fr"),
    ]
    assert found[1].published == datetime(2026, 2, 1, tzinfo=UTC)
