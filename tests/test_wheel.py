"""The wheel, in an empty environment outside the checkout."""

from __future__ import annotations

import os
import shutil
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
        done = subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    # Built from a copy: what an earlier build left in the checkout would come along, and hide what is missing.
    source = tmp_path / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__"))
    pip = (sys.executable, "-m", "pip")
    run(*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(source))
    (wheel,) = tmp_path.glob("vigie-*.whl")
    home = tmp_path / "environment"
    venv.create(home)
    folder = home / ("Scripts" if os.name == "nt" else "bin")
    # What the wheel itself asks for and no more, in the versions of the lock.
    there = (*pip, "--python", str(folder / "python"))
    run(*there, "install", "--quiet", "--no-compile", "-c", str(ROOT / "requirements.lock"), str(wheel))
    demo = str(tmp_path / "demo")
    assert "163 articles" in run(str(folder / "vigie"), "demo", VIGIE_DEMO_HOME=demo)
    said = run(str(folder / "vigie"), "ask", "--demo", "How many jobs is Amazon cutting?", VIGIE_DEMO_HOME=demo)
    assert all(figure in said for figure in ("14,000", "16,000", "30,000"))
    listed = [line.split()[0] for line in run(*there, "list").splitlines()]
    assert "chromadb" in listed
    assert not any(name == "torch" or name.startswith("nvidia-") for name in listed)
    assert "pytest" not in listed
