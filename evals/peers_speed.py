"""Peers' speed: Chroma, and LangChain's EnsembleRetriever over Chroma and BM25Retriever. Runs in .bench/venv, not in Vigie's.

    .bench/venv/bin/python -P evals/peers_speed.py FOLDER

FOLDER is what ``evals.bench_retrieve.export`` wrote. Prints one line of JSON, milliseconds of each question. The questions'
vectors are given, so that no time is for embedding; Chroma has its default settings.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from langchain_chroma import Chroma
from langchain_classic.retrievers import EnsembleRetriever
from langchain_community.retrievers import BM25Retriever
from langchain_core.embeddings import Embeddings

BATCH = 5_000
PACKAGES = ("chromadb", "langchain-chroma", "langchain-classic", "langchain-community", "rank-bm25")


class Given(Embeddings):
    """Vectors that were made before."""

    def __init__(self, texts: list[str], vectors: Any) -> None:
        self._known = dict(zip(texts, vectors.tolist(), strict=True))

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """As LangChain's."""
        return [self._known[t] for t in texts]

    def embed_query(self, text: str) -> list[float]:
        """As LangChain's."""
        return list(self._known[text])


def main(folder: Path) -> dict[str, Any]:
    """Ask every question of every peer."""
    chunks = np.load(folder / "chunks.npz")
    content = json.loads((folder / "content.json").read_text(encoding="utf-8"))
    vectors, questions, k = chunks["vectors"], chunks["questions"], content["k"]
    collection = filled(folder, chunks, content["texts"])
    where = {"$and": [{"published": {"$gte": content["since"]}}, {"language": content["language"]}]}
    chroma, chroma_where, recalls = [], [], []
    for vector in questions:
        ask = partial(collection.query, query_embeddings=[vector.tolist()], n_results=k, include=["distances"])
        found = ask()["ids"][0]
        chroma.append(timed(ask))
        chroma_where.append(timed(partial(ask, where=where)))
        best = np.argpartition(-(vectors @ vector), k)[:k]
        recalls.append(len({int(i) for i in found} & set(best.tolist())) / k)
    store = Chroma(
        client=chromadb.PersistentClient(str(folder / "chroma")),
        collection_name="peers",
        embedding_function=Given(content["questions"], questions),
    )
    words = BM25Retriever.from_texts(content["texts"], k=content["top"])
    ensemble = EnsembleRetriever(
        retrievers=[words, store.as_retriever(search_kwargs={"k": content["top"]})], weights=[0.5, 0.5]
    )
    ensemble.invoke(content["questions"][0])
    together = [timed(partial(ensemble.invoke, text)) for text in content["questions"]]
    return {
        "chroma": chroma,
        "chroma_where": chroma_where,
        "chroma_recall": round(float(np.mean(recalls)), 3),
        "ensemble": together,
        "versions": {name: version(name) for name in PACKAGES},
    }


def filled(folder: Path, chunks: Any, texts: list[str]) -> Any:
    """The collection of all chunks; the one of an earlier run where it has as many."""
    client = chromadb.PersistentClient(str(folder / "chroma"))
    collection = client.get_or_create_collection("peers", metadata={"hnsw:space": "cosine"})
    if collection.count() == len(texts):
        return collection
    for start in range(0, len(texts), BATCH):
        part = slice(start, start + BATCH)
        dates, languages = chunks["published"][part].tolist(), chunks["language"][part].tolist()
        collection.upsert(
            ids=[str(n) for n in range(start, min(start + BATCH, len(texts)))],
            embeddings=chunks["vectors"][part],
            documents=texts[part],
            metadatas=[{"published": d, "language": name} for d, name in zip(dates, languages, strict=True)],
        )
    return collection


def timed(task: Callable[[], object]) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    task()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))) + "\n")
