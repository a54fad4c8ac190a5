"""The gold questions' form: every quote stands in its article, in the language that the direction says."""

from __future__ import annotations

from collections import Counter

import pytest

from corpus.models import article_id
from corpus.sample.pages import SampleArticle, articles
from evals.gold_set import GoldQuestion, gold_questions, plain
from evals.runner import answer_measures, gold_slices
from rag.models import Answer, Citation, Passage, Question, Sentence

ARTICLES = {a.url: a for a in articles()}
QUESTIONS = gold_questions()
DIRECTIONS = ("fr-fr", "fr-en", "en-fr", "en-en")


def gold_of(question: GoldQuestion) -> list[SampleArticle]:
    return [ARTICLES[span.article] for span in question.gold]


def test_two_hundred_questions_forty_a_direction() -> None:
    directions = Counter(q.direction for q in QUESTIONS if q.answerable)
    assert len(QUESTIONS) >= 200
    assert all(directions[d] >= 40 for d in DIRECTIONS), directions
    assert sum(not q.answerable for q in QUESTIONS) >= 40
    assert sum(q.near_miss for q in QUESTIONS) >= 20
    assert {"recency", "as-of", "compare", "skills", "multi"} <= {q.kind for q in QUESTIONS}
    assert len({q.question for q in QUESTIONS}) == len(QUESTIONS)


def test_one_source_and_several_are_slices() -> None:
    slices = Counter(name for q in QUESTIONS if q.answerable for name in gold_slices(q))
    assert slices["one source"] + slices["several sources"] == slices["all"]
    assert slices["several sources"] >= 18


def test_declining_is_no_way_to_win() -> None:
    question = next(q for q in QUESTIONS if q.gold and q.gold[0].figure)
    span = question.gold[0]
    passage = Passage(span.quote, article_id=article_id(span.article))
    said = Sentence(f"{span.figure} postes", citations=(1,))
    asked = Question(question.question)
    right = Answer(asked, "fr", True, "extractive", (said,), (Citation(1, passage, span.quote, 0, 1),))
    assert answer_measures(right, question)["right_figure"] == 1.0
    declined = Answer(asked, "fr", False, "extractive", (Sentence("Rien."),))
    assert answer_measures(declined, question) == {
        "citation_precision": 0.0,
        "citation_recall": 0.0,
        "right_figure": 0.0,
    }


def test_a_third_is_held_out_in_every_direction() -> None:
    for direction in (*DIRECTIONS, ""):
        of = [q for q in QUESTIONS if q.direction == direction]
        assert 0.2 <= sum(q.split == "held-out" for q in of) / len(of) <= 0.5, direction


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q.answerable], ids=lambda q: q.id)
def test_what_answers_stands_in_the_newsroom(question: GoldQuestion) -> None:
    asked, answered = question.direction.split("-")
    assert asked == question.language
    assert {a.language for a in gold_of(question)} == {answered}
    for span in (*question.gold, *question.also):
        assert plain(span.quote) in plain(ARTICLES[span.article].text), span
    if asked != answered:
        assert asked not in {ARTICLES[s.article].language for s in question.also}
    if question.as_of:
        assert all(a.published <= question.as_of for a in gold_of(question))


def test_copies_of_a_syndicated_text_are_not_asked_for_twice() -> None:
    for question in QUESTIONS:
        bodies = {a.url: a.body for a in gold_of(question)}
        assert len(set(bodies.values())) == len(bodies), question.id
