from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rag.evidence import weigh
from rag.extractive import extract
from rag.models import Passage, Question
from rag.question import read_question
from rag.scope import at_place, is_others, named, names_another, speaks_of

NOW = datetime(2026, 8, 20, tzinfo=UTC)


def passage(text: str, title: str = "", published: datetime | None = None, language: str = "fr") -> Passage:
    return Passage(text, title=title, published=published or datetime(2025, 10, 28, tzinfo=UTC), language=language)


def asked(text: str) -> Question:
    return read_question(text, NOW)


@pytest.mark.parametrize(
    ("question", "sentence", "meets"),
    [
        ("Combien de postes en octobre 2025 ?", "Le groupe supprime 14 000 postes.", True),
        ("Combien de postes en octobre 2025 ?", "Il en avait supprimé 27 000 en 2023.", False),
        ("Combien de postes en 2019 ?", "Le groupe supprime 14 000 postes.", False),
        ("Combien de postes en octobre 2025 ?", "Le groupe supprime 14 000 postes d’ici à 2027.", True),
        ("Combien de postes en mars 2026 ?", "Le groupe supprime 14 000 postes, a-t-il dit le 28 octobre.", False),
        ("How many jobs in Q3 2025?", "In the third quarter the group cut 500 jobs.", True),
        ("Combien de postes en novembre 2023 ?", "Il a supprimé 500 postes en 2023.", False),
        ("Combien de postes en octobre 2025 ?", "Il a supprimé 500 postes en 2025.", True),
        ("How many jobs?", "Le groupe supprime 14 000 postes.", True),
    ],
)
def test_a_sentence_is_of_the_time_asked_about(question: str, sentence: str, meets: bool) -> None:
    assert speaks_of(asked(question), passage(sentence), sentence) is meets


def test_an_article_of_the_first_days_after_a_month_still_reports_of_it() -> None:
    sentence = "Le groupe supprime 14 000 postes."
    question = asked("Combien de postes en octobre 2025 ?")
    assert speaks_of(question, passage(sentence, published=datetime(2025, 11, 2, tzinfo=UTC)), sentence)
    assert not speaks_of(question, passage(sentence, published=datetime(2025, 11, 20, tzinfo=UTC)), sentence)


def test_the_quarter_in_the_weeks_of_its_results_is_the_asked_one() -> None:
    sentence = "The group booked $1.8 billion in severance costs for the quarter."
    question = asked("How much severance cost did the group book in the third quarter of 2025?")
    assert speaks_of(question, passage(sentence, published=datetime(2025, 10, 31, tzinfo=UTC)), sentence)
    assert not speaks_of(question, passage(sentence, published=datetime(2026, 1, 31, tzinfo=UTC)), sentence)
    assert not speaks_of(
        question, passage(sentence, published=datetime(2025, 10, 31, tzinfo=UTC)), "The group booked it."
    )


def test_a_high_ordinal_counts_and_the_latest_of_one_figure_comes_first() -> None:
    robots = "Yvetot a déployé son millionième robot, livré à un entrepôt du Japon."
    found = extract(
        asked("Combien de robots Yvetot a-t-il déployés ?"),
        [passage(robots, "Robots d’Yvetot"), passage("Yvetot emploie 9 000 personnes.", "Yvetot")],
    )
    assert "millionième" in found.sentences[0].text
    planned = passage(
        "Yvetot is reportedly targeting layoffs of some 8,000 people in May, it was said on April 17.",
        "Yvetot layoffs of 8,000",
        datetime(2026, 4, 17, tzinfo=UTC),
        "en",
    )
    done = passage(
        "Yvetot began layoffs of 8,000 people on May 20.", "Yvetot layoffs", datetime(2026, 5, 21, tzinfo=UTC), "en"
    )
    for order in ([planned, done], [done, planned]):
        latest = extract(asked("latest number of layoffs at Yvetot"), order)
        assert "began" in latest.sentences[0].text


def test_places_are_met_in_either_language() -> None:
    sentence = "Capgemini supprime 1 000 postes en Inde."
    assert at_place(asked("How many jobs is Capgemini cutting in India?"), passage(sentence), sentence) == 1.0
    assert at_place(asked("Combien de postes Capgemini supprime-t-il en Irlande ?"), passage(sentence), sentence) == 0.0
    assert at_place(asked("Combien de postes Capgemini supprime-t-il ?"), passage(sentence), sentence) == 1.0
    longer = passage(f"{sentence} Le siège est à Vevey.")
    assert at_place(asked("Combien de postes Capgemini supprime-t-il à Vevey ?"), longer, sentence) == 0.5
    assert named(["capgemini", "dell"], sentence) == 0.5


def test_a_count_of_one_company_is_not_anothers() -> None:
    text = "Chegg is cutting 388 jobs and blames traffic from Google."
    article = passage(text, "Chegg cuts 388 jobs", language="en")
    assert is_others(text, article, ["google"])
    assert not is_others(text, article, ["chegg"])
    assert names_another(text, passage(text, "Google slows down", language="en"))
    assert (
        not extract(asked("How many jobs is Google cutting?"), [article]).sentences
        or extract(asked("How many jobs is Google cutting?"), [article]).beside
    )
    assert not extract(asked("How many jobs is Chegg cutting?"), [article]).beside


def test_a_headcount_is_no_count_of_cuts() -> None:
    text = "Dell emploie 108 000 personnes. Dell a supprimé 12 000 postes en un an."
    found = weigh(asked("Combien de postes Dell supprime-t-il ?"), [passage(text, "Dell")])
    assert [e.quantities[0].values for e in found if e.quantities] == [(12000.0,)]


def test_what_is_beside_the_question_is_said_to_be_so() -> None:
    article = passage("Dell a supprimé 12 000 postes en un an.", "Dell supprime 12 000 postes")
    assert not extract(asked("Combien de postes Dell supprime-t-il ?"), [article]).beside
    assert extract(asked("Combien de postes Dell a-t-il supprimés en 2019 ?"), [article]).beside
    assert extract(asked("Combien de postes l'Insee supprime-t-il ?"), [article]).beside


def test_reasons_are_given_where_there_are_some() -> None:
    text = "Block supprime 4 000 postes. Block supprime ces postes parce que l’intelligence artificielle remplace des tâches."
    found = extract(asked("Pourquoi Block supprime-t-il des postes ?"), [passage(text, "Block supprime 4 000 postes")])
    assert len(found.sentences) == 1
    assert "parce que" in found.sentences[0].text


def test_a_figure_as_reported_and_as_announced_are_two() -> None:
    text = (
        "Amazon préparerait la suppression de 30 000 postes, selon Reuters. "
        "Amazon a supprimé 30 000 postes de bureau au total, dit le bilan du groupe."
    )
    found = extract(asked("Combien de postes Amazon supprime-t-il ?"), [passage(text, "Amazon")])
    assert len(found.sentences) == 2
