"""``vigie bench crawl --memory``: what a long crawl holds in memory, article by article."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import vigie
from evals.newsroom import WordEmbedder, crawl_settings, serving
from ingest.models import CrawlOutcome

ROOT = Path(vigie.__file__).parent
SOURCES = 200
STEPS = 10
PARAGRAPHS = 12


def bench_memory(
    data: Path, articles: int, tell: Callable[[str], None], paragraphs: int = PARAGRAPHS
) -> dict[str, Any]:
    """Resident megabytes of a process that crawls and indexes so many articles, at ten points of the way, and the most.

    The articles are new ones, of the corpus's paragraphs in another order. Vectors are those of ``WordEmbedder``, of the
    bundled model's size, with the model itself loaded beside them.
    """
    with tempfile.TemporaryDirectory(prefix="vigie-memory") as folder:
        corpus = Path(folder) / "corpus.json"
        _write_corpus(data / "data" / "multihop-rag" / "corpus.json", corpus, articles, paragraphs)
        with serving(data, corpora=(str(corpus),)) as room:
            opml = room.write_feeds(Path(folder) / "library")
            run = subprocess.run(  # noqa: S603 - our own module
                [sys.executable, "-m", "evals.bench_crawl_memory", str(opml.parent), str(opml), str(articles // STEPS)],
                cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True,
            )  # fmt: skip
    tell(run.stdout.strip())
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def _write_corpus(source: Path, target: Path, articles: int, paragraphs: int) -> None:
    rows = json.loads(source.read_text(encoding="utf-8"))
    known = [p for row in rows for p in row["body"].split("\n\n") if 80 < len(p) < 1200]
    rng = random.Random(1)  # noqa: S311 - a corpus
    made = [
        {
            "title": f"Report {n}: {rng.choice(known)[:60]}",
            "body": "\n\n".join(rng.sample(known, paragraphs)),
            "url": f"https://example.org/{n}",
            "source": f"Paper {n % SOURCES}",
            "published_at": "2026-01-01T00:00:00+00:00",
        }
        for n in range(articles)
    ]
    target.write_text(json.dumps(made), encoding="utf-8")


def _resident_mb(field: str) -> int:
    return int(Path("/proc/self/status").read_text(encoding="ascii").split(f"{field}:")[1].split()[0]) * 1024 // 10**6


def _main(home: Path, opml: Path, step: int) -> None:
    """Crawl, noting the memory at every ``step`` articles."""
    vigie.open_embedder().embed_documents(["loaded, and held"])
    marks: dict[str, int] = {}
    seen = 0

    def tell(outcome: CrawlOutcome) -> None:
        nonlocal seen
        seen += outcome.entry
        if outcome.entry and seen % step == 0:
            marks[str(seen)] = _resident_mb("VmRSS")
            sys.stderr.write(f"{seen}: {marks[str(seen)]} MB\n")

    with vigie.open_library(home, crawl_settings(max_entries_per_feed=10**6)) as library:
        held = library.embedder
        library.embedder = WordEmbedder()
        marks["0"] = _resident_mb("VmRSS")
        report = library.crawl(opml, on_event=tell)
        marks["indexed"] = _resident_mb("VmRSS")
        chunks = library.stats().chunks
    assert held is not None
    figures = {"articles": report.articles.new + report.articles.duplicate, "chunks": chunks, "resident_mb": marks}
    sys.stdout.write(json.dumps(figures | {"most_mb": _resident_mb("VmHWM"), "seconds": report.seconds}) + "\n")


if __name__ == "__main__":
    _main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
