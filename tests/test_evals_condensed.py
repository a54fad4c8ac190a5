"""What a gold question's ranking is scored as: needs that are the same whatever was found. All news here is invented."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corpus.models import article_id
from evals.gold_set import GoldQuestion, GoldSpan, condensed
from evals.runner import _retrieval
from rag.models import Passage

A, B, ALSO, OTHER = (f"https://{name}.example/1" for name in ("a", "b", "also", "other"))
TWO = GoldQuestion(
    "g1", "q", "fr", "fr-fr", "compare", True, False,
    (GoldSpan(A, "14\u202f000 postes"), GoldSpan(B, "48 000 emplois")), "tune",
    (GoldSpan(ALSO, "14,000 jobs"), GoldSpan(A, "quatorze mille")),
)  # fmt: skip


def passage(url: str, text: str, number: int = 0) -> Passage:
    return Passage(text, url=url, article_id=article_id(url), chunk_id=f"{article_id(url)}:1:{number}")


FIRST = passage(A, "Zébulon supprime 14\u202f000 postes.")
SECOND = passage(B, "Acmé supprime 48 000 emplois.")
ENGLISH = passage(ALSO, "Zebulon cuts 14,000 jobs.")
AGAIN = passage(A, "Ce sont quatorze mille personnes.", 1)
WRONG = passage(OTHER, "Le temps est beau.")


def test_each_need_is_filled_once_and_what_is_said_again_is_taken_out() -> None:
    a, b = article_id(A), article_id(B)
    assert condensed(TWO, [FIRST, SECOND]) == [a, b]
    assert condensed(TWO, [FIRST, ENGLISH, AGAIN, WRONG, SECOND]) == [a, WRONG.chunk_id, b]
    # A place that shares its number fills that need and never the other one.
    assert condensed(TWO, [ENGLISH, FIRST]) == [a]
    assert condensed(TWO, [WRONG]) == [WRONG.chunk_id]


def test_finding_more_never_costs() -> None:
    good = _retrieval(TWO, [FIRST, SECOND, WRONG])
    assert good["nDCG@10"] == good["AP@10"] == 1
    assert _retrieval(TWO, [FIRST, SECOND, WRONG, ENGLISH, AGAIN]) == good
    assert _retrieval(TWO, [FIRST, WRONG])["recall@10"] == 0.5
    assert _retrieval(TWO, [WRONG])["nDCG@10"] == 0


@given(st.permutations([FIRST, SECOND, ENGLISH, AGAIN, WRONG]), st.integers(0, 5))
def test_measures_stay_within_bounds_and_grow_with_depth(order: list[Passage], depth: int) -> None:
    some, all_of_them = _retrieval(TWO, order[:depth] or [WRONG]), _retrieval(TWO, order)
    assert all(0 <= value <= 1 for value in some.values())
    assert all(some[name] <= all_of_them[name] + 1e-9 for name in ("recall@10", "nDCG@10", "AP@10"))
    assert all_of_them["recall@10"] == 1
