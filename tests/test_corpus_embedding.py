from __future__ import annotations

import json
import shutil
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import vigie
from corpus.embedding import EmbeddingSettings, TokenEmbedder, embedder_key
from corpus.embedding.factory import open_embedder
from corpus.embedding.onnx import WEIGHTS, BundledEmbedder
from corpus.errors import EmbedderUnavailable, WeightsError
from corpus.models import Article


@pytest.fixture(scope="module")
def bundled() -> BundledEmbedder:
    return BundledEmbedder(threads=1)


ODD = ["", " ", "x" * 100_000, "🤖" * 50, "\x00\x07\ud800", "日本語の文章です", "Amazon supprime 14 000 postes"]


def test_any_text_becomes_a_unit_vector(bundled: BundledEmbedder) -> None:
    vectors = bundled.embed_documents(ODD)
    assert (vectors.shape, vectors.dtype) == ((len(ODD), bundled.dimension), np.float32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert bundled.embed_documents([]).shape == (0, bundled.dimension)


def test_the_order_of_a_batch_does_not_matter(bundled: BundledEmbedder) -> None:
    texts = ["court", "un texte un peu plus long que le premier " * 5, "moyen comme cela", "a"]
    together = bundled.embed_documents(texts)
    alone = np.concatenate([bundled.embed_documents([t]) for t in texts])
    assert np.array_equal(together, alone)
    assert np.array_equal(bundled.embed_documents(texts[::-1])[::-1], together)


def test_threads_change_nothing(bundled: BundledEmbedder) -> None:
    texts = [f"Amazon cuts {n} jobs. " * (1 + n % 7) for n in range(12)]
    vectors, states = bundled.embed_documents_with_tokens(texts)
    again, same = BundledEmbedder(threads=3).embed_documents_with_tokens(texts)
    assert np.array_equal(again, vectors)
    assert np.array_equal(same.vectors, states.vectors)
    assert np.array_equal(same.offsets, states.offsets)


def test_like_is_near_like(bundled: BundledEmbedder) -> None:
    a, b, c = bundled.embed_documents(
        ["Amazon cuts 14,000 jobs", "Amazon lays off thousands of employees", "How to bake bread"]
    )
    assert a @ b > a @ c + 0.3


def test_token_states_of_the_same_pass(bundled: BundledEmbedder) -> None:
    assert isinstance(bundled, TokenEmbedder)
    texts = ["Amazon cuts jobs", "", "Des robots dans les entrepôts"]
    vectors, states = bundled.embed_documents_with_tokens(texts)
    assert np.allclose(vectors, bundled.embed_documents(texts), atol=1e-5)
    assert states.offsets.tolist() == [0, *np.cumsum(bundled.count_tokens(texts)).tolist()]
    assert states.vectors.shape == (len(states.tokens), bundled.token_dimension)
    assert np.allclose(np.linalg.norm(states.vectors, axis=1), 1, atol=1e-3)
    weights = bundled.token_weights(states.tokens)
    assert ((weights >= 0) & (weights <= 1)).all()


def test_what_is_cut_off_is_logged(bundled: BundledEmbedder, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="corpus.embedding.onnx"):
        bundled.embed_documents(["mot " * 5000])
    assert "embedded by their beginning" in caplog.text


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "manifest.json"])
def test_missing_and_damaged_weights_are_one_clear_error(tmp_path: Path, name: str) -> None:
    for path in WEIGHTS.glob("*.*"):
        shutil.copy(path, tmp_path)
    (tmp_path / name).write_bytes(b"damaged")
    with pytest.raises(WeightsError, match=name):
        BundledEmbedder(tmp_path).embed_documents(["x"])
    (tmp_path / name).unlink()
    with pytest.raises(WeightsError, match="missing"):
        BundledEmbedder(tmp_path).embed_documents(["x"])


@pytest.fixture
def ollama() -> Iterator[str]:
    """An Ollama that embeds by the length of a text, and lacks every model but "known"."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if body["model"] != "known":
                self._answer(404, {"error": f'model "{body["model"]}" not found'})
            else:
                self._answer(200, {"model": "known", "embeddings": [[float(len(t)), 1.0, 2.0] for t in body["input"]]})

        def _answer(self, status: int, value: object) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_ollama_embeds(ollama: str) -> None:
    embedder = open_embedder(EmbeddingSettings(model="ollama:known", ollama_url=ollama, batch=2))
    vectors = embedder.embed_documents(["abc", "", "abcdef"])
    expected = np.asarray([[3, 1, 2], [1, 1, 2], [6, 1, 2]], dtype=np.float32)
    assert np.allclose(vectors, expected / np.linalg.norm(expected, axis=1, keepdims=True))
    assert embedder_key(embedder).startswith("ollama:known + vigie-fr-en-v1")
    assert embedder_key(embedder).endswith("(3)")


def test_an_ollama_that_lacks_the_model_or_is_down(ollama: str) -> None:
    with pytest.raises(EmbedderUnavailable, match="ollama pull unknown"):
        open_embedder(EmbeddingSettings(model="ollama:unknown", ollama_url=ollama)).embed_queries(["x"])
    with pytest.raises(EmbedderUnavailable, match="ollama serve"):
        open_embedder(EmbeddingSettings(model="ollama:known", ollama_url="http://127.0.0.1:9")).embed_queries(["x"])
    with pytest.raises(EmbedderUnavailable, match="unknown embedder"):
        open_embedder(EmbeddingSettings(model="word2vec"))


class Encoder:
    """What sentence-transformers does as far as Vigie uses it."""

    def __init__(self, name: str) -> None:
        if name == "missing":
            raise OSError("missing is not a local folder and is not a valid model identifier\nsecond line")

    def encode_document(self, texts: list[str], **_: object) -> np.ndarray[Any, Any]:
        return np.asarray([[len(t) + 1.0, 1.0, np.nan if t == "nan" else 0.0] for t in texts])

    def encode_query(self, texts: list[str], **_: object) -> np.ndarray[Any, Any]:
        return np.asarray([[1.0, len(t) + 1.0, 0.0] for t in texts])


def test_sentence_transformers_embed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", SimpleNamespace(SentenceTransformer=Encoder))
    embedder = open_embedder(EmbeddingSettings(model="sentence-transformers:some/model"))
    assert embedder.name.startswith("sentence-transformers:some/model + vigie-fr-en-v1")
    assert embedder.dimension == 3
    documents, asked = embedder.embed_documents(["deux", ""]), embedder.embed_queries(["deux"])
    assert np.allclose(np.linalg.norm(documents, axis=1), 1)
    assert not np.allclose(documents[0], asked[0])
    assert embedder.embed_documents([]).shape == (0, 3)
    with pytest.raises(EmbedderUnavailable, match="another model"):
        embedder.embed_documents(["nan"])
    missing = open_embedder(EmbeddingSettings(model="sentence-transformers:missing"))
    with pytest.raises(EmbedderUnavailable, match=r"valid model identifier; give a model's name or its folder$"):
        missing.embed_queries(["x"])


def test_without_sentence_transformers_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EmbedderUnavailable, match="pip install sentence-transformers"):
        open_embedder(EmbeddingSettings(model="sentence-transformers:m")).embed_queries(["x"])
    with pytest.raises(EmbedderUnavailable, match="use 'bundled', 'ollama:MODEL' or 'sentence-transformers:MODEL'"):
        open_embedder(EmbeddingSettings(model="sentence-transformers:"))


def test_with_another_embedder_the_bundled_model_reranks(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", SimpleNamespace(SentenceTransformer=Encoder))
    settings = vigie.Settings(embedding={"model": "sentence-transformers:some/model"})
    with vigie.Library(home, settings) as library:
        library.add(
            Article(f"https://a.example/{n}", title, f"{title}.", "Post", None, "en")
            for n, title in enumerate(["Amazon cuts 14,000 jobs", "How to bake a loaf of bread", "A recipe for soup"])
        )
        result = library.search_result("Amazon lays off employees")
    assert result.passages[0].title == "Amazon cuts 14,000 jobs"
    assert len({p.scores["rerank"] for p in result.passages}) > 1
    assert result.notes == (
        f"searched by sentence-transformers:some/model, reranked by the bundled model ({BundledEmbedder().name})",
    )
