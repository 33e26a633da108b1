"""`init`, `check`, `check --alive` and `run`, as the administrator types them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mailcase import config_file
from mailcase.alive import alive
from mailcase.store import tables as t
from tests.cli import BOUND, CONFIG, PASSWORD, SECRET, letters, mailcase, opened
from tests.lab import Lab
from tests.letters import raw

# Setting up and looking after


def test_init_writes_what_it_was_told_and_asks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILCASE_IMAP_PASSWORD", PASSWORD)
    card = 'Орлов Дмитрий Сергеевич,директор,"+7 (495) 000-00-00, доб. 201",orlov@cleanmet.ru\n'
    (tmp_path / "staff.csv").write_text(f"name,position,phone,email\n{card}", encoding="utf-8")
    given = {
        "--dir": "lab",
        "--lab-name": "КлинМет",
        "--address": "lab@cleanmet.ru",
        "--imap-host": "imap.cleanmet.ru",
        "--imap-tls": "starttls",
        "--smtp-host": "smtp.cleanmet.ru",
        "--smtp-user": "",
        "--employees": "staff.csv",
        "--mode": "staff",
    }
    told = mailcase("init", *(word for pair in given.items() for word in pair), "--yes")
    assert told.code == 0, told.err
    made = config_file.load(tmp_path / "lab" / "config.toml", {})
    assert (made.mode, made.mailbox[0].tls, made.mailbox[0].port) == ("staff", "starttls", 143)
    assert (made.smtp.host, made.smtp.user, made.lab.head) == ("smtp.cleanmet.ru", "", "orlov")
    assert PASSWORD not in told.out + told.err


def test_init_lists_all_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILCASE_IMAP_PASSWORD", raising=False)
    told = mailcase("init", "--yes")
    assert told.code == 2
    for name in ("--lab-name", "--address", "--imap-host", "--employees", "MAILCASE_IMAP_PASSWORD"):
        assert name in told.err
    assert not list(tmp_path.iterdir())


def test_check_shows_what_is_in_force_with_every_secret_masked(folder: Path) -> None:
    told = mailcase("check", "--offline", "--verbose")
    assert told.code == 0, told.out
    for line in (
        'mode = "live"',
        'mailbox[lab].poll = "1m"',
        'mailbox[lab].password = "********"',
        "terms.claim.limit",
    ):
        assert line in told.out
    assert SECRET not in told.out
    assert PASSWORD not in told.out
    assert "PROBLEM" not in told.out
    for what in ("database:", "events:", "numbers:", "texts:", "calendar:", "commands: absent", "jobs:", "screens:"):
        assert f" {what}" in told.out


def test_check_counts_the_defaults_and_shows_what_is_set(folder: Path) -> None:
    (folder / "config.toml").write_text(f"{CONFIG}[terms.claim]\nlimit = 14\n", encoding="utf-8")
    told, all_of_it = (mailcase("check", "--offline", *given).out for given in ((), ("--verbose",)))
    for line in ('mode = "live"', "terms.claim.limit = 14", 'store.url = "sqlite:'):
        assert line in told
    for line in ("terms.claim.target", "terms.request.limit", "mailbox[lab].poll", "budget."):
        assert line not in told
        assert line in all_of_it
    hidden = len(all_of_it.splitlines()) - len(told.splitlines()) + 1
    assert f"{hidden} keys have their defaults; check --verbose shows them" in told


def test_nobody_else_may_read_what_is_kept(folder: Path) -> None:
    assert mailcase("import", "--live", *letters(folder)).code == 0
    with opened(folder).db.read():
        made = [path for path in folder.iterdir() if path.name.startswith("mailcase.db")]
        assert {path.suffix for path in made} == {".db", ".db-wal", ".db-shm", ".lock"}
        assert {path.stat().st_mode & 0o777 for path in made} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (folder / "raw", *(folder / "raw").iterdir())} == {0o700}


def test_another_process_does_not_take_the_log_of_an_open_database_for_abandoned(folder: Path) -> None:
    """Whoever opens and closes the file once more loses SQLite's locks on it (fcntl(2)): the log would be deleted."""
    mailcase("import", "--live", *letters(folder))
    db = opened(folder).db
    with db.tx(), db.read():
        look = "import sqlite3; sqlite3.connect('mailcase.db').execute('select count(*) from mail').fetchall()"
        subprocess.run([sys.executable, "-c", look], cwd=folder, check=True, timeout=BOUND)
        assert (folder / "mailcase.db-wal").exists()


def test_check_warns_of_secrets_and_records_that_others_may_read(folder: Path) -> None:
    (folder / ".env").chmod(0o600)
    assert "chmod" not in mailcase("check", "--offline").out
    (folder / ".env").chmod(0o644)
    (folder / "mailcase.db").chmod(0o604)
    warned = [line for line in mailcase("check", "--offline").out.splitlines() if "chmod 600" in line]
    assert [line.split()[:2] for line in warned] == [["warning", ".env:"], ["warning", "database:"]]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files for another user")
def test_check_makes_no_file_as_root_in_the_folder_of_another_user(folder: Path) -> None:
    os.chown(folder, 65534, -1)
    before = sorted(folder.iterdir())
    told = mailcase("check", "--offline")
    assert (told.code, sorted(folder.iterdir())) == (1, before)
    assert "sudo -u '#65534'" in told.err
    os.chown(folder, 0, -1)
    assert mailcase("check", "--offline").code == 0


def test_check_says_which_servers_do_not_answer_and_fails(folder: Path) -> None:
    told = mailcase("check")
    assert told.code == 1
    problems = [line for line in told.out.splitlines() if line.startswith("PROBLEM")]
    assert [line.split()[1] for line in problems] == ["mailbox", "smtp:"]


def test_check_finds_a_changed_event_and_a_missing_number(folder: Path) -> None:
    mailcase("import", "--live", *letters(folder, 3))
    with opened(folder).db.tx() as tx:
        for (name,) in tx.execute(sa.text("select name from sqlite_master where type = 'trigger'")).all():
            tx.execute(sa.text(f"drop trigger {name}"))
        tx.execute(sa.update(t.event).where(t.event.c.id == 1).values(actor="nobody"))
        tx.execute(sa.delete(t.journal).where(t.journal.c.seq == 2))
        tx.execute(sa.update(t.cases).where(t.cases.c.number == 3).values(number=4))
    told = mailcase("check", "--offline")
    assert told.code == 1
    assert "case:1: event 1 was changed" in told.out
    assert "series inquiry:" in told.out
    assert "missing 2" in told.out
    assert "series case:" in told.out
    assert "missing 3" in told.out


def test_check_finds_a_broken_text(folder: Path) -> None:
    (folder / "texts").mkdir()
    (folder / "texts" / "notice.txt.j2").write_text("Subject: {{ nmber }}\n\nText\n", encoding="utf-8")
    (folder / "config.toml").write_text(f'templates = "texts"\n{CONFIG}', encoding="utf-8")
    told = mailcase("check", "--offline")
    assert told.code == 1
    assert "notice.txt.j2: unknown variable 'nmber'" in told.out


class TestAlive:
    """`check --alive`: the monitor's one question."""

    @pytest.fixture
    def lab(self, tmp_path: Path) -> Lab:
        return Lab(tmp_path)

    def passed(self, lab: Lab) -> None:
        with lab.app.db.tx() as tx:
            tx.execute(sa.delete(t.folder))
            row = {"mailbox": "lab", "name": "INBOX", "role": "inbox", "last_pass": lab.now}
            tx.execute(sa.insert(t.folder).values(**row))

    def test_a_mailbox_that_was_never_read_is_not_alive(self, lab: Lab) -> None:
        state = alive(lab.app)
        assert (state.well, state.text) == (False, "NOT ALIVE: fetch lab never, not handled none, not sent none")

    def test_a_pass_within_a_quarter_of_an_hour_is(self, lab: Lab) -> None:
        self.passed(lab)
        lab.now += timedelta(minutes=15)
        assert alive(lab.app).well
        lab.now += timedelta(seconds=1)
        assert not alive(lab.app).well

    @pytest.mark.parametrize("stuck", ["mail", "outbox"])
    def test_a_letter_that_stays_in_the_queue_is_told(self, lab: Lab, stuck: str) -> None:
        lab.arrive(raw())
        table, status = (t.mail, "new") if stuck == "mail" else (t.outbox, "queued")
        with lab.app.db.tx() as tx:
            tx.execute(sa.update(table).values(status=status, next_try_at=None))
        lab.now += timedelta(minutes=16)
        self.passed(lab)
        state = alive(lab.app)
        assert not state.well
        assert "for 16 min" in state.text

    def test_the_command_ends_accordingly(self, folder: Path) -> None:
        mailcase("upgrade")
        told = mailcase("check", "--alive")
        assert (told.code, len(told.out.splitlines())) == (1, 1)


# The daemon on a real server


@pytest.fixture
def servers() -> Iterator[Any]:
    pytest.importorskip("pymap", reason="the extra `demo` is not installed")
    from mailcase.demo import people
    from mailcase.demo.servers import DemoServers

    with DemoServers(people.MAILBOXES, people.PASSWORD) as running:
        yield running


def test_check_is_content_with_servers_that_work(servers: Any, tmp_path: Path) -> None:
    from mailcase.demo import laboratory

    laboratory.write(tmp_path, servers)
    told = mailcase("check", "--config", str(tmp_path / "config.toml"))
    assert told.code == 0, told.out
    for words in ("sent letters are in Sent", "the server offers IDLE, MOVE, UIDPLUS", "smtp: 127.0.0.1 takes letters"):
        assert words in told.out


def test_the_daemon_runs_answers_an_imported_letter_and_stops_when_told(servers: Any, tmp_path: Path) -> None:
    from mailcase.demo import laboratory, people

    laboratory.write(tmp_path, servers)
    file = str(tmp_path / "config.toml")
    command = [sys.executable, "-c", "from mailcase.cli import main; main()", "--config", file, "run"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ}) as daemon:
        until(lambda: mailcase("--config", file, "check", "--alive").code == 0)
        (tmp_path / "one.eml").write_bytes(raw(sender=f"Клиент <{people.YOU.address}>"))
        assert mailcase("--config", file, "import", "--live", str(tmp_path / "one.eml")).code == 0
        assert servers.wait_for(people.YOU.address, lambda _: True, BOUND) is not None
        daemon.send_signal(signal.SIGTERM)
        _, log = daemon.communicate(timeout=BOUND)
    assert daemon.returncode == 0
    assert "INFO mailcase stopped" in log
    assert "send outbox=" in log
    assert people.YOU.address not in log
    assert "Traceback" not in log


def until(come_true: Callable[[], bool]) -> None:
    """Ask again and again, at most so long."""
    end = time.monotonic() + BOUND
    while not come_true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.1)
