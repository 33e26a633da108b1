"""The daemon for years: what fails is asked ever more rarely, is told once, and stops nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from mailcase import daemon
from mailcase.app import Wakes, clock
from mailcase.config import OAuth
from mailcase.connections import Line, Sender, Tidier, Watcher
from mailcase.mail.mailbox import MailboxDown, MailboxRefused
from mailcase.mail.oauth import token_source
from mailcase.reports.register_page import FILE
from mailcase.stations.handle import handle
from mailcase.store import intake
from mailcase.store import tables as t
from mailcase.store.intake import Arrival
from mailcase.store.raw import RawStore
from mailcase.words import EventType, FolderRole, MailcaseError
from tests.fake_mailbox import FakeMailbox
from tests.lab import Lab
from tests.letters import LAB, config, raw
from tests.servers.sink import Sink
from tests.servers.tokens import CLIENT_ID, CLIENT_SECRET, Tokens
from tests.town import wait_for


class Waits(threading.Event):
    """A stop that never comes; whoever waits for it goes on at once, and how long he would have waited is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        if timeout is not None:
            self.seconds.append(timeout)
        return self.is_set()


class FullDisk(RawStore):
    """Nothing can be written."""

    def put(self, raw: bytes) -> str:
        raise OSError(28, "No space left on device")


class Hasty(FakeMailbox):
    """Every pass is good, and the server hangs up as soon as somebody waits."""

    def idle(self, timeout: timedelta, stop: threading.Event) -> bool:
        self.close()
        raise MailboxDown("BYE")


class Locked(Hasty):
    """The password is refused at every other login."""

    def connect(self) -> None:
        super().connect()
        if self.logins % 2:
            self.close()
            raise MailboxRefused("login refused")


def watched(lab: Lab, mailbox: FakeMailbox, **change: Any) -> tuple[Watcher, Waits]:
    waits = Waits()
    lab.app = replace(lab.app, wake=Wakes(stop=waits), **change)
    return Watcher(lab.app, lab.app.config.mailbox[0], mailbox), waits  # type: ignore[arg-type]


def alarms(lab: Lab, about: str) -> list[str]:
    return [row.key for row in lab.outbox() if row.key.startswith(f"alarm:{about}:")]


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def grow(seconds: list[float]) -> bool:
    """From about one second to about five minutes, each with jitter."""
    return seconds[0] < 2 and seconds[-1] > 200 and all(b > a for a, b in pairwise(seconds[:7]))


def test_a_full_disk_is_tried_ever_more_rarely_and_somebody_is_told_once(lab: Lab) -> None:
    mailbox = FakeMailbox()
    watcher, _ = watched(lab, mailbox)
    watcher.step()
    mailbox.boxes["INBOX"].add(raw())
    watcher, waits = watched(lab, mailbox, raw=FullDisk(lab.app.raw.folder))
    for _ in range(12):
        watcher.step()
    assert grow(waits.seconds)
    (key,) = alarms(lab, "storage")
    draft = next(row.draft for row in lab.outbox() if row.key == key)
    assert "Письма не записываются на диск" in draft
    assert "No space left on device" in draft


def test_a_database_that_takes_not_even_the_alarm_ends_no_thread(lab: Lab) -> None:
    mailbox = FakeMailbox()
    watcher, waits = watched(lab, mailbox)
    with lab.app.db.tx() as tx:
        for table in ("folder", "outbox"):
            refuse = f"CREATE TRIGGER deny_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            tx.exec_driver_sql(refuse)
    for _ in range(12):
        assert watcher.step() is False
    assert grow(waits.seconds)


def test_a_server_that_hangs_up_after_every_good_pass_is_not_dialled_every_second(lab: Lab) -> None:
    watcher, waits = watched(lab, Hasty())
    for _ in range(12):
        watcher.step()
    assert grow(waits.seconds)


def test_a_login_that_is_refused_again_and_again_is_told_once_a_day(lab: Lab) -> None:
    watcher, _ = watched(lab, Locked())
    for _ in range(8):
        lab.now += timedelta(minutes=5)
        watcher.step()
    assert len(alarms(lab, "fetch")) == 1
    lab.now += timedelta(days=1)
    for _ in range(3):
        watcher.step()
    assert len(alarms(lab, "fetch")) == 2


def test_tidying_backs_off_like_fetching(lab: Lab) -> None:
    class Down(FakeMailbox):
        def connect(self) -> None:
            raise MailboxDown("no route to host")

    waits = Waits()
    lab.arrive(raw())
    app = replace(lab.app, wake=Wakes(stop=waits))
    tidier = Tidier(app, app.config.mailbox[0], Down())  # type: ignore[arg-type]
    for _ in range(12):
        tidier.step()
    assert grow(waits.seconds)


def test_a_step_that_fails_again_and_again_is_never_repeated_without_a_pause(lab: Lab) -> None:
    """Also a bug, and also where the loop itself has no pause."""
    waits = Waits()
    app = replace(lab.app, wake=Wakes(stop=waits))
    steps = 0

    def broken() -> bool:
        nonlocal steps
        steps += 1
        if steps == 10:
            waits.set()
        raise (MailcaseError("known") if steps % 2 else ZeroDivisionError("a bug"))

    daemon._endless(app, "broken", broken, threading.Event(), 0.0)
    assert waits.seconds == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink.start() as running:
        yield running


def queue(lab: Lab, count: int) -> None:
    """Letters to clients and employees that wait to be sent; none was tried."""
    for n in range(count):
        letter = raw(f"Просим КП, позиция {n}", sender=f"К <c{n}@h{n}.example.ru>", message_id=f"<m{n}@h{n}.ru>")
        arrival = Arrival(lab.app.raw.put(letter), len(letter), f"lab/INBOX/1/{n}", FolderRole.INBOX, lab.now, lab.now)
        with lab.app.db.tx() as tx:
            intake.enter(tx, arrival)
    while handle(lab.app):
        pass


def alarm_events(lab: Lab) -> list[str]:
    with lab.app.db.read() as view:
        return list(view.execute(sa.select(t.event.c.detail).where(t.event.c.type == EventType.ALARM)).scalars())


@pytest.mark.req("C90")
def test_a_server_that_is_away_costs_no_letter_a_try_but_the_one_that_is_tried(
    lab: Lab, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    """Forty minutes, a look every second: a dozen dials, one line at once, one alarm in the record; then all leaves."""
    queue(lab, 15)
    sink.answer("CONNECT", "421 4.3.2 busy")
    sender = Sender(lab.app, Line(config(smtp={"host": sink.host, "port": sink.port, "tls": "none"}).smtp))
    for _ in range(2400):
        lab.now += timedelta(seconds=1)
        sender.step()
    assert 9 <= sink.connections <= 16
    assert sum(row.tries for row in lab.outbox()) == sink.connections
    assert [row.tries for row in lab.outbox()].count(0) >= 15
    assert len([r for r in caplog.records if r.name == "mailcase.connections"]) == 2
    (event,) = alarm_events(lab)
    assert '"key":"smtp"' in event
    sink.behave()
    for _ in range(60):
        lab.now += timedelta(minutes=5)
        while sender.step():
            pass
    assert {row.status for row in lab.outbox()} == {"sent"}
    assert len(sink.letters) == len(lab.outbox())


def test_a_clock_that_was_set_back_does_not_stop_the_sending(lab: Lab, sink: Sink) -> None:
    queue(lab, 2)
    sink.answer("CONNECT", "421 4.3.2 busy", times=1)
    sender = Sender(lab.app, Line(config(smtp={"host": sink.host, "port": sink.port, "tls": "none"}).smtp))
    sender.step()
    lab.now -= timedelta(hours=2)
    with lab.app.db.tx() as tx:
        tx.execute(sa.update(t.outbox).values(next_try_at=None))
    sender.step()
    assert len(sink.letters) == 4


def test_a_refresh_token_that_mailbox_and_smtp_share_is_rotated_by_either(tmp_path: Path) -> None:
    """The provider takes every token once: what one got, the other must use."""
    provider = Tokens.start()
    try:
        oauth = {"token_url": provider.token_url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        oauth["refresh_token"] = provider.issue(LAB)
        way = {"host": "127.0.0.1", "user": LAB, "tls": "none", "auth": "xoauth2", "oauth": oauth}
        app = Lab(tmp_path, mailbox=[{"name": "lab", **way}], smtp=way).app
        users = [*app.config.mailbox, app.config.smtp]
        for start in range(2):
            for settings in users:
                # Made anew each time, as by a restart.
                source = token_source(settings, f"{start}", app.token_store(settings.oauth))
                assert source is not None
                assert provider.access[source()] == LAB
    finally:
        provider.stop()


def test_another_token_in_the_configuration_has_a_place_of_its_own(tmp_path: Path) -> None:
    app = Lab(tmp_path).app
    first, second = (OAuth(token_url="https://id.example.org/t", refresh_token=SecretStr(x)) for x in "ab")
    app.token_store(first)[1]("rotated")
    assert [app.token_store(oauth)[0]() for oauth in (first, second)] == ["rotated", ""]


def test_a_change_right_after_the_page_was_written_is_on_it_seconds_later(tmp_path: Path) -> None:
    """The page is not written twice within two seconds; who changed something then does not wait for the timer."""
    lab = Lab(tmp_path, page={"folder": tmp_path / "page"})
    app = replace(lab.app, now=clock)
    page = tmp_path / "page" / FILE
    loop = threading.Thread(target=daemon._endless, args=(app, "page", lambda: daemon._page(app), app.wake.page, 600.0))
    loop.start()
    try:
        lab.arrive(raw())
        wait_for(lambda: page.exists() and "KM-" in page.read_text(encoding="utf-8"), "the first case")
        before = len(lab.cases())
        lab.arrive(raw("Просим КП на поверку весов", sender="Б <b@x.example.ru>", message_id="<2@x.example.ru>"))
        assert len(lab.cases()) == before + 1
        wait_for(lambda: lab.cases()[-1].tag in page.read_text(encoding="utf-8"), "the second case")
    finally:
        app.wake.halt()
        loop.join()
