"""Station 1: letters that the server lists and does not deliver cost the others nothing, and none is given up."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest

from mailcase.mail.mailbox import MailboxDown
from mailcase.store import tables as t
from tests.desk import Desk, alarms, letter
from tests.fake_mailbox import START
from tests.letters import raw


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


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


def test_a_letter_that_is_withheld_after_another_is_told_of_and_both_are_once_a_day(desk: Desk) -> None:
    desk.fetch()
    first = desk.mailbox.boxes["INBOX"].add(letter(1))
    desk.mailbox.broken_uids = {first}
    for _ in range(10):
        desk.fetch()
    assert len(alarms(desk, "pending")) == 1
    second = desk.mailbox.boxes["INBOX"].add(letter(2))
    desk.mailbox.broken_uids = {first, second}
    for _ in range(10):
        desk.fetch()
    told = [o.draft for o in desk.rows(t.outbox) if o.key.startswith("alarm:pending:")]
    assert len(told) == 2
    assert f"UID: {first}, {second}." in told[-1]
    for day in range(1, 4):
        desk.now = START + timedelta(days=day)
        for _ in range(5):
            desk.fetch()
        assert len(alarms(desk, "pending")) == 2 + day


def test_a_letter_that_one_listing_leaves_out_before_it_was_had_is_taken_when_it_is_listed_again(desk: Desk) -> None:
    """Whatever comes meanwhile moves the mark not over it; a week later it was deleted by somebody."""
    desk.fetch()
    inbox = desk.mailbox.boxes["INBOX"]
    uid = inbox.add(letter(1))
    desk.mailbox.broken_uids = {uid}
    desk.fetch()
    left_out = inbox.letters.pop(uid)
    for n in range(2, 5):
        inbox.add(letter(n))
        assert desk.fetch() == 1
    inbox.letters[uid] = left_out
    assert desk.fetch() == 0
    desk.mailbox.broken_uids = set()
    assert desk.fetch() == 1
    assert [s.state for s in desk.rows(t.sighting)] == ["fetched"] * 4


def test_a_letter_that_comes_back_even_later_is_taken_while_an_older_one_still_waits(desk: Desk) -> None:
    desk.fetch()
    inbox = desk.mailbox.boxes["INBOX"]
    waits, leaves = inbox.add(letter(1)), inbox.add(letter(2))
    desk.mailbox.broken_uids = {waits, leaves}
    desk.fetch()
    left_out = inbox.letters.pop(leaves)
    desk.fetch()
    desk.now += timedelta(days=8)
    desk.fetch()
    inbox.letters[leaves] = left_out
    desk.mailbox.broken_uids = {waits}
    assert desk.fetch() == 1


def test_a_letter_that_was_deleted_before_it_was_had_holds_the_mark_back_for_a_week(desk: Desk) -> None:
    desk.fetch()
    inbox = desk.mailbox.boxes["INBOX"]
    uid = inbox.add(letter(1))
    desk.mailbox.broken_uids = {uid}
    desk.fetch()
    del inbox.letters[uid]
    inbox.add(letter(2))
    marks = []
    for _ in range(9):
        desk.fetch()
        marks.append(next(f.low_water for f in desk.rows(t.folder) if f.role == "inbox"))
        desk.now += timedelta(days=1)
    assert (marks[0], marks[-1]) == (uid, inbox.uidnext)


def test_letters_at_which_the_server_hangs_up_cost_the_others_nothing_and_few_logins(desk: Desk) -> None:
    """Halving finds them; later passes ask for them last."""
    desk.fetch()
    box = desk.mailbox.boxes["INBOX"]
    uids = [box.add(letter(n)) for n in range(120)]
    desk.mailbox.deadly_uids = {uids[7], uids[70]}
    assert desk.fetch() == 118
    assert desk.mailbox.logins < 20
    for n in range(120, 125):
        logins = desk.mailbox.logins
        box.add(letter(n))
        assert desk.fetch() == 1
        assert desk.mailbox.logins - logins <= 5
    assert len(alarms(desk, "pending")) == 1
    desk.mailbox.deadly_uids = set()
    assert desk.fetch() == 2


def test_a_letter_that_can_be_had_again_gets_its_turn_behind_many_at_which_the_server_hangs_up(desk: Desk) -> None:
    desk.fetch()
    box = desk.mailbox.boxes["INBOX"]
    uids = [box.add(letter(n)) for n in range(12)]
    desk.mailbox.deadly_uids = set(uids)
    while len(desk.rows(t.sighting)) < 12:
        with contextlib.suppress(MailboxDown):
            desk.fetch()
    desk.mailbox.deadly_uids = set(uids[:-1])
    logins = desk.mailbox.logins
    assert sum(desk.fetch() for _ in range(3)) == 1
    assert desk.mailbox.logins - logins <= 3 * 11
    # Nobody is asked twice before everybody was asked once.
    for _ in range(20):
        desk.fetch()
    tries = [s.tries for s in desk.rows(t.sighting) if s.uid != uids[-1]]
    assert max(tries) - min(tries) <= 1


def test_all_that_waits_is_taken_at_once_when_it_can_be_had(desk: Desk) -> None:
    desk.fetch()
    desk.mailbox.broken_uids = {desk.mailbox.boxes["INBOX"].add(letter(n)) for n in range(60)}
    assert desk.fetch() == 0
    desk.mailbox.broken_uids = set()
    assert desk.fetch() == 60


def test_a_server_that_hangs_up_at_every_letter_ends_the_pass_soon(desk: Desk) -> None:
    desk.fetch()
    box = desk.mailbox.boxes["INBOX"]
    desk.mailbox.deadly_uids = {box.add(letter(n)) for n in range(120)}
    logins = desk.mailbox.logins
    with pytest.raises(MailboxDown):
        desk.fetch()
    assert desk.mailbox.logins - logins < 20
    desk.mailbox.deadly_uids = set()
    desk.fetch()
    assert len(desk.rows(t.mail)) == 120


def test_a_large_letter_whose_top_the_server_fails_on_costs_the_others_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path, max_size="2KB")
    desk.fetch()
    inbox = desk.mailbox.boxes["INBOX"]
    broken = inbox.add(raw("Большое письмо " * 1000, message_id="<1@romashka.example.ru>"))
    inbox.add(raw("Другое большое " * 1000, message_id="<2@romashka.example.ru>"))
    inbox.add(letter(3))
    desk.mailbox.broken_tops = {broken}
    assert desk.fetch() == 2
    assert [s.state for s in desk.rows(t.sighting) if s.uid == broken] == ["pending"]
    desk.mailbox.broken_tops = set()
    assert desk.fetch() == 1
