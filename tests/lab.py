"""A laboratory without servers: letters are put into its ledger, and what it writes is read back as bytes.

Time is a value that tests move; stations and jobs are the real ones.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import errno
import html
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mailcase import jobs
from mailcase.app import App
from mailcase.mail.letter import header_ids
from mailcase.mail.smtp import Accepted, SendResult
from mailcase.stations.handle import handle
from mailcase.stations.send import send
from mailcase.store import intake
from mailcase.store import tables as t
from mailcase.store.intake import Arrival
from mailcase.words import FolderRole
from tests.letters import MONDAY, config


@dataclass(frozen=True)
class Sent:
    """One letter that left."""

    envelope_from: str
    to: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """Read by another parser than ours."""
        return email.message_from_bytes(self.raw, policy=email.policy.default)  # type: ignore[return-value]

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        return str(body.get_content()) if body else ""

    @property
    def html(self) -> str:
        """The HTML part, its entities resolved."""
        body = self.message.get_body(("html",))
        return html.unescape(str(body.get_content())).replace("\xa0", " ") if body else ""

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"]).strip()


class Postman:
    """Takes every letter, as a server would; `answers` are given first, in turn, in place of a 250."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.answers: list[SendResult] = []

    def send(self, envelope_from: str, to: list[str], raw: bytes) -> SendResult:
        if self.answers:
            return self.answers.pop(0)
        self.sent.append(Sent(envelope_from, tuple(to), raw))
        return Accepted("250 ok")

    def close(self) -> None:
        """Nothing to close."""


class Lab:
    """The whole program on one folder."""

    def __init__(self, folder: Path, **overrides: Any) -> None:
        overrides.setdefault("store", {"url": f"sqlite:///{folder}/test.db", "raw": folder / "raw"})
        overrides.setdefault("answer", {"undo": "10m"})
        overrides["alarm"] = {"file": folder / "alarms.log", **overrides.get("alarm", {})}
        overrides["classify"] = {"models": folder / "models", **overrides.get("classify", {})}
        self.now = MONDAY
        self.overrides = overrides
        self.app = App.build(config(**overrides), now=lambda: self.now)
        self.app.prepare()
        jobs.installed(self.app)
        self.postman = Postman()
        self.arrived = 0

    def arrive(self, raw: bytes, **more: Any) -> int:
        """A letter comes in now and everything it causes happens; its id in the ledger."""
        mail_id = self.enter(raw, **more)
        self.work()
        return mail_id

    def enter(self, raw: bytes, **more: Any) -> int:
        """A letter comes in now and waits; its id in the ledger."""
        self.now += timedelta(seconds=1)
        self.arrived += 1
        message_id, ids = header_ids(raw)
        given = {"role": FolderRole.INBOX, "received_at": self.now, "entered_at": self.now, **more}
        source = f"lab/INBOX/1/{self.arrived}"
        arrival = Arrival(self.app.raw.put(raw), len(raw), source, message_id=message_id, ids=ids, **given)
        with self.app.db.tx() as tx:
            return intake.enter(tx, arrival)[0]

    def work(self) -> None:
        """Let the stations run until nothing is due."""
        while handle(self.app):
            pass
        while self._due():
            send(self.app, self.postman)  # type: ignore[arg-type]  # the seam of the real Smtp

    def _due(self) -> int:
        o = t.outbox.c
        due = sa.and_(o.status == "queued", sa.or_(o.next_try_at.is_(None), o.next_try_at <= self.now))
        with self.app.db.read() as view:
            return view.execute(sa.select(sa.func.count()).where(due)).scalar_one()

    def later(self, **span: float) -> None:
        """Time passes, and what became due happens."""
        self.now += timedelta(**span)
        self.work()

    def at(self, moment: datetime) -> list[str]:
        """It is that moment: the clock ticks; the jobs that ran."""
        self.now = moment
        done = jobs.tick(self.app)
        self.work()
        return done

    def to(self, address: str) -> list[Sent]:
        """Everything that went to that address, oldest first."""
        return [s for s in self.postman.sent if address in s.to]

    def mail(self, mail_id: int) -> sa.Row[Any]:
        with self.app.db.read() as view:
            return view.execute(sa.select(t.mail).where(t.mail.c.id == mail_id)).one()

    def cases(self) -> list[sa.Row[Any]]:
        with self.app.db.read() as view:
            return list(view.execute(sa.select(t.cases).order_by(t.cases.c.id)))

    def events(self, case_id: int) -> list[sa.Row[Any]]:
        """What happened to the case, in order."""
        return self.stream(f"case:{case_id}")

    def stream(self, name: str) -> list[sa.Row[Any]]:
        """The events of a stream, in order."""
        mine = t.event.c.stream == name
        with self.app.db.read() as view:
            return list(view.execute(sa.select(t.event).where(mine).order_by(t.event.c.seq)))

    def outbox(self) -> list[sa.Row[Any]]:
        with self.app.db.read() as view:
            return list(view.execute(sa.select(t.outbox).order_by(t.outbox.c.id)))


@contextlib.contextmanager
def bad_sector(lab: Lab, mail_id: int) -> Iterator[None]:
    """The stored bytes of that letter cannot be read meanwhile, as the disk tells it."""
    read, broken = lab.app.raw.get, lab.mail(mail_id).sha256

    def get(sha256: str) -> bytes:
        if sha256 == broken:
            raise OSError(errno.EIO, "Input/output error")
        return read(sha256)

    object.__setattr__(lab.app.raw, "get", get)
    try:
        yield
    finally:
        object.__setattr__(lab.app.raw, "get", read)
