"""Embeddings by an Ollama server (https://docs.ollama.com/api/embed)."""

from __future__ import annotations

from collections.abc import Sequence

import httpx
import numpy as np
import ollama

from corpus.embedding import Vectors
from corpus.errors import EmbedderUnavailable


class OllamaEmbedder:
    """The model ``model`` of the server at ``url``.

    Raises EmbedderUnavailable, saying what to do, when the server is down, lacks the model, or answers with something
    that is no embedding.
    """

    def __init__(self, model: str, url: str, *, batch: int = 32, timeout: float = 120.0) -> None:
        self.model = model
        self._url = url
        self._batch = batch
        self._client = ollama.Client(host=url, timeout=timeout)
        self._dimension = 0

    @property
    def name(self) -> str:
        """The model's name, as part of the collection's."""
        return f"ollama:{self.model}"

    @property
    def dimension(self) -> int:
        """Components of a vector: asked of the server once."""
        if not self._dimension:
            self._dimension = len(self._ask(["dimension"])[0])
        return self._dimension

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32, rows L2-normalised; a text that the server gives a zero vector for stays one."""
        rows = [row for at in range(0, len(texts), self._batch) for row in self._ask(texts[at : at + self._batch])]
        if not rows:
            return np.zeros((0, self.dimension), dtype=np.float32)
        vectors = np.asarray(rows, dtype=np.float32)
        if not np.isfinite(vectors).all():
            raise EmbedderUnavailable(self.model, self._url, "answered with numbers that are none; use another model")
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors

    embed_queries = embed_documents

    def _ask(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        # Ollama refuses an empty input; a space is the nearest text that it takes.
        sent = [text if text.strip() else " " for text in texts]
        try:
            answer = self._client.embed(model=self.model, input=sent, truncate=True)
        except ollama.ResponseError as error:
            what = f"run 'ollama pull {self.model}'" if error.status_code == 404 else "see the server's log"
            raise EmbedderUnavailable(self.model, self._url, f"{error.error}; {what}") from error
        except (ConnectionError, httpx.HTTPError) as error:
            raise EmbedderUnavailable(
                self.model, self._url, "no answer; start it with 'ollama serve', or set embedding.model to 'bundled'"
            ) from error
        if len(answer.embeddings) != len(texts):
            raise EmbedderUnavailable(self.model, self._url, "gave fewer vectors than texts; use another model")
        return answer.embeddings
