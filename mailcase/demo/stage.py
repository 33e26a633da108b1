"""Everything the demo stands on: the mail server, the laboratory's folder and the real daemon, running.

Waiting is always for something to come true, up to a bound; nothing here waits for a time to pass.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Row

from mailcase import config, daemon
from mailcase.app import App
from mailcase.demo import laboratory, people
from mailcase.demo.servers import HOST, DemoServers
from mailcase.mail.smtp import Accepted, Smtp
from mailcase.store import known
from mailcase.store import tables as t
from mailcase.words import FolderRole, MailcaseError, MailStatus, OutboxStatus

PATIENCE = 30.0
"""Seconds after which something that should have happened counts as missing."""

UNDER_WAY = (OutboxStatus.QUEUED, OutboxStatus.SENDING)
T = TypeVar("T")
_LOOK_EVERY = 0.02
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fate:
    """What one letter became: its line of the ledger, and its case where it belongs to one."""

    mail: Row[Any]
    case: Row[Any] | None


@dataclass
class Stage:
    """The running demo."""

    app: App
    servers: DemoServers
    log: Path
    stopped: threading.Event = field(default_factory=threading.Event)
    """Set when the daemon has ended, whatever ended it."""

    @property
    def folder(self) -> Path:
        """Where `config.toml` lies."""
        return self.app.config.folder

    def until(self, what: Callable[[], T | None], seconds: float = PATIENCE) -> T | None:
        """The first thing that `what` finds; None after so many seconds, or when the daemon has ended."""
        end = time.monotonic() + seconds
        while (found := what()) is None and time.monotonic() < end:
            if self.stopped.wait(_LOOK_EVERY):
                return what()
        return found

    def mail(self, sender: str, raw: bytes) -> float:
        """Send a letter to the laboratory by SMTP, as its writer's program does; when that began (monotonic).

        Raises MailcaseError where the server does not take it.
        """
        program = Smtp(config.Smtp(host=HOST, port=self.servers.smtp_port, tls="none"))
        begun = time.monotonic()
        try:
            result = program.send(sender, [people.LAB], raw)
        finally:
            program.close()
        if not isinstance(result, Accepted):
            raise MailcaseError(f"the demo's own server did not take a letter: {result}")
        return begun

    def fate(self, message_id: str) -> Fate | None:
        """What the letter with that Message-ID became; None while it is under way."""
        m = t.mail.c
        arrived = sa.and_(m.message_id == message_id, m.role == FolderRole.INBOX, m.status != MailStatus.NEW)
        with self.app.db.read() as view:
            row = view.execute(sa.select(t.mail).where(arrived).order_by(m.id)).first()
            if row is None:
                return None
            found = known.cases_by_id(view, [row.case_id] if row.case_id else [])
        return Fate(row, found[0] if found else None)

    def written(self, after: int) -> list[Row[Any]]:
        """Letters of ours written since the outbox row of that id, oldest first."""
        with self.app.db.read() as view:
            return list(view.execute(sa.select(t.outbox).where(t.outbox.c.id > after).order_by(t.outbox.c.id)))

    def newest(self) -> int:
        """Id of the newest letter of ours; 0 where there is none."""
        with self.app.db.read() as view:
            return int(view.execute(sa.select(sa.func.max(t.outbox.c.id))).scalar() or 0)

    def gone(self, after: int) -> list[Row[Any]] | None:
        """The same letters when none of them waits any more; None while one does."""
        rows = self.written(after)
        return None if any(row.status in UNDER_WAY for row in rows) else rows


@contextlib.contextmanager
def open_stage(imap_port: int = 0, smtp_port: int = 0) -> Iterator[Stage]:
    """Start everything and, in the end, stop and remove everything.

    Raises MailcaseError where a port is taken or the daemon does not come up.
    """
    mailboxes = DemoServers(people.MAILBOXES, people.PASSWORD, imap_port=imap_port, smtp_port=smtp_port)
    with mailboxes as servers, tempfile.TemporaryDirectory(prefix="mailcase-demo-") as name:
        folder = Path(name).resolve()
        app = App.build(laboratory.write(folder, servers))
        stage = Stage(app, servers, folder / "mailcase.log")
        with _logged(stage.log), _daemon(stage):
            yield stage
        app.db.close()


@contextlib.contextmanager
def _daemon(stage: Stage) -> Iterator[None]:
    """The daemon in a thread; yields when it has seen the mailbox for the first time."""
    # Letters that lie in the mailbox before the first look are old ones to the daemon, so nobody may write earlier.
    stage.app.prepare()
    thread = threading.Thread(target=_run, args=(stage,), name="demo-daemon")
    thread.start()
    try:
        if stage.until(lambda: _has_looked(stage.app)) is None:
            raise MailcaseError(f"the daemon did not come up; its log ends:\n{tail(stage.log)}")
        yield
    finally:
        stage.app.wake.halt()
        thread.join()


def _run(stage: Stage) -> None:
    try:
        daemon.run(stage.app, signals=False)
    finally:
        stage.stopped.set()


def _has_looked(app: App) -> bool | None:
    with app.db.read() as view:
        inbox = sa.and_(t.folder.c.role == FolderRole.INBOX, t.folder.c.last_pass.is_not(None))
        return view.execute(sa.select(sa.literal(True)).where(inbox).select_from(t.folder)).scalar()


@contextlib.contextmanager
def _logged(file: Path) -> Iterator[None]:
    """Everything that is logged goes into the file; the terminal belongs to the story."""
    handler = logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # aiosmtpd and pymap speak of every connection.
    for chatty in ("mail.log", "pymap", "apscheduler", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()


def tail(file: Path, lines: int = 30) -> str:
    """The last lines of a log."""
    return "\n".join(file.read_text(encoding="utf-8").splitlines()[-lines:])
