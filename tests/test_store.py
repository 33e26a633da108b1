"""What the database promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase.store import cases, events, intake, migrations
from mailcase.store import tables as t
from mailcase.store.cases import Actor, Opening
from mailcase.store.claims import claim, settle
from mailcase.store.db import Database
from mailcase.store.intake import Arrival
from mailcase.words import EventType, FolderRole, LeaseLost, MailcaseError, MailStatus, Register, Status

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)
NEW = [t.mail.c.status == MailStatus.NEW]


def enter(db: Database, n: int) -> int:
    with db.tx() as tx:
        arrival = Arrival(f"{n:064x}", 10, f"lab/INBOX/1/{n}", FolderRole.INBOX, NOW, NOW, f"<{n}@example.org>")
        return intake.enter(tx, arrival)[0]


def open_one(db: Database, mail_id: int, register: Register = Register.INQUIRY) -> int:
    opening = Opening(
        mail_id=mail_id,
        now=NOW,
        opened_at=NOW,
        register=register,
        kind="request",
        subject="Калибровка",
        assignee="petrova",
        contact=("client@example.org", "Клиент"),
        target_at=NOW,
        due_at=NOW,
        parties=(("client@example.org", "Клиент"),),
        thread_ids=(f"<{mail_id}@example.org>",),
    )
    with db.tx() as tx:
        return int(cases.open_case(tx, opening, lambda year, number: f"KM-{year}-{number}", UTC).id)


@pytest.mark.req("A36")
def test_numbers_are_dense_even_where_transactions_roll_back(database: Database) -> None:
    """A rolled-back registration leaves no gap in case and journal numbers."""
    for n in range(1, 7):
        mail_id = enter(database, n)
        if n % 2:
            with pytest.raises(RuntimeError):
                open_and_crash(database, mail_id)
        open_one(database, mail_id, Register.COMPLAINT if n == 4 else Register.INQUIRY)
    with database.read() as view:
        numbers = view.execute(sa.select(t.cases.c.number).order_by(t.cases.c.id)).scalars().all()
        journal = view.execute(sa.select(t.journal.c.register, t.journal.c.seq).order_by(t.journal.c.seq)).all()
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert [seq for register, seq in journal if register == "inquiry"] == [1, 2, 3, 4, 5]
    assert [seq for register, seq in journal if register == "complaint"] == [1]


def open_and_crash(db: Database, mail_id: int) -> None:
    opening = Opening(mail_id, NOW, NOW, Register.INQUIRY, "request", "x", "petrova", ("a@example.org", ""), NOW, NOW)
    with db.tx() as tx:
        cases.open_case(tx, opening, lambda year, number: f"KM-{year}-{number}", UTC)
        raise RuntimeError("crash before the commit")


def test_the_same_bytes_are_one_letter(database: Database) -> None:
    assert enter(database, 1) == enter(database, 1)


def test_a_claimed_letter_is_not_claimed_twice_until_its_lease_ends(database: Database) -> None:
    enter(database, 1)
    with database.tx() as tx:
        first = claim(tx, t.mail, NEW, now=NOW, lease=LEASE, limit=10)
    with database.tx() as tx:
        second = claim(tx, t.mail, NEW, now=NOW, lease=LEASE, limit=10)
    with database.tx() as tx:
        third = claim(tx, t.mail, NEW, now=NOW + LEASE, lease=LEASE, limit=10)
    assert [len(first), len(second), len(third)] == [1, 0, 1]


def test_a_worker_that_overslept_its_lease_changes_nothing(database: Database) -> None:
    enter(database, 1)
    with database.tx() as tx:
        (old,) = claim(tx, t.mail, NEW, now=NOW, lease=LEASE, limit=1)
    with database.tx() as tx:
        (new,) = claim(tx, t.mail, NEW, now=NOW + LEASE, lease=LEASE, limit=1)
    with pytest.raises(LeaseLost), database.tx() as tx:
        settle(tx, t.mail, old, status=MailStatus.DONE)
    with database.tx() as tx:
        settle(tx, t.mail, new, status=MailStatus.DONE)


def test_a_letter_that_killed_its_worker_is_claimed_alone(database: Database) -> None:
    for n in range(1, 4):
        enter(database, n)
    with database.tx() as tx:
        claim(tx, t.mail, NEW, now=NOW, lease=LEASE, limit=2)
    later = NOW + LEASE
    with database.tx() as tx:
        assert len(claim(tx, t.mail, NEW, now=later, lease=LEASE, limit=10)) == 1
    with database.tx() as tx:
        (alone,) = claim(tx, t.mail, NEW, now=later, lease=LEASE, limit=10)
    assert alone.deaths == 2


def test_of_letters_whose_workers_died_the_one_that_died_least_comes_first(database: Database) -> None:
    """A process that is killed again and again must not find the same innocent each time, until it is set aside."""
    for n in range(1, 4):
        enter(database, n)
    died = []
    for hour in range(7):
        with database.tx() as tx:
            died.append([row.id for row in claim(tx, t.mail, NEW, now=NOW + hour * 12 * LEASE, lease=LEASE, limit=10)])
    first, *alone = died
    assert alone == [[id_] for id_ in first] * 2


def test_two_workers_share_the_letters_without_doubles(database: Database) -> None:
    for n in range(1, 61):
        enter(database, n)
    taken: list[int] = []

    def work() -> None:
        while True:
            with database.tx() as tx:
                rows = claim(tx, t.mail, NEW, now=NOW, lease=LEASE, limit=7)
            if not rows:
                return
            taken.extend(row.id for row in rows)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(taken) == len(set(taken)) == 60


@pytest.mark.req("A74")
def test_events_can_neither_be_changed_nor_deleted(database: Database) -> None:
    open_one(database, enter(database, 1))
    for forgery in (sa.update(t.event).values(actor="somebody"), sa.delete(t.event)):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.tx() as tx:
            tx.execute(forgery)


@pytest.mark.req("A74")
def test_the_chain_shows_a_changed_event_and_a_cut_tail(database: Database) -> None:
    case_id = open_one(database, enter(database, 1))
    with database.tx() as tx:
        cases.note(tx, case_id, Actor(NOW, "petrova"), EventType.NOTED)
    with database.read() as view:
        assert events.verify(view) == []
    with database.tx() as tx:
        _without_guard(tx)
        tx.execute(sa.update(t.event).where(t.event.c.seq == 1).values(actor="somebody"))
        tx.execute(sa.delete(t.event).where(t.event.c.seq == 3))
    with database.read() as view:
        found = events.verify(view)
    assert found == [f"case:{case_id}: event 1 was changed", f"case:{case_id}: the end of the stream is missing"]


def _without_guard(tx: sa.Connection) -> None:
    """As somebody with the database's own tools would."""
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql("DROP TRIGGER event_no_update")
        tx.exec_driver_sql("DROP TRIGGER event_no_delete")
    else:
        tx.exec_driver_sql("DROP TRIGGER event_append_only ON event")


def test_a_case_closes_only_with_an_answer_or_a_reason(database: Database) -> None:
    case_id = open_one(database, enter(database, 1))
    with pytest.raises(MailcaseError, match="причину"), database.tx() as tx:
        cases.close(tx, case_id, Actor(NOW, "petrova"), "")
    with database.tx() as tx:
        cases.close(tx, case_id, Actor(NOW, "petrova"), "ответ дан по телефону")
        assert cases.get(tx, case_id).status == Status.CLOSED


def test_a_spam_letter_that_somebody_moved_to_the_inbox_is_judged_anew(database: Database) -> None:
    mail_id = enter(database, 1)
    with database.tx() as tx:
        tx.execute(sa.update(t.mail).values(status=MailStatus.DONE, outcome="drop", drop_reason="spam"))
    enter(database, 1)
    with database.read() as view:
        row = view.execute(sa.select(t.mail).where(t.mail.c.id == mail_id)).one()
    assert (row.status, row.spam_waived) == (MailStatus.NEW, True)


def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.StatementError, match="naive"), database.tx() as tx:
        tx.execute(sa.insert(t.token).values(name="x", value="y", updated_at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_migrations_describe_exactly_the_tables(database: Database) -> None:
    """A column added to a table without its migration would be missed here."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    assert not migrations.behind(database)
    with database.read() as view:
        context = MigrationContext.configure(view, opts={"compare_type": True})
        assert compare_metadata(context, t.metadata) == []


def test_files_of_migrations_are_named_by_their_revisions() -> None:
    """What is told from the names without alembic is what alembic would tell."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.newest()]
