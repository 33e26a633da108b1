"""Station 1: which letters are taken, once each, and what a broken server changes about that."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase.app import App
from mailcase.mail.mailbox import MailboxDown
from mailcase.stations.fetch import fetch
from mailcase.stations.tidy import tidy
from mailcase.store import tables as t
from tests.fake_mailbox import START, FakeMailbox
from tests.letters import config, raw


def letter(n: int) -> bytes:
    return raw(f"Письмо номер {n}", message_id=f"<{n}@romashka.example.ru>")


class Desk:
    """An App on a fresh database, with a clock that tests move."""

    def __init__(self, folder: Path, **mailbox: object) -> None:
        box = {"name": "lab", "host": "127.0.0.1", "user": "lab", "tls": "none", "password": "x", **mailbox}
        self.now = START
        store = {"url": f"sqlite:///{folder}/test.db", "raw": folder / "raw"}
        self.app = App.build(config(mailbox=[box], store=store), now=lambda: self.now)
        self.app.prepare()
        self.mailbox = FakeMailbox()

    def fetch(self) -> int:
        self.now += timedelta(minutes=1)
        return fetch(self.app, self.mailbox, self.app.config.mailbox[0])

    def rows(self, table: sa.Table) -> list[sa.Row]:
        with self.app.db.read() as view:
            return list(view.execute(sa.select(table).order_by(table.c.id)))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_first_connect_starts_from_now(desk: Desk) -> None:
    """What lies in the mailbox before the first start is noted and left alone."""
    inbox = desk.mailbox.boxes["INBOX"]
    for n in range(5):
        inbox.add(letter(n))
    assert desk.fetch() == 0
    inbox.add(letter(5))
    assert desk.fetch() == 1
    assert [s.state for s in desk.rows(t.sighting)] == ["before_start"] * 5 + ["fetched"]


@pytest.mark.req("C89")
def test_a_letter_that_somebody_read_on_a_phone_is_still_taken(desk: Desk) -> None:
    desk.fetch()
    inbox = desk.mailbox.boxes["INBOX"]
    inbox.letters[inbox.add(letter(1))].flags.add("\\Seen")
    assert desk.fetch() == 1


def test_an_old_letter_that_is_moved_into_the_inbox_is_taken(desk: Desk) -> None:
    """No date decides: COPY and MOVE keep the internal date."""
    desk.fetch()
    desk.mailbox.boxes["INBOX"].add(letter(1), START - timedelta(days=400))
    assert desk.fetch() == 1


@pytest.mark.req("C80")
def test_a_renumbered_folder_brings_nothing_twice(desk: Desk) -> None:
    """The server recreates the mailbox with the same 200 letters: none is new."""
    inbox = desk.mailbox.boxes["INBOX"]
    for n in range(20):
        inbox.add(letter(n))
    desk.fetch()
    for n in range(20, 200):
        inbox.add(letter(n))
    assert desk.fetch() == 180
    inbox.renumber()
    assert desk.fetch() == 0
    assert len(desk.rows(t.mail)) == 180


@pytest.mark.req("C80")
def test_a_letter_found_only_after_renumbering_is_late_if_it_is_older_than_the_last_good_pass(desk: Desk) -> None:
    desk.fetch()
    inbox = desk.mailbox.boxes["INBOX"]
    inbox.add(letter(1), START - timedelta(days=3))
    inbox.add(letter(2), START + timedelta(hours=1))
    inbox.renumber()
    assert desk.fetch() == 2
    assert [m.late for m in desk.rows(t.mail)] == [True, False]


@pytest.mark.req("C81")
def test_a_connection_cut_in_the_middle_loses_and_doubles_nothing(desk: Desk) -> None:
    desk.fetch()
    for n in range(120):
        desk.mailbox.boxes["INBOX"].add(letter(n))
    desk.mailbox.cut_after = 1
    with pytest.raises(MailboxDown):
        desk.fetch()
    assert 0 < len(desk.rows(t.mail)) < 120
    desk.mailbox.cut_after = None
    desk.fetch()
    assert len(desk.rows(t.mail)) == 120


def test_a_uid_that_is_listed_and_not_delivered_is_tried_again_and_alarms_once(desk: Desk) -> None:
    desk.fetch()
    uid = desk.mailbox.boxes["INBOX"].add(letter(1))
    desk.mailbox.boxes["INBOX"].add(letter(2))
    desk.mailbox.broken_uids = {uid}
    for _ in range(8):
        desk.fetch()
    assert len(desk.rows(t.mail)) == 1
    assert len([o for o in desk.rows(t.outbox) if o.key.startswith("alarm:pending")]) == 1
    desk.mailbox.broken_uids = set()
    assert desk.fetch() == 1


def test_a_letter_over_the_limit_comes_with_its_top_only(tmp_path: Path) -> None:
    desk = Desk(tmp_path, max_size="2KB")
    desk.fetch()
    desk.mailbox.boxes["INBOX"].add(raw("Большое письмо " * 1000, message_id="<big@romashka.example.ru>"))
    assert desk.fetch() == 1
    (mail,) = desk.rows(t.mail)
    assert (mail.truncated, mail.size > 2000) == (True, True)
    assert [s.state for s in desk.rows(t.sighting)] == ["too_large"]


@pytest.mark.req("C84", "C85")
def test_handled_letters_are_moved_only_after_they_are_done(tmp_path: Path) -> None:
    desk = Desk(tmp_path, after="move", move_to="Done")
    desk.fetch()
    desk.mailbox.boxes["INBOX"].add(letter(1))
    desk.fetch()
    settings = desk.app.config.mailbox[0]
    assert tidy(desk.app, desk.mailbox, settings) == 0
    with desk.app.db.tx() as tx:
        tx.execute(sa.update(t.mail).values(status="done", outcome="drop"))
    assert tidy(desk.app, desk.mailbox, settings) == 1
    assert len(desk.mailbox.boxes["Done"].letters) == 1
    assert tidy(desk.app, desk.mailbox, settings) == 0


def test_a_renumbered_folder_is_not_tidied_by_old_numbers(tmp_path: Path) -> None:
    desk = Desk(tmp_path, after="move", move_to="Done")
    desk.fetch()
    inbox = desk.mailbox.boxes["INBOX"]
    inbox.add(letter(1))
    desk.fetch()
    with desk.app.db.tx() as tx:
        tx.execute(sa.update(t.mail).values(status="done", outcome="drop"))
    inbox.letters.clear()
    inbox.renumber()
    inbox.add(letter(2))
    tidy(desk.app, desk.mailbox, desk.app.config.mailbox[0])
    assert len(inbox.letters) == 1
