"""Real input over real HTTP: the public newsroom with its faults, beside the checkout."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

import vigie

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.is_dir(), reason="needs the public data beside the checkout"),
    pytest.mark.skipif(sys.platform != "linux", reason="its hosts are 127.x addresses"),
]


@dataclass(frozen=True)
class Served:
    port: int

    def get(self, path: str) -> Any:
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            content = answer.read()
        return json.loads(content) if path.endswith(".json") else content


@contextlib.contextmanager
def newsroom(*options: str) -> Iterator[Served]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    corpora = [f"--corpus={SHARED}/data/multihop-rag/corpus.json", f"--corpus={SHARED}/data/news-fr/fiches.jsonl.gz"]
    process = subprocess.Popen(
        [sys.executable, str(SHARED / "newsroom" / "serve.py"), *corpora, "--port", str(port), *options],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield Served(port)
    finally:
        process.kill()
        process.wait()


@pytest.fixture(params=["0", "7"], ids=["plain", "faults"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    with newsroom("--limit", "25", "--faults", request.param) as room:
        yield room


def test_every_article_once_no_lost_one_and_perfect_manners(served: Served, home: Path) -> None:
    home.mkdir()
    (home / "feeds.opml").write_bytes(served.get("/feeds.opml"))
    settings = vigie.Settings(allow_hosts=("127.0.0.0/8",), crawl={"delay": 0.0})
    with vigie.open_library(home, settings) as library:
        library.crawl(home / "feeds.opml")
        truth = served.get("/truth.json")
        urls = [article.url for article in library.articles()]
        assert sorted(urls) == sorted(row["url"] for row in truth["articles"])
        assert not set(urls) & {row["url"] for row in truth["lost"]}
        kept = {a.url: a for a in library.articles()}
        assert all(kept[row["url"]].title == row["title"] for row in truth["articles"])
        before = sum(host["article_bodies"] for host in served.get("/stats.json").values())
        time.sleep(1)
        report = library.crawl()
        stats = served.get("/stats.json").values()
        assert (report.feeds.unchanged, report.feeds.checked, report.feeds.failed) == (len(stats), 0, 0)
        assert sum(host["article_bodies"] for host in stats) == before
        assert [h for h in stats if h["forbidden"] or h["concurrency"] > 1] == []
        assert [h for h in stats if h["crawl_delay_s"] and h["smallest_gap_s"] < h["crawl_delay_s"]] == []
        served.get("/revise?n=10")
        assert library.crawl(recheck=True).articles.updated == 10
        assert library.doctor() == []
