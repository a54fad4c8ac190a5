"""Follow-ups in many phrasings: what they name replaces its like, and all else of the question before carries over."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vigie
from corpus.models import Article
from rag.conversation import whole_question
from rag.question import read_question

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SOURCES = ["Les Echos", "The Verge"]
FR = "Combien de postes Amazon supprime-t-il en 2025 ?"
EN = "How many jobs is Amazon cutting in 2025?"


@pytest.mark.parametrize(
    "text",
    ["et chez Google ?", "Et Google ?", "et pour Google ?", "Et qu'en est-il de Google ?", "qu’en est-il de Google ?", "même question pour Google",
     "Quid de Google ?", "idem pour Google ?", "Mais chez Google ?", "chez Google ?", "Et à Google ?", "et google ?"],
)  # fmt: skip
def test_another_body_takes_the_place_in_french(text: str) -> None:
    whole = whole_question(text, [FR], NOW, SOURCES, {"google": "Google"})
    read = read_question(whole, NOW, SOURCES, known={"google": "Google"})
    assert [n.lower() for n in read.companies] == ["google"], whole
    assert read.wishes.since == datetime(2025, 1, 1, tzinfo=UTC)
    assert "Amazon" not in whole
    assert read.intent == "how-many"


@pytest.mark.parametrize(
    "text",
    ["what about Google?", "And Google?", "and at Google?", "How about Google?", "same question for Google", "And for Google?", "but Google?",
     "at Google?", "Same for Google?", "and what about Google?", "ditto for Google"],
)  # fmt: skip
def test_another_body_takes_the_place_in_english(text: str) -> None:
    whole = whole_question(text, [EN], NOW, SOURCES)
    read = read_question(whole, NOW, SOURCES)
    assert read.companies == ("Google",), whole
    assert read.wishes.since == datetime(2025, 1, 1, tzinfo=UTC)
    assert (read.intent, read.language) == ("how-many", "en")


@pytest.mark.parametrize(
    ("history", "text"),
    [(FR, "et en 2024 ?"), (FR, "En 2024 ?"), (FR, "Et en 2024, alors ?"), (EN, "and in 2024?"), (EN, "In 2024?"), (EN, "what about in 2024?"), (EN, "And what about 2024?")],
)  # fmt: skip
def test_another_time_takes_the_place(history: str, text: str) -> None:
    whole = whole_question(text, [history], NOW, SOURCES)
    read = read_question(whole, NOW, SOURCES)
    assert (read.wishes.since, read.wishes.until) == (datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)), whole  # fmt: skip
    assert read.companies == ("Amazon",)


@pytest.mark.parametrize(
    ("history", "text", "intent"),
    [(FR, t, "why") for t in ("pourquoi ?", "Pourquoi ça ?", "et pourquoi ?", "Mais pourquoi ?", "pourquoi cette décision ?")]
    + [(EN, t, "why") for t in ("why?", "Why is that?", "and why?", "But why?", "how come?")]
    + [(FR, t, "who-when-which") for t in ("Quand ?", "quand exactement ?", "Où ça ?", "et où ?")]
    + [(EN, t, "who-when-which") for t in ("When?", "when exactly?", "Where?", "and when?")],
)  # fmt: skip
def test_a_bare_word_asks_it_of_the_question_before(history: str, text: str, intent: str) -> None:
    whole = whole_question(text, [history], NOW, SOURCES)
    read = read_question(whole, NOW, SOURCES)
    assert "Amazon" in read.companies, whole
    assert read.wishes.since == datetime(2025, 1, 1, tzinfo=UTC)
    assert read.intent in (intent, "how-many" if intent != "why" else intent)


@pytest.mark.parametrize(
    ("history", "text"),
    [(FR, t) for t in ("et depuis ?", "Depuis ?", "depuis lors ?", "et maintenant ?", "Et ensuite ?", "et la suite ?")]
    + [(EN, t) for t in ("and since then?", "since then?", "And now?", "what happened next?", "and after that?", "And then?")],
)  # fmt: skip
def test_since_then_asks_for_the_latest(history: str, text: str) -> None:
    read = read_question(whole_question(text, [history], NOW, SOURCES), NOW, SOURCES)
    assert read.recency
    assert "Amazon" in read.companies


@pytest.mark.parametrize(
    ("history", "text"),
    [
        (FR, "et dans Les Echos ?"),
        (FR, "Dans Les Echos ?"),
        (EN, "and in Les Echos?"),
        (EN, "What about in Les Echos?"),
    ],
)
def test_a_source_narrows_and_is_no_body(history: str, text: str) -> None:
    read = read_question(whole_question(text, [history], NOW, SOURCES), NOW, SOURCES)
    assert (read.conditions.sources, read.companies) == (("Les Echos",), ("Amazon",))


@pytest.mark.parametrize(
    ("history", "text", "place"),
    [
        ("Combien de postes Amazon supprime-t-il en France ?", "et en Allemagne ?", "Allemagne"),
        ("How many jobs is Amazon cutting in France?", "and in Germany?", "Germany"),
        ("How many jobs is Amazon cutting?", "in Germany?", "Germany"),
    ],
)
def test_a_place_takes_a_places_place(history: str, text: str, place: str) -> None:
    whole = whole_question(text, [history], NOW, SOURCES)
    assert "Amazon" in whole
    assert place in whole
    assert "France" not in whole


@pytest.mark.parametrize(
    ("history", "text"),
    [
        ("Combien de postes Amazon supprime-t-il depuis le 3 janvier 2026 dans Les Echos ?", "et chez Google ?"),
        ("How many jobs has Amazon cut since January 3, 2026 in Les Echos?", "and Google?"),
    ],
)
def test_conditions_carry_over(history: str, text: str) -> None:
    read = read_question(whole_question(text, [history], NOW, SOURCES), NOW, SOURCES)
    assert read.companies == ("Google",)
    assert read.conditions.sources == ("Les Echos",)
    assert read.conditions.since == datetime(2026, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("history", "text", "body"),
    [
        (FR, "Combien de salariés emploie-t-elle ?", "Amazon"),
        (FR, "Qui dirige le groupe ?", "Amazon"),
        (EN, "Who leads the company?", "Amazon"),
        (EN, "How many people do they employ?", "Amazon"),
        (EN, "And who leads it?", "Amazon"),
        (FR, "Et qui dirige l'entreprise ?", "Amazon"),
    ],
)
def test_a_pronoun_is_given_its_body(history: str, text: str, body: str) -> None:
    whole = whole_question(text, [history], NOW, SOURCES)
    assert body in whole
    assert "postes" not in whole
    assert "jobs" not in whole


@pytest.mark.parametrize(
    "text",
    ["Combien de postes Meta supprime-t-il ?", "What skills do employers want?", "Y a-t-il des licenciements en Italie ?", "Quelles compétences apprendre ?"],
)  # fmt: skip
def test_a_question_that_stands_alone_stays_itself(text: str) -> None:
    assert whole_question(text, [FR], NOW, SOURCES) == text


def test_a_chain_of_follow_ups() -> None:
    history = [FR, "et chez Google ?", "et en 2024 ?"]
    whole = whole_question("pourquoi ?", history, NOW, SOURCES)
    assert "Google" in whole
    assert "2024" in whole
    assert "Amazon" not in whole
    assert "2025" not in whole


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=3))
def test_any_text_makes_a_question(text: str, history: list[str]) -> None:
    assert isinstance(whole_question(text, history, NOW, SOURCES), str)


def test_filters_of_a_conversation_are_shown_with_the_answer(tmp_path: Path) -> None:
    text = "Acmé a annoncé la suppression de 40 postes à Lyon. Zébulon a annoncé la suppression de 70 postes à Brest."
    with vigie.open_library(tmp_path) as filled:
        filled.add(
            [
                Article(f"https://a.example/{n}", f"{name} supprime des postes", text, source, NOW, "fr")
                for n, (name, source) in enumerate(
                    (("Acmé", "Les Echos"), ("Zébulon", "Les Echos"), ("Zébulon", "Autre"))
                )
            ]
        )
    with vigie.Library(tmp_path, vigie.Settings(), clock=lambda: NOW) as library:
        first = "Combien de postes Acmé supprime-t-il dans Les Echos ?"
        answer = library.ask("et chez Zébulon ?", history=[first], languages=["fr"])
    assert answer.notices == (
        "Question comprise : Combien de postes Zébulon supprime-t-il dans Les Echos ?",
        "Recherche limitée : dans Les Echos ; articles en français.",
    )
    assert answer.filters.sources == ("Les Echos",)
    assert answer.filters.languages == ("fr",)
    assert "Zébulon" in answer.question.text
    assert answer.answered
    assert {c.passage.source for c in answer.citations} == {"Les Echos"}
    assert "70" in answer.text


META = "Que s’est-il passé chez Meta en avril 2026 ?"
NAMES = {name.lower(): name for name in ("Amazon", "Google", "Meta", "Block", "UPS", "Oracle")}


@pytest.mark.parametrize(
    ("turns", "whole"),
    [
        # A body that the table of names has beside the places gives way like any other.
        ((FR, "et chez Google ?", "et Meta ?", "et chez Block ?"), "Combien de postes Block supprime-t-il en 2025 ?"),
        ((META, "et chez Block ?"), "Que s’est-il passé chez Block en avril 2026 ?"),
        # A bare word asks of the question, not of the bare word before it.
        ((FR, "pourquoi ?", "why?"), f"Pourquoi : {FR}"),
        ((EN, "when?", "where?"), f"Where: {EN}"),
        ((EN, "why?", "how many?"), EN),
        # "Since then" begins at the time that the question named; a time takes the place of "the latest".
        ((META, "et depuis ?"), "Que s’est-il passé chez Meta depuis avril 2026 ?"),
        (("Que s’est-il passé chez Meta ?", "et depuis ?"), "Que s’est-il passé chez Meta, récemment ?"),
        (("Que s’est-il passé chez Meta ?", "et depuis ?", "toutes dates confondues ?"), "Que s’est-il passé chez Meta ?"),
        ((META, "pourquoi ?", "et depuis ?", "et en mai 2026 ?"), "Que s’est-il passé chez Meta en mai 2026 ?"),
        ((FR, "pourquoi ?", "et depuis ?"), "Combien de postes Amazon supprime-t-il depuis 2025, les derniers chiffres ?"),
        ((META, "et avant ?"), "Que s’est-il passé chez Meta avant avril 2026 ?"),
        (("What happened at Meta on March 3, 2026?", "and since then?"), "What happened at Meta since March 3, 2026?"),
        # A comparison gets a further side.
        (("Compare les suppressions de postes chez Amazon et UPS", "et Oracle ?"), "Compare les suppressions de postes chez Amazon, UPS et Oracle"),
        (("Compare job cuts at Amazon and UPS", "and Oracle?"), "Compare job cuts at Amazon, UPS and Oracle"),
        # Conditions are lifted in words.
        (("Combien de postes Amazon supprime-t-il en 2025 dans Les Echos ?", "toutes sources confondues ?"), FR),
        ((FR, "sans limite de date ?"), "Combien de postes Amazon supprime-t-il ?"),
        (("How many jobs has Amazon cut since May 2025 in Les Echos?", "without filters"), "How many jobs has Amazon cut?"),
        # A time or a body alone is a follow-up; thanks are not looked back on.
        ((FR, "2024 ?", "hier ?"), "Combien de postes Amazon supprime-t-il hier ?"),
        ((FR, "Google ?"), "Combien de postes Google supprime-t-il en 2025 ?"),
        ((FR, "Merci beaucoup !", "et chez Google ?"), "Combien de postes Google supprime-t-il en 2025 ?"),
        ((FR, "et pour les compétences ?"), "Pour les compétences (Amazon) ?"),
    ],
)  # fmt: skip
def test_what_a_conversation_comes_to(turns: tuple[str, ...], whole: str) -> None:
    assert whole_question(turns[-1], turns[:-1], NOW, SOURCES, NAMES) == whole


def test_a_follow_up_is_answered_in_its_own_language(tmp_path: Path) -> None:
    with vigie.open_library(tmp_path) as filled:
        filled.add(
            [
                Article(
                    "https://a.example/1", "Acmé supprime 40 postes", "Acmé a annoncé la suppression de 40 postes à Lyon.", "Journal", NOW, "fr"
                )
            ]
        )  # fmt: skip
    with vigie.Library(tmp_path, vigie.Settings(), clock=lambda: NOW) as library:
        asked = ["How many jobs is Zébulon cutting?"]
        assert library.ask("et chez Acmé ?", history=asked).language == "fr"
        assert library.ask("and at Acmé?", history=["Combien de postes Zébulon supprime-t-il ?"]).language == "en"
        assert library.ask("Acmé ?", history=asked).language == "en"
