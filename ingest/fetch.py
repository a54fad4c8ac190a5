"""Polite HTTP: one request at a time to a host, robots.txt and delays kept, sizes and times capped, failures as values.

A request that fails in passing (429, 5xx, a broken or cut connection, a time-out) is tried again after a pause; what
fails for good is told at once. Redirects are followed hop by hop, each under its own host's rules and address guard.
"""

from __future__ import annotations

import logging
import random
import ssl
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import brotli
import httpx
import truststore

from ingest.fetch_body import decoded, read_out, retry_after
from ingest.guard import AddressGuard, AddressRefused, GuardedTransport, NoAddress
from ingest.models import CrawlSettings, FetchedPage, FetchProblem
from ingest.robots import READ_BYTES, Robots, read_robots
from ingest.timed import TimedBackend
from ingest.urls import canonical_url, host_key, split_web_url

log = logging.getLogger(__name__)

PASSING_STATUS = frozenset((408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524))
LONGEST_WAIT = 30.0
"""Seconds that a run waits for a host that asks for patience; a longer wish is noted for the next run."""
NOTICE_SECONDS = 5.0
"""Seconds that the body of a refusal or a redirect, which is not kept, is given."""
LONGEST_DELAY = 600.0
"""Seconds between two requests that a host's robots.txt may ask for; where it asks for more, it is not asked at all."""
LONGEST_FOR_ALL = 86400.0
"""Seconds for which one page's Retry-After holds back the other pages and feeds of its host, at most."""
MOST_MISSES = 6
"""From here on a host is left alone for the rest of a run: a page of which nothing came in any of its tries counts two, one
that was refused in passing (5xx, 429) one, and a page that came makes it zero."""
HANG_UP_PAUSE = 0.5
"""Seconds between an answer that was not read to its end and the next request to its host."""
REDIRECTS = frozenset((301, 302, 303, 307, 308))


def user_agent(contact: str) -> str:
    """What servers see: the product, and whom to write to."""
    return f"Vigie/0.1 (news reader of one person; {contact or 'no contact configured'})"


@dataclass(slots=True)
class _Gate:
    """What is known of a host during a run; the lock is held for the length of a request."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    free_at: float = 0.0
    robots: Robots | None = None
    client: httpx.Client | None = None
    clock: TimedBackend | None = None
    closed_until: float = 0.0
    """Until when the host asked to be left alone, if for longer than a run waits."""
    misses: int = 0
    cut_short: bool = False
    """The last answer was not read to its end, so that the server may still be writing it."""


class RobotsMemory(Protocol):
    """Where answers to robots.txt are kept for a day (RFC 9309, 2.4), from run to run."""

    def recall(self, host: str) -> tuple[int, bytes] | None:
        """The status and body that were kept for a host, None when there are none, or too old ones."""
        ...

    def remember(self, host: str, status: int, content: bytes) -> None:
        """Keep an answer."""
        ...


class Fetcher:
    """Fetches for one run. Safe to share between threads. ``agent`` is what servers see in their log."""

    def __init__(
        self,
        settings: CrawlSettings,
        *,
        agent: str,
        memory: RobotsMemory | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._memory = memory
        self._settings = settings
        self._agent = agent
        self._sleep = sleep
        self._guard = AddressGuard(settings.allow_hosts, settings.connect_to)
        self._gates: dict[str, _Gate] = {}
        self._gates_lock = threading.Lock()
        self._tls = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def get(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        accept: str = "*/*",
        limit: int | None = None,
        only_types: tuple[str, ...] = (),
    ) -> FetchedPage | FetchProblem:
        """The answer to a GET, conditional where validators are given; 304 is an answer.

        ``limit`` caps the bytes after decompression; ``only_types`` are beginnings of media types to read, others are
        refused before their body.
        """
        ask = _Ask(etag, last_modified, accept, limit or self._settings.max_page_bytes, only_types)
        problem = FetchProblem(url, "no answer", passing=True)
        for attempt in range(self._settings.retries + 1):
            outcome = self._follow(url, ask)
            if isinstance(outcome, FetchedPage) or not outcome.passing:
                self._gate(outcome.url).misses = 0
                return outcome
            problem = outcome
            if not outcome.this_run:
                break
            pause = max(outcome.retry_after, min(8.0, 0.5 * 2**attempt) * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
            if attempt == self._settings.retries or pause > LONGEST_WAIT:
                break
            log.debug("%s: %s; again in %.1f s", url, outcome.reason, pause)
            self._sleep(pause)
        if problem.asked:
            self._gate(problem.url).misses += 1 if problem.status else 2
        return problem

    def robots(self, url: str) -> Robots:
        """The rules of the URL's host, asked for once a run."""
        gate = self._gate(url)
        with gate.lock:
            return self._robots(gate, url)

    def _follow(self, url: str, ask: _Ask) -> FetchedPage | FetchProblem:
        moved, permanent, here = "", True, url
        seen = {canonical_url(url)}
        for _ in range(self._settings.max_redirects + 1):
            outcome = self._one(here, ask)
            if not isinstance(outcome, _Redirect):
                if isinstance(outcome, FetchedPage):
                    return FetchedPage(
                        here,
                        outcome.status,
                        outcome.content,
                        outcome.headers,
                        outcome.etag,
                        outcome.last_modified,
                        moved,
                    )
                return outcome
            target = canonical_url(outcome.location, here)
            if not target:
                return FetchProblem(url, "redirect to no web address")
            if target in seen:
                return FetchProblem(url, "redirect loop")
            seen.add(target)
            permanent = permanent and outcome.permanent
            moved = target if permanent else moved
            here = target
        return FetchProblem(url, "too many redirects")

    def _one(self, url: str, ask: _Ask) -> FetchedPage | FetchProblem | _Redirect:
        if split_web_url(url) is None:
            return FetchProblem(url, "no web address")
        gate = self._gate(url)
        with gate.lock:
            if left := self._left_alone(gate, url):
                return left
            robots = self._robots(gate, url)
            if robots.wait:
                return FetchProblem(url, "robots.txt cannot be had now", passing=True, this_run=False)
            if not robots.allows(url):
                return FetchProblem(url, "disallowed by robots.txt")
            if robots.crawl_delay() > LONGEST_DELAY:
                return FetchProblem(url, f"robots.txt asks for {robots.crawl_delay():.0f} s between two requests")
            return self._request(gate, url, ask)

    def _left_alone(self, gate: _Gate, url: str) -> FetchProblem | None:
        """Why nothing more is asked of a host in this run, where that is so."""
        wait = gate.closed_until - time.monotonic()
        if wait > 0:
            reason = f"{host_key(url)} asked to be left alone for a while"
        elif gate.misses >= MOST_MISSES:
            reason = f"{host_key(url)} did not answer several times in a row; asked again by the next crawl"
        else:
            return None
        return FetchProblem(
            url, reason, passing=True, retry_after=min(max(wait, 0.0), LONGEST_FOR_ALL), this_run=False, asked=False
        )

    def _robots(self, gate: _Gate, url: str) -> Robots:
        """The host's rules, under its lock: those kept from an earlier run, else asked for."""
        if gate.robots is not None:
            return gate.robots
        host = host_key(url)
        kept = self._memory.recall(host) if self._memory else None
        status, content = kept or self._ask_robots(gate, url)
        gate.robots = read_robots(status, content)
        # A host that did not answer at all said nothing that is worth keeping for a day.
        if kept is None and status and self._memory and not gate.robots.wait:
            self._memory.remember(host, status, content)
        # When the last request of an earlier run was is not known: the host's delay counts from now.
        gate.free_at = max(gate.free_at, time.monotonic() + gate.robots.crawl_delay())
        return gate.robots

    def _ask_robots(self, gate: _Gate, url: str) -> tuple[int, bytes]:
        parts = split_web_url(url)
        assert parts is not None
        address = f"{parts.scheme}://{host_key(url)}/robots.txt"
        ask = _Ask("", "", "text/plain", READ_BYTES, (), cut=True)
        for attempt in range(3):
            outcome = self._request(gate, address, ask)
            for _ in range(5):  # RFC 9309, 2.3.1.2: five hops at least.
                if not isinstance(outcome, _Redirect):
                    break
                target = canonical_url(outcome.location, address)
                outcome = self._request(gate, target, ask) if target else FetchProblem(address, "bad redirect")
            if isinstance(outcome, FetchedPage):
                return outcome.status, outcome.content
            if isinstance(outcome, _Redirect):
                return 404, b""
            if not outcome.passing or not outcome.this_run:
                return outcome.status, b""
            if attempt < 2:
                self._sleep(0.5 * 2**attempt)
        return 503, b""

    def _request(self, gate: _Gate, url: str, ask: _Ask) -> FetchedPage | FetchProblem | _Redirect:
        """One request under the host's lock, after its delay."""
        wait = gate.free_at - time.monotonic()
        if wait > 0:
            self._sleep(wait)
        delay = max(self._settings.delay, gate.robots.crawl_delay() if gate.robots else 0.0)
        gate.cut_short = False
        outcome: FetchedPage | FetchProblem | _Redirect | None = None
        try:
            outcome = self._send(gate, url, ask)
            return outcome
        except NoAddress as error:
            return FetchProblem(url, str(error), passing=True, this_run=False)
        except AddressRefused as error:
            return FetchProblem(url, str(error))
        except httpx.TimeoutException as error:
            whole = gate.clock is not None and time.monotonic() >= gate.clock.until
            reason = self._too_long() if whole else f"no answer in time ({type(error).__name__})"
            return FetchProblem(url, reason, passing=True)
        except httpx.DecodingError as error:
            return FetchProblem(url, f"an answer that cannot be read ({error})")
        except (httpx.HTTPError, zlib.error, brotli.error, ssl.SSLError, OSError) as error:
            return FetchProblem(url, f"connection failed ({type(error).__name__}: {error})".strip(), passing=True)
        except (httpx.InvalidURL, httpx.CookieConflict, UnicodeError, ValueError) as error:
            return FetchProblem(url, f"not a usable address or answer ({error})")
        finally:
            # A server goes on writing for a moment after we hang up: the next request waits until it has noticed.
            hung_up = gate.cut_short or outcome is None or (isinstance(outcome, FetchProblem) and not outcome.status)
            gate.free_at = time.monotonic() + max(delay, HANG_UP_PAUSE if hung_up else 0.0)
            if isinstance(outcome, FetchProblem) and outcome.retry_after > LONGEST_WAIT:
                gate.closed_until = time.monotonic() + outcome.retry_after

    def _too_long(self) -> str:
        return f"took longer than {self._settings.page_seconds:.0f} s"

    def _send(self, gate: _Gate, url: str, ask: _Ask) -> FetchedPage | FetchProblem | _Redirect:
        if gate.client is None or gate.clock is None:
            transport = GuardedTransport(self._guard, verify=self._tls)
            gate.clock = transport.clock
            gate.client = httpx.Client(
                transport=transport, timeout=self._settings.timeout, follow_redirects=False, headers=self._headers()
            )
        gate.clock.until = until = time.monotonic() + self._settings.page_seconds
        with gate.client.stream("GET", url, headers=ask.headers()) as answer:
            if answer.status_code in REDIRECTS or answer.status_code == 304 or answer.status_code >= 400:
                gate.clock.until = min(until, time.monotonic() + NOTICE_SECONDS)
                gate.cut_short = not read_out(answer)
                gate.clock.until = until
            if answer.status_code in REDIRECTS and answer.headers.get("location"):
                return _Redirect(answer.headers["location"], answer.status_code in (301, 308))
            if answer.status_code == 304:
                return self._page(url, answer, b"")
            if answer.status_code >= 400:
                passing = answer.status_code in PASSING_STATUS
                return FetchProblem(
                    url,
                    f"HTTP {answer.status_code}",
                    passing=passing,
                    status=answer.status_code,
                    retry_after=retry_after(answer.headers.get("retry-after", "")),
                )
            kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            if ask.only_types and kind and not kind.startswith(ask.only_types):
                return FetchProblem(url, f"not a text page ({kind})")
            declared = answer.headers.get("content-length", "")
            if declared.isdigit() and int(declared) > ask.limit and not ask.cut:
                return FetchProblem(url, f"larger than {ask.limit // 1024} KiB, the most that is read")
            content = bytearray()
            for part in decoded(answer, ask.limit):
                content += part
                if len(content) > ask.limit and ask.cut:
                    gate.cut_short = True
                    break
                if len(content) > ask.limit or answer.num_bytes_downloaded > ask.limit:
                    return FetchProblem(url, f"larger than {ask.limit // 1024} KiB, the most that is read")
                if time.monotonic() > until:
                    return FetchProblem(url, self._too_long(), passing=True)
            return self._page(url, answer, bytes(content[: ask.limit]))

    def _page(self, url: str, answer: httpx.Response, content: bytes) -> FetchedPage:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return FetchedPage(
            url, answer.status_code, content, headers, headers.get("etag", ""), headers.get("last-modified", "")
        )

    def _headers(self) -> dict[str, str]:
        return {
            "User-Agent": self._agent,
            "Accept-Encoding": "gzip, br",
            "Accept-Language": "fr, en;q=0.9, *;q=0.5",
        }

    def _gate(self, url: str) -> _Gate:
        with self._gates_lock:
            return self._gates.setdefault(host_key(url), _Gate())

    def close(self) -> None:
        """Close every connection."""
        for gate in self._gates.values():
            if gate.client is not None:
                gate.client.close()


@dataclass(frozen=True, slots=True)
class _Redirect:
    location: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class _Ask:
    etag: str
    last_modified: str
    accept: str
    limit: int
    only_types: tuple[str, ...]
    cut: bool = False
    """Keep the first ``limit`` bytes of a longer answer, as RFC 9309 has it for robots.txt."""

    def headers(self) -> dict[str, str]:
        headers = {"Accept": self.accept}
        if self.etag:
            headers["If-None-Match"] = self.etag
        if self.last_modified:
            headers["If-Modified-Since"] = self.last_modified
        return headers
