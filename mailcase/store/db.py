"""The database: transactions, claims and insert-once. The only module that commits.

`tx()` is one writer at a time on SQLite (a process lock, then BEGIN IMMEDIATE: several writing threads were
seen to starve each other without the lock) and an ordinary READ COMMITTED transaction on PostgreSQL.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

from mailcase.words import LeaseLost, MailcaseError

log = logging.getLogger(__name__)
_PRAGMAS = ("journal_mode=wal", "synchronous=full", "foreign_keys=on", "busy_timeout=30000")


class Database:
    """One database by URL: `sqlite:///file.db` or `postgresql://…`; raises MailcaseError for other kinds."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        if not self.sqlite and self.url.get_backend_name() != "postgresql":
            raise MailcaseError(
                f"store.url: {self.url.get_backend_name()!r} is not supported; use sqlite or postgresql"
            )
        if self.sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock() if self.sqlite else contextlib.nullcontext()
        self.writer = self._engine("BEGIN IMMEDIATE", read_only=False)
        self.reader = self._engine("BEGIN", read_only=True) if self.sqlite else self.writer

    def _engine(self, begin: str, *, read_only: bool) -> Engine:
        if not self.sqlite:
            return sa.create_engine(self.url, pool_pre_ping=True, isolation_level="READ COMMITTED")
        engine = sa.create_engine(self.url)
        pragmas = (*_PRAGMAS, "query_only=on") if read_only else _PRAGMAS

        # The driver's own transactions begin deferred, and a deferred read-then-write loses updates.
        @sa.event.listens_for(engine, "connect")
        def _connect(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            connection.create_function("casefold", 1, lambda v: v.casefold() if v else v, deterministic=True)
            for pragma in pragmas:
                connection.execute(f"pragma {pragma}")

        @sa.event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine

    @contextlib.contextmanager
    def tx(self) -> Iterator[Connection]:
        """A transaction that commits at the end of the block and rolls back on any exception."""
        with self._lock, self.writer.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only view."""
        with self.reader.connect() as connection:
            yield connection

    def close(self) -> None:
        """Give every connection back."""
        self.writer.dispose()
        self.reader.dispose()


def insert_once(tx: Connection, table: Table, values: Mapping[str, Any]) -> Row[Any] | None:
    """Insert unless a unique key is taken; the primary key of the new row, None where it was there."""
    return tx.execute(_insert_once(table, tx.dialect.name), values).first()


def next_number(tx: Connection, counter: Table, name: str) -> int:
    """Raise a counter and return it; the row stays locked until the commit, so numbers have no gaps (A36)."""
    return int(tx.execute(_next_number(counter, tx.dialect.name), {"name": name, "value": 1}).scalar_one())


# Statements of the way that every letter goes are built once: building one anew costs three times its execution.


@lru_cache
def _insert_once(table: Table, dialect: str) -> sa.Executable:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(table).on_conflict_do_nothing()
    # Asked for explicitly: a row count is not reliable where SQLAlchemy adds a RETURNING of its own.
    asked: sa.Executable = insert.returning(*table.primary_key.columns)
    return asked


@lru_cache
def _next_number(counter: Table, dialect: str) -> sa.Executable:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(counter)
    raised = insert.on_conflict_do_update(index_elements=["name"], set_={"value": counter.c.value + 1})
    asked: sa.Executable = raised.returning(counter.c.value)
    return asked


@lru_cache
def _claimed(table: Table) -> sa.Update:
    return sa.update(table).where(table.c.id == sa.bindparam("its_id"), table.c.claim_no == sa.bindparam("its_claim"))


def claim(
    tx: Connection, table: Table, due: Sequence[sa.ColumnElement[bool]], *, now: datetime, lease: timedelta, limit: int
) -> list[Row[Any]]:
    """Take up to `limit` due rows, oldest first, for `lease`; other workers skip them.

    A row that was claimed and never came back (`deaths`) is claimed alone, so one killer letter costs no innocents.
    """
    rows = _take(tx, table, [*due, table.c.deaths == 0], now, lease, limit)
    return rows or _take(tx, table, [*due, table.c.deaths > 0], now, lease, 1)


def _take(
    tx: Connection, table: Table, due: Sequence[sa.ColumnElement[bool]], now: datetime, lease: timedelta, limit: int
) -> list[Row[Any]]:
    free = sa.and_(
        *due,
        sa.or_(table.c.next_try_at.is_(None), table.c.next_try_at <= now),
        sa.or_(table.c.leased_until.is_(None), table.c.leased_until <= now),
    )
    picked = sa.select(table.c.id).where(free).order_by(table.c.id).limit(limit).with_for_update(skip_locked=True)
    # Without MATERIALIZED the planner may run the sub-select again and take more rows than asked for.
    chosen = picked.cte("chosen").prefix_with("MATERIALIZED", dialect="postgresql")
    taken = (
        sa.update(table)
        .where(table.c.id == chosen.c.id)
        .values(claim_no=table.c.claim_no + 1, deaths=table.c.deaths + 1, leased_until=now + lease)
        .returning(table)
    )
    return sorted(tx.execute(taken), key=lambda row: int(row.id))


def settle(tx: Connection, table: Table, row: Row[Any], **values: Any) -> None:
    """Write the end of a claim and free the lease; raises LeaseLost where another worker has taken the row."""
    ended = {"its_id": row.id, "its_claim": row.claim_no, "leased_until": None, "deaths": row.deaths - 1, **values}
    if tx.execute(_claimed(table), ended).rowcount != 1:
        raise LeaseLost(f"{table.name} {row.id}: claim {row.claim_no} was taken over")


def release(db: Database, table: Table, row: Row[Any]) -> None:
    """Give a claimed row back untouched."""
    with contextlib.suppress(LeaseLost), db.tx() as tx:
        settle(tx, table, row)


def lock_ids(tx: Connection, ids: Iterable[str]) -> None:
    """Letters that name the same id are handled one after the other; on SQLite the writer's lock is enough."""
    if tx.dialect.name == "sqlite":
        return
    for name in sorted({i for i in ids if i}):
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))


@contextlib.contextmanager
def guarded(db: Database, table: Table, row: Row[Any], now: datetime) -> Iterator[None]:
    """Whatever goes wrong with one row is noted on it, and the next rows go on. One of two broad excepts (style 13).

    The row is tried again after a growing pause; its station sets it aside for a person after enough tries.
    """
    try:
        yield
    except LeaseLost as lost:
        log.warning("%s", lost)
    except Exception as error:
        log.exception("%s %d failed", table.name, row.id)
        pause = timedelta(seconds=min(300, 2**row.tries))
        noted = {"tries": row.tries + 1, "next_try_at": now + pause, "leased_until": None, "deaths": row.deaths - 1}
        mine = sa.and_(table.c.id == row.id, table.c.claim_no == row.claim_no)
        with contextlib.suppress(sa.exc.SQLAlchemyError), db.tx() as tx:
            told = f"{type(error).__name__}: {error}"[:1000]
            column = "error" if "error" in table.c else "last_error"
            tx.execute(sa.update(table).where(mine).values(**noted, **{column: told}))


def free_leases(tx: Connection, tables: Sequence[Table]) -> None:
    """At the start of the only process of a SQLite database: whoever held these leases is dead."""
    for table in tables:
        tx.execute(sa.update(table).where(table.c.leased_until.is_not(None)).values(leased_until=None))
