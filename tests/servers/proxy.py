"""A TCP proxy of loopback that stands between the daemon and a real server, and spoils what passes as a test says.

    with Proxy(server.port) as wire:
        wire.down = cut_after(b"BODY[] {", 300)   # the server's words, in the middle of a literal, once
        wire.up = one_byte                        # the client's words
        wire.lose()                               # connections that are open now turn half-open
        wire.fair()                               # nothing is spoilt any more

A rule is given a piece of one direction and yields what goes on instead; it raises `Cut` to end the connection.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Self

HOST = "127.0.0.1"


class Cut(Exception):
    """The connection ends here, for both sides and without a word."""


@dataclass(eq=False)
class Connection:
    """One client's way to the server: `heard` is what the client said, `said` what the server did, both unspoilt."""

    client: socket.socket = field(repr=False)
    server: socket.socket = field(repr=False)
    heard: bytes = field(default=b"", repr=False)
    said: bytes = field(default=b"", repr=False)
    lost: bool = False

    def end(self) -> None:
        """Close both sides."""
        for side in (self.client, self.server):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)


Rule = Callable[[Connection, bytes], Iterator[bytes]]


def fair(_: Connection, piece: bytes) -> Iterator[bytes]:
    """Nothing is spoilt."""
    yield piece


def nothing(connection: Connection, _: bytes) -> Iterator[bytes]:
    """From now on not even the end of the connection gets through."""
    connection.lost = True
    yield from ()


def one_byte(_: Connection, piece: bytes) -> Iterator[bytes]:
    """Every byte in a packet of its own."""
    for byte in piece:
        yield bytes((byte,))


def slow(octets: int) -> Rule:
    """A line of so many bytes a second."""

    def rule(_: Connection, piece: bytes) -> Iterator[bytes]:
        step = max(octets // 20, 1)
        for start in range(0, len(piece), step):
            yield piece[start : start + step]
            time.sleep(step / octets)

    return rule


def after(marker: bytes, octets: int, then: Callable[[Connection], None], times: int = 1) -> Rule:
    """Call `then` once a marker and so many bytes after it have passed; `times` connections suffer it."""
    so_far: dict[Connection, bytes] = {}
    lock = threading.Lock()
    left = times

    def rule(connection: Connection, piece: bytes) -> Iterator[bytes]:
        nonlocal left
        before = so_far.get(connection, b"")
        whole = before + piece
        start = whole.find(marker)
        end = start + len(marker) + octets
        with lock:
            hit = left > 0 and start >= 0 and len(whole) >= end
            left -= hit
        if hit:
            yield whole[len(before) : end]
            then(connection)
            return
        so_far[connection] = whole
        yield piece

    return rule


def cut_after(marker: bytes, octets: int = 0, times: int = 1) -> Rule:
    """End the connection so many bytes after a marker; an empty marker is the beginning."""

    def cut(_: Connection) -> None:
        raise Cut

    return after(marker, octets, cut, times)


def silent_after(marker: bytes, octets: int = 0, times: int = 1) -> Rule:
    """The connection turns half-open so many bytes after a marker."""

    def lose(connection: Connection) -> None:
        connection.lost = True

    return after(marker, octets, lose, times)


def replaced(old: bytes, new: bytes) -> Rule:
    """A man in the middle writes another word, whatever its case, where he sees the first one in one piece."""
    pattern = re.compile(re.escape(old), re.IGNORECASE)

    def rule(_: Connection, piece: bytes) -> Iterator[bytes]:
        yield pattern.sub(lambda _: new, piece)

    return rule


@dataclass
class Proxy:
    """Runs until the `with` block ends; `port` is its own. `target` may change: the next connection goes there."""

    target: int
    down: Rule = fair
    up: Rule = fair
    refuses: bool = False
    """Whoever dials is hung up on at once."""
    dials: int = 0
    connections: list[Connection] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(10)

    def fair(self) -> None:
        """Nothing is spoilt from now on; what was lost stays lost."""
        self.down = self.up = fair
        self.refuses = False

    def hang_up(self, farewell: bytes = b"") -> None:
        """End every connection and forget it; the farewell is the last that the client hears."""
        ended, self.connections = self.connections, []
        for connection in ended:
            with contextlib.suppress(OSError):
                connection.client.sendall(farewell)
            connection.end()

    def lose(self) -> None:
        """Connections that are open now turn half-open: nothing comes through either way, and none ends."""
        for connection in self.connections:
            connection.lost = True

    @property
    def heard(self) -> bytes:
        """Everything that clients have said."""
        return b"".join(connection.heard for connection in list(self.connections))

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.dials += 1
            try:
                if self.refuses:
                    raise ConnectionRefusedError
                server = socket.create_connection((HOST, self.target), timeout=5)
            except OSError:
                client.close()
                continue
            self._join(client, server)

    def _join(self, client: socket.socket, server: socket.socket) -> None:
        for side in (client, server):
            side.settimeout(None)
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(client, server)
        self.connections.append(connection)
        for downwards in (True, False):
            thread = threading.Thread(target=self._pass_on, args=(connection, downwards), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _pass_on(self, connection: Connection, downwards: bool) -> None:
        source, goal = connection.server, connection.client
        if not downwards:
            source, goal = goal, source
        # Either side may go away at any time; so may we.
        with contextlib.suppress(OSError, Cut):
            while piece := source.recv(65536):
                if downwards:
                    connection.said += piece
                else:
                    connection.heard += piece
                for spoilt in (self.down if downwards else self.up)(connection, piece):
                    if not connection.lost:
                        goal.sendall(spoilt)
        if downwards and connection.lost:
            # Of a half-open connection the client learns not even that the server has gone.
            return
        connection.end()
