"""Several questions in one text: told apart, made whole, answered one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vigie
from corpus.models import Article
from rag.several import MOST_QUESTIONS, asked_questions, whole_questions

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (
            "Combien de postes Zébulon supprime-t-il, et quelles compétences demande-t-il à ses salariés ?",
            ("Combien de postes Zébulon supprime-t-il ?", "Quelles compétences demande-t-il à ses salariés (Zébulon) ?"),
        ),
        (
            "En 2026, combien de postes Zébulon supprime-t-il et comment forme-t-il ses équipes ?",
            ("En 2026, combien de postes Zébulon supprime-t-il ?", "Comment forme-t-il ses équipes (Zébulon) ?"),
        ),
        (
            "How many jobs did Zebulon cut and why?",
            ("How many jobs did Zebulon cut ?", "Why: How many jobs did Zebulon cut ?"),
        ),
        (
            "What happened at Zebulon? When will the cuts end?",
            ("What happened at Zebulon?", "When will the cuts end (Zebulon) ?"),
        ),
        (
            "Que fait Zébulon pour former ses salariés et dans quels pays ?",
            ("Que fait Zébulon pour former ses salariés et dans quels pays ?",),
        ),
    ],
)  # fmt: skip
def test_each_question_is_made_whole(text: str, whole: tuple[str, ...]) -> None:
    assert whole_questions(text, NOW) == whole


@pytest.mark.parametrize(
    "text",
    [
        "Which company cut thousands of jobs and which is now hiring technicians?",
        "Quelle entreprise a supprimé des milliers de postes et qui forme ses techniciens ?",
        "Zebulon job cuts: what the press expected and what was announced",
        "Combien de postes Zébulon et combien de postes Yvetot suppriment-ils ?",
        "Zebulon cuts 1,200 jobs. How many are in France?",
        "Combien de postes chez Zébulon ? Et chez Yvetot ?",
        "Les salariés de Zébulon et quelles compétences",
    ],
)
def test_one_question_stays_one(text: str) -> None:
    assert len(whole_questions(text, NOW)) == 1


@given(st.lists(st.sampled_from(["combien", "et quelles", "robots", "?", "and why", ", et comment", "postes", "how many did"]), max_size=20).map(" ".join))  # fmt: skip
def test_no_word_is_lost(text: str) -> None:
    found = asked_questions(text)
    assert 1 <= len(found) <= MOST_QUESTIONS
    joining = {"et", "and", ","}
    kept = [w for part in found for w in part.replace(",", " ").split() if w not in joining]
    assert kept == [w for w in text.replace(",", " ").split() if w not in joining]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("several")
    with vigie.open_library(folder) as library:
        library.add(
            [
                Article(
                    "https://a.example/1",
                    "Zébulon supprime 1 200 postes",
                    "Zébulon a annoncé lundi 2 février 2026 la suppression de 1 200 postes à Lyon. Les syndicats demandent un plan.",
                    "Journal",
                    datetime(2026, 2, 2, tzinfo=UTC),
                    "fr",
                ),
                Article(
                    "https://a.example/2",
                    "Zébulon forme ses techniciens à la robotique",
                    "Zébulon forme ses techniciens à la robotique et à la maintenance prédictive, en six semaines de cours.",
                    "Revue",
                    datetime(2026, 2, 12, tzinfo=UTC),
                    "fr",
                ),
            ]
        )
    return folder


def test_two_questions_get_two_answers_with_one_numbering(home: Path) -> None:
    text = "Combien de postes Zébulon supprime-t-il, et comment Zébulon forme-t-il ses techniciens à la maintenance ?"
    with vigie.Library(home, vigie.Settings(), clock=lambda: NOW) as library:
        answer = library.ask(text)
    said = " ".join(s.text for s in answer.sentences)
    assert answer.answered
    assert "1 200 postes" in said
    assert "robotique" in said
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    by_number = {c.number: c for c in answer.citations}
    for sentence in answer.sentences:
        assert sentence.citations
        for number in sentence.citations:
            assert by_number[number].passage.source in sentence.text or by_number[number].quote[:20] in sentence.text
    assert any(notice.startswith("Questions lues") for notice in answer.notices)


def test_a_question_without_an_answer_takes_no_others_away(home: Path) -> None:
    text = "Combien de postes Zébulon supprime-t-il, et combien de robots Yvetot a-t-il achetés en 2019 ?"
    with vigie.Library(home, vigie.Settings(), clock=lambda: NOW) as library:
        answer = library.ask(text)
        nothing = library.ask("Combien de chevaux a Zénon, et combien de robots Yvetot a-t-il achetés ?")
    assert answer.answered
    assert "1 200" in answer.text
    assert any("Yvetot" in notice and notice.startswith("Rien") for notice in answer.notices)
    assert not nothing.answered
    assert not nothing.citations


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (
            "Combien de temps Zébulon est-elle restée ouverte, et quand a-t-elle fermé ?",
            ("Combien de temps Zébulon est-elle restée ouverte ?", "Quand a-t-elle fermé (Zébulon) ?"),
        ),
        (
            "En quelle année doit ouvrir le centre de Zébulon, et avec quel partenaire ?",
            ("En quelle année doit ouvrir le centre de Zébulon, et avec quel partenaire ?",),
        ),
        (
            "Sur quel protocole et quelle monnaie reposent les lampes de Zébulon ?",
            ("Sur quel protocole et quelle monnaie reposent les lampes de Zébulon ?",),
        ),
    ],
)  # fmt: skip
def test_what_is_asked_of_the_same_thing_reads_as_a_question(text: str, whole: tuple[str, ...]) -> None:
    assert whole_questions(text, NOW, (), {"zebulon": "Zébulon"}) == whole
