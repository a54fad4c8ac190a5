"""Where a digest goes: files, e-mail, a webhook. A delivery that fails is a line in the log, and the others go on."""

from __future__ import annotations

import json
import logging
import smtplib
from email.message import EmailMessage
from pathlib import Path

import httpx

from rag.models import Digest
from ui.json_form import plain
from ui.rendering import FORMATS, TEXTS, digest_html, digest_markdown
from vigie import ScheduleSettings

log = logging.getLogger(__name__)


def write_digest(digest: Digest, folder: Path, formats: tuple[str, ...]) -> list[Path]:
    """The digest as files named after the day it ends on; each appears whole or not at all. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for form in formats:
        content = json.dumps(plain(digest), ensure_ascii=False, indent=2) if form == "json" else FORMATS[form](digest)
        path = folder / f"vigie-{digest.until:%Y-%m-%d}.{'xml' if form == 'rss' else form}"
        fresh = path.with_suffix(path.suffix + ".new")
        fresh.write_text(content, encoding="utf-8")
        fresh.replace(path)
        written.append(path)
    return written


def deliver(digest: Digest, settings: ScheduleSettings, folder: Path) -> list[str]:
    """Every delivery that the settings ask for; what went wrong, one line each."""
    problems: list[str] = []
    try:
        write_digest(digest, folder, settings.digest_formats)
    except (OSError, KeyError) as error:
        problems.append(f"digest not written to {folder}: {error}")
    if settings.smtp and settings.email_to:
        try:
            send_mail(digest, settings)
        except (OSError, smtplib.SMTPException) as error:
            problems.append(f"digest not sent through {settings.smtp}: {error}")
    if settings.webhook:
        try:
            httpx.post(settings.webhook, json=plain(digest), timeout=20).raise_for_status()
        except httpx.HTTPError as error:
            problems.append(f"digest not posted to {settings.webhook}: {error}")
    for problem in problems:
        log.error("%s", problem)
    return problems


def send_mail(digest: Digest, settings: ScheduleSettings) -> None:
    """The digest as an e-mail, in text and HTML."""
    host, _, port = settings.smtp.partition(":")
    message = EmailMessage()
    message["Subject"] = f"{TEXTS.get(digest.language, TEXTS['fr'])['title']} ({digest.until:%Y-%m-%d})"
    message["From"] = settings.email_from or settings.email_to[0]
    message["To"] = ", ".join(settings.email_to)
    message.set_content(digest_markdown(digest))
    message.add_alternative(digest_html(digest), subtype="html")
    with smtplib.SMTP(host, int(port or 25), timeout=20) as server:
        server.send_message(message)
