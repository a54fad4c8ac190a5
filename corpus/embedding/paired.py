"""Another embedder's vectors with the bundled model's token states, so that late interaction still reranks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.embedding import Embedder, TokenEmbedder, TokenStates, Vectors


class PairedEmbedder:
    """``dense`` gives the vectors, ``tokens`` (named ``token_name``) the token states.

    A library is indexed by both, so both are in the name: other weights of either are another embedder.
    """

    def __init__(self, dense: Embedder, tokens: TokenEmbedder, token_name: str) -> None:
        self._dense, self._tokens = dense, tokens
        self._token_name = token_name

    @property
    def name(self) -> str:
        """Both names, as part of the collection's."""
        return f"{self._dense.name} + {self._token_name}"

    @property
    def pairing(self) -> str:
        """Who does what, for a reader."""
        return f"searched by {self._dense.name}, reranked by the bundled model ({self._token_name})"

    @property
    def dimension(self) -> int:
        """Components of a vector."""
        return self._dense.dimension

    @property
    def token_dimension(self) -> int:
        """Components of a token's vector."""
        return self._tokens.token_dimension

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32, rows L2-normalised."""
        return self._dense.embed_documents(texts)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32, rows L2-normalised."""
        return self._dense.embed_queries(texts)

    def embed_documents_with_tokens(self, texts: Sequence[str]) -> tuple[Vectors, TokenStates]:
        """The vectors, and the token states of the same texts."""
        return self._dense.embed_documents(texts), self._tokens.embed_documents_with_tokens(texts)[1]

    def embed_queries_with_tokens(self, texts: Sequence[str]) -> tuple[Vectors, TokenStates]:
        """The vectors, and the token states of the same texts."""
        return self._dense.embed_queries(texts), self._tokens.embed_queries_with_tokens(texts)[1]

    def token_weights(self, tokens: NDArray[np.int32]) -> Vectors:
        """As ``TokenEmbedder.token_weights``."""
        return self._tokens.token_weights(tokens)

    def token_spans(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        """As ``TokenEmbedder.token_spans``, of the bundled model's tokens."""
        return self._tokens.token_spans(texts)

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """(n,) int64: tokens of each text by the bundled model, which chunks are measured in."""
        return self._tokens.count_tokens(texts)
