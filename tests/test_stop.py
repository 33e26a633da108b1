"""SIGTERM in the middle of work: the real process ends within seconds, holds nothing, and goes on where it was."""

from __future__ import annotations

import re
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("pymap", reason="the extra `demo` is not installed")

from mailcase.demo import people
from mailcase.demo.servers import HOST, DemoServers
from tests.cli import CONFIG, SECRET
from tests.letters import raw
from tests.town import Program, wait_for

LETTERS = 800
PATIENCE = 5.0
"""Seconds in which the daemon must end; systemd kills after ninety."""


@pytest.fixture
def servers() -> Iterator[DemoServers]:
    with DemoServers(people.MAILBOXES, people.PASSWORD) as running:
        yield running


@pytest.fixture
def program(servers: DemoServers, tmp_path: Path) -> Iterator[Program]:
    imap, smtp = (f"port = {port}" for port in (servers.imap_port, servers.smtp_port))
    config = CONFIG.replace("port = 9", imap, 1).replace("port = 9", smtp, 1).replace("lab@cleanmet.ru", people.LAB)
    config = re.sub(r'(?m)^email = ".*"$', f'email = "{people.MAILBOXES[1]}"', config)
    (tmp_path / "config.toml").write_text(config, encoding="utf-8")
    variables = f"MAILCASE_SECRET={SECRET}\nMAILCASE_MAILBOX_LAB_PASSWORD={people.PASSWORD}\n"
    (tmp_path / ".env").write_text(variables, encoding="utf-8")
    made = Program(tmp_path)
    yield made
    if made.process is not None:
        made.stop()


def deliver(servers: DemoServers, count: int) -> None:
    with smtplib.SMTP(HOST, servers.smtp_port, timeout=10) as client:
        client.login(people.YOU.address, people.PASSWORD)
        for n in range(count):
            letter = raw(f"Просим КП на {n} весов", message_id=f"<{n}@romashka.example.ru>")
            client.sendmail(people.YOU.address, [people.LAB], letter)


def count(program: Program, what: str) -> int:
    return int(str(program.ask(f"SELECT count(*) FROM {what}")[0][0]))


def start(program: Program) -> subprocess.Popen[bytes]:
    """Start the daemon, and do not wait for the end of its first pass."""
    with (program.folder / "daemon.log").open("ab") as log:
        command = [Path(sys.executable).parent / "mailcase", "run"]
        program.process = subprocess.Popen(command, cwd=program.folder, stderr=log, stdout=log)
    return program.process


def test_the_daemon_ends_within_seconds_in_the_middle_of_a_long_pass(servers: DemoServers, program: Program) -> None:
    program.start()
    assert program.stop() == 0
    deliver(servers, LETTERS)
    process = start(program)
    wait_for(lambda: count(program, "mail") > 0, f"the first letters\n{program.log()}")
    process.terminate()
    try:
        assert process.wait(PATIENCE) == 0
    except subprocess.TimeoutExpired:
        pytest.fail(f"it runs on after SIGTERM\n{program.log()}")
    assert 0 < count(program, "mail") < LETTERS
    assert count(program, "mail WHERE leased_until IS NOT NULL") == 0
    assert count(program, "outbox WHERE leased_until IS NOT NULL") == 0
    assert "Traceback" not in program.log()
    start(program)
    wait_for(lambda: count(program, "mail") == LETTERS, "the rest of the pass")
