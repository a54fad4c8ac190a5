"""What a crawl may never do: lose or double an article, forget manners, miss a correction, be undone by a kill.

Measured on the public newsroom, with a stand-in for the embedder (``WordEmbedder``): every store is written, only faster.
"""

from __future__ import annotations

import hashlib
import html
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import vigie
from corpus.indexer import open_indexer
from evals.newsroom import Newsroom, WordEmbedder, crawl_settings, serving
from ingest.models import CrawlOutcome

ROOT = Path(vigie.__file__).parent
REVISED = 50
Figures = dict[str, Any]


def open_measured(home: Path) -> vigie.Library:
    """A library with the fast embedder, allowed to crawl loopback."""
    library = vigie.open_library(home, crawl_settings())
    library.embedder = WordEmbedder()
    return library


def measure_faults(data: Path, home: Path, seed: int, *options: str) -> Figures:
    """One newsroom with faults: a crawl, a second one, ``REVISED`` corrections and a recheck."""
    with serving(data, "--faults", str(seed), *options) as room, open_measured(home) as library:
        return {"seed": seed, **_complete(room, library, room.write_feeds(home)), **_again(room, library)}


def _complete(room: Newsroom, library: vigie.Library, opml: Path) -> Figures:
    told: dict[str, CrawlOutcome] = {}

    def tell(outcome: CrawlOutcome) -> None:
        if outcome.entry:
            told[outcome.url] = outcome

    library.crawl(opml, on_event=tell)
    truth, kept = room.read("/truth.json"), Counter(a.url for a in library.articles())
    titles = {a.url: _plain(a.title) for a in library.articles()}
    wanted, lost = {row["url"]: row["title"] for row in truth["articles"]}, {row["url"] for row in truth["lost"]}
    reported = {url for url in lost if url in told and told[url].kind in ("failed", "skipped") and told[url].reason}
    return {
        "articles": len(wanted),
        "exactly_once": sum(kept[url] == 1 and titles[url] == _plain(title) for url, title in wanted.items()),
        "strange": len(set(kept) - set(wanted)),
        "lost": len(lost),
        "lost_absent": len(lost - set(kept)),
        "lost_reported": len(reported),
        **_manners(room),
    }


def _plain(title: str) -> str:
    """Some of the corpus's titles are escaped twice, or end in white space; Vigie's are plain."""
    return " ".join(html.unescape(html.unescape(title)).split())


def _manners(room: Newsroom) -> Figures:
    """Requests that robots.txt forbids, hosts asked twice at once, hosts asked before their crawl-delay was over."""
    hosts = list(room.read("/stats.json").values())
    return {
        "forbidden": sum(h["forbidden"] for h in hosts),
        "concurrent_hosts": sum(h["concurrency"] > 1 for h in hosts),
        "gaps_under_delay": sum(
            h["crawl_delay_s"] > 0 and h["smallest_gap_s"] is not None and h["smallest_gap_s"] < h["crawl_delay_s"]
            for h in hosts
        ),
    }


def _again(room: Newsroom, library: vigie.Library) -> Figures:
    bodies = _bodies(room)
    time.sleep(1.1)
    report = library.crawl()
    feeds = report.feeds
    again = _bodies(room) - bodies
    time.sleep(1.1)
    revised = set(room.read(f"/revise?n={REVISED}"))
    library.crawl(recheck=True)
    found = {a.url for a in library.articles() if a.revision == 2}
    texts = [library.article(url) for url in found]
    return {
        "second_crawl_bodies": again,
        "feeds": feeds.checked + feeds.unchanged + feeds.failed,
        "feeds_304": feeds.unchanged,
        "revised": len(revised),
        "corrections_found": len(found & revised),
        "corrections_invented": len(found - revised),
        "corrections_read": sum("Correction: the figures" in a.text for a in texts if a),
        "doctor": library.doctor(),
        **{f"{name}_in_the_end": number for name, number in _manners(room).items()},
    }


def _bodies(room: Newsroom) -> int:
    return sum(h["article_bodies"] for h in room.read("/stats.json").values())


_ONE_EACH = (
    ("exactly_once", "articles"),
    ("lost_absent", "lost"),
    ("lost_reported", "lost"),
    ("feeds_304", "feeds"),
    ("corrections_found", "revised"),
    ("corrections_read", "revised"),
)
_MANNERS = ("forbidden", "concurrent_hosts", "gaps_under_delay")
_NONE = (
    *("strange", "second_crawl_bodies", "corrections_invented"),
    *_MANNERS,
    *(f"{name}_in_the_end" for name in _MANNERS),
)


def faultless(figures: Figures) -> bool:
    """Whether one newsroom's figures are what they have to be."""
    whole = all(figures[found] == figures[wanted] for found, wanted in _ONE_EACH)
    return whole and not any(figures[name] for name in _NONE) and figures["doctor"] == []


def measure_kills(
    data: Path,
    folder: Path,
    kills: int,
    *,
    limit: int = 60,
    seed: int = 1,
    tell: Callable[[str], None] = lambda _: None,
) -> Figures:
    """``kills`` crawls killed (SIGKILL) at a random moment, each followed by a whole one; how many then differ from a crawl
    that was left alone, and where the kills fell."""
    rng = random.Random(seed)  # noqa: S311 - moments
    differing: list[str] = []
    reached: Counter[str] = Counter()
    with serving(data, "--limit", str(limit)) as room:
        whole = folder / "whole"
        opml = room.write_feeds(whole)
        took = _crawl_process(whole, opml, None)
        expected = library_state(whole)
        for number in range(kills):
            home = folder / f"killed-{number}"
            moment = rng.uniform(0.0, took)
            opml = room.write_feeds(home)
            _crawl_process(home, opml, moment)
            reached[_reached(home)] += 1
            _crawl_process(home, opml, None)
            found = library_state(home)
            different = [name for name in expected if found[name] != expected[name]]
            if different:
                differing.append(f"kill {number} at {moment:.2f} s: {', '.join(different)}")
            tell(f"kill {number} at {moment:.2f} of {took:.2f} s: {', '.join(different) or 'no difference'}")
    return {
        "kills": kills,
        "seconds_uninterrupted": round(took, 2),
        "articles": expected["articles"],
        "reached_when_killed": dict(reached),
        "differing": differing,
    }


def _crawl_process(home: Path, opml: Path, kill_after: float | None) -> float:
    """A crawl in a process of its own, killed where that is asked for; how long it took from its first sign of life."""
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "evals.crawl_floors", str(home), str(opml)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    started = time.monotonic()
    try:
        process.wait(timeout=kill_after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    code = process.wait()
    if code != 0 and (kill_after is None or code != -signal.SIGKILL):
        raise RuntimeError(f"the crawl into {home} ended with exit code {code}")
    return time.monotonic() - started


def _reached(home: Path) -> str:
    """What a killed crawl had come to."""
    if not (home / "vigie.sqlite").exists():
        return "no library yet"
    with open_measured(home) as library:
        stats = library.stats()
    if not stats.articles:
        return "no article yet"
    return "indexing" if stats.chunks or any(stage.behind for stage in stats.stages) else "fetching"


def library_state(home: Path) -> Figures:
    """All that does not depend on the clock, store by store, as digests: equal libraries have equal ones."""
    with open_measured(home) as library:
        articles = library._store.find(with_text=True)
        rows = sorted(
            (a.url, a.revision, a.title, str(a.published), a.source, a.language, a.author, a.status, a.group,
             json.dumps(dict(a.topics), sort_keys=True), a.blocks) for a in articles
        )  # fmt: skip
        readers = library._readers
        readers.refresh()
        columns = readers.columns
        current = columns.current()
        fields = ("article", "revision", "ordinal", "start", "end")
        chunks = zip(*(columns.array(n)[current].tolist() for n in fields), strict=True)
        vectors = columns.array("vector")[current]
        keys = columns.array("key")[current]
        feeds = sorted((f.url, f.etag, f.last_modified, f.failures, f.error) for f in library.feeds())
        pages = sorted((p.url, p.etag, p.entry_sha256, p.failures, p.entry) for p in library._store.pages())
        made = {
            "articles": len(articles),
            "texts": library.fingerprint(),
            "metadata": _digest(rows),
            "feeds": _digest(feeds),
            "pages": _digest(pages),
            "chunks": _digest(sorted(chunks)),
            "vectors": _digest(sorted(zip(keys.tolist(), map(bytes, vectors), strict=True))),
            "doctor": library.doctor(),
        }
        with open_indexer(home, library._store, library.embedder, library.settings.vectors) as indexer:
            made["chroma"] = _digest(sorted(indexer._vectors.ids()))
    return made


def _digest(rows: Any) -> str:
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()


def fault_series(data: Path, folder: Path, seeds: range, *options: str) -> Iterator[Figures]:
    """One newsroom after the other."""
    for seed in seeds:
        yield measure_faults(data, folder / f"faults-{seed}", seed, *options)


def _main(home: Path, opml: Path) -> None:
    with open_measured(home) as library:
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        library.crawl(opml)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), Path(sys.argv[2]))
