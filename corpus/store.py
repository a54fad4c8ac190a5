"""SQLite, the source of truth: articles with their revisions, the change sequence, and what the crawler remembers.

Write-ahead log, one connection a thread, one transaction a put: a kill at any moment loses no committed article and
leaves no half of one. Everything else in a library is rebuilt from here.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from corpus.blocks import blocks_from_json, blocks_to_json
from corpus.database import Database
from corpus.errors import LibraryUnwritable
from corpus.models import (
    TOPIC_THRESHOLD,
    TOPICS,
    Article,
    Change,
    FeedState,
    PageState,
    Revision,
    StaleCitation,
    Stored,
)
from corpus.schema import (
    ARTICLE_COLUMNS,
    content_sha256,
    encodable,
    fold,
    row_to_article,
    state_from_json,
    state_to_json,
    to_moment,
    to_text,
)


class Store(Database):
    """The library's articles, changes and crawl memory.

    Opening and errors are those of ``Database``.
    """

    # -- articles ------------------------------------------------------------------------------------------------

    def put(self, article: Article, *, seen: datetime) -> Stored:
        """Keep an article: "new", "updated" (another title or text: a new revision), or "unchanged".

        ``first_seen`` stays that of the first put. Metadata that changed without the text is kept and enters the
        change sequence under the same revision. ``seen`` is when this state was read.
        """
        with self._transaction() as connection:
            return self._put(connection, article, seen)

    def put_crawled(
        self, article: Article | None, page: PageState, *, seen: datetime, signature: bytes = b""
    ) -> Stored | None:
        """An article (if the page gave one), its near-duplicate signature and the page's state, in one transaction."""
        with self._transaction() as connection:
            stored = self._put(connection, article, seen) if article is not None else None
            if stored and signature:
                connection.execute("INSERT OR REPLACE INTO signatures VALUES (?, ?)", (stored.article.id, signature))
            self._put_page(connection, page)
            return stored

    def _put(self, connection: sqlite3.Connection, article: Article, seen: datetime) -> Stored:
        article = encodable(article)
        known = self._one(connection, article.id)
        first_seen = known.first_seen if known else (article.first_seen or seen)
        assert first_seen is not None
        digest = content_sha256(article.title, article.text)
        same_text = known is not None and content_sha256(known.title, known.text) == digest
        revision = (known.revision + (not same_text)) if known else 1
        blocks = blocks_to_json(article.blocks)
        values = (
            article.url,
            revision,
            article.source,
            to_text(article.published) if article.published else None,
            article.language,
            article.author,
            article.summary,
            to_text(first_seen),
            article.status,
            json.dumps(dict(sorted(article.topics.items()))),
            article.group,
            article.feed_url,
        )
        before = connection.execute(
            "SELECT url, revision, source, published, language, author, summary, first_seen, status, topics, grp, "
            "feed_url FROM articles WHERE id = ?",
            (article.id,),
        ).fetchone()
        if before != values:
            connection.execute(
                "INSERT INTO articles VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET "
                "revision=excluded.revision, source=excluded.source, published=excluded.published, "
                "language=excluded.language, author=excluded.author, summary=excluded.summary, "
                "status=excluded.status, topics=excluded.topics, grp=excluded.grp, feed_url=excluded.feed_url",
                (article.id, *values),
            )
            if not same_text:
                read = to_text(seen if known else first_seen)
                connection.execute(
                    "INSERT INTO revisions VALUES (?,?,?,?,?,?,?)",
                    (article.id, revision, read, article.title, article.text, digest, blocks),
                )
            self._note_change(connection, article.id, revision, "put")
        if same_text and blocks is not None:
            # No revision, and no change: nothing that is derived from a text depends on it.
            connection.execute(
                "UPDATE revisions SET blocks = ? WHERE article_id = ? AND number = ? AND blocks IS NOT ?",
                (blocks, article.id, revision, blocks),
            )
        now = self._one(connection, article.id)
        assert now is not None
        return Stored(now, "new" if known is None else "unchanged" if same_text else "updated")

    def _one(self, connection: sqlite3.Connection, article_id: str) -> Article | None:
        row = connection.execute(
            f"SELECT {ARTICLE_COLUMNS}, r.text, r.blocks FROM articles a "  # noqa: S608 - constant columns
            "JOIN revisions r ON r.article_id = a.id AND r.number = a.revision WHERE a.id = ?",
            (article_id,),
        ).fetchone()
        return row_to_article(row[:-2], *row[-2:]) if row else None

    def get(self, article_id: str, *, as_of: datetime | None = None) -> Article | None:
        """The article, or its state as it could be known at ``as_of``: published by then (first seen, where there is no
        date), in the last revision read by then; None when it is (or was) not there."""
        return self.get_many([article_id], as_of=as_of).get(article_id)

    def get_many(self, article_ids: Iterable[str], *, as_of: datetime | None = None) -> dict[str, Article]:
        """The articles that are there, by id, with text."""
        found: dict[str, Article] = {}
        ids = list(dict.fromkeys(article_ids))
        for first in range(0, len(ids), 500):
            part = ids[first : first + 500]
            marks = ",".join("?" * len(part))
            for article in self._select(f"a.id IN ({marks})", part, as_of=as_of, with_text=True):
                found[article.id] = article
        return found

    def find(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        sources: Sequence[str] = (),
        languages: Sequence[str] = (),
        topics: Sequence[str] = (),
        as_of: datetime | None = None,
        seen_since: datetime | None = None,
        seen_until: datetime | None = None,
        limit: int | None = None,
        with_text: bool = False,
    ) -> list[Article]:
        """Articles that meet every condition, newest first; ``since`` inclusive, ``until`` exclusive, by publication
        (first seen where there is no date); ``seen_since`` and ``seen_until`` by first seen. Without ``with_text`` the
        texts are "", and what their blocks are is not told."""
        where, values = ["1"], list[Any]()
        for clause, moment in (
            ("COALESCE(a.published, a.first_seen) >= ?", since),
            ("COALESCE(a.published, a.first_seen) < ?", until),
            ("a.first_seen >= ?", seen_since),
            ("a.first_seen < ?", seen_until),
        ):
            if moment is not None:
                where.append(clause)
                values.append(to_text(moment))
        if sources:
            where.append(f"fold(a.source) IN ({','.join('?' * len(sources))})")
            values += [fold(s) for s in sources]
        if languages:
            where.append(f"a.language IN ({','.join('?' * len(languages))})")
            values += list(languages)
        if topics:
            known = [t for t in topics if t in TOPICS]
            clauses = [f"COALESCE(json_extract(a.topics, '$.{t}'), 0) >= {TOPIC_THRESHOLD}" for t in known]
            where.append(f"({' OR '.join(clauses) or '0'})")
        tail = " ORDER BY COALESCE(a.published, a.first_seen) DESC, a.id" + (f" LIMIT {int(limit)}" if limit else "")
        return list(self._select(" AND ".join(where) + tail, values, as_of=as_of, with_text=with_text))

    def _select(
        self, where: str, values: Sequence[Any], *, as_of: datetime | None, with_text: bool
    ) -> Iterator[Article]:
        number = "a.revision"
        leading: list[Any] = []
        if as_of is not None:
            # The first revision is known from publication on, also when the library came to know it later.
            number = (
                "(SELECT MAX(number) FROM revisions WHERE article_id = a.id AND (seen <= ? OR number = 1) "
                "AND COALESCE(a.published, a.first_seen) <= ?)"
            )
            leading += [to_text(as_of)] * 2
        text = "r.text, r.blocks" if with_text else "'', NULL"
        query = (
            f"SELECT {ARTICLE_COLUMNS}, {text} FROM articles a "  # noqa: S608 - constant columns, values bound
            f"JOIN revisions r ON r.article_id = a.id AND r.number = {number} WHERE {where}"
        )
        with self._translated():
            rows = self._connection().execute(query, [*leading, *values]).fetchall()
        for row in rows:
            yield row_to_article(row[:-2], *row[-2:])

    def revisions(self, article_id: str) -> list[Revision]:
        """Every state of the article that was read, the first first."""
        rows = self._rows(
            "SELECT article_id, number, seen, title, text, sha256, blocks FROM revisions WHERE article_id = ? ORDER BY number",
            (article_id,),
        )
        return [
            Revision(i, n, to_moment(seen), title, text, sha, blocks_from_json(blocks))
            for i, n, seen, title, text, sha, blocks in rows
        ]

    def delete(self, article_id: str) -> bool:
        """Forget an article with its revisions; True when it was there."""
        with self._transaction() as connection:
            known = connection.execute("SELECT revision FROM articles WHERE id = ?", (article_id,)).fetchone()
            if known is None:
                return False
            connection.execute("DELETE FROM articles WHERE id = ?", (article_id,))
            connection.execute("DELETE FROM signatures WHERE article_id = ?", (article_id,))
            self._note_change(connection, article_id, known[0], "delete")
            return True

    def sources(self) -> list[str]:
        """The names of all sources, sorted."""
        return [name for (name,) in self._rows("SELECT DISTINCT source FROM articles ORDER BY source")]

    def fingerprint(self) -> str:
        """SHA-256 over every article as it now stands (URL, text, date, source, language): the same library whenever and in
        whatever order it was filled."""
        digest = hashlib.sha256()
        for row in self._rows(
            "SELECT a.url, r.sha256, COALESCE(a.published, ''), a.source, a.language FROM articles a "
            "JOIN revisions r ON r.article_id = a.id AND r.number = a.revision ORDER BY a.url"
        ):
            digest.update(json.dumps(row).encode())
        return digest.hexdigest()

    def signatures(self) -> Iterator[tuple[str, bytes]]:
        """(article id, near-duplicate signature) of every article that has one, in order of first seen."""
        yield from self._rows(
            "SELECT s.article_id, s.signature FROM signatures s JOIN articles a ON a.id = s.article_id "
            "ORDER BY a.first_seen, a.id"
        )

    # -- the change sequence -------------------------------------------------------------------------------------

    @staticmethod
    def _note_change(connection: sqlite3.Connection, article_id: str, revision: int, kind: str) -> None:
        connection.execute(
            "INSERT INTO changes (article_id, revision, kind) VALUES (?,?,?)", (article_id, revision, kind)
        )

    def sequence(self) -> int:
        """The number of the last change, 0 before the first."""
        return int(self._rows("SELECT COALESCE(MAX(sequence), 0) FROM changes")[0][0])

    def changes(self, after: int, limit: int = 1000) -> list[Change]:
        """The changes that follow number ``after``, in order, at most ``limit``."""
        rows = self._rows("SELECT * FROM changes WHERE sequence > ? ORDER BY sequence LIMIT ?", (after, limit))
        return [Change(*row) for row in rows]

    # -- what the crawler remembers ------------------------------------------------------------------------------

    def feeds(self) -> list[FeedState]:
        """Every subscription, by URL."""
        return [state_from_json(FeedState, text) for (text,) in self._rows("SELECT state FROM feeds ORDER BY url")]

    def put_feed(self, state: FeedState) -> None:
        """Keep a subscription's state; a new URL is a new subscription."""
        with self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO feeds VALUES (?, ?)", (state.url, state_to_json(state)))

    def rename_feed(self, old: str, new: FeedState) -> None:
        """A subscription moves for good (301, 308): the old URL goes, the new one takes its place, and its articles and
        pages with it."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM feeds WHERE url = ?", (old,))
            connection.execute("INSERT OR REPLACE INTO feeds VALUES (?, ?)", (new.url, state_to_json(new)))
            connection.execute("UPDATE articles SET feed_url = ? WHERE feed_url = ?", (new.url, old))
            connection.execute(
                "UPDATE pages SET state = json_set(state, '$.feed_url', ?) WHERE json_extract(state, '$.feed_url') = ?",
                (new.url, old),
            )

    def remove_feed(self, url: str) -> bool:
        """End a subscription; its articles stay. True when it was there."""
        with self._transaction() as connection:
            return connection.execute("DELETE FROM feeds WHERE url = ?", (url,)).rowcount > 0

    def page(self, url: str) -> PageState | None:
        """What is remembered of the page at a canonical URL."""
        rows = self._rows("SELECT state FROM pages WHERE url = ?", (url,))
        return state_from_json(PageState, rows[0][0]) if rows else None

    def pages_due(self, now: datetime) -> list[PageState]:
        """The pages whose next check has come, the longest due first; a check more than a month ahead was set by a clock that
        has run backwards since, and has come too."""
        rows = self._rows(
            "SELECT state FROM pages WHERE next_check <= ? OR next_check > ? ORDER BY next_check, url",
            (to_text(now), to_text(now + timedelta(days=31))),
        )
        return [state_from_json(PageState, text) for (text,) in rows]

    def pages(self) -> list[PageState]:
        """Every page that is remembered, by URL."""
        return [state_from_json(PageState, text) for (text,) in self._rows("SELECT state FROM pages ORDER BY url")]

    def put_page(self, state: PageState) -> None:
        """Remember a page."""
        with self._transaction() as connection:
            self._put_page(connection, state)

    @staticmethod
    def _put_page(connection: sqlite3.Connection, state: PageState) -> None:
        due = to_text(state.next_check) if state.next_check else None
        connection.execute("INSERT OR REPLACE INTO pages VALUES (?,?,?)", (state.url, due, state_to_json(state)))

    # -- citations and facts about the library -------------------------------------------------------------------

    def record_citations(self, place: str, cited: Iterable[tuple[str, int, str]], *, at: datetime) -> None:
        """Remember that the answer or digest ``place`` cites revisions of articles: (article id, revision, quote)."""
        with self._transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO cited VALUES (?,?,?,?,?)", [(place, i, r, q, to_text(at)) for i, r, q in cited]
            )

    def stale_citations(self) -> list[StaleCitation]:
        """Every citation of a revision that is no longer the current one, the newest first."""
        rows = self._rows(
            "SELECT c.place, c.article_id, c.revision, COALESCE(a.revision, 0), c.quote, c.at, COALESCE(a.url, ''), "
            "COALESCE(r.title, ''), COALESCE(r.text, '') FROM cited c LEFT JOIN articles a ON a.id = c.article_id "
            "LEFT JOIN revisions r ON r.article_id = a.id AND r.number = a.revision "
            "WHERE COALESCE(a.revision, 0) != c.revision ORDER BY c.at DESC, 1, 2, c.quote"
        )
        return [
            StaleCitation(place, key, cited, now, quote, to_moment(at), url, title, not quote or quote not in text)
            for place, key, cited, now, quote, at, url, title, text in rows
        ]

    def get_meta(self, key: str) -> str:
        """A remembered fact, "" when there is none."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else ""

    def set_meta(self, key: str, value: str) -> None:
        """Remember a fact about the library."""
        with self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def full_shares(self) -> Mapping[str, float]:
        """Feed URL -> share of its articles that were read in full."""
        return dict(self._rows("SELECT feed_url, AVG(status = 'full') FROM articles GROUP BY 1"))

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Articles in all (under "" of "all"), by language, by source, by topic, and by status."""
        tables: dict[str, Mapping[str, int]] = {"all": {"": self._rows("SELECT COUNT(*) FROM articles")[0][0]}}
        for name in ("language", "source", "status"):
            grouped = f"SELECT {name}, COUNT(*) FROM articles GROUP BY 1 ORDER BY 2 DESC, 1"  # noqa: S608 - constant
            tables[name] = dict(self._rows(grouped))
        tables["topic"] = {
            topic: self._rows(
                "SELECT COUNT(*) FROM articles WHERE COALESCE(json_extract(topics, ?), 0) >= ?",
                (f"$.{topic}", TOPIC_THRESHOLD),
            )[0][0]
            for topic in TOPICS
        }
        return tables


def open_store(path: Path) -> Store:
    """The store, without the right to write where the disk refuses it."""
    try:
        return Store(path)
    except LibraryUnwritable:
        if not path.exists():
            raise
        return Store(path, read_only=True)
