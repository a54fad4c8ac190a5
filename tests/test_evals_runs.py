"""Kept runs and their comparison: what is kept can be read and diffed, and what does not compare is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import vigie
from corpus.models import Article
from evals.asking import ask_all, find, ranking, scored_tokens, silent_stages
from evals.cli import eval_app
from evals.compare import check_comparable, compare, difference
from evals.measures import EvaluationError
from evals.multihop import MultihopQuestion, hashes, load_questions, run_multihop
from evals.runs import EvaluationRun, default_file, finished, read_run, summarised, trusted, write_run
from rag.models import Passage

MOMENT = datetime(2026, 2, 1, tzinfo=UTC)
TEXTS = {
    "a": "Zyblor Systems cuts 120 jobs in Lyon. The company names automation as the reason for the cuts.",
    "b": "Quentra opens a school for welders in Nantes. Four hundred people will learn the trade there.",
    "c": "Harbour workers in Antwerp vote for a new contract. Wages rise by four per cent.",
}


def entry(key: str, *, right: bool = False) -> dict[str, Any]:
    return {"chunk": key, "title": f"Title {key}", "score": 1.0, "scores": {"dense": 0.5}, "right": right}


def row(key: str, value: float, *, name: str = "fr-en") -> dict[str, Any]:
    return {
        "id": key,
        "question": f"Question {key}?",
        "slices": ["all", name],
        "expected": [{"article": "http://a.example/1", "quote": "q"}],
        "ranking": [entry("x:1:0", right=value > 0), entry("y:1:0")],
        "measures": {"nDCG@10": value, "success@1": float(value > 0.5)},
    }


def run_of(*values: float, **changes: Any) -> EvaluationRun:
    rows = [row(f"g{at}", value) for at, value in enumerate(values)]
    made = EvaluationRun("gold", {"without": []}, summarised(rows), rows, {}, {"corpus": "f" * 64})
    return replace(made, **changes)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with vigie.open_library(tmp_path_factory.mktemp("runs")) as opened:
        opened.add(
            Article(f"http://news.example/{k}", f"Title {k}", text, "News", MOMENT, "en") for k, text in TEXTS.items()
        )
        yield opened


def test_a_run_is_kept_sorted_and_comes_back_as_it_was(tmp_path: Path) -> None:
    run = run_of(0.0, 1.0, made="2026-02-01T10:11:12+00:00")
    path = write_run(run, tmp_path / "deep" / "a.json")
    assert read_run(path) == run
    text = path.read_text(encoding="utf-8")
    assert list(json.loads(text)) == sorted(json.loads(text))
    other = write_run(replace(run, settings={"without": ["rerank"]}), tmp_path / "b.json")
    unlike = set(text.splitlines()) ^ set(other.read_text(encoding="utf-8").splitlines())
    assert len(unlike) <= 4  # Only what differs differs.


def test_no_kept_run_is_written_over(tmp_path: Path) -> None:
    run = run_of(1.0, made="2026-02-01T10:11:12+00:00")
    first = write_run(run, default_file(run, tmp_path))
    assert first.name == "gold-20260201T101112.json"
    assert default_file(run, tmp_path).name == "gold-20260201T101112-2.json"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "not a run"),
        ('{"dataset": "gold", "questions": [], "slices": {}, "library": {}, "odd": 1}', "unknown key 'odd'"),
        ('{"dataset": "gold", "questions": [{"id": "g1"}], "slices": {}, "library": {}}', "row 1 lacks 'question'"),
        ('{"dataset": "gold", "questions": [3], "slices": {}, "library": {}}', "row 1 is no object"),
        ('{"dataset": "gold", "questions": {}, "slices": {}, "library": {}}', "'questions' is not as"),
        ('{"dataset": "gold", "questions": [], "slices": {"all": 3}, "library": {}}', "'slices' is not as"),
        ('{"dataset": 3, "questions": [], "slices": {}, "library": {}}', "'dataset' is not as"),
    ],
)
def test_a_file_that_is_no_run_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EvaluationError, match=said):
        read_run(path)
    good = row("g1", 1.0)
    for wrong, said in (
        ({"id": 3}, "wrong 'id'"),
        ({"measures": {"nDCG@10": "high"}}, "no number for nDCG@10"),
        ({"measures": {"nDCG@10": True}}, "no number for nDCG@10"),
        ({"measures": {"nDCG@10": float("nan")}}, "no number for nDCG@10"),
        ({"slices": [3]}, "wrong 'slices'"),
        ({"answered": True, "confidence": "sure"}, "wrong 'confidence'"),
        ({"ranking": [{"title": "x"}]}, "wrong entry in 'ranking'"),
        ({"ranking": [entry("x") | {"score": "high"}]}, "wrong entry in 'ranking'"),
        ({"ranking": [entry("x") | {"scores": {"dense": "x"}}]}, "wrong entry in 'ranking'"),
        ({"expected": ["x"]}, "wrong entry in 'expected'"),
        ({"expected": [{"article": "a", "rank": "1"}]}, "wrong entry in 'expected'"),
    ):
        values = {"dataset": "gold", "questions": [good, {**good, **wrong}], "slices": {}, "library": {}}
        path.write_text(json.dumps(values), encoding="utf-8")
        with pytest.raises(EvaluationError, match=f"row 2 has .*{said}|row 2 has a {said}"):
            read_run(path)
    for key, wrong_value in (
        ("settings", []),
        ("settings", {"without": None}),
        ("settings", {"weights": {"dense": "x"}}),
        ("timings_ms", {"dense": {"p50": 1.0}}),
        ("versions", []),
        ("failures", "lost"),
    ):
        values = {"dataset": "gold", "questions": [good], "slices": {}, "library": {}, key: wrong_value}
        path.write_text(json.dumps(values), encoding="utf-8")
        with pytest.raises(EvaluationError, match=rf"run\.json: '{key}' is not as"):
            read_run(path)
    with pytest.raises(EvaluationError, match=r"none\.json"):
        read_run(tmp_path / "none.json")


def test_what_does_not_compare_is_refused() -> None:
    good = run_of(0.0, 1.0)
    check_comparable(good, good)
    twice = replace(good, questions=[*good.questions, good.questions[0]])
    failed = replace(good, questions=[good.questions[0], {**good.questions[1], "error": "no model"}])
    reasked = replace(good, questions=[good.questions[0], {**good.questions[1], "question": "Another?"}])
    refusals = {
        "B: the run holds no question": replace(good, questions=[]),
        "B: question g0 is there twice": twice,
        "question g2 is in B alone": run_of(0.0, 1.0, 1.0),
        "question g1 is in A alone": run_of(0.0),
        "the corpus differs": replace(good, library={"corpus": "e" * 64}),
        "fingerprint ffffffffffff in A, none in B": replace(good, library={}),
        "question g1: no model": failed,
        "the stage 'rerank' gave": replace(good, failures=["the stage 'rerank' gave all one score"]),
        "what they expect differ": reasked,
        "B of beir": replace(good, dataset="beir"),
        "B: question g1 has no measure": replace(
            good, questions=[good.questions[0], {**good.questions[1], "measures": {}}]
        ),
        "no measure in common": replace(good, questions=[{**r, "measures": {"x": 1.0}} for r in good.questions]),
    }
    for said, other in refusals.items():
        with pytest.raises(EvaluationError, match=said):
            compare(good, other, resamples=99)
    with pytest.raises(EvaluationError, match="A: refused"):
        compare(failed, good, resamples=99)


def test_refusals_are_one_line_and_exit_1(tmp_path: Path) -> None:
    a = write_run(run_of(0.0, 1.0), tmp_path / "a.json")
    b = write_run(run_of(0.0, 1.0, library={"corpus": "e" * 64}), tmp_path / "b.json")
    done = CliRunner().invoke(eval_app, ["compare", str(a), str(b)])
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert "corpus differs" in done.stderr


def test_compare_shows_slices_and_both_rankings(tmp_path: Path) -> None:
    a = write_run(run_of(*[0.0] * 6, 1.0), tmp_path / "a.json")
    b = write_run(run_of(*[1.0] * 6, 1.0, settings={"without": ["rerank"]}), tmp_path / "b.json")
    done = CliRunner().invoke(eval_app, ["compare", str(a), str(b), "--changed", "1", "--resamples", "199"])
    assert done.exit_code == 0, done.output
    assert "without: [] | ['rerank']" in done.stdout
    assert "6/1/0" in done.stdout
    assert "fr-en" in done.stdout
    assert "+ 1.00 Title x:1:0 (x:1:0)" in done.stdout
    assert "5 more questions changed" in done.stdout


def test_measures_of_one_run_alone_are_said() -> None:
    a = run_of(0.0, 1.0)
    b = replace(a, questions=[{**r, "measures": {**r["measures"], "new": 1.0}} for r in a.questions])
    assert compare(a, b, resamples=99).settings == {"measures of one run alone": ([], ["new"])}
    assert compare(a, a, resamples=99).settings == {}


def test_a_difference_is_judged_as_it_should_be() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 0.2, 200)
    clear = difference("all", "nDCG@10", [(0.5 + n, 0.6 + n + e) for n, e in zip(noise, noise[::-1] / 4, strict=True)])
    assert clear.low > 0.05
    assert clear.high < 0.15
    assert clear.p < 0.01
    chance = difference("all", "nDCG@10", [(0.5, 0.5 + e) for e in noise - noise.mean()])
    assert chance.low < 0 < chance.high
    assert chance.p > 0.5
    same = difference("all", "nDCG@10", [(0.5, 0.5)] * 9)
    assert (same.low, same.high, same.p, same.ties) == (0.0, 0.0, 1.0, 9)
    # By hand: of the 2^5 exchanges of five equal gains two are as far out.
    assert difference("all", "x", [(0.0, 1.0)] * 5).p == pytest.approx(2 / 32)
    assert difference("all", "x", [(0.0, 1.0)]).p == 1.0
    again = difference("all", "nDCG@10", [(0.5, 0.5 + e) for e in noise - noise.mean()])
    assert again == chance


def test_where_less_is_better_less_wins() -> None:
    found = difference("all", "wrongly_declined", [(1.0, 0.0), (1.0, 0.0), (0.0, 1.0)], resamples=99)
    assert (found.wins, found.losses) == (2, 1)


def test_a_question_that_fails_makes_the_run_untrusted(library: vigie.Library) -> None:
    questions = [MultihopQuestion("1", "Zyblor?", "k", ()), MultihopQuestion("2", "Quentra?", "k", ())]

    def ask(opened: vigie.Library, question: MultihopQuestion) -> Any:
        if question.id == "2":
            raise RuntimeError("the model went away")
        found = find(opened, question.question, lambda _: True)
        shape = {"slices": ["all"], "expected": [], "measures": {"hits@10": 1.0}}
        return {**shape, "ranking": ranking(found.first, lambda _: False)}, found

    asked = ask_all(library, questions, ask)
    run = finished("x", library, asked, settings={})
    assert run.slices == {}
    with pytest.raises(EvaluationError, match="question 2: the model went away"):
        trusted(run, "x")


def test_a_run_in_which_nothing_came_is_not_scored(tmp_path: Path) -> None:
    with vigie.open_library(tmp_path / "empty") as empty:
        run = run_multihop(empty, [MultihopQuestion("1", "Zyblor?", "k", (("http://news.example/a", "Zyblor"),))])
    assert run.slices == {}
    with pytest.raises(EvaluationError, match="no passage came for any question"):
        trusted(run, "x")


def test_a_stage_that_does_nothing_is_told(library: vigie.Library) -> None:
    flat = {"dense": 0.0, "lexical": 1.0, "rerank": 2.0}
    rows = [{"ranking": [{"scores": {**flat, "lexical": float(at % 7)}} for at in range(60)]}]
    told = silent_stages(library, rows)
    assert [line.split("'")[1] for line in told] == ["dense", "rerank"]
    assert silent_stages(library, [{"ranking": rows[0]["ranking"][:10]}]) == []


def test_long_and_repeated_passages_are_refused(library: vigie.Library) -> None:
    with pytest.raises(EvaluationError, match=r"passage long:1:0 has .* tokens; only chunks of at most 256"):
        scored_tokens(library, [Passage("word " * 400, chunk_id="long:1:0")], {})
    with pytest.raises(EvaluationError, match="at most 10"):
        scored_tokens(library, [Passage("a", chunk_id=str(n)) for n in range(11)], {})
    with pytest.raises(EvaluationError, match="each once"):
        scored_tokens(library, [Passage("a", chunk_id="1:1:0")] * 2, {})


def test_tokens_are_counted_once_a_text(library: vigie.Library) -> None:
    counted: dict[str, int] = {}
    passages = [Passage("two words", chunk_id="1:1:0"), Passage("and three more", chunk_id="2:1:0")]
    first = scored_tokens(library, passages, counted)
    assert counted == dict(zip([p.text for p in passages], first, strict=True))
    counted["two words"] = 7
    assert scored_tokens(library, passages, counted) == [7, first[1]]


def test_the_fingerprint_is_the_texts_and_nothing_else(library: vigie.Library, tmp_path: Path) -> None:
    made = [Article(f"http://news.example/{k}", f"Title {k}", t, "News", MOMENT, "en") for k, t in TEXTS.items()]
    with vigie.open_library(tmp_path / "other") as other:
        other.add(reversed(made))
        assert other.fingerprint() == library.fingerprint()
        other.add([replace(made[0], text=made[0].text + " More.")])
        assert other.fingerprint() != library.fingerprint()


def test_multihop_rows_say_what_was_expected_and_where_it_came(library: vigie.Library, tmp_path: Path) -> None:
    evidence = [{"url": "http://news.example/a", "fact": "Zyblor Systems cuts 120 jobs in Lyon."}]
    strange = [{"url": "http://news.example/z", "fact": "Nobody wrote this."}]
    asked = [
        {"query": "How many jobs does Zyblor cut?", "question_type": "inference_query", "evidence_list": evidence},
        {"query": "Who wrote it?", "question_type": "null_query", "evidence_list": []},
        {"query": "What did Zyblor say?", "question_type": "inference_query", "evidence_list": evidence + strange},
    ]
    (tmp_path / "queries.json").write_text(json.dumps(asked), encoding="utf-8")
    (tmp_path / "corpus.json").write_text("[]", encoding="utf-8")
    run = run_multihop(library, load_questions(tmp_path), data=hashes(tmp_path))
    assert [r["id"] for r in run.questions] == ["0001", "0003"]
    first, second = run.questions
    assert first["expected"][0]["rank"] == 1
    assert first["ranking"][0]["right"]
    assert {"dense", "lexical", "final"} <= set(first["ranking"][0]["scores"])
    assert "rank" not in second["expected"][1]
    assert second["measures"]["evidence@10"] == 0.5
    assert run.slices["all"]["mean_tokens"] > run.slices["all"]["mean_words"] > 5
    assert run.library["corpus"] == library.fingerprint()
    assert set(run.data) == {"corpus.json", "queries.json"}
