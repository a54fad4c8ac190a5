from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import LibraryUnreadable, LibraryUnwritable
from corpus.models import Article, FeedState, PageState
from corpus.schema import state_from_json, state_to_json, to_moment, to_text
from corpus.store import Store


def article(url: str = "https://a.example/1", text: str = "Texte.", **more: object) -> Article:
    return Article(url, "Titre", text, str(more.pop("source", "Quotidien")), None, "fr", **more)  # type: ignore[arg-type]


@pytest.fixture
def store(home: Path) -> Store:
    return Store(home / "vigie.sqlite")


def test_put_tells_new_updated_and_unchanged(store: Store, moment: datetime) -> None:
    later = moment + timedelta(hours=1)
    first = store.put(article(), seen=moment)
    again = store.put(article(), seen=later)
    changed = store.put(article(text="Autre texte."), seen=later)
    assert [first.kind, again.kind, changed.kind] == ["new", "unchanged", "updated"]
    assert changed.article.first_seen == moment
    assert [(r.number, r.text, r.seen) for r in store.revisions(first.article.id)] == [
        (1, "Texte.", moment),
        (2, "Autre texte.", later),
    ]
    assert [(c.sequence, c.revision, c.kind) for c in store.changes(0)] == [(1, 1, "put"), (2, 2, "put")]


def test_metadata_alone_is_a_change_but_no_revision(store: Store, moment: datetime) -> None:
    store.put(article(), seen=moment)
    stored = store.put(article(topics={"layoffs": 0.9}), seen=moment)
    assert stored.kind == "unchanged"
    assert stored.article.topics == {"layoffs": 0.9}
    assert (store.sequence(), len(store.revisions(stored.article.id))) == (2, 1)


def test_as_of_gives_what_was_known(store: Store, moment: datetime) -> None:
    stored = store.put(article(), seen=moment)
    store.put(article(text="Corrigé."), seen=moment + timedelta(days=2))
    key = stored.article.id
    assert store.get(key, as_of=moment - timedelta(seconds=1)) is None
    known = store.get(key, as_of=moment + timedelta(days=1))
    assert known is not None
    assert (known.text, known.revision) == ("Texte.", 1)
    assert [a.revision for a in store.find(as_of=moment + timedelta(days=1))] == [1]


def test_a_late_reader_can_ask_as_of_the_time_of_publication(store: Store, moment: datetime) -> None:
    early = moment - timedelta(days=90)
    old = Article("https://a.example/1", "T", "Texte.", "Quotidien", early, "fr")
    store.put(old, seen=moment)
    store.put(replace(old, text="Corrigé."), seen=moment + timedelta(days=1))
    assert store.get(old.id, as_of=early - timedelta(seconds=1)) is None
    known = store.get(old.id, as_of=early)
    assert known is not None
    assert known.text == "Texte."


def test_find_filters(store: Store, moment: datetime) -> None:
    store.put(article("https://a.example/1", source="Les Échos", topics={"skills": 0.7}), seen=moment)
    store.put(article("https://a.example/2", source="Monde", topics={"skills": 0.2}), seen=moment + timedelta(days=1))
    assert [a.source for a in store.find()] == ["Monde", "Les Échos"]
    assert [a.source for a in store.find(sources=["les echos"])] == ["Les Échos"]
    assert [a.source for a in store.find(topics=["skills"])] == ["Les Échos"]
    assert store.find(topics=["nothing"]) == []
    assert [a.source for a in store.find(since=moment + timedelta(days=1))] == ["Monde"]
    assert [a.source for a in store.find(until=moment + timedelta(days=1))] == ["Les Échos"]
    assert store.find(languages=["en"]) == []
    assert [a.text for a in store.find(limit=1, with_text=True)] == ["Texte."]


def test_an_article_and_its_page_are_kept_together_or_not_at_all(store: Store, moment: datetime) -> None:
    with pytest.raises(ValueError, match="time zone"):
        store.put_crawled(article(), PageState("u", next_check=datetime(2026, 1, 1)), seen=moment)  # noqa: DTZ001
    assert (store.find(), store.sequence(), store.page("u")) == ([], 0, None)
    store.put_crawled(article(), PageState("u", etag='"1"'), seen=moment, signature=b"s")
    assert store.page("u") == PageState("u", etag='"1"')
    assert list(store.signatures()) == [(article().id, b"s")]


def test_delete_and_stale_citations(store: Store, moment: datetime) -> None:
    one = store.put(article("https://a.example/1"), seen=moment).article
    two = store.put(article("https://a.example/2"), seen=moment).article
    store.record_citations("answer 1", [(one.id, 1, one.text), (one.id, 1, "rigé"), (two.id, 1, "")], at=moment)
    assert store.stale_citations() == []
    store.put(article("https://a.example/1", text="Corrigé."), seen=moment)
    assert store.delete(two.id)
    assert not store.delete(two.id)
    stale = {(c.article_id, c.quote): (c.cited, c.current, c.changed) for c in store.stale_citations()}
    # What the quote says is still there in one of them: the article changed elsewhere.
    assert stale == {(one.id, one.text): (1, 2, True), (one.id, "rigé"): (1, 2, False), (two.id, ""): (1, 0, True)}
    assert store.changes(3)[-1].kind == "delete"


def test_feeds_and_due_pages(store: Store, moment: datetime) -> None:
    store.put_feed(FeedState("https://a.example/feed", title="A", next_check=moment))
    store.rename_feed("https://a.example/feed", FeedState("https://b.example/feed", title="A"))
    assert [f.url for f in store.feeds()] == ["https://b.example/feed"]
    assert store.remove_feed("https://b.example/feed")
    store.put_page(PageState("late", next_check=moment))
    store.put_page(PageState("early", next_check=moment - timedelta(days=1)))
    store.put_page(PageState("never"))
    assert [p.url for p in store.pages_due(moment)] == ["early", "late"]


def test_many_threads_write(store: Store, moment: datetime) -> None:
    def write(part: int) -> None:
        for i in range(20):
            store.put(article(f"https://a.example/{part}/{i}"), seen=moment)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.counts()["all"][""] == 80
    assert store.sequence() == 80


def test_a_file_that_is_no_database_is_one_clear_error(home: Path) -> None:
    home.mkdir()
    (home / "vigie.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(LibraryUnreadable, match="move it away or restore"):
        Store(home / "vigie.sqlite")
    with pytest.raises(LibraryUnreadable, match="no library here"):
        Store(home / "absent.sqlite", read_only=True)


def test_a_newer_form_is_refused(home: Path) -> None:
    Store(home / "vigie.sqlite").close()
    connection = sqlite3.connect(home / "vigie.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(LibraryUnreadable, match="newer Vigie"):
        Store(home / "vigie.sqlite")


FIRST, LAST = datetime(1, 1, 2), datetime(9999, 12, 30)  # noqa: DTZ001 - hypothesis wants them naive


@given(st.datetimes(FIRST, LAST, timezones=st.timezones(), allow_imaginary=False))
def test_moments_survive_and_sort(moment: datetime) -> None:
    text = to_text(moment)
    assert to_moment(text) == moment.astimezone(UTC)
    assert len(text) == 27
    assert to_text(moment.astimezone(UTC) + timedelta(microseconds=1)) > text


def test_states_survive(moment: datetime) -> None:
    state = FeedState("u", failures=3, last_success=moment, ended="410")
    assert state_from_json(FeedState, state_to_json(state)) == state
    assert state_from_json(FeedState, '{"url": "u", "of a newer vigie": 1}') == FeedState("u")


def test_a_full_disk_is_one_clear_error_and_loses_nothing(store: Store, moment: datetime) -> None:
    store.put(article(), seen=moment)
    pages = store._connection().execute("PRAGMA page_count").fetchone()[0]
    store._connection().execute(f"PRAGMA max_page_count = {pages + 2}")

    def fill() -> None:
        for i in range(200):
            store.put(article(f"https://a.example/{i}", text="x" * 2000), seen=moment)

    with pytest.raises(LibraryUnwritable, match="free some space"):
        fill()
    kept = store.counts()["all"][""]
    store._connection().execute("PRAGMA max_page_count = 1000000")
    assert store.put(article("https://a.example/after"), seen=moment).kind == "new"
    assert store.counts()["all"][""] == kept + 1


def test_threads_that_write_wait_for_their_turn(store: Store) -> None:
    """SQLite's own waiting is a matter of chance: under load a crawl's thread got no turn for half a minute, and failed."""
    inside, failures = threading.Event(), list[BaseException]()

    def write() -> None:
        try:
            # As impatient as can be: without a turn of its own, this one fails at once.
            store._connection().execute("PRAGMA busy_timeout = 0")
            inside.wait()
            store.set_meta("b", "2")
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    with store._transaction() as connection:
        inside.set()
        thread.join(0.3)
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('a', '1')")
    thread.join()
    assert failures == []
    assert (store.get_meta("a"), store.get_meta("b")) == ("1", "2")


def test_what_no_file_can_hold_is_replaced(store: Store, moment: datetime) -> None:
    stored = store.put(
        Article("https://a.example/\ud800", "T \ud83d x", "One \ud800 two.", "S", None, "en"), seen=moment
    )
    kept = store.get(stored.article.id)
    assert kept is not None
    assert (kept.title, kept.text, kept.url) == ("T ? x", "One ? two.", "https://a.example/?")
    assert (
        store.put(Article("https://a.example/?", "T ? x", "One ? two.", "S", None, "en"), seen=moment).kind
        == "unchanged"
    )
