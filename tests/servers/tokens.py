"""A small OAuth2 provider on loopback: refresh tokens that rotate, access tokens that expire, introspection.

`POST /token` is the refresh grant (RFC 6749, 6); every refresh token works once. `POST /introspect` answers as
RFC 7662 does, which is what Dovecot asks.
"""

from __future__ import annotations

import json
import secrets
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

CLIENT_ID = "mailcase-tests"
CLIENT_SECRET = "a client secret of tests"


@dataclass
class Tokens:
    """A running provider. `grants` counts successful refreshes; `failures` are statuses for the next requests."""

    server: ThreadingHTTPServer
    refresh: dict[str, str] = field(default_factory=dict)
    access: dict[str, str] = field(default_factory=dict)
    failures: list[int] = field(default_factory=list)
    grants: int = 0
    expires_in: int = 3600
    rotate: bool = True

    @classmethod
    def start(cls) -> Tokens:
        """Start on a free port of loopback."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        tokens = cls(server)
        server.tokens = tokens  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return tokens

    def stop(self) -> None:
        """Stop answering."""
        self.server.shutdown()
        self.server.server_close()

    @property
    def base(self) -> str:
        """The address of the provider, no slash at the end."""
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def token_url(self) -> str:
        """Where refresh tokens are turned into access tokens."""
        return f"{self.base}/token"

    @property
    def introspection_url(self) -> str:
        """Where a mail server asks whose an access token is."""
        return f"{self.base}/introspect"

    def issue(self, user: str) -> str:
        """A refresh token for a user, as if he had just agreed in a browser."""
        token = secrets.token_urlsafe(16)
        self.refresh[token] = user
        return token

    def grant(self, asked: dict[str, str]) -> tuple[int, dict[str, object]]:
        """The answer to a refresh request: HTTP status and JSON."""
        if (asked.get("client_id"), asked.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        if asked.get("grant_type") != "refresh_token":
            return 400, {"error": "unsupported_grant_type"}
        old = asked.get("refresh_token", "")
        user = self.refresh.pop(old, None)
        if user is None:
            return 400, {"error": "invalid_grant", "error_description": "The refresh token was used or revoked"}
        self.grants += 1
        access = secrets.token_urlsafe(16)
        self.access[access] = user
        answer: dict[str, object] = {"access_token": access, "token_type": "Bearer", "expires_in": self.expires_in}
        if not self.rotate:
            self.refresh[old] = user
            return 200, answer
        return 200, answer | {"refresh_token": self.issue(user)}

    def introspect(self, asked: dict[str, str]) -> tuple[int, dict[str, object]]:
        """Whose an access token is."""
        user = self.access.get(asked.get("token", ""))
        return 200, {"active": True, "username": user} if user else {"active": False}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        tokens: Tokens = self.server.tokens  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        asked = {name: values[0] for name, values in parse_qs(body).items()}
        if tokens.failures:
            self._answer(tokens.failures.pop(0), {"error": "temporarily_unavailable"})
        elif urlsplit(self.path).path == "/token":
            self._answer(*tokens.grant(asked))
        else:
            self._answer(*tokens.introspect(asked))

    def _answer(self, status: int, content: dict[str, object]) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        if status in (301, 302, 307, 308):
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_address[1]}/token")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: tests are quiet."""
