"""The whole way: feeds over HTTP, articles in the store, vectors in Chroma, a cited answer."""

from __future__ import annotations

import contextlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import vigie
from corpus.errors import EmbedderMismatch, LibraryBusy
from corpus.lock import WriterLock
from corpus.manifest import Manifest
from corpus.models import Article
from corpus.sample.pages import articles
from corpus.sample.server import Newsroom, serve_newsroom
from ingest.models import CrawlReport

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    with serve_newsroom() as served:
        yield served


def crawl(library: vigie.Library, newsroom: Newsroom, home: Path, **options: bool) -> CrawlReport:
    opml = home / "feeds.opml"
    opml.write_bytes(newsroom.opml())
    settings = replace(library.crawl_settings, connect_to=newsroom.connect_to, delay=0.0)
    return library.crawl(opml, settings=settings, **options)


def state_of(library: vigie.Library) -> list[tuple[object, ...]]:
    found = []
    for article in library.articles():
        whole = library.article(article.id)
        assert whole is not None
        found.append(
            (
                whole.url,
                whole.title,
                whole.text,
                whole.source,
                whole.published,
                whole.language,
                whole.group,
                whole.revision,
                dict(whole.topics),
            )
        )
    return sorted(found, key=str)


@pytest.fixture(scope="module")
def crawled(
    newsroom: Newsroom, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[vigie.Library, CrawlReport]]:
    home = tmp_path_factory.mktemp("crawled")
    with vigie.open_library(home) as library:
        yield library, crawl(library, newsroom, home)


def test_every_article_is_there_once(crawled: tuple[vigie.Library, CrawlReport]) -> None:
    library, report = crawled
    wanted = {f"http://{a.publisher}.example{a.path}" for a in articles()}
    assert {a.url for a in library.articles()} == wanted
    assert (report.feeds.checked, report.feeds.failed) == (12, 0)
    assert report.articles.new + report.articles.duplicate == len(wanted)
    stats = library.stats()
    assert all(stage.behind == 0 for stage in stats.stages)
    assert stats.chunks >= len(wanted)
    assert library.doctor() == []


def test_copies_count_once(crawled: tuple[vigie.Library, CrawlReport]) -> None:
    library, report = crawled
    groups = [a.group for a in library.articles() if a.group]
    assert report.articles.duplicate == 3
    assert len(groups) == 2 * len(set(groups)) == 6


def test_an_answer_in_french_and_in_english(crawled: tuple[vigie.Library, CrawlReport]) -> None:
    library, _ = crawled
    for question, forms in (
        ("Combien de postes Amazon supprime-t-il ?", "fr"),
        ("How many jobs is Amazon cutting?", "en"),
    ):
        answer = library.ask(question)
        assert answer.answered
        assert answer.language == forms
        digits = "".join(c for c in answer.text if c.isdigit() or c.isalpha())
        assert all(figure in digits for figure in ("14000", "16000", "30000"))
        assert all(s.citations and s.status == "supported" for s in answer.sentences)
        for citation in answer.citations:
            article = library.article(citation.passage.article_id)
            assert article is not None
            assert article.text[citation.start : citation.end] == citation.quote


def test_what_nothing_supports_is_declined(crawled: tuple[vigie.Library, CrawlReport]) -> None:
    library, _ = crawled
    answer = library.ask("Quelle est la capitale du Pérou ?")
    assert (answer.answered, answer.citations) == (False, ())
    assert answer.nearest
    assert library.ask("Combien de postes Amazon supprime-t-il ?", topics=["skills"], since=NOW).nearest == ()


def test_a_second_crawl_changes_nothing(crawled: tuple[vigie.Library, CrawlReport], newsroom: Newsroom) -> None:
    library, _ = crawled
    before = library._store.sequence()
    report = crawl(library, newsroom, library.home)
    assert (report.feeds.unchanged, report.articles.new, report.articles.updated) == (12, 0, 0)
    assert library._store.sequence() == before


def test_as_of_answers_from_what_was_known(crawled: tuple[vigie.Library, CrawlReport]) -> None:
    library, _ = crawled
    answer = library.ask("Combien de postes Amazon supprime-t-il ?", as_of=datetime(2025, 10, 28, 6, tzinfo=UTC))
    assert answer.answered
    assert all(
        c.passage.published < datetime(2025, 10, 28, 6, tzinfo=UTC) for c in answer.citations if c.passage.published
    )


def test_an_open_reader_sees_what_another_process_adds(home: Path) -> None:
    with vigie.open_library(home) as reader:
        reader.add(
            [_article("https://a.example/1", "Premier", "Une première entreprise recrute des ingénieurs à Lyon.")]
        )
        assert reader.search("ingénieurs")[0].title == "Premier"
        code = (
            "import sys, vigie; from corpus.models import Article\n"
            "with vigie.open_library(sys.argv[1]) as library:\n"
            "    library.add([Article('https://a.example/2', 'Zébulon', 'Zébulon supprime douze postes à Brest.', 'S', None, 'fr')])"
        )
        subprocess.run([sys.executable, "-c", code, str(home)], check=True, cwd=ROOT)
        assert reader.search("Zébulon Brest")[0].title == "Zébulon"


def test_a_correction_is_a_revision_and_old_text_is_found_as_of_then(home: Path) -> None:
    moments = iter([datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 9, tzinfo=UTC)])
    library = vigie.Library(home, vigie.Settings(), clock=lambda: moments_now[0])
    moments_now = [next(moments)]
    published = datetime(2026, 1, 1, tzinfo=UTC)
    with library:
        library.add(
            [
                replace(
                    _article("https://a.example/1", "Usine", "L’usine supprime 120 postes à Nantes."),
                    published=published,
                )
            ]
        )
        moments_now[0] = next(moments)
        library.add(
            [
                replace(
                    _article("https://a.example/1", "Usine", "L’usine supprime 210 postes à Nantes."),
                    published=published,
                )
            ]
        )
        assert "210" in library.search("usine Nantes")[0].text
        then = library.search("usine Nantes", as_of=datetime(2026, 1, 5, tzinfo=UTC))
        assert ["120" in p.text for p in then] == [True]


def test_two_writers_and_two_embedders_are_told_apart(home: Path) -> None:
    with vigie.open_library(home) as library:
        library.add([_article("https://a.example/1", "T", "Un texte sur les compétences.")])
        with WriterLock(home, purpose="crawl"), pytest.raises(LibraryBusy, match="vigie crawl"):
            library.add([])
        library._store.set_meta("embedder", "ollama:bge-m3 (1024)")
        with pytest.raises(EmbedderMismatch, match="vigie reindex"):
            library.add([])
    with vigie.open_library(home) as library:
        with pytest.raises(vigie.VigieError, match="vigie reindex"):
            library.search("compétences")
        library.reindex()
    with vigie.open_library(home) as library:
        assert library.search("compétences")


def test_a_crawl_cut_off_before_copies_are_grouped_is_made_good(
    newsroom: Newsroom, home: Path, crawled: tuple[vigie.Library, CrawlReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir()
    with vigie.open_library(home) as library:
        with monkeypatch.context() as cut:
            cut.setattr("ingest.crawl._Run.group_copies", lambda run: None)
            crawl(library, newsroom, home)
        assert not any(article.group for article in library.articles())
        crawl(library, newsroom, home)
        assert state_of(library) == state_of(crawled[0])


def progress(home: Path) -> int:
    """Articles that a crawl has stored, and those that it has indexed."""
    stored = 0
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"{(home / 'vigie.sqlite').as_uri()}?mode=ro", uri=True)) as store,
    ):
        (stored,) = store.execute("SELECT count(*) FROM articles").fetchone()
    return int(stored) + Manifest.read(home / "index").articles


@pytest.mark.parametrize("seed", range(int(os.environ.get("VIGIE_TEST_KILLS", "3"))))
def test_a_killed_crawl_is_made_good_by_the_next(
    seed: int, newsroom: Newsroom, home: Path, crawled: tuple[vigie.Library, CrawlReport]
) -> None:
    home.mkdir()
    (home / "feeds.opml").write_bytes(newsroom.opml())
    environment = os.environ | {"VIGIE_CRAWL__DELAY": "0", "VIGIE_CRAWL__CONNECT_TO": json.dumps(newsroom.connect_to)}
    command = [sys.executable, "-m", "ui", "--home", str(home), "crawl", "--feeds", str(home / "feeds.opml")]
    started = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # By what it has done and not by the clock: on a busy machine too the kill falls within the crawl.
    moments = random.Random(seed)
    target = moments.uniform(0, 2 * len(articles()))
    while progress(home) < target and started.poll() is None:
        time.sleep(0.02)
    time.sleep(moments.uniform(0, 0.2))
    started.kill()
    started.wait()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    with vigie.open_library(home) as library:
        assert state_of(library) == state_of(crawled[0])
        assert library.doctor() == []
        assert library.stats().chunks == crawled[0].stats().chunks


def _article(url: str, title: str, text: str) -> Article:
    return Article(url, title, text, "Source", datetime(2026, 1, 1, tzinfo=UTC), "fr")


def test_a_reindex_scores_topics_anew_but_for_articles_of_no_feed(home: Path) -> None:
    text = "Zébulon supprime 120 postes à Lyon. Le groupe licencie aussi 40 personnes à Nantes, a-t-il annoncé."
    old = {"skills": 0.9}
    given = Article("https://a.example/1", "Zébulon supprime 120 postes", text, "S", None, "fr", topics=old)
    crawled = replace(given, url="https://a.example/2", feed_url="https://a.example/feed")
    with vigie.open_library(home) as library:
        library.add([given, crawled])
        assert [dict(library.article(a.id).topics) for a in (given, crawled)] == [old, old]  # type: ignore[union-attr]
        library.reindex()
        kept, anew = (library.article(a.id) for a in (given, crawled))
        assert kept is not None
        assert anew is not None
        assert dict(kept.topics) == old
        assert anew.topics["layoffs"] > 0.5
        assert "skills" not in anew.topics
        assert anew.revision == 1
        assert not any(stage.behind for stage in library.stats().stages)
        assert [p.article_id for p in library.search("Zébulon", topics=["layoffs"])] == [crawled.id]
