"""Walls, opt-outs, dates and second looks: what is kept of a page, and what a later reading may not take away."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from corpus.store import Store
from tests.fake_site import Site
from tests.test_ingest_patience import NOW, PROSE, page, rss, run


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "vigie.sqlite") as made:
        yield made


WALL = '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":false}</script>'
NOAI = '<meta name="robots" content="noai">'


def test_a_recheck_keeps_what_only_the_feed_knew(site: Site, store: Store) -> None:
    site.answers |= {"/feed": (200, {}, rss(site, ["/open", "/closed", "/own"]))}
    site.answers |= {
        "/open": (200, {}, page("Titre ouvert")),
        "/closed": (200, {}, page("Connexion", WALL, "<p>Abonnez-vous pour lire.</p>" * 20)),
        "/own": (200, {}, page("Page réservée", NOAI)),
    }
    report = run(site, store)
    assert report.articles.shortened == {"a paywall": 1, "the publisher reserves text and data mining": 1}
    before = {a.url: a for a in store.find(with_text=True)}
    assert before[f"{site.base}/open"].summary == "Résumé de /open."
    assert before[f"{site.base}/closed"].text == "Résumé de /closed."
    assert before[f"{site.base}/own"].text == "Résumé de /own."
    # Asked again a day later, as a known page: the feed no longer names it.
    site.answers["/feed"] = (200, {}, rss(site, []))
    site.answers["/open"] = (200, {}, page("Titre ouvert", WALL, "<p>Abonnez-vous pour lire.</p>" * 20))
    run(site, store, now=NOW + timedelta(days=1), recheck=True)
    assert [site.count(p) for p in ("/open", "/closed", "/own")] == [2, 2, 2]
    assert {a.url: a for a in store.find(with_text=True)} == before


def test_looks_become_rarer_from_first_seen_on(site: Site, store: Store) -> None:
    site.answers |= {"/feed": (200, {}, rss(site, ["/1"]))}
    bodies = itertools.count()
    site.answers["/1"] = lambda n: (
        (304, {}, b"") if n in (3, 5) else (200, {"ETag": f'"{n}"'}, page(f"Titre {next(bodies) if n == 4 else 0}"))
    )
    waits = []
    site.answers["/feed"] = lambda n: (200, {"ETag": '"f"'}, rss(site, ["/1"])) if n == 1 else (304, {}, b"")
    for day in (0, 2, 8, 16, 40):
        report = run(site, store, now=NOW + timedelta(days=day), recheck=True)
        assert report.feeds.unchanged == bool(day), "feeds are asked conditionally with recheck too"
        (state,) = store.pages()
        assert state.next_check is not None
        waits.append((state.next_check - NOW - timedelta(days=day)) / timedelta(days=1))
    assert waits == [pytest.approx(1 / 24), 1.0, 4.0, 8.0, 20.0]


# -- walls and dates ---------------------------------------------------------------------------------------------------

CONSENT = (
    "<p>Nous et nos 842 partenaires stockons des informations sur votre appareil, telles que les cookies, pour personnaliser"
    " les annonces.</p><button>Tout accepter</button><button>Tout refuser</button><p>Vous pouvez gérer vos choix, y compris"
    " votre droit d’opposition lorsque l’intérêt légitime est utilisé.</p>"
)
BANNER = "<div>We use cookies. Accept all. Reject all.</div>"


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        ((200, {}, page("Nous respectons votre vie privée", "", CONSENT)), "walled", "a consent wall"),
        ((200, {}, f"<html><body>{CONSENT}</body></html>".encode()), "walled", "a consent wall"),
        ((403, {}, b"<h1>Forbidden</h1>"), "walled", "no access (HTTP 403)"),
        ((402, {}, b""), "walled", "no access (HTTP 402)"),
        ((200, {}, page("Titre", "", BANNER + PROSE)), "full", ""),
        ((200, {}, page("La CNIL et les cookies", "", CONSENT + PROSE * 4)), "full", ""),
    ],
)
def test_a_wall_leaves_what_the_feed_carries(site: Site, store: Store, answer, status: str, reason: str) -> None:  # type: ignore[no-untyped-def]
    site.answers |= {"/feed": (200, {}, rss(site, ["/1"])), "/1": answer}
    report = run(site, store)
    (article,) = store.find(with_text=True)
    assert article.status == status
    assert report.articles.shortened == ({reason: 1} if reason else {})
    assert (article.text == "Résumé de /1.") is (status == "walled")
    assert (article.title == "Titre /1") is (status == "walled")


def test_an_empty_page_under_a_banner_is_no_wall(site: Site, store: Store) -> None:
    site.answers |= {
        "/feed": (200, {}, rss(site, ["/1"])),
        "/1": (200, {}, f"<html><body>{BANNER}</body></html>".encode()),
    }
    report = run(site, store)
    assert store.find() == []
    assert sum(report.articles.skipped.values()) == 1


def test_a_wall_on_another_host_does_not_become_the_address(site: Site, store: Store) -> None:
    site.answers |= {"/feed": (200, {}, rss(site, ["/1", "/2"]))}
    wall = Site()
    try:
        for n in (1, 2):
            site.answers[f"/{n}"] = (302, {"Location": f"{wall.base}/collect?for={n}"}, b"")
            wall.answers[f"/collect?for={n}"] = (200, {}, page("Nous respectons votre vie privée", "", CONSENT))
        run(site, store)
    finally:
        wall.server.shutdown()
        wall.server.server_close()
    assert sorted(a.url for a in store.find()) == [f"{site.base}/1", f"{site.base}/2"]


def test_a_number_in_the_text_is_no_date(site: Site, store: Store) -> None:
    years = "".join(
        f"<p>En {y}, l’usine de Lyon comptait {y} postes, et 1{y % 10} le 3 mai {y} encore.</p>"
        for y in range(2008, 2022)
    )
    dated = "<item><title>B</title><link>/dated</link><pubDate>Mon, 02 Feb 2026 10:00:00 GMT</pubDate></item>"
    future = "<item><title>C</title><link>/future</link><pubDate>Fri, 01 Jan 2038 00:00:00 GMT</pubDate></item>"
    shown = "<item><title>D</title><link>/2026/01/15/shown</link></item>"
    items = f"<item><title>A</title><link>/plain</link></item>{dated}{future}{shown}"
    site.answers["/feed"] = (200, {}, f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>".encode())
    for path in ("/plain", "/dated", "/future", "/2026/01/15/shown"):
        site.answers[path] = (200, {}, page(f"Titre {path}", "", years))
    run(site, store)
    dates = {a.url.removeprefix(site.base): a.published and f"{a.published:%Y-%m-%d}" for a in store.find()}
    assert dates == {"/plain": None, "/dated": "2026-02-02", "/future": None, "/2026/01/15/shown": "2026-01-15"}
