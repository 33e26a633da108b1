"""The whole daemon on a disk and a database that fail: no letter is lost, blamed or answered twice, and all goes on."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase.stations.handle import handle
from mailcase.store import intake
from mailcase.store import tables as t
from mailcase.store.intake import Arrival
from mailcase.words import FolderRole
from tests.lab import Lab
from tests.letters import raw
from tests.remote_lab import DUTY, Hurry, RemoteLab, Wires, laboratory
from tests.town import wait_for

pytestmark = pytest.mark.live
KB = 1024


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own of sixteen megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@contextlib.contextmanager
def full(disk: Path, leave: int = 0) -> Iterator[None]:
    """Somebody else's file takes all the room but for so many bytes."""
    room = os.statvfs(disk)
    filler = disk / "filler"
    # The daemon may have taken some of the room since we asked.
    with contextlib.suppress(OSError):
        filler.write_bytes(bytes(room.f_bavail * room.f_frsize - leave))
    try:
        yield
    finally:
        filler.unlink()


def rested(lab: RemoteLab, station: str, times: int) -> Callable[[], bool]:
    """Whether a station has rested so often from now on."""
    stop = lab.app.wake.stop
    assert isinstance(stop, Hurry)
    goal = len(stop.of(station)) + times
    return lambda: len(stop.of(station)) >= goal


def lost_tries(lab: RemoteLab) -> int:
    return sum(n for table in (t.mail, t.outbox) for (n,) in lab.ask(sa.select(table.c.tries)))


def test_a_full_disk_of_raw_letters_is_told_once_and_everything_comes_when_there_is_room(
    wires: Wires, disk: Path, tmp_path: Path
) -> None:
    """The alarm itself waits for room, too: every letter of ours is stored before it leaves."""
    store = {"url": f"sqlite:///{tmp_path}/test.db", "raw": disk / "raw"}
    with laboratory(tmp_path, wires, store=store) as lab:
        lab.deliver()
        lab.complete()
        with full(disk):
            lab.deliver(3)
            wait_for(lambda: lab.alarms("storage"), "the alarm is written")
            wait_for(rested(lab, "fetch", 10), "ten more tries")
            assert len(lab.taken()) == 1
        lab.complete()
        assert len(lab.alarms()) == 1
        assert sum(DUTY in letter.to for letter in wires.sink.letters) == 1
        assert lost_tries(lab) == 0


def test_a_disk_that_is_full_when_letters_are_to_leave_costs_none_a_try(
    wires: Wires, disk: Path, tmp_path: Path
) -> None:
    store = {"url": f"sqlite:///{tmp_path}/test.db", "raw": disk / "raw"}
    with laboratory(tmp_path, wires, store=store) as lab:
        wires.smtp.refuses = True
        lab.deliver(3)
        wait_for(lambda: len(lab.cases()) == 3, "cases")
        wait_for(lambda: lost_tries(lab) == 1, "the server is away")
        with full(disk):
            wires.smtp.fair()
            lab.later(minutes=6)
            wait_for(rested(lab, "send", 5), "five tries")
        lab.complete(minutes=1)
        assert lost_tries(lab) <= 2


def shrunk(database: Path) -> bool:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0] == 0


def test_a_full_disk_of_the_database_blames_no_letter(wires: Wires, disk: Path, tmp_path: Path) -> None:
    """Also with so little room that a claim may be stored, and what the letter causes may not."""
    store = {"url": f"sqlite:///{disk}/test.db", "raw": tmp_path / "raw"}
    with laboratory(tmp_path, wires, store=store) as lab:
        for leave in (0, 8 * KB, 24 * KB):
            # What the log of the database has already taken of the disk would be written over.
            wait_for(partial(shrunk, disk / "test.db"), "a short log")
            with full(disk, leave):
                lab.deliver(4)
                wait_for(rested(lab, "", 12), "a dozen tries of whoever has something to do")
            lab.complete()
            assert lost_tries(lab) == 0
        assert set(lab.alarms()) <= set(lab.alarms("storage"))


LOCKED = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another process has the database for itself."""
    holder = subprocess.Popen(
        [sys.executable, "-c", LOCKED, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield


def impatient(connection: sqlite3.Connection, _: object) -> None:
    """Half a minute is much in a test: so long does the program wait for a lock before it gives up."""
    connection.execute("pragma busy_timeout=100")


@pytest.mark.parametrize("patient", [True, False])
def test_a_database_that_another_process_has_locked_is_waited_for_and_blames_no_letter(
    wires: Wires, tmp_path: Path, patient: bool
) -> None:
    """Within the time that the program waits for a lock, and beyond it."""
    lab = RemoteLab(tmp_path, wires, Hurry())
    if not patient:
        sa.event.listen(lab.app.db.writer, "connect", impatient)
    with lab:
        lab.deliver()
        lab.complete()
        with locked(tmp_path / "test.db"):
            passes = wires.imap.heard.count(b"EXAMINE")
            lab.deliver(4)
            if patient:
                wait_for(lambda: wires.imap.heard.count(b"EXAMINE") > passes, "a pass that must wait")
            else:
                wait_for(rested(lab, "fetch", 10), "ten tries")
        lab.complete()
        assert lost_tries(lab) == 0
        assert set(lab.alarms()) <= set(lab.alarms("storage"))


def test_a_reply_that_the_locked_database_cannot_keep_is_kept_later_and_the_letter_is_not_repeated(
    wires: Wires, tmp_path: Path
) -> None:
    lab = RemoteLab(tmp_path, wires, Hurry())
    sa.event.listen(lab.app.db.writer, "connect", impatient)
    with lab, contextlib.ExitStack() as stack:
        wires.sink.slow = 0.5
        lab.deliver(2)
        wait_for(lambda: wires.sink.said("DATA"), "the first letter is on its way")
        stack.enter_context(locked(tmp_path / "test.db"))
        # More than the eight tries that any fault is given.
        wait_for(rested(lab, "send", 12), "tries to keep the reply")
        stack.close()
        wires.sink.slow = 0.0
        lab.complete()
        assert lost_tries(lab) == 0


def test_a_database_file_that_is_taken_away_gets_nothing_that_would_be_lost_with_it(
    wires: Wires, tmp_path: Path
) -> None:
    """An open file takes everything, also where nobody will ever find it again."""
    database = tmp_path / "test.db"
    with laboratory(tmp_path, wires) as lab:
        lab.deliver()
        lab.complete()
        database.rename(tmp_path / "elsewhere.db")
        lab.deliver(3)
        wait_for(rested(lab, "fetch", 5), "five tries")
        assert not database.exists()
        assert len(lab.taken()) == 1
        (tmp_path / "elsewhere.db").rename(database)
        lab.complete()
        assert lost_tries(lab) == 0


def test_a_folder_of_raw_letters_that_is_not_mounted_makes_no_letter_unreadable(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    letter = raw()
    arrival = Arrival(lab.app.raw.put(letter), len(letter), "lab/INBOX/1/1", FolderRole.INBOX, lab.now, lab.now)
    with lab.app.db.tx() as tx:
        mail_id, _ = intake.enter(tx, arrival)
    (tmp_path / "raw").rename(tmp_path / "elsewhere")
    for _ in range(10):
        lab.now += timedelta(minutes=10)
        with pytest.raises(FileNotFoundError):
            handle(lab.app)
    assert lab.mail(mail_id).tries == 0
    (tmp_path / "elsewhere").rename(tmp_path / "raw")
    lab.work()
    assert lab.mail(mail_id).outcome == "new_case"
