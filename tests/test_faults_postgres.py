"""The whole daemon on a PostgreSQL that locks, hangs up, stops, or commits and does not get to say so."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from mailcase.store import tables as t
from tests.remote_lab import RemoteLab, Wires, laboratory
from tests.servers.postgres import Postgres
from tests.servers.proxy import Connection, Cut, Proxy, Rule
from tests.town import wait_for

pytestmark = [pytest.mark.live, pytest.mark.postgres]
COMMIT = b"COMMIT\0"


def lost_tries(lab: RemoteLab) -> int:
    return sum(n for table in (t.mail, t.outbox) for (n,) in lab.ask(sa.select(table.c.tries)))


def on(url: str, folder: Path) -> dict[str, Any]:
    return {"url": url, "raw": folder / "raw"}


@contextlib.contextmanager
def administrator(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def test_locked_tables_are_waited_for(wires: Wires, postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.url()
    with laboratory(tmp_path, wires, store=on(url, tmp_path)) as lab, administrator(url) as admin:
        with admin.transaction():
            admin.execute("LOCK TABLE mail, outbox IN ACCESS EXCLUSIVE MODE")
            lab.deliver(3)
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            wait_for(lambda: admin.execute(waiting).fetchall()[0][0] >= 2, "two stations wait")
        lab.complete()
        assert (lost_tries(lab), lab.alarms()) == (0, [])


def test_connections_that_the_operator_ends_again_and_again_cost_nothing(
    wires: Wires, postgres: Postgres, tmp_path: Path
) -> None:
    url = postgres.url()
    with laboratory(tmp_path, wires, store=on(url, tmp_path)) as lab, administrator(url) as admin:
        ended = 0
        ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        ours += " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        while ended < 30:
            lab.deliver()
            ended += len(admin.execute(ours).fetchall())
        lab.complete(minutes=2)
        assert lost_tries(lab) == 0
        assert not [key for key in lab.alarms() if not key.startswith("storage")]


@contextlib.contextmanager
def stopped(postgres: Postgres) -> Iterator[None]:
    """The server is away for the time of the block; it comes back on the same port."""
    postgres.process.send_signal(signal.SIGINT)
    postgres.process.wait(30)
    try:
        yield
    finally:
        user = "nobody" if os.geteuid() == 0 else None
        quiet = subprocess.DEVNULL
        postgres.process = subprocess.Popen(postgres.process.args, user=user, cwd="/", stderr=quiet)
        postgres._wait()


def test_a_server_that_is_stopped_and_started_again_finds_everything_done(
    wires: Wires, postgres: Postgres, tmp_path: Path
) -> None:
    """Once with letters on their way in, once with letters on their way out."""
    with laboratory(tmp_path, wires, store=on(postgres.url(), tmp_path)) as lab:
        lab.deliver()
        lab.complete()
        with stopped(postgres):
            lab.deliver(3)
            wait_for(lambda: len(lab.app.wake.stop.of("fetch")) >= 5, "five tries")  # type: ignore[attr-defined]
        lab.complete(minutes=2)
        wires.sink.slow = 0.5
        taken = len(wires.sink.letters)
        lab.deliver(2)
        wait_for(lambda: len(wires.sink.letters) > taken, "the first one leaves")
        with stopped(postgres):
            wires.sink.slow = 0.0
        lab.complete(minutes=2)
        assert lost_tries(lab) == 0


def cut_behind_commits(word: bytes, times: int) -> Rule:
    """End the connection right behind the commit of a transaction that names a word: it stands, and nobody is told."""
    said: dict[Connection, bytes] = {}
    left = times

    def rule(connection: Connection, piece: bytes) -> Iterator[bytes]:
        nonlocal left
        whole = said.get(connection, b"") + piece
        yield piece
        if COMMIT not in piece:
            said[connection] = whole
            return
        said[connection] = b""
        if word in whole and left > 0:
            left -= 1
            raise Cut

    return rule


@pytest.mark.parametrize(
    ("word", "times"),
    [
        pytest.param(b"acknowledged", 3, id="of a receipt"),
        pytest.param(b"new_case", 3, id="of an outcome"),
        pytest.param(b"", 25, id="of anything"),
    ],
)
def test_a_commit_whose_answer_is_lost_is_not_done_twice(
    wires: Wires, postgres: Postgres, tmp_path: Path, word: bytes, times: int
) -> None:
    direct = make_url(postgres.url())
    with Proxy(direct.port or 0) as wire:
        url = direct.set(port=wire.port).render_as_string(hide_password=False)
        with laboratory(tmp_path, wires, store=on(url, tmp_path)) as lab:
            goal = wire.dials + times
            wire.up = cut_behind_commits(word, times)
            lab.deliver(6)
            wait_for(partial(dialled, lab, wire, goal), "every cut is mended")
            lab.complete(minutes=2)
            assert lost_tries(lab) == 0
            once = sa.select(t.event.c.type, t.event.c.outbox_id).where(t.event.c.outbox_id.is_not(None))
            events = Counter(lab.ask(once.where(t.event.c.type != "resent")))
            assert [event for event, number in events.items() if number > 1] == []


def dialled(lab: RemoteLab, wire: Proxy, goal: int) -> bool:
    lab.later(minutes=2)
    return wire.dials >= goal
