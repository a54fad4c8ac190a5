"""Which sentence answers: what the learned weights look at, what is looked at closely, and how many are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from rag.choosing import FEATURES, described, likeliest_first, weights
from rag.closeness import Closeness, Place
from rag.evidence import LOOKED_AT, weigh
from rag.extractive import extract
from rag.models import Passage
from rag.question import read_question
from rag.shapes import LESS_LIKELY, likely

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def passage(text: str, title: str = "", *, source: str = "Essai", key: str = "a") -> Passage:
    return Passage(
        text, title=title, source=source, published=NOW, language="en", article_id=key, chunk_id=f"{key}:1:0"
    )


def column(question: str, text: str, name: str) -> float:
    asked = read_question(question, NOW)
    (item,) = weigh(asked, [passage(text)])
    return float(described(asked, [item])[0, FEATURES.index(name)])


@pytest.mark.parametrize(
    ("name", "question", "with_it", "without"),
    [
        ("figure", "How many lamps does Zebulon sell?", "Zebulon sells 400 lamps a day.", "Zebulon sells many lamps a day."),
        ("counted", "How many lamps does Zebulon sell?", "Zebulon sells 400 lamps a day.", "Zebulon sells 400 chairs a day."),
        ("numbers", "What did Zebulon do in its 12 shops?", "Zebulon closed its 12 shops today.", "Zebulon closed its shops today."),
        ("date", "When did Zebulon open?", "Zebulon opened on 3 May 2019 in town.", "Zebulon opened with a feast in town."),
        ("name", "Who leads Zebulon?", "Zebulon is led by Susan Kwapong today.", "Zebulon is led by its founder today."),
        ("place", "Where is Zebulon?", "Zebulon has its seat in Lyon today.", "Zebulon has its seat there and elsewhere today."),
        ("means", "How does Zebulon heat?", "Zebulon heats its halls by burning straw.", "Zebulon heats its halls every winter day."),
        ("subject_first", "What is Zebulon?", "Zebulon is a maker of small lamps.", "People buy all those small lamps of Zebulon."),
        ("own_names", "What is Zebulon?", "Zebulon is a maker of small lamps.", "Somebody is a maker of small lamps."),
    ],
)  # fmt: skip
def test_what_a_sentence_has_of_the_kind_asked_for(name: str, question: str, with_it: str, without: str) -> None:
    assert column(question, with_it, name) > column(question, without, name)


def test_shares_sum_to_one_and_follow_the_weights() -> None:
    asked = read_question("Who leads Zebulon?", NOW)
    text = "Zebulon is led by Susan Kwapong today. Zebulon makes lamps for ships. Zebulon was founded by two sisters."
    found = weigh(asked, [passage(text, "Zebulon")])
    assert sum(item.share for item in found) == pytest.approx(1.0)
    totals = described(asked, found) @ weights()
    assert [item.weight for item in found] == pytest.approx(sorted(totals, reverse=True))
    ratio = np.exp(totals[0] - totals[1])
    assert found[0].share / found[1].share == pytest.approx(ratio)
    assert likeliest_first(asked, []) == []


def test_only_the_most_promising_sentences_are_looked_at() -> None:
    many = " ".join(f"Zebulon sells lamp number {n} to ships at sea." for n in range(LOOKED_AT + 20))

    def last_is_near(places: Sequence[Place]) -> Closeness:
        near = Closeness.nothing(len(places))
        near.sentence[:] = [float(f"number {LOOKED_AT + 19} " in p.text[a:b]) for p, a, b in places]
        return near

    found = weigh(read_question("What does Zebulon sell?", NOW), [passage(many, "Zebulon")], last_is_near)
    assert len(found) == LOOKED_AT
    assert sum(item.nearness > 0 for item in found) == 1


def test_a_further_sentence_is_shown_where_it_is_not_much_less_likely() -> None:
    asked = read_question("What does Zebulon do?", NOW)
    first, second, third = weigh(
        asked,
        [
            passage(
                "Zebulon makes lamps for large ships. Zebulon sells chairs to music halls. Zebulon mends old clocks for towns.",
                "Zebulon",
            )
        ],
    )
    close, far = first.weight - LESS_LIKELY + 0.1, first.weight - LESS_LIKELY - 0.1
    kept = likely([first, replace(second, weight=close, share=0.2), replace(third, weight=far, share=0.2)])
    assert len(kept) == 2
    assert len(likely([first, replace(second, weight=close, share=0.01)])) == 1


def test_an_article_that_names_the_body_only_in_its_text_is_of_it() -> None:
    text = "Ada Merle runs the laboratory. People read one page at a time, because of which ten agents in the background are no help."
    (shown,) = extract(
        read_question("Why does Ada Merle doubt ten agents in the background?", NOW), [passage(text)]
    ).chosen
    assert "ten agents" in shown.text


def test_a_figure_of_an_article_about_somebody_else_is_theirs() -> None:
    text = "Zebulon was the first to cut. In 2025 it had already cut 48,000 jobs across the country."
    other = passage(text, "Yvetot cuts 30,000 jobs")
    own = passage("Zebulon will cut 300 jobs in its workshops.", "Zebulon cuts jobs", key="b")
    found = extract(read_question("How many jobs is Zebulon cutting?", NOW), [own, other])
    assert [s.text[:8] for s in found.sentences] == ["Zebulon "]
    assert not any("48,000" in s.text for s in found.sentences)


def test_how_many_is_not_answered_without_a_figure() -> None:
    found = extract(
        read_question("How many people did Zebulon lay off?", NOW),
        [passage("Zebulon launches a new lamp today.", "Zebulon")],
    )
    assert found.elsewhere


def test_a_salary_is_not_answered_by_another_sum() -> None:
    text = "Zebulon's accounts for the quarter bear a charge of $1.8 billion for departures."
    asked = read_question("What is the salary of Zebulon?", NOW)
    assert extract(asked, [passage(text, "Zebulon")]).beside
    paid = "Zebulon's founder has a salary of $2 million a year, the accounts say."
    assert not extract(asked, [passage(paid, "Zebulon")]).beside


def test_an_article_in_a_third_language_is_read() -> None:
    text = "Zebulon streicht 400 Stellen in seinen Werken in Leeds."
    foreign = replace(passage(text, "Zebulon streicht Stellen"), language="de")
    assert extract(read_question("Who leads Zebulon?", NOW), [foreign]).evidence
