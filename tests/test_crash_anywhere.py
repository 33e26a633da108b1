"""A crash at any I/O call of any station loses no letter, doubles none, and leaves no hole in a number.

A small day of mail is lived through once to count its calls; then the process dies before call n, a new one goes on
with what the dead one left, the folders are numbered anew at the end, and an independent count follows. Between two
calls nothing leaves the process, so n = 1, 2, 3 … are all the moments there are.

Every call takes a quarter of an hour on each database; the everyday run takes every `MAILCASE_CRASH_STRIDE`-th call
(211th by default), one day on which the process dies right after each effect of each function of the stations, and one
on which it dies fifty times at random. All calls, statements included, and sixty random days:

    MAILCASE_CRASH_STRIDE=1 MAILCASE_CRASH_STATEMENTS=1 pytest tests/test_crash_anywhere.py
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mailcase.store import migrations
from mailcase.store.db import Database
from tests import audit
from tests.crash import EFFECTS, Fuse, World
from tests.crash_day import day, story
from tests.servers.postgres import Postgres
from tests.servers.sink import Sink

STRIDE = int(os.environ.get("MAILCASE_CRASH_STRIDE", "211"))
STATEMENTS = bool(os.environ.get("MAILCASE_CRASH_STATEMENTS"))
SEEDS = range(1 if STRIDE > 1 else 60)
Day = Callable[..., World]
USUAL: dict[str, dict[str, Counter[Any]]] = {}
"""What the day becomes on each database when nothing crashes, once it was lived through."""


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink.start() as server:
        yield server


def _sqlite(folder: Path) -> Callable[[Path], tuple[str, Callable[[], None]]]:
    pattern = folder / "pattern.db"
    _migrate(f"sqlite:///{pattern}")

    def made(at: Path) -> tuple[str, Callable[[], None]]:
        shutil.copy(pattern, at / "world.db")
        return f"sqlite:///{at}/world.db", lambda: None

    return made


def _postgres(server: Postgres) -> Callable[[Path], tuple[str, Callable[[], None]]]:
    pattern = server.url()
    _migrate(pattern)

    def made(_: Path) -> tuple[str, Callable[[], None]]:
        # What a dead process had committed does not depend on when the server's own disk has it.
        url = server.url(like=pattern)
        return f"{url}?options=-csynchronous_commit%3Doff", lambda: server.drop(url)

    return made


def _migrate(url: str) -> None:
    db = Database(url)
    migrations.upgrade(db)
    db.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def live(request: pytest.FixtureRequest, tmp_path: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> Day:
    """Live through the day with these fuses; what is wrong afterwards fails with the crashes that led to it."""
    sqlite = request.param == "sqlite"
    made = _sqlite(tmp_path) if sqlite else _postgres(request.getfixturevalue("postgres"))

    def lived(*fuses: Fuse) -> World:
        # In memory where that is possible: a process that dies takes nothing from the disk.
        folder = Path(tempfile.mkdtemp(prefix="world-", dir="/dev/shm" if Path("/dev/shm").is_dir() else tmp_path))
        url, drop = made(folder)
        world = World(folder, url, sink, *fuses, after="mark" if sqlite else "move")
        day(world, monkeypatch)
        wrong = audit.problems(url, world.delivered, world.received, raw=folder / "raw")
        became = story(world)
        drop()
        world.end()
        assert wrong == [], f"after {world.crashes}"
        assert became == USUAL.setdefault(request.param, became), f"after {world.crashes}"
        return world

    if request.param not in USUAL:
        lived()
    return lived


@pytest.mark.req("A36", "C81", "C90", "C80")
def test_a_crash_at_any_call_changes_nothing_of_what_the_day_becomes(live: Day) -> None:
    """Every letter one outcome, every number once, every due letter out, a repeat under its id and noted."""
    whole = Fuse(statements=STATEMENTS)
    live(whole)
    for n in range(1, len(whole.calls) + 1, STRIDE):
        fuse = Fuse(n, statements=STATEMENTS)
        world = live(fuse)
        assert fuse.blown, f"call {n} of {len(whole.calls)} was never made"
        assert whole.calls[n - 1] in world.crashes[0]


@pytest.mark.req("A36", "C81", "C90")
def test_a_process_that_dies_at_each_place_in_turn_gets_through_the_same_day(live: Day) -> None:
    """Right after each effect of each function of the stations, in the order of a letter's way, three times a day."""
    whole = Fuse()
    live(whole)
    places = [place for place in dict.fromkeys(whole.places) if place not in EFFECTS]
    world = live(*(Fuse(place=place) for place in places * 3))
    missed = [place for place in places if not any(place in crash for crash in world.crashes)]
    assert missed == []


@pytest.mark.req("A36", "C90")
@pytest.mark.parametrize("seed", SEEDS)
def test_a_process_that_dies_again_and_again_gets_through_the_same_day(live: Day, seed: int) -> None:
    """Crashes after random effects, also of the start and of the recovery from the crash before."""
    dice = random.Random(seed)
    world = live(*(Fuse(after=dice.randint(1, 25)) for _ in range(60)))
    assert len(world.crashes) > 20
