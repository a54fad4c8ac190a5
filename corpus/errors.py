"""What can go wrong in the corpus and be mended by the reader: one line each, keys as attributes."""

from __future__ import annotations

from pathlib import Path


class CorpusError(Exception):
    """Base of this package's errors."""


class LibraryBusy(CorpusError):
    """Another process is writing to the library."""

    def __init__(self, home: Path, holder: str) -> None:
        self.home, self.holder = home, holder
        super().__init__(f"{home}: in use by {holder or 'another process'}; wait until it has finished, or stop it")


class LibraryUnwritable(CorpusError):
    """The library's folder or disk refuses writes."""

    def __init__(self, path: Path, cause: str, advice: str = "free some space, or choose another --home") -> None:
        self.path = path
        super().__init__(f"{path}: cannot be written ({cause}); {advice}")


class EmbedderMismatch(CorpusError):
    """The library was indexed by another embedder than the configured one."""

    def __init__(self, indexed: str, configured: str) -> None:
        self.indexed, self.configured = indexed, configured
        super().__init__(
            f"this library is indexed with {indexed}, the settings ask for {configured}: "
            "run 'vigie reindex' to change over"
        )


class WeightsError(CorpusError):
    """The bundled model's files are missing or damaged."""

    def __init__(self, path: Path, expected: str, found: str) -> None:
        self.path, self.expected, self.found = path, expected, found
        super().__init__(f"{path}: {found} (expected SHA-256 {expected}); reinstall vigie")


class EmbedderUnavailable(CorpusError):
    """A remote embedder does not answer or lacks the model."""

    def __init__(self, model: str, url: str, cause: str) -> None:
        self.model, self.url = model, url
        super().__init__(f"{model} at {url}: {cause}")


class LibraryUnreadable(CorpusError):
    """The library's database is missing or damaged."""

    def __init__(self, path: Path, cause: str) -> None:
        self.path = path
        super().__init__(f"{path}: {cause}")


class VectorsUnavailable(CorpusError):
    """The Chroma server does not answer."""

    def __init__(self, url: str, cause: str) -> None:
        self.url = url
        super().__init__(f"{url}: {cause}")


class VectorsMissing(VectorsUnavailable):
    """A Chroma server that has no collection of this library."""
