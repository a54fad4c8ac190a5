"""Which evidence answers: of the body and the place, of the kind asked for, past the question or not; and how figures are superseded."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rag.extractive import extract
from rag.fitting import fitting, speaks_past, telling_words
from rag.models import Passage
from rag.question import read_question
from rag.wording import grouped

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def passage(text: str, title: str = "", day: int = 1, language: str = "fr", month: int = 2) -> Passage:
    moment = datetime(2026, month, day, tzinfo=UTC)
    return Passage(text, title, f"https://a.example/{title}{day}{month}{language}", "Journal", moment, language, f"{title}{day}{month}{language}", f"{title}{day}{month}", score=1.0)  # fmt: skip


def shown(question: str, *passages: Passage) -> list[str]:
    return [s.text for s in extract(read_question(question, NOW), passages).sentences]


def test_who_leads_is_answered_by_who_leads() -> None:
    text = "Zyblor supprime 120 postes à Lyon en mars. Anna Quist dirige Zyblor depuis l’an dernier. Quentra achète des robots à Zyblor pour Nantes."
    (told,) = shown("Qui dirige Zyblor ?", passage(text, "Zyblor supprime 120 postes"))
    assert "Anna Quist" in told


def test_another_body_in_the_same_place_is_no_answer() -> None:
    found = extract(
        read_question("Zyblor supprime-t-elle des postes en France ?", NOW),
        [
            passage("Quentra va supprimer 400 postes en France, dit-elle.", "Quentra supprime 400 postes"),
            passage("Zyblor va supprimer 900 postes au Japon.", "Zyblor réduit", 2),
        ],
    )
    assert found.beside


def test_a_question_of_other_matters_is_told_past() -> None:
    question = read_question("When did the chief executive of Zyblor resign?", NOW)
    evidence = extract(
        question, [passage("Zyblor will cut 400 jobs in Leeds by March.", "Zyblor cuts jobs", language="en")]
    ).evidence
    assert set(telling_words(question)) == {"chief", "executive", "resign"}
    assert speaks_past(question, evidence)
    told = extract(
        question, [passage("The chief executive of Zyblor will resign in March.", "Zyblor", language="en")]
    ).evidence
    assert not speaks_past(question, told)
    assert fitting(question, told)


def test_why_needs_a_reason() -> None:
    plain = passage("Zyblor va supprimer 400 postes en mars prochain.", "Zyblor supprime 400 postes")
    reason = passage(
        "Zyblor va supprimer 400 postes en raison de la baisse des commandes.", "Zyblor supprime 400 postes", 2
    )
    assert shown("Pourquoi Zyblor supprime-t-elle des postes ?", plain) == []
    (told,) = shown("Pourquoi Zyblor supprime-t-elle des postes ?", plain, reason)
    assert "en raison de" in told


def test_a_superseded_figure_says_so() -> None:
    first = passage("Zyblor a annoncé la suppression de 400 postes à Lyon.", "Zyblor supprime 400 postes", 2)
    later = passage("Zyblor porte à 950 le nombre de postes supprimés depuis février.", "Zyblor supprime encore", 20)
    newest, older = shown("Combien de postes Zyblor supprime-t-elle ?", first, later)
    assert "950" in newest
    assert older.endswith("chiffre depuis porté à 950.")


def test_a_count_of_the_staff_raises_no_count_of_cuts() -> None:
    first = passage("Zyblor a annoncé la suppression de 400 postes à Lyon.", "Zyblor supprime 400 postes", 2)
    later = passage(
        "Zyblor porte à 9 500 personnes son effectif après la suppression de postes.", "Zyblor supprime encore", 20
    )
    assert not any("porté" in told for told in shown("Combien de postes Zyblor supprime-t-elle ?", first, later))


def test_the_total_is_written_as_the_reader_writes_numbers() -> None:
    assert grouped("30 000", "en") == grouped("30\u202f000", "en") == "30,000"
    assert grouped("1,500,000", "fr") == "1\u202f500\u202f000"
    assert grouped("1,5 million", "fr") == "1,5 million"


def test_one_statement_is_given_in_one_language_the_readers() -> None:
    english = passage("Zyblor will cut 400 jobs in Lyon, it said on Monday.", "Zyblor cuts 400 jobs", 2, "en")
    french = passage("Zyblor va supprimer 400 postes à Lyon, a-t-elle dit lundi.", "Zyblor supprime 400 postes", 3)
    (told,) = shown("Que s’est-il passé chez Zyblor ?", english, french)
    assert "supprimer 400 postes" in told


def test_a_side_without_news_is_named() -> None:
    text = passage("Zyblor va supprimer 400 postes à Lyon.", "Zyblor supprime 400 postes")
    found = extract(read_question("Compare les suppressions de postes chez Zyblor et chez Vorlune", NOW), [text])
    assert found.absent == ("Vorlune",)


@pytest.mark.parametrize(
    "question", ["Compare Amazon and Microsoft layoffs", "Amazon and Microsoft: who cut more jobs?"]
)
def test_and_joins_two_names(question: str) -> None:
    assert read_question(question, NOW).companies == ("Amazon", "Microsoft")
