"""Letters that are read already share a commit on SQLite; each fails alone, and none is lost with the commit."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mailcase.stations.handle import handle
from mailcase.store import cases
from mailcase.store import tables as t
from mailcase.store.db import Database, insert_once
from mailcase.words import StorageDown
from tests.lab import Lab, bad_sector
from tests.letters import raw
from tests.test_flow import PETROVA, reply_to_notice


def letters(count: int) -> list[bytes]:
    return [
        raw(
            f"Просим выставить КП на калибровку {n} манометров.",
            sender=f"c{n}@firm{n}.example.ru",
            message_id=f"<{n}@firm{n}>",
        )
        for n in range(1, count + 1)
    ]


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


@pytest.fixture
def commits(lab: Lab) -> list[str]:
    """Each commit of the ledger, by whoever commits."""
    told: list[str] = []
    sa.event.listen(lab.app.db.writer, "commit", lambda *_: told.append(threading.current_thread().name))
    return told


def names(db: Database) -> set[str]:
    with db.read() as view:
        return set(view.execute(sa.select(t.counter.c.name)).scalars())


def count(tx: sa.Connection, name: str) -> None:
    insert_once(tx, t.counter, {"name": name, "value": 1})


def test_of_transactions_in_one_commit_each_rolls_back_alone(database: Database) -> None:
    with database.grouped():
        with database.tx() as tx:
            count(tx, "one")
        with contextlib.suppress(ZeroDivisionError), database.tx() as tx:
            count(tx, "two")
            raise ZeroDivisionError
        with database.tx() as tx:
            count(tx, "three")
    assert names(database) & {"one", "two", "three"} == {"one", "three"}


def test_another_thread_waits_for_the_commit_and_joins_no_group(lab: Lab) -> None:
    def other() -> None:
        with lab.app.db.tx() as tx:
            count(tx, "other")

    thread = threading.Thread(target=other)
    with contextlib.suppress(ZeroDivisionError), lab.app.db.grouped():
        thread.start()
        with lab.app.db.tx() as tx:
            count(tx, "one")
        raise ZeroDivisionError
    thread.join(30)
    assert names(lab.app.db) & {"one", "other"} == {"other"}


def test_letters_that_are_read_share_a_commit(lab: Lab, commits: list[str]) -> None:
    ids = [lab.enter(letter) for letter in letters(5)]
    commits.clear()
    while handle(lab.app):
        pass
    # Their claim, their outcomes, and the look that finds no more.
    assert len(commits) == 3
    assert {lab.mail(mail_id).outcome for mail_id in ids} == {"new_case"}
    assert [case.number for case in lab.cases()] == [1, 2, 3, 4, 5]


def test_a_letter_that_fails_is_noted_and_costs_those_of_its_commit_nothing(lab: Lab) -> None:
    ids = [lab.enter(letter) for letter in letters(4)]
    with lab.app.db.tx() as tx:
        tx.execute(
            sa.text(
                "CREATE TRIGGER refused BEFORE INSERT ON cases WHEN new.contact_address = 'c2@firm2.example.ru' "
                "BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        )
    while handle(lab.app):
        pass
    found = [lab.mail(mail_id) for mail_id in ids]
    assert [mail.outcome for mail in found] == ["new_case", None, "new_case", "new_case"]
    assert (found[1].tries, "refused" in found[1].error) == (1, True)
    assert [case.number for case in lab.cases()] == [1, 2, 3]


def test_where_the_commit_fails_each_letter_is_handled_alone_and_answered_once(lab: Lab) -> None:
    ids = [lab.enter(letter) for letter in letters(4)]
    left = [1]

    def refuse(*_: Any) -> None:
        with lab.app.db.reader.connect() as view:
            claimed = view.execute(sa.select(sa.func.max(t.mail.c.claim_no))).scalar()
        if claimed and left:
            left.pop()
            raise sa.exc.IntegrityError("COMMIT", {}, sqlite3.IntegrityError("refused"))

    sa.event.listen(lab.app.db.writer, "commit", refuse)
    lab.work()
    assert not left
    assert {lab.mail(mail_id).outcome for mail_id in ids} == {"new_case"}
    assert {lab.mail(mail_id).tries for mail_id in ids} == {0}
    assert [case.number for case in lab.cases()] == [1, 2, 3, 4]
    assert set(Counter(row.to_address for row in lab.outbox() if row.audience == "client").values()) == {1}


def test_whom_a_letter_tells_away_gets_nothing_of_the_letter_behind_it(lab: Lab) -> None:
    lab.arrive(letters(1)[0])
    assert lab.cases()[0].assignee == "petrova"
    lab.enter(reply_to_notice(lab, "!отсутствует до 05.12, замещает Сидоров"))
    again = raw("И ещё один вопрос.", sender="c1@firm1.example.ru", message_id="<2@firm1>", in_reply_to="<1@firm1>")
    lab.enter(again)
    before = len(lab.to(PETROVA))
    lab.work()
    assert "И ещё один вопрос" not in "".join(sent.text for sent in lab.to(PETROVA)[before:])


def test_two_letters_of_one_thread_in_one_commit_are_one_case(lab: Lab) -> None:
    first, answer = letters(1)[0], raw("Дополняем.", message_id="<2@firm1>", in_reply_to="<1@firm1>")
    ids = [lab.enter(first), lab.enter(answer.replace(b"a.kovaleva@romashka.example.ru", b"c1@firm1.example.ru"))]
    lab.work()
    assert {lab.mail(mail_id).case_id for mail_id in ids} == {1}
    with lab.app.db.tx() as tx:
        assert cases.get(tx, 1).parts == 2


def test_a_file_that_cannot_be_read_stops_none_of_the_letters_in_its_commit(lab: Lab) -> None:
    first = lab.arrive(letters(1)[0])
    # Whether it is the same letter once more can only be told by the file.
    bad = lab.enter(raw("Просим выставить КП на 1 манометр.", sender="c1@firm1.example.ru", message_id="<1@firm1>"))
    good = [lab.enter(letter) for letter in letters(4)[1:]]
    with bad_sector(lab, first):
        for _ in range(3):
            with contextlib.suppress(StorageDown):
                handle(lab.app)
    assert {lab.mail(mail_id).outcome for mail_id in good} == {"new_case"}
    assert (lab.mail(bad).outcome, lab.mail(bad).tries) == (None, 0)
    lab.later(minutes=2)
    assert lab.mail(bad).outcome is not None
