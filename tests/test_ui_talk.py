"""The chat's own generator, without a browser: what stands in the conversation while an answer comes about, and after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import vigie
from corpus.models import Article
from rag.errors import UnknownEngine
from tests.fake_ollama import FakeOllama, ollama_server
from ui.chat import _conversation
from ui.cli import app

NOW = datetime(2026, 3, 1, tzinfo=UTC)
QUESTION = "Combien de postes Zébulon supprime-t-il ?"
TWO = "Combien de postes Zébulon supprime-t-il, et comment Zébulon forme-t-il ses techniciens à la maintenance ?"
WRITTEN = "Lyon perd 1 200 postes chez Zébulon [1]."
"""What no sentence of an article says in these words."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("talk")
    cuts = (
        "Zébulon a annoncé lundi 2 février 2026 la suppression de 1 200 postes à Lyon. Les syndicats demandent un plan."
    )
    skills = "Zébulon forme ses techniciens à la robotique et à la maintenance prédictive, en six semaines de cours."
    with vigie.open_library(folder) as library:
        library.add(
            [
                Article("https://a.example/1", "Zébulon supprime 1 200 postes", cuts, "Journal", datetime(2026, 2, 2, tzinfo=UTC), "fr"),
                Article("https://a.example/2", "Zébulon forme ses techniciens", skills, "Revue", datetime(2026, 2, 12, tzinfo=UTC), "fr"),
            ]
        )  # fmt: skip
    return folder


@pytest.fixture
def failing(home: Path) -> Iterator[vigie.Library]:
    """A library whose model breaks off after some sentences that its sources bear out."""
    with ollama_server(FakeOllama(reply=f"{WRITTEN} " * 6, fault="cut")) as fake:
        settings = vigie.Settings(answers={"model": "ollama:tiny", "ollama_url": fake.url, "timeout": 5.0})
        with vigie.Library(home, settings, clock=lambda: NOW) as library:
            yield library


def shown_while(library: vigie.Library, asked: str) -> list[str]:
    """What stands as the last message, state by state."""
    states: list[tuple[Any, ...]] = list(_conversation(library, asked, [], "fr", {}, guess=False))
    return [state[0][-1]["content"].replace("\u202f", " ") for state in states if state[0]]


@pytest.mark.parametrize(("asked", "extracted"), [(QUESTION, "a annoncé"), (TWO, "robotique")])
def test_what_a_failing_model_said_never_stands_beside_the_answer_that_takes_over(
    failing: vigie.Library, asked: str, extracted: str
) -> None:
    states = shown_while(failing, asked)
    assert any("Lyon perd" in state for state in states)  # It was streamed,
    assert not any("Lyon perd" in state and extracted in state for state in states)  # and taken back before.
    assert "Lyon perd" not in states[-1]
    assert extracted in states[-1]
    assert "réponse interrompue" in states[-1]


def test_sentences_that_are_taken_back_are_none_of_the_answer(failing: vigie.Library) -> None:
    events = list(failing.ask_stream(TWO))
    standing: list[str] = []
    for event in events:
        if event.kind == "withdrawn":
            standing.clear()
        elif event.sentence is not None:
            standing.append(event.sentence.text)
    answer = events[-1].answer
    assert answer is not None
    assert standing == [s.text for s in answer.sentences]
    assert not any("Lyon perd" in s.text for s in answer.sentences)
    assert {n for s in answer.sentences for n in s.citations} <= {c.number for c in answer.citations}


@pytest.mark.parametrize(
    "filters", [{}, {"as_of": datetime(2026, 2, 10, tzinfo=UTC)}, {"as_of": datetime(2031, 1, 1, tzinfo=UTC)}]
)
def test_an_answer_says_as_of_when_it_is(home: Path, filters: dict[str, Any]) -> None:
    """Not later than now, whatever was asked for."""
    with vigie.Library(home, vigie.Settings(), clock=lambda: NOW) as library:
        said = list(_conversation(library, QUESTION, [], "fr", filters, guess=False))[-1][0][-1]["content"]
    assert ("au 10 février 2026" if filters.get("as_of", NOW) < NOW else "au 1er mars 2026") in said


def test_what_was_known_before_there_was_anything(home: Path) -> None:
    with vigie.Library(home, vigie.Settings(), clock=lambda: NOW) as library:
        states = list(_conversation(library, QUESTION, [], "fr", {"as_of": datetime(2019, 1, 1, tzinfo=UTC)}, guess=False))  # fmt: skip
    assert "connu au 1er janvier 2019" in states[-1][0][-1]["content"]


def test_the_command_line_says_as_of_when_and_what_was_not_read(home: Path) -> None:
    asked = ["ask", QUESTION, "--home", str(home), "--as-of"]
    done = CliRunner().invoke(app, [*asked, "2026-02"])
    assert "au 28 février 2026" in done.stderr
    done = CliRunner().invoke(app, [*asked, "2019-03"])
    assert (done.exit_code, "connu au 31 mars 2019" in done.stderr) == (3, True)
    done = CliRunner().invoke(app, ["ask", f"{'Zébulon et ses syndicats. ' * 300}{QUESTION}", "--home", str(home)])
    assert "4000 premiers caractères" in done.stderr


@pytest.mark.parametrize("engine", ["gpt", ":", "ollama:", ":tiny"])
def test_an_engine_without_a_provider_or_a_model_cannot_be(home: Path, engine: str) -> None:
    with vigie.Library(home, vigie.Settings(), clock=lambda: NOW) as library, pytest.raises(UnknownEngine):
        library.ask(QUESTION, engine=engine)


@pytest.mark.parametrize("asked", ["😀😀😀", "?!"])
def test_a_question_without_a_word_is_told_to_be_empty_and_nothing_else(home: Path, asked: str) -> None:
    with vigie.Library(home, vigie.Settings(), clock=lambda: NOW) as library:
        answer = library.ask(asked)
    assert (answer.answered, answer.notices) == (False, ())
    assert "vide" in answer.text
