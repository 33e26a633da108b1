"""An SMTP server for tests that keeps every letter whole, and fails exactly as it is told to.

    with Sink.start() as sink:
        sink.answer("RCPT", "550 5.1.1 no such user", about="<a@example.ru>")   # every time
        sink.answer("END", DROP, times=1)                                     # once, after the letter's last dot

Commands: CONNECT (the greeting), EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA (instead of 354), END (after the letter's
last dot: a 4xx or 5xx keeps nothing; DROP and DROP_AFTER keep it, as a server may have).
"""

from __future__ import annotations

import asyncio
import threading
from base64 import b64decode
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from aiosmtpd.smtp import SMTP, AuthResult

from tests.servers.certificate import Certificate

HOST = "127.0.0.1"
DROP = "drop"
"""End the connection without a reply."""
DROP_AFTER = "drop after"
"""Reply as usual and end the connection."""

_BOUND = 10.0


@dataclass(frozen=True)
class Taken:
    """One letter with its envelope: `envelope_from` "" is the null path; `user` is who logged in."""

    envelope_from: str
    to: tuple[str, ...]
    raw: bytes
    user: str
    encrypted: bool
    smtputf8: bool


@dataclass
class _Order:
    command: str
    reply: str
    about: str
    times: int | None


@dataclass
class Sink:
    """A running server. `letters`, `commands` (with address, without passwords) and `connections` only grow."""

    tls: Literal["none", "starttls", "tls"] = "none"
    certificate: Certificate | None = None
    users: Mapping[str, str] = field(default_factory=dict)
    """User -> password or access token; where there is one, nobody sends without a login."""
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN", "XOAUTH2")
    smtputf8: bool = False
    size_limit: int | None = None
    slow: float = 0.0
    """Seconds before the reply to a letter's last dot."""
    host: str = HOST
    port: int = 0
    letters: list[Taken] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._orders: list[_Order] = []
        self._sessions: set[_Session] = set()
        self._lock = threading.Lock()

    @classmethod
    def start(cls, **given: Any) -> Self:
        """Start on a free port; fields may be given by name. Without a certificate there is no encryption."""
        sink = cls(**given)
        sink.resume()
        return sink

    def resume(self) -> None:
        """Start (again) on the same port."""
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True)
        self._thread.start()
        if not ready.wait(_BOUND):
            raise RuntimeError("the sink did not start")

    def stop(self) -> None:
        """End every connection and free the port; letters stay readable."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(_BOUND)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def answer(self, command: str, reply: str, about: str = "", times: int | None = None) -> None:
        """Answer a command thus; `about` is a part of its argument, `times` how often (None: always)."""
        with self._lock:
            self._orders.append(_Order(command, reply, about, times))

    def behave(self) -> None:
        """Forget every order."""
        with self._lock:
            self._orders.clear()

    def hang_up(self, farewell: str = "") -> None:
        """End the connections that are open, as a server does with idle ones; a farewell is said before."""
        gone = asyncio.run_coroutine_threadsafe(self._hang_up(farewell), self._loop)
        gone.result(_BOUND)

    def said(self, verb: str) -> list[str]:
        """The commands of this verb that came."""
        return [c for c in self.commands if c.startswith(verb)]

    async def _hang_up(self, farewell: str) -> None:
        for session in list(self._sessions):
            session.leave(farewell)
        # One turn of the loop sends what is to be sent and closes the socket.
        await asyncio.sleep(0)

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        context = self.certificate.server_context() if self.certificate and self.tls == "tls" else None
        server = await self._loop.create_server(lambda: _Session(self), self.host, self.port, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._ended.wait()
        server.close()
        await self._hang_up("")

    def ordered(self, command: str, argument: str = "") -> str:
        """The reply that a test ordered for this command, used up; empty where there is none."""
        with self._lock:
            for order in self._orders:
                if order.command == command and order.times != 0 and order.about in argument:
                    order.times = order.times - 1 if order.times else None
                    return order.reply
        return ""

    def entered(self, session: _Session) -> None:
        self.connections += 1
        self._sessions.add(session)

    def left(self, session: _Session) -> None:
        self._sessions.discard(session)


class _Handler:
    """aiosmtpd's hooks: who may log in, and what becomes of a letter."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def known(self, user: bytes, secret: bytes) -> AuthResult:
        right = self._sink.users.get(user.decode()) == secret.decode()
        return AuthResult(success=right, handled=False, auth_data=user.decode() if right else None)

    def authenticator(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        return self.known(given.login, given.password)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        user, token = b64decode(args[1]).removesuffix(b"\1\1").removeprefix(b"user=").split(b"\1auth=Bearer ")
        result = self.known(user, token)
        if not result.success:
            # As big providers do: the reason as a challenge, then the refusal after an empty line.
            await server.challenge_auth('{"status":"401"}')
        return result

    async def handle_DATA(self, server: _Session, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self._sink.slow)
        reply = self._sink.ordered("END")
        if reply[:1] in ("4", "5"):
            return reply
        taken = Taken(
            "" if envelope.mail_from == "<>" else envelope.mail_from,
            tuple(envelope.rcpt_tos),
            envelope.original_content,
            session.auth_data or "",
            server.encrypted,
            bool(envelope.smtp_utf8),
        )
        self._sink.letters.append(taken)
        if reply == DROP:
            server.leave()
        server.dropping = reply == DROP_AFTER
        return "250 2.0.0 Ok: kept"


def _obeying(name: str) -> Callable[[Any, str], Coroutine[Any, Any, None]]:
    """A command of aiosmtpd that first looks whether the test ordered another reply."""
    usual = getattr(SMTP, f"smtp_{name}")

    async def command(self: _Session, argument: str) -> None:
        await self.obey(name, argument, usual)

    return command


class _Session(SMTP):
    """One connection."""

    smtp_EHLO, smtp_STARTTLS, smtp_AUTH = _obeying("EHLO"), _obeying("STARTTLS"), _obeying("AUTH")
    smtp_MAIL, smtp_RCPT, smtp_DATA, smtp_RSET = (_obeying(n) for n in ("MAIL", "RCPT", "DATA", "RSET"))

    def __init__(self, sink: Sink) -> None:
        handler = _Handler(sink)
        starttls = sink.certificate is not None and sink.tls == "starttls"
        super().__init__(
            handler,
            hostname="sink.example.org",
            ident="ESMTP",
            data_size_limit=sink.size_limit,
            enable_SMTPUTF8=sink.smtputf8,
            tls_context=sink.certificate.server_context() if starttls and sink.certificate else None,
            auth_require_tls=starttls,
            auth_exclude_mechanism=[m for m in ("PLAIN", "LOGIN", "XOAUTH2") if m not in sink.mechanisms],
            authenticator=handler.authenticator,
        )
        # Set late, as aiosmtpd warns of logins without encryption, which some tests want.
        self._auth_required = bool(sink.users)
        self._sink, self._greeted, self.dropping = sink, False, False

    def connection_made(self, transport: Any) -> None:
        if self.transport is None:
            self._sink.entered(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._sink.left(self)
        super().connection_lost(error)

    @property
    def encrypted(self) -> bool:
        return self.transport is not None and self.transport.get_extra_info("ssl_object") is not None

    def leave(self, farewell: str = "") -> None:
        """End the connection, without a word or with this one."""
        transport: Any = self.transport
        if transport is None:
            return
        if farewell:
            transport.write(farewell.encode() + b"\r\n")
            transport.close()
        else:
            transport.abort()

    async def obey(self, name: str, argument: str, usual: Callable[..., Coroutine[Any, Any, None]]) -> None:
        self._sink.commands.append(name if name == "AUTH" else f"{name} {argument or ''}".rstrip())
        reply = self._sink.ordered(name, argument or "")
        if not reply:
            await usual(self, argument)
        elif reply == DROP:
            self.leave()
        else:
            await self.push(reply)
            if reply.startswith("421"):
                self.leave()

    async def push(self, status: Any) -> None:
        """Write a reply; the first one is the greeting."""
        ordered = "" if self._greeted else self._sink.ordered("CONNECT")
        self._greeted = True
        if self.transport is None or self.transport.is_closing():
            return
        await super().push(ordered or status)
        if ordered or self.dropping:
            self.transport.close()
