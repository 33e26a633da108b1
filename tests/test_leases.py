"""Processes that come and go on one PostgreSQL: who holds what, who takes over, and that whoever overslept changes
nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from mailcase import jobs
from mailcase.alive import alive
from mailcase.connections import Watcher
from mailcase.jobs.digest import digest
from mailcase.mail.smtp import SendResult
from mailcase.reading import Inline, Read, Unreadable, Wanted
from mailcase.stations.fetch import fetch
from mailcase.stations.handle import handle
from mailcase.stations.send import send
from mailcase.stations.tidy import tidy
from mailcase.store import tables as t
from mailcase.words import EventType, LeaseLost, MailcaseError
from tests.fake_mailbox import Box, FakeMailbox
from tests.lab import Lab, Postman
from tests.letters import raw

pytestmark = pytest.mark.postgres
NINE = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def together(two: list[Lab], **span: float) -> None:
    """Time passes for both."""
    for lab in two:
        lab.now += timedelta(**span)


def shared() -> list[FakeMailbox]:
    """Two connections to one account."""
    boxes: dict[str, Box] = {"INBOX": Box(), "Sent": Box()}
    found = [FakeMailbox(), FakeMailbox()]
    for mailbox in found:
        mailbox.boxes = boxes
    return found


def pull(lab: Lab, mailbox: FakeMailbox) -> int:
    return fetch(lab.app, mailbox, lab.app.config.mailbox[0])  # type: ignore[arg-type]  # the seam of the real Mailbox


def rows(lab: Lab, table: sa.Table) -> list[sa.Row[Any]]:
    with lab.app.db.read() as view:
        return list(view.execute(sa.select(table)))


def test_one_process_watches_a_mailbox_and_the_other_takes_over_when_it_died(two: list[Lab]) -> None:
    first, second = shared()
    pull(two[0], first)
    first.boxes["INBOX"].add(raw())
    assert pull(two[1], second) == 0
    assert second.logins == 0
    together(two, seconds=59)
    assert pull(two[1], second) == 0
    together(two, seconds=2)
    assert pull(two[1], second) == 1


def test_a_living_holder_keeps_its_lease_however_long_it_waits_for_mail(two: list[Lab]) -> None:
    first, second = shared()
    pull(two[0], first)
    for _ in range(20):
        together(two, seconds=15)
        two[0].app.leases.renew()
        pull(two[1], second)
    assert second.logins == 0
    two[0].app.leases.give_back()
    pull(two[1], second)
    assert second.logins == 1


def test_a_process_that_overslept_in_the_middle_of_a_fetch_changes_nothing(two: list[Lab]) -> None:
    """Meanwhile the server renumbered: its low-water mark would have hidden letters for ever."""
    first, second = shared()
    pull(two[0], first)
    for n in range(3):
        first.boxes["INBOX"].add(raw(f"Письмо {n}", message_id=f"<{n}@x.example.ru>"))

    def sleeps() -> None:
        first.after_fetch = lambda: None
        two[1].now += timedelta(minutes=2)
        first.boxes["INBOX"].renumber()
        pull(two[1], second)

    first.after_fetch = sleeps
    before = rows(two[0], t.sighting), rows(two[0], t.folder)
    with pytest.raises(LeaseLost, match="fetch:lab"):
        pull(two[0], first)
    after = rows(two[0], t.sighting), rows(two[0], t.folder)
    assert before != after
    assert {row.uidvalidity for row in after[0] if row.mail_id} == {2}
    with pytest.raises(LeaseLost), two[0].app.db.tx() as tx:
        two[0].app.leases.fence(tx, "fetch:lab")
    assert pull(two[0], first) == 0
    assert rows(two[0], t.folder) == after[1]


def test_a_watcher_without_the_lease_hangs_up_and_stands_by(two: list[Lab]) -> None:
    first, second = shared()
    pull(two[0], first)
    watcher = Watcher(two[1].app, two[1].app.config.mailbox[0], second)  # type: ignore[arg-type]
    two[1].app.wake.stop.set()
    watcher.step()
    assert (second.logins, second.connected) == (0, False)
    together(two, minutes=2)
    watcher.step()
    assert second.connected


def test_a_process_that_cannot_reach_the_mailbox_lets_another_try(two: list[Lab]) -> None:
    class Unreachable(FakeMailbox):
        def connect(self) -> None:
            raise MailcaseError("no route to host")

    watcher = Watcher(two[0].app, two[0].app.config.mailbox[0], Unreachable())  # type: ignore[arg-type]
    halt = threading.Timer(0.2, two[0].app.wake.stop.set)
    halt.start()
    watcher.step()
    halt.join()
    assert two[1].app.leases.take("fetch:lab")


class Slow(Postman):
    """A server that takes its time; what happens meanwhile is given."""

    def __init__(self, meanwhile: Any) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    def send(self, envelope_from: str, to: list[str], raw: bytes) -> SendResult:
        result = super().send(envelope_from, to, raw)
        self.meanwhile()
        return result


def queue(lab: Lab) -> None:
    """One acknowledgement and one notice wait to be sent."""
    lab.postman = Slow(lambda: None)
    lab.arrive(raw())
    with lab.app.db.tx() as tx:
        tx.execute(sa.update(t.outbox).values(status="queued", sent_at=None))
    lab.postman.sent.clear()


def post(lab: Lab, postman: Postman) -> None:
    send(lab.app, postman)  # type: ignore[arg-type]  # the seam of the real Smtp


def resent(lab: Lab) -> int:
    return sum(row.type == EventType.RESENT for row in rows(lab, t.event))


@pytest.mark.req("C90")
def test_a_letter_that_a_living_worker_is_sending_is_not_taken(two: list[Lab]) -> None:
    queue(two[0])

    def an_hour() -> None:
        # The server is slow, and the thread of the leases renews meanwhile.
        for _ in range(12):
            together(two, minutes=5)
            two[0].app.leases.renew()
            post(two[1], others)

    others = Postman()
    mine = Slow(an_hour)
    with two[0].app.db.tx() as tx:
        tx.execute(sa.delete(t.outbox).where(t.outbox.c.audience == "staff"))
    post(two[0], mine)
    assert (len(mine.sent), others.sent, resent(two[0])) == (1, [], 0)
    assert [row.status for row in rows(two[0], t.outbox)] == ["sent"]


@pytest.mark.req("C90")
def test_a_worker_that_overslept_while_sending_changes_nothing(two: list[Lab]) -> None:
    """The letter may have left twice, under one Message-ID; the repeat is in the record, and one sender settles it."""
    queue(two[0])
    others = Postman()

    def overslept() -> None:
        mine.meanwhile = lambda: None
        two[1].now += timedelta(minutes=16)
        # A row that was claimed and never came back is claimed alone.
        for _ in range(3):
            post(two[1], others)

    mine = Slow(overslept)
    events_before = len(rows(two[0], t.event))
    post(two[0], mine)
    assert (len(mine.sent), len(others.sent)) == (1, 2)
    assert mine.sent[0].id in {letter.id for letter in others.sent}
    assert resent(two[0]) == 1
    # One "sent" or "acknowledged" a letter, beside the repeat: the first sender has written nothing.
    assert len(rows(two[0], t.event)) == events_before + 3
    assert {(row.status, row.tries, row.leased_until) for row in rows(two[0], t.outbox)} == {("sent", 0, None)}


def test_a_worker_that_overslept_while_handling_changes_nothing(
    two: list[Lab], caplog: pytest.LogCaptureFixture
) -> None:
    """Its lease ended while it read; the other one handles the letter, and of the first one's work nothing stays."""
    tables = (t.mail, t.cases, t.event, t.outbox)
    after: list[Any] = []

    class Sleeps(Inline):
        def read(self, wanted: Sequence[Wanted]) -> Iterator[Read | Unreadable]:
            for reading in super().read(wanted):
                two[1].now += timedelta(minutes=6)
                assert handle(two[1].app)
                after.append([rows(two[1], table) for table in tables])
                yield reading

    object.__setattr__(two[0].app, "reader", Sleeps(two[0].app.config))
    two[0].enter(raw())
    assert handle(two[0].app)
    assert [[rows(two[0], table) for table in tables]] == after
    assert "claim 1 was taken over" in caplog.text
    assert len(two[0].cases()) == 1
    (mail,) = rows(two[0], t.mail)
    assert (mail.outcome, mail.tries, mail.error) == ("new_case", 0, None)


def test_a_scheduler_that_overslept_its_slot_changes_nothing(two: list[Lab]) -> None:
    two[0].arrive(raw())
    for lab in two:
        lab.now = NINE
    at = NINE.astimezone(two[0].app.config.calendar.zone)
    old = jobs.claim_slot(two[0].app, "digest", at, at - timedelta(days=1))
    assert old is not None
    assert "digest" not in jobs.tick(two[1].app)
    two[1].now += timedelta(minutes=11)
    assert "digest" in jobs.tick(two[1].app)
    before = rows(two[0], t.outbox), rows(two[0], t.job_run)
    with pytest.raises(LeaseLost, match="job digest"):
        digest(two[0].app, old)
    assert (rows(two[0], t.outbox), rows(two[0], t.job_run)) == before


def test_two_that_tidy_one_mailbox_at_once_file_each_copy_once(two: list[Lab]) -> None:
    first, second = shared()
    for n in range(3):
        two[0].arrive(raw(f"Просим КП на {n}", sender=f"К <c{n}@h{n}.example.ru>", message_id=f"<{n}@h.example.ru>"))

    class Meanwhile(FakeMailbox):
        def append(self, folder: str, raw: bytes, when: datetime) -> None:
            tidy(two[1].app, second, settings)  # type: ignore[arg-type]
            super().append(folder, raw, when)

    settings = two[0].app.config.mailbox[0]
    first = Meanwhile()
    first.boxes = second.boxes
    assert tidy(two[0].app, first, settings) == 3  # type: ignore[arg-type]
    assert (len(first.boxes["Sent"].letters), second.logins) == (3, 0)


def test_the_monitor_sees_what_any_process_does(two: list[Lab]) -> None:
    first, _ = shared()
    pull(two[0], first)
    two[0].arrive(raw())
    two[1].now = two[0].now
    assert alive(two[1].app).well
    together(two, minutes=16)
    assert not alive(two[1].app).well
