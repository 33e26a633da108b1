"""What mail cannot tell goes another way: once a day for each cause, whatever the way does, and nobody waits for it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailcase import alarm_route
from mailcase.app import Wakes
from mailcase.check import everything
from mailcase.config import Config
from mailcase.connections import Line, Sender, Watcher
from mailcase.mail.smtp import Deferred
from tests.fake_mailbox import FakeMailbox
from tests.lab import Lab
from tests.letters import MONDAY, config, raw
from tests.servers.sink import Sink
from tests.test_daemon import FullDisk, Waits
from tests.test_loops import routed
from tests.town import wait_for

SAVE = "import pathlib, sys; pathlib.Path(sys.argv[1]).open('a').write(sys.stdin.read())"
"""A program of the operator's that keeps what it gets."""


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def told(path: Path, count: int = 1) -> list[str]:
    wait_for(lambda: len(lines(path)) >= count, f"{count} lines in {path.name}")
    return lines(path)


def lab_config(folder: Path, **alarm: Any) -> Config:
    return config(alarm={"file": folder / "alarms.log", **alarm})


def test_a_cause_is_told_once_a_day(tmp_path: Path) -> None:
    given = lab_config(tmp_path)
    for hours in (0, 1, 5):
        alarm_route.tell(given, "smtp", MONDAY + timedelta(hours=hours), "Письма\nне уходят.")
    alarm_route.tell(given, "storage:lab", MONDAY, "Письма не записываются.")
    told(tmp_path / "alarms.log", 2)
    alarm_route.tell(given, "smtp", MONDAY + timedelta(days=1), "Письма не уходят.")
    said = sorted(told(tmp_path / "alarms.log", 3))
    assert said[0] == "2026-11-23 12:00:00 smtp: Письма не уходят."
    assert said[1].endswith("storage:lab: Письма не записываются.")
    assert said[2].startswith("2026-11-24")


def test_a_restart_does_not_tell_again(tmp_path: Path) -> None:
    """Another process reads in the file what the one before has told."""
    program = [sys.executable, "-c", SAVE, str(tmp_path / "sent.txt")]
    first, second = (lab_config(tmp_path, command=program, timeout=f"{n}s") for n in (20, 21))
    alarm_route.tell(first, "smtp", MONDAY, "Письма не уходят.")
    told(tmp_path / "sent.txt")
    # What a process remembers is kept for each configuration of the route: this one remembers nothing.
    alarm_route.tell(second, "smtp", MONDAY, "Письма не уходят.")
    alarm_route.tell(second, "storage:lab", MONDAY, "Письма не записываются.")
    assert [line[20:24] for line in told(tmp_path / "sent.txt", 2)] == ["smtp", "stor"]
    assert len(lines(tmp_path / "alarms.log")) == 2


def test_the_operators_program_gets_the_text_and_none_of_our_passwords(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILCASE_SECRET", "a secret of tests only")
    look = "import os; print(*[n for n in os.environ if n.startswith('MAILCASE')], file=open(sys.argv[1], 'a'))"
    given = lab_config(tmp_path, command=[sys.executable, "-c", f"{SAVE}\n{look}", str(tmp_path / "sent.txt")])
    alarm_route.tell(given, "smtp", MONDAY, "Письма не уходят.")
    assert told(tmp_path / "sent.txt", 2) == ["2026-11-23 12:00:00 smtp: Письма не уходят.", ""]


@pytest.mark.parametrize(
    ("command", "failure"),
    [
        (["/nowhere/sms"], "FileNotFoundError"),
        ([sys.executable, "-c", "raise SystemExit(3)"], "CalledProcessError"),
        ([sys.executable, "-c", "import time; time.sleep(60)"], "TimeoutExpired"),
    ],
)
def test_a_program_that_fails_or_hangs_is_only_logged_and_nobody_waits_for_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, command: list[str], failure: str
) -> None:
    began = time.monotonic()
    alarm_route.tell(lab_config(tmp_path, command=command, timeout="1s"), "smtp", MONDAY, "Письма не уходят.")
    assert time.monotonic() - began < 0.5
    wait_for(lambda: failure in caplog.text, failure)
    assert command[-1] not in caplog.text


def test_where_no_file_can_be_written_the_program_and_the_log_still_hear_of_it_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    program = [sys.executable, "-c", SAVE, str(tmp_path / "sent.txt")]
    given = config(alarm={"file": tmp_path / "gone" / "alarms.log", "command": program})
    for _ in range(5):
        alarm_route.tell(given, "storage:lab", MONDAY, "Письма не записываются.")
    assert len(told(tmp_path / "sent.txt")) == 1
    assert "takes no line" in caplog.text
    assert "Письма не записываются." in caplog.text


# Who tells


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink.start() as running:
        yield running


@pytest.mark.req("C90")
def test_that_no_letter_leaves_for_a_quarter_of_an_hour_is_told_without_a_letter(lab: Lab, sink: Sink) -> None:
    sink.answer("CONNECT", "421 4.3.2 busy")
    lab.postman.answers = [Deferred("away", connection=True)]
    lab.arrive(raw())
    sender = Sender(lab.app, Line(config(smtp={"host": sink.host, "port": sink.port, "tls": "none"}).smtp))
    for _ in range(30):
        lab.now += timedelta(minutes=1)
        sender.step()
    assert routed(lab) == ["smtp"]
    assert "не уходят с 23.11.2026 12:0" in lines(tell_file(lab))[0]


def tell_file(lab: Lab) -> Path:
    assert lab.app.config.alarm.file is not None
    return lab.app.config.alarm.file


def watched(lab: Lab, **change: Any) -> Watcher:
    lab.app = replace(lab.app, wake=Wakes(stop=Waits()), **change)
    mailbox = FakeMailbox()
    watcher = Watcher(lab.app, lab.app.config.mailbox[0], mailbox)  # type: ignore[arg-type]
    watcher.step()
    mailbox.boxes["INBOX"].add(raw())
    return watcher


def test_a_disk_that_takes_no_letters_is_told_by_both_routes(lab: Lab) -> None:
    watcher = watched(lab, raw=FullDisk(lab.app.raw.folder))
    for _ in range(6):
        watcher.step()
    assert routed(lab) == ["storage:lab"]
    assert [row.template for row in lab.outbox()] == ["alarm"]


def test_a_database_that_takes_nothing_is_told_by_the_other_route(lab: Lab) -> None:
    watcher = watched(lab)
    with lab.app.db.tx() as tx:
        for table in ("mail", "sighting", "outbox"):
            refuse = f"CREATE TRIGGER deny_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END"
            tx.exec_driver_sql(refuse)
    for _ in range(6):
        watcher.step()
    assert routed(lab) == ["storage:lab"]
    assert lab.outbox() == []


def test_the_breaker_is_told_by_the_other_route_without_a_name_of_a_client(tmp_path: Path) -> None:
    lab = Lab(tmp_path, budget={"per_hour": 1})
    for n in range(3):
        lab.arrive(raw(f"Просим КП {n}", sender=f"К <c{n}@h{n}.example.ru>", message_id=f"<{n}@h{n}.example.ru>"))
    assert routed(lab) == ["breaker"]
    (line,) = lines(tell_file(lab))
    assert "mailcase resend --held budget" in line
    assert "@" not in line
    assert datetime.fromisoformat(line[:19]) >= datetime(2026, 11, 23, 12, 0)  # noqa: DTZ001  # local, as people read it


def test_check_says_where_alarms_go_and_what_is_wrong_with_it(tmp_path: Path) -> None:
    def found(**alarm: Any) -> list[str]:
        lab = Lab(tmp_path, alarm=alarm)
        return [
            f"{finding.level} {finding.said}"
            for finding in everything(lab.app, servers=False)
            if finding.what == "alarms"
        ]

    assert found() == [f"ok what mail cannot tell goes to {tmp_path / 'alarms.log'}"]
    assert "no such program" in found(command=["/nowhere/sms"])[0]
    assert "cannot write it" in found(file=tmp_path / "gone" / "alarms.log")[0]
    assert found(file="") == ["warning nobody hears of what mail cannot tell; name alarm.file or alarm.command"]
