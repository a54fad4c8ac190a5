"""A faithful Ollama on loopback (docs.ollama.com/api): version, tags, show, chat with streaming, embed; and its faults."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class FakeOllama:
    """What the server answers with; ``asked`` holds the bodies of all chat requests."""

    reply: str = "Bonjour."
    models: tuple[str, ...] = ("tiny:latest", "tiny")
    fault: str = ""
    """"": none; "slow", "cut" (the stream breaks off), "error" (500)."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""


@contextmanager
def ollama_server(fake: FakeOllama) -> Iterator[FakeOllama]:
    """Serve ``fake`` for the length of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

        def do_GET(self) -> None:
            if self.path == "/api/version":
                self._json(200, {"version": "0.12.0"})
            elif self.path == "/api/tags":
                self._json(200, {"models": [{"name": name, "model": name} for name in fake.models]})
            else:
                self._json(404, {"error": "not found"})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if body.get("model") not in fake.models:
                self._json(404, {"error": f"model '{body.get('model')}' not found"})
            elif fake.fault == "error":
                self._json(500, {"error": "out of memory"})
            elif self.path == "/api/show":
                self._json(200, {"details": {"family": "tiny"}, "capabilities": ["completion"]})
            elif self.path == "/api/chat":
                fake.asked.append(body)
                self._chat(body)
            else:
                self._json(404, {"error": "not found"})

        def _chat(self, body: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/x-ndjson")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            pieces = [fake.reply[i : i + 7] for i in range(0, len(fake.reply), 7)]
            for number, piece in enumerate(pieces):
                if fake.fault == "slow":
                    time.sleep(0.3)
                if fake.fault == "cut" and number == len(pieces) // 2:
                    self.close_connection = True
                    self.connection.close()
                    return
                self._line(
                    {
                        "model": body["model"],
                        "created_at": "2026-01-01T00:00:00Z",
                        "message": {"role": "assistant", "content": piece},
                        "done": False,
                    }
                )
            self._line({"model": body["model"], "created_at": "2026-01-01T00:00:00Z", "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop", "eval_count": 9, "prompt_eval_count": 9})  # fmt: skip
            self.wfile.write(b"0\r\n\r\n")

        def _line(self, value: object) -> None:
            content = json.dumps(value).encode() + b"\n"
            self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")

        def _json(self, status: int, value: object) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
