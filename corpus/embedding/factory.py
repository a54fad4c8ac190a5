"""From the settings to an embedder."""

from __future__ import annotations

from corpus.embedding import Embedder, EmbeddingSettings
from corpus.errors import EmbedderUnavailable


def open_embedder(settings: EmbeddingSettings) -> Embedder:
    """The bundled model, or ``ollama:MODEL``. Raises EmbedderUnavailable for any other name."""
    kind, _, model = settings.model.partition(":")
    if settings.model == "bundled":
        from corpus.embedding.onnx import BundledEmbedder

        return BundledEmbedder(threads=settings.threads)
    if kind == "ollama" and model:
        from corpus.embedding.ollama import OllamaEmbedder

        return OllamaEmbedder(model, settings.ollama_url, batch=settings.batch)
    raise EmbedderUnavailable(settings.model, "settings", "unknown embedder; use 'bundled' or 'ollama:MODEL'")
