"""A process of its own, for ``vigie bench retrieve``: opens a library, searches, says how long it took and what it holds.

Run as ``python -m evals.bench_process LIBRARY BASE ROUNDS``.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import vigie
from corpus.indexer import open_readers
from evals.bench_scale import NOW, OriginalTexts, opened_base
from rag.models import Filters, Question, SearchSettings
from rag.retrieve import Retriever


def main(home: Path, base_home: Path, rounds: int) -> dict[str, float]:
    """Search as often as asked, each time for another article's title."""
    started = time.perf_counter()
    embedder = vigie.open_embedder()
    with vigie.open_library(base_home) as library, opened_base(library) as base:
        readers = open_readers(home)
        retriever = Retriever(OriginalTexts(base), readers, embedder, SearchSettings(rerank=False))  # type: ignore[arg-type]
        found = retriever.search(Question("Amazon"), Filters(), 10, NOW)
        first = time.perf_counter() - started
        for article in base.articles[: rounds - 1]:
            found = retriever.search(Question(article.title), Filters(), 10, NOW)
        assert found.passages
        readers.close()
    return {"first_s": round(first, 2), "resident_mb": round(resident_mb())}


def resident_mb() -> float:
    """The most that the process held in memory, mapped files included, in units of 10^6 bytes."""
    try:
        fields = Path("/proc/self/status").read_text(encoding="ascii").split("VmHWM:")[1].split()
    except (OSError, IndexError):  # not Linux
        import resource  # absent on Windows

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return int(fields[0]) * 1024 / 1e6


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
