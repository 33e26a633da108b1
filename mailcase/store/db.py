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
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

from mailcase.store.group import Group, part
from mailcase.store.outage import away
from mailcase.words import MailcaseError

log = logging.getLogger(__name__)
_numbers = itertools.count(1)
_INSIST = (0.2, 0.5, 1, 2, 5, 10, 30)
"""Seconds between tries to store what must not be forgotten; the last one is repeated."""
# Who sleeps within a transaction, or is gone from the network, holds numbers that others need: the server ends it. And
# a server that is gone is noticed by us.
_POSTGRES = {
    "options": "-c idle_in_transaction_session_timeout=60s -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_PRAGMAS = ("journal_mode=wal", "synchronous=full", "foreign_keys=on", "busy_timeout=30000")
_WRITERS = ("cache_size=-24000", "wal_autocheckpoint=8000", "temp_store=memory")
"""What the one writing connection sets besides.

KiB of pages that it keeps, as the ledger grows: with SQLite's 2 MB the tables that a letter is entered in no longer fit
after a few thousand, and every letter reads their pages anew. Pages of the log before it is copied into the database,
while nobody else may write: a letter makes some ninety. Savepoints and statements of several rows need no file.
"""


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
            Path(self.url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Not by its number alone: in containers every daemon is process 1.
        self.name = f"mailcase-{os.getpid()}-{next(_numbers)}-{secrets.token_hex(4)}"
        self._lock = threading.Lock() if self.sqlite else contextlib.nullcontext()
        self._file: tuple[int, int] | None = None
        self._open: Connection | None = None
        self._group = Group()
        self._owed: list[sa.Update] = []
        self.writer = self._engine(read_only=False)
        self.reader = self._engine(read_only=True) if self.sqlite else self.writer

    def _engine(self, *, read_only: bool) -> Engine:
        if not self.sqlite:
            # By its name the database tells who did something, to people (pg_stat_activity) and to other processes.
            given = {"application_name": self.name, **_POSTGRES}
            safe = {"pool_pre_ping": True, "isolation_level": "READ COMMITTED", "connect_args": given}
            return sa.create_engine(self.url, hide_parameters=True, **safe)
        engine = sa.create_engine(self.url, hide_parameters=True)
        pragmas = (*_PRAGMAS, "query_only=on") if read_only else (*_PRAGMAS, *_WRITERS)

        @sa.event.listens_for(engine, "do_connect")
        def _private(*_: Any) -> None:
            """Clients' letters are for one user's eyes; -wal and -shm take over the rights of the file itself."""
            if self.file is not None:
                # Made without opening it: to close a file ends all locks that this process has on it (fcntl(2)),
                # SQLite's own above all. What is there already is left as it is; other faults are SQLite's to tell.
                with contextlib.suppress(OSError):
                    os.mknod(self.file, 0o600)

        @sa.event.listens_for(engine, "connect")
        def _connect(connection: Any, _record: Any) -> None:
            # Transactions are begun by `tx` and `read` and never by the driver.
            connection.isolation_level = None
            connection.create_function("casefold", 1, lambda v: v.casefold() if v else v, deterministic=True)
            for pragma in pragmas:
                connection.execute(f"pragma {pragma}")

        return engine

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database; None in memory and on PostgreSQL."""
        name = self.url.database or ""
        return Path(name) if self.sqlite and name and not name.startswith((":", "file:")) else None

    @property
    def driver_error(self) -> type[Exception]:
        """What the driver itself raises where it is used without SQLAlchemy."""
        error: type[Exception] = self.writer.dialect.loaded_dbapi.Error
        return error

    @contextlib.contextmanager
    def tx(self) -> Iterator[Connection]:
        """A transaction that commits at the end of the block and rolls back on any exception."""
        if self._group.connection is not None:
            with part(self._group.connection) as whole:
                yield whole
            return
        owed = list(self._owed)
        with self._lock, self._same_file(), self._begin() as connection:
            for update in owed:
                connection.execute(update)
            yield connection
        for update in owed:
            # Taken out one by one: another thread may have added to the list, or done the same.
            with contextlib.suppress(ValueError):
                self._owed.remove(update)

    @contextlib.contextmanager
    def grouped(self) -> Iterator[None]:
        """On SQLite the transactions of this thread within the block are kept by one commit: each rolls back alone.

        A commit there writes and syncs the same pages again for each letter, and all others wait for it. On PostgreSQL
        each stays its own, as others wait for its locks. Raises what the commit raises: then nothing was kept.
        """
        if not self.sqlite:
            yield
            return
        with self.tx() as connection:
            self._group.connection = connection
            try:
                yield
            finally:
                self._group.connection = None

    @contextlib.contextmanager
    def _begin(self) -> Iterator[Connection]:
        """On SQLite over one connection that stays open, as one thread writes at a time; a failure closes it."""
        if not self.sqlite:
            with self.writer.begin() as connection:
                yield connection
            return
        connection = self._open = self._open or self.writer.connect()
        try:
            with connection.begin():
                # At once for writing: a deferred read-then-write loses updates. Said here, for an engine that must tell
                # of beginnings tells of every statement, too, which makes each a fifth dearer.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
        except BaseException:
            self._hang_up()
            raise

    def _hang_up(self) -> None:
        connection, self._open = self._open, None
        if connection is not None:
            connection.close()

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only view."""
        with self._same_file(), self.reader.connect() as connection:
            if self.sqlite:
                connection.exec_driver_sql("BEGIN")
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
        self._hang_up()
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


_LOCK = sa.text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")


def lock_ids(tx: Connection, ids: Iterable[str]) -> None:
    """Letters that name the same id are handled one after the other; on SQLite the writer's lock is enough."""
    # In the order of the keys themselves, so that two workers never wait for each other.
    keys = sorted({_key(i) for i in ids if i})
    if keys and tx.dialect.name != "sqlite":
        tx.execute(_LOCK, {"keys": keys})


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode(errors="surrogatepass")).digest()[:8], signed=True)


def said(error: Exception) -> str:
    """What happened on one line, without the values of a query: they may be addresses and texts."""
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
            log.warning("a result could not be stored; trying again: %s", said(error))
            stop.wait(pause)
        else:
            return
