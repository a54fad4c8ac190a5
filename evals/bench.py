"""Benchmarks: medians and spreads of one run on one machine, never a test."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import vigie
from corpus.sample.pages import articles


def _times(task: Callable[[], object], runs: int) -> dict[str, float]:
    """Milliseconds of each run after one that is not counted."""
    task()
    found = []
    for _ in range(runs):
        started = time.perf_counter()
        task()
        found.append((time.perf_counter() - started) * 1000)
    return {
        "median_ms": round(statistics.median(found), 2),
        "min_ms": round(min(found), 2),
        "max_ms": round(max(found), 2),
    }


def bench_embed() -> dict[str, Any]:
    """Passages a second, and one question, with the configured embedder."""
    embedder = vigie.open_embedder()
    texts = [f"{a.title}\n{a.body}" for a in articles()]
    many = _times(lambda: embedder.embed_documents(texts), 3)
    one = _times(lambda: embedder.embed_queries(["Combien de postes Amazon supprime-t-il ?"]), 20)
    return {
        "embedder": embedder.name,
        "passages_per_second": round(len(texts) / many["median_ms"] * 1000, 1),
        "passages": many,
        "question": one,
    }


def bench_start() -> dict[str, Any]:
    """From nothing to an answer on the command line, as a whole process."""
    command = [sys.executable, "-m", "ui", "ask", "--demo", "Combien de postes Amazon supprime-t-il ?"]
    vigie.open_demo().close()
    root = Path(vigie.__file__).parent
    return {"ask": _times(lambda: subprocess.run(command, check=True, capture_output=True, cwd=root), 3)}  # noqa: S603 - our own command


BENCHES: dict[str, Callable[[], dict[str, Any]]] = {
    "embed": bench_embed,
    "start": bench_start,
}
