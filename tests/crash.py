"""A laboratory that dies at a chosen I/O call: a fuse at each seam, and a day of mail that survives its blowing.

The fuse counts every call that leaves the process: database transactions (with `statements` every statement, too),
stored letters, IMAP commands, what smtplib sends and reads. It dies *before* call n; as nothing else touches the world
between two calls, that is also *after* call n - 1. From then on every call of the dead process fails, and all that is
left of it is what it had committed, stored, marked or sent.
"""

from __future__ import annotations

import shutil
import smtplib
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import sqlalchemy as sa

from mailcase.app import App
from mailcase.daemon import only_process
from mailcase.mail.compose import Composer
from mailcase.mail.smtp import Smtp
from mailcase.stations.fetch import fetch
from mailcase.stations.handle import handle
from mailcase.stations.send import send
from mailcase.stations.tidy import tidy
from mailcase.store.db import Database
from mailcase.store.raw import RawStore
from tests.fake_mailbox import Box, FakeMailbox
from tests.letters import LAB, MONDAY, config
from tests.servers.sink import Sink, Taken

_LEASES = timedelta(minutes=16)
"""Longer than the longest lease of a station."""
EFFECTS = ("commit", "raw.put, half written", "smtp: reply to the letter", "imap.append", "imap.mark", "imap.move")
_ROUNDS = 30
_Client = smtplib.SMTP


class Crash(BaseException):
    """The process is dead; nothing may catch it."""


class Fuse:
    """Counts calls and dies before number `blows_at`, or right after effect number `after`, or after one at `place`.

    An effect is a call that changes the world: what was committed, stored, sent, marked. Between two effects every
    crash leaves the same behind, so counting effects reaches more of what can be left in as many crashes. A place is
    the function of a station that has the effect; `calls` and `places` are the names of what was counted.
    """

    def __init__(self, blows_at: int = 0, *, after: int = 0, place: str = "", statements: bool = False) -> None:
        self.blows_at, self.after, self.place, self.statements = blows_at, after, place, statements
        self.calls: list[str] = []
        self.places: list[str] = []
        self.blown = self._burning = False
        self.cause = ""
        self.sockets: list[socket.socket] = []

    def burn(self, call: str) -> None:
        if self.blown:
            # What a block does on its way out reaches nothing any more; the cause stays the first one.
            raise Crash(self.cause)
        self.calls.append(call)
        if self._burning or len(self.calls) == self.blows_at:
            self.blown = True
            self.cause = f"call {len(self.calls)}: {call}, after {self.places[-1:]}"
            raise Crash(self.cause)
        if call in EFFECTS:
            self.places.append(f"{_place()} {call}".lstrip())
            self._burning = len(self.places) == self.after or self.places[-1] == self.place

    def wire(self, db: Database) -> None:
        """Count this database's transactions and, if asked for, statements."""
        for engine in {id(e): e for e in (db.writer, db.reader)}.values():
            sa.event.listen(engine, "begin", lambda *_: self.burn("begin"))
            sa.event.listen(engine, "commit", lambda *_: self.burn("commit"))
            if self.statements:
                sa.event.listen(engine, "before_cursor_execute", lambda *a: self.burn(f"statement: {a[2][:60]}"))

    def bury(self) -> None:
        """Close what the dead process had open, as the system does, and wait until the other side knows it."""
        for sock in self.sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_WR)
                sock.settimeout(5)
                while sock.recv(65536):
                    pass
            sock.close()
        self.sockets.clear()


def _place() -> str:
    """The innermost function of a station that is at work now; empty at the start and at the end of the process."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and "/mailcase/stations/" not in frame.f_code.co_filename:
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}" if frame else ""


class FusedRaw(RawStore):
    """Stored letters; the process may die before one is stored or in the middle of it."""

    def __init__(self, folder: Path, fuse: Fuse) -> None:
        # The folders are there: the real store of the same process made them.
        self.folder, self.fuse = folder, fuse

    def put(self, raw: bytes) -> str:
        self.fuse.burn("raw.put")
        try:
            self.fuse.burn("raw.put, half written")
        except Crash:
            (self.folder / "00" / ".torn.new").write_bytes(raw[: len(raw) // 2])
            raise
        return super().put(raw)

    def get(self, sha256: str) -> bytes:
        self.fuse.burn("raw.get")
        return super().get(sha256)


class FusedMailbox(FakeMailbox):
    """A new connection to the same folders."""

    def __init__(self, fuse: Fuse, boxes: dict[str, Box]) -> None:
        super().__init__()
        self.fuse, self.boxes = fuse, boxes

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name in (
            "connect",
            "select",
            "uids",
            "glance",
            "fetch",
            "fetch_top",
            "has_message",
            "append",
            "mark",
            "move",
        ):
            self.fuse.burn(f"imap.{name}")
        return found


def fused_smtplib(fuse: Fuse) -> type[smtplib.SMTP]:
    """The standard library's client, counting what it sends and each reply that it reads."""

    class Client(_Client):
        what = "the connection"

        def connect(self, *args: Any, **kw: Any) -> Any:
            fuse.burn("smtp: connect")
            return super().connect(*args, **kw)

        def send(self, s: Any) -> None:
            verb = (s if isinstance(s, str) else s.decode("latin-1"))[:4].upper()
            self.what = verb if verb in ("EHLO", "MAIL", "RCPT", "DATA", "QUIT") else "the letter"
            fuse.burn(f"smtp: send {self.what}")
            super().send(s)

        def getreply(self) -> Any:
            if self.sock is not None and self.sock not in fuse.sockets:
                fuse.sockets.append(self.sock)
            fuse.burn(f"smtp: reply to {self.what}")
            return super().getreply()

    return Client


class World:
    """One database, one folder of letters, one mailbox, one mail server; programs in it come and go."""

    composer: Composer | None = None

    def __init__(self, folder: Path, url: str, sink: Sink, *fuses: Fuse, **mailbox: Any) -> None:
        self.folder, self.url, self.sink = folder, url, sink
        self.fuses = list(fuses) or [Fuse()]
        self.crashes: list[str] = []
        self.now = MONDAY
        self.boxes = {"INBOX": Box(), "Sent": Box()}
        self.delivered: list[bytes] = []
        self._before = len(sink.letters)
        box = {"name": "lab", "host": "127.0.0.1", "user": LAB, "tls": "none", "password": "x", **mailbox}
        self.config = config(
            mailbox=[box],
            smtp={"host": sink.host, "port": sink.port, "tls": "none"},
            store={"url": url, "raw": folder / "raw"},
            budget={"per_address_day": 1000, "per_domain_day": 1000, "per_hour": 10_000},
            answer={"undo": "10m", "confirm_first": 0},
            # A process that dies again and again is the point here, and no letter's fault.
            limits={"deaths": 1000},
        )

    def arrive(self, *letters: bytes) -> None:
        """Somebody's letters are delivered; the daemon takes no part in it."""
        for raw in letters:
            self.now += timedelta(seconds=1)
            self.boxes["INBOX"].add(raw, self.now)
            self.delivered.append(raw)

    @property
    def received(self) -> list[Taken]:
        """What the mail server has accepted in this world."""
        return self.sink.letters[self._before :]

    def live(self, monkeypatch: Any, events: list[Callable[[World], None]]) -> None:
        """Run until there is nothing more to do, then let the next event happen; start anew after each crash."""
        ahead = [*events, lambda _: None]
        while ahead:
            fuse = self.fuses[0]
            monkeypatch.setattr(smtplib, "SMTP", fused_smtplib(fuse))
            try:
                with self._process(fuse) as app:
                    mailbox, smtp = FusedMailbox(fuse, self.boxes), Smtp(app.config.smtp)
                    while ahead:
                        self._work(app, mailbox, smtp)
                        ahead.pop(0)(self)
                    smtp.close()
            except Crash as crash:
                self.crashes.append(str(crash))
                self.fuses = [*self.fuses[1:]] or [Fuse()]
                if not self.url.startswith("sqlite"):
                    self.now += _LEASES
            finally:
                fuse.bury()

    @contextmanager
    def _process(self, fuse: Fuse) -> Iterator[App]:
        """`mailcase run` without its threads: started, prepared, alone on SQLite, and closed."""
        app = App.build(self.config, now=lambda: self.now)
        # Compiled texts are only a cache, and the same in every process.
        World.composer = World.composer or app.composer
        app = replace(app, raw=FusedRaw(app.raw.folder, fuse), composer=World.composer)
        try:
            fuse.wire(app.db)
            with only_process(app):
                yield app
        finally:
            app.db.close()

    def _work(self, app: App, mailbox: Any, smtp: Smtp) -> None:
        """The four stations in turn, until a whole round finds nothing."""
        settings = app.config.mailbox[0]
        for _ in range(_ROUNDS):
            done = fetch(app, mailbox, settings)
            while handle(app):
                done += 1
            before = len(self.sink.letters)
            while send(app, smtp):
                pass
            done += len(self.sink.letters) - before + tidy(app, mailbox, settings)
            if not done:
                return
        raise AssertionError("the stations never come to rest")

    def end(self) -> None:
        """Nothing of it stays on the disk."""
        shutil.rmtree(self.folder, ignore_errors=True)
