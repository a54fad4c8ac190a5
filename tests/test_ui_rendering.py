from __future__ import annotations

import socketserver
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import ClassVar
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vigie
from corpus.models import Article
from rag.models import Answer, Citation, Digest, DigestSection, Passage, Question, Sentence
from ui.chat_panel import answer_message, evidence_html, highlighted
from ui.delivery import deliver, write_digest
from ui.moments import read_moment
from ui.rendering import digest_html, digest_markdown, digest_rss, escape_markdown, safe_link
from ui.schedule import crawl_job, digest_job, read_span, scheduled

NOW = datetime(2026, 2, 10, 12, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1)) \x1b[31m"


def hostile_citation() -> Citation:
    passage = Passage(
        HOSTILE, title=HOSTILE, url="javascript:alert(1)", source=HOSTILE, published=NOW, language="fr", article_id="a"
    )
    return Citation(1, passage, HOSTILE, 0, len(HOSTILE))


def digest() -> Digest:
    return Digest(
        NOW,
        NOW,
        "fr",
        (DigestSection("Titre", (Sentence(HOSTILE, (1,), "supported"),), (hostile_citation(),)),),
        withheld=2,
    )


def answer() -> Answer:
    return Answer(
        Question("q", "fr"),
        "fr",
        True,
        "extractive",
        (Sentence(HOSTILE, (1,), "partly"),),
        (hostile_citation(),),
        as_of=NOW,
    )


@pytest.mark.parametrize("made", [digest_html(digest()), evidence_html(answer(), lambda _: None, "fr", sample=False)])
def test_nothing_of_an_article_runs_as_html(made: str) -> None:
    assert "<script>alert" not in made
    assert "<img" not in made
    assert 'href="javascript' not in made


def test_nothing_of_an_article_is_markdown() -> None:
    for made in (digest_markdown(digest()), answer_message(answer(), "fr")):
        assert "<script>" not in made.replace("\\<script\\>", "")
        assert "](javascript" not in made


def test_a_digest_as_rss_is_a_feed_we_read_ourselves() -> None:
    from ingest.feeds import read_feed

    feed = read_feed(digest_rss(digest()).encode(), "http://127.0.0.1/digest.xml")
    assert feed.title.startswith("Veille IA")
    channel = ET.fromstring(digest_rss(digest())).find("channel")
    assert channel is not None
    assert channel.findtext("link") == "http://127.0.0.1/"
    assert parsedate_to_datetime(channel.findtext("lastBuildDate") or "") == digest().until.replace(microsecond=0)
    # A citation without an address that can be opened has no link.
    assert [item.findtext("link") for item in channel.iter("item")] == [None]


@given(st.text(max_size=60))
def test_links_are_web_addresses_or_nothing(url: str) -> None:
    made = safe_link(url)
    assert made == "" or made.startswith(("http://", "https://"))
    assert "\n" not in escape_markdown(url)


def test_the_quote_is_marked_in_the_stored_text() -> None:
    stored = "Avant.\n\nLa <b> phrase.\n\nAprès."
    start = stored.index("La")
    made = highlighted(stored, start, start + 14, "La <b> phrase.")
    assert "<mark>La &lt;b&gt; phrase.</mark>" in made
    assert "Avant." in made
    assert "<mark>perdu</mark>" in highlighted(stored, 0, 3, "perdu")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7d", NOW - timedelta(days=7)),
        ("2w", NOW - timedelta(days=14)),
        ("12h", NOW - timedelta(hours=12)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("hier", datetime(2026, 2, 9, tzinfo=UTC)),
        ("yesterday", datetime(2026, 2, 9, tzinfo=UTC)),
        ("la semaine dernière", datetime(2026, 2, 2, tzinfo=UTC)),
        ("octobre 2025", datetime(2025, 10, 1, tzinfo=UTC)),
    ],
)
def test_moments_as_readers_type_them(text: str, expected: datetime) -> None:
    assert read_moment(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-11-03", datetime(2025, 11, 4, tzinfo=UTC)),
        ("3 novembre 2025", datetime(2025, 11, 4, tzinfo=UTC)),
        ("2025-11", datetime(2025, 12, 1, tzinfo=UTC)),
        ("November 2025", datetime(2025, 12, 1, tzinfo=UTC)),
        ("2025", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_as_of_a_day_or_month_means_its_end(text: str, expected: datetime) -> None:
    assert read_moment(text, NOW, end=True) == expected - timedelta(seconds=1)
    moment = datetime(2025, 11, 3, 10, tzinfo=UTC)
    assert read_moment("2025-11-03T10:00", NOW, end=True) == moment


@pytest.mark.parametrize("text", ["2026-02-31", "31 février 2026", "2025-13", "entre 2024 et 2025", "03/11/2025"])
def test_what_is_no_date_is_not_taken_for_its_year(text: str) -> None:
    with pytest.raises(ValueError, match="no date"):
        read_moment(text, NOW)


@given(st.text(max_size=30))
def test_a_moment_or_a_clear_error(text: str) -> None:
    try:
        read_moment(text, NOW)
    except (ValueError, OverflowError) as error:
        assert str(error)  # noqa: PT017 - either outcome is right


class Mailbox(socketserver.StreamRequestHandler):
    """A mail server of four commands."""

    letters: ClassVar[list[str]] = []

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline().decode().strip():
            if line.upper() == "DATA":
                self.wfile.write(b"354 go\r\n")
                body = []
                while (row := self.rfile.readline().decode()) != ".\r\n":
                    body.append(row)
                self.letters.append("".join(body))
            elif line.upper() == "QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 ok\r\n")


def test_digests_are_delivered_to_files_and_by_mail(tmp_path: Path) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = vigie.ScheduleSettings(
            digest_formats=("md", "html", "rss", "json"),
            smtp=f"127.0.0.1:{server.server_address[1]}",
            email_to=("a@a.example",),
        )
        assert deliver(digest(), settings, tmp_path) == []
        server.shutdown()
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        f"vigie-2026-02-10.{e}" for e in ("html", "json", "md", "xml")
    ]
    assert "Veille IA" in Mailbox.letters[-1] or "Veille" in Mailbox.letters[-1]


def test_a_delivery_that_fails_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    settings = vigie.ScheduleSettings(webhook="http://127.0.0.1:9/hook", smtp="127.0.0.1:9", email_to=("a@a.example",))
    problems = deliver(digest(), settings, tmp_path / "file" / "x")
    assert [p.split(" to ")[0].split(" through ")[0] for p in problems] == [
        "digest not written",
        "digest not sent",
        "digest not posted",
    ]


def test_the_schedules_jobs_do_their_work_and_survive_failure(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = vigie.Settings(schedule={"digest_since": "1d"}, crawl={"retries": 0})
    with vigie.Library(home, settings, clock=lambda: NOW) as library:
        text = "Zébulon supprime 1 200 postes à Lyon, a annoncé la direction du groupe. Les licenciements auront lieu en mars."
        library.add([Article("https://a.example/1", "Zébulon supprime 1 200 postes", text, "S", NOW, "fr")])
        digest_job(library)
        assert "Zébulon" in (home / "digests" / "vigie-2026-02-10.md").read_text(encoding="utf-8")
        assert library.doctor() == []
        library.add(
            [
                Article(
                    "https://a.example/1",
                    "Zébulon supprime 1 200 postes",
                    text.replace("1 200", "1 300"),
                    "S",
                    NOW,
                    "fr",
                )
            ]
        )
        assert "digest of 2026-02-10" in library.doctor()[0]
        from ingest.models import Feed

        library.subscribe(Feed("http://127.0.0.1:9/feed"))
        crawl_job(library)
        with scheduled(library) as lines:
            assert lines == ["crawl: */30 * * * *", "digest: 0 7 * * *"]
    bad = replace(settings.schedule, crawl="nope")
    with (
        vigie.Library(home, settings.model_copy(update={"schedule": bad})) as library,
        pytest.raises(vigie.VigieError, match="cron"),
        scheduled(library),
    ):
        pass
    with pytest.raises(vigie.VigieError, match="12h"):
        read_span("soon")
    assert write_digest(digest(), home / "d", ("md",))


def test_stories_that_found_no_room_are_told() -> None:
    made = digest()
    full = replace(made, sections=(replace(made.sections[0], more=4),))
    assert "Et 4 autre(s) sujet(s)" in digest_markdown(full)
    assert "Et 4 autre(s) sujet(s)" in digest_html(full)
    assert "And 4 more" in digest_markdown(replace(full, language="en"))
    assert "autre(s) sujet(s)" not in digest_markdown(made) + digest_html(made)
