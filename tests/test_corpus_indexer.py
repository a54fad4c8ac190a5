"""The indexer: batches that are embedded while others are written give what one batch gives."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus import indexer as indexing
from corpus.columns import FOREVER
from corpus.embedding import TokenEmbedder, TokenStates
from corpus.indexer import Indexer, open_indexer, open_readers
from corpus.memory import hold_little_free
from corpus.models import Article, VectorSettings
from corpus.store import Store
from corpus.vectors import Vectors
from evals.newsroom import WordEmbedder


def _article(number: int, moment: datetime, text: str = "") -> Article:
    body = text or f"The company of number {number} cuts {100 + number} jobs in {2000 + number}."
    return Article(f"https://example.org/{number}", f"Report {number}", body, "Paper", moment, "en")


@contextmanager
def _library(home: Path, embedder: WordEmbedder) -> Iterator[tuple[Store, Indexer]]:
    home.mkdir(parents=True)
    with (
        Store(home / "articles.sqlite") as store,
        open_indexer(home, store, embedder, VectorSettings()) as indexer,
    ):
        yield store, indexer


def _rows(home: Path) -> list[tuple[int, int, int, int, int, bytes, bytes]]:
    """Of every row: article, revision, ordinal, valid from and to, the vector's and the token states' bytes."""
    readers = open_readers(home)
    try:
        readers.refresh()
        columns = readers.columns
        fields = [columns.array(n) for n in ("article", "revision", "ordinal", "valid_from", "valid_until", "vector")]
        starts, counts = columns.array("token_start"), columns.array("token_count")
        return sorted(
            (
                *(int(f[row]) for f in fields[:5]),
                fields[5][row].tobytes(),
                np.array(columns.tokens[int(starts[row]) : int(starts[row]) + int(counts[row])]).tobytes(),
            )
            for row in range(len(starts))
        )
    finally:
        readers.close()


@pytest.mark.parametrize("size", [1, 2, 3])
def test_small_batches_with_revisions_between_give_what_one_change_at_a_time_gives(
    home: Path, moment: datetime, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Changes of one article that follow each other closely are not read before the ones before them are written."""
    later = moment + timedelta(days=1)
    changes = [(_article(n, moment), moment) for n in range(5)]
    changes[2:2] = [(_article(0, moment, "The company of number 0 cuts no jobs after all."), later)]
    changes += [(_article(3, moment, "The company of number 3 cuts 7 jobs. It hires 9."), later)]
    changes += [(_article(3, moment, "The company of number 3 cuts 8 jobs. It hires 9."), later + timedelta(days=1))]
    found = []
    for name, together in (("apart", False), ("together", True)):
        monkeypatch.setattr(indexing, "BATCH_ARTICLES", size if together else 1)
        with _library(home / name, WordEmbedder()) as (store, indexer):
            for article, seen in changes:
                store.put(article, seen=seen)
                if not together:
                    indexer.catch_up()
            indexer.catch_up()
            assert indexer.catch_up().articles == 0
        # What was replaced before it was indexed has no rows; what stands now has the same ones.
        found.append([row for row in _rows(home / name) if row[4] == FOREVER])
    assert found[0] == found[1]
    assert len({row[0] for row in found[1]}) == 5


def test_the_stand_in_for_the_model_gives_token_states() -> None:
    """What is measured with it would else be smaller than what a reader has."""
    assert isinstance(WordEmbedder(), TokenEmbedder)


class _Telling(WordEmbedder):
    """Tells when it is asked for a second batch."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.again = threading.Event()

    def embed_documents_with_tokens(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], TokenStates]:
        self.calls += 1
        if self.calls == 2:
            self.again.set()
        return super().embed_documents_with_tokens(texts)


def test_the_next_batch_is_embedded_while_one_is_written(
    home: Path, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder, waited = _Telling(), []
    upsert = Vectors.upsert

    def slow(vectors: Vectors, *given: object) -> None:
        waited.append(embedder.again.wait(60))
        upsert(vectors, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(indexing, "BATCH_ARTICLES", 2)
    monkeypatch.setattr(Vectors, "upsert", slow)
    with _library(home, embedder) as (store, indexer):
        for n in range(4):
            store.put(_article(n, moment), seen=moment)
        assert indexer.catch_up().articles == 4
    assert waited == [True, True]


def test_an_embedder_that_fails_leaves_what_was_written_and_the_rest_for_the_next_time(
    home: Path, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "BATCH_ARTICLES", 2)
    embedder = WordEmbedder()
    fails = True
    made = embedder.embed_documents_with_tokens

    def embed(texts: Sequence[str]) -> tuple[NDArray[np.float32], TokenStates]:
        if fails and any("number 3" in text for text in texts):
            raise OSError("the model's server is gone")
        return made(texts)

    monkeypatch.setattr(embedder, "embed_documents_with_tokens", embed)
    with _library(home, embedder) as (store, indexer):
        for n in range(6):
            store.put(_article(n, moment), seen=moment)
        with pytest.raises(OSError, match="the model's server is gone"):
            indexer.catch_up()
        assert len(_rows(home)) == 2
        fails = False
        assert indexer.catch_up().articles == 4
    assert len({row[0] for row in _rows(home)}) == 6


def test_a_crawl_holds_little_free_memory(home: Path, moment: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(indexing, "hold_little_free", lambda: asked.append(1))
    with _library(home, WordEmbedder()) as (store, indexer):
        store.put(_article(1, moment), seen=moment)
        with indexer.following():
            assert asked == [1]
    assert hold_little_free() is hold_little_free()


@pytest.mark.skipif(not hold_little_free(), reason="another C library than glibc")
def test_what_a_thread_freed_goes_back_to_the_system() -> None:
    """Blocks of 1 MB from an arena of their own, all freed but the first: without the threshold the end of the arena stays."""
    code = (
        "import threading, sys\n"
        "from pathlib import Path\n"
        "from corpus.memory import hold_little_free\n"
        "def anonymous():\n"
        "    return int(Path('/proc/self/status').read_text().split('RssAnon:')[1].split()[0]) // 1024\n"
        "def work():\n"
        "    big = bytearray(20 << 20); del big\n"
        "    kept = [bytearray(b'x' * (1 << 19)) for _ in range(60)]\n"
        "    first = kept[0]; del kept\n"
        "    done.append(anonymous()); wait.wait()\n"
        "if sys.argv[1] == 'little': assert hold_little_free()\n"
        "done, wait = [], threading.Event()\n"
        "before = anonymous()\n"
        "thread = threading.Thread(target=work); thread.start()\n"
        "while not done: pass\n"
        "print(done[0] - before); wait.set()\n"
    )
    held = {
        mode: int(subprocess.run([sys.executable, "-c", code, mode], check=True, capture_output=True, text=True).stdout)
        for mode in ("little", "as it is")
    }
    assert held["little"] + 10 < held["as it is"]
