"""Data sets of documents and questions that lie in files: their common form, checked reading, and which version was read."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.models import Article
from evals.measures import EvaluationError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DocumentQuestion:
    """``relevant``: URL -> grade of the documents that answer. ``languages`` narrows the search to documents in these."""

    id: str
    question: str
    relevant: Mapping[str, int]
    slices: tuple[str, ...] = ("all",)
    languages: tuple[str, ...] = ()
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """``data``: the SHA-256 of the files that were read, by name."""

    name: str
    articles: tuple[Article, ...]
    questions: tuple[DocumentQuestion, ...]
    data: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Tells the documents of one data set from another's."""
        digest = hashlib.sha256()
        for article in self.articles:
            digest.update(json.dumps([article.url, article.title, article.text, article.language]).encode())
        return f"{self.name}-{digest.hexdigest()[:8]}"


# SHA-256 and rows of the files that docs/quality.md's figures were measured on. Each is public.
KNOWN: Mapping[str, tuple[str, int]] = {
    "multihop-rag corpus.json": ("20b61b5ab84de84a927420c5d265b7ec8d859ae49980699958a787ade9e4d28f", 609),
    "multihop-rag queries.json": ("b2088ad184938a172a7b0c596afbb9154da09c64ee2f9aabb6b7df60c1bb75d5", 1260),
    "squad piaf.json": ("86c800adcf7e3ef9ff18fdc436fbae82b13238d9da204654b69ef517a77f9e0d", 3794),
    "xling pairs.jsonl": ("94a0320c9e694493ffb23ae4311cf6b9e2cc1f0012e9301606a2e3117eb141b8", 616),
}
# Documents and test questions of BEIR's own sets (Thakur et al. 2021, table 1), by the name of their folder.
BEIR_COUNTS: Mapping[str, tuple[int, int]] = {
    "scifact": (5183, 300),
    "nfcorpus": (3633, 323),
    "arguana": (8674, 1406),
    "scidocs": (25657, 1000),
    "fiqa": (57638, 648),
    "trec-covid": (171332, 50),
}
SOURCES: Mapping[str, str] = {
    "multihop-rag": "get it from github.com/yixuantt/MultiHop-RAG (corpus.json and MultiHopRAG.json)",
    "squad": "get PIAF from github.com/etalab-ia/piaf, FQuAD from fquad.illuin.tech",
    "beir": "get one from github.com/beir-cellar/beir",
    "xling": "a JSON object a line, with id, title, title_lang and fr_short",
    "injections": "BIPIA's text attacks are at github.com/microsoft/BIPIA",
}


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_file(path: Path, dataset: str) -> str:
    """A file's text. Raises EvaluationError that says where to get it."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror}; {SOURCES[dataset]}, and name it by --data") from error
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path}: not UTF-8 ({error.reason} at byte {error.start})") from error


def read_json(path: Path, dataset: str) -> Any:
    """A JSON file. Raises EvaluationError."""
    try:
        return json.loads(read_file(path, dataset))
    except ValueError as error:
        raise EvaluationError(f"{path}: not JSON ({error})") from error


def read_json_lines(path: Path, dataset: str, needed: Iterable[str]) -> list[tuple[int, dict[str, Any]]]:
    """(line number, object) of every line that is not empty. Raises EvaluationError naming the row that is not an object
    with these keys as texts."""
    rows: list[tuple[int, dict[str, Any]]] = []
    keys = tuple(needed)
    # Not splitlines(): texts may hold line separators of their own.
    for number, line in enumerate(read_file(path, dataset).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise EvaluationError(f"{path}, row {number}: not JSON ({error})") from error
        if not isinstance(row, dict):
            raise EvaluationError(f"{path}, row {number}: not an object")
        for key in keys:
            if not isinstance(row.get(key), str):
                raise EvaluationError(f"{path}, row {number}: '{key}' is missing or no text")
        rows.append((number, row))
    if not rows:
        raise EvaluationError(f"{path}: holds no rows")
    return rows


def refuse_twice(seen: set[str], key: str, place: str) -> None:
    """Note an id. Raises EvaluationError when it was there before."""
    if key in seen:
        raise EvaluationError(f"{place}: the id {key} is there twice")
    seen.add(key)


def tell_version(name: str, sha256: str, rows: int) -> None:
    """Warn when a public file is not the one whose figures docs/quality.md has."""
    if name in KNOWN and KNOWN[name][0] != sha256:
        known_sha, known_rows = KNOWN[name]
        _log.warning(
            "%s is another version than the one that docs/quality.md's figures are of: %d rows, SHA-256 %s; there %d rows, %s",
            name, rows, sha256[:12], known_rows, known_sha[:12],
        )  # fmt: skip


def tell_beir_counts(folder: str, documents: int, questions: int) -> None:
    """Warn when one of BEIR's own sets is not whole."""
    if folder in BEIR_COUNTS and BEIR_COUNTS[folder] != (documents, questions):
        _log.warning(
            "%s has %d documents and %d questions, BEIR's has %d and %d: figures do not compare with published ones",
            folder, documents, questions, *BEIR_COUNTS[folder],
        )  # fmt: skip
