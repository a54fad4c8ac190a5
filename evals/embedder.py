"""What an embedder is worth by itself, in French and English: the table of ``docs/embedder.md``.

Every measure is dense search alone, exact, by cosine; no part of Vigie but the embedder (and the chunker) takes part.
"""

from __future__ import annotations

import csv
import hashlib
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.chunking import chunk_article
from evals.measures import EvaluationError, published_reciprocal_rank
from evals.multihop import load_articles, load_questions, squeezed

Vectors = NDArray[np.float32]
DESCRIPTION_CHARACTERS = 600
"""What of a French description is embedded in ``xling``."""
CHUNK_TOKENS = 200
TOKENS_PER_WORD = 1.3
"""Chunks are counted by words, so that each embedder is measured on the same ones."""

Told = Callable[[str], None]


class Encoder(Protocol):
    """What is measured: an embedder of Vigie, or anything with its two methods."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors: ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors: ...


def ranks(queries: Vectors, documents: Vectors, gold: NDArray[np.int64]) -> NDArray[np.int64]:
    """(q,) int64: the place, from 1, of document ``gold[i]`` for query ``i``; ties count against it."""
    places = np.empty(len(queries), dtype=np.int64)
    for at in range(0, len(queries), 1024):
        scores = queries[at : at + 1024] @ documents.T
        own = scores[np.arange(len(scores)), gold[at : at + 1024]]
        places[at : at + 1024] = (scores >= own[:, None]).sum(axis=1)
    return places


def tatoeba(encoder: Encoder, folder: Path) -> dict[str, float]:
    """LASER's Tatoeba test (Artetxe and Schwenk 2019): 1,000 sentences, P@1 to their translations, both ways."""
    french, english = (_lines(folder / f"tatoeba.fra-eng.{code}") for code in ("fra", "eng"))
    _same_length(folder, french, english)
    a, b = encoder.embed_documents(french), encoder.embed_documents(english)
    gold = np.arange(len(a))
    return {
        "LASER Tatoeba fr-en P@1": float((ranks(a, b, gold) == 1).mean()),
        "LASER Tatoeba en-fr P@1": float((ranks(b, a, gold) == 1).mean()),
    }


def crosslingual(encoder: Encoder, path: Path) -> dict[str, float]:
    """MRR of the English title for the French description of the same article, and back."""
    rows = []
    for number, line in enumerate(_lines(path), start=1):
        try:
            row = json.loads(line)
            if row["title_lang"] == "en":
                rows.append(((row["fr_summary"] or row["fr_short"])[:DESCRIPTION_CHARACTERS], row["title"]))
        except (ValueError, KeyError, TypeError) as error:
            raise EvaluationError(f"{path}, line {number}: {error}") from error
    if not rows:
        raise EvaluationError(f"{path}: no pair with an English title")
    a, b = encoder.embed_documents([r[0] for r in rows]), encoder.embed_documents([r[1] for r in rows])
    gold = np.arange(len(a))
    return {
        "xling description-title MRR": float((1 / ranks(a, b, gold)).mean()),
        "xling title-description MRR": float((1 / ranks(b, a, gold)).mean()),
    }


def trained_on(paragraph: str) -> bool:
    """Whether a PIAF paragraph may train the bundled model: its text has an even SHA-1; the odd ones measure it."""
    return int(hashlib.sha1(paragraph.encode(), usedforsecurity=False).hexdigest(), 16) % 2 == 0


def piaf(encoder: Encoder, path: Path) -> dict[str, float]:
    """nDCG@10 of French questions among all paragraphs: all questions, and those on paragraphs that trained nothing."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))["data"]
        rows = [(p["context"], [q["question"] for q in p["qas"]]) for a in data for p in a["paragraphs"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvaluationError(f"{path}: not SQuAD form ({error})") from error
    documents = encoder.embed_documents([text for text, _ in rows])
    asked = [(question, at) for at, (_, questions) in enumerate(rows) for question in questions]
    if not asked:
        raise EvaluationError(f"{path}: no question")
    places = ranks(encoder.embed_queries([q for q, _ in asked]), documents, np.asarray([at for _, at in asked]))
    # One relevant document: nDCG@10 is 1 / log2(1 + rank) within the ten.
    gain = np.where(places <= 10, 1 / np.log2(1 + places), 0.0)
    unseen = np.asarray([not trained_on(rows[at][0]) for _, at in asked])
    return {"PIAF dense nDCG@10, untrained": float(gain[unseen].mean()), "PIAF dense nDCG@10": float(gain.mean())}


def similarity(encoder: Encoder, folder: Path) -> dict[str, float]:
    """Spearman's correlation of the cosine with people's scores (STS-B, development split)."""
    from scipy.stats import spearmanr

    found = {}
    for language in ("fr", "en"):
        path = folder / f"stsb-{language}-dev.csv"
        rows = list(csv.reader(_lines(path)))
        try:
            scores = [float(row[2]) for row in rows]
        except (IndexError, ValueError) as error:
            raise EvaluationError(f"{path}: {error}; each row is sentence, sentence, score") from error
        cosines = (encoder.embed_documents([r[0] for r in rows]) * encoder.embed_documents([r[1] for r in rows])).sum(1)
        found[f"STS-B {language} Spearman"] = float(spearmanr(cosines, scores).statistic)
    return found


def multihop_passages(folder: Path) -> list[str]:
    """The chunks that ``multihop_dense`` embeds: title, then text."""
    return [text for text, _ in _multihop_chunks(folder)]


def _multihop_chunks(folder: Path) -> Iterator[tuple[str, str]]:
    """Each chunk with its title, and its own text without white space."""
    for article in load_articles(folder):
        for chunk in chunk_article(article, _by_words, target=CHUNK_TOKENS - 10, limit=CHUNK_TOKENS):
            yield f"{article.title}\n{chunk.text}", squeezed(chunk.text)


def multihop_dense(encoder: Encoder, folder: Path, *, every: int = 1) -> dict[str, float]:
    """MultiHop-RAG's published MRR@10, dense alone over chunks of 200 tokens with their title; not told the source."""
    texts, facts_in = zip(*_multihop_chunks(folder), strict=True)
    asked = [q for q in load_questions(folder) if q.evidence][::every]
    documents = encoder.embed_documents(texts)
    queries = encoder.embed_queries([q.question for q in asked])
    values = []
    for row, vector in zip(asked, queries, strict=True):
        best = np.argsort(-(documents @ vector), kind="stable")[:10]
        facts = [squeezed(fact) for _, fact in row.evidence]
        values.append(published_reciprocal_rank([[fact in facts_in[at] for fact in facts] for at in best]))
    return {"MultiHop-RAG dense MRR@10": statistics.fmean(values)}


def speed(encoder: Encoder, passages: Sequence[str]) -> dict[str, float]:
    """Passages a second (median of five runs) and milliseconds for one question, warm (median of 200)."""
    encoder.embed_documents(passages[:8])
    rates, waits = [], []
    for _ in range(5):
        start = time.perf_counter()
        encoder.embed_documents(passages)
        rates.append(len(passages) / (time.perf_counter() - start))
    for number in range(200):
        start = time.perf_counter()
        encoder.embed_queries([f"Quelles entreprises ont supprimé des postes en 202{number % 10} ?"])
        waits.append(1000 * (time.perf_counter() - start))
    return {"passages a second": statistics.median(rates), "one question, ms": statistics.median(waits)}


def measure_embedder(encoder: Encoder, data: Path, *, told: Told | None = None) -> dict[str, float]:
    """Every measure whose data lie under ``data``. Raises EvaluationError when none does."""
    parts: list[tuple[Path, Callable[[Encoder, Path], dict[str, float]]]] = [
        (data / "parallel" / "laser-tatoeba", tatoeba),
        (data / "xling-ai-pairs" / "pairs.jsonl", crosslingual),
        (data / "stsb-fr-en", similarity),
        (data / "piaf" / "piaf.json", piaf),
        (data / "multihop-rag", multihop_dense),
    ]
    present = [(path, measured) for path, measured in parts if path.exists()]
    if not present:
        raise EvaluationError(f"{data}: holds none of {', '.join(str(p.relative_to(data)) for p, _ in parts)}")
    figures: dict[str, float] = {}
    for path, measured in present:
        if told:
            told(path.stem)
        figures |= measured(encoder, path)
    return figures


def _by_words(texts: Sequence[str]) -> list[int]:
    return [round(TOKENS_PER_WORD * len(text.split())) for text in texts]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror}") from error


def _same_length(folder: Path, a: Sequence[Any], b: Sequence[Any]) -> None:
    if len(a) != len(b) or not a:
        raise EvaluationError(f"{folder}: {len(a)} sentences in one language, {len(b)} in the other")
