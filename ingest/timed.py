"""A request's time: connections of which every read and write ends when it is over.

A time-out of a client counts from byte to byte, so that a server which sends one every few seconds, of a header or of a
body, holds a reader for weeks. Here the time counts from the start of the request, whatever is sent.
"""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore


class TimedBackend(httpcore.NetworkBackend):
    """Opens connections that obey ``until``, a moment of ``time.monotonic``; it is set anew for each request.

    For a client that sends one request at a time. What comes too late raises httpcore.ReadTimeout.
    """

    def __init__(self) -> None:
        self.until = math.inf
        self._inner = httpcore.SyncBackend()

    def left(self, timeout: float | None) -> float | None:
        """The seconds that one step may take: ``timeout``, or what is left of the request's time."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the request's time is over")
        if math.isinf(left):
            return timeout
        return left if timeout is None else min(timeout, left)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection, as httpcore asks for it."""
        opened = self._inner.connect_tcp(host, port, self.left(timeout), local_address, socket_options)
        return _TimedStream(opened, self)


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, clock: TimedBackend) -> None:
        self._inner, self._clock = inner, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._clock.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._clock.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, self._clock.left(timeout)), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
