"""The wheel, in an empty environment outside the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_wheel_answers_in_an_empty_environment(tmp_path: Path) -> None:
    def run(*words: str, **more: str) -> str:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("VIGIE_", "PYTHONPATH"))} | more
        return subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8", check=True
        ).stdout

    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT))
    (wheel,) = tmp_path.glob("vigie-*.whl")
    home = tmp_path / "environment"
    venv.create(home, with_pip=True)
    folder = home / ("Scripts" if os.name == "nt" else "bin")
    run(str(folder / "python"), "-m", "pip", "install", "--quiet", "-r", str(ROOT / "requirements.lock"), str(wheel))
    demo = str(tmp_path / "demo")
    assert "163 articles" in run(str(folder / "vigie"), "demo", VIGIE_DEMO_HOME=demo)
    said = run(str(folder / "vigie"), "ask", "--demo", "How many jobs is Amazon cutting?", VIGIE_DEMO_HOME=demo)
    assert all(figure in said for figure in ("14,000", "16,000", "30,000"))
    listed = run(str(folder / "python"), "-m", "pip", "list")
    assert not any(line.split()[0] == "torch" or line.startswith("nvidia-") for line in listed.splitlines())
