"""Embeddings by sentence-transformers (https://sbert.net), an extra: ``pip install vigie[transformers]``."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from corpus.embedding import Vectors
from corpus.errors import EmbedderUnavailable

PLACE = "sentence-transformers"


class TransformerEmbedder:
    """The model ``model`` of a model hub, or in a folder, run by sentence-transformers in this process.

    Questions and documents are given the prompts that the model was trained with, where it has any. Loaded on first use.
    Raises EmbedderUnavailable, saying what to do, when the extra or the model is missing, or a vector is none.
    """

    def __init__(self, model: str, *, batch: int = 32) -> None:
        self.model = model
        self._batch = batch

    @property
    def name(self) -> str:
        """The model's name, as part of the collection's."""
        return f"{PLACE}:{self.model}"

    @cached_property
    def dimension(self) -> int:
        """Components of a vector."""
        return int(self.embed_documents(["dimension"]).shape[1])

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32, rows L2-normalised."""
        return self._vectors(self._loaded.encode_document, texts)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32, rows L2-normalised."""
        return self._vectors(self._loaded.encode_query, texts)

    @cached_property
    def _loaded(self) -> Any:
        try:
            library = importlib.import_module("sentence_transformers")
        except ImportError as error:
            raise EmbedderUnavailable(
                self.model,
                PLACE,
                "not installed: pip install sentence-transformers, or set embedding.model to 'bundled'",
            ) from error
        try:
            return library.SentenceTransformer(self.model)
        # The hub's and torch's errors have no common base that could be named without importing both.
        except Exception as error:
            cause = (str(error).strip() or repr(error)).splitlines()[0]
            raise EmbedderUnavailable(self.model, PLACE, f"{cause}; give a model's name or its folder") from error

    def _vectors(self, encode: Any, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        made = encode(list(texts), batch_size=self._batch, convert_to_numpy=True, show_progress_bar=False)
        vectors = np.array(made, dtype=np.float32)
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise EmbedderUnavailable(self.model, PLACE, "gave numbers that are none; use another model")
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors
