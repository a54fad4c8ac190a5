"""Servers that never end, hosts that want to be left alone, walls, moves, second looks: manners beyond the first request."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import vigie
from corpus.health import problems
from corpus.models import Article, FeedState, PageState
from corpus.store import Store
from evals.newsroom import WordEmbedder
from ingest.check import check_feeds
from ingest.crawl import crawl
from ingest.decide import freshness, next_feed_check, page_after_failure
from ingest.fetch import Fetcher
from ingest.models import CrawlOutcome, CrawlSettings, Feed, FeedEntry, FetchedPage, FetchProblem
from tests.fake_site import Site
from ui.cli_state import CrawlProgress
from ui.printing import print_crawl

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SETTINGS = CrawlSettings(allow_hosts=("127.0.0.0/8",), delay=0.0, retries=0, timeout=5, page_seconds=0.6)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
PROSE = "".join(
    f"<p>Paragraphe {i} : le groupe Zébulon supprime {i + 10} postes à Nantes et à Lyon.</p>" for i in range(9)
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "vigie.sqlite") as made:
        yield made


def fetching(**more: object) -> Fetcher:
    values = {name: getattr(SETTINGS, name) for name in SETTINGS.__slots__} | more
    return Fetcher(CrawlSettings(**values), agent="Vigie/test", sleep=lambda seconds: time.sleep(min(seconds, 0.02)))


@contextlib.contextmanager
def server(head: bytes, endless: bytes, pause: float) -> Iterator[str]:
    """A server that has no robots.txt, and whose every other answer begins with ``head`` and goes on for ever."""
    listener = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            if b"/robots.txt" in connection.recv(4000):
                connection.sendall(b"HTTP/1.1 404 None\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            connection.sendall(head)
            while not stopped.wait(pause):
                connection.sendall(endless)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stopped.set()
        listener.close()


@pytest.mark.parametrize(
    ("head", "endless"),
    [
        pytest.param(OK + b"\r\n", b"x", id="a body by the byte"),
        pytest.param(OK, b"X-More: x\r\n", id="headers without end"),
        pytest.param(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", id="hints without end"),
        pytest.param(OK.replace(b"html", b"html\r\nContent-Encoding: gzip") + b"\r\n", b"\x1f", id="gzip by the byte"),
    ],
)
def test_an_answer_that_never_ends_is_left_in_time(head: bytes, endless: bytes) -> None:
    with server(head, endless, 0.05) as base:
        got = fetching().get(f"{base}/a")
    assert isinstance(got, FetchProblem)
    assert (
        got.reason in ("took longer than 1 s", "not a usable address or answer (x)")
        or "connection failed" in got.reason
    )


def test_a_coding_that_nobody_asked_for_is_no_reason_to_ask_again(site: Site) -> None:
    site.answers["/a"] = (200, {"Content-Encoding": "zstd"}, b"x")
    got = fetching(retries=3).get(f"{site.base}/a")
    assert isinstance(got, FetchProblem)
    assert "unknown content coding" in got.reason
    assert (got.passing, site.count("/a")) == (False, 1)


def test_a_refusal_whose_page_never_ends_is_a_refusal() -> None:
    with server(b"HTTP/1.1 410 Gone\r\n\r\n", b"x", 0.05) as base:
        got = fetching().get(f"{base}/a")
    assert isinstance(got, FetchProblem)
    assert (got.status, got.passing) == (410, False)


def test_bytes_on_the_wire_count_too() -> None:
    """Blocks of deflate that hold nothing: a stream without end of which nothing comes out."""
    begun = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = begun.compress(b"hello") + begun.flush(zlib.Z_FULL_FLUSH)
    head = OK + b"Content-Encoding: gzip\r\n\r\n" + start
    with server(head, b"\x00\x00\x00\xff\xff" * 10_000, 0.0) as base:
        got = fetching(max_page_bytes=300_000, page_seconds=30.0).get(f"{base}/a")
    assert isinstance(got, FetchProblem)
    assert "larger than" in got.reason


def test_a_host_that_does_not_answer_is_left_alone_for_the_rest_of_the_run(site: Site) -> None:
    fetcher = fetching(retries=1)
    for n in range(12):
        site.answers[f"/dead{n}"] = (0, {}, b"")
        site.answers[f"/ill{n}"] = (503, {}, b"")
    site.answers |= {"/fine": (200, {}, b"fine"), "/gone": (404, {}, b"")}
    got = [fetcher.get(f"{site.base}/ill{n}") for n in range(5)]
    assert isinstance(fetcher.get(f"{site.base}/fine"), FetchedPage), "a page that comes counts for the others"
    got = [fetcher.get(f"{site.base}/dead{n}") for n in range(12)]
    assert [g.asked for g in got if isinstance(g, FetchProblem)] == [True] * 3 + [False] * 9
    assert [site.count(f"/dead{n}") for n in range(5)] == [2, 2, 2, 0, 0]
    last = got[-1]
    assert isinstance(last, FetchProblem)
    assert last.passing
    assert "by the next crawl" in last.reason


def test_pages_that_fail_do_not_keep_new_ones_from_being_asked(site: Site, store: Store) -> None:
    dead = [f"/dead{n}" for n in range(4)]
    site.answers |= {path: (0, {}, b"") for path in dead} | {"/good": (200, {}, page("Titre"))}
    site.answers["/feed"] = (200, {}, rss(site, dead))
    run(site, store)
    site.answers["/feed"] = (200, {}, rss(site, [*dead, "/good"]))
    run(site, store)
    assert [a.url for a in store.find()] == [f"{site.base}/good"]


def test_retry_after_of_one_page_is_kept_for_its_whole_host(site: Site) -> None:
    fetcher = fetching(retries=3)
    site.answers |= {"/a": (429, {"Retry-After": "3600"}, b""), "/b": (200, {}, b"b")}
    first, second = fetcher.get(f"{site.base}/a"), fetcher.get(f"{site.base}/b")
    assert isinstance(first, FetchProblem)
    assert isinstance(second, FetchProblem)
    assert (site.count("/a"), site.count("/b")) == (1, 0)
    assert "left alone" in second.reason
    state = page_after_failure(PageState("x"), FeedEntry("x", "", None), "{}", second, NOW)
    assert state.failures == 0
    assert state.next_check is not None
    assert state.next_check > NOW + timedelta(minutes=59)


def test_the_other_feeds_of_a_host_that_asks_for_patience_are_not_failures(site: Site, store: Store) -> None:
    site.answers |= {"/busy": (429, {"Retry-After": "864000"}, b""), "/feed": (200, {}, rss(site, []))}
    feeds = [Feed(f"{site.base}/busy"), Feed(f"{site.base}/feed")]
    for _ in range(2):
        report = crawl(store, feeds, SETTINGS, clock=lambda: NOW)
        busy, other = store.feeds()
        assert (busy.failures, other.failures, other.error) == (1, 0, "")
        assert other.retry_after is not None
        assert timedelta(hours=23) < other.retry_after - NOW <= timedelta(days=1)
    assert report.feeds.failed == 0
    assert (site.count("/busy"), site.count("/feed")) == (1, 0)


def test_a_feed_that_is_left_alone_is_counted_and_told(
    site: Site, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """A crawl that asked nothing and said nothing left its reader to wonder."""
    site.answers["/feed"] = (200, {}, rss(site, []))
    address = f"{site.base}/feed"
    resting = FeedState(address, failures=3, next_check=NOW + timedelta(hours=2), error="HTTP 503")
    ended = FeedState(f"{site.base}/gone", ended="410 Gone")
    for state in (resting, ended):
        store.put_feed(state)
    feeds = [Feed(state.url) for state in (resting, ended)]
    report = crawl(store, feeds, SETTINGS, clock=lambda: NOW)
    assert (report.feeds.waiting, report.feeds.checked, site.count("/feed")) == (1, 0, 0)
    print_crawl(report)
    assert "Left alone for now: 1" in " ".join(capsys.readouterr().out.split())
    # What the schedule has not come to yet is no news.
    assert crawl(store, feeds, SETTINGS, clock=lambda: NOW, due_only=True).feeds.waiting == 0
    later = crawl(store, feeds, SETTINGS, clock=lambda: NOW + timedelta(hours=3))
    assert (later.feeds.waiting, later.feeds.checked) == (0, 1)


def test_a_crawl_delay_that_no_run_can_keep_means_not_at_all(site: Site) -> None:
    site.answers["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 86400\n")
    site.answers["/a"] = (200, {}, b"a")
    got = fetching().get(f"{site.base}/a")
    assert isinstance(got, FetchProblem)
    assert "86400 s between two requests" in got.reason
    assert site.count("/a") == 0


def test_a_budget_that_is_spent_asks_nothing_more(site: Site, store: Store) -> None:
    report = run(site, store, run_seconds=1e-9)
    assert site.count("/feed") == 0
    assert report.feeds.failed == 0


def test_freshness_that_a_304_does_not_repeat_stays(site: Site, store: Store) -> None:
    made = rss(site, [])
    site.answers["/feed"] = lambda n: (
        (200, {"ETag": '"1"', "Cache-Control": "max-age=172800"}, made) if n == 1 else (304, {"ETag": '"1"'}, b"")
    )
    for _ in range(2):
        run(site, store)
        (state,) = store.feeds()
        assert state.next_check is not None
        assert state.next_check >= NOW + timedelta(days=2)
    assert freshness({"cache-control": "no-store"}, 5) == 0


def test_a_check_keeps_to_retry_after(site: Site, store: Store) -> None:
    site.answers["/feed"] = (429, {"Retry-After": "3600"}, b"")
    feeds = [Feed(f"{site.base}/feed")]
    for _ in range(2):
        (state,) = check_feeds(store, feeds, SETTINGS, clock=lambda: NOW) or [FeedState("")]
        assert state.error == "HTTP 429"
        assert state.retry_after is not None
    assert site.count("/feed") == 1


# -- moves -----------------------------------------------------------------------------------------------------------


def rss(site: Site, paths: list[str]) -> bytes:
    items = "".join(
        f"<item><title>Titre {p}</title><link>{site.base}{p}</link><description>Résumé de {p}.</description>"
        f"<author>a@a.example (Ada)</author></item>"
        for p in paths
    )
    return f"<rss version='2.0'><channel><title>Fil</title><link>{site.base}/</link>{items}</channel></rss>".encode()


def page(title: str, more: str = "", body: str = PROSE) -> bytes:
    return f"<html lang=fr><head><title>{title}</title>{more}</head><article><h1>{title}</h1>{body}</article></html>".encode()


def run(site: Site, store: Store, *, path: str = "/feed", now: datetime = NOW, recheck: bool = False, **more: object):  # type: ignore[no-untyped-def]
    values = {name: getattr(SETTINGS, name) for name in SETTINGS.__slots__} | {"page_seconds": 30.0} | more
    return crawl(store, [Feed(f"{site.base}{path}")], CrawlSettings(**values), clock=lambda: now, recheck=recheck)  # type: ignore[arg-type]


def test_a_subscription_moves_on_a_304_and_its_articles_go_with_it(site: Site, store: Store) -> None:
    site.answers |= {"/feed": (200, {"ETag": '"1"'}, rss(site, ["/1"])), "/1": (200, {}, page("Titre 1"))}
    run(site, store)
    site.answers |= {"/feed": (301, {"Location": "/new"}, b""), "/new": (304, {"ETag": '"1"'}, b"")}
    report = run(site, store)
    assert "moved for good" in report.problems[0]
    (state,) = store.feeds()
    assert (state.url, state.title) == (f"{site.base}/new", "Fil")
    assert [a.feed_url for a in store.find()] == [state.url]
    assert [p.feed_url for p in store.pages()] == [state.url]
    assert store.full_shares() == {state.url: 1.0}


def test_two_subscriptions_that_move_to_one_become_one(site: Site, store: Store) -> None:
    made = rss(site, ["/1"])
    site.answers |= {
        "/new": (200, {}, made),
        "/1": (200, {}, page("Titre 1")),
        "/old": (301, {"Location": "/new"}, b""),
    }
    store.put_feed(FeedState(f"{site.base}/new", "Mon nom", "Presse"))
    report = run(site, store, path="/old")
    assert "they are one now" in report.problems[0]
    assert [(s.url, s.title, s.folder) for s in store.feeds()] == [(f"{site.base}/new", "Mon nom", "Presse")]


def test_a_list_with_the_old_address_still_brings_what_is_new_at_the_new_one(site: Site, store: Store) -> None:
    site.answers |= {"/new": (200, {}, rss(site, ["/1"])), "/old": (301, {"Location": "/new"}, b"")}
    site.answers |= {f"/{n}": (200, {}, page(f"Titre {n}")) for n in (1, 2)}
    run(site, store, path="/old")
    site.answers["/new"] = (200, {}, rss(site, ["/1", "/2"]))
    run(site, store, path="/old")
    assert sorted(a.url for a in store.find()) == [f"{site.base}/1", f"{site.base}/2"]
    assert [s.url for s in store.feeds()] == [f"{site.base}/new"]
    # Both in the list: they stay one subscription.
    count = site.count("/new")
    crawl(store, [Feed(f"{site.base}{p}") for p in ("/new", "/old")], SETTINGS, clock=lambda: NOW)
    assert site.count("/new") == count + 2
    assert [s.url for s in store.feeds()] == [f"{site.base}/new"]


def test_a_feed_that_is_gone_says_so(site: Site, store: Store) -> None:
    site.answers["/feed"] = (410, {}, b"")
    report = run(site, store)
    assert "no longer asked" in report.problems[0]
    (state,) = store.feeds()
    assert state.ended == "410 Gone on 2026-03-01"
    run(site, store)
    assert site.count("/feed") == 1
    assert problems(store, []) == [f"{state.url}: no longer asked (410 Gone on 2026-03-01); remove it"]


def test_a_check_tells_the_share_of_full_texts_too(site: Site, home: Path) -> None:
    url = f"{site.base}/feed"
    site.answers["/feed"] = (200, {}, rss(site, []))
    with vigie.open_library(home, vigie.Settings(allow_hosts=("127.0.0.0/8",))) as library:
        library.subscribe(Feed(url))
        library._store.put(Article(f"{site.base}/1", "A", "Un texte.", "F", NOW, "fr", feed_url=url), seen=NOW)
        assert [f.full_share for f in library.check_feeds()] == [1.0]


@pytest.mark.parametrize(
    ("ttl", "max_age", "per_week", "hours"),
    [
        (10800, 7200, 0.0, 3),
        (0, 7200, 50.0, 2),
        (60, 300, 0.25, 24),
        (0, 0, 14.0, 6),
        (0, 0, 5000.0, 0.5),
        (0, 0, 0.0, 24),
    ],
)
def test_the_next_check_is_what_was_asked_for_else_half_the_usual_time(
    ttl: int, max_age: int, per_week: float, hours: float
) -> None:
    state = FeedState("x", entries_per_week=per_week)
    due = next_feed_check(state, NOW, ttl_seconds=ttl, max_age=max_age, rng=random.Random(1))
    assert 1.0 <= (due - NOW) / timedelta(hours=hours) <= 1.1


def test_progress_counts_every_stage() -> None:
    lines: list[str] = []
    told = CrawlProgress(lines.append)
    told(CrawlOutcome("f", "f", "updated", entry=False))
    told(CrawlOutcome("a", "f", "new"))
    told.indexing(3)
    told.indexing(0)
    assert lines == ["1 feeds", "1 feeds, 1 new", "1 feeds, 1 new, 3 to index", "1 feeds, 1 new"]


def test_a_crawl_tells_what_waits_for_the_index(site: Site, home: Path) -> None:
    site.answers |= {"/feed": (200, {}, rss(site, ["/1", "/2"]))}
    site.answers |= {f"/{n}": (200, {}, page(f"Titre {n}")) for n in (1, 2)}
    left: list[int] = []
    with vigie.open_library(home, vigie.Settings(allow_hosts=("127.0.0.0/8",), crawl={"delay": 0.0})) as library:
        library.embedder = WordEmbedder()
        library.subscribe(Feed(f"{site.base}/feed"))
        library.crawl(on_index=left.append)
    assert max(left) >= 2
    assert left[-1] == 0
