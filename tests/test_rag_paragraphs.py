"""Sentences that are shown with the one that answers: which, and which never. All invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.models import Block
from rag.evidence import Evidence, sentence_spans
from rag.models import Passage
from rag.paragraphs import LONGEST, MOST, in_its_paragraph, told_on

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEXT = (
    "Zebulon makes lamps in the town of Lutz. It named three reasons for its cuts on Monday. Lamps sell badly since machines"
    " make them. The halls are too dear to heat in winter. Nobody else makes lamps in Lutz."
)


def _weighed(text: str = TEXT, weights: dict[int, float] | None = None, **of: object) -> list[Evidence]:
    passage = replace(Passage(text, title="Zebulon", language="en", chunk_id="a:1:0", article_id="a"), **of)  # type: ignore[arg-type]
    given_weights = weights or {0: -4.0, 1: 2.0, 2: 1.5, 3: 1.0, 4: -4.0}
    spans = sentence_spans(text)
    return [Evidence(passage, *spans[n], weight, 1.0, 1.0, 0.5, (), share=0.2) for n, weight in given_weights.items()]


def _shown(evidence: list[Evidence], at: int) -> str:
    return in_its_paragraph(evidence[at], evidence).text


def test_what_goes_on_is_shown_with_what_announces_it() -> None:
    shown = _shown(_weighed(), 1)
    assert shown.startswith("It named three reasons")
    assert shown.endswith("heat in winter.")


def test_what_adds_nothing_is_left_out() -> None:
    evidence = _weighed(weights={0: -4.0, 1: 2.0, 2: -4.0, 3: -4.0, 4: -4.0})
    assert _shown(evidence, 1) == "It named three reasons for its cuts on Monday."


def test_a_sentence_before_comes_along_where_it_stands_by_itself() -> None:
    likely_before = {0: 1.9, 1: 2.0, 2: -4.0}
    assert _shown(_weighed(weights=likely_before), 1).startswith("Zebulon makes lamps")
    evidence = _weighed(weights=likely_before)
    leaning = [replace(evidence[0], in_article=True), *evidence[1:]]
    assert in_its_paragraph(leaning[1], leaning).text.startswith("It named")


def test_a_sentence_that_leaned_on_its_article_stands_on_what_comes_before_it() -> None:
    evidence = _weighed(weights={0: 1.9, 1: 2.0})
    leaning = replace(evidence[1], in_article=True)
    assert not in_its_paragraph(leaning, [evidence[0], leaning]).in_article


@pytest.mark.parametrize("kind", ["quote", "heading", "item"])
def test_what_is_set_apart_stays_apart(kind: str) -> None:
    """A quotation beside plain text would lose the marks that it is shown between."""
    start, end = sentence_spans(TEXT)[2]
    shown = _shown(_weighed(blocks=(Block(start, end, kind),)), 1)  # type: ignore[arg-type]
    assert shown == "It named three reasons for its cuts on Monday."


def test_another_paragraph_stays_apart() -> None:
    text = TEXT.replace(" Lamps sell", "\n\nLamps sell")
    assert _shown(_weighed(text), 1).rstrip() == "It named three reasons for its cuts on Monday."


def test_a_question_is_no_part_of_an_answer() -> None:
    text = TEXT.replace("Lamps sell badly since machines make them.", "Why do lamps sell so badly since machines came?")
    assert "?" not in _shown(_weighed(text), 1)


@given(st.lists(st.floats(-6, 6), min_size=5, max_size=5), st.integers(0, 4))
def test_a_paragraph_is_a_piece_of_its_passage_around_its_sentence(weights: list[float], at: int) -> None:
    evidence = _weighed(weights=dict(enumerate(weights)))
    shown = in_its_paragraph(evidence[at], evidence)
    assert shown.start <= evidence[at].start < evidence[at].end <= shown.end
    assert shown.text in TEXT
    spans = sentence_spans(TEXT)
    assert shown.start in {a for a, _ in spans}
    assert shown.end in {b for _, b in spans}
    assert len(shown.text) <= LONGEST
    assert sum(shown.start <= a < shown.end for a, _ in spans) <= MOST
    assert evidence[at].share <= shown.share <= 1.0


def test_what_says_the_same_again_is_left_out() -> None:
    text = "Ada Merle declined the award of Lutz on Monday. The artist Ada Merle declined the award of Lutz, she said. The halls are dear."
    evidence = _weighed(text, {0: 2.0, 1: 1.9, 2: 1.0})
    assert in_its_paragraph(evidence[0], evidence).text == "Ada Merle declined the award of Lutz on Monday."
    assert told_on(evidence[0]).text == "Ada Merle declined the award of Lutz on Monday."


def test_what_explains_is_told_on_by_two_more_sentences() -> None:
    evidence = _weighed()
    assert told_on(evidence[1]).text.count(".") == 3
    assert told_on(told_on(evidence[1])) == told_on(evidence[1])
