"""The documentation holds: every command and setting is documented, links lead somewhere, README's examples run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
import typer
from typer.main import get_command

import vigie
from ui import cli

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "README.fr.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands() -> dict[str, set[str]]:
    """Every command's own options, by its name."""
    cli._mount_evaluation()
    found: dict[str, set[str]] = {}

    def walk(command: object, name: str) -> None:
        inner = getattr(command, "commands", None)
        if inner:
            for key, value in inner.items():
                walk(value, f"{name} {key}".strip())
        else:
            found[name] = {o for p in command.params for o in p.opts if o.startswith("--") and o != "--help"}  # type: ignore[attr-defined]

    walk(get_command(cli.app), "")
    return found


def test_every_command_and_option_is_documented() -> None:
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    for name, options in commands().items():
        last = name.split()[-1]
        assert re.search(rf"\b{re.escape(last)}\b", text), name
        for option in options:
            assert option.removeprefix("--") in text or option in ("--title", "--folder"), f"{name} {option}"


def test_every_setting_is_in_the_example_with_its_default() -> None:
    example = tomllib.loads((ROOT / "vigie.example.toml").read_text(encoding="utf-8"))
    settings = vigie.Settings()
    assert vigie.Settings(**example) == settings
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        assert name in example, name
        if is_dataclass(value):
            unset = {f.name for f in fields(value) if getattr(value, f.name) is None}
            assert {f.name for f in fields(value)} - unset == set(example[name]), name


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_the_twins_keep_step() -> None:
    english, french = (p.read_text(encoding="utf-8") for p in PAGES[:2])
    assert english.count("\n## ") == french.count("\n## ")
    assert re.findall(r"vigie [a-z]+", english.split("## Figures")[1]) == re.findall(
        r"vigie [a-z]+", french.split("## Chiffres")[1]
    )
    assert len(re.findall(r"^    ", english, re.MULTILINE)) == len(re.findall(r"^    ", french, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES[:2], ids=lambda p: p.name)
def test_the_readmes_example_gives_what_it_shows(page: Path, sample: Path) -> None:
    shown = re.search(r"```console\n\$ \.venv/bin/(.+?)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    words = shlex.split(shown.group(1))
    done = subprocess.run(
        [sys.executable, "-m", "ui", *words[1:]],
        cwd=ROOT,
        env=os.environ | {"VIGIE_DEMO_HOME": str(sample)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    plain = done.stdout.replace("\u202f", " ").replace("\u00a0", " ")
    assert plain.startswith(shown.group(2).replace("\u202f", " ").rstrip("\n"))


def test_typer_is_what_the_walk_expects() -> None:
    assert isinstance(cli.app, typer.Typer)
