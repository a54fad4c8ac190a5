"""One queue per host over all feeds: hosts are worked on side by side, each by one worker at a time."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

Task = Callable[[], None]


class HostQueues:
    """``workers`` threads. Tasks of one host run one after the other in the order given; a task may add others.

    ``run`` returns when every task is done, or raises the first exception that a task let out, after the others have
    stopped.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._guard = threading.Condition()
        self._waiting: dict[str, deque[Task]] = {}
        self._open = 0
        self._failure: BaseException | None = None
        self._pool: ThreadPoolExecutor | None = None

    def add(self, host: str, task: Task) -> None:
        """Put a task at the end of its host's queue."""
        with self._guard:
            self._open += 1
            queue = self._waiting.get(host)
            if queue is not None:
                queue.append(task)
                return
            self._waiting[host] = deque([task])
            if self._pool is not None:
                self._pool.submit(self._work, host)

    def run(self) -> None:
        """Work until nothing is left."""
        with ThreadPoolExecutor(self._workers, thread_name_prefix="crawl") as pool:
            with self._guard:
                self._pool = pool
                for host in self._waiting:
                    pool.submit(self._work, host)
            try:
                with self._guard:
                    while self._open and self._failure is None:
                        self._guard.wait(timeout=1.0)
            except BaseException as error:
                with self._guard:
                    self._failure = self._failure or error
            with self._guard:
                if self._failure is not None:
                    for queue in self._waiting.values():
                        self._open -= len(queue)
                        queue.clear()
        self._pool = None
        if self._failure is not None:
            raise self._failure

    def _work(self, host: str) -> None:
        while True:
            with self._guard:
                queue = self._waiting[host]
                if not queue or self._failure is not None:
                    del self._waiting[host]
                    return
                task = queue.popleft()
            try:
                task()
            except BaseException as error:
                with self._guard:
                    self._failure = self._failure or error
            with self._guard:
                self._open -= 1
                self._guard.notify_all()
