"""The store's tables, how they came to be, and how rows and values turn into each other."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sqlite3
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar, get_type_hints

from corpus.blocks import blocks_from_json
from corpus.models import Article, ArticleStatus

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE articles (
        id TEXT PRIMARY KEY, url TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL, source TEXT NOT NULL,
        published TEXT, language TEXT NOT NULL, author TEXT NOT NULL, summary TEXT NOT NULL, first_seen TEXT NOT NULL,
        status TEXT NOT NULL, topics TEXT NOT NULL, grp TEXT NOT NULL, feed_url TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX articles_by_seen ON articles (first_seen);
    CREATE INDEX articles_by_date ON articles (COALESCE(published, first_seen));
    CREATE TABLE revisions (
        article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE, number INTEGER NOT NULL,
        seen TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, sha256 TEXT NOT NULL,
        PRIMARY KEY (article_id, number)
    );
    CREATE TABLE changes (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, article_id TEXT NOT NULL, revision INTEGER NOT NULL,
        kind TEXT NOT NULL
    );
    CREATE TABLE signatures (article_id TEXT PRIMARY KEY, signature BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE citations (
        place TEXT NOT NULL, article_id TEXT NOT NULL, revision INTEGER NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (place, article_id, revision)
    ) WITHOUT ROWID;
    CREATE TABLE feeds (url TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE pages (url TEXT PRIMARY KEY, next_check TEXT, state TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX pages_by_check ON pages (next_check);
    """,
    """
    CREATE TABLE cited (
        place TEXT NOT NULL, article_id TEXT NOT NULL, revision INTEGER NOT NULL, quote TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (place, article_id, revision, quote)
    ) WITHOUT ROWID;
    INSERT INTO cited SELECT place, article_id, revision, '', at FROM citations;
    DROP TABLE citations;
    """,
    "ALTER TABLE revisions ADD COLUMN blocks TEXT;",
)

T = TypeVar("T")


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to the newest form, each step in a transaction of its own; a newer form is refused."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise sqlite3.DatabaseError(f"written by a newer Vigie (form {version}, this one knows {len(MIGRATIONS)})")
    for number in range(version, len(MIGRATIONS)):
        connection.executescript(f"BEGIN IMMEDIATE; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;")


def stand_in(connection: sqlite3.Connection) -> None:
    """What an older database that may not be written to lacks, as views of this connection alone."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if 0 < version < 3:
        connection.execute("CREATE TEMP VIEW revisions AS SELECT *, NULL AS blocks FROM main.revisions")


def to_text(moment: datetime) -> str:
    """A moment as sortable text: UTC, microseconds, always of one length. Naive moments are refused."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {moment!r}")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def to_moment(text: str) -> datetime:
    """The inverse of ``to_text``."""
    return datetime.fromisoformat(text)


def fold(text: str) -> str:
    """Case and accents away, for comparing names of sources."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c)).strip()


def content_sha256(title: str, text: str) -> str:
    """What makes a revision: the title and the text, nothing else."""
    return hashlib.sha256(f"{title}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()


def state_to_json(state: Any) -> str:
    """A dataclass of plain values and moments as JSON."""
    values = {
        f.name: to_text(v) if isinstance(v := getattr(state, f.name), datetime) else v
        for f in dataclasses.fields(state)
    }
    return json.dumps(values, ensure_ascii=False)


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)


def state_from_json(kind: type[T], text: str) -> T:
    """The inverse of ``state_to_json``. Fields that a newer or older Vigie knows are passed over or take defaults."""
    hints = _hints(kind)  # type: ignore[arg-type] # classes are hashable
    values = {key: value for key, value in json.loads(text).items() if key in hints}
    for key, value in values.items():
        if isinstance(value, str) and datetime in getattr(hints[key], "__args__", (hints[key],)):
            values[key] = to_moment(value)
    return kind(**values)


ARTICLE_COLUMNS = (
    "a.id, a.url, r.title, a.source, a.published, a.language, a.author, a.summary, a.first_seen, a.status, a.topics, "
    "r.number, a.grp, a.feed_url"
)


def row_to_article(row: tuple[Any, ...], text: str, blocks: str | None) -> Article:
    """A row of ``ARTICLE_COLUMNS`` and the revision's text, with what its blocks are (JSON), as a value."""
    (_, url, title, source, published, language, author, summary, seen, status, topics, number, group, feed_url) = row
    scores: Mapping[str, float] = json.loads(topics)
    kept: ArticleStatus = status
    return Article(
        url=url,
        title=title,
        text=text,
        source=source,
        published=to_moment(published) if published else None,
        language=language,
        author=author,
        summary=summary,
        first_seen=to_moment(seen),
        status=kept,
        topics=scores,
        revision=number,
        group=group,
        feed_url=feed_url,
        blocks=blocks_from_json(blocks),
    )


def encodable(article: Article) -> Article:
    """The article without lone surrogates, which no file can hold: each becomes a question mark."""
    texts = {name: getattr(article, name) for name in ("url", "title", "text", "source", "author", "summary")}
    clean = {name: text.encode("utf-8", "replace").decode("utf-8") for name, text in texts.items()}
    return article if clean == texts else dataclasses.replace(article, **clean)
