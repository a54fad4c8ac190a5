from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rag.known_names import names_of
from rag.question import question_language, read_question

NOW = datetime(2026, 8, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Que savait-on le 3 novembre 2025 des suppressions chez Amazon ?", datetime(2025, 11, 4, tzinfo=UTC)),
        ("What was known on 3 November 2025 about Amazon's cuts?", datetime(2025, 11, 4, tzinfo=UTC)),
        ("Amazon, vu du 15 janvier 2026 : combien de suppressions ?", datetime(2026, 1, 16, tzinfo=UTC)),
        ("How many jobs has Amazon cut as of November 2025?", datetime(2025, 12, 1, tzinfo=UTC)),
    ],
)
def test_a_moment_in_the_questions_words_is_one_to_answer_from(text: str, moment: datetime) -> None:
    question = read_question(text, NOW)
    assert question.conditions.as_of == moment - timedelta(seconds=1)
    assert question.wishes.since is None
    assert question.companies == ("Amazon",)


def test_a_moment_to_come_is_now_and_a_plain_date_is_none() -> None:
    assert read_question("What was known on 3 November 2027 about robots?", NOW).conditions.as_of == NOW
    assert read_question("Combien de postes le 3 novembre 2025 chez Amazon ?", NOW).conditions.as_of is None


@pytest.mark.parametrize("text", ["Dernières nouvelles de la semaine ?", "What is the news of the week?"])
def test_the_news_of_the_week_are_those_of_seven_days(text: str) -> None:
    question = read_question(text, NOW)
    assert question.conditions.since == datetime(2026, 8, 13, tzinfo=UTC)
    assert question.companies == ()


def test_a_date_by_which_something_is_to_be_done_is_no_time_of_news() -> None:
    for text in (
        "Combien de postes HP supprimera-t-il d'ici à 2028 ?",
        "How many jobs will HP cut by the end of 2028?",
        "How many jobs will HP cut by 2028?",
    ):
        assert read_question(text, NOW).wishes.until is None, text
    assert read_question("Combien de postes HP a-t-il supprimés en 2025 ?", NOW).wishes.until is not None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Layoffs at Amazon?", "en"),
        ("Layoffs at Nestlé?", "en"),
        ("Amazon jobs", "en"),
        ("Licenciements Amazon", "fr"),
        ("Effectifs de l'éditeur Adobe", "fr"),
        ("Amazon : 30 000 suppressions", "fr"),
    ],
)
def test_short_questions_are_of_their_language(text: str, language: str) -> None:
    assert question_language(text) == language


def test_names_are_seen_after_an_elision_and_not_in_a_capital_of_place() -> None:
    assert read_question("Que dit l'Insee du chômage ?", NOW).companies == ("Insee",)
    assert read_question("Combien de postes d'Amazon ?", NOW).companies == ("Amazon",)
    assert read_question("Licenciements chez Dell ?", NOW).companies == ("Dell",)


def test_names_in_lower_case_are_known_from_the_librarys_titles() -> None:
    known = names_of(
        ["Amazon : encore 100 postes en moins", "Un plan chez Amazon", "Block cuts jobs", "The building block of AI",
         "How Block Cut Its Staff In Half", "La part de l’IA chez Orange"]
    )  # fmt: skip
    assert known["amazon"] == "Amazon"
    assert "block" not in known  # It also stands without a capital.
    assert read_question("combien de postes amazon supprime", NOW, known=known).companies == ("Amazon",)
    assert read_question("combien de postes chez orange", NOW, known=known).companies == ("Orange",)
    assert read_question("Combien de postes chez Dell ou amazon", NOW, known=known).companies == ("Dell",)


@pytest.mark.parametrize("text", ["Pourquoi Block supprime-t-il des postes ?", "Why is Block cutting jobs?"])
def test_why_asks_for_reasons(text: str) -> None:
    assert read_question(text, NOW).intent == "why"


@pytest.mark.parametrize(
    ("text", "preferred"),
    [
        (
            "What was reported by both The Placeholder Post and Example Daily?",
            ("Example Daily", "The Placeholder Post"),
        ),
        ("Who was portrayed as a trustworthy figure by Example Daily?", ("Example Daily",)),
        (
            "Does the 'Example Daily' article agree with The Placeholder Post?",
            ("Example Daily", "The Placeholder Post"),
        ),
        ("Selon Example Daily et The Placeholder Post, combien ?", ("Example Daily", "The Placeholder Post")),
        ("Le robot décrit en détail par Example Daily existe-t-il ?", ("Example Daily",)),
        ("Was Bodycorp acquired by Example Daily?", ()),
        ("How many jobs did Bodycorp cut, according to Example Daily?", ("Example Daily",)),
        ("Who was ousted from Bodycorp?", ()),
    ],
)
def test_sources_are_those_that_are_spoken_of_as_such(text: str, preferred: tuple[str, ...]) -> None:
    asked = read_question(text, NOW, ["Example Daily", "The Placeholder Post", "Bodycorp"])
    assert tuple(sorted(asked.wishes.sources)) == preferred
    assert asked.conditions.sources == ()
