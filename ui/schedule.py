"""``vigie run``'s jobs: crawl and digest by cron expressions. A job that fails says so in one line, and the next run comes."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

import vigie
from corpus.errors import CorpusError
from ingest.errors import IngestError
from ui.delivery import deliver

log = logging.getLogger(__name__)
_SPAN = re.compile(r"^(\d{1,3})([hdw])$")


def read_span(text: str) -> timedelta:
    """ "12h", "1d", "2w" as a span. Raises VigieError."""
    match = _SPAN.match(text.strip())
    if match is None:
        raise vigie.VigieError(f"schedule.digest_since: '{text}' is no span; use 12h, 1d or 2w")
    unit = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}[match.group(2)]
    return int(match.group(1)) * unit


def digest_folder(library: vigie.Library) -> Path:
    """Where digests are written."""
    named = library.settings.schedule.digest_folder
    return Path(named).expanduser() if named else library.home / "digests"


def crawl_job(library: vigie.Library) -> None:
    """Ask the feeds that are due."""
    try:
        report = library.crawl(due_only=True)
        log.info("crawl: %d new, %d updated", report.articles.new, report.articles.updated)
    except (vigie.VigieError, CorpusError, IngestError) as error:
        log.error("crawl: %s", error)
    except Exception:
        log.exception("crawl: unexpected failure; the next run comes on schedule")


def digest_job(library: vigie.Library) -> None:
    """Write and deliver the digest of the span that the settings name."""
    schedule = library.settings.schedule
    try:
        since = library.now() - read_span(schedule.digest_since)
        made = library.digest(since, language=schedule.digest_language)
        deliver(made, schedule, digest_folder(library))
        library.remember_citations(f"digest of {made.until:%Y-%m-%d}", [c for s in made.sections for c in s.citations])
    except (vigie.VigieError, CorpusError, IngestError) as error:
        log.error("digest: %s", error)
    except Exception:
        log.exception("digest: unexpected failure; the next run comes on schedule")


@contextmanager
def scheduled(library: vigie.Library) -> Iterator[list[str]]:
    """The jobs running beside the block; yields a line on each. Raises VigieError for a cron expression that is none."""
    schedule = library.settings.schedule
    read_span(schedule.digest_since)
    zone: dict[str, Any] = {"timezone": schedule.timezone} if schedule.timezone else {}
    scheduler = BackgroundScheduler(**zone)
    lines: list[str] = []
    for name, expression, job in (("crawl", schedule.crawl, crawl_job), ("digest", schedule.digest, digest_job)):
        if not expression:
            continue
        try:
            trigger = CronTrigger.from_crontab(expression, **zone)
        except (ValueError, KeyError, LookupError) as error:
            raise vigie.VigieError(
                f"schedule.{name}: '{expression}' is no cron expression ({error}); such as '0 7 * * *'"
            ) from error
        # A run that was missed while the machine slept is made good once, not as often as it was missed.
        scheduler.add_job(
            job, trigger, args=[library], id=name, coalesce=True, max_instances=1, misfire_grace_time=3600
        )
        lines.append(f"{name}: {expression}")
    scheduler.start()
    try:
        yield lines
    finally:
        scheduler.shutdown(wait=False)
