"""Embedders: text in, unit vectors out. The bundled ONNX model by default, Ollama or sentence-transformers by
configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EmbeddingSettings:
    """Which embedder fills the library."""

    model: str = "bundled"
    """"bundled", "ollama:MODEL" or "sentence-transformers:MODEL"."""
    ollama_url: str = "http://127.0.0.1:11434"
    threads: int = 0
    """Texts that the bundled model reads at a time, each on a thread of its own; 0: one a core, 8 at most."""
    batch: int = 32
    """Texts that Ollama or sentence-transformers is given at once."""


class Embedder(Protocol):
    """Anything that turns texts into rows of unit length.

    ``name`` is part of the Chroma collection's name, so that vectors of two embedders never mix.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32, rows L2-normalised."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32, rows L2-normalised."""
        ...


def embedder_key(embedder: Embedder) -> str:
    """What tells vectors of one embedder from another's: its name and dimension."""
    return f"{embedder.name} ({embedder.dimension})"


@dataclass(frozen=True, slots=True)
class TokenStates:
    """Token vectors of several texts, concatenated, for late interaction.

    ``vectors`` (t, k) float32, rows L2-normalised; ``tokens`` (t,) int32, vocabulary ids; ``offsets`` (n + 1,) int64:
    text ``i`` owns rows ``offsets[i]:offsets[i + 1]``.
    """

    vectors: Vectors
    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]


@runtime_checkable
class TokenEmbedder(Protocol):
    """An embedder that also gives token vectors, from the same forward pass (the bundled one)."""

    @property
    def token_dimension(self) -> int: ...

    def embed_documents_with_tokens(self, texts: Sequence[str]) -> tuple[Vectors, TokenStates]: ...

    def embed_queries_with_tokens(self, texts: Sequence[str]) -> tuple[Vectors, TokenStates]: ...

    def token_weights(self, tokens: NDArray[np.int32]) -> Vectors:
        """(t,) float32: how much each token tells, its inverse document frequency scaled to at most 1."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """(n,) int64: tokens of each text without special ones."""
        ...

    def token_spans(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        """For each text (t, 2) int64: where each of its tokens that has a state begins and ends, in characters."""
        ...
