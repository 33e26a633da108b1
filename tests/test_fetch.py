"""Station 1: which letters are taken, once each, and what a broken server changes about that."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase.mail.mailbox import MailboxDown
from mailcase.stations.tidy import tidy
from mailcase.store import tables as t
from tests.desk import Desk, alarms, letter
from tests.fake_mailbox import START, FakeMailbox
from tests.letters import raw


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
def test_a_letter_found_only_after_renumbering_is_late_unless_our_server_got_it_after_the_last_good_pass(
    desk: Desk,
) -> None:
    """The dates of the mailbox tell nothing: a folder that was copied to another server has new ones."""
    desk.fetch()
    inbox = desk.mailbox.boxes["INBOX"]
    soon = START + timedelta(hours=1)
    inbox.add(raw(date=START - timedelta(days=3), message_id="<old@x.example.ru>"), soon)
    inbox.add(raw(date=soon, message_id="<new@x.example.ru>"), soon)
    inbox.add(b"Message-ID: <bare@x.example.ru>\r\n\r\nno Received at all\r\n", soon)
    inbox.add(b"Received: by mx.example.ru; no date\r\nMessage-ID: <odd@x.example.ru>\r\n\r\nx\r\n", soon)
    inbox.renumber()
    assert desk.fetch() == 4
    late = {m.message_id.partition("@")[0]: m.late for m in desk.rows(t.mail)}
    assert late == {"<old": True, "<new": False, "<bare": True, "<odd": True}


@pytest.mark.req("C80")
def test_a_mailbox_moved_to_another_server_acknowledges_none_of_its_history(desk: Desk) -> None:
    """Every letter has a new UID and a new date; those with and without a Message-ID, before and after the start."""
    inbox = desk.mailbox.boxes["INBOX"]
    for n in range(5):
        inbox.add(letter(n))
    inbox.add(raw("Письмо без номера", message_id="", date=START - timedelta(days=9)))
    desk.fetch()
    inbox.add(letter(6))
    assert desk.fetch() == 1
    inbox.renumber()
    for stored in inbox.letters.values():
        stored.at = START + timedelta(days=1)
    inbox.add(raw("Письмо во время переезда", date=START + timedelta(days=1), message_id="<moved@x.example.ru>"))
    desk.now = START + timedelta(days=1)
    assert desk.fetch() == 2
    assert [(m.message_id, m.late) for m in desk.rows(t.mail)[1:]] == [("", True), ("<moved@x.example.ru>", False)]


class CutAtOnce(FakeMailbox):
    """The line is cut as soon as a folder is open."""

    def uids(self, low: int, uidnext: int) -> list[int]:
        raise self._hang_up("listing letters: BYE")


@pytest.mark.req("C80")
def test_what_came_after_a_first_start_that_failed_is_taken_though_the_server_renumbers_before_the_next(
    desk: Desk,
) -> None:
    """No look got to its end, so nothing is noted of what lay there; it is left alone all the same."""
    whole, desk.mailbox = desk.mailbox, CutAtOnce()
    desk.mailbox.boxes = whole.boxes
    inbox = whole.boxes["INBOX"]
    for n in range(3):
        inbox.add(letter(n))
    with pytest.raises(MailboxDown):
        desk.fetch()
    soon = desk.now + timedelta(seconds=5)
    inbox.add(raw(date=soon, message_id="<new@x.example.ru>"), soon)
    inbox.renumber()
    desk.mailbox = whole
    assert desk.fetch() == 1
    assert [(m.message_id, m.late) for m in desk.rows(t.mail)] == [("<new@x.example.ru>", False)]
    assert desk.fetch() == 0
    assert len(alarms(desk, "renumbered")) == 1


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


def test_a_letter_over_the_limit_comes_with_its_top_only(tmp_path: Path) -> None:
    desk = Desk(tmp_path, max_size="2KB")
    desk.fetch()
    desk.mailbox.boxes["INBOX"].add(raw("Большое письмо " * 1000, message_id="<big@romashka.example.ru>"))
    assert desk.fetch() == 1
    (mail,) = desk.rows(t.mail)
    assert (mail.truncated, mail.size > 2000) == (True, True)
    assert [s.state for s in desk.rows(t.sighting)] == ["too_large"]


@pytest.mark.parametrize("folder", ["Spam", "Sent"])
def test_a_folder_that_cannot_be_read_costs_the_inbox_nothing_and_alarms_once_a_day(
    tmp_path: Path, folder: str
) -> None:
    desk = Desk(tmp_path, spam_folder="Spam")
    desk.fetch()
    desk.mailbox.broken_folders = {folder}
    desk.mailbox.boxes["INBOX"].add(letter(1))
    assert desk.fetch() == 1
    assert alarms(desk, "folder") == []
    for day in range(1, 4):
        for _ in range(5):
            desk.now = START + timedelta(days=day)
            desk.fetch()
        assert len(alarms(desk, "folder")) == day
    desk.mailbox.broken_folders = {"INBOX"}
    with pytest.raises(MailboxDown):
        desk.fetch()


def test_a_pass_ends_at_a_stop_with_what_it_has_and_goes_on_there(desk: Desk) -> None:
    desk.fetch()
    for n in range(200):
        desk.mailbox.boxes["INBOX"].add(letter(n))
    desk.mailbox.after_fetch = desk.app.wake.stop.set
    assert desk.fetch() == 50
    desk.app.wake.stop.clear()
    desk.mailbox.after_fetch = lambda: None
    assert desk.fetch() == 150
    assert len(desk.rows(t.mail)) == 200


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
