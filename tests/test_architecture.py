"""The arrows between the rooms, and one owner for every third-party library."""

from __future__ import annotations

import ast
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("corpus", "ingest", "rag", "vigie", "vigie_feeds", "vigie_settings", "ui", "evals")

# Who may import whom among our own rooms.
ARROWS: dict[str, set[str]] = {
    "corpus": set(),
    "ingest": {"corpus"},
    "rag": {"corpus"},
    "vigie": {"corpus", "ingest", "rag", "vigie_feeds", "vigie_settings"},
    "vigie_feeds": {"corpus", "ingest", "vigie_settings"},
    "vigie_settings": {"corpus", "ingest", "rag"},
    "ui": {"corpus", "ingest", "rag", "vigie"},
    "evals": {"corpus", "ingest", "rag", "vigie"},
}
# The one more: the command line runs evaluations.
EXTRA = {("ui/cli*.py", "evals")}

# Third-party libraries and the files that own them. NumPy is everybody's.
OWNERS: dict[str, tuple[str, ...]] = {
    "brotli": ("ingest/fetch*.py",),
    "apscheduler": ("ui/schedule.py",),
    "atheris": ("evals/fuzz_ingest.py",),
    "chromadb": ("corpus/vectors.py",),
    "datasketch": ("corpus/enrich/duplicates.py",),
    "feedgen": ("ui/rendering*.py",),
    "feedparser": ("ingest/feeds.py",),
    "filelock": ("corpus/lock.py",),
    "gradio": ("ui/chat*.py",),
    "httpcore": ("ingest/timed.py",),
    "httpx": ("corpus/embedding/ollama.py", "ingest/fetch*.py", "ingest/guard.py", "ui/delivery.py"),
    "ir_measures": ("evals/measures.py",),
    "langchain": ("rag/llm.py",),
    "langchain_core": ("rag/llm.py", "rag/langchain.py"),
    "langchain_ollama": ("rag/llm.py",),
    "lxml": ("ingest/extract.py",),
    "nh3": ("ingest/*.py", "ui/rendering*.py", "ui/chat*.py"),
    "numpy": ("*",),
    "ollama": ("corpus/embedding/ollama.py", "rag/llm.py"),
    "onnxruntime": ("corpus/embedding/onnx.py",),
    "platformdirs": ("vigie_settings.py",),
    "plotly": ("evals/report*.py",),
    "protego": ("ingest/robots.py",),
    "py3langid": ("corpus/enrich/language.py",),
    "pydantic": ("vigie_settings.py", "rag/langchain.py"),
    "pydantic_settings": ("vigie_settings.py",),
    "rich": ("ui/*.py", "evals/cli*.py"),
    "sentence_transformers": ("corpus/embedding/transformer.py",),
    "scipy": ("evals/*.py", "rag/*.py", "corpus/*.py"),
    "Stemmer": ("corpus/analysis.py",),
    "tokenizers": ("corpus/embedding/onnx.py",),
    "trafilatura": ("ingest/extract.py",),
    "truststore": ("ingest/fetch*.py",),
    "typer": ("ui/cli*.py", "evals/cli*.py"),
}
# Training and peers live in environments of their own.
APART = ("evals/train/*", "evals/bench*.py", "evals/peers*.py", "corpus/embedding/training/*")


def _files() -> list[Path]:
    found = [ROOT / "vigie.py", ROOT / "vigie_feeds.py", ROOT / "vigie_settings.py"]
    for room in ROOMS:
        found += sorted((ROOT / room).rglob("*.py"))
    return found


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
    return names


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _broken_arrows(name: str, imported: set[str]) -> list[str]:
    room = name.split("/")[0].removesuffix(".py")
    allowed = ARROWS[room] | {room}
    found = []
    for module in imported:
        other = module.split(".")[0]
        if other in ROOMS and other not in allowed and not any(fnmatch(name, p) and other == o for p, o in EXTRA):
            found.append(f"{name} imports {module}")
    return found


def _strangers(name: str, imported: set[str]) -> list[str]:
    if any(fnmatch(name, pattern) for pattern in APART):
        return []
    found = []
    for module in imported:
        top = module.split(".")[0]
        if top in ROOMS or top in sys.stdlib_module_names:
            continue
        if not any(fnmatch(name, pattern) for pattern in OWNERS.get(top, ())):
            found.append(f"{name} imports {module}; its owners are {OWNERS.get(top, 'none')}")
    return found


@pytest.mark.parametrize("path", _files(), ids=_name)
def test_imports_follow_the_arrows(path: Path) -> None:
    name, imported = _name(path), _imports(path)
    assert _broken_arrows(name, imported) == []
    assert _strangers(name, imported) == []


def test_the_check_sees_a_wrong_arrow() -> None:
    assert _broken_arrows("corpus/store.py", {"rag.models"})
    assert _broken_arrows("ingest/crawl.py", {"rag.answer"})
    assert _broken_arrows("evals/runner.py", {"ui.cli"})
    assert not _broken_arrows("ui/cli_eval.py", {"evals.cli"})
    assert _broken_arrows("ui/chat.py", {"evals.cli"})
    assert _strangers("rag/answer.py", {"chromadb"})


def test_files_stay_under_400_lines() -> None:
    long = {_name(p): n for p in _files() if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400}
    assert long == {}
