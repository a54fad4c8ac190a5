"""What can go wrong in this package and be mended by the reader: one line each, keys as attributes."""

from __future__ import annotations


class RagError(Exception):
    """Base of this package's errors."""


class ModelUnavailable(RagError):
    """A chat model did not answer."""

    def __init__(self, model: str, cause: str) -> None:
        self.model, self.cause = model, cause
        super().__init__(f"{model}: {cause}")


class UnknownEngine(RagError):
    """An engine that no answer can be written with."""
