"""Kept runs: what was measured, on which library, with which versions; as JSON that can be read and diffed."""

from __future__ import annotations

import hashlib
import json
import platform
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import vigie
from corpus.embedding import embedder_key
from evals.asking import Asked
from evals.measures import EvaluationError
from evals.run_shape import wrong_part, wrong_row
from rag.ranking import tuned

PACKAGES = ("chromadb", "ir-measures", "numpy", "onnxruntime", "scipy", "tokenizers")


@dataclass(frozen=True, slots=True)
class EvaluationRun:
    """One run of a dataset's questions: what ``vigie eval --json`` prints and a run file holds.

    A row of ``questions`` has ``id``, ``question``, ``slices``, ``expected`` (each with the rank and scores at which it
    came, if it did), ``ranking`` (chunk, title, score, scores by stage, right or not), ``measures``; of an answer also
    ``answered`` and ``confidence``; ``error`` where asking failed.
    """

    dataset: str
    settings: dict[str, Any]
    slices: dict[str, dict[str, float]]
    questions: list[dict[str, Any]]
    timings_ms: dict[str, dict[str, float]]
    library: dict[str, Any] = field(default_factory=dict)
    """``corpus``: the fingerprint of its articles; and how many, in how many chunks, by which embedder."""
    data: dict[str, str] = field(default_factory=dict)
    """SHA-256 of the files that were read, by name."""
    versions: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    """Why the run cannot be trusted: a question that failed, a stage that did nothing. Such a run is not scored."""
    made: str = ""


def finished(
    dataset: str,
    library: vigie.Library,
    asked: Asked,
    *,
    settings: Mapping[str, Any],
    data: Mapping[str, str] | None = None,
    made: datetime | None = None,
) -> EvaluationRun:
    """The run of what was asked, scored unless something failed. Raises EvaluationError when nothing was asked."""
    rows = asked.rows
    if not rows:
        raise EvaluationError(f"{dataset}: no question was asked; nothing can be scored")
    slices = {} if asked.failures else summarised(rows)
    if asked.tokens and "all" in slices:
        slices["all"] |= {"mean_tokens": statistics.fmean(asked.tokens), "mean_words": statistics.fmean(asked.words)}
    stats = library.stats()
    return EvaluationRun(
        dataset=dataset,
        settings={**settings, "search": asdict(library.settings.search), "weights": asdict(tuned())},
        slices=slices,
        questions=sorted(rows, key=lambda row: str(row["id"])),
        timings_ms={stage: spread(values) for stage, values in asked.timings.items()},
        library={
            "corpus": library.fingerprint(),
            "articles": stats.articles,
            "chunks": stats.chunks,
            "embedder": embedder_key(library.embedder),
            "sample": stats.sample,
        },
        data=dict(data or {}),
        versions=_versions(),
        failures=list(asked.failures),
        made=made.isoformat(timespec="seconds") if made else "",
    )


def summarised(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """The mean of every measure by slice, over the questions that have it; "all" first."""
    names = {name for row in rows for name in row["slices"]}
    slices: dict[str, dict[str, float]] = {}
    for name in sorted(names, key=lambda n: (n != "all", n)):
        part = [row["measures"] for row in rows if name in row["slices"]]
        measures = dict.fromkeys(m for measured in part for m in measured)
        slices[name] = {m: statistics.fmean(p[m] for p in part if m in p) for m in measures}
        slices[name]["questions"] = float(len(part))
    return slices


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    ordered = sorted(values)
    return {
        "p50": round(statistics.median(ordered), 2),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 2),
    }


def judgements(run: EvaluationRun) -> str:
    """SHA-256 over what was asked and expected, whatever came."""
    asked = [
        (row["id"], row["question"], [[e["article"], e.get("quote", ""), e.get("grade", 1)] for e in row["expected"]])
        for row in run.questions
    ]
    return hashlib.sha256(json.dumps(sorted(asked), ensure_ascii=False).encode()).hexdigest()


def trusted(run: EvaluationRun, name: str) -> EvaluationRun:
    """The run itself. Raises EvaluationError when it is empty, has a question twice or one without a measure, or something
    in it failed."""
    if not run.questions:
        raise EvaluationError(f"{name}: the run holds no question")
    twice = [key for key, count in Counter(str(row["id"]) for row in run.questions).items() if count > 1]
    if twice:
        raise EvaluationError(f"{name}: question {min(twice)} is there twice")
    failed = run.failures or [f"question {row['id']}: {row['error']}" for row in run.questions if row.get("error")]
    if failed:
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        raise EvaluationError(f"{name}: refused, since a part of it failed: {failed[0]}{more}")
    if bare := [str(row["id"]) for row in run.questions if not row["measures"]]:
        raise EvaluationError(f"{name}: question {bare[0]} has no measure ({len(bare)} such)")
    return run


def write_run(run: EvaluationRun, path: Path) -> Path:
    """Keep a run: keys sorted, one value a line, so that two runs can be diffed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(run), ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def read_run(path: Path) -> EvaluationRun:
    """A kept run. Raises EvaluationError naming the file and the row that is wrong."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror}; 'vigie eval gold --out FILE' keeps a run") from error
    except ValueError as error:
        raise EvaluationError(f"{path}: not JSON ({error})") from error
    if not isinstance(values, dict) or not {"dataset", "questions", "slices", "library"} <= set(values):
        raise EvaluationError(f"{path}: not a run of 'vigie eval'")
    unknown = set(values) - {f.name for f in fields(EvaluationRun)}
    if unknown:
        raise EvaluationError(f"{path}: unknown key '{min(unknown)}'; was it written by a newer Vigie?")
    if key := wrong_part(values):
        raise EvaluationError(f"{path}: '{key}' is not as 'vigie eval' writes it")
    for number, row in enumerate(values["questions"], start=1):
        if wrong := wrong_row(row):
            raise EvaluationError(f"{path}: question in row {number} {wrong}")
    made: dict[str, Any] = {"settings": {}, "timings_ms": {}, **values}
    return EvaluationRun(**made)


def runs_folder() -> Path:
    """Where runs are kept when no file is named: ``runs`` in the reader's library (``VIGIE_HOME``)."""
    return vigie.default_home() / "runs"


def default_file(run: EvaluationRun, folder: Path | None = None) -> Path:
    """A new file for a run, named by its dataset and the moment it was made."""
    stamp = run.made.replace("-", "").replace(":", "")[:15] or "run"
    stem = f"{run.dataset}-{stamp}"
    place = folder or runs_folder()
    number, path = 1, place / f"{stem}.json"
    while path.exists():
        number += 1
        path = place / f"{stem}-{number}.json"
    return path


def _versions() -> dict[str, str]:
    found = {"vigie": vigie.__version__, "python": platform.python_version()}
    found["processor"] = f"{platform.system()} {platform.machine()}"
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
