"""A library's SQLite connections: one a thread, transactions, and SQLite's errors as this package's."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from corpus.errors import LibraryUnreadable, LibraryUnwritable
from corpus.schema import fold, migrate, stand_in


class Database:
    """The file at ``path``, safe to share between threads.

    ``read_only`` opens without the right to write, also on a read-only disk. Raises LibraryUnreadable when the file is
    not a Vigie database, LibraryUnwritable when the disk refuses a write.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._read_only = read_only
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        # SQLite lets the threads of one process take turns by chance, and one that has none for its whole time-out fails.
        self._turn = threading.Lock()
        if not read_only:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise LibraryUnwritable(path.parent, error.strerror or str(error)) from error
            with self._translated():
                migrate(self._connection())
        with self._translated():
            self._connection().execute("SELECT COUNT(*) FROM meta").fetchone()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            self._local.connection = connection
            with self._guard:
                self._connections.append(connection)
        return connection

    def _connect(self) -> sqlite3.Connection:
        target = self.path.absolute().as_uri()
        modes = ("?mode=ro", "?mode=ro&immutable=1") if self._read_only else ("?mode=rwc",)
        for mode in modes:
            connection = sqlite3.connect(
                target + mode, uri=True, timeout=60, isolation_level=None, check_same_thread=False
            )
            try:
                connection.execute("PRAGMA foreign_keys = ON")
                if not self._read_only:
                    connection.execute("PRAGMA journal_mode = WAL")
                    # NORMAL loses no committed transaction to a killed process, only to a power cut, and then whole.
                    connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
                if self._read_only:
                    stand_in(connection)
            except sqlite3.OperationalError:
                connection.close()
                if mode == modes[-1]:
                    raise
                continue
            connection.create_function("fold", 1, fold, deterministic=True)
            return connection
        raise AssertionError("unreachable: the last mode raises or returns")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._turn, self._translated():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._translated():
            return self._connection().execute(query, values).fetchall()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """SQLite's errors that a reader can mend, as this package's."""
        try:
            yield
        except sqlite3.OperationalError as error:
            text = str(error)
            if "locked" in text:
                raise LibraryUnwritable(self.path, "another process is writing to it", "try again") from error
            if any(part in text for part in ("disk is full", "readonly", "disk I/O")):
                raise LibraryUnwritable(self.path, text) from error
            if "unable to open" in text:
                if self._read_only:
                    raise LibraryUnreadable(self.path, "there is no library here yet; crawl first") from error
                raise LibraryUnwritable(self.path, text) from error
            raise
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                raise
            raise LibraryUnreadable(self.path, f"{error}; move it away or restore a copy") from error

    def close(self) -> None:
        """Close every thread's connection."""
        with self._guard:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._local = threading.local()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
