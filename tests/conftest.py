"""Shared fixtures: a library's folder, a fixed moment, a site on loopback, and where the public data lies."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from tests.chroma_server import chroma_server
from tests.fake_site import Site

# No test is timed: a first call that loads a model is no failure.
settings.register_profile("vigie", deadline=None)
settings.load_profile("vigie")

ROOT = Path(__file__).resolve().parents[1]
LONGEST = (
    "test_wheel.py",
    "test_flow.py",
    "test_ui_cli.py",
    "test_ingest_bad_input.py",
    "test_flow_newsroom.py",
    "test_evals_crawl.py",
    "test_evals_injections.py",
    "test_ingest_hostile.py",
    "test_corpus_served.py",
)
SHARED = ROOT.parent / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that no worker is left alone with one in the end."""
    place = {name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder for a library of its own."""
    return tmp_path / "library"


@pytest.fixture
def moment() -> datetime:
    """A fixed moment; tests never read the clock."""
    return datetime(2026, 2, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def shared() -> Path:
    """The public data, where it lies beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("needs the public data beside the checkout")
    return SHARED


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample library's folder, to be read alone: made by ``vigie demo``, once a run whatever the number of workers."""
    base = tmp_path_factory.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, made = run / "sample", run / "sample-is-made"
    with FileLock(run / "sample.lock"):
        if not made.exists():
            kept = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")}
            words = [sys.executable, "-m", "ui", "demo"]
            subprocess.run(
                words, cwd=ROOT, env=kept | {"VIGIE_DEMO_HOME": str(folder)}, check=True, capture_output=True
            )
            made.touch()
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Chroma server on loopback."""
    with chroma_server(tmp_path_factory.mktemp("chroma")) as address:
        yield address


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on loopback that knows no path yet."""
    made = Site()
    yield made
    made.server.shutdown()
    made.server.server_close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say that a skipped test fails the run where nothing may be missing."""
    if os.environ.get("CI") == "true" and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("A skipped test is a failure under CI.", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Under CI nothing may be missing: a skipped test fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
