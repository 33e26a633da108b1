"""A tiny IMAP server on loopback for what no real server does on demand: cut lines, silence, sudden ends, refusals.

It knows one account and one folder; a test gives handlers for the commands that matter to it. A handler gets the
session and the rest of the command; what it returns is the tagged answer ("OK done"), None for none.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Handler = Callable[["Session", str], "str | None"]


@dataclass
class Session:
    """One client's connection, seen from the server."""

    sock: socket.socket
    server: FakeImap
    buffer: bytes = b""
    tag: str = ""

    def say(self, octets: bytes) -> None:
        """Send octets at once."""
        self.sock.sendall(octets)

    def say_slowly(self, *pieces: bytes) -> None:
        """Send pieces as a slow network does: the next one comes when the last has long been read."""
        for piece in pieces:
            self.sock.sendall(piece)
            time.sleep(0.1)

    def hear(self) -> str:
        """The next line, without its end; raises ConnectionError at the end of the connection."""
        while b"\r\n" not in self.buffer:
            got = self.sock.recv(65536)
            if not got:
                raise ConnectionError("the client has gone")
            self.buffer += got
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        self.server.heard.append(line.decode())
        return line.decode()

    def hear_octets(self, number: int) -> bytes:
        """The octets of a literal."""
        while len(self.buffer) < number:
            got = self.sock.recv(65536)
            if not got:
                raise ConnectionError("the client has gone")
            self.buffer += got
        octets, self.buffer = self.buffer[:number], self.buffer[number:]
        return octets

    def hang_up(self) -> None:
        """End the connection without a word."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        raise ConnectionError("hung up")


@dataclass
class FakeImap:
    """Serves until the `with` block ends. `heard` is every line of every client."""

    handlers: dict[str, Handler] = field(default_factory=dict)
    capability: str = "IMAP4rev1 IDLE UIDPLUS MOVE"
    greeting: bytes = b"* OK ready\r\n"
    tls: ssl.SSLContext | None = None
    heard: list[str] = field(default_factory=list)
    sessions: int = 0
    _open: list[socket.socket] = field(default_factory=list)

    def __enter__(self) -> FakeImap:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)

    def commands(self, word: str) -> list[str]:
        """The commands heard that begin with a word, after their tags."""
        return [c for line in self.heard if (c := line.partition(" ")[2]).upper().startswith(word)]

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.sessions += 1
            self._open.append(sock)
            # A client that goes away, or that distrusts us, is the everyday end of a session.
            with contextlib.suppress(OSError), sock:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._greet(sock)

    def _greet(self, sock: socket.socket) -> None:
        if self.tls is None:
            self._talk(Session(sock, self))
            return
        with self.tls.wrap_socket(sock, server_side=True) as encrypted:
            self._open.append(encrypted)
            self._talk(Session(encrypted, self))

    def _talk(self, session: Session) -> None:
        session.say(self.greeting)
        while True:
            session.tag, _, rest = session.hear().partition(" ")
            word, _, rest = rest.partition(" ")
            if word.upper() == "UID":
                word, _, rest = rest.partition(" ")
            answer = self._answer(session, word.upper(), rest)
            if answer is not None:
                session.say(f"{session.tag} {answer}\r\n".encode())
            if word.upper() == "LOGOUT":
                return

    def _answer(self, session: Session, word: str, rest: str) -> str | None:
        if word in self.handlers:
            return self.handlers[word](session, rest)
        if word == "CAPABILITY":
            session.say(f"* CAPABILITY {self.capability}\r\n".encode())
        elif word in ("SELECT", "EXAMINE"):
            session.say(b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 100] ok\r\n")
            session.say(b"* OK [PERMANENTFLAGS (\\Seen \\Deleted \\*)] ok\r\n")
        elif word == "LIST":
            name = re.findall(r'"([^"]*)"', rest)[-1]
            session.say(f'* LIST () "/" {"INBOX" if name == "*" else name}\r\n'.encode())
        elif word == "LOGOUT":
            session.say(b"* BYE\r\n")
        return "OK done"
