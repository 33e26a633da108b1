"""A station that stalls is told of by the route past mail; a long queue, a night's sleep or an outage is no stall."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase import alarm_route, daemon
from mailcase.mail.smtp import Deferred
from mailcase.stations.handle import handle
from mailcase.stations.send import send
from mailcase.stations.stall_alarm import StallAlarm
from mailcase.store import tables as t
from tests.lab import Lab
from tests.letters import raw
from tests.test_loops import routed

HOUR = 12
"""Looks in an hour."""


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def watch(lab: Lab, looks: int, alarm: StallAlarm | None = None, meanwhile: Callable[[], object] = int) -> StallAlarm:
    """The clock ticks so many times; `meanwhile` is what the stations do."""
    alarm = alarm or StallAlarm(lab.app)
    for _ in range(looks):
        lab.now += timedelta(minutes=5)
        meanwhile()
        alarm.look()
    return alarm


def told(lab: Lab) -> str:
    assert lab.app.config.alarm.file is not None
    return lab.app.config.alarm.file.read_text(encoding="utf-8")


def test_letters_that_nobody_handles_are_told_of_once_a_day_by_both_routes(lab: Lab) -> None:
    def sends() -> None:
        send(lab.app, lab.postman)  # type: ignore[arg-type]  # the seam of the real Smtp

    lab.enter(raw())
    alarm = watch(lab, HOUR, meanwhile=sends)
    assert routed(lab) == []
    watch(lab, HOUR, alarm, sends)
    assert routed(lab) == ["handle"]
    assert "Письма не разбираются: первое из них ждёт с 23.11.2026 12:00" in told(lab)
    assert "@" not in told(lab)
    assert [sent.subject for sent in lab.to("smirnova@cleanmet.ru")] == [
        "Внимание: письма не разбираются: первое из них ждёт с 23.11.2026 12:00"
    ]
    lab.now += timedelta(hours=20)
    watch(lab, HOUR + 2, alarm, sends)
    assert routed(lab) == ["handle", "handle"]


def test_letters_that_nobody_sends_are_told_of_without_a_letter(lab: Lab) -> None:
    lab.enter(raw())
    handle(lab.app)
    queued = len(lab.outbox())
    watch(lab, 3 * HOUR)
    assert (routed(lab), len(lab.outbox())) == (["smtp"], queued)
    assert "Письма не уходят: первое из них ждёт с 23.11.2026 12:00" in told(lab)


def test_the_span_is_configured(tmp_path: Path) -> None:
    lab = Lab(tmp_path, alarm={"stalled": "1m"})
    lab.enter(raw())
    lab.now += timedelta(minutes=5)
    alarm = StallAlarm(lab.app)
    assert [alarm.look() for _ in range(3)] == [False] * 3
    lab.now += timedelta(minutes=1)
    assert alarm.look()
    assert routed(lab) == ["handle"]


def test_what_works_is_no_stall_however_long_the_queue_is(lab: Lab) -> None:
    for n in range(25):
        lab.enter(raw(f"Просим КП {n}", message_id=f"<{n}@x>"))

    def one_at_a_time() -> None:
        with lab.app.db.read() as view:
            oldest = view.execute(sa.select(sa.func.min(t.mail.c.id)).where(t.mail.c.status == "new")).scalar()
        handle(lab.app, only=[oldest or 0])

    watch(lab, 24, meanwhile=one_at_a_time)
    assert "handle" not in routed(lab)


def test_what_waits_for_its_time_is_no_stall(lab: Lab) -> None:
    """An answer of which the writer may still think better, and one that the server wants later."""
    lab.postman.answers = [Deferred("450 4.2.1 later")]
    lab.arrive(raw())
    with lab.app.db.tx() as tx:
        later = lab.now + timedelta(days=1)
        tx.execute(sa.update(t.outbox).where(t.outbox.c.status == "queued").values(next_try_at=later))
    watch(lab, 3 * HOUR)
    assert routed(lab) == []


def test_one_recipient_who_is_deferred_again_and_again_is_no_stall(lab: Lab) -> None:
    """His mailbox is full: each time the letter is due, and tried a moment after the clock has looked."""
    lab.enter(raw())
    handle(lab.app)
    alarm, tries = StallAlarm(lab.app), 0
    for _ in range(3 * 60):
        lab.now += timedelta(minutes=1)
        assert not alarm.look()
        lab.postman.answers = [Deferred("452 4.2.2 mailbox full")]
        while send(lab.app, lab.postman):  # type: ignore[arg-type]  # the seam of the real Smtp
            pass
        tries += not lab.postman.answers
    assert tries > 2
    assert routed(lab) == []


def test_what_waited_while_nobody_watched_gets_its_hour(lab: Lab) -> None:
    """The machine slept, or the program was stopped, over night."""
    lab.enter(raw())
    alarm = watch(lab, 2)
    lab.now += timedelta(hours=9)
    watch(lab, 1, alarm)
    watch(lab, 1)
    assert routed(lab) == []
    lab.work()
    watch(lab, 2 * HOUR, alarm)
    assert routed(lab) == []


def test_a_server_that_is_away_is_told_of_once_though_letters_wait(lab: Lab) -> None:
    alarm_route.tell(lab.app.config, "smtp", lab.now, "Письма не уходят: почтовый сервер недоступен.")
    lab.enter(raw())
    handle(lab.app)
    watch(lab, 3 * HOUR)
    assert routed(lab) == ["smtp"]
    assert "недоступен" in told(lab)


def test_the_daemons_clock_looks_at_the_queues(lab: Lab) -> None:
    lab.enter(raw())
    steps = daemon.ticks(lab.app)
    for _ in range(5):
        lab.now += timedelta(minutes=20)
        for step in steps:
            step()
    assert "handle" in routed(lab)
