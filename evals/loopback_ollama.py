"""A faithful Ollama on loopback (docs.ollama.com/api), for tests and for the injection measure: version, tags, ps, show, chat and embed
with and without streaming, pull with progress, delete, its errors; and the faults that a real one has."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CREATED = "2026-01-01T00:00:00.000000Z"
DIMENSION = 8
PIECE = 7
"""Characters of a streamed piece."""


@dataclass
class FakeOllama:
    """What the server answers with; ``asked`` holds the bodies of all chat requests, ``seen`` the paths of all requests."""

    reply: str | Callable[[dict[str, Any]], str] = "Bonjour."
    models: list[str] = field(default_factory=lambda: ["tiny:latest"])
    fault: str = ""
    """"": none; "slow", "cut" (the stream breaks off), "error" (500), "garbage" (no JSON), "midway" (an error within the stream)."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    url: str = ""

    def has(self, name: str) -> bool:
        """Ollama takes "tiny" for "tiny:latest"."""
        return (name if ":" in name else f"{name}:latest") in self.models


@contextmanager
def ollama_server(fake: FakeOllama) -> Iterator[FakeOllama]:
    """Serve ``fake`` for the length of the block."""
    handler = type("Handler", (_Handler,), {"fake": fake})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeOllama

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        self.fake.seen.append(self.path)
        if self.path == "/":
            self._send(200, b"Ollama is running", "text/plain")
        elif self.path == "/api/version":
            self._json(200, {"version": "0.12.0"})
        elif self.path in ("/api/tags", "/api/ps"):
            self._json(200, {"models": [_listed(name) for name in self.fake.models]})
        else:
            self._send(404, b"404 page not found", "text/plain")

    def do_DELETE(self) -> None:
        self.fake.seen.append(self.path)
        name = self._body().get("model", "")
        if not self.fake.has(name):
            return self._json(404, {"error": f"model '{name}' not found"})
        self.fake.models.remove(name if ":" in name else f"{name}:latest")
        return self._send(200, b"", "application/json")

    def do_POST(self) -> None:
        self.fake.seen.append(self.path)
        try:
            body = self._body()
        except ValueError:
            return self._json(400, {"error": "invalid character in request"})
        answer = {
            "/api/chat": self._chat,
            "/api/embed": self._embed,
            "/api/show": self._show,
            "/api/pull": self._pull,
        }.get(self.path)
        if answer is None:
            return self._send(404, b"404 page not found", "text/plain")
        name = str(body.get("model") or body.get("name") or "")
        if not name:
            return self._json(400, {"error": "model is required"})
        if self.path != "/api/pull" and not self.fake.has(name):
            return self._json(404, {"error": f"model '{name}' not found"})
        if self.fake.fault == "error":
            return self._json(500, {"error": "out of memory"})
        if self.fake.fault == "garbage":
            return self._send(200, b"<html>not an Ollama</html>", "text/html")
        return answer(body, name)

    def _show(self, _body: dict[str, Any], _name: str) -> None:
        details = {"format": "gguf", "family": "tiny", "parameter_size": "1B", "quantization_level": "Q4_0"}
        info = {"general.architecture": "tiny", "tiny.context_length": 8192, "tiny.embedding_length": DIMENSION}
        self._json(
            200, {"details": details, "model_info": info, "capabilities": ["completion"], "modified_at": CREATED}
        )

    def _chat(self, body: dict[str, Any], name: str) -> None:
        self.fake.asked.append(body)
        reply = self.fake.reply if isinstance(self.fake.reply, str) else self.fake.reply(body)
        end = {"model": name, "created_at": CREATED, "done": True, "done_reason": "stop", "total_duration": 9, "eval_count": 9, "prompt_eval_count": 9}  # fmt: skip
        if body.get("stream") is False:
            return self._json(200, {**end, "message": {"role": "assistant", "content": reply}})
        self._begin()
        pieces = [reply[i : i + PIECE] for i in range(0, len(reply), PIECE)]
        for number, piece in enumerate(pieces):
            if self.fake.fault == "slow":
                time.sleep(0.3)
            if self.fake.fault == "cut" and number == len(pieces) // 2:
                self.close_connection = True
                self.connection.close()
                return None
            if self.fake.fault == "midway" and number == len(pieces) // 2:
                self._line({"error": "an error was encountered while running the model"})
                return self._end()
            message = {"role": "assistant", "content": piece}
            self._line({"model": name, "created_at": CREATED, "message": message, "done": False})
        self._line({**end, "message": {"role": "assistant", "content": ""}})
        return self._end()

    def _embed(self, body: dict[str, Any], name: str) -> None:
        given = body.get("input", [])
        texts = [given] if isinstance(given, str) else given
        vectors = [[b / 255 for b in hashlib.sha256(text.encode()).digest()[:DIMENSION]] for text in texts]
        self._json(
            200,
            {
                "model": name,
                "embeddings": vectors,
                "total_duration": 9,
                "load_duration": 1,
                "prompt_eval_count": len(texts),
            },
        )

    def _pull(self, body: dict[str, Any], name: str) -> None:
        if name.startswith("absent"):
            error = {"error": "pull model manifest: file does not exist"}
            if body.get("stream") is False:
                return self._json(500, error)
            self._begin()
            self._line(error)
            return self._end()
        full = name if ":" in name else f"{name}:latest"
        if not self.fake.has(name):
            self.fake.models.append(full)
        if body.get("stream") is False:
            return self._json(200, {"status": "success"})
        digest = f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"
        self._begin()
        self._line({"status": "pulling manifest"})
        for done in (0, 50, 100):
            self._line({"status": f"pulling {digest[7:19]}", "digest": digest, "total": 100, "completed": done})
        for status in ("verifying sha256 digest", "writing manifest", "success"):
            self._line({"status": status})
        return self._end()

    def _body(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        return value

    def _begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _line(self, value: object) -> None:
        content = json.dumps(value).encode() + b"\n"
        self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")

    def _end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def _json(self, status: int, value: object) -> None:
        self._send(status, json.dumps(value).encode(), "application/json; charset=utf-8")

    def _send(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _listed(name: str) -> dict[str, Any]:
    details = {"format": "gguf", "family": "tiny", "parameter_size": "1B", "quantization_level": "Q4_0"}
    return {"name": name, "model": name, "modified_at": CREATED, "size": 1000, "digest": "0" * 64, "details": details}
