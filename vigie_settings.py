"""Vigie's settings: their values, and the file and environment that they come from.

The one place that reads ``vigie.toml`` and ``VIGIE_*``; ``vigie`` gives these names on.
"""

from __future__ import annotations

import difflib
import json
import logging
import os
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import platformdirs
from pydantic import BeforeValidator, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as PydanticSettingsError

from corpus.embedding import EmbeddingSettings
from corpus.models import VectorSettings
from ingest.models import CrawlSettings
from rag.models import AnswerSettings, SearchSettings

log = logging.getLogger(__name__)

CONFIG_FILE = "vigie.toml"
_told: set[str] = set()


class VigieError(Exception):
    """The root of what a user can cause and mend; its message is one line that says what to do."""


class SettingsError(VigieError):
    """The configuration file or the environment holds something wrong."""


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """What ``vigie run`` does and when (cron expressions, in the reader's time zone; "" switches a job off)."""

    crawl: str = "*/30 * * * *"
    digest: str = "0 7 * * *"
    digest_since: str = "1d"
    digest_folder: str = ""
    """Where digests are written; "" is ``digests`` in the library's folder."""
    digest_formats: tuple[str, ...] = ("md", "html")
    digest_language: str = "fr"
    timezone: str = ""
    email_to: tuple[str, ...] = ()
    email_from: str = ""
    smtp: str = ""
    """host:port of the mail server that digests go through; "" sends none."""
    webhook: str = ""
    """A URL that each digest is posted to as JSON; "" posts none."""


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """The chat page. An address other than loopback needs a user and a password."""

    host: str = "127.0.0.1"
    port: int = 7860
    user: str = ""
    password: str = ""
    language: str = "fr"


def _comma_list(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _with_lists(group: dict[str, Any]) -> dict[str, Any]:
    made = dict(group)
    for name, value in group.items():
        if isinstance(value, str) and value.lstrip().startswith("["):
            with suppress(ValueError):  # A wrong list is told of by the field's own check.
                made[name] = json.loads(value)
    return made


class Settings(BaseSettings):
    """Everything a reader can configure: ``vigie.toml``, then ``VIGIE_*`` in the environment, which wins.

    Unknown keys are errors. Groups are nested: ``[crawl] delay = 2`` or ``VIGIE_CRAWL__DELAY=2``.
    """

    model_config = SettingsConfigDict(
        env_prefix="VIGIE_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    allow_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_comma_list)] = ()
    """Private hosts, addresses or networks that the crawler may reach all the same (environment: comma-separated)."""
    crawl: CrawlSettings = CrawlSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    vectors: VectorSettings = VectorSettings()
    search: SearchSettings = SearchSettings()
    answers: AnswerSettings = AnswerSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    chat: ChatSettings = ChatSettings()

    @model_validator(mode="before")
    @classmethod
    def _read_nested_lists(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Lists inside a group arrive from the environment as JSON text."""
        return {name: _with_lists(group) if isinstance(group, dict) else group for name, group in values.items()}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment before the file, whose values arrive as the initial ones."""
        return env_settings, init_settings


def default_home() -> Path:
    """Where the reader's library lives: ``VIGIE_HOME``, else the platform's data folder."""
    return Path(os.environ.get("VIGIE_HOME") or platformdirs.user_data_dir("vigie", appauthor=False)).expanduser()


def demo_home() -> Path:
    """Where the sample library lives, apart from the reader's: ``VIGIE_DEMO_HOME``, else beside the default home."""
    chosen = os.environ.get("VIGIE_DEMO_HOME")
    return Path(chosen or platformdirs.user_data_dir("vigie-demo", appauthor=False)).expanduser()


def _strange_variables(names: Iterable[str]) -> Iterator[str]:
    """A line on each VIGIE_ variable that nothing reads, with the nearest name that something does."""
    known = {"VIGIE_HOME", "VIGIE_DEMO_HOME", "VIGIE_CONFIG"}
    for name, field in Settings.model_fields.items():
        parts = getattr(field.annotation, "__dataclass_fields__", {})
        known |= {f"VIGIE_{name}__{part}".upper() for part in parts} or {f"VIGIE_{name}".upper()}
    groups = {name.partition("__")[0] for name in known if "__" in name}
    for name in sorted({n.upper() for n in names if n.upper().startswith("VIGIE_")} - known - groups):
        # A wrong name within a group is an error, which names the key.
        if name.startswith("VIGIE_TEST_") or name.partition("__")[0] in groups:
            continue
        near = difflib.get_close_matches(name, known | groups, n=1, cutoff=0.0)
        yield f"{name} is read by nothing; the nearest name is {near[0]} (vigie.example.toml has every key)"


def load_settings(home: Path) -> Settings:
    """The settings of the library at ``home``: its ``vigie.toml`` (or the file that ``VIGIE_CONFIG`` names) and the
    environment.

    A VIGIE_ variable that nothing reads is warned of, once. Raises SettingsError with one line naming the file or variable and
    the key.
    """
    for line in _strange_variables(os.environ):
        if line not in _told:
            _told.add(line)
            log.warning("%s", line)
    named = os.environ.get("VIGIE_CONFIG")
    path = Path(named).expanduser() if named else home / CONFIG_FILE
    values: dict[str, Any] = {}
    if named or path.exists():
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{path}: cannot be read as TOML ({error}); correct it or move it away") from error
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        unknown = first["type"] in ("extra_forbidden", "unexpected_keyword_argument")
        what = f"unknown key '{key}'" if unknown else f"'{key}': {first['msg']}"
        raise SettingsError(f"{path} or VIGIE_* variables: {what}; see vigie.example.toml for every key") from error
    except PydanticSettingsError as error:
        raise SettingsError(f"VIGIE_* variables: {error}; lists are written as JSON, ['a', 'b']") from error
