"""Shared fixtures: a library's folder, a fixed moment, and where the public data lies."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


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
