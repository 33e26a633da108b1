"""A mail server that is not what it was: it renumbers, lists what it does not have, or tells of a letter again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mailcase.store import tables as t
from tests.mailboxes import other_program
from tests.remote_lab import DUTY, RemoteLab, Wires, client, laboratory, message_id
from tests.servers.proxy import Connection
from tests.town import wait_for

pytestmark = pytest.mark.live


def doveadm(wires: Wires, *words: str) -> None:
    command = ["doveadm", "-c", wires.dovecot.log.parent / "dovecot.conf", *words]
    subprocess.run(command, check=True, capture_output=True)


def passes(lab: RemoteLab, more: int) -> None:
    """Wait for so many good passes over INBOX."""

    def last() -> list[sa.Row[Any]]:
        return lab.ask(sa.select(t.folder.c.last_pass).where(t.folder.c.role == "inbox"))

    for _ in range(more):
        wait_for(partial(lambda before: last() > before, last()), "another pass")


@pytest.mark.req("C80")
def test_a_mailbox_that_is_renumbered_under_the_running_daemon_brings_no_case_and_no_acknowledgement_again(
    wires: Wires, tmp_path: Path
) -> None:
    with laboratory(tmp_path, wires) as lab:
        lab.deliver(20)
        lab.complete()
        doveadm(wires, "mailbox", "update", "-u", wires.account, "--uid-validity", "77", "INBOX")
        wires.imap.hang_up()
        wait_for(lambda: lab.alarms("renumbered"), "somebody is told")
        lab.deliver(2)
        lab.complete()
        assert lab.alarms() == ["renumbered:lab:INBOX:77"]
        wait_for(lambda: sum(DUTY in s.to for s in wires.sink.letters) == 1, "one letter to the duty person")


@pytest.fixture
def unreadable(wires: Wires) -> Iterator[list[Path]]:
    """Files of the mailbox that its server may not open; readable again at the end."""
    made: list[Path] = []
    yield made
    for file in made:
        file.chmod(0o600)


def file_of(wires: Wires, n: int) -> Path:
    """The file in which the server keeps a client's letter."""
    folder = wires.dovecot.home / "mail" / wires.account / "Maildir"
    files = [file for part in ("new", "cur") for file in (folder / part).iterdir()]
    return next(file for file in files if message_id(n).encode() in file.read_bytes())


def test_a_letter_that_the_server_lists_and_cannot_open_costs_the_others_nothing_and_comes_when_it_can(
    wires: Wires, unreadable: list[Path], tmp_path: Path
) -> None:
    with laboratory(tmp_path, wires) as lab:
        wires.imap.refuses = True
        wires.imap.hang_up()
        lab.deliver(4)
        file = file_of(wires, 2)
        unreadable.append(file)
        file.chmod(0)
        wires.imap.fair()
        wait_for(lambda: len(lab.taken()) == 3, f"the others\n{lab.state()}")
        wait_for(lambda: lab.alarms("pending"), "somebody is told")
        passes(lab, 3)
        assert len(lab.alarms()) == 1
        lab.deliver()
        wait_for(lambda: len(lab.taken()) == 4, f"what comes later\n{lab.state()}")
        file.chmod(0o600)
        lab.complete()


def doubled(_: Connection, piece: bytes) -> Iterator[bytes]:
    """The server names every letter twice in each of two lists."""
    for line in piece.splitlines(keepends=True):
        if line.startswith(b"* SEARCH "):
            yield line.replace(b"\r\n", line.removeprefix(b"* SEARCH").replace(b"\r\n", b"") + b"\r\n")
        yield line


def test_a_server_that_names_every_letter_twice_brings_each_once(wires: Wires, tmp_path: Path) -> None:
    with laboratory(tmp_path, wires) as lab:
        wires.imap.down = doubled
        lab.deliver(3)
        lab.complete()
        lab.deliver(2)
        lab.complete()


def test_a_letter_that_lies_in_the_mailbox_again_under_another_uid_is_the_same_letter(
    wires: Wires, tmp_path: Path
) -> None:
    """Copied within the folder, as a mail program or a restored backup does: the same bytes."""
    with laboratory(tmp_path, wires) as lab:
        lab.deliver(5)
        lab.complete()
        with other_program(wires.dovecot, wires.account) as program:
            program.uid("COPY", "1:5", "INBOX")
        sightings = sa.select(t.sighting.c.id).where(t.sighting.c.mail_id.is_not(None)).join(t.folder)
        wait_for(lambda: len(lab.ask(sightings.where(t.folder.c.role == "inbox"))) == 10, "both are seen")
        lab.complete()


def test_a_letter_that_is_delivered_again_is_answered_once(wires: Wires, tmp_path: Path) -> None:
    """By a relay that lost our server's reply: another way, other bytes, the same Message-ID."""
    with laboratory(tmp_path, wires) as lab:
        lab.deliver()
        lab.complete()
        lab.delivered = 0
        lab.deliver()
        again = sa.select(t.mail.c.outcome, t.mail.c.drop_reason).where(t.mail.c.role == "inbox").order_by(t.mail.c.id)
        wait_for(lambda: lab.ask(again)[1:] == [("drop", "duplicate")], f"judged\n{lab.state()}")
        wait_for(lab.idle, "nothing is left to send")
        assert lab.taken() == {client(1): 1}
        assert len(lab.ask(sa.select(t.cases.c.id))) == 1
