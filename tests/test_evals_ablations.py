"""What stages add, and the gold command's own ways out; the runs are made up, so that no question is asked."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import vigie
from evals import cli_gold, gate
from evals.ablations import STAGES, ablations
from evals.cli import eval_app
from evals.gate import Baseline, write_baseline
from evals.measures import EvaluationError
from evals.runs import EvaluationRun, read_run
from rag.models import SearchSettings
from tests.test_evals_runs import run_of

# What the made-up run loses without each stage.
LOSSES = {"lexical": 0.4, "dense": 0.2, "rerank": -0.1}


def made_up(_: Any, *, without: tuple[str, ...] = (), **__: Any) -> EvaluationRun:
    value = 0.6 - sum(LOSSES.get(stage, 0.0) for stage in without)
    return run_of(value, value, value, settings={"without": list(without)})


@pytest.fixture
def baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The gold command without a library, with floors in a file of the test's own."""
    path = tmp_path / "baseline.json"
    monkeypatch.setattr(vigie, "open_demo", lambda: nullcontext(None))
    monkeypatch.setattr(cli_gold, "run_gold", made_up)
    monkeypatch.setattr(cli_gold, "read_baseline", lambda: gate.read_baseline(path))
    monkeypatch.setattr(cli_gold, "write_baseline", lambda kept: write_baseline(kept, path))
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "home"))
    return path


def test_the_stages_are_those_that_retrieval_knows() -> None:
    text = Path(vigie.__file__).with_name("rag").joinpath("retrieve.py").read_text(encoding="utf-8")
    assert all(f'_uses("{stage}")' in text for stage in STAGES)
    assert SearchSettings().without == ()


def test_a_stage_adds_what_is_lost_without_it() -> None:
    whole = made_up(None)
    found = ablations(whole, {s: made_up(None, without=(s,)) for s in ("rerank", "dense", "lexical")}, resamples=99)
    assert [(a.stage, round(a.leading.difference, 6)) for a in found] == [
        ("lexical", 0.4),
        ("dense", 0.2),
        ("rerank", -0.1),
    ]
    assert {a.leading.measure for a in found} == {"nDCG@10"}
    assert [s.slice for s in found[0].slices] == ["fr-en"]
    assert [o.measure for o in found[0].others] == ["success@1"]
    with pytest.raises(EvaluationError, match="corpus differs"):
        ablations(whole, {"dense": run_of(0.1, 0.1, 0.1, library={"corpus": "e"})})


def test_ablations_print_a_table_and_keep_every_run(baseline: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(eval_app, ["gold", "--ablations", "--out", str(tmp_path / "all")])
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["lexical", "0.200", "+0.400"] in [line[:3] for line in lines]
    assert {p.stem for p in (tmp_path / "all").iterdir()} == {"whole", *(f"without-{s}" for s in STAGES)}
    assert read_run(tmp_path / "all" / "without-dense.json").settings["without"] == ["dense"]
    done = CliRunner().invoke(eval_app, ["gold", "--ablations", "--without", "dense", "--json"])
    assert json.loads(done.stdout)[0]["stage"] == "lexical"
    assert len(json.loads(done.stdout)) == len(STAGES) - 1


def test_the_gate_says_whether_the_corpus_changed(baseline: Path) -> None:
    floors = {"all": {"nDCG@10": 0.9}}
    write_baseline(Baseline(floors, "f" * 64), baseline)
    done = CliRunner().invoke(eval_app, ["gold", "--gate"])
    assert done.exit_code == 1
    assert "gate: all nDCG@10: 0.600, floor 0.900" in done.stderr
    assert "corpus" not in done.stderr
    write_baseline(Baseline(floors, "e" * 64), baseline)
    done = CliRunner().invoke(eval_app, ["gold", "--gate"])
    assert done.exit_code == 1
    assert "gate: the corpus is another than the floors were set on" in done.stderr
    write_baseline(Baseline({"all": {"nDCG@10": 0.5}}, "e" * 64), baseline)
    done = CliRunner().invoke(eval_app, ["gold", "--gate"])
    assert done.exit_code == 0
    assert "gate: passed, though the corpus is another" in done.stderr


def test_a_gate_without_floors_fails(baseline: Path) -> None:
    done = CliRunner().invoke(eval_app, ["gold", "--gate"])
    assert done.exit_code == 1
    assert "gate: there are no floors" in done.stderr
    baseline.write_text("{", encoding="utf-8")
    done = CliRunner().invoke(eval_app, ["gold", "--gate"])
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert "baseline.json: not JSON" in done.stderr


def test_floors_are_kept_with_the_fingerprint(baseline: Path) -> None:
    write_baseline(Baseline({"all": {"nDCG@10": 0.9}}, "e" * 64), baseline)
    done = CliRunner().invoke(eval_app, ["gold", "--raise-floors"])
    assert done.exit_code == 1
    assert "--lower-floors sets the floors anew" in done.stderr
    done = CliRunner().invoke(eval_app, ["gold", "--raise-floors", "--lower-floors"])
    assert done.exit_code == 0
    kept = gate.read_baseline(baseline)
    assert kept.corpus == "f" * 64
    assert kept.floors["all"]["nDCG@10"] < 0.6


def test_floors_of_a_part_are_wrong_usage(baseline: Path) -> None:
    for words in (
        ["--gate", "--split", "tune"],
        ["--raise-floors", "--without", "dense"],
        ["--gate", "--ablations"],
        ["--gate", "--lower-floors"],
    ):
        assert CliRunner().invoke(eval_app, ["gold", *words]).exit_code == 2
    assert not baseline.exists()
