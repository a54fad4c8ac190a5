"""One writer a library, by a lock file that works on Linux, macOS and Windows and is gone with its process."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from corpus.errors import LibraryBusy, LibraryUnwritable


class WriterLock:
    """The right to write to the library at ``home``, held for the length of a ``with`` block.

    Raises LibraryBusy, naming the holder, when another process (or another thread) holds it for longer than ``wait``
    seconds, and LibraryUnwritable when the folder cannot be written.
    """

    def __init__(self, home: Path, *, purpose: str, wait: float = 0.0) -> None:
        self._home, self._purpose, self._wait = home, purpose, wait
        self._lock = FileLock(home / "writer.lock", thread_local=False)
        self._note = home / "writer.json"

    def __enter__(self) -> Self:
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=self._wait)
        except Timeout as error:
            raise LibraryBusy(self._home, self._holder()) from error
        except OSError as error:
            raise LibraryUnwritable(self._home, error.strerror or str(error)) from error
        note = {"pid": os.getpid(), "purpose": self._purpose, "since": datetime.now(UTC).isoformat(timespec="seconds")}
        # The note only makes a refusal readable: a full disk must not cost the lock.
        with suppress(OSError):
            self._note.write_text(json.dumps(note), encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._note.unlink(missing_ok=True)
        self._lock.release()

    def _holder(self) -> str:
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            return f"vigie {note['purpose']} (process {note['pid']}, since {note['since']})"
        except (OSError, ValueError, KeyError, TypeError):
            return ""
