"""The database: transactions, claims and insert-once. The only module that commits.

`tx()` is one writer at a time on SQLite (a process lock, then BEGIN IMMEDIATE: several writing threads were
seen to starve each other without the lock) and an ordinary READ COMMITTED transaction on PostgreSQL.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

from mailcase.store.outage import away
from mailcase.words import LeaseLost, MailcaseError, StorageDown

log = logging.getLogger(__name__)
_numbers = itertools.count(1)
_INSIST = (0.2, 0.5, 1, 2, 5, 10, 30)
"""Seconds between tries to store what must not be forgotten; the last one is repeated."""
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
        self.name = f"mailcase-{os.getpid()}-{next(_numbers)}"
        self._lock = threading.Lock() if self.sqlite else contextlib.nullcontext()
        self._file: tuple[int, int] | None = None
        self._owed: list[sa.Update] = []
        self.writer = self._engine("BEGIN IMMEDIATE", read_only=False)
        self.reader = self._engine("BEGIN", read_only=True) if self.sqlite else self.writer

    def _engine(self, begin: str, *, read_only: bool) -> Engine:
        if not self.sqlite:
            # By its name the database tells who did something, to people (pg_stat_activity) and to other processes.
            named = {"application_name": self.name}
            return sa.create_engine(self.url, pool_pre_ping=True, isolation_level="READ COMMITTED", connect_args=named)
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

    @property
    def driver_error(self) -> type[Exception]:
        """What the driver itself raises where it is used without SQLAlchemy."""
        error: type[Exception] = self.writer.dialect.loaded_dbapi.Error
        return error

    @contextlib.contextmanager
    def tx(self) -> Iterator[Connection]:
        """A transaction that commits at the end of the block and rolls back on any exception."""
        owed = list(self._owed)
        with self._lock, self._same_file(), self.writer.begin() as connection:
            for update in owed:
                connection.execute(update)
            yield connection
        if owed:
            self._owed = [update for update in self._owed if update not in owed]

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only view."""
        with self._same_file(), self.reader.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def _same_file(self) -> Iterator[None]:
        """An open file that was moved away or replaced takes everything, and nobody will ever read it again."""
        path, found = Path(self.url.database or ""), None
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            status = path.stat() if self.sqlite else None
            found = (status.st_dev, status.st_ino) if status else None
        if self._file is not None and found != self._file:
            gone = OSError(
                f"the database file {path} is gone or another one: put it back, or stop and restart mailcase"
            )
            raise sa.exc.OperationalError("", {}, gone)
        self._file = found
        yield

    def give_back(self, table: Table, rows: Iterable[Row[Any]]) -> None:
        """Free the leases of rows that were not finished, untouched; where that fails, with the next transaction."""
        for row in rows:
            # One that was finished has no lease any more.
            mine = sa.and_(table.c.id == row.id, table.c.claim_no == row.claim_no, table.c.leased_until.is_not(None))
            self._owed.append(sa.update(table).where(mine).values(leased_until=None, deaths=row.deaths - 1))
        if self._owed:
            with contextlib.suppress(sa.exc.SQLAlchemyError), self.tx():
                pass

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


def raise_all(tx: Connection, counter: Table, names: Iterable[str]) -> dict[str, int]:
    """Raise several counters and return them by name; in the order of their names, so that two workers never cross."""
    wanted = [{"name": name, "value": 1} for name in sorted(set(names))]
    return {row.name: row.value for row in tx.execute(_raise_all(counter, tx.dialect.name), wanted)} if wanted else {}


# Statements of the way that every letter goes are built once: building one anew costs three times its execution.


@lru_cache
def _insert_once(table: Table, dialect: str) -> sa.Executable:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(table).on_conflict_do_nothing()
    # Asked for explicitly: a row count is not reliable where SQLAlchemy adds a RETURNING of its own.
    asked: sa.Executable = insert.returning(*table.primary_key.columns)
    return asked


@lru_cache
def _next_number(counter: Table, dialect: str) -> sa.Executable:
    asked: sa.Executable = _raised(counter, dialect).returning(counter.c.value)
    return asked


@lru_cache
def _raise_all(counter: Table, dialect: str) -> sa.Executable:
    asked: sa.Executable = _raised(counter, dialect).returning(counter.c.name, counter.c.value)
    return asked


def _raised(counter: Table, dialect: str) -> Any:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(counter)
    return insert.on_conflict_do_update(index_elements=["name"], set_={"value": counter.c.value + 1})


@lru_cache
def _claimed(table: Table) -> sa.Update:
    # Without a lease the claim has ended: by a commit whose answer was lost, for one.
    mine = sa.and_(table.c.id == sa.bindparam("its_id"), table.c.claim_no == sa.bindparam("its_claim"))
    return sa.update(table).where(mine, table.c.leased_until.is_not(None))


def claim(
    tx: Connection, table: Table, due: Sequence[sa.ColumnElement[bool]], *, now: datetime, lease: timedelta, limit: int
) -> list[Row[Any]]:
    """Take up to `limit` due rows, oldest first, for `lease`; other workers skip them.

    A row that was claimed and never came back (`deaths`) is claimed alone, so one killer letter costs no innocents;
    those that died least come first, so neither the killer nor a process that is killed again and again finds the same
    innocent each time.
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
    order = (table.c.deaths, table.c.id)
    picked = sa.select(table.c.id).where(free).order_by(*order).limit(limit).with_for_update(skip_locked=True)
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
        raise LeaseLost(f"{table.name} {row.id}: claim {row.claim_no} was taken over or has ended")


def release(db: Database, table: Table, row: Row[Any]) -> None:
    """Give a claimed row back untouched."""
    db.give_back(table, [row])


_LOCK = sa.text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")


def lock_ids(tx: Connection, ids: Iterable[str]) -> None:
    """Letters that name the same id are handled one after the other; on SQLite the writer's lock is enough."""
    # In the order of the keys themselves, so that two workers never wait for each other.
    keys = sorted({_key(i) for i in ids if i})
    if keys and tx.dialect.name != "sqlite":
        tx.execute(_LOCK, {"keys": keys})


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode(errors="surrogatepass")).digest()[:8], signed=True)


@contextlib.contextmanager
def guarded(db: Database, table: Table, row: Row[Any], now: datetime) -> Iterator[None]:
    """Whatever goes wrong with one row is noted on it, and the next rows go on. One of two broad excepts (style 13).

    The row is tried again after a growing pause; its station sets it aside for a person after enough tries. Raises
    StorageDown where the database or the disk is to blame: then it loses no try.
    """
    try:
        yield
    except LeaseLost as lost:
        log.warning("%s", lost)
    except StorageDown:
        raise
    except Exception as error:
        if away(error):
            # Whoever has the other rows gives them back with this one.
            raise StorageDown(f"{table.name} {row.id}: {_said(error)}") from error
        log.exception("%s %d failed", table.name, row.id)
        pause = timedelta(seconds=min(300, 2**row.tries))
        noted = {"tries": row.tries + 1, "next_try_at": now + pause, "leased_until": None, "deaths": row.deaths - 1}
        mine = sa.and_(table.c.id == row.id, table.c.claim_no == row.claim_no)
        with contextlib.suppress(sa.exc.SQLAlchemyError), db.tx() as tx:
            told = f"{type(error).__name__}: {error}"[:1000]
            column = "error" if "error" in table.c else "last_error"
            tx.execute(sa.update(table).where(mine).values(**noted, **{column: told}))


def _said(error: Exception) -> str:
    """The driver's words on one line, without the values of the query."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0][:300]


def insist(db: Database, work: Callable[[Connection], None], stop: threading.Event) -> None:
    """A transaction that must not be forgotten: repeated while the database is away, and eight times at any fault."""
    for tried, pause in enumerate(itertools.chain(_INSIST, itertools.repeat(_INSIST[-1])), start=1):
        try:
            with db.tx() as tx:
                work(tx)
        except sa.exc.SQLAlchemyError as error:
            if tried > len(_INSIST) and (stop.is_set() or not away(error)):
                raise
            log.warning("a result could not be stored; trying again: %s", _said(error))
            stop.wait(pause)
        else:
            return


@contextlib.contextmanager
def given_back(db: Database, table: Table, rows: Sequence[Row[Any]]) -> Iterator[None]:
    """For a batch of claimed rows: those that an outage leaves unfinished are free again, and the outage goes on."""
    try:
        yield
    except StorageDown:
        db.give_back(table, rows)
        raise


def free_leases(tx: Connection, unfinished: Mapping[Table, sa.ColumnElement[bool]]) -> None:
    """At the start of the only process of a SQLite database: whoever held these leases is dead."""
    for table, condition in unfinished.items():
        tx.execute(sa.update(table).where(condition, table.c.leased_until.is_not(None)).values(leased_until=None))
