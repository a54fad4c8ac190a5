"""What goes wrong around a crawl: disks, clocks, other processes, addresses of the wrong thing. One clear line, an intact library."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import vigie
from corpus.lock import WriterLock
from corpus.models import Article
from evals.newsroom import WordEmbedder
from ingest.assemble import disarmed
from ingest.models import Feed
from tests.fake_site import Site
from ui.cli import app

ROOT = Path(__file__).resolve().parents[1]
PROSE = "".join(
    f"<p>Paragraphe {i} : le groupe Zébulon supprime {i + 10} postes à Nantes et à Lyon.</p>" for i in range(9)
)


def page(number: int) -> bytes:
    # Each with words of its own: near copies would be grouped.
    own = " ".join(f"mot{number}x{i}" for i in range(150))
    return f"<html lang=fr><title>Titre {number}</title><article><h1>Titre {number}</h1>{PROSE}<p>{own}</p></article></html>".encode()


def feed(site: Site, count: int, *, title: str = "Fil") -> str:
    items = "".join(f"<item><title>Titre {i}</title><link>/{i}</link></item>" for i in range(count))
    made = f"<rss version='2.0'><channel><title>{title}</title><link>{site.base}/</link>{items}</channel></rss>"
    site.answers["/feed"] = (200, {"ETag": '"1"'}, made.encode())
    for i in range(count):
        site.answers[f"/{i}"] = (200, {}, page(i))
    return f"{site.base}/feed"


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("VIGIE_")}
    loopback = {"VIGIE_ALLOW_HOSTS": "127.0.0.0/8", "VIGIE_CRAWL__DELAY": "0", "VIGIE_CRAWL__RETRIES": "0"}
    return kept | loopback | more


def run(home: Path, *words: str, file_limit: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
    """``vigie`` in a process of its own; ``file_limit`` bytes are the most that any of its files may hold."""

    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))

    return subprocess.run(
        [sys.executable, "-m", "ui", "--home", str(home), *words],
        cwd=ROOT, env=environment(**more), capture_output=True, text=True, encoding="utf-8", check=False,
        preexec_fn=limit if file_limit else None,
    )  # fmt: skip


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


def opened(home: Path, **crawl: object) -> vigie.Library:
    settings = vigie.Settings(allow_hosts=("127.0.0.0/8",), crawl={"delay": 0.0, "retries": 0, **crawl})
    library = vigie.open_library(home, settings)
    library.embedder = WordEmbedder()
    return library


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
@pytest.mark.parametrize(
    "limit", [400_000, *(pytest.param(n, marks=pytest.mark.slow) for n in (150_000, 250_000, 900_000))]
)
def test_a_disk_that_is_full_in_mid_run_is_one_line_and_the_next_crawl_makes_it_good(
    site: Site, home: Path, tmp_path: Path, limit: int
) -> None:
    """A file that may not grow is what a full disk is to whoever writes it."""
    url = feed(site, 40)
    opml = tmp_path / "feeds.opml"
    opml.write_text(f'<opml version="2.0"><body><outline xmlUrl="{url}"/></body></opml>', encoding="utf-8")
    assert "free some space" in one_line(run(home, "crawl", "--feeds", str(opml), file_limit=limit))
    with vigie.open_library(home, vigie.Settings(allow_hosts=("127.0.0.0/8",), crawl={"delay": 0.0})) as library:
        library.crawl(opml)
        assert sorted(a.title for a in library.articles()) == sorted(f"Titre {i}" for i in range(40))
        assert library.doctor() == []


def test_two_crawls_at_once_are_told_apart(site: Site, home: Path) -> None:
    url = feed(site, 3)
    with opened(home) as library:
        library.subscribe(vigie_feed(url))
        with WriterLock(home, purpose="crawl"):
            line = one_line(run(home, "crawl"))
        assert "vigie crawl (process" in line
        assert "wait until it has finished" in line
        assert site.count("/feed") == 0
        assert library.crawl().articles.new == 3
        assert library.doctor() == []


def test_a_clock_that_runs_backwards_in_mid_crawl_loses_nothing(site: Site, home: Path) -> None:
    url, start = feed(site, 12), datetime(2026, 2, 1, tzinfo=UTC)
    ticks = iter(range(10**6))
    with opened(home) as library:
        library._clock = lambda: start - timedelta(days=next(ticks))
        library.subscribe(vigie_feed(url))
        assert library.crawl().articles.new == 12
        assert library.crawl().articles.new == 0
        assert library.crawl(due_only=True).feeds.failed == 0
        assert len(library.articles()) == 12
        assert library.doctor() == []


@pytest.mark.parametrize(
    ("content", "kind", "what"),
    [
        (b"%PDF-1.7\n" + bytes(500), "application/pdf", "a PDF, not a feed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "image/png", "an image, not a feed"),
        (b"<!doctype html><html><body><p>Accueil</p></body></html>", "text/html", "a web page, not a feed"),
        (b"<rss><channel>" + b"<a>" * 40_000, "text/xml", "no feed has"),
    ],
)
def test_a_subscription_to_the_wrong_thing_is_told_in_one_line(
    site: Site, home: Path, content: bytes, kind: str, what: str
) -> None:
    site.answers["/wrong"] = (200, {"Content-Type": kind}, content)
    good = feed(site, 2)
    with opened(home) as library:
        for address in (f"{site.base}/wrong", good):
            library.subscribe(vigie_feed(address))
        report = library.crawl()
        (problem,) = report.problems
        assert what in problem
        assert f"{site.base}/wrong" in problem
        assert len(problem.splitlines()) == 1
        assert (report.feeds.failed, report.articles.new) == (1, 2)
        assert [f.error for f in library.feeds() if f.url != good] == [problem]
        (line,) = library.doctor()
        assert what in line


def test_a_private_host_is_refused_in_one_line(site: Site, home: Path) -> None:
    done = run(home, "feeds", "add", feed(site, 1), VIGIE_ALLOW_HOSTS="")
    assert "private address" in one_line(done)
    assert site.asked == []


def test_a_feed_of_200_mb_and_one_of_a_million_entries_leave_the_library_whole(site: Site, home: Path) -> None:
    good = feed(site, 2)
    head, tail = b"<rss version='2.0'><channel><title>x</title>", b"</channel></rss>"
    site.answers["/large"] = (200, {}, head + b"<item><title>" + b"x" * 200_000_000)
    site.answers["/many"] = (200, {}, head + b"<item><link>/a</link></item>" * 500_000 + tail)
    with opened(home, max_entries_per_feed=5) as library:
        for address in (f"{site.base}/large", f"{site.base}/many", good):
            library.subscribe(vigie_feed(address))
        report = library.crawl()
        assert report.problems == (f"{site.base}/large: larger than 16384 KiB, the most that is read",)
        assert report.articles.skipped["beyond the first 5 entries of a feed"] == 499_995
        assert report.articles.new == 2
        (line,) = library.doctor()
        assert "larger than" in line


def test_an_opml_that_is_none_is_one_line(home: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "feeds.opml"
    wrong.write_bytes(b"\xff\xfe\x00<opml><body><outline")
    assert "OPML" in one_line(run(home, "crawl", "--feeds", str(wrong)))


ESCAPES = "\x1b]0;owned\x07\x1b[31mred\x9b2J\x85\x7f\u202egnol\u2066"


def test_what_a_terminal_obeys_never_reaches_it(
    site: Site, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entity = "".join(c if c > "\x1f" else "" for c in ESCAPES)
    url = feed(site, 1, title=f"Fil {entity}")
    site.answers["/0"] = (200, {}, page(0).replace(b"Titre 0", f"Titre {ESCAPES}".encode()))
    site.answers["/bad"] = (200, {"Content-Type": f"image/{entity}"}, b"")
    with opened(home) as library:
        library.subscribe(vigie_feed(url))
        assert library.crawl().articles.new == 1
        # By the API anything can come in: it is shown all the same.
        library.add(
            [
                Article(
                    "https://a.example/1",
                    f"T {ESCAPES}",
                    f"Texte {ESCAPES} des compétences",
                    f"S {ESCAPES}",
                    None,
                    "fr",
                )
            ]
        )
        ids = [a.id for a in library.articles()]
    words = [("articles",), ("feeds", "list"), ("articles", ids[0]), ("articles", ids[1], "--revisions"), ("stats",)]
    words += [("--json", "articles"), ("digest",), ("articles", f"none{ESCAPES}")]
    monkeypatch.setattr(vigie, "open_embedder", lambda settings=None: WordEmbedder())
    for command in words:
        with contextlib.suppress(SystemExit):
            app(["--home", str(home), *command], standalone_mode=False)
        shown = "".join(capsys.readouterr())
        assert "gnol" in shown or command[0] in ("stats", "feeds", "digest"), (command, shown)
        assert not [c for c in shown if c in ESCAPES and not c.isalnum() and c not in "[];"], (command, shown)


def test_what_is_stored_of_a_feed_has_nothing_that_a_terminal_obeys() -> None:
    assert disarmed(ESCAPES) == "]0;owned[31mred2J\x85gnol"


def test_a_variable_that_nothing_reads_is_warned_of_with_the_nearest_name(home: Path) -> None:
    done = run(home, "stats", VIGIE_CRAWL_DELAY="3", VIGIE_HOMME="x", VIGIE_TEST_KILLS="1")
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    assert len(lines) == 2, lines
    assert "VIGIE_CRAWL_DELAY is read by nothing; the nearest name is VIGIE_CRAWL__DELAY" in lines[0]
    assert "VIGIE_HOMME is read by nothing; the nearest name is VIGIE_HOME" in lines[1]
    assert run(home, "stats").stderr == ""


def vigie_feed(url: str) -> Feed:

    return Feed(url)
