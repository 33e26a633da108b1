"""Several workers on one PostgreSQL share the letters: none lost, none doubled, what belongs together in one case."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase import daemon, jobs
from mailcase.app import App
from mailcase.mail.letter import header_ids
from mailcase.stations.handle import handle
from mailcase.store import events, intake, numbers
from mailcase.store import tables as t
from mailcase.store.db import Database
from mailcase.store.intake import Arrival
from mailcase.words import DropReason, FolderRole, MailcaseError, MailStatus, Outcome
from tests.cli import CONFIG
from tests.lab import Lab
from tests.letters import config, raw
from tests.servers.postgres import Postgres
from tests.town import wait_for

pytestmark = pytest.mark.postgres
PAIRS = 200


class Workers:
    """Any number of Apps on one database, as processes would have them; the first one enters the letters."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.store = {"url": url, "raw": folder / "raw"}
        self.budget = {"per_domain_day": 10_000, "per_hour": 10_000}
        self.made: list[App] = []
        self.first = self.app()
        self.first.prepare()

    def app(self) -> App:
        self.made.append(App.build(config(store=self.store, budget=self.budget)))
        return self.made[-1]

    def close(self) -> None:
        for app in self.made:
            app.db.close()

    def enter(self, letters: list[bytes]) -> list[int]:
        """One commit, as of a fetched batch; the ids in the ledger."""
        app, now = self.first, self.first.now()
        entered = []
        with app.db.tx() as tx:
            for letter in letters:
                message_id, ids = header_ids(letter)
                arrival = Arrival(
                    app.raw.put(letter), len(letter), "x", FolderRole.INBOX, now, now, message_id=message_id, ids=ids
                )
                entered.append(intake.enter(tx, arrival)[0])
        return entered

    def arrive(self, letters: list[tuple[int, bytes]]) -> list[tuple[int, int]]:
        """As `enter`, of letters that belong to a pair: (pair, id in the ledger)."""
        entered = self.enter([letter for _, letter in letters])
        return [(n, mail_id) for (n, _), mail_id in zip(letters, entered, strict=True)]

    def handled_by(self, count: int) -> None:
        """That many workers, each with an App of its own, until no letter is new."""
        at_once([partial(self._work, self.app()) for _ in range(count)])

    def _work(self, app: App) -> None:
        wait_for(lambda: not handle(app) and self.new() == 0, "every letter handled", 120)

    def new(self) -> int:
        with self.first.db.read() as view:
            waits = t.mail.c.status == MailStatus.NEW
            return view.execute(sa.select(sa.func.count()).where(waits)).scalar_one()

    def ledger(self) -> dict[int, sa.Row]:
        with self.first.db.read() as view:
            return {row.id: row for row in view.execute(sa.select(t.mail))}

    def sound(self) -> None:
        """Numbers dense, chains whole, and no letter needed a second try."""
        with self.first.db.read() as view:
            assert numbers.gaps(view) == []
            assert events.verify(view) == []
        assert {(row.tries, row.deaths, row.error) for row in self.ledger().values()} == {(0, 0, None)}


def at_once(work: list[Callable[[], object]]) -> None:
    """Run all of it in threads that start together; what one of them raises is raised here."""
    ready, failed = threading.Barrier(len(work)), []

    def run(task: Callable[[], object]) -> None:
        ready.wait()
        try:
            task()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(task,)) for task in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


@pytest.fixture
def workers(postgres: Postgres, tmp_path: Path) -> Iterator[Workers]:
    made = Workers(postgres.url(), tmp_path)
    yield made
    made.close()


def pair(n: int) -> list[bytes]:
    """A letter and its own follow-up, which came in with it."""
    sender = f"Клиент {n} <c{n}@h{n}.example.ru>"
    first = raw(f"Просим КП на калибровку {n} манометров.", sender=sender, message_id=f"<{n}@h{n}.example.ru>")
    named = {"message_id": f"<{n}-2@h{n}.example.ru>", "in_reply_to": f"<{n}@h{n}.example.ru>"}
    return [first, raw(f"Забыли приложить реквизиты, заявка {n}.", sender=sender, **named)]


def mixed() -> list[tuple[int, bytes]]:
    """All pairs, each follow-up up to twenty places behind its letter: most are claimed by different workers."""
    chance = random.Random(7)
    behind = [(0.0, chance.uniform(0, 20)) for _ in range(PAIRS)]
    placed = [(n + place, n, letter) for n in range(PAIRS) for letter, place in zip(pair(n), behind[n], strict=True)]
    return [(n, letter) for _, n, letter in sorted(placed)]


def one_case_each(workers: Workers, arrived: list[tuple[int, int]]) -> None:
    """Letter and follow-up of each pair are in the same case, and there are as many cases as pairs."""
    ledger, pairs = workers.ledger(), defaultdict(list)
    for n, mail_id in arrived:
        pairs[n].append(mail_id)
    for letter, follow_up in pairs.values():
        assert (ledger[letter].outcome, ledger[follow_up].outcome) == (Outcome.NEW_CASE, Outcome.FOLLOW_UP)
        assert ledger[letter].case_id == ledger[follow_up].case_id is not None
    assert len({row.case_id for row in ledger.values()}) == len(pairs) == PAIRS
    workers.sound()


@pytest.mark.req("C80")
def test_a_letter_and_its_own_follow_up_end_in_one_case_with_three_workers(workers: Workers) -> None:
    arrived = workers.arrive(mixed())
    workers.handled_by(3)
    one_case_each(workers, arrived)


@pytest.mark.req("C80")
def test_a_letter_and_its_own_follow_up_end_in_one_case_with_two_processes(workers: Workers) -> None:
    """`mailcase run --stations handle`, twice; the letters come while both wait, and both are woken for them."""
    processes = [Process(workers.url, workers.folder, n, "run", "--stations", "handle") for n in (1, 2)]
    try:
        for process in processes:
            wait_for(lambda log=process.log: "mailcase runs" in log.read_text(), "the process is up")
        arrived = workers.arrive(mixed())
        wait_for(lambda: workers.new() == 0, "every letter handled", 120)
    finally:
        codes = [process.stop() for process in processes]
    one_case_each(workers, arrived)
    handled = [process.log.read_text().count("handle mail=") for process in processes]
    assert codes == [0, 0]
    assert min(handled) > 0
    assert sum(handled) == 2 * PAIRS


class Process:
    """A real process on that database; raw letters lie in the folder."""

    def __init__(self, url: str, folder: Path, n: int, *command: str) -> None:
        file = folder / "config.toml"
        file.write_text(_CONFIG)
        self.log = folder / f"daemon{n}.log"
        program = Path(sys.executable).parent / "mailcase"
        secrets = {"SECRET": "a secret of tests only", "MAILBOX_LAB_PASSWORD": "x", "DATABASE_URL": url}
        environ = {**os.environ, **{f"MAILCASE_{name}": value for name, value in secrets.items()}}
        with self.log.open("w") as log:
            words = [program, "--config", file, *command]
            self.process = subprocess.Popen(words, env=environ, stdout=log, stderr=log)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(30)


_CONFIG = f"{CONFIG}[budget]\nper_domain_day = 10000\nper_hour = 10000\n"


@pytest.mark.req("C49")
def test_the_same_letter_by_two_routes_is_one_case(workers: Workers) -> None:
    """Equal but for what the servers on its way wrote; one without a Message-ID has only its content to be known by."""
    letters = []
    for n in range(40):
        message_id = f"<{n}@h{n}.example.ru>" if n % 4 else ""
        text = raw(f"Просим КП, позиция {n}", sender=f"К <c{n}@h{n}.example.ru>", message_id=message_id)
        letters += [text, text.replace(b"by mx.cleanmet.ru", b"by backup.cleanmet.ru")]
    ids = workers.enter(letters)
    assert len(set(ids)) == 80
    workers.handled_by(2)
    became = Counter((row.outcome, row.drop_reason) for row in workers.ledger().values())
    assert became == {(Outcome.NEW_CASE, None): 40, (Outcome.DROP, DropReason.DUPLICATE): 40}
    workers.sound()


def test_processes_that_start_at_once_on_an_empty_database_all_come_up(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.url()
    started = [Process(url, tmp_path, n, "upgrade") for n in range(3)]
    codes = [process.process.wait(60) for process in started]
    assert codes == [0, 0, 0], started[0].log.read_text()
    db = Database(url)
    with db.read() as view:
        assert view.execute(sa.select(t.employee.c.login, t.employee.c.founding)).all() == [("petrova", True)]
    db.close()


@pytest.mark.req("A28")
def test_two_schedulers_that_tick_at_once_run_each_slot_once(postgres: Postgres, tmp_path: Path) -> None:
    store = {"url": postgres.url(), "raw": tmp_path / "raw"}
    labs = [Lab(tmp_path, store=store) for _ in range(3)]
    ran: list[str] = []
    for lab in labs:
        lab.now = lab.now.replace(day=24)
    at_once([lambda lab=lab: ran.extend(jobs.tick(lab.app)) for lab in labs])
    for lab in labs:
        lab.app.db.close()
    assert Counter(ran)["digest"] == 1
    assert set(Counter(ran).values()) == {1}


@pytest.mark.parametrize("stations", [daemon.STATIONS, ("handle",)])
def test_on_sqlite_a_second_process_is_refused_whatever_its_stations(tmp_path: Path, stations: tuple[str, ...]) -> None:
    first, second = Lab(tmp_path), Lab(tmp_path)
    with (
        daemon.only_process(first.app),
        pytest.raises(MailcaseError, match=r"another mailcase runs on .*PostgreSQL"),
    ):
        daemon.run(second.app, stations, signals=False)


def test_a_station_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MailcaseError, match="choose from fetch, handle, send, tidy"):
        daemon.run(Lab(tmp_path).app, ["fetch", "sned"], signals=False)
