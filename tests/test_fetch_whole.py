"""Station 1: a letter that appears under a UID below those that were taken is found by the next whole listing, once.

Servers that allot UIDs at the same time list a later one first; others restore letters under old UIDs.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase.connections import Watcher
from mailcase.stations.fetch import fetch, fetch_whole
from mailcase.store import tables as t
from mailcase.words import FolderRole
from tests.desk import Desk, hide_one, letter
from tests.fake_imap import FakeImap, Session
from tests.fake_mailbox import START, FakeMailbox
from tests.lab import Lab
from tests.letters import raw
from tests.mailboxes import mailbox, settings

CLIENTS = ("a.kovaleva@romashka.example.ru", "i.petrov@zavod.example.ru")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def watcher_of(lab: Lab, mailbox: FakeMailbox) -> Watcher:
    return Watcher(lab.app, lab.app.config.mailbox[0], mailbox)  # type: ignore[arg-type]  # the seam of the Mailbox


@pytest.mark.parametrize("restarted", [False, True])
def test_a_uid_listed_after_a_later_one_is_one_case_with_one_acknowledgement(tmp_path: Path, restarted: bool) -> None:
    """Within a day of its arrival, or at the next start; later whole listings bring nothing."""
    lab, mailbox = Lab(tmp_path), FakeMailbox()
    inbox, watcher = mailbox.boxes["INBOX"], watcher_of(lab, mailbox)

    def passes(**span: int) -> list[str]:
        lab.now += timedelta(**span)
        watcher.step()
        lab.work()
        return [row.contact_address for row in lab.cases()]

    assert passes() == []
    early, later = (
        raw(f"Просим выставить счёт {n}.", sender=f"<{who}>", message_id=f"<{n}@{who}>", date=lab.now)
        for n, who in enumerate(CLIENTS)
    )
    mailbox.hidden_uids = {inbox.add(early, lab.now)}
    inbox.add(later, lab.now)
    assert passes(minutes=1) == [CLIENTS[1]]
    mailbox.hidden_uids = set()
    assert passes(minutes=1) == [CLIENTS[1]]
    if restarted:
        watcher = watcher_of(lab, mailbox)
        assert passes(minutes=1) == [*reversed(CLIENTS)]
    else:
        assert passes(hours=23) == [CLIENTS[1]]
        assert passes(hours=1) == [*reversed(CLIENTS)]
    for _ in range(3):
        assert passes(days=1) == [*reversed(CLIENTS)]
    watcher = watcher_of(lab, mailbox)
    assert passes(minutes=1) == [*reversed(CLIENTS)]
    assert [len(lab.to(who)) for who in CLIENTS] == [1, 1]


def test_a_clock_that_was_set_back_does_not_put_the_whole_listing_off(tmp_path: Path) -> None:
    lab, mailbox = Lab(tmp_path), FakeMailbox()
    watcher = watcher_of(lab, mailbox)
    lab.now += timedelta(days=400)
    watcher.step()
    lab.now -= timedelta(days=400)
    mailbox.hidden_uids = {mailbox.boxes["INBOX"].add(letter(1))}
    mailbox.boxes["INBOX"].add(letter(2))
    watcher.step()
    mailbox.hidden_uids = set()
    lab.now += timedelta(days=1)
    watcher.step()
    with lab.app.db.read() as view:
        assert view.execute(sa.select(sa.func.count()).select_from(t.mail)).scalar_one() == 2


class Fussy(FakeMailbox):
    """The server hangs up where one of the folders of that name is listed whole; `lists` notes every list."""

    fussy = ""

    def __init__(self) -> None:
        super().__init__()
        self.lists: list[str] = []

    def uids(self, low: int, uidnext: int) -> list[int]:
        self.lists.append(self.selected + " whole" * (low == 1))
        if low == 1 and self.selected == self.fussy:
            raise self._hang_up("listing letters: timed out")
        return super().uids(low, uidnext)


@pytest.mark.parametrize("fussy", ["INBOX", "Sent"])
def test_a_folder_that_cannot_be_listed_whole_costs_new_letters_nothing_and_is_tried_hourly(
    tmp_path: Path, fussy: str
) -> None:
    lab, mailbox = Lab(tmp_path), Fussy()
    for folder in ("INBOX", "Sent"):
        mailbox.boxes[folder].add(letter(1))
    watcher_of(lab, mailbox).step()
    mailbox.fussy = fussy
    watcher = watcher_of(lab, mailbox)
    tried = []
    for n in range(10, 160, 10):
        mailbox.lists.clear()
        mailbox.boxes["INBOX"].add(letter(n))
        lab.now += timedelta(minutes=10)
        watcher.step()
        assert (mailbox.connected, mailbox.selected, watcher.pauses.failures) == (True, "INBOX", 0)
        tried.append(mailbox.lists.count(f"{fussy} whole"))
    assert tried == [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0]
    assert len([row for row in lab.outbox() if row.key.startswith("alarm:")]) == 0
    mailbox.fussy, mailbox.lists = "", []
    lab.now += timedelta(hours=1)
    watcher.step()
    assert [name for name in mailbox.lists if "whole" in name] == [f"{fussy} whole"]


def test_new_letters_of_the_inbox_wait_for_no_whole_list(tmp_path: Path) -> None:
    """What comes while the folders are listed whole is taken before the connection idles on INBOX."""
    lab, mailbox = Lab(tmp_path), Fussy()
    for folder in ("INBOX", "Sent"):
        mailbox.boxes[folder].add(letter(1))
    watcher_of(lab, mailbox).step()
    mailbox.lists.clear()
    watcher_of(lab, mailbox).step()
    assert mailbox.lists == ["Sent", "INBOX", "INBOX whole", "Sent whole", "Sent", "INBOX"]


def test_a_letter_restored_under_its_old_uid_or_under_another_one_is_known_by_its_content(desk: Desk) -> None:
    inbox = desk.mailbox.boxes["INBOX"]
    desk.fetch()
    gap = inbox.add(letter(1))
    desk.mailbox.hidden_uids = {gap}
    uid = inbox.add(letter(2))
    assert desk.fetch() == 1
    taken = inbox.letters.pop(uid)
    assert desk.fetch(whole=True) == 0
    inbox.letters[uid] = inbox.letters[gap] = taken
    desk.mailbox.hidden_uids = set()
    assert desk.fetch(whole=True) == 0
    assert len(desk.rows(t.mail)) == 1


@pytest.mark.parametrize(("received", "late"), [(timedelta(hours=-1), False), (timedelta(days=-30), True)])
def test_a_letter_received_long_before_it_is_listed_is_late(desk: Desk, received: timedelta, late: bool) -> None:
    """It may have been dealt with long ago, so nobody is written to by himself."""
    desk.now = START + timedelta(days=60)
    hide_one(desk, raw("Письмо", date=desk.now + received, message_id="<old@x.example.ru>"))
    inbox = desk.mailbox.boxes["INBOX"]
    for stored in inbox.letters.values():
        stored.at = desk.now
    assert desk.fetch(whole=True) == 1
    assert {m.message_id: m.late for m in desk.rows(t.mail)}["<old@x.example.ru>"] is late


def test_what_the_first_list_left_out_is_history_unless_it_came_since(desk: Desk) -> None:
    inbox = desk.mailbox.boxes["INBOX"]
    history, on_its_way = inbox.add(letter(1), START - timedelta(days=9)), inbox.add(letter(2))
    inbox.add(letter(3))
    desk.mailbox.hidden_uids = {history, on_its_way}
    desk.fetch()
    inbox.letters[on_its_way].at = desk.now + timedelta(seconds=5)
    desk.mailbox.hidden_uids = set()
    assert desk.fetch(whole=True) == 1
    assert {s.uid: s.state for s in desk.rows(t.sighting)} == {1: "before_start", 2: "fetched", 3: "before_start"}
    assert desk.fetch(whole=True) == 0


@pytest.mark.req("C80")
def test_a_renumbered_folder_that_is_listed_whole_brings_nothing_twice(desk: Desk) -> None:
    hide_one(desk, letter(1), before=5)
    inbox = desk.mailbox.boxes["INBOX"]
    assert desk.fetch(whole=True) == 1
    inbox.renumber()
    for _ in range(3):
        assert desk.fetch(whole=True) == 0
    inbox.renumber()
    assert desk.fetch() == 0
    assert desk.fetch(whole=True) == 0
    assert len(desk.rows(t.mail)) == 2


def test_over_imap_a_pass_asks_for_new_uids_and_a_whole_one_for_all(desk: Desk) -> None:
    """UID 7 is listed only after 8 was taken."""
    listed = [3]

    def search(session: Session, rest: str) -> str:
        low = int(rest.removeprefix("UID ").partition(":")[0])
        session.say(f"* SEARCH {' '.join(str(uid) for uid in listed if uid >= low)}\r\n".encode())
        return "OK done"

    def opens(session: Session, _: str) -> str:
        session.say(f"* {len(listed)} EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n".encode())
        session.say(f"* OK [UIDNEXT {max(listed) + 1}] ok\r\n".encode())
        return "OK done"

    with FakeImap({"EXAMINE": opens, "SEARCH": search, "FETCH": deliver}) as fake, mailbox(fake.port) as box:
        asked, taken = [], []
        for now_listed, whole in (
            ([3], True),
            ([3, 8], False),
            ([3, 7, 8], False),
            ([3, 7, 8], True),
            ([3, 7, 8], True),
        ):
            listed[:] = now_listed
            heard = len(fake.commands("UID SEARCH"))
            of = (desk.app, box, settings(fake.port, watch_sent=False))
            taken.append(fetch(*of) + (fetch_whole(*of, FolderRole.INBOX) if whole else 0))
            asked.append([c.removeprefix("UID SEARCH UID ") for c in fake.commands("UID SEARCH")[heard:]])
    assert taken == [0, 1, 0, 1, 0]
    assert asked == [["1:*", "1:*"], ["4:*"], ["9:*"], ["9:*", "1:*"], ["9:*", "1:*"]]
    assert [(s.uid, s.state) for s in desk.rows(t.sighting)] == [(3, "before_start"), (8, "fetched"), (7, "fetched")]


def deliver(session: Session, rest: str) -> str:
    """Answers every FETCH with all that may be asked for."""
    first, _, last = rest.partition(" ")[0].partition(":")
    for uid in range(int(first), int(last or first) + 1):
        octets, name = letter(uid), f"Message-ID: <{uid}@romashka.example.ru>\r\n\r\n".encode()
        session.say(f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(octets)} ".encode())
        session.say(b'INTERNALDATE "20-Nov-2026 06:00:00 +0000" ')
        session.say(b"BODY[HEADER.FIELDS (MESSAGE-ID)] {%d}\r\n%s BODY[] {%d}\r\n" % (len(name), name, len(octets)))
        session.say(octets + b")\r\n")
    return "OK done"
