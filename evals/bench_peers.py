"""``vigie bench peers``: MultiHop-RAG's questions asked of Vigie and of its peers on the same chunks, scored alike."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import vigie
from corpus.chunking import chunk_article
from corpus.embedding import TokenEmbedder
from corpus.indexer import open_readers
from corpus.nearest import single
from evals.bench_retrieve import PEERS_PYTHON, ROOT
from evals.documents import library_of
from evals.measures import (
    EvaluationError,
    evidence_share,
    published_average_precision,
    published_hits,
    published_reciprocal_rank,
    ranked,
    score,
)
from evals.multihop import MultihopQuestion, load_articles, load_questions, squeezed

TOP = 10


def bench_peers(data: Path, cache: Path, every: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Figures by system: the published evaluator's, the share of evidence, and nDCG@10 over chunks that hold a gold fact.

    Raises EvaluationError where the peers are not installed or fail.
    """
    if not PEERS_PYTHON.exists():
        raise EvaluationError("the peers are not installed; `make bench` does it")
    articles = load_articles(data)
    questions = [q for q in load_questions(data, articles) if q.evidence][::every]
    folder = cache / "multihop-rag"
    folder.mkdir(parents=True, exist_ok=True)
    with library_of(articles, folder / "library", tell=tell) as library:
        ids, texts = export(library, questions, folder)
        tell("Vigie")
        numbers = {key: number for number, key in enumerate(ids)}
        rankings = {
            "Vigie": [[numbers[p.chunk_id] for p in library.search(q.question, top=TOP)] for q in questions],
        }
    tell("Peers (the first time embeds every chunk, many minutes)")
    run = subprocess.run([str(PEERS_PYTHON), "-P", str(ROOT / "evals" / "peers.py"), str(folder)], check=False)  # noqa: S603
    if run.returncode:
        raise EvaluationError(f"evals/peers.py failed with exit code {run.returncode}; see above")
    theirs = json.loads((folder / "rankings.json").read_text(encoding="utf-8"))
    versions = theirs.pop("versions")
    holding = facts_of(questions, [squeezed(t) for t in texts])
    return {
        "questions": len(questions),
        "chunks": len(texts),
        "versions": versions,
        **{name: figures(questions, holding, of) for name, of in (rankings | theirs).items()},
    }


def export(library: vigie.Library, questions: Sequence[MultihopQuestion], folder: Path) -> tuple[list[str], list[str]]:
    """Write what the peers read, where it is not there already; ids and texts of the library's chunks, as they are cut."""
    embedder = library.embedder
    if not isinstance(embedder, TokenEmbedder):
        raise EvaluationError("the peers are measured on the chunks of an embedder that counts tokens: the bundled one")
    articles = sorted(library.articles(), key=lambda a: a.id)
    whole = (article for a in articles if (article := library.article(a.id)) is not None)
    chunks = [
        c for article in whole for c in chunk_article(article, lambda t: [int(n) for n in embedder.count_tokens(t)])
    ]
    content = {
        "chunks.json": [f"{c.heading}\n{c.text}" for c in chunks],
        "questions.json": [q.question for q in questions],
    }
    for name, rows in content.items():
        path, text = folder / name, json.dumps(rows)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            for stale in (folder / "rankings.json", path.with_suffix(".npy")):
                stale.unlink(missing_ok=True)
            path.write_text(text, encoding="utf-8")
    np.save(folder / "vigie-chunks.npy", vectors_of(library, [c.id for c in chunks]))
    np.save(
        folder / "vigie-questions.npy",
        np.concatenate([library.embedder.embed_queries([q.question]) for q in questions]),
    )
    return [c.id for c in chunks], [c.text for c in chunks]


def vectors_of(library: vigie.Library, ids: Sequence[str]) -> NDArray[np.float32]:
    """(n, d) the vectors of chunks, from the columns."""
    readers = open_readers(library.home)
    columns = readers.columns
    current = np.flatnonzero(columns.current())
    parts = (columns.array(name)[current].tolist() for name in ("article", "revision", "ordinal"))
    rows = {
        f"{article:016x}:{revision}:{ordinal}": row
        for row, article, revision, ordinal in zip(current, *parts, strict=True)
    }
    vectors = single(columns.array("vector")[[rows[i] for i in ids]])
    readers.close()
    return vectors


def facts_of(questions: Sequence[MultihopQuestion], texts: Sequence[str]) -> list[list[set[int]]]:
    """For every question and fact the chunks, without white space, in which it stands."""
    joined, starts = "\n".join(texts), np.cumsum([0, *(len(t) + 1 for t in texts)])
    known: dict[str, set[int]] = {}

    def places(fact: str) -> set[int]:
        if fact not in known:
            found, at = set(), joined.find(fact)
            while at >= 0:
                found.add(int(np.searchsorted(starts, at, side="right")) - 1)
                at = joined.find(fact, at + 1)
            known[fact] = found
        return known[fact]

    return [[places(squeezed(fact)) for _, fact in q.evidence] for q in questions]


def figures(
    questions: Sequence[MultihopQuestion], holding: Sequence[Sequence[set[int]]], rankings: Sequence[Sequence[int]]
) -> dict[str, float]:
    """Means over questions."""
    rows = []
    for question, facts, ranking in zip(questions, holding, rankings, strict=True):
        found = [[number in fact for fact in facts] for number in ranking[:TOP]]
        qrels = {question.id: {str(n): 1 for fact in facts for n in fact}}
        graded = score(qrels, {question.id: ranked([str(n) for n in ranking[:TOP]])})[question.id] if any(facts) else {}
        rows.append(
            {
                "hits@10": float(published_hits(found, 10)),
                "hits@4": float(published_hits(found, 4)),
                "mrr@10": published_reciprocal_rank(found),
                "map@10": published_average_precision(found, len(facts)),
                "evidence@10": evidence_share(found, len(facts)),
                "nDCG@10": graded.get("nDCG@10", 0.0),
            }
        )
    return {name: round(float(np.mean([row[name] for row in rows])), 3) for name in rows[0]}
