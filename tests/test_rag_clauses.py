"""Long questions taken apart: where they are cut, what each clause names, what that does to the order."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vigie
from corpus.models import Article
from rag.clauses import LEAST_WORDS, MOST_CLAUSES, SHORTEST, clauses
from rag.question import read_question
from rag.ranking import Candidates, ranked, tuned
from rag.scoring import near_periods

NOW = datetime(2026, 8, 20, 12, tzinfo=UTC)
SOURCES = ("Business Today", "Les Echos", "The Daily Robot", "Le Courrier Exemple")


def cut(text: str) -> list[str]:
    return [text[a:b].strip(" ,;") for a, b in clauses(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "Does the first article say that robots took over the night shift, while the second says that unions stopped them?",
            ["Does the first article say that robots took over the night shift", "while the second says that unions stopped them?"],
        ),
        (
            "Le premier article dit-il que les robots assurent la nuit, tandis que le second affirme que les syndicats s'y opposent ?",
            ["Le premier article dit-il que les robots assurent la nuit", "tandis que le second affirme que les syndicats s'y opposent ?"],
        ),
        (
            "Quelle entreprise a supprimé des milliers de postes administratifs et qui forme désormais ses techniciens aux robots ?",
            ["Quelle entreprise a supprimé des milliers de postes administratifs", "et qui forme désormais ses techniciens aux robots ?"],
        ),
        (
            "Which company cut thousands of office jobs in the autumn and is now training its technicians to mend robots?",
            ["Which company cut thousands of office jobs in the autumn", "and is now training its technicians to mend robots?"],
        ),
    ],
)  # fmt: skip
def test_a_long_question_is_cut_where_clauses_join(text: str, parts: list[str]) -> None:
    assert cut(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "Combien de postes Amazon supprime-t-il, et qui sera concerné ?",
        "How many jobs does Amazon cut, and who is concerned?",
        "What did the newspapers write on September 26, 2025, about robots in the warehouses of the retailer?",
        "Qui a annoncé, le 3 novembre 2025, la suppression de quatorze mille postes dans les bureaux du groupe ?",
    ],
)
def test_what_asks_one_thing_is_left_whole(text: str) -> None:
    assert cut(text) == []


@given(st.lists(st.sampled_from(["robots", "jobs", ", while ", ", and ", " et qui ", "; ", " the ", ", Paris", " union "]), max_size=60).map(" ".join))  # fmt: skip
def test_clauses_are_spans_of_the_whole(text: str) -> None:
    found = clauses(text)
    assert len(found) != 1
    assert len(found) <= MOST_CLAUSES
    if found:
        assert len(text) >= SHORTEST
        assert (found[0][0], found[-1][1]) == (0, len(text))
        assert all(a[1] == b[0] for a, b in pairwise(found))
        assert all(len(text[a:b].split()) >= LEAST_WORDS for a, b in found)


def test_each_clause_has_its_own_source_and_date() -> None:
    question = read_question(
        "Between the report in The Daily Robot on the warehouse closures published on October 7, 2025, and the report by"
        " Les Echos on new training centres published on 13 November 2025, was there a change?",
        NOW,
        SOURCES,
    )
    seventh, thirteenth = datetime(2025, 10, 7, tzinfo=UTC), datetime(2025, 11, 13, tzinfo=UTC)
    named = [(c.wishes.sources, [since for since, _ in c.periods]) for c in question.clauses]
    assert named == [(("The Daily Robot",), [seventh]), (("Les Echos",), [thirteenth])]
    assert [since for since, _ in question.periods] == [seventh, thirteenth]
    assert question.conditions.since is None


def test_a_sources_name_is_no_date_and_a_date_of_one_source_hides_no_other() -> None:
    one = read_question("What does the article from Business Today say about robots and jobs?", NOW, SOURCES)
    assert (one.conditions.since, one.periods) == (None, ())
    two = read_question(
        "Does the report by Les Echos published before October 7, 2025 agree with 'The Daily Robot' on robots?", NOW, SOURCES
    )  # fmt: skip
    assert (two.conditions.until, two.wishes.until) == (None, datetime(2025, 10, 7, tzinfo=UTC))
    alone = read_question("What was published before October 7, 2025 about robots?", NOW, SOURCES)
    assert alone.conditions.until == datetime(2025, 10, 7, tzinfo=UTC)


def test_last_weeks_thing_is_named_and_no_limit() -> None:
    assert read_question("Who spoke at last week's robot fair?", NOW).conditions.since is None
    assert read_question("Who spoke of robots last week?", NOW).conditions.since is not None


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 90)), min_size=1, max_size=4), st.integers(0, 1000))
def test_nearness_to_periods_against_a_loop(periods: list[tuple[int, int]], day: int) -> None:
    def at(days: int) -> datetime:
        return datetime.fromtimestamp(days * 86400, UTC)

    made = near_periods(np.asarray([day * 86400]), [(at(first), at(first + length)) for first, length in periods])
    values = []
    for first, length in periods:
        away = max(first - day, day - (first + length), 0)
        values.append(0.5 ** (away / min(30, max(3, length))))
    assert made[0] == pytest.approx(max(values), abs=1e-6)
    assert near_periods(np.asarray([day * 86400]), [(None, None)])[0] == 1


def candidates(n: int, seed: int, clauses: int = 0) -> Candidates:
    random = np.random.default_rng(seed)
    scores = {s: random.normal(size=n).astype(np.float32) for s in ("dense", "lexical", "period")}
    close = random.normal(size=n).astype(np.float32)
    languages = random.integers(0, 2, n).astype(np.int32)
    parts = tuple(candidates(n, seed + 1 + i) for i in range(clauses))
    return Candidates(np.arange(n), languages, languages == 0, scores, lambda at: close[at], parts)


@given(st.integers(2, 30), st.integers(2, 30), st.integers(1, 4), st.integers(0, 99))
def test_with_clauses_the_final_score_is_still_the_sum(n: int, keep: int, count: int, seed: int) -> None:
    weights = tuned()
    found = ranked(candidates(n, seed, count), weights, keep).stages
    stages = ("dense", "lexical", "period", "across", "rerank", "clause")
    total = sum(getattr(weights, name) * found[name] for name in stages)
    assert np.allclose(total, found["final"], atol=1e-3)


def test_a_passage_that_serves_one_clause_alone_is_found(home: Path) -> None:
    text = (
        "Does one newspaper write that warehouse robots now sort every parcel in the northern depot, while another writes that"
        " pastry apprentices learn to laminate dough by hand?"
    )
    with vigie.Library(home, vigie.Settings(), clock=lambda: NOW) as library:
        loud = [f"Warehouse robots sort every parcel, newspaper number {i} writes" for i in range(30)]
        library.add(
            Article(f"https://a.example/{i}", title, f"{title}, in the northern depot, it was said.", "Example", NOW, "en")
            for i, title in enumerate([*loud, "Apprentices laminate dough"])
        )  # fmt: skip
        found = [p.title for p in library.search(text, top=2)]
    assert "Apprentices laminate dough" in found
