"""The bundled embedder: an int8 ONNX encoder run by onnxruntime on the CPU, with its own tokenizer.

One forward pass gives the pooled vector and, through a projection inside the graph, token vectors for late interaction.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.embedding import TokenStates, Vectors
from corpus.errors import WeightsError

log = logging.getLogger(__name__)

WEIGHTS = Path(__file__).parent / "weights"
READ_CHARACTERS = 20_000
"""What of a text is tokenised at most: far more than the model can read."""


class BundledEmbedder:
    """Embeds with the weights in ``folder`` (model.onnx, tokenizer.json, manifest.json).

    ``threads`` texts at a time (0: as many as there are cores, up to 8), each on a thread of its own: threads that share one
    text wait for each other, on a busy machine for longer than they compute. Thread-safe. Raises WeightsError, naming the file and its checksum, when a file is missing or damaged.
    """

    def __init__(self, folder: Path = WEIGHTS, *, threads: int = 0) -> None:
        self._folder = folder
        self._threads = threads or min(8, os.cpu_count() or 1)
        self._guard = threading.Lock()
        try:
            self._manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise WeightsError(folder / "manifest.json", "of the release", "missing or damaged") from error

    @property
    def name(self) -> str:
        """The model's name with the head of its checksum: other weights are another embedder."""
        return f"{self._manifest['name']}-{self._manifest['sha256']['model.onnx'][:8]}"

    @property
    def dimension(self) -> int:
        """Components of a pooled vector."""
        return int(self._manifest["dimension"])

    @property
    def token_dimension(self) -> int:
        """Components of a token vector."""
        return int(self._manifest["token_dimension"])

    @property
    def max_tokens(self) -> int:
        """Tokens that are read of one text, special ones included; the rest is cut off, with a log line."""
        return int(self._manifest["max_tokens"])

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_buffer(self._checked("tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(
            self._checked("model.onnx"), sess_options=options, providers=["CPUExecutionProvider"]
        )

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, thread_name_prefix="embedder")

    def _checked(self, name: str) -> bytes:
        path, expected = self._folder / name, self._manifest["sha256"][name]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise WeightsError(path, expected, "missing") from error
        found = hashlib.sha256(content).hexdigest()
        if found != expected:
            raise WeightsError(path, expected, f"damaged (SHA-256 {found})")
        return content

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32, rows L2-normalised. Any text is accepted, the empty one too."""
        return self._embed(texts, with_tokens=False)[0]

    embed_queries = embed_documents

    def embed_documents_with_tokens(self, texts: Sequence[str]) -> tuple[Vectors, TokenStates]:
        """The vectors and, from the same pass, the states of every token but the special ones."""
        return self._embed(texts, with_tokens=True)

    embed_queries_with_tokens = embed_documents_with_tokens

    def token_weights(self, tokens: NDArray[np.int32]) -> Vectors:
        """(t,) float32: how much each token tells, its inverse document frequency scaled to at most 1."""
        weights: Vectors = self._weights[tokens]
        return weights

    @cached_property
    def _weights(self) -> Vectors:
        return np.asarray(np.load(io.BytesIO(self._checked("token_weights.npy"))), dtype=np.float32)

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """(n,) int64: tokens of each text, special ones not counted."""
        with self._guard:
            encoded = self._tokenizer.encode_batch_fast(list(map(_clean, texts)), add_special_tokens=False)
        return np.fromiter((len(e.ids) for e in encoded), dtype=np.int64, count=len(texts))

    def token_spans(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        """For each text (t, 2) int64: where each of its tokens that has a state begins and ends, in characters."""
        with self._guard:
            encoded = self._tokenizer.encode_batch(
                [_clean(t[:READ_CHARACTERS]) for t in texts], add_special_tokens=False
            )
        return [np.asarray(e.offsets[: self.max_tokens - 2], dtype=np.int64).reshape(-1, 2) for e in encoded]

    def _ids(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        with self._guard:
            encoded = self._tokenizer.encode_batch_fast([_clean(t[:READ_CHARACTERS]) for t in texts])
        limit, cut, ids = self.max_tokens, 0, []
        for text, one in zip(texts, encoded, strict=True):
            row = one.ids
            if len(row) > limit or len(text) > READ_CHARACTERS:
                cut += 1
                row = [*row[: limit - 1], row[-1]] if len(row) > limit else row
            ids.append(np.asarray(row, dtype=np.int64))
        if cut:
            log.info("%d of %d texts are longer than %d tokens: embedded by their beginning", cut, len(texts), limit)
        return ids

    def _embed(self, texts: Sequence[str], *, with_tokens: bool) -> tuple[Vectors, TokenStates]:
        """No batches: activations are quantised by the range of the whole batch, so that in a batch a text's vector would
        depend on its neighbours; alone it is always the same, and on few cores no slower."""
        ids = self._ids(texts)
        vectors = np.zeros((len(ids), self.dimension), dtype=np.float32)
        states: list[NDArray[np.float32]] = [np.zeros((0, self.token_dimension), dtype=np.float32)] * len(ids)
        outputs = ["vector", "tokens"] if with_tokens else ["vector"]
        session = self._session

        def run(one: NDArray[np.int64]) -> Any:
            return session.run(outputs, {"input_ids": one[None, :], "attention_mask": np.ones((1, len(one)), np.int64)})

        made = self._pool.map(run, ids) if len(ids) > 1 and self._threads > 1 else map(run, ids)
        for row, found in enumerate(made):
            vectors[row] = found[0][0]
            if with_tokens:
                states[row] = found[1][0, 1:-1]
        offsets = np.zeros(len(ids) + 1, dtype=np.int64)
        np.cumsum([len(s) for s in states], out=offsets[1:])
        inner = [one[1:-1].astype(np.int32) for one in ids] if with_tokens else []
        return vectors, TokenStates(
            np.concatenate([np.zeros((0, self.token_dimension), dtype=np.float32), *states]),
            np.concatenate([np.zeros(0, dtype=np.int32), *inner]),
            offsets,
        )


def _clean(text: str) -> str:
    """Lone surrogates away: the tokenizer takes valid Unicode alone."""
    return text.encode("utf-8", "ignore").decode("utf-8")
