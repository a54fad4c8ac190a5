"""How near sentences are to a question: by the token states that the library keeps, and by embedding where it keeps none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import vigie
from corpus.columns import Columns
from corpus.models import Article
from corpus.sentences import sentences
from rag.aliases import as_written
from rag.closeness import EmbeddedCloseness, Kept, KeptVectors, LateInteraction, TokenCloseness, without_names
from rag.models import Passage, Question
from rag.rerank import max_similarities

LETTERS = "abcdefgh"


def _vectors(text: str) -> NDArray[np.float32]:
    """One token a letter, each a direction of its own."""
    made = np.zeros((len(text), len(LETTERS)), dtype=np.float32)
    for row, letter in enumerate(text):
        if letter in LETTERS:
            made[row, LETTERS.index(letter)] = 1.0
    return made


def _closeness(asked: str, weights: Sequence[float], telling: Sequence[float] | None = None) -> TokenCloseness:
    def spans(texts: Sequence[str]) -> list[NDArray[np.int64]]:
        return [np.asarray([(at, at + 1) for at in range(len(text))], dtype=np.int64) for text in texts]

    def tokens(passages: Sequence[Passage]) -> list[NDArray[np.int8]]:
        return [np.rint(_vectors(f"{p.title} ({p.source})\n{p.text}") * 127).astype(np.int8) for p in passages]

    kept = None if telling is None else np.asarray(telling, dtype=np.float32)
    return TokenCloseness(_vectors(asked), np.asarray(weights, dtype=np.float32), spans, tokens, kept)


def test_each_of_the_questions_tokens_finds_its_nearest_in_the_sentence_alone() -> None:
    passage = Passage("ab. cd.", title="h", source="g")
    near = _closeness("abch", [1, 2, 1, 4])
    found = near([(passage, 0, 3), (passage, 4, 7), (passage, 0, 7)])
    # a and b of the first sentence, c of the second; h stands in the heading alone, within reach of what is around.
    assert found.around.tolist() == [1.0, 1.0, 1.0]
    # What a sentence adds: stops, spaces and d are near to none of the question's letters.
    assert found.new.tolist() == [1, 2, 4]
    assert found.sentence.tolist() == [np.float32(v) for v in ((1 + 2) / 8, 1 / 8, (1 + 2 + 1) / 8)]


def test_a_question_without_weight_and_a_passage_without_tokens_are_near_to_nothing() -> None:
    passage = Passage("ab.", title="h", source="g")
    assert _closeness("ab", [0, 0])([(passage, 0, 3)]).sentence.tolist() == [0.0]
    without = TokenCloseness(
        _vectors("a"),
        np.ones(1, dtype=np.float32),
        lambda texts: [np.zeros((0, 2), dtype=np.int64) for _ in texts],
        lambda passages: [np.zeros((0, len(LETTERS)), dtype=np.int8) for _ in passages],
    )
    assert without([(passage, 0, 3)]).sentence.tolist() == [0.0]


def test_tokens_of_names_tell_nothing_of_what_is_asked_of_them() -> None:
    spans = np.asarray([(0, 1), (1, 2), (3, 4)], dtype=np.int64)
    weights = np.asarray([1, 2, 3], dtype=np.float32)
    assert without_names(weights, spans, "ab c", ["ab"]).tolist() == [0, 0, 3]
    assert without_names(weights, spans, "ab c", ["a"]).tolist() == [1, 2, 3]
    near = _closeness("ab", [1, 1], telling=[0, 1])([(Passage("a. b.", title="h", source="g"), 0, 2)])
    assert (near.sentence.tolist(), near.telling.tolist()) == ([0.5], [0.0])


class Counting:
    """Embeds a text by its first letter, and counts what it was given."""

    name, dimension = "counting", len(LETTERS)

    def __init__(self) -> None:
        self.given: list[str] = []

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.given += texts
        return np.concatenate([_vectors(text[:1]) for text in texts])

    embed_queries = embed_documents


def test_without_token_states_sentences_are_embedded_once() -> None:
    embedder = Counting()
    kept = KeptVectors(embedder)
    passage = Passage("x", title="b")
    assert EmbeddedCloseness(kept, "b")([(passage, 0, 1)]).sentence.tolist() == [1.0]
    assert EmbeddedCloseness(kept, "c")([(passage, 0, 1)]).sentence.tolist() == [0.0]
    assert embedder.given == ["b. x", "b", "c"]


def test_the_librarys_own_token_states_put_the_sentence_that_answers_first(home: Path, moment: datetime) -> None:
    told = "Zebulon makes lamps. The lamps are sold in ten countries. The founder keeps bees. The firm moved to Lyon in 2019."
    with vigie.Library(home, vigie.load_settings(home), clock=lambda: moment) as library:
        library.add([Article("https://a.example/1", "About Zebulon", told, "Example", moment, "en")])
        for asked, answer in (
            ("Which city did the firm move to?", "Lyon"),
            ("What animals does the founder keep?", "bees"),
        ):
            (passage,) = library.search_result(asked, top=3).passages
            spans = sentences(passage.text)
            values = library.closeness(asked)([(passage, a, b) for a, b in spans]).sentence.tolist()
            start, end = spans[values.index(max(values))]
            assert answer in passage.text[start:end]


def test_a_surname_stands_for_the_person() -> None:
    passages = [Passage("Ada Merle a parlé. Selon Merle, tout va bien.", title="x")]
    assert as_written(Question("", companies=("Ada Merle",)), passages).companies == ("Merle",)


def test_a_surname_that_others_bear_or_that_is_a_word_does_not() -> None:
    passages = [Passage("Ada Merle et Léo Merle ont parlé. Merle rit.", title="Blue Music chante. Music !")]
    asked = Question("", companies=("Ada Merle", "Blue Music"))
    assert as_written(asked, passages).companies == ("Ada Merle", "Blue Music")


def test_two_names_side_by_side_are_two() -> None:
    passages = [Passage("Verdane takes a stake in Zebulon.", title="x")]
    assert as_written(Question("", companies=("Zebulon Verdane",)), passages).companies == ("Zebulon", "Verdane")
    assert as_written(Question("", companies=("Zebulon Acme",)), passages).companies == ("Zebulon Acme",)


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=4), st.lists(st.integers(0, 6), min_size=1, max_size=8), st.data()
)
def test_questions_that_are_compared_together_are_compared_as_alone(
    lengths: list[int], counts: list[int], data: st.DataObject
) -> None:
    random = np.random.default_rng(data.draw(st.integers(0, 1000)))
    asked = [
        (random.normal(size=(n, 8)).astype(np.float32), random.uniform(0.1, 1, n).astype(np.float32)) for n in lengths
    ]
    held = _Tokens(np.asarray(counts), random.integers(-127, 128, (sum(counts), 8)).astype(np.int8))
    rows = random.permutation(len(counts)).astype(np.int64)
    close = LateInteraction(cast("Columns", held), rows, asked)
    for _ in range(2):  # Other positions than those that were just asked for are compared anew.
        positions = np.asarray(data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=6)), dtype=np.int64)
        for number, (states, weights) in enumerate(asked):
            at = rows[positions]
            alone = max_similarities(
                states, weights, held.tokens, held.array("token_start")[at], held.array("token_count")[at]
            )
            assert np.allclose(close.scores(number, positions), alone, atol=1e-5)


class _Tokens:
    """Columns that hold token states and nothing else."""

    def __init__(self, counts: NDArray[np.int64], tokens: NDArray[np.int8]) -> None:
        self.tokens = tokens
        self._arrays = {"token_start": np.cumsum(counts) - counts, "token_count": counts.astype(np.int32)}

    def array(self, name: str) -> NDArray[Any]:
        return self._arrays[name]


def test_spans_are_worked_out_once_and_the_oldest_forgotten() -> None:
    asked: list[str] = []

    def spans(texts: Sequence[str]) -> list[NDArray[np.int64]]:
        asked.extend(texts)
        return [np.asarray([[0, len(text)]], dtype=np.int64) for text in texts]

    kept = Kept(spans, most=2)
    assert [s.tolist() for s in kept(["a", "bb", "a"])] == [[[0, 1]], [[0, 2]], [[0, 1]]]
    kept(["bb", "ccc"])
    assert asked == ["a", "bb", "ccc"]
    kept(["a"])
    assert asked[-1] == "a"
