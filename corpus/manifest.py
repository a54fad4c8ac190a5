"""The one file that says what of the columns and of the term index is valid; replaced whole, so never half true.

Data files only grow. What lies beyond the manifest's numbers was being written when a process died, and is written
over by the next one.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Manifest:
    """``rows`` chunks are valid, up to change ``sequence``, in folder ``generation``."""

    generation: str = "1"
    rows: int = 0
    articles: int = 0
    tokens: int = 0
    sequence: int = 0
    embedder: str = ""
    dimension: int = 0
    token_dimension: int = 0
    segments: tuple[tuple[int, int], ...] = ()
    """(first row, last row) of each segment of the term index."""
    strings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Names by field ("source", "language"); a column holds their numbers."""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The manifest of a folder; the empty one when there is none yet."""
        path = folder / "manifest.json"
        for attempt in range(50):
            try:
                values = json.loads(path.read_text(encoding="utf-8"))
                break
            except FileNotFoundError:
                return cls()
            except PermissionError:  # Windows, in the moment of the replacement.
                if attempt == 49:
                    raise
                time.sleep(0.01)
        values["segments"] = tuple((a, b) for a, b in values["segments"])
        values["strings"] = {name: tuple(names) for name, names in values["strings"].items()}
        return cls(**values)

    @staticmethod
    def mark(folder: Path) -> tuple[int, ...]:
        """What changes with every ``write``, without reading: the file's number, size and moment; () when there is none.

        Two writes within one tick of the file system's clock (some milliseconds) could leave the same mark; between two
        batches of the indexer a vector is made and a file is synchronised, which takes longer.
        """
        try:
            held = os.stat(os.path.join(folder, "manifest.json"))  # noqa: PTH116, PTH118 - at every search, and half as dear
        except OSError:
            return ()
        return held.st_ino, held.st_size, held.st_mtime_ns

    def write(self, folder: Path) -> None:
        """Replace the folder's manifest by this one, in one step."""
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / "manifest.new"
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
            file.flush()
            os.fsync(file.fileno())
        for attempt in range(50):
            try:
                fresh.replace(folder / "manifest.json")
                return
            except PermissionError:  # Windows, while a reader has it open.
                if attempt == 49:
                    raise
                time.sleep(0.01)

    def number(self, name: str, value: str) -> tuple[Self, int]:
        """The number of a name in a field, and the manifest that knows it."""
        names = self.strings.get(name, ())
        if value in names:
            return self, names.index(value)
        return replace(self, strings={**self.strings, name: (*names, value)}), len(names)
