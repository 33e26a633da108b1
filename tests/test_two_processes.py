"""Two whole daemons on one PostgreSQL, a real Dovecot and a real Postfix: everybody is answered, and nobody twice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from imapclient.imap_utf7 import encode

from mailcase.store import events, numbers
from mailcase.store import tables as t
from mailcase.store.db import Database
from tests.servers.dovecot import SENT, Dovecot
from tests.servers.postfix import Postfix
from tests.servers.postgres import Postgres
from tests.test_live import client_letter, set_up
from tests.town import Program, Town, wait_for

pytestmark = [pytest.mark.live, pytest.mark.postgres]
LETTERS = 12


@pytest.mark.req("C80")
def test_two_daemons_answer_each_letter_once_and_file_each_copy_once(
    dovecot: Dovecot, postfix: Postfix, postgres: Postgres, tmp_path: Path
) -> None:
    town, url = Town(dovecot, postfix), postgres.url()
    staff = tmp_path / "staff.csv"
    staff.write_text(
        "name,position,phone,email,aliases,kinds,substitute\n"
        f"Смирнова Ольга Игоревна,менеджер по качеству,+7 495 000-00-00 доб. 205,{town.address('smirnova')},,,\n"
    )
    set_up(Program(tmp_path), town, staff)
    db = Database(url)
    daemons = [start(tmp_path, url, n) for n in range(2)]
    try:
        wait_for(lambda: all_seen(db), "the first pass over every folder")
        for n in range(LETTERS):
            sender, letter = client_letter(town, f"client{n}", f"Просим КП на поверку {n + 2} весов.")
            town.submit(sender, [town.address("lab")], letter)
        wait_for(lambda: count(db, t.outbox, sent_copy="done") == LETTERS, "every acknowledgement sent and filed", 60)
    finally:
        codes = [stop(daemon) for daemon in daemons]
    assert codes == [0, 0]
    for n in range(LETTERS):
        assert len(town.letters(town.address(f"client{n}", "example.org"))) == 1
    copies = Counter(str(letter["Message-ID"]) for letter in town.letters(town.address("lab"), encode(SENT).decode()))
    assert (len(copies), set(copies.values())) == (LETTERS, {1})
    with db.read() as view:
        assert events.verify(view) == []
        assert numbers.gaps(view) == []
        tried = view.execute(sa.select(sa.func.max(t.mail.c.tries), sa.func.max(t.mail.c.deaths))).one()
    assert tuple(tried) == (0, 0)
    db.close()
    watchers = [n for n in range(2) if "fetch lab new=" in log(tmp_path, n)]
    assert len(watchers) == 1


def start(folder: Path, url: str, n: int) -> subprocess.Popen[bytes]:
    program = Path(sys.executable).parent / "mailcase"
    environ = {**os.environ, "MAILCASE_DATABASE_URL": url}
    with (folder / f"{n}.log").open("w") as file:
        return subprocess.Popen([program, "run"], cwd=folder, env=environ, stdout=file, stderr=file)


def log(folder: Path, n: int) -> str:
    return (folder / f"{n}.log").read_text()


def stop(daemon: subprocess.Popen[bytes]) -> int:
    daemon.terminate()
    return daemon.wait(30)


def all_seen(db: Database) -> bool:
    """Both mailboxes, INBOX and Sent each."""
    return quietly(lambda: count(db, t.folder) == 4 and count(db, t.folder, last_pass=None) == 0)


def count(db: Database, table: sa.Table, **equal: object) -> int:
    with db.read() as view:
        same = [table.c[name].is_(None) if value is None else table.c[name] == value for name, value in equal.items()]
        return view.execute(sa.select(sa.func.count()).select_from(table).where(*same)).scalar_one()


def quietly(question: Callable[[], bool]) -> bool:
    """False while the tables are not there yet."""
    try:
        return question()
    except sa.exc.ProgrammingError:
        return False
