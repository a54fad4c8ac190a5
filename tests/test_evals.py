from __future__ import annotations

import json
import math
from pathlib import Path

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vigie
from corpus.sample.pages import articles, publishers
from evals.gate import Baseline, below, next_baseline, raised, read_baseline, verdict, write_baseline
from evals.gold_set import gold_questions, plain, read_questions
from evals.measures import (
    MEASURES,
    EvaluationError,
    evidence_share,
    published_average_precision,
    published_hits,
    published_reciprocal_rank,
    ranked,
    score,
)
from evals.multihop import load_articles, load_questions
from evals.runner import run_gold


def test_gold_quotes_stand_in_their_articles() -> None:
    base = {p.key: p.base for p in publishers()}
    texts = {f"{base[a.publisher]}{a.path}": a.body for a in articles()}
    questions = gold_questions()
    assert len(questions) >= 80
    for question in questions:
        for span in question.gold:
            assert plain(span.quote) in plain(texts[span.article]), question.id
    directions = {q.direction for q in questions if q.answerable}
    assert directions == {"fr-fr", "fr-en", "en-fr", "en-en"}
    unanswerable = [q for q in questions if not q.answerable]
    assert len(unanswerable) >= 20
    assert sum(q.near_miss for q in unanswerable) >= 10
    assert 0.25 <= sum(q.split == "held-out" for q in questions) / len(questions) <= 0.45


def slow_ndcg(relevant: set[str], ranking: list[str]) -> float:
    gain = sum(1 / math.log2(rank + 1) for rank, key in enumerate(ranking[:10], start=1) if key in relevant)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(10, len(relevant)) + 1))
    return gain / ideal


keys = st.sampled_from([f"p{i}" for i in range(15)])


@given(st.sets(keys, min_size=1, max_size=6), st.lists(keys, min_size=1, max_size=15, unique=True))
def test_measures_by_the_book(relevant: set[str], ranking: list[str]) -> None:
    row = score({"q": dict.fromkeys(relevant, 1)}, {"q": ranked(ranking)})["q"]
    hits = [rank for rank, key in enumerate(ranking, start=1) if key in relevant]
    precisions = [(at + 1) / rank for at, rank in enumerate(hits) if rank <= 10]
    assert row["AP@10"] == pytest.approx(sum(precisions) / len(relevant), abs=1e-9)
    assert row["recall@10"] == pytest.approx(sum(r <= 10 for r in hits) / len(relevant), abs=1e-9)
    assert row["recall@100"] == pytest.approx(len(hits) / len(relevant), abs=1e-9)
    assert row["success@4"] == float(any(r <= 4 for r in hits))
    assert row["success@10"] == float(any(r <= 10 for r in hits))
    assert row["nDCG@10"] == pytest.approx(slow_ndcg(relevant, ranking), abs=1e-9)
    first = next((rank for rank, key in enumerate(ranking[:10], start=1) if key in relevant), None)
    assert row["RR@10"] == pytest.approx(1 / first if first else 0.0, abs=1e-9)
    assert row["recall@5"] == pytest.approx(len(set(ranking[:5]) & relevant) / len(relevant), abs=1e-9)
    assert row["success@1"] == float(ranking[0] in relevant)


@given(
    st.dictionaries(
        st.sampled_from(["q1", "q2", "q3"]),
        st.tuples(
            st.dictionaries(keys, st.integers(0, 3), min_size=1, max_size=8),
            st.lists(keys, min_size=1, max_size=15, unique=True),
        ),
        min_size=1,
    )
)
def test_rankings_score_as_ir_measures_scores_them(drawn: dict[str, tuple[dict[str, int], list[str]]]) -> None:
    qrels = [ir_measures.Qrel(q, p, grade) for q, (grades, _) in drawn.items() for p, grade in grades.items()]
    run = [ir_measures.ScoredDoc(q, p, -float(rank)) for q, (_, order) in drawn.items() for rank, p in enumerate(order)]
    wanted = {(m.query_id, str(m.measure)): m.value for m in ir_measures.iter_calc(list(MEASURES.values()), qrels, run)}
    ours = score({q: g for q, (g, _) in drawn.items()}, {q: ranked(order) for q, (_, order) in drawn.items()})
    for q, row in ours.items():
        for name, measure in MEASURES.items():
            assert row[name] == pytest.approx(wanted.get((q, str(measure)), 0.0), abs=1e-9), (q, name)


def test_multihops_own_readings_on_hand_worked_cases() -> None:
    found = [[False, False], [True, False], [False, False], [False, True]]
    assert published_hits(found, 1) is False
    assert published_hits(found, 4) is True
    assert published_reciprocal_rank(found) == 1 / 2
    assert evidence_share(found, 2) == 1.0
    assert evidence_share(found[:3], 2) == 1 / 2
    assert published_reciprocal_rank([]) == 0.0
    # Not cumulative: each rank counts only the facts that are new there. A perfect ranking of three facts gets 0.611.
    perfect = [[True, False, False], [False, True, False], [False, False, True]]
    assert published_average_precision(perfect, 3) == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert published_average_precision(found, 2) == pytest.approx((1 / 2 + 1 / 4) / 2)
    # Two facts in one passage count twice there; a fact that comes again adds nothing.
    assert published_average_precision([[True, True], [True, False]], 2) == 1.0
    # Beyond the tenth nothing counts; more than ten facts are divided by ten.
    assert published_average_precision([[False]] * 10 + [[True]], 1) == 0.0
    assert published_average_precision([[True] * 12], 12) == pytest.approx(1.2)
    assert published_average_precision([], 0) == 0.0


def test_bad_evaluation_input_names_the_row(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="no question"):
        score({"q": {"p": 1}}, {})
    with pytest.raises(EvaluationError, match="question z"):
        score({"q": {"p": 1}}, {"z": {"p": 1.0}})
    good = '{"id": "1", "question": "q", "language": "fr", "direction": "", "kind": "k", "answerable": false, "near_miss": false, "gold": [], "split": "tune"}'
    with pytest.raises(EvaluationError, match="row 2: the id 1"):
        read_questions([good, good])
    with pytest.raises(EvaluationError, match="row 1"):
        read_questions(["{"])
    with pytest.raises(EvaluationError, match="answerable needs a quote"):
        read_questions([good.replace('false, "near', 'true, "near')])
    with pytest.raises(EvaluationError, match=r"corpus\.json"):
        load_articles(tmp_path)
    article = {"url": "u", "title": "t", "body": "A fact.", "source": "s", "published_at": "2024-01-01T00:00:00+00:00"}
    wrong: dict[str, list[object]] = {
        "article 2: the id u is there twice": [article, article],
        "article 1: 'title' is missing": [{"url": "u"}],
        "article 1: 'url' is missing": ["u"],
        "article 2: 'body' is missing, empty": [article, article | {"url": "v", "body": None}],
        "article 1: 'published_at' is 'spring'": [article | {"published_at": "spring"}],
        "article 1: 'published_at' .2024-01-01. has no time zone": [article | {"published_at": "2024-01-01"}],
    }
    for said, rows in wrong.items():
        (tmp_path / "corpus.json").write_text(json.dumps(rows), encoding="utf-8")
        with pytest.raises(EvaluationError, match=said):
            load_articles(tmp_path)
    (tmp_path / "corpus.json").write_text(json.dumps([article]), encoding="utf-8")
    known = load_articles(tmp_path)
    asked = {"query": "q", "question_type": "x", "evidence_list": [{"url": "u", "fact": "A  fact."}]}
    wrong = {
        "holds no rows": [],
        "question 1: 'evidence_list' is missing": [{"query": "q", "question_type": "x"}],
        "question 1: 'query' is missing": [asked | {"query": " "}],
        "question 2: 'query' is missing": [asked, "q"],
        "question 1: 'url' is missing": [asked | {"evidence_list": ["u"]}],
        "question 1: 'fact' is missing, empty": [asked | {"evidence_list": [{"url": "u", "fact": " "}]}],
        "question 2: its evidence is of an unknown article, v": [
            asked,
            asked | {"evidence_list": [{"url": "v", "fact": "A fact."}]},
        ],
        "question 1: the fact 'Another.' does not stand in its article, u": [
            asked | {"evidence_list": [{"url": "u", "fact": "Another."}]}
        ],
    }
    for said, rows in wrong.items():
        (tmp_path / "queries.json").write_text(json.dumps(rows), encoding="utf-8")
        with pytest.raises(EvaluationError, match=rf"queries\.json.*{said}"):
            load_questions(tmp_path, known)
    (tmp_path / "queries.json").rename(tmp_path / "MultiHopRAG.json")  # As it is published.
    (tmp_path / "MultiHopRAG.json").write_text(json.dumps([asked]), encoding="utf-8")
    assert [q.evidence for q in load_questions(tmp_path, known)] == [(("u", "A  fact."),)]


def test_the_gate_fails_and_floors_never_sink_unasked() -> None:
    floors = {"all": {"nDCG@10": 0.9, "wrongly_declined": 0.1}}
    assert below({"all": {"nDCG@10": 0.95, "wrongly_declined": 0.05}}, floors) == []
    assert len(below({"all": {"nDCG@10": 0.85, "wrongly_declined": 0.2}}, floors)) == 2
    assert below({}, floors)[0].endswith("floor 0.900")
    assert raised({"all": {"nDCG@10": 0.7}}, floors)["all"]["nDCG@10"] == 0.9
    assert raised({"all": {"nDCG@10": 0.97}}, floors)["all"]["nDCG@10"] == pytest.approx(0.95)
    assert raised({"s": {"nDCG@10": 0.9, "questions": 10}}, {})["s"]["nDCG@10"] == pytest.approx(0.65)
    assert raised({"s": {"nDCG@10": 0.9, "questions": 30}}, {})["s"]["nDCG@10"] == pytest.approx(0.85)
    assert raised({"all": {"nDCG@10": 0.7}}, floors, lower=True)["all"]["nDCG@10"] == pytest.approx(0.68)


def test_the_gate_does_not_pass_without_floors(tmp_path: Path) -> None:
    good = {"all": {"nDCG@10": 0.95}}
    for nothing in ({}, {"all": {}}):
        assert "no floors" in verdict(good, "a" * 64, Baseline(nothing))[0]
    floors = {"all": {"nDCG@10": 0.9}, "gone": {"success@1": 0.8}}
    assert raised(good, floors)["gone"] == {"success@1": 0.8}  # A slice that is not measured keeps its floor.
    assert "gone" not in raised(good, floors, lower=True)
    assert below({"all": {"nDCG@10": float("nan")}}, {"all": {"nDCG@10": 0.9}})
    path = tmp_path / "baseline.json"
    for text, said in (
        ("{", "not JSON"),
        ("[]", "no file of floors"),
        ('{"floors": [1]}', "no file of floors"),
        ('{"floors": {}, "corpus": 3}', "no file of floors"),
        ('{"floors": {"all": 0.9}}', "slice 'all'"),
        ('{"floors": {"all": {}, "fr-en": {"nDCG@10": "high"}}}', "slice 'fr-en'"),
        ('{"floors": {"all": {"nDCG@10": NaN}}}', "slice 'all'"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(EvaluationError, match=rf"baseline\.json: .*{said}"):
            read_baseline(path)


def test_a_change_of_the_corpus_is_told_from_a_change_of_quality(tmp_path: Path) -> None:
    floors = {"all": {"nDCG@10": 0.9}}
    worse, kept = {"all": {"nDCG@10": 0.8}}, Baseline(floors, "a" * 64)
    (line,) = verdict(worse, "a" * 64, kept)
    assert "corpus" not in line
    told = verdict(worse, "b" * 64, kept)
    assert "fingerprint bbbbbbbbbbbb, theirs aaaaaaaaaaaa" in told[0]
    assert told[1] == line
    assert verdict({"all": {"nDCG@10": 0.95}}, "b" * 64, kept) == []
    assert verdict(worse, "b" * 64, Baseline(floors)) == [line]  # No fingerprint was kept: nothing can be told.
    with pytest.raises(EvaluationError, match="--lower-floors sets"):
        next_baseline(worse, "b" * 64, kept)
    anew = next_baseline(worse, "b" * 64, kept, lower=True)
    assert (anew.corpus, anew.floors["all"]["nDCG@10"]) == ("b" * 64, pytest.approx(0.78))
    assert next_baseline(worse, "a" * 64, kept).floors == floors  # The same articles: no floor sinks.
    for baseline in (anew, Baseline(floors)):
        write_baseline(baseline, tmp_path / "baseline.json")
        assert read_baseline(tmp_path / "baseline.json") == baseline
    assert "corpus" not in json.loads((tmp_path / "baseline.json").read_text(encoding="utf-8"))
    assert read_baseline(tmp_path / "none.json") == Baseline({})


def test_the_gold_set_is_above_its_floors(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_DEMO_HOME", str(sample))
    baseline = read_baseline()
    assert baseline.floors
    with vigie.open_demo() as library:
        run = run_gold(library)
    assert verdict(run.slices, run.library["corpus"], baseline) == []
