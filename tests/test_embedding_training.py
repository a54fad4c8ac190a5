"""What the bundled model learns from: the batches, which are made without torch."""

from __future__ import annotations

import numpy as np
import pytest
from tokenizers import Tokenizer

from corpus.embedding.onnx import WEIGHTS
from corpus.embedding.training.data import Corpus
from corpus.embedding.training.examples import HELD_OUT, LONGEST, Examples, Sizes

STEPS = 60
SHORT = [(f"Tom saw the dog number {n}.", f"Tom a vu le chien numéro {n}.") for n in range(HELD_OUT + 200)]
PROSE = [(f"The fever lasted {n} days.", f"La fièvre a duré {n} jours.") for n in range(50)]
ASKED = [
    (f"La ville {n} est grande. Elle fut fondée en {n}. On y parle français.", [("Quand ?", f"en {n}")])
    for n in range(900, 930)
]


@pytest.fixture(scope="module")
def examples() -> Examples:
    return Examples(Corpus(SHORT, PROSE, ASKED), WEIGHTS, WEIGHTS, seed=7, sizes=Sizes(16, 4, 8), steps=STEPS)


def test_a_batch_depends_on_the_seed_and_its_number_alone(examples: Examples) -> None:
    again = Examples(Corpus(SHORT, PROSE, ASKED), WEIGHTS, WEIGHTS, seed=7, sizes=Sizes(16, 4, 8), steps=STEPS)
    for step in (0, 5, STEPS - 1):
        one, other = examples[step], again[step]
        assert one.kind == other.kind
        for name, rows in one.rows.items():
            np.testing.assert_array_equal(rows, other.rows[name])
    with pytest.raises(IndexError):
        examples[STEPS]


def test_every_input_fits_the_model(examples: Examples) -> None:
    kinds = set()
    for step in range(STEPS):
        batch = examples[step]
        kinds.add(batch.kind)
        sizes = {len(rows) for rows in batch.rows.values()}
        assert len(sizes) == 1
        for rows in batch.rows.values():
            assert rows.shape[1] <= LONGEST + 2
            assert ((rows != 0).sum(1) >= 3).all()
    assert kinds == {"distil", "asked"}


def test_held_out_pairs_are_never_learnt(examples: Examples) -> None:
    tokenizer = Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))
    kept = {en for en, _ in examples.held_out}
    numbers = {en.split()[-1].rstrip(".") for en in kept}
    assert len(kept) == HELD_OUT
    for step in range(STEPS):
        for row in examples[step].rows.get("english", np.zeros((0, 1), dtype=np.int64)):
            text = tokenizer.decode(row.tolist())
            for sentence in text.split("the dog number ")[1:]:
                assert sentence.split(".")[0].split()[0] not in numbers


def test_names_are_the_same_on_both_sides(examples: Examples) -> None:
    tokenizer = Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))
    named = 0
    for step in range(STEPS):
        rows = examples[step].rows
        if "other" not in rows or rows["english"].shape[1] > 40:
            continue
        for english, french in zip(rows["english"], rows["other"], strict=True):
            a, b = (tokenizer.decode(row.tolist()) for row in (english, french))
            if a.count(" saw ") == b.count(" a vu ") == 1:
                before, there = a.split(" saw ")[0], b.split(" a vu ")[0]
                assert before == there
                named += before != "tom"
    assert named > 0
