"""``vigie bench crawl``: a crawl against the time that embedding alone takes, and against peers on the same pages.

Processor seconds stand beside those of the clock: on a busy machine they alone compare.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import trafilatura

import vigie
from corpus.chunking import chunk_article
from corpus.embedding import TokenEmbedder
from corpus.sample.server import serve_newsroom
from corpus.store import Store
from evals.measures import EvaluationError
from evals.newsroom import Newsroom, crawl_settings, serving
from ingest.crawl import crawl
from ingest.models import CrawlSettings
from ingest.subscriptions import read_opml

ROOT = Path(vigie.__file__).parent
PEERS_PYTHON = ROOT / ".bench" / "crawlers" / "bin" / "python"
Figures = dict[str, Any]
LOOPBACK = CrawlSettings(allow_hosts=("127.0.0.0/8",), delay=0.0)


def bench_crawl(data: Path | None, articles: int = 0, tell: Callable[[str], None] = lambda _: None) -> Figures:
    """The public newsroom below ``data`` (the bundled one when None): crawl and index, embedding alone, fetching alone, peers
    where they are installed, and the main text against the newsroom's own."""
    if data is None:
        return {"bundled newsroom": _bundled()}
    found: Figures = {}
    limit = ["--limit", str(articles)] if articles else []
    with tempfile.TemporaryDirectory(prefix="vigie-bench") as folder:
        tell("crawl and index, then embedding alone")
        with serving(data, *limit) as room:
            found["end to end"] = _end_to_end(Path(folder) / "whole", room.write_feeds(Path(folder)), LOOPBACK)
        tell(str(found["end to end"]))
        tell("without embedding, then peers")
        with serving(data, *limit) as room:
            found["without embedding"] = _fetching(room, Path(folder))
            tell(str(found["without embedding"]))
            found |= _peers(room, Path(folder))
        tell("main text")
        with serving(data, *limit) as room:
            found["main text"] = _main_text(room, data, Path(folder) / "fetched.sqlite")
    return found


@contextmanager
def _timed(into: Figures, name: str) -> Iterator[None]:
    """Seconds of the clock and of this process's processors."""
    clock, processor = time.perf_counter(), time.process_time()
    yield
    into[f"{name}_s"] = round(time.perf_counter() - clock, 2)
    into[f"{name}_cpu_s"] = round(time.process_time() - processor, 2)


def _bundled() -> Figures:
    with tempfile.TemporaryDirectory(prefix="vigie-bench") as folder, serve_newsroom() as newsroom:
        opml = Path(folder) / "feeds.opml"
        opml.write_bytes(newsroom.opml())
        settings = replace(vigie.Settings().crawl, connect_to=newsroom.connect_to, delay=0.0)
        return _end_to_end(Path(folder) / "library", opml, settings)


def _end_to_end(home: Path, opml: Path, settings: CrawlSettings) -> Figures:
    """A crawl with all that follows, and the same chunks embedded with nothing else to do."""
    found: Figures = {}
    with vigie.open_library(home, crawl_settings()) as library:
        embedder = library.embedder
        if not isinstance(embedder, TokenEmbedder):
            raise EvaluationError("measured with the bundled embedder; set embedding.model to 'bundled'")
        embedder.embed_documents_with_tokens(["warm"])
        with _timed(found, "crawl_and_index"):
            library.crawl(opml, settings=settings)
        whole = [article for a in library.articles() if (article := library.article(a.id)) is not None]
        chunks = [
            c for a in whole for c in chunk_article(a, lambda texts: [int(n) for n in embedder.count_tokens(texts)])
        ]
        texts = [f"{c.heading}\n{c.text}" for c in chunks]
        with _timed(found, "embedding_alone"):
            embedder.embed_documents_with_tokens(texts)
    found |= {"articles": len(whole), "chunks": len(chunks)}
    for unit in ("s", "cpu_s"):
        found[f"ratio_{unit}"] = round(found[f"crawl_and_index_{unit}"] / found[f"embedding_alone_{unit}"], 2)
    return found


def _fetching(room: Newsroom, folder: Path) -> Figures:
    """Feeds asked, pages fetched, read, labelled and kept; nothing indexed."""
    found: Figures = {}
    feeds = read_opml(room.get("/feeds.opml"))
    with Store(folder / "fetched.sqlite") as store, _timed(found, "crawl"):
        report = crawl(store, feeds, LOOPBACK, clock=lambda: datetime.now(UTC))
    return found | _speed(found, report.articles.new)


def _speed(found: Figures, articles: int) -> Figures:
    return {
        "articles": articles,
        "articles_a_second": round(articles / found["crawl_s"], 1),
        "cpu_ms_an_article": round(1000 * found["crawl_cpu_s"] / max(articles, 1), 1),
    }


def _peers(room: Newsroom, folder: Path) -> Figures:
    """newspaper4k and news-please, given the addresses of the same pages, each with its own threads."""
    if not PEERS_PYTHON.exists():
        return {"peers": {"missing": "make bench installs them"}}
    urls = folder / "urls.json"
    urls.write_text(json.dumps([row["url"] for row in room.read("/truth.json")["articles"]]), encoding="utf-8")
    found: Figures = {}
    for peer in ("newspaper4k", "news-please"):
        run = subprocess.run(  # noqa: S603 - our own script
            [str(PEERS_PYTHON), "-P", str(ROOT / "evals" / "peers_crawl.py"), peer, str(urls)],
            check=False,
            capture_output=True,
            text=True,
        )
        if run.returncode:
            raise EvaluationError(f"{peer}: {(run.stderr.strip() or 'no message').splitlines()[-1]}")
        figures = json.loads(run.stdout.splitlines()[-1])
        found[peer] = figures | _speed(figures, figures["articles"])
    return found


def _main_text(room: Newsroom, data: Path, path: Path) -> Figures:
    """Token F1 of the text that was kept, and of trafilatura's alone, against the corpus's own text."""
    rows = json.loads((data / "data" / "multihop-rag" / "corpus.json").read_text(encoding="utf-8"))
    own = {row["title"]: row["body"] for row in rows}
    ours, theirs = [], []
    pages = {row["url"]: row["title"] for row in room.read("/truth.json")["articles"]}
    with Store(path) as store:
        kept = {a.url.partition("://")[2].partition("/")[2]: a.text for a in store.find(with_text=True)}
    for url, title in pages.items():
        body = own.get(title, "")
        if not body:
            continue
        ours.append(token_f1(kept.get(url.partition("://")[2].partition("/")[2], ""), body))
        with urlopen(url, timeout=60) as answer:  # noqa: S310 - the newsroom's own address
            theirs.append(token_f1(trafilatura.extract(answer.read(), include_comments=False) or "", body))
    return {"pages": len(ours), "Vigie": _spread(ours), "trafilatura alone": _spread(theirs)}


def token_f1(found: str, expected: str) -> float:
    """2 |A and B| / (|A| + |B|) over the multisets of lower-case words."""
    a, b = (Counter(re.findall(r"\w+", text.lower())) for text in (found, expected))
    total = sum(a.values()) + sum(b.values())
    return 2 * sum((a & b).values()) / total if total else 1.0


def _spread(values: list[float]) -> Figures:
    """The median, and the best of the worst tenth."""
    return {
        "median": round(statistics.median(values), 4),
        "worst_tenth": round(sorted(values)[max(0, len(values) // 10 - 1)], 4),
        "least": round(min(values), 4),
    }
