"""Station 1: letters that earlier lists left out, and that the server does not deliver when they are found."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest

from mailcase.mail.mailbox import MailboxDown
from mailcase.store import tables as t
from tests.desk import Desk, alarms, hide_one, letter
from tests.fake_mailbox import START
from tests.letters import raw


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def mark(desk: Desk) -> int:
    """The low-water mark of INBOX."""
    return next(int(f.low_water) for f in desk.rows(t.folder) if f.role == "inbox")


def test_one_that_is_withheld_moves_the_mark_not_back_and_hides_what_the_others_are(desk: Desk) -> None:
    """Above it: history of before the start, one that came since the start, and an old one that was restored."""
    desk.now = START + timedelta(days=60)
    inbox = desk.mailbox.boxes["INBOX"]
    withheld, history, since = (inbox.add(letter(n)) for n in range(3))
    inbox.add(letter(3))
    desk.mailbox.hidden_uids = {withheld, history, since}
    desk.fetch()
    inbox.letters[since].at = desk.now + timedelta(seconds=5)
    old = inbox.add(raw(date=START, message_id="<old@x.example.ru>"), desk.now)
    desk.mailbox.hidden_uids.add(old)
    inbox.add(letter(4))
    assert desk.fetch() == 1
    desk.mailbox.broken_uids = {withheld}
    desk.mailbox.hidden_uids.remove(withheld)
    assert desk.fetch(whole=True) == 0
    assert mark(desk) == inbox.uidnext
    desk.mailbox.hidden_uids = set()
    assert desk.fetch() == 0
    assert desk.fetch(whole=True) == 2
    states = {s.uid: s.state for s in desk.rows(t.sighting)}
    assert (states[withheld], states[history], states[since]) == ("pending", "before_start", "fetched")
    assert {m.message_id: m.late for m in desk.rows(t.mail)}["<old@x.example.ru>"]
    assert mark(desk) == inbox.uidnext


def test_one_that_is_deleted_while_it_is_withheld_is_gone_and_nobody_is_told(desk: Desk) -> None:
    hidden = hide_one(desk, letter(1))
    desk.mailbox.broken_uids = {hidden}
    assert desk.fetch(whole=True) == 0
    del desk.mailbox.boxes["INBOX"].letters[hidden]
    for _ in range(10):
        assert desk.fetch() == 0
    assert [s.state for s in desk.rows(t.sighting) if s.uid == hidden] == ["gone"]
    assert alarms(desk, "pending") == []


def test_one_that_is_withheld_when_it_appears_is_tried_at_every_pass_and_told_of(desk: Desk) -> None:
    hidden = hide_one(desk, letter(1))
    desk.mailbox.broken_uids = {hidden}
    assert desk.fetch(whole=True) == 0
    for n in range(10, 16):
        desk.mailbox.boxes["INBOX"].add(letter(n))
        assert desk.fetch() == 1
    assert len(alarms(desk, "pending")) == 1
    desk.mailbox.broken_uids = set()
    assert desk.fetch() == 1
    assert mark(desk) == desk.mailbox.boxes["INBOX"].uidnext


def test_many_at_which_the_server_hangs_up_end_no_whole_listing_for_ever(desk: Desk) -> None:
    inbox = desk.mailbox.boxes["INBOX"]
    desk.fetch()
    deadly = {inbox.add(letter(n)) for n in range(40)}
    desk.mailbox.hidden_uids = deadly
    inbox.add(letter(90))
    assert desk.fetch() == 1
    desk.mailbox.hidden_uids, desk.mailbox.deadly_uids = set(), deadly
    for _ in range(12):
        with contextlib.suppress(MailboxDown):
            desk.fetch(whole=True)
    assert {s.uid for s in desk.rows(t.sighting) if s.state == "pending"} == deadly
    inbox.add(letter(91))
    assert desk.fetch(whole=True) == 1
    desk.mailbox.deadly_uids = set()
    assert desk.fetch() == 40
