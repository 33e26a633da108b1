"""What one process does at a time on a shared database: the watching of a mailbox, its tidying, the register page.

Whoever holds a lease renews it while he lives; another takes it over a minute after he died, without a leader and
without asking him. A holder that overslept changes nothing: `fence` refuses his transaction. On SQLite there is one
process (`daemon.only_process`), which holds everything, and nothing is written.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row, Table
from sqlalchemy.exc import SQLAlchemyError

from mailcase.store import tables as t
from mailcase.store.db import Database, insert_once
from mailcase.words import LeaseLost

log = logging.getLogger(__name__)
SPAN = timedelta(seconds=60)
RENEW = 15.0
"""Seconds between renewals: three may fail before somebody else takes over."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """Our claim on a name; `until` is the end of the lease as the database has it."""

    claim_no: int
    until: datetime


class Leases:
    """The leases of this process, for all its threads."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now
        self._lock = threading.Lock()
        self._held: dict[str, _Claim] = {}
        self._rows: dict[tuple[Table, int], tuple[int, timedelta]] = {}

    def take(self, name: str) -> bool:
        """Whether this process may do it now: it holds the lease, or has just taken a free one."""
        if self._db.sqlite:
            return True
        with self._lock:
            known, now = self._held.get(name), self._now()
            if known is not None and now < known.until - SPAN / 2:
                return True
            return (known is not None and self._renewed(name, known, now)) or self._claimed(name, now)

    def fence(self, tx: Connection, name: str) -> None:
        """Nobody else takes it until `tx` ends; raises LeaseLost where somebody has, so that nothing is changed."""
        if self._db.sqlite:
            return
        known = self._held.get(name)
        mine = sa.and_(t.lease.c.name == name, t.lease.c.claim_no == (known.claim_no if known else -1))
        if tx.execute(sa.select(t.lease.c.name).where(mine).with_for_update(read=True)).first() is None:
            self._held.pop(name, None)
            raise LeaseLost(f"{name}: another process has taken it over")

    def renew(self) -> None:
        """Everything that is held, and every row that is being worked on, for another span."""
        with self._lock:
            for name, known in list(self._held.items()):
                if not self._renewed(name, known, self._now()):
                    log.warning("%s: another process has taken it over", name)
        for (table, row_id), (claim_no, span) in list(self._rows.items()):
            mine = sa.and_(table.c.id == row_id, table.c.claim_no == claim_no, table.c.leased_until.is_not(None))
            with self._db.tx() as tx:
                tx.execute(sa.update(table).where(mine).values(leased_until=self._now() + span))

    @contextlib.contextmanager
    def working_on(self, table: Table, row: Row[Any], span: timedelta) -> Iterator[None]:
        """While the block runs the row's own lease is renewed: a server may take longer than any fixed span."""
        self._rows[table, row.id] = (row.claim_no, span)
        try:
            yield
        finally:
            del self._rows[table, row.id]

    def give_back(self, *names: str) -> None:
        """Let others take them at once; all of them where none is named. Never raises: they end by themselves."""
        with self._lock:
            for name in names or tuple(self._held):
                known = self._held.pop(name, None)
                if known is None:
                    continue
                mine = sa.and_(t.lease.c.name == name, t.lease.c.claim_no == known.claim_no)
                with contextlib.suppress(SQLAlchemyError), self._db.tx() as tx:
                    tx.execute(sa.update(t.lease).where(mine).values(leased_until=None))

    def _renewed(self, name: str, known: _Claim, now: datetime) -> bool:
        """Fenced: a lease that ended and that nobody took is still ours."""
        mine = sa.and_(t.lease.c.name == name, t.lease.c.claim_no == known.claim_no)
        with self._db.tx() as tx:
            kept = tx.execute(sa.update(t.lease).where(mine).values(leased_until=now + SPAN)).rowcount == 1
        if kept:
            self._held[name] = _Claim(known.claim_no, now + SPAN)
        else:
            self._held.pop(name, None)
        return kept

    def _claimed(self, name: str, now: datetime) -> bool:
        lease = t.lease.c
        free = sa.or_(lease.leased_until.is_(None), lease.leased_until <= now)
        with self._db.tx() as tx:
            taken = tx.execute(sa.select(lease.name).where(lease.name == name, sa.not_(free))).first()
            if taken is not None:
                return False
            insert_once(tx, t.lease, {"name": name})
            claim = sa.update(t.lease).where(lease.name == name, free)
            claim = claim.values(claim_no=lease.claim_no + 1, leased_until=now + SPAN)
            claim_no = tx.execute(claim.returning(lease.claim_no)).scalar()
        if claim_no is None:
            return False
        self._held[name] = _Claim(claim_no, now + SPAN)
        return True
