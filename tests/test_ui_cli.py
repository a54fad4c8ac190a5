from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import vigie
from corpus.models import Article
from corpus.sample.pages import articles

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def demo(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment whose default library is of this module alone."""
    own = tmp_path_factory.mktemp("homes") / "own"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("VIGIE_")}
    return environment | {"VIGIE_DEMO_HOME": str(sample), "VIGIE_HOME": str(own), "COLUMNS": "120"}


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ui", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_sample_answers_on_the_command_line(demo: dict[str, str]) -> None:
    done = run(demo, "ask", "--demo", "Combien de postes Amazon supprime-t-il ?")
    assert done.returncode == 0, done.stderr
    plain = done.stdout.replace("\u202f", " ")
    assert all(figure in plain for figure in ("14 000", "16 000", "30 000", "28 octobre 2025", "28 janvier 2026"))
    assert "27 octobre 2025" in plain  # The 30,000 as first reported, beside the total of January.
    assert "Bibliothèque d'exemple, écrite pour Vigie" in done.stderr
    assert "Sample library" not in done.stderr
    assert "Sample library" in run(demo, "ask", "--demo", "How many jobs is Amazon cutting?").stderr
    number = next(line.split()[2] for line in done.stdout.splitlines() if "vigie articles" in line)
    opened = run(demo, "articles", "--demo", number)
    assert opened.returncode == 0
    assert "Amazon" in opened.stdout


def test_json_is_alone_on_standard_output(demo: dict[str, str]) -> None:
    answer = json.loads(run(demo, "ask", "--demo", "--json", "How many jobs is Amazon cutting?").stdout)
    assert answer["answered"]
    assert {
        "text",
        "question",
        "language",
        "sentences",
        "citations",
        "nearest",
        "as_of",
        "filters",
        "timings_ms",
    } <= set(answer)
    found = json.loads(run(demo, "--json", "--demo", "search", "robots", "--top", "3").stdout)
    assert {"question", "filters", "results", "timings_ms"} <= set(found)
    assert len(found["results"]) == 3
    listed = json.loads(run(demo, "articles", "--demo", "--json", "--topic", "skills", "--limit", "2").stdout)
    assert len(listed["articles"]) == 2
    assert "text" not in listed["articles"][0]
    assert json.loads(run(demo, "stats", "--demo", "--json").stdout)["articles"] == len(articles())
    assert json.loads(run(demo, "doctor", "--demo", "--json").stdout) == {"problems": []}


def test_exit_codes(demo: dict[str, str]) -> None:
    assert run(demo, "ask", "--demo", "Quelle est la capitale du Pérou ?").returncode == 3
    assert run(demo, "ask", "--demo", "--best-guess", "Quelle est la capitale du Pérou ?").returncode in (0, 3)
    for wrong in (
        ["ask", "--nope", "x"],
        ["nope"],
        ["ask", "--demo", "x", "--since", "bof"],
        ["ask", "--demo", "x", "--topic", "sport"],
        ["ask", "--demo", "x", "--language", "de"],
        ["ask", "--demo", "x", "--source", "Nowhere Times"],
        ["ask", "--demo", "x", "--since", "2026-02-01", "--until", "2026-01-01"],
        ["ask", "--demo", "x", "--engine", "foo"],
        ["ask", "--demo", " "],
    ):
        done = run(demo, *wrong)
        assert done.returncode == 2, wrong
        assert (
            len([line for line in done.stderr.splitlines() if line.strip() and not line.startswith("Sample library")])
            == 1
        ), done.stderr
        assert "--help" in done.stderr


@pytest.mark.parametrize("form", ["md", "html", "rss", "json"])
def test_digests(demo: dict[str, str], tmp_path: Path, form: str) -> None:
    target = tmp_path / f"digest.{form}"
    done = run(demo, "digest", "--demo", "--since", "400d", "--format", form, "--out", str(target))
    assert done.returncode == 0, done.stderr
    content = target.read_text(encoding="utf-8")
    assert "Amazon" in content
    assert "<script" not in content


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


def test_what_a_user_does_wrong_ends_in_one_line(demo: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "vigie.toml").write_text("[crawl\n", encoding="utf-8")
    assert "TOML" in one_line(run(demo, "--home", str(tmp_path), "stats"))
    (tmp_path / "vigie.toml").write_text("[crawl]\nspeed = 3\n", encoding="utf-8")
    assert "unknown key 'crawl.speed'" in one_line(run(demo, "--home", str(tmp_path), "stats"))
    assert "no article" in one_line(run(demo, "articles", "--demo", "nope"))
    missing = tmp_path / "absent.opml"
    assert "absent.opml" in one_line(run(demo, "--home", str(tmp_path / "a"), "feeds", "import", str(missing)))
    missing.write_text("<html/>", encoding="utf-8")
    assert "OPML" in one_line(run(demo, "--home", str(tmp_path / "a"), "feeds", "import", str(missing)))
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    assert "choose another --home" in one_line(run(demo, "--home", str(blocked / "library"), "stats"))
    assert "ollama serve" in one_line(
        run(
            demo | {"VIGIE_EMBEDDING__MODEL": "ollama:x", "VIGIE_EMBEDDING__OLLAMA_URL": "http://127.0.0.1:9"},
            "--home",
            str(tmp_path / "b"),
            "search",
            "x",
        )
    )
    assert "VIGIE_CHAT__USER" in one_line(run(demo, "chat", "--demo", "--host", "0.0.0.0"))


def test_the_sample_may_be_named_before_the_commands_of_feeds(demo: dict[str, str]) -> None:
    before, after = (run(demo, *words) for words in (("feeds", "--demo", "list"), ("feeds", "list", "--demo")))
    assert before.returncode == 0, before.stderr
    assert before.stdout == after.stdout
    assert "Tribune Mod" in before.stdout


def test_subscriptions(demo: dict[str, str], tmp_path: Path) -> None:
    home = str(tmp_path / "library")
    assert run(demo, "--home", home, "feeds", "add", "https://a.example/feed", "--title", "A").returncode == 0
    listed = json.loads(run(demo, "--home", home, "feeds", "list", "--json").stdout)
    assert [f["url"] for f in listed["feeds"]] == ["https://a.example/feed"]
    exported = tmp_path / "out.opml"
    assert run(demo, "--home", home, "feeds", "export", str(exported)).returncode == 0
    assert run(demo, "--home", home, "feeds", "import", str(exported)).returncode == 0
    assert run(demo, "--home", home, "feeds", "remove", "https://a.example/feed").returncode == 0
    assert run(demo, "--home", home, "feeds", "remove", "https://a.example/feed").returncode == 1
    assert run(demo, "--home", home, "feeds", "add", "nonsense").returncode == 2


def test_a_crawl_of_feeds_that_fail_says_so_and_loses_nothing(demo: dict[str, str], tmp_path: Path) -> None:
    opml = tmp_path / "feeds.opml"
    opml.write_text(
        '<opml version="2.0"><body><outline xmlUrl="http://127.0.0.1:9/feed"/><outline xmlUrl="http://no-such-host.invalid/feed"/></body></opml>',
        encoding="utf-8",
    )
    done = run(demo | {"VIGIE_CRAWL__RETRIES": "0"}, "--home", str(tmp_path / "a"), "crawl", "--feeds", str(opml))
    assert done.returncode == 1
    assert "private address" in done.stderr
    assert "no address" in done.stderr
    assert "no feed answered" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_was_cited_and_has_changed_since_is_found(demo: dict[str, str], tmp_path: Path) -> None:
    home = tmp_path / "a"
    published = datetime(2026, 1, 5, tzinfo=UTC)
    text = "Le groupe Zébulon supprime 120 postes à Nantes.\n\nLa direction a reçu les syndicats."
    first = Article("https://a.example/1", "Zébulon supprime des postes", text, "Journal", published, "fr")
    with vigie.open_library(home) as library:
        library.add([first])
    asked = run(demo, "--home", str(home), "ask", "Combien de postes Zébulon supprime-t-il ?")
    assert "120" in asked.stdout
    assert run(demo, "--home", str(home), "citations").stdout == ""
    with vigie.open_library(home) as library:
        library.add([replace(first, text=text.replace("reçu", "rencontré"))])
    assert json.loads(run(demo, "--home", str(home), "citations", "--json").stdout)["citations"] == []
    assert "elsewhere" in run(demo, "--home", str(home), "citations", "--all").stdout
    with vigie.open_library(home) as library:
        library.add([replace(first, text=text.replace("120", "210"))])
    (found,) = json.loads(run(demo, "--home", str(home), "citations", "--json").stdout)["citations"]
    assert (found["cited"], found["current"], found["changed"]) == (1, 3, True)
    assert "Combien de postes Zébulon" in found["place"]
    assert "vigie citations" in run(demo, "--home", str(home), "doctor").stdout
    shown = run(demo, "--home", str(home), "articles", first.url, "--revisions").stdout.splitlines()
    assert "- Le groupe Zébulon supprime 120 postes à Nantes." in shown
    assert "+ Le groupe Zébulon supprime 210 postes à Nantes." in shown
