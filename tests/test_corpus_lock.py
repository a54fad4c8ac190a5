from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from corpus.errors import LibraryBusy
from corpus.lock import WriterLock

HOLD = """
import sys
from pathlib import Path
from corpus.lock import WriterLock
with WriterLock(Path(sys.argv[1]), purpose="crawl"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_who_writes(home: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(LibraryBusy, match=rf"vigie crawl \(process {holder.pid}"), WriterLock(home, purpose="add"):
        pass
    holder.kill()
    holder.communicate()
    with WriterLock(home, purpose="add", wait=10):
        assert (home / "writer.json").exists()
    assert not (home / "writer.json").exists()
