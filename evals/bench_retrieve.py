"""``vigie bench retrieve``: search at several sizes against exact search, and beside the peers of ``evals/peers_speed.py``."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import vigie
from corpus.analysis import analyse
from corpus.chunking import heading_of
from corpus.columns import Columns
from corpus.embedding import Embedder, TokenEmbedder, TokenStates
from corpus.indexer import Readers
from corpus.lexical import LexicalIndex
from corpus.nearest import DenseIndex, single
from evals.bench_scale import NOW, PERIOD, Base, OriginalTexts, base_library, copies, grow, opened, opened_base
from evals.gold_set import gold_questions
from evals.measures import EvaluationError
from rag.models import Filters, Question, SearchSettings
from rag.question import read_question
from rag.retrieve import Retriever

ROOT = Path(vigie.__file__).resolve().parent
CACHE = ROOT / ".bench" / "data"
PEERS_PYTHON = ROOT / ".bench" / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PEERS_SIZE = 100_000
QUESTIONS = 60
"""Of each kind: the gold set's answerable questions, and titles of the library's own articles."""
SHARES = (1.0, 0.25, 0.1, 0.01, 0.001)
RECALL_AT = 100
FRESH = 1_000
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions as they were read, without conditions of their own, and their vectors (n, d)."""

    questions: tuple[Question, ...]
    vectors: NDArray[np.float32]


class Remembered:
    """An embedder that has been asked before: what it gave, without the time that it took."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, Any] = {}
        self._states: dict[str, Any] = {}
        self.name, self.dimension = embedder.name, embedder.dimension
        self.token_dimension = embedder.token_dimension if isinstance(embedder, TokenEmbedder) else 0

    def embed_queries(self, texts: Sequence[str]) -> Any:
        """As ``Embedder.embed_queries``."""
        for text in texts:
            if text not in self._vectors:
                self._vectors[text] = self._embedder.embed_queries([text])
        return np.concatenate([self._vectors[t] for t in texts])

    embed_documents = embed_queries

    def embed_queries_with_tokens(self, texts: Sequence[str]) -> Any:
        """As ``TokenEmbedder.embed_queries_with_tokens``."""
        for text in texts:
            if text not in self._states:
                self._states[text] = self._embedder.embed_queries_with_tokens([text])  # type: ignore[attr-defined]
        kept = [self._states[text] for text in texts]
        states = [made for _, made in kept]
        joined = TokenStates(
            np.concatenate([one.vectors for one in states]),
            np.concatenate([one.tokens for one in states]),
            np.cumsum([0, *(len(one.tokens) for one in states)]),
        )
        return np.concatenate([vectors for vectors, _ in kept]), joined

    embed_documents_with_tokens = embed_queries_with_tokens

    def token_weights(self, tokens: Any) -> Any:
        """As ``TokenEmbedder.token_weights``."""
        return self._embedder.token_weights(tokens)  # type: ignore[attr-defined]

    def count_tokens(self, texts: Sequence[str]) -> Any:
        """As ``TokenEmbedder.count_tokens``."""
        return self._embedder.count_tokens(texts)  # type: ignore[attr-defined]

    def token_spans(self, texts: Sequence[str]) -> Any:
        """As ``TokenEmbedder.token_spans``."""
        return self._embedder.token_spans(texts)  # type: ignore[attr-defined]


def bench_retrieve(sizes: Sequence[int], data: Path | None, cache: Path, tell: Told) -> dict[str, Any]:
    """Figures by size, and ratios to the peers at 100,000 chunks where that is one of the sizes."""
    if min(sizes) < FRESH:
        raise EvaluationError(f"a size of {min(sizes)} is too small to measure; use at least {FRESH}")
    embedder = Remembered(vigie.open_embedder())
    found: dict[str, Any] = {}
    figures: dict[str, Any]
    with base_library(data, cache / "library", tell) as library, opened_base(library) as base:
        asked = questions_of(base, embedder)
        found["base"] = {"chunks": base.columns.rows, "articles": len(base.articles), "questions": len(asked.questions)}
        for size in sizes:
            tell(f"{size} chunks")
            home = grow(base, size, cache)
            with opened(home) as readers, warmed(base, readers, embedder, asked) as retriever:
                figures = {
                    "search": search_times(retriever, asked),
                    "recall@100": recalls(readers.columns, asked),
                }
                if size == PEERS_SIZE:
                    figures["peers"] = beside_peers(
                        base, readers.columns, retriever, asked, cache / f"peers-{size}", tell
                    )
            figures |= {"fresh_1000_s": time_to_fresh(base, home, embedder), **one_process(home, library.home)}
            found[str(size)] = figures | load()
    return found


def load() -> dict[str, Any]:
    """How busy the machine is: processes that want a core, over the last minute, where the system says."""
    return {"load": round(os.getloadavg()[0], 1), "cores": os.cpu_count()} if hasattr(os, "getloadavg") else {}


def questions_of(base: Base, embedder: Remembered) -> Asked:
    """The gold set's first answerable questions, and titles of articles of the library, evenly drawn."""
    gold = [q.question for q in gold_questions() if q.gold][:QUESTIONS]
    titled = [a.title for a in base.articles if len(a.title.split()) > 3]
    titles = titled[:: max(1, len(titled) // QUESTIONS)][:QUESTIONS]
    sources = base.store.sources()
    read = [replace(read_question(text, NOW, sources), conditions=Filters()) for text in (*gold, *titles)]
    return Asked(tuple(read), np.concatenate([embedder.embed_queries([q.text]) for q in read]))


@contextmanager
def warmed(base: Base, readers: Readers, embedder: Any, asked: Asked) -> Iterator[Retriever]:
    """A retriever that has been asked every question once."""
    retriever = Retriever(OriginalTexts(base), readers, embedder, SearchSettings())  # type: ignore[arg-type]
    for question in asked.questions:
        retriever.search(question, Filters(), 10, NOW)
    yield retriever


def filters_of(share: float, languages: tuple[str, ...] = ()) -> Filters:
    """Leaves this share of the chunks, by date."""
    return Filters(
        since=None if share >= 1 else NOW - timedelta(seconds=share * PERIOD.total_seconds()), languages=languages
    )


MIX = (filters_of(1.0), filters_of(0.25), filters_of(0.25, ("fr",)), filters_of(0.01), filters_of(1.0, ("en",)))


def search_times(retriever: Retriever, asked: Asked) -> dict[str, Any]:
    """The whole of every search but the embedding of its question: filters, both searches, fusion, reranking, reading.

    Each question is asked under each filter of ``MIX``. ``one_part``: without questions that are split into sub-questions,
    each of which is a search of its own. ``processor``: time of the process on any core, which other processes do not prolong.
    """
    whole: list[float] = []
    simple: list[float] = []
    computed: list[float] = []
    stages: dict[str, list[float]] = {}
    for question in asked.questions:
        for filters in MIX:
            started, busy = time.perf_counter(), time.process_time()
            result = retriever.search(question, filters, 10, NOW)
            spent = (time.perf_counter() - started) * 1000 - result.timings_ms["embed"]
            computed.append((time.process_time() - busy) * 1000 - result.timings_ms["embed"])
            whole.append(spent)
            if not question.parts:
                simple.append(spent)
            for stage, ms in result.timings_ms.items():
                stages.setdefault(stage, []).append(ms)
    return {
        "all": spread(whole),
        "one_part": spread(simple),
        "processor": spread(computed),
        "stages_p50_ms": {name: round(statistics.median(times), 2) for name, times in stages.items()},
    }


def spread(times: Sequence[float]) -> dict[str, float]:
    """Milliseconds: median, 95th percentile, least and most."""
    p50, p95 = np.percentile(times, [50, 95])
    figures = {"p50_ms": p50, "p95_ms": p95, "min_ms": min(times), "max_ms": max(times)}
    return {name: round(float(ms), 2) for name, ms in figures.items()} | {"n": len(times)}


def recalls(columns: Columns, asked: Asked) -> dict[str, float]:
    """Of the 100 nearest chunks by exact search under a filter, the share that dense search finds; means over questions."""
    index = DenseIndex()
    published, language = np.asarray(columns.array("published")), np.asarray(columns.array("language"))
    masks = {f"{share:.1%}": published >= _moment(filters_of(share).since) for share in SHARES}
    for name in ("fr", "en"):
        if name in columns.names("language"):
            masks[name] = language == columns.names("language").index(name)
    vectors = asked.vectors[:: max(1, len(asked.vectors) // 40)]
    exact = np.empty((columns.rows, len(vectors)), dtype=np.float32)
    for start in range(0, columns.rows, 20_000):
        exact[start : start + 20_000] = single(columns.array("vector")[start : start + 20_000]) @ vectors.T
    found = {}
    for name, mask in masks.items():
        inside = np.flatnonzero(mask)
        k = min(RECALL_AT, len(inside))
        shares = []
        for at, vector in enumerate(vectors):
            edge = np.partition(exact[inside, at], len(inside) - k)[len(inside) - k]
            rows = index.search(columns, vector, mask, k).rows
            # By score, so that equal ones count alike.
            shares.append(float(np.mean(exact[rows, at] >= edge - 1e-6)) * len(rows) / k)
        found[name] = round(statistics.mean(shares), 4)
    return found


def time_to_fresh(base: Base, home: Path, embedder: Any) -> float:
    """Seconds until 1,000 new chunks, embedded already, are found by a reader that was open before.

    The index is left as it was.
    """
    index = home / "index"
    writer, (headings, texts) = Columns(index), _texts(base, FRESH)
    lexical = LexicalIndex(index, writer.manifest)
    before, first = writer.manifest, writer.rows
    kept = {path for path in (index / before.generation).iterdir() if path.is_dir()}
    batch = copies(base, np.arange(FRESH) % base.columns.rows, first, np.random.default_rng(first))
    question = Question("frais")
    with opened(home) as readers:
        retriever = Retriever(OriginalTexts(base), readers, embedder, SearchSettings(rerank=False))  # type: ignore[arg-type]
        retriever.search(question, Filters(), 10, NOW)
        started = time.perf_counter()
        writer.rows_of(batch.article)
        manifest = writer.append(batch)
        segments = lexical.append([analyse(h, "en") for h in headings], [analyse(t, "en") for t in texts])
        replace(manifest, segments=segments).write(index)
        retriever.search(question, Filters(), 10, NOW)
        seconds = time.perf_counter() - started
        if readers.columns.rows != first + FRESH:
            raise EvaluationError(f"{home}: the reader did not follow the writer")
    before.write(index)
    for path in (index / before.generation).iterdir():
        if path.is_dir() and path not in kept:
            shutil.rmtree(path)
    return round(seconds, 3)


def _texts(base: Base, count: int) -> tuple[list[str], list[str]]:
    """Headings and texts of the first chunks of the base, again from the first where it has fewer."""
    columns = base.columns
    rows = np.arange(count) % columns.rows
    ids = [f"{int(n):016x}" for n in columns.array("article")[rows]]
    articles = base.store.get_many(ids)
    spans = zip(ids, columns.array("start")[rows], columns.array("end")[rows], strict=True)
    held = [(articles[i], int(start), int(end)) for i, start, end in spans if i in articles]
    return [heading_of(a) for a, _, _ in held], [a.text[start:end] for a, start, end in held]


def one_process(home: Path, base_home: Path) -> dict[str, Any]:
    """What a process of its own needs: seconds from its start to a first result, the most memory that it held in as many
    searches as there are questions, and the size of the files that it maps, both without token states."""
    command = [sys.executable, "-m", "evals.bench_process", str(home), str(base_home)]
    started, starts = time.perf_counter(), []
    for rounds in (1, 1, QUESTIONS):
        started = time.perf_counter()
        run = subprocess.run([*command, str(rounds)], check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603
        figures = json.loads(run.stdout)
        if rounds == 1:
            starts.append(time.perf_counter() - started)
    return {
        "start_to_first_result_s": round(min(starts), 2),
        "open_and_first_search_s": figures["first_s"],
        "resident_mb": figures["resident_mb"],
        "index_mb": round(
            sum(f.stat().st_size for f in home.rglob("*") if f.is_file() and f.name != "tokens.bin") / 1e6
        ),
    }


def beside_peers(
    base: Base, columns: Columns, retriever: Retriever, asked: Asked, folder: Path, tell: Told
) -> dict[str, Any]:
    """Chroma with ``where`` against our dense search, LangChain's EnsembleRetriever against our whole search."""
    if not PEERS_PYTHON.exists():
        return {"not measured": "the peers are not installed; `make bench` does it"}
    export(base, columns, asked, folder)
    tell("Peers: Chroma and LangChain's EnsembleRetriever (the first time fills Chroma, some minutes)")
    before = our_times(columns, retriever, asked)
    run = subprocess.run(  # noqa: S603
        [str(PEERS_PYTHON), "-P", str(ROOT / "evals" / "peers_speed.py"), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        return {"not measured": run.stderr.strip().splitlines()[-1] if run.stderr.strip() else f"exit {run.returncode}"}
    theirs = json.loads(run.stdout.strip().splitlines()[-1])
    # Ours before and after: a machine that grew busy in between shows.
    ours = {name: [*before[name], *more] for name, more in our_times(columns, retriever, asked).items()}
    pairs = (("dense", "chroma"), ("dense_where", "chroma_where"), ("search", "ensemble"))
    figures: dict[str, Any] = {"chroma_recall@100": theirs["chroma_recall"], "versions": theirs["versions"]}
    for mine, other in pairs:
        figures[f"{mine} against {other}"] = {
            "ours": spread(ours[mine]),
            "theirs": spread(theirs[other]),
            "ratio_of_medians": round(statistics.median(theirs[other]) / statistics.median(ours[mine]), 1),
        }
    return figures


WHERE = filters_of(0.25, ("fr",))


def our_times(columns: Columns, retriever: Retriever, asked: Asked) -> dict[str, list[float]]:
    """Milliseconds of each of our own stages: dense search of all, dense search under ``WHERE`` with the mask that it
    needs, the whole search."""
    index = DenseIndex()
    times: dict[str, list[float]] = {"dense": [], "dense_where": [], "search": []}
    french = columns.names("language").index("fr") if "fr" in columns.names("language") else -1

    def dense(vector: NDArray[np.float32]) -> None:
        index.search(columns, vector, columns.current(), RECALL_AT)

    def dense_where(vector: NDArray[np.float32]) -> None:
        mask = columns.current() & (columns.array("published") >= _moment(WHERE.since))
        index.search(columns, vector, mask & (columns.array("language") == french), RECALL_AT)

    dense(asked.vectors[0])
    for question, vector in zip(asked.questions, asked.vectors, strict=True):
        times["dense"].append(_ms(partial(dense, vector)))
        times["dense_where"].append(_ms(partial(dense_where, vector)))
        times["search"].append(_ms(partial(retriever.search, question, Filters(), 10, NOW)))
    return times


def _ms(task: Callable[[], object]) -> float:
    started = time.perf_counter()
    task()
    return (time.perf_counter() - started) * 1000


def _moment(since: datetime | None) -> int:
    return int(since.timestamp()) if since else 0


def export(base: Base, columns: Columns, asked: Asked, folder: Path) -> None:
    """What the peers need: vectors, dates, languages and texts of the chunks, and the questions."""
    folder.mkdir(parents=True, exist_ok=True)
    headings, texts = _texts(base, columns.rows)
    names = columns.names("language")
    np.savez(
        folder / "chunks.npz",
        vectors=single(columns.array("vector")[:]),
        published=columns.array("published"),
        language=np.asarray([names[n] for n in columns.array("language")]),
        questions=asked.vectors,
    )
    content = {
        "texts": [f"{h}\n{t}" for h, t in zip(headings, texts, strict=True)],
        "questions": [q.text for q in asked.questions],
        "since": _moment(WHERE.since),
        "language": WHERE.languages[0],
        "k": RECALL_AT,
        "top": 10,
    }
    (folder / "content.json").write_text(json.dumps(content), encoding="utf-8")
