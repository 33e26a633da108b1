"""The measured program as its operator runs it: a folder with a config, `mailcase run` as a process, its ledger.

The config departs from the defaults only in what `CONFIG` shows: live mode, budgets that no load reaches, letters
marked as read one and all (as the floor does), no copies in the Sent folder (the floor files none).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from bench import meter
from bench.servers import HOST, PASSWORD, Servers

_BOUND = 60.0
MANY = 1_000_000_000
"""A budget that nothing reaches."""
CONFIG = """
mode = "live"
[lab]
name = "ООО «Пример»"
address = "{address}"
phone = "+7 (495) 000-00-00"
head = "orlov"
duty = "smirnova"
quality_manager = "smirnova"
[[mailbox]]
name = "lab"
host = "{host}"
port = {imap}
user = "{user}"
tls = "none"
after = "mark"
watch_sent = {sent}
save_sent = {sent}
[smtp]
host = "{host}"
port = {smtp}
tls = "none"
[store]
raw = "raw"
[answer]
undo = "0s"
[budget]
per_address_day = {many}
per_domain_day = {many}
per_hour = {many}
per_case_day = {many}
same_text_day = {many}
notices_per_address_day = {many}
notices_per_domain_day = {many}
notices_per_person_day = {many}
per_person_day = {many}
answers_per_case_day = {many}
[page]
folder = "{page}"
"""
_EMPLOYEE = """
[[employee]]
login = "{login}"
name = "{name}"
position = "{position}"
phone = "+7 (495) 000-00-00"
email = "{login}@staff.example"
kinds = [{kinds}]
"""
_WORK = ("request", "order_change", "consultation", "suggestion", "feedback", "correspondence")
_EMPLOYEES = (
    ("orlov", "Орлов Дмитрий Сергеевич", "директор", ()),
    ("smirnova", "Смирнова Ольга Игоревна", "менеджер по качеству", ("complaint", "claim")),
    ("petrova", "Петрова Наталья Викторовна", "инженер по метрологии", _WORK),
    ("sidorov", "Сидоров Андрей Петрович", "инженер по метрологии", _WORK),
    ("belova", "Белова Ирина Олеговна", "инженер", _WORK),
)
STAFF = tuple(f"{login}@staff.example" for login, *_ in _EMPLOYEES)
"""The employees' addresses."""


@dataclass
class Program:
    """One installation of mailcase on the bench's servers; `user` is its IMAP account."""

    folder: Path
    servers: Servers
    user: str
    address: str = "lab@example.org"
    database_url: str = ""
    sent: bool = False
    """Watch the Sent folder and file copies in it, as the defaults do."""
    page: bool = False
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def write(self) -> None:
        """Make the folder, the config and the secrets."""
        self.folder.mkdir(parents=True)
        page = self.folder / "page" if self.page else ""
        given = {"host": HOST, "imap": self.servers.dovecot.imap_port, "smtp": self.servers.sink.port, "many": MANY}
        text = CONFIG.format(
            **given, address=self.address, user=self.user, page=page, sent="true" if self.sent else "false"
        )
        for login, name, position, kinds in _EMPLOYEES:
            named = ", ".join(f'"{kind}"' for kind in kinds)
            text += _EMPLOYEE.format(login=login, name=name, position=position, kinds=named)
        (self.folder / "config.toml").write_text(text, encoding="utf-8")
        secrets = f"MAILCASE_SECRET=a-secret-of-the-bench\nMAILCASE_MAILBOX_LAB_PASSWORD={PASSWORD}\n"
        if self.database_url:
            secrets += f"MAILCASE_DATABASE_URL={self.database_url}\n"
        (self.folder / ".env").write_text(secrets)

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        """Start one more `mailcase run`; does not wait."""
        with (self.folder / "daemon.log").open("ab") as log:
            command = [str(Path(sys.executable).parent / "mailcase"), "run", *options]
            process = subprocess.Popen(command, cwd=self.folder, env=environment(), stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def start_idle(self) -> subprocess.Popen[bytes]:
        """Start it and wait until it has looked at its folder once more."""
        before = self.last_pass()
        process = self.start()
        self.until(lambda: self.last_pass() > before, "the first look at the folder")
        return process

    def stop(self) -> None:
        """SIGTERM to every process, as systemd does; whoever does not obey is killed."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(_BOUND)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(_BOUND)
        self.processes.clear()

    @property
    def database(self) -> Path:
        """The ledger, with SQLite."""
        return self.folder / "mailcase.db"

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        """One read-only question to the ledger; no answer while it cannot be read."""
        if self.database_url:
            with contextlib.suppress(psycopg.Error), psycopg.connect(self.database_url) as server:
                return server.execute(sql.encode()).fetchall()
            return []
        with contextlib.suppress(sqlite3.Error):
            uri = f"file:{self.database}?mode=ro"
            with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=5.0)) as connection:
                return connection.execute(sql).fetchall()
        return []

    def numbers(self, sql: str) -> tuple[int, ...]:
        """One row of numbers; empty while it cannot be read."""
        rows = self.ask(sql)
        return tuple(int(str(value or 0)) for value in rows[0]) if rows else ()

    def last_pass(self) -> str:
        """When the folder was last looked at; empty before."""
        rows = self.ask("SELECT max(last_pass) FROM folder")
        return str(rows[0][0] or "") if rows else ""

    def until(self, question: Callable[[], bool], what: str, bound: float = _BOUND, pause: float = 0.05) -> float:
        """The moment when it was first seen to be so; fails with the log where that takes too long or it died."""
        end = meter.now() + bound
        while meter.now() < end:
            if question():
                return meter.now()
            dead = [p.returncode for p in self.processes if p.poll() is not None]
            if dead:
                raise RuntimeError(f"mailcase ended with {dead} before {what}:\n{self.log()}")
            time.sleep(pause)
        raise RuntimeError(f"not within {bound:.0f} s: {what}\n{self.log()}")

    def log(self) -> str:
        """The end of its log."""
        path = self.folder / "daemon.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""


def environment() -> dict[str, str]:
    """For commands: this very source tree is measured, wherever it is called from."""
    tree = str(Path(__file__).resolve().parent.parent)
    found = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": f"{tree}:{found}" if found else tree, "NO_COLOR": "1", "COLUMNS": "200"}
