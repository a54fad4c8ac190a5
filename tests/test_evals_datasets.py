"""Data sets in files: what is read, what is refused and how it is told, and a small run of each form."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import vigie
from evals.beir import load_beir
from evals.cli import eval_app
from evals.datasets import BEIR_COUNTS, KNOWN
from evals.documents import library_of, run_documents
from evals.measures import EvaluationError
from evals.multihop import load_articles, load_questions
from evals.runs import read_run
from evals.squad import load_squad
from evals.xling import load_xling

LYON = "Zyblor Systems supprime 120 postes à Lyon. La société met en cause l’automatisation."
NANTES = "Quentra ouvre une école de soudage à Nantes. Quatre cents personnes y apprendront le métier."


def squad_rows() -> dict[str, Any]:
    asked = [
        {"id": "s1", "question": "Combien de postes Zyblor supprime-t-elle ?", "answers": [{"text": "120 postes"}]},
        {"id": "s2", "question": "Qui dirige Zyblor ?", "answers": []},
    ]
    other = [{"id": "s3", "question": "Qu’ouvre Quentra à Nantes ?", "answers": [{"text": "une école de soudage"}]}]
    return {
        "data": [
            {"title": "Zyblor", "paragraphs": [{"context": LYON, "qas": asked}]},
            {"title": "Quentra", "paragraphs": [{"context": NANTES, "qas": other}]},
        ]
    }


def write_json(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


def write_lines(path: Path, rows: list[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def beir_folder(folder: Path, **changed: list[Any]) -> Path:
    files: dict[str, list[Any]] = {
        "corpus.jsonl": [
            {"_id": "d1", "title": "Zyblor", "text": "Zyblor Systems cuts 120 jobs in Lyon."},
            {"_id": "d2", "title": "Quentra", "text": "Quentra opens a school for welders in Nantes."},
            {"_id": "d3", "title": "Antwerp", "text": "Harbour workers vote for a new contract."},
        ],
        "queries.jsonl": [{"_id": "q1", "text": "Who cuts jobs in Lyon?"}, {"_id": "q2", "text": "school for welders"}],
        "qrels/test.tsv": ["query-id\tcorpus-id\tscore", "q1\td1\t2", "q1\td3\t0", "q2\td2\t1"],
    }
    for name, rows in (files | {k.replace("__", "/") + suffix(k): v for k, v in changed.items()}).items():
        write_lines(folder / name, rows)
    return folder


def suffix(key: str) -> str:
    return ".tsv" if key.startswith("qrels") else ".jsonl"


def test_squad_is_read(tmp_path: Path) -> None:
    found = load_squad(write_json(tmp_path / "f.json", squad_rows()))
    assert [a.text for a in found.articles] == [LYON, NANTES]
    assert [(q.id, list(q.relevant)) for q in found.questions] == [
        ("s1", [found.articles[0].url]),
        ("s3", [found.articles[1].url]),
    ]
    assert len(found.data["f.json"]) == 64


def test_wrong_squad_names_the_row(tmp_path: Path) -> None:
    path = tmp_path / "f.json"

    def refused(said: str) -> None:
        with pytest.raises(EvaluationError, match=said):
            load_squad(path)

    refused(r"f\.json: No such file.*PIAF from")
    path.write_text("{", encoding="utf-8")
    refused("not JSON")
    path.write_bytes(b'{"data": "\xff"}')
    refused("not UTF-8")
    write_json(path, [])
    refused("not in SQuAD's form")
    write_json(path, {"data": [{"title": "x"}]})
    refused("article 1: 'paragraphs'")
    write_json(path, {"data": [{"paragraphs": [{"qas": []}]}]})
    refused("article 1, paragraph 1: 'context'")
    write_json(path, {"data": [{"paragraphs": [{"context": "c"}]}]})
    refused("paragraph 1: 'qas'")
    write_json(path, {"data": []})
    refused("no question with an answer")
    rows = squad_rows()
    rows["data"][1]["paragraphs"][0]["qas"][0]["id"] = "s1"
    write_json(path, rows)
    refused("article 2, paragraph 1, question 1: the id s1 is there twice")
    rows = squad_rows()
    rows["data"][0]["paragraphs"][0]["qas"][0]["answers"] = [{"text": "999 postes"}]
    write_json(path, rows)
    refused("question 1 .id s1.: the answer '999 postes' does not stand")
    rows["data"][0]["paragraphs"][0]["qas"][0] = {"question": "?"}
    write_json(path, rows)
    refused("question 1: 'id' is missing")
    rows["data"][0]["paragraphs"][0]["qas"][0] = {"id": "s1", "question": " "}
    write_json(path, rows)
    refused("question 1 .id s1.: 'question' is missing or empty")


def test_beir_is_read_with_its_grades(tmp_path: Path) -> None:
    found = load_beir(beir_folder(tmp_path))
    grades = {q.id: {url.rsplit("/", 1)[1]: grade for url, grade in q.relevant.items()} for q in found.questions}
    assert grades == {"q1": {"d1": 2, "d3": 0}, "q2": {"d2": 1}}
    assert set(found.data) == {"corpus.jsonl", "queries.jsonl", "qrels/test.tsv"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"corpus": [{"_id": "d1"}]}, "corpus.jsonl, row 1: 'text' is missing"),
        ({"corpus": [{"_id": "d1", "text": "a"}, {"_id": "d1", "text": "b"}]}, "corpus.jsonl, row 2: the id d1"),
        ({"corpus": [{"_id": "d1", "text": "a", "title": 3}]}, "corpus.jsonl, row 1: 'title'"),
        ({"corpus": ["", ""]}, "corpus.jsonl: holds no rows"),
        ({"corpus": ["{"]}, "corpus.jsonl, row 1: not JSON"),
        ({"queries": ["[]"]}, "queries.jsonl, row 1: not an object"),
        ({"queries": [{"_id": "q1", "text": "a"}] * 2}, "queries.jsonl, row 2: the id q1 is there twice"),
        ({"qrels__test": ["q1\td9\t1"]}, "test.tsv, row 1: judges the unknown document d9"),
        ({"qrels__test": ["query-id\tcorpus-id\tscore", "q9\td1\t1"]}, "row 2: judges the unknown question q9"),
        ({"qrels__test": ["q1\td1"]}, "row 1: 2 columns"),
        ({"qrels__test": ["q1\td1\tyes"]}, "row 1: the score 'yes'"),
        ({"qrels__test": ["q1\td1\t--1"]}, "row 1: the score '--1'"),
        ({"queries": [{"_id": "q1", "text": " "}]}, "queries.jsonl, row 1: the question q1 is empty"),
        (
            {"corpus": [{"_id": "d1", "text": ""}], "qrels__test": ["q1\td1\t1"]},
            "corpus.jsonl: no document has a title or a text",
        ),
        ({"qrels__test": ["q1\td1\t1", "q1\td1\t1"]}, "row 2: document d1 is judged twice"),
        ({"qrels__test": ["q1\td1\t0"]}, "judges no document as relevant"),
    ],
)
def test_wrong_beir_names_the_row(tmp_path: Path, changed: dict[str, list[Any]], said: str) -> None:
    with pytest.raises(EvaluationError, match=said):
        load_beir(beir_folder(tmp_path, **changed))


def test_a_missing_split_says_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="one of: test"):
        load_beir(beir_folder(tmp_path), "dev")
    with pytest.raises(EvaluationError, match="beir-cellar"):
        load_beir(tmp_path / "nowhere")


def test_questions_that_need_an_empty_document_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    corpus = [{"_id": "d1", "text": ""}, {"_id": "d2", "text": "a"}, {"_id": "d3", "text": "b"}]
    with caplog.at_level(logging.WARNING):
        load_beir(beir_folder(tmp_path, corpus=corpus))
    assert (
        "1 documents have neither title nor text and cannot be found; 1 questions are judged to need one" in caplog.text
    )


def pairs() -> list[dict[str, Any]]:
    return [
        {"id": "1", "title": "Zyblor cuts jobs", "title_lang": "en", "fr_short": "Zyblor supprime", "date": "2026-01"},
        {"id": "2", "title": "Une école à Nantes", "title_lang": "fr", "fr_short": "Quentra ouvre une école"},
        {"id": "3", "title": "Whatever", "title_lang": "?", "fr_short": "Peu importe"},
    ]


def test_pairs_ask_both_ways_and_never_for_themselves(tmp_path: Path) -> None:
    found = load_xling(write_lines(tmp_path / "p.jsonl", pairs()))
    texts = {a.url: a for a in found.articles}
    assert len(texts) == 3
    for question in found.questions:
        (url,) = question.relevant
        assert texts[url].language == question.languages[0]
        assert texts[url].text != question.question
    assert [q.slices for q in found.questions] == [
        ("all", "across", "fr-en"),
        ("all", "across", "en-fr"),
        ("all", "fr-fr"),
    ]


@pytest.mark.parametrize(
    ("at", "change", "said"),
    [
        (1, {"id": "1"}, "row 2: the id 1 is there twice"),
        (0, {"title": None}, "row 1: 'title' is missing or no text"),
        (1, {"fr_short": " "}, "row 2: 'title' or 'fr_short' is empty"),
        (0, {"date": "spring"}, "row 1: the date 'spring'"),
    ],
)
def test_wrong_pairs_name_the_row(tmp_path: Path, at: int, change: dict[str, Any], said: str) -> None:
    rows = pairs()
    rows[at] |= change
    with pytest.raises(EvaluationError, match=said):
        load_xling(write_lines(tmp_path / "p.jsonl", rows))


def test_another_version_of_a_public_file_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        load_squad(write_json(tmp_path / "piaf.json", squad_rows()))
    assert "squad piaf.json is another version" in caplog.text
    assert "3 rows" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        load_squad(write_json(tmp_path / "mine.json", squad_rows()))
        load_beir(beir_folder(tmp_path / "mine"))
    assert caplog.text == ""
    load_beir(beir_folder(tmp_path / "scifact"))
    assert "3 documents and 2 questions, BEIR's has 5183 and 300" in caplog.text
    assert BEIR_COUNTS["scifact"] == (5183, 300)


@pytest.mark.shared
def test_the_public_files_are_the_known_versions(shared: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = shared / "data"
    found = load_squad(data / "piaf" / "piaf.json")
    assert (len(found.articles), len(found.questions)) == (1518, KNOWN["squad piaf.json"][1])
    found = load_xling(data / "xling-ai-pairs" / "pairs.jsonl")
    assert (len(found.articles), len(found.questions)) == (842, 842)
    articles = load_articles(data / "multihop-rag")
    assert len(articles) == 609
    assert sum(bool(q.evidence) for q in load_questions(data / "multihop-rag", articles)) == 1111
    assert "another version" not in caplog.text


def test_documents_are_scored_and_found(tmp_path: Path) -> None:
    dataset = load_beir(beir_folder(tmp_path / "data"))
    with library_of(dataset.articles, tmp_path / "library", tell=lambda _: None) as library:
        run = run_documents(library, dataset)
    assert run.slices["all"]["nDCG@10"] == 1.0
    assert run.slices["all"]["recall@100"] == 1.0
    assert run.slices["all"]["mean_tokens"] > 3
    row = next(r for r in run.questions if r["id"] == "q1")
    assert [e["grade"] for e in row["expected"]] == [2]
    assert row["expected"][0]["rank"] == 1
    assert row["ranking"][0]["title"] == "Zyblor"


def test_a_library_of_other_documents_is_refused(tmp_path: Path) -> None:
    said: list[str] = []
    first = load_beir(beir_folder(tmp_path / "data"))
    with library_of(first.articles, tmp_path / "library", tell=said.append):
        pass
    with library_of(first.articles, tmp_path / "library", tell=said.append):
        assert len(said) == 1  # Indexed once.
    other = load_squad(write_json(tmp_path / "f.json", squad_rows()))
    assert other.key != first.key
    with library_of(other.articles, tmp_path / "squad", tell=said.append):
        pass
    with (
        pytest.raises(EvaluationError, match="is not of this data set; choose another folder"),
        library_of(other.articles, tmp_path / "library", tell=said.append),
    ):
        pass
    more = load_beir(
        beir_folder(tmp_path / "more", corpus=[{"_id": f"d{n}", "text": f"Text {n}"} for n in range(1, 9)])
    )
    with (
        pytest.raises(EvaluationError, match="is not of this data set"),
        library_of(more.articles, tmp_path / "squad", tell=said.append),
    ):
        pass
    rows = squad_rows()
    rows["data"][1]["paragraphs"][0]["context"] += " En mars."
    changed = load_squad(write_json(tmp_path / "changed.json", rows))  # The same addresses, another text.
    with (
        pytest.raises(EvaluationError, match="000002 is there with another text"),
        library_of(changed.articles, tmp_path / "squad", tell=said.append),
    ):
        pass
    with vigie.open_library(tmp_path / "squad") as library:  # Refused before anything was added to it.
        assert {a.url for a in library.articles()} == {a.url for a in other.articles}


def test_the_commands_keep_their_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "home"))
    data = write_json(tmp_path / "f.json", squad_rows())
    done = CliRunner().invoke(eval_app, ["squad", "--data", str(data)])
    assert done.exit_code == 0, done.output
    assert "nDCG@10" in done.stdout
    (kept,) = (tmp_path / "home" / "runs").glob("squad-*.json")
    assert [r["id"] for r in read_run(kept).questions] == ["s1", "s3"]
    lines = write_lines(tmp_path / "p.jsonl", pairs())
    done = CliRunner().invoke(eval_app, ["xling", "--data", str(lines), "--out", str(tmp_path / "x.json"), "--json"])
    assert json.loads(done.stdout)["dataset"] == "xling"
    assert set(read_run(tmp_path / "x.json").slices) == {"all", "across", "fr-en", "en-fr", "fr-fr"}
    # What cannot be kept is printed all the same.
    done = CliRunner().invoke(eval_app, ["squad", "--data", str(data), "--out", str(data / "run.json")])
    assert done.exit_code == 1
    assert "nDCG@10" in done.stdout
    assert "check the path" in done.stderr.splitlines()[-1]
    done = CliRunner().invoke(eval_app, ["beir", "--data", str(tmp_path / "none")])
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)


def test_multihop_is_asked_by_the_command_and_its_readings_are_named(tmp_path: Path) -> None:
    fact = "Zyblor Systems cuts 120 jobs in Lyon."
    article = {
        "url": "http://news.example/a",
        "title": "Zyblor",
        "source": "News",
        "published_at": "2024-01-01T00:00:00Z",
    }
    asked = {"query": "Who cuts jobs?", "question_type": "k", "evidence_list": [{"url": article["url"], "fact": fact}]}
    write_json(tmp_path / "corpus.json", [article | {"body": fact}])
    write_json(
        tmp_path / "queries.json", [asked, asked | {"evidence_list": [{"url": "http://x.example/", "fact": fact}]}]
    )
    words = [
        "multihop-rag",
        "--data",
        str(tmp_path),
        "--home",
        str(tmp_path / "home"),
        "--out",
        str(tmp_path / "r.json"),
    ]
    done = CliRunner().invoke(eval_app, words)
    assert done.exit_code == 1
    assert "question 2: its evidence is of an unknown article" in done.stderr.splitlines()[-1]
    assert "Indexing" not in done.stderr  # Told before anything is indexed.
    write_json(tmp_path / "queries.json", [asked])
    done = CliRunner().invoke(eval_app, words)
    assert done.exit_code == 0, done.output
    assert "published evaluator" in done.stderr
    assert read_run(tmp_path / "r.json").slices["all"]["evidence@10"] == 1.0
    assert set(read_run(tmp_path / "r.json").data) == {"corpus.json", "queries.json"}
