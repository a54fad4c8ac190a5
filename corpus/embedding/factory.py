"""From the settings to an embedder."""

from __future__ import annotations

from corpus.embedding import Embedder, EmbeddingSettings
from corpus.errors import EmbedderUnavailable


def open_embedder(settings: EmbeddingSettings) -> Embedder:
    """The bundled model, or ``ollama:MODEL`` or ``sentence-transformers:MODEL``, both with the bundled one's token states.

    Raises EmbedderUnavailable for any other name.
    """
    from corpus.embedding.onnx import BundledEmbedder

    bundled = BundledEmbedder(threads=settings.threads)
    if settings.model == "bundled":
        return bundled
    from corpus.embedding.paired import PairedEmbedder

    kind, _, model = settings.model.partition(":")
    if kind == "ollama" and model:
        from corpus.embedding.ollama import OllamaEmbedder

        return PairedEmbedder(OllamaEmbedder(model, settings.ollama_url, batch=settings.batch), bundled, bundled.name)
    if kind == "sentence-transformers" and model:
        from corpus.embedding.transformer import TransformerEmbedder

        return PairedEmbedder(TransformerEmbedder(model, batch=settings.batch), bundled, bundled.name)
    raise EmbedderUnavailable(
        settings.model, "settings", "unknown embedder; use 'bundled', 'ollama:MODEL' or 'sentence-transformers:MODEL'"
    )
