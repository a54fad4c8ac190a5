"""The public newsroom (``serve.py``: a corpus replayed as publishers' sites on loopback), started for a measurement."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
from numpy.typing import NDArray

import vigie
from corpus.embedding import TokenStates
from evals.measures import EvaluationError


@dataclass(frozen=True, slots=True)
class Newsroom:
    """A running newsroom; its control address answers on ``port``."""

    port: int

    def get(self, path: str) -> bytes:
        """The answer of the control address."""
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return bytes(answer.read())

    def read(self, path: str) -> Any:
        """The same as JSON."""
        return json.loads(self.get(path))

    def write_feeds(self, folder: Path) -> Path:
        """The subscriptions as a file in a folder, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "newsroom.opml"
        path.write_bytes(self.get("/feeds.opml"))
        return path


@contextmanager
def serving(data: Path, *options: str, corpora: Sequence[str] = ("multihop-rag/corpus.json",)) -> Iterator[Newsroom]:
    """A newsroom of corpora below ``data/data``, by ``data/newsroom/serve.py``. Raises EvaluationError where there is none."""
    script = data / "newsroom" / "serve.py"
    if not script.exists():
        raise EvaluationError(f"{script}: no newsroom; --data names the folder that holds newsroom and data")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    named = [f"--corpus={data / 'data' / name}" for name in corpora]
    process = subprocess.Popen(  # noqa: S603 - a script of the reader's own folder
        [sys.executable, str(script), *named, "--port", str(port), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        if not process.stdout.readline():
            raise EvaluationError(f"{script} did not start; run it by hand to see why")
        yield Newsroom(port)
    finally:
        process.kill()
        process.wait()


def crawl_settings(**crawl: Any) -> vigie.Settings:
    """Settings that reach loopback, without a delay of their own."""
    return vigie.Settings(allow_hosts=("127.0.0.0/8",), crawl={"delay": 0.0, **crawl})


class WordEmbedder:
    """A stand-in for the model where its vectors do not matter: sums of seeded vectors of words, some 500 times as fast.

    Deterministic, of the bundled model's dimensions, so that every store is as large as with it.
    """

    name, dimension, token_dimension, max_tokens = "words", 384, 64, 256

    def __init__(self) -> None:
        rng = np.random.default_rng(20261127)
        self._words = rng.standard_normal((4096, self.dimension)).astype(np.float32)
        tokens = rng.standard_normal((4096, self.token_dimension)).astype(np.float32)
        self._tokens = tokens / np.linalg.norm(tokens, axis=1, keepdims=True)

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dimension) float32, rows L2-normalised."""
        made = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            made[row] = self._words[_numbers(text)].sum(axis=0)
        made /= np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-6)
        return made

    embed_queries = embed_documents

    def embed_documents_with_tokens(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], TokenStates]:
        """The same with a vector a word, 240 at most."""
        numbers = [_numbers(text)[:240] for text in texts]
        offsets = np.cumsum([0, *map(len, numbers)]).astype(np.int64)
        joined = np.asarray([n for row in numbers for n in row], dtype=np.int32)
        return self.embed_documents(texts), TokenStates(self._tokens[joined], joined, offsets)

    embed_queries_with_tokens = embed_documents_with_tokens

    def token_weights(self, tokens: NDArray[np.int32]) -> NDArray[np.float32]:
        """(t,) float32: all the same."""
        return np.ones(len(tokens), dtype=np.float32)

    def token_spans(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        """For each text (t, 2) int64: where its words begin and end, 240 at most."""
        return [
            np.asarray([m.span() for m in re.finditer(r"\S+", text)][:240], dtype=np.int64).reshape(-1, 2)
            for text in texts
        ]

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """(n,) int64: about 1.3 a word, as in the bundled model."""
        return np.asarray([round(1.3 * len(text.split())) for text in texts], dtype=np.int64)


def _numbers(text: str) -> list[int]:
    # crc32, since hash() of a text differs from process to process.
    from zlib import crc32

    return [crc32(word.encode("utf-8", "replace")) % 4096 for word in text.split()] or [0]
