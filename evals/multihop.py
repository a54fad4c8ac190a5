"""MultiHop-RAG (Tang and Yang 2024): 609 news articles, questions whose evidence lies in several of them.

Scored on at most 10 unjoined chunks of at most 256 tokens; a longer one is refused, so that size is no way to win.
"""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import vigie
from corpus.embedding import TokenEmbedder
from corpus.models import Article
from evals.measures import EvaluationError, evidence_share, published_hits, published_reciprocal_rank
from evals.runner import EvaluationRun, Told

LONGEST_CHUNK = 256


def load_articles(folder: Path) -> list[Article]:
    """The corpus. Raises EvaluationError naming the file or row."""
    articles = []
    for number, row in enumerate(_read(folder / "corpus.json"), start=1):
        try:
            published = datetime.fromisoformat(row["published_at"])
            articles.append(
                Article(
                    row["url"],
                    row["title"],
                    row["body"],
                    row["source"],
                    published,
                    "en",
                    author=row.get("author") or "",
                )
            )
        except (KeyError, TypeError, ValueError) as error:
            raise EvaluationError(f"{folder / 'corpus.json'}, article {number}: {error}") from error
    return articles


def load_questions(folder: Path) -> list[dict[str, Any]]:
    """The questions with their evidence; those without any are null questions."""
    return _read(folder / "queries.json")


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EvaluationError(
            f"{path}: {error.strerror}; get it from github.com/yixuantt/MultiHop-RAG, or name its folder by --data"
        ) from error
    except ValueError as error:
        raise EvaluationError(f"{path}: not JSON ({error})") from error
    if not isinstance(rows, list) or not rows:
        raise EvaluationError(f"{path}: holds no rows")
    return rows


def run_multihop(
    library: vigie.Library, folder: Path, *, without: Sequence[str] = (), every: int = 1, told: Told | None = None
) -> EvaluationRun:
    """Every ``every``-th answerable question, retrieved at 10 from a library that holds the corpus."""
    asked = [q for q in load_questions(folder) if q["evidence_list"]][::every]
    rows, timings = [], dict[str, list[float]]()
    lengths: list[int] = []
    for number, row in enumerate(asked, start=1):
        result = library.search_result(row["query"], top=10)
        facts = [_squeezed(e["fact"]) for e in row["evidence_list"]]
        found = [[fact in _squeezed(p.text) for fact in facts] for p in result.passages]
        lengths += _tokens(library, [p.text for p in result.passages])
        for stage, ms in result.timings_ms.items():
            timings.setdefault(stage, []).append(ms)
        rows.append(
            {
                "id": str(number),
                "question": row["query"],
                "type": row["question_type"],
                "hits@10": float(published_hits(found, 10)),
                "hits@4": float(published_hits(found, 4)),
                "mrr@10": published_reciprocal_rank(found),
                "evidence@10": evidence_share(found, len(facts)),
            }
        )
        if told:
            told(number, len(asked))
    measures = ("hits@10", "hits@4", "mrr@10", "evidence@10")
    kinds = {"all": rows} | {kind: [r for r in rows if r["type"] == kind] for kind in sorted({r["type"] for r in rows})}
    slices = {
        name: {m: statistics.fmean(r[m] for r in part) for m in measures} | {"questions": float(len(part))}
        for name, part in kinds.items()
    }
    slices["all"]["mean_tokens"] = statistics.fmean(lengths) if lengths else 0.0
    return EvaluationRun(
        "multihop-rag",
        {"without": list(without), "every": every, "embedder": library.stats().embedder, "version": vigie.__version__},
        slices,
        rows,
        {
            stage: {"p50": statistics.median(v), "p95": sorted(v)[int(0.95 * (len(v) - 1))]}
            for stage, v in timings.items()
        },
    )


def _tokens(library: vigie.Library, texts: Sequence[str]) -> list[int]:
    if not texts or not isinstance(library.embedder, TokenEmbedder):
        return []
    counts = [int(n) for n in library.embedder.count_tokens(texts)]
    if max(counts) > LONGEST_CHUNK:
        raise EvaluationError(
            f"a passage of {max(counts)} tokens was returned; only chunks of at most {LONGEST_CHUNK} are scored"
        )
    return counts


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)
