"""A small server on loopback that speaks as OpenAI's chat completions do, or as tests want it to."""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def completion(content: str) -> bytes:
    """The body of a good answer."""
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()


@dataclass
class Completions:
    """A running server. `body` and `status` are what it answers; `drips` sends that a byte at a time, for ever."""

    server: ThreadingHTTPServer
    body: bytes = completion('{"complaint": true}')
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drips: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def start(cls) -> Completions:
        """Start on a free port of loopback."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        server.daemon_threads = True
        completions = cls(server)
        server.completions = completions  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return completions

    def stop(self) -> None:
        """Stop answering."""
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        """Where questions are asked."""
        return f"http://127.0.0.1:{self.server.server_port}/v1/chat/completions"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        completions: Completions = self.server.completions  # type: ignore[attr-defined]
        completions.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        completions.keys.append(self.headers["Authorization"])
        self.send_response(completions.status)
        for name, value in completions.headers.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):
            while completions.drips and not completions.ended.wait(0.05):
                self.wfile.write(b" ")
            self.wfile.write(completions.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
