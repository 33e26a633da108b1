"""No question about one letter reads a whole table: what the register of a million cases would cost it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from mailcase.stations.handle import handle
from mailcase.stations.send import send
from mailcase.store import (
    asked,
    awaited,
    escalations,
    intake,
    involved,
    known,
    migrations,
    outbox,
    papers,
    queries,
    tally,
)
from mailcase.store import tables as t
from mailcase.store.claims import claim
from mailcase.store.db import Database
from mailcase.store.indexes import CLIENTS_FIRST, DUE
from mailcase.store.intake import Arrival
from mailcase.words import FolderRole
from tests.lab import Lab
from tests.letters import raw

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BOX: Any = SimpleNamespace(id=1, uidvalidity=7, low_water=5)
SMALL = ("employee", "chosen", "anon_1", "CONSTANT ROW")
"""What stays small whatever comes, or is no table."""

_SENDER = {"now": NOW, "lease": timedelta(minutes=5), "limit": 20, "first": CLIENTS_FIRST}
QUESTIONS: dict[str, Callable[[sa.Connection], object]] = {
    "what is due": lambda tx: claim(tx, t.outbox, [DUE], **_SENDER),
    "the same content": lambda tx: known.original(tx, "f", 1),
    "the same id": lambda tx: known.same_id(tx, "<1@example.org>", "f", 1),
    "what went to that address": lambda tx: known.last_sent_to(tx, 1, ["a@example.org"], NOW),
    "the morning letter's absences": lambda tx: queries.away(tx, NOW - timedelta(days=1), NOW),
    "our own letter": lambda tx: known.sent_as(tx, ["<1@example.org>"]),
    "our envelope": lambda tx: known.sent_under(tx, ["lab+ack-1@example.org"]),
    "a known thread": lambda tx: known.received_in(tx, ["<1@example.org>"]),
    "the sender's complaint": lambda tx: known.open_complaint(tx, "a@example.org"),
    "the sender's executor": lambda tx: known.client(tx, "a@example.org"),
    "the sender's other cases": lambda tx: queries.of_contact(tx, "a@example.org", 1),
    "a case's number": lambda tx: known.case_numbered(tx, 2026, 412),
    "who has how many": known.loads,
    "a new employee's answers": lambda tx: known.answers_sent(tx, "petrova"),
    "questions to an employee": lambda tx: outbox.asked_since(tx, "petrova", NOW),
    "who was told today": lambda tx: outbox.told_since(tx, 1, "petrova", NOW),
    "copies to file": lambda tx: outbox.uncopied(tx, NOW),
    "letters to tidy": lambda tx: intake.untidied(tx, "lab"),
    "what the server does not deliver": lambda tx: intake.pending(tx, BOX),
    "what may come back": lambda tx: intake.gone(tx, BOX, NOW),
    "what was there before": lambda tx: intake.was_before_start(tx, BOX, "<1@example.org>", 10, NOW),
    "UIDs that are not settled": lambda tx: intake.unsettled(tx, BOX, [7, 8]),
    "the register page's newest rows": lambda tx: queries.register(tx, 100),
    "the register page's sums": lambda tx: queries.register_state(tx, NOW),
    "the morning letter's count": lambda tx: tally.count(tx, NOW - timedelta(days=1), NOW),
    "the morning letter's cases": queries.live,
    "the morning letter's complaints": queries.unfinished_complaints,
    "the morning letter's invoices": papers.unpaid,
    "a case's papers": lambda tx: papers.of_case(tx, 1),
    "a case's invoices": lambda tx: papers.unpaid(tx, 1),
    "the morning letter's lost letters": lambda tx: outbox.undelivered(tx, NOW),
    "the morning letter's escalations": escalations.told,
    "letters that wait for a word": awaited.awaited,
    "letters that waited too long": lambda tx: awaited.expired(tx, NOW - timedelta(days=1), NOW),
    "involved people who got a complaint": lambda tx: involved.told(tx, NOW - timedelta(days=1), NOW),
    "where a complaint comes from": lambda tx: involved.origins(tx, 1),
    "who had an inquiry": lambda tx: involved.executors(tx, [1, 2]),
    "what clients added": lambda tx: queries.later_from_clients(tx, 1),
    "the evening letter": lambda tx: queries.kept_back(tx, NOW - timedelta(days=1), NOW),
    "clients who confirm nothing": asked.unconfirmed,
    "silent cases": lambda tx: queries.silent_since(tx, NOW),
    "the monitor's oldest letter": lambda tx: outbox.oldest_queued(tx, NOW, timedelta(minutes=15)),
}


class Plans:
    """How SQLite carries out every statement while it listens."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.asked: list[tuple[str, Any]] = []
        for engine in (db.writer, db.reader):
            sa.event.listen(engine, "before_cursor_execute", self._hear)

    def _hear(self, _c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH", "UPDATE")):
            self.asked.append((statement, parameters))

    def steps(self) -> Iterator[str]:
        asked, self.asked = self.asked, []
        with self.db.tx() as tx:
            for statement, parameters in dict.fromkeys(asked):
                found = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                yield from (row[-1] for row in found)

    def whole_tables(self) -> set[str]:
        """Tables that are read from end to end; an index that is read in order is not."""
        scans = [step for step in self.steps() if step.startswith("SCAN") and " USING " not in step]
        return {step.split(" ", 1)[1] for step in scans} - set(SMALL)


@pytest.fixture
def plans(tmp_path) -> Plans:
    db = Database(f"sqlite:///{tmp_path}/test.db")
    migrations.upgrade(db)
    return Plans(db)


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_reads_a_whole_table(plans: Plans, question: str) -> None:
    with plans.db.tx() as tx:
        QUESTIONS[question](tx)
    assert plans.asked
    assert plans.whole_tables() == set()


def test_a_claim_reads_a_long_queue_no_further_than_the_batch(plans: Plans) -> None:
    with plans.db.tx() as tx:
        rows = claim(tx, t.outbox, [DUE], **_SENDER)
    assert rows == []
    del plans.asked[1:]  # The second look is for the few rows that somebody died on, and sorts those.
    assert not [step for step in plans.steps() if "TEMP B-TREE" in step]


def test_a_scan_is_seen(plans: Plans) -> None:
    """The test can fail."""
    with plans.db.tx() as tx:
        queries.ledger(tx)
    assert plans.whole_tables() == {"mail"}


@pytest.mark.parametrize("station", ["handle", "send"])
def test_a_letter_on_its_way_reads_no_whole_table(tmp_path, station: str) -> None:
    lab = Lab(tmp_path)
    plans = Plans(lab.app.db)
    lab.arrive(raw())
    answer = raw("Забыли реквизиты.", message_id="<2@romashka.example.ru>", in_reply_to="<1@romashka.example.ru>")
    with lab.app.db.tx() as tx:
        arrival = Arrival(lab.app.raw.put(answer), len(answer), "lab/INBOX/1/9", FolderRole.INBOX, lab.now, lab.now)
        intake.enter(tx, arrival)
    if station == "send":
        handle(lab.app)
    plans.asked.clear()
    run = {"handle": lambda: handle(lab.app), "send": lambda: send(lab.app, lab.postman)}  # type: ignore[arg-type]
    run[station]()
    assert len(plans.asked) >= 5
    assert plans.whole_tables() == set()
    assert len(lab.cases()) == 1


def test_who_has_a_hundred_cases_takes_turns_with_others_who_have(tmp_path) -> None:
    """Cases are counted no further, so that a letter costs the same however many are open."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    (first,) = lab.cases()
    copies = [{**first._mapping, "id": n, "number": n, "tag": f"t{n}", "opened_by_mail_id": n} for n in range(2, 150)]
    with lab.app.db.tx() as tx:
        tx.execute(sa.insert(t.cases), copies)
        found = {row.assignee: (row.open_cases, row.last_assigned) for row in known.loads(tx)}
    assert found["petrova"] == (100, first.opened_at)
    assert found["orlov"] == (0, None)


@pytest.mark.postgres
def test_a_claim_on_postgresql_reads_the_waiting_letters_alone(two: list[Lab]) -> None:
    """Whatever the planner thinks of the tables: the ids that handled letters name are not read again."""
    db, now = two[0].app.db, two[0].now
    letters = [
        {
            "sha256": str(n), "size": 1, "source": "x", "role": "inbox", "received_at": now, "entered_at": now,
            "status": "new" if n > 4900 else "done", "message_id": f"<{n}@x>",
        }
        for n in range(5000)
    ]  # fmt: skip
    with db.tx() as tx:
        ids = tx.execute(sa.insert(t.mail).returning(t.mail.c.id), letters).scalars().all()
        tx.execute(sa.insert(t.mail_ref), [{"mail_id": n, "message_id": f"<{n // 2}@x>"} for n in ids])
        tx.exec_driver_sql("ANALYZE mail, mail_ref")
    plans = Plans(db)
    handle(two[0].app)
    ((claimed, values),) = [asked for asked in plans.asked if "elder" in asked[0]][:1]
    with db.tx() as tx:
        (found,) = tx.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {claimed}", values).scalars()
    every = list(nodes(found[0]["Plan"]))
    read = [node for node in every if node.get("Relation Name") == "mail_ref"]
    assert read
    assert not [node for node in every if node.get("Join Type") == "Anti"]
    assert sum(node["Actual Rows"] * node["Actual Loops"] for node in read) <= 100


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)
