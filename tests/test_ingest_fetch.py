from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator

import brotli
import pytest

from ingest.fetch import Fetcher
from ingest.guard import AddressGuard, AddressRefused
from ingest.models import CrawlSettings, FetchedPage, FetchProblem
from tests.fake_site import Site


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    settings = CrawlSettings(allow_hosts=("127.0.0.0/8",), delay=0.0, timeout=5, max_page_bytes=100_000, retries=3)
    made = Fetcher(
        settings, agent="Vigie/test (contact@a.example)", sleep=lambda seconds: time.sleep(min(seconds, 0.05))
    )
    yield made
    made.close()


def problem(outcome: FetchedPage | FetchProblem) -> FetchProblem:
    assert isinstance(outcome, FetchProblem), outcome
    return outcome


def page(outcome: FetchedPage | FetchProblem) -> FetchedPage:
    assert isinstance(outcome, FetchedPage), outcome
    return outcome


def test_a_page_with_its_validators_and_our_name(site: Site, fetcher: Fetcher) -> None:
    site.answers["/a"] = (200, {"ETag": '"1"', "Last-Modified": "x"}, b"text")
    got = page(fetcher.get(f"{site.base}/a", etag='"0"', last_modified="y"))
    assert (got.content, got.etag, got.last_modified) == (b"text", '"1"', "x")
    headers = site.asked[-1][1]
    assert (headers["if-none-match"], headers["if-modified-since"]) == ('"0"', "y")
    assert headers["user-agent"].startswith("Vigie/")
    assert "contact@a.example" in headers["user-agent"]


@pytest.mark.parametrize(
    ("coding", "packed"),
    [("gzip", gzip.compress(b"x" * 5000)), ("br", brotli.compress(b"x" * 5000)), ("identity", b"x" * 5000)],
    ids=["gzip", "br", "identity"],
)
def test_content_codings(site: Site, fetcher: Fetcher, coding: str, packed: bytes) -> None:
    site.answers["/a"] = (200, {"Content-Encoding": coding}, packed)
    assert page(fetcher.get(f"{site.base}/a")).content == b"x" * 5000


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", lambda content: gzip.compress(content, 9)), ("br", lambda content: brotli.compress(content, quality=5))],
    ids=["gzip", "br"],
)
def test_a_bomb_goes_off_outside(site: Site, fetcher: Fetcher, coding: str, pack: Callable[[bytes], bytes]) -> None:
    site.answers["/a"] = (200, {"Content-Encoding": coding}, pack(bytes(200_000_000)))
    assert "larger than" in problem(fetcher.get(f"{site.base}/a")).reason


def test_failures_in_passing_are_tried_again(site: Site, fetcher: Fetcher) -> None:
    site.answers["/503"] = lambda n: (503, {}, b"") if n < 3 else (200, {}, b"ok")
    site.answers["/429"] = lambda n: (429, {"Retry-After": "1"}, b"") if n < 2 else (200, {}, b"ok")
    site.answers["/drop"] = lambda n: (0, {}, b"") if n < 3 else (200, {}, b"ok")
    site.answers["/cut"] = lambda n: (
        (200, {"Content-Length": "99"} | ({"Connection": "close"}), b"half") if n < 2 else (200, {}, b"ok")
    )
    for path in ("/503", "/429", "/drop"):
        assert page(fetcher.get(f"{site.base}{path}")).content == b"ok"
    assert site.count("/503") == 3


def test_failures_for_good_are_told_at_once(site: Site, fetcher: Fetcher) -> None:
    site.answers |= {
        "/410": (410, {}, b""),
        "/loop": (302, {"Location": "/loop"}, b""),
        "/pdf": (200, {"Content-Type": "application/pdf"}, b"%PDF"),
    }
    assert problem(fetcher.get(f"{site.base}/410")).status == 410
    assert problem(fetcher.get(f"{site.base}/loop")).reason == "redirect loop"
    assert "not a text page" in problem(fetcher.get(f"{site.base}/pdf", only_types=("text/",))).reason
    assert [site.count(p) for p in ("/410", "/loop", "/pdf")] == [1, 1, 1]
    site.answers["/big"] = (200, {}, b"x" * 200_000)
    assert "larger than" in problem(fetcher.get(f"{site.base}/big")).reason


def test_one_connection_serves_what_is_not_kept_too(site: Site, fetcher: Fetcher) -> None:
    """A connection that is hung up on leaves the server writing while the next request is already there: two at a time."""
    site.answers |= {
        "/same": (304, {"Content-Length": "0"}, b""),
        "/gone": (410, {}, b"x" * 5000),
        "/moved": (302, {"Location": "/page"}, b"see /page" * 50),
        "/page": (200, {"Content-Type": "text/html"}, b"<p>page</p>"),
    }
    assert page(fetcher.get(f"{site.base}/same", etag='"1"')).status == 304
    assert problem(fetcher.get(f"{site.base}/gone")).status == 410
    assert page(fetcher.get(f"{site.base}/moved")).content == b"<p>page</p>"
    assert len(site.peers) == 1
    site.answers["/long"] = (404, {}, b"x" * 1_000_000)
    assert problem(fetcher.get(f"{site.base}/long")).status == 404
    assert page(fetcher.get(f"{site.base}/page")).content == b"<p>page</p>"
    assert len(site.peers) == 2


def test_permanent_moves_are_followed_and_told(site: Site, fetcher: Fetcher) -> None:
    site.answers |= {
        "/old": (301, {"Location": "/new"}, b""),
        "/new": (200, {}, b"ok"),
        "/now": (302, {"Location": "/new"}, b""),
    }
    assert page(fetcher.get(f"{site.base}/old")).moved_to == f"{site.base}/new"
    assert page(fetcher.get(f"{site.base}/now")).moved_to == ""


def test_robots_are_asked_once_and_kept_to(site: Site, fetcher: Fetcher) -> None:
    site.answers["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /members/\n")
    site.answers |= {"/a": (200, {}, b"a"), "/b": (302, {"Location": "/members/x"}, b"")}
    page(fetcher.get(f"{site.base}/a"))
    assert problem(fetcher.get(f"{site.base}/members/x")).reason == "disallowed by robots.txt"
    assert problem(fetcher.get(f"{site.base}/b")).reason == "disallowed by robots.txt"
    assert (site.count("/robots.txt"), site.count("/members/x")) == (1, 0)


def test_a_robots_file_that_cannot_be_had_means_wait(site: Site, fetcher: Fetcher) -> None:
    site.answers["/robots.txt"] = (503, {}, b"")
    assert problem(fetcher.get(f"{site.base}/a")).passing
    assert site.count("/a") == 0


def test_one_request_at_a_time_to_a_host(site: Site, fetcher: Fetcher) -> None:
    for n in range(8):
        site.answers[f"/{n}"] = (200, {}, b"x")
    threads = [threading.Thread(target=fetcher.get, args=(f"{site.base}/{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert site.most == 1
    assert sum(path != "/robots.txt" for path, _ in site.asked) == 8


def test_private_addresses_are_refused_also_after_a_redirect(site: Site, fetcher: Fetcher) -> None:
    closed = Fetcher(CrawlSettings(delay=0.0, retries=0), agent="t")
    assert "private address" in problem(closed.get(f"{site.base}/a")).reason
    assert site.asked == []
    site.answers["/out"] = (302, {"Location": "http://169.254.169.254/latest/meta-data"}, b"")
    assert "private address" in problem(fetcher.get(f"{site.base}/out")).reason
    closed.close()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "0.0.0.0", "fd00::1"]
)
def test_the_guard_knows_private_addresses(host: str) -> None:
    with pytest.raises(AddressRefused, match="private"):
        AddressGuard().address_for(host, 80)
    assert AddressGuard((host,)).address_for(host, 80)[1] == 80


def test_connect_to_sends_a_host_where_the_reader_says() -> None:
    guard = AddressGuard(connect_to=(("a.example", "127.0.0.1:8123"),))
    assert guard.address_for("A.example", 80) == ("127.0.0.1", 8123)
    assert AddressGuard(("127.0.0.0/8",)).address_for("127.0.0.1", 81) == ("127.0.0.1", 81)


def test_odd_addresses_are_values(fetcher: Fetcher) -> None:
    for url in ("", "ftp://a.example/", "http://", "javascript:alert(1)", "http://no-such-host.invalid/"):
        assert isinstance(fetcher.get(url), FetchProblem)
