"""Station 4: copies of what was sent. One that cannot be filed costs no other, and is not tried for ever."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mailcase.mail.mailbox import MailboxDown
from mailcase.stations.tidy import tidy
from mailcase.store import tables as t
from mailcase.words import EventType
from tests.fake_mailbox import FakeMailbox
from tests.lab import Lab
from tests.letters import LAB, raw

DIES = """
import os, pathlib, sys
from mailcase.store.raw import RawStore
os.rename = lambda *_: os._exit(9)
RawStore(pathlib.Path(sys.argv[1])).put(sys.argv[2].encode())
"""


class Picky(FakeMailbox):
    """The server refuses one letter in its Sent folder, by its Message-ID; `down` lets nobody in."""

    refused = b""
    down = False

    def connect(self) -> None:
        if self.down:
            raise MailboxDown("no route to host")
        super().connect()

    def append(self, folder: str, raw: bytes, when: datetime) -> None:
        if self.refused and self.refused in raw:
            raise self._hang_up("NO message too large")
        super().append(folder, raw, when)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return sent(Lab(tmp_path))


def sent(lab: Lab) -> Lab:
    """Three acknowledgements have left."""
    for n in range(3):
        lab.arrive(raw(f"Просим КП на {n} весов", sender=f"К <c{n}@h{n}.example.ru>", message_id=f"<{n}@h.example.ru>"))
    return lab


def run(lab: Lab, mailbox: FakeMailbox, times: int = 1, **span: Any) -> int:
    """Tidy the first mailbox so many times, with time between; how much was done."""
    done = 0
    for _ in range(times):
        done += tidy(lab.app, mailbox, lab.app.config.mailbox[0])  # type: ignore[arg-type]
        lab.later(**span)
    return done


def copies(mailbox: FakeMailbox, folder: str = "Sent") -> int:
    return len(mailbox.boxes[folder].letters) if folder in mailbox.boxes else 0


def states(lab: Lab) -> list[str]:
    return [row.sent_copy for row in lab.outbox() if row.audience == "client"]


def given_up(lab: Lab) -> int:
    with lab.app.db.read() as view:
        found = view.execute(sa.select(t.event.c.detail).where(t.event.c.type == EventType.FAILED)).scalars()
        return sum("copy in Sent" in detail for detail in found)


def test_a_letter_whose_bytes_are_gone_does_not_keep_the_others_from_the_sent_folder(lab: Lab) -> None:
    first = next(row for row in lab.outbox() if row.audience == "client")
    lab.app.raw.path(first.sha256).unlink()
    mailbox = FakeMailbox()
    assert run(lab, mailbox) == 2
    run(lab, mailbox, times=10, hours=7)
    assert (copies(mailbox), states(lab), given_up(lab)) == (2, ["failed", "done", "done"], 1)


def test_a_letter_that_the_server_does_not_file_is_tried_five_times(lab: Lab) -> None:
    mailbox = Picky()
    mailbox.refused = lab.postman.sent[0].id.encode()
    assert lab.outbox()[0].message_id == lab.postman.sent[0].id
    run(lab, mailbox, times=2, seconds=30)
    assert copies(mailbox) == 2
    logins = mailbox.logins
    run(lab, mailbox, times=20, hours=7)
    assert mailbox.logins - logins <= 10
    assert (copies(mailbox), states(lab), given_up(lab)) == (2, ["failed", "done", "done"], 1)


def test_a_full_mailbox_that_has_room_again_the_same_day_gets_every_copy(lab: Lab) -> None:
    mailbox = FakeMailbox()
    mailbox.broken_folders = {"Sent"}
    run(lab, mailbox, times=30, seconds=30)
    assert copies(mailbox) == 0
    mailbox.broken_folders = set()
    run(lab, mailbox, times=3, hours=2)
    assert (copies(mailbox), given_up(lab)) == (3, 0)


def test_a_server_that_is_away_costs_no_copy_a_try(lab: Lab) -> None:
    mailbox = Picky()
    mailbox.down = True
    for _ in range(10):
        with pytest.raises(MailboxDown):
            run(lab, mailbox)
    assert states(lab) == ["due", "due", "due"]
    mailbox.down = False
    assert run(lab, mailbox) == 3


def test_a_mailbox_without_a_folder_of_sent_letters_gets_one(lab: Lab) -> None:
    mailbox = FakeMailbox()
    mailbox.sent_name = ""
    del mailbox.boxes["Sent"]
    run(lab, mailbox)
    assert copies(mailbox) == 3


def test_the_first_mailbox_that_keeps_copies_gets_them(tmp_path: Path) -> None:
    box = {"host": "127.0.0.1", "tls": "none", "password": "x"}
    boxes = [
        {"name": "lab", "user": LAB, "save_sent": False, **box},
        {"name": "office", "user": "office@cleanmet.ru", **box},
        {"name": "third", "user": "third@cleanmet.ru", **box},
    ]
    lab = sent(Lab(tmp_path, mailbox=boxes))
    kept = []
    for settings in lab.app.config.mailbox:
        mailbox = FakeMailbox()
        tidy(lab.app, mailbox, settings)  # type: ignore[arg-type]
        kept.append(copies(mailbox))
    assert kept == [0, 3, 0]


def killed_while_storing(lab: Lab, letter: str, age: timedelta) -> Path:
    """What a process leaves that dies before the letter has its name, that long ago."""
    before = unfinished(lab)
    assert subprocess.run([sys.executable, "-c", DIES, str(lab.app.raw.folder), letter], check=False).returncode == 9
    (left,) = unfinished(lab) - before
    moment = (lab.now - age).timestamp()
    os.utime(left, (moment, moment))
    return left


def unfinished(lab: Lab) -> set[Path]:
    return set(lab.app.raw.folder.glob("*/.*"))


def test_what_a_killed_process_left_half_written_goes_after_a_day(lab: Lab) -> None:
    old = killed_while_storing(lab, "old", timedelta(hours=25))
    new = killed_while_storing(lab, "new", timedelta(hours=23))
    others = lab.app.raw.path("ab" * 32).with_name(".nfs0000.new")
    others.write_bytes(b"not ours")
    os.utime(others, (0, 0))
    letters = sorted(lab.app.raw.folder.glob("*/*.eml"))
    run(lab, FakeMailbox())
    assert (unfinished(lab), old.exists()) == ({new, others}, False)
    assert sorted(lab.app.raw.folder.glob("*/*.eml")) == letters
    run(lab, FakeMailbox(), times=3, hours=12)
    assert unfinished(lab) == {others}


def test_the_raw_store_is_looked_through_once_a_day(lab: Lab) -> None:
    run(lab, FakeMailbox())
    left = killed_while_storing(lab, "x", timedelta(days=3))
    run(lab, FakeMailbox(), times=23, hours=1)
    assert left.exists()
    run(lab, FakeMailbox(), times=2, hours=1)
    assert not left.exists()


def test_a_folder_that_cannot_be_looked_through_keeps_no_other_from_it(lab: Lab) -> None:
    left = killed_while_storing(lab, "x", timedelta(days=3))
    away = next(folder for folder in sorted(lab.app.raw.folder.iterdir())[1:] if not any(folder.iterdir()))
    away.rmdir()
    assert run(lab, FakeMailbox()) == 3
    assert not left.exists()
