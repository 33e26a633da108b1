"""What processes on one PostgreSQL tell each other: that there is work, and what time it is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase.app import App
from mailcase.store import tables as t
from mailcase.store.clock import DatabaseClock
from mailcase.store.db import Database
from mailcase.store.listen import Listener
from mailcase.words import MailcaseError
from tests.lab import Lab
from tests.letters import config, raw
from tests.servers.postgres import Postgres
from tests.town import wait_for

pytestmark = pytest.mark.postgres


@pytest.fixture
def heard(two: list[Lab]) -> Iterator[tuple[Lab, Lab, Listener]]:
    """(who listens, who commits, the listener); every event is clear."""
    listens, commits = two
    listener = Listener(listens.app.db, listens.app.wake.by_station())
    listener.step()
    forget(listens)
    yield listens, commits, listener
    listener.close()


def forget(lab: Lab) -> None:
    for event in lab.app.wake.by_station().values():
        event.clear()


def woken(lab: Lab, listener: Listener) -> set[str]:
    """The stations that are woken within a second or two."""
    listener.step()
    return {name for name, event in lab.app.wake.by_station().items() if event.is_set()}


def test_a_commit_wakes_the_stations_of_other_processes(heard: tuple[Lab, Lab, Listener]) -> None:
    listens, commits, listener = heard
    commits.arrive(raw())
    assert woken(listens, listener) == {"handle", "send", "tidy", "page"}


def test_what_is_rolled_back_wakes_nobody_and_nobody_wakes_himself(heard: tuple[Lab, Lab, Listener]) -> None:
    listens, commits, listener = heard
    listens.arrive(raw())
    # Its own stations have woken each other without the database.
    forget(listens)
    with contextlib.suppress(ZeroDivisionError), commits.app.db.tx() as tx:
        tx.execute(sa.update(t.outbox).values(status="queued"))
        raise ZeroDivisionError
    assert woken(listens, listener) == set()


def test_a_listener_that_lost_its_connection_comes_back_and_lets_every_station_look(
    heard: tuple[Lab, Lab, Listener],
) -> None:
    listens, commits, listener = heard
    with commits.app.db.tx() as tx:
        mine = sa.text("application_name = :name AND query LIKE 'LISTEN%'").bindparams(name=listens.app.db.name)
        ended = sa.select(sa.func.pg_terminate_backend(sa.column("pid"))).select_from(sa.text("pg_stat_activity"))
        assert tx.execute(ended.where(mine)).scalars().all() == [True]
    with pytest.raises(MailcaseError, match="timers go on"):
        listener.step()
    assert woken(listens, listener) == {"handle", "send", "tidy", "page"}


def test_the_time_is_that_of_the_database(postgres: Postgres, tmp_path: Path) -> None:
    app = App.build(config(store={"url": postgres.url(), "raw": tmp_path / "raw"}))
    with app.db.read() as view:
        before = view.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        told = app.now()
        after = view.execute(sa.text("select clock_timestamp()")).scalar_one()
    app.db.close()
    assert before - timedelta(milliseconds=50) <= told <= after + timedelta(milliseconds=50)


def test_a_database_that_is_away_stops_no_clock() -> None:
    db = Database("postgresql://mailcase@127.0.0.1:1/none")
    told = DatabaseClock(db)
    first = told()
    wait_for(lambda: told() > first, "time goes on")
