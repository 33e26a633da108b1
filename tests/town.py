"""Clients, employees and the daemon around a real Dovecot and a real Postfix, as processes on loopback."""

from __future__ import annotations

import contextlib
import email
import email.policy
import imaplib
import itertools
import os
import smtplib
import sqlite3
import ssl
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import PASSWORD
from tests.servers.postfix import Postfix

T = TypeVar("T")
_BOUND = 30.0
_numbers = itertools.count(1)


def wait_for(question: Callable[[], T], what: str, bound: float = _BOUND) -> T:
    """Ask until the answer is true; fails with `what` after `bound` seconds."""
    end = time.monotonic() + bound
    while time.monotonic() < end:
        if answer := question():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {bound:.0f} s: {what}")


@dataclass
class Town:
    """Both servers, and addresses that no other test uses: `lab`, `office`, `petrova`, `anna`, ..."""

    dovecot: Dovecot
    postfix: Postfix
    suffix: str = field(default_factory=lambda: f"{next(_numbers)}-{uuid.uuid4().hex[:6]}")

    def address(self, name: str, domain: str = "cleanmet.ru") -> str:
        return f"{name}-{self.suffix}@{domain}"

    def submit(self, sender: str, to: list[str], raw: bytes) -> None:
        """Send as that person's own mail program would: submission with STARTTLS and a password."""
        context = ssl.create_default_context(cafile=str(self.postfix.ca_file))
        with smtplib.SMTP(self.postfix.host, self.postfix.submission_port, timeout=_BOUND) as server:
            server.starttls(context=context)
            server.login(sender, PASSWORD)
            server.sendmail(sender, to, raw)

    @contextlib.contextmanager
    def imap(self, user: str) -> Iterator[imaplib.IMAP4_SSL]:
        context = ssl.create_default_context(cafile=str(self.dovecot.ca_file))
        with imaplib.IMAP4_SSL(self.dovecot.host, self.dovecot.imaps_port, ssl_context=context) as client:
            client.login(user, PASSWORD)
            yield client

    def raw_letters(self, user: str, folder: str = "INBOX") -> list[bytes]:
        with self.imap(user) as client:
            status, _ = client.select(f'"{folder}"', readonly=True)
            if status != "OK":
                return []
            _, found = client.uid("SEARCH", "ALL")
            uids = found[0].split()
            return [client.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1][0][1] for uid in uids]

    def letters(self, user: str, folder: str = "INBOX") -> list[EmailMessage]:
        """Everything in that folder, read by the standard library."""
        found = self.raw_letters(user, folder)
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in found]  # type: ignore[misc]

    def wait(self, user: str, count: int, what: str) -> list[EmailMessage]:
        """The person's letters, once there are `count` of them."""

        def enough() -> list[EmailMessage]:
            found = self.letters(user)
            return found if len(found) >= count else []

        return wait_for(enough, f"{what}: {count} letters in {user}")


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return str(body.get_content()).replace("\r\n", "\n") if body else ""


@dataclass
class Program:
    """`mailcase` as its operator runs it: a folder, a config, commands, the daemon."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def command(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).parent / "mailcase"
        return subprocess.run(
            [program, *words],
            cwd=self.folder,
            env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **environ},
            capture_output=True,
            text=True,
            timeout=60,
        )

    def start(self) -> None:
        """Start the daemon and wait for its first good pass over every folder."""
        passes = (
            len(self.ask("SELECT last_pass FROM folder WHERE last_pass IS NOT NULL")) if self.database.exists() else 0
        )
        before = self.newest_pass() if passes else ""
        with (self.folder / "daemon.log").open("ab") as log:
            program = Path(sys.executable).parent / "mailcase"
            self.process = subprocess.Popen([program, "run"], cwd=self.folder, stderr=log, stdout=log)
        wait_for(lambda: self.newest_pass() > before, f"the first pass\n{self.log()}")

    def stop(self) -> int:
        """SIGTERM, as systemd does; the exit code."""
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(_BOUND)
        self.process = None
        return code

    @property
    def database(self) -> Path:
        return self.folder / "mailcase.db"

    def newest_pass(self) -> str:
        """The oldest of the folders' last passes, once each has one; empty before."""
        with contextlib.suppress(sqlite3.Error):
            rows = self.ask("SELECT last_pass FROM folder")
            if rows and all(row[0] for row in rows) and any(True for _ in rows):
                return str(min(row[0] for row in rows))
        return ""

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchall()

    def log(self) -> str:
        path = self.folder / "daemon.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""
