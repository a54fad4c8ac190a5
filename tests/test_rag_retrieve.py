from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vigie
from corpus import nearest
from corpus.models import Article
from rag import rerank
from rag.diversify import diversified, sources_in_turn, taken_in_turn
from rag.fusion import calibrated, recency, standardised, top_masked, top_rows
from rag.models import Filters
from rag.periods import find_periods
from rag.question import read_question
from rag.ranking import Candidates, Weights, company, ranked, tuned
from rag.rerank import max_similarities

NOW = datetime(2026, 7, 1, 15, 30, tzinfo=UTC)


def day(year: int, month: int, number: int) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "since", "until", "strict"),
    [
        ("la semaine dernière", day(2026, 6, 22), day(2026, 6, 29), True),
        ("last week", day(2026, 6, 22), day(2026, 6, 29), True),
        ("les 7 derniers jours", day(2026, 6, 24), None, True),
        ("the last three months", day(2026, 4, 2), None, True),
        ("depuis octobre", day(2025, 10, 1), None, True),
        ("since October", day(2025, 10, 1), None, True),
        ("au T3 2025", day(2025, 7, 1), day(2025, 10, 1), False),
        ("in Q4 2025", day(2025, 10, 1), day(2026, 1, 1), False),
        ("au premier trimestre 2026", day(2026, 1, 1), day(2026, 4, 1), False),
        ("en octobre 2025", day(2025, 10, 1), day(2025, 11, 1), False),
        ("le 28 octobre 2025", day(2025, 10, 28), day(2025, 10, 29), False),
        ("on October 28, 2025", day(2025, 10, 28), day(2025, 10, 29), False),
        ("avant le 3 mars 2026", None, day(2026, 3, 3), True),
        ("mardi dernier", day(2026, 6, 30), day(2026, 7, 1), True),
        ("since Monday", day(2026, 6, 29), None, True),
        ("hier", day(2026, 6, 30), day(2026, 7, 1), True),
        ("en 2025", day(2025, 1, 1), day(2026, 1, 1), False),
        ("le mois dernier", day(2026, 6, 1), day(2026, 7, 1), True),
    ],
)
def test_periods_in_both_languages(text: str, since: datetime | None, until: datetime | None, strict: bool) -> None:
    (period,) = find_periods(f"Licenciements {text} ?", NOW)
    assert (period.since, period.until, period.strict) == (since, until, strict)


@given(st.text(max_size=120))
def test_any_text_can_be_read_as_a_question(text: str) -> None:
    question = read_question(text, NOW, ["Les Échos", "Monde"])
    assert question.language in ("fr", "en")


def test_questions_are_read() -> None:
    sources = ["Les Échos", "The Placeholder Post"]
    asked = read_question("Combien de postes Amazon a-t-il supprimés dans Les Echos depuis octobre ?", NOW, sources)
    assert (asked.language, asked.intent, asked.companies) == ("fr", "how-many", ("Amazon",))
    assert asked.conditions == Filters(since=day(2025, 10, 1), sources=("Les Échos",))
    wish = read_question("According to The Placeholder Post, what did Meta announce in April 2026?", NOW, sources)
    assert (wish.language, wish.companies, wish.wishes.sources) == ("en", ("Meta",), ("The Placeholder Post",))
    assert wish.conditions == Filters()
    both = read_question("Compare les suppressions chez Amazon et UPS", NOW)
    assert (both.intent, len(both.parts)) == ("compare", 2)
    assert "UPS" not in both.parts[0]
    assert read_question("the latest on Oracle", NOW).recency


@given(st.lists(st.floats(-5, 5, width=32), max_size=40), st.integers(0, 50))
def test_top_rows_against_a_sort(values: list[float], k: int) -> None:
    scores = np.asarray(values, dtype=np.float32)
    expected = sorted(range(len(values)), key=lambda i: (-scores[i], i))[: min(k, len(values))]
    assert top_rows(scores, k).tolist() == expected


@given(
    st.integers(0, 60_000),
    st.integers(0, 40),
    st.floats(0, 1),
    st.sampled_from([-np.inf, 0.0]),
    st.integers(0, 5),
    st.booleans(),
)
@settings(max_examples=60)
def test_the_best_under_a_mask_against_a_sort(
    n: int, k: int, share: float, above: float, seed: int, grouped: bool
) -> None:
    random = np.random.default_rng(seed)
    # All the best in one place, where a sample may miss them; ties; scores that do not count.
    scores = np.round(random.normal(size=n) + (np.arange(n) > n - 50) * 9 * grouped, 2).astype(np.float32)
    scores[random.random(n) < 0.2] = -np.inf
    mask = random.random(n) < share
    inside = np.flatnonzero(mask & (scores > above))
    expected = inside[np.lexsort((inside, -scores[inside]))][:k]
    assert top_masked(scores, mask, k, above).tolist() == expected.tolist()


def test_top_rows_never_gives_what_was_not_compared() -> None:
    assert top_rows(np.asarray([-np.inf, 1, -np.inf], dtype=np.float32), 3).tolist() == [1]


def test_scores_are_made_comparable() -> None:
    scores = np.asarray([1, 2, 3, 10, 20, 30], dtype=np.float32)
    group = np.asarray([0, 0, 0, 1, 1, 1], dtype=np.int32)
    within = standardised(scores, group)
    assert np.allclose(within[:3], within[3:], atol=1e-5)
    assert np.allclose(calibrated(scores, np.asarray([5, 5], dtype=np.float32)), 0)
    ages = recency(np.asarray([0, -86400 * 45], dtype=np.int64), 0, 45)
    assert np.allclose(ages, [1, 0.5])


@given(
    st.integers(1, 6),
    st.lists(st.integers(0, 5), min_size=1, max_size=6),
    st.integers(0, 1000),
    st.sampled_from([1, 64, 2**18]),
)
def test_late_interaction_against_loops(q: int, counts: list[int], seed: int, small: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rerank, "SMALL_PRODUCT", small)
        late_interaction_against_loops(q, counts, seed)


def late_interaction_against_loops(q: int, counts: list[int], seed: int) -> None:
    random = np.random.default_rng(seed)
    question = random.normal(size=(q, 8)).astype(np.float32)
    weights = random.uniform(0.1, 1, q).astype(np.float32)
    tokens = random.integers(-127, 128, (sum(counts), 8)).astype(np.int8)
    starts = (np.cumsum(counts) - counts).astype(np.int64)
    made = max_similarities(question, weights, tokens, starts, np.asarray(counts, dtype=np.int32))
    for row, (start, count) in enumerate(zip(starts, counts, strict=True)):
        mine = tokens[start : start + count].astype(np.float64) / 127
        expected = (
            sum(w * max(mine @ v) for w, v in zip(weights, question.astype(np.float64), strict=True)) / weights.sum()
            if count
            else 0.0
        )
        assert made[row] == pytest.approx(expected, abs=1e-3)


def test_copies_are_shown_once_and_no_article_crowds_out() -> None:
    articles = np.asarray([1, 1, 1, 1, 2, 3], dtype=np.uint64)
    groups = np.asarray([1, 1, 1, 1, 1, 3], dtype=np.uint64)
    assert diversified(np.arange(6), articles, groups, 6) == [0, 1, 2, 5, 3]
    assert taken_in_turn([[1, 2, 3], [2, 9]], 4) == [1, 2, 9, 3]


def library_of(home: Path, n: int) -> vigie.Library:
    library = vigie.Library(home, vigie.Settings(), clock=lambda: NOW)
    sources, languages = ("Les Échos", "Monde", "Post"), ("fr", "fr", "en")
    library.add(
        Article(
            f"https://a.example/{i}",
            f"Note {i}",
            f"Entreprise {i} supprime {100 + i} postes dans sa division numéro {i % 7}, a-t-elle annoncé.",
            sources[i % 3],
            NOW - timedelta(days=i),
            languages[i % 3],
            topics={"layoffs": 0.9 if i % 2 else 0.1, "skills": 0.0},
        )
        for i in range(n)
    )
    return library


def test_every_filter_against_a_plain_loop(home: Path) -> None:
    with library_of(home, 60) as library:
        everything = library.articles()
        for filters, keeps in (
            ({"sources": ["les echos"]}, lambda a: a.source == "Les Échos"),
            ({"languages": ["en"]}, lambda a: a.language == "en"),
            ({"topics": ["layoffs"]}, lambda a: a.topics["layoffs"] >= 0.5),
            ({"since": NOW - timedelta(days=10)}, lambda a: a.published >= NOW - timedelta(days=10)),
            ({"until": NOW - timedelta(days=50)}, lambda a: a.published < NOW - timedelta(days=50)),
            ({"sources": ["nobody"]}, lambda a: False),
            ({"topics": ["nothing"]}, lambda a: False),
        ):
            found = {p.article_id for p in library.search("suppression de postes", top=100, **filters)}
            assert found == {a.id for a in everything if keeps(a)}, filters


def test_the_code_path_finds_what_the_exact_one_finds(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with library_of(home, 120) as library:
        exact = [p.chunk_id for p in library.search("Entreprise 17 division", top=20)]
    for name, value in (("EXACT_ROWS", 0), ("DIRECT_ROWS", 10), ("CODE_CANDIDATES", 60), ("WEIGHTED_CANDIDATES", 40)):
        monkeypatch.setattr(nearest, name, value)
    with vigie.Library(home, vigie.Settings(), clock=lambda: NOW) as library:
        coded = [p.chunk_id for p in library.search("Entreprise 17 division", top=20)]
    assert len(set(exact[:10]) & set(coded[:10])) >= 8
    assert coded[0] == exact[0]


def test_odd_searches(home: Path) -> None:
    with vigie.Library(home, vigie.Settings(), clock=lambda: NOW) as empty:
        assert empty.search("x") == []
    with library_of(home, 3) as library:
        assert len(library.search("postes", top=200)) == 3
        assert library.search("", top=5) == []
        assert library.search("x" * 10_000)
        result = library.search_result("postes Entreprise 2")
        assert result.passages[0].title == "Note 2"
        assert set(result.passages[0].scores) >= {"dense", "lexical", "fused", "rerank", "final"}
        assert len(result.explanation) == len(result.passages)


@pytest.mark.parametrize("without", ["dense", "lexical", "rerank", "question", "clauses", "diversify", "recency"])
def test_every_stage_can_be_left_out(home: Path, without: str) -> None:
    library_of(home, 9).close()
    settings = vigie.Settings(search={"without": [without]})
    with vigie.Library(home, settings, clock=lambda: NOW) as library:
        assert library.search("postes Entreprise 2")


@given(st.lists(st.tuples(st.floats(-3, 3, width=32), st.integers(0, 4)), max_size=30))
def test_company_against_loops(held: list[tuple[float, int]]) -> None:
    scores = np.asarray([s for s, _ in held], dtype=np.float32)
    articles = np.asarray([a for _, a in held], dtype=np.uint64)
    made = company(scores, articles)
    for i, (_, article) in enumerate(held):
        others = [s for j, (s, a) in enumerate(held) if a == article and j != i]
        assert made[i] == pytest.approx(max([0.0, *others]))


def candidates(n: int, seed: int) -> Candidates:
    random = np.random.default_rng(seed)
    scores = {s: random.normal(size=n).astype(np.float32) for s in ("dense", "lexical", "article", "period", "names")}
    close = random.normal(size=n).astype(np.float32)
    languages = random.integers(0, 2, n).astype(np.int32)
    return Candidates(np.arange(n) * 3, languages, languages == 0, scores, lambda at: close[at])


@given(st.integers(0, 40), st.integers(1, 50), st.integers(0, 99))
def test_the_final_score_is_the_sum_of_the_shown_ones(n: int, keep: int, seed: int) -> None:
    weights = tuned()
    ranking = ranked(candidates(n, seed), weights, keep)
    assert len(ranking.rows) == min(n, keep)
    if not n:
        return
    total = sum(
        (weights.name if name == "names" else getattr(weights, name)) * ranking.stages[name]
        for name in ("dense", "lexical", "article", "period", "names", "across", "rerank")
    )
    assert np.allclose(total, ranking.stages["final"], atol=1e-4)


def test_text_in_another_language_is_weighed_by_its_own_factors() -> None:
    plain = Weights(1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0)
    across = Weights(1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 1, 5)
    found = candidates(20, 1)
    before, after = ranked(found, plain, 20), ranked(found, across, 20)
    own = dict(zip(before.rows.tolist(), before.stages["fused"].tolist(), strict=True))
    for row, fused, other, dense in zip(
        after.rows.tolist(), after.stages["fused"], after.stages["across"], after.stages["dense"], strict=True
    ):
        assert fused == pytest.approx(5 + dense if other else own[row], abs=1e-5)


def test_sources_that_the_question_names_take_turns() -> None:
    sources = np.asarray([1, 1, 2, 3, 2, 1], dtype=np.int32)
    assert sources_in_turn([10, 11, 12, 13, 14, 15], sources, (2, 1), 6) == [10, 12, 11, 14, 15, 13]
    assert sources_in_turn([10, 11, 12, 13, 14, 15], sources, (2, 1), 3) == [10, 12, 11]


def test_a_named_source_is_found_beside_a_louder_one(home: Path) -> None:
    with vigie.Library(home, vigie.Settings(), clock=lambda: NOW) as library:
        loud = [("Daily Robot", f"Robots replace workers in warehouse {i}") for i in range(30)]
        library.add(
            Article(f"https://a.example/{i}", title, f"{title}, it was said.", source, NOW, "en")
            for i, (source, title) in enumerate([*loud, ("Quiet Post", "A union speaks of machines and work")])
        )
        found = library.search(
            "Do the 'Daily Robot' article and the 'Quiet Post' article agree that robots replace workers?", top=4
        )
    assert [p.source for p in found[:2]] == ["Daily Robot", "Quiet Post"]


def test_a_deeper_look_is_the_search_itself(home: Path) -> None:
    with vigie.open_library(home) as library:
        library.add(
            Article(
                f"http://news.example/{n}",
                f"Quentra cuts {n} jobs",
                f"Quentra cuts {n} jobs in Lyon." * 3,
                "News",
                NOW,
                "en",
            )
            for n in range(10, 40)
        )
        question = "How many jobs does Quentra cut in Lyon?"
        first = library.search_result(question, top=5)
        deeper = library.retriever.deeper(first, 20, NOW)
        searched = library.search_result(question, top=20)
        assert [p.chunk_id for p in deeper.passages] == [p.chunk_id for p in searched.passages]
        assert [p.scores for p in deeper.passages] == [p.scores for p in searched.passages]
        assert "embed" not in deeper.timings_ms
        # After another search, and after something new was added, it is searched for again.
        library.search_result("welders in Nantes", top=5)
        assert "embed" in library.retriever.deeper(first, 20, NOW).timings_ms
        first = library.search_result(question, top=5)
        library.add(
            [
                Article(
                    "http://news.example/50", "Quentra cuts 50 jobs", "Quentra cuts 50 jobs in Lyon.", "News", NOW, "en"
                )
            ]
        )
        deeper = library.retriever.deeper(first, 40, NOW)
        assert "embed" in deeper.timings_ms
        assert any(p.url.endswith("/50") for p in deeper.passages)
