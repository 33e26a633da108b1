"""Claims: a row is taken for a while by one worker, and what he writes at the end counts only while it is his.

Three counters, never one: `claim_no` fences, `deaths` counts workers that never came back, `tries` failures.
"""

from __future__ import annotations

import contextlib
import logging
import traceback
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row, Table

from mailcase.store.db import Database, said
from mailcase.store.outage import away, of_one
from mailcase.words import LeaseLost, StorageDown

log = logging.getLogger(__name__)
_REST = timedelta(minutes=1)


@lru_cache
def _claimed(table: Table) -> sa.Update:
    # Without a lease the claim has ended: by a commit whose answer was lost, for one.
    mine = sa.and_(table.c.id == sa.bindparam("its_id"), table.c.claim_no == sa.bindparam("its_claim"))
    return sa.update(table).where(mine, table.c.leased_until.is_not(None))


def claim(
    tx: Connection,
    table: Table,
    due: Sequence[sa.ColumnElement[bool]],
    *,
    now: datetime,
    lease: timedelta,
    limit: int,
    first: Sequence[sa.Column[Any]] = (),
) -> list[Row[Any]]:
    """Take up to `limit` due rows for `lease`, in the order of `first` and then of their age; other workers skip them.

    A row that was claimed and never came back (`deaths`) is claimed alone, so one killer letter costs no innocents;
    those that died least come first, so neither the killer nor a process that is killed again and again finds the same
    innocent each time.
    """
    given = {"now": now, "until": now + lease}
    rows = list(tx.execute(_taken(table, *due, first=tuple(first)), {**given, "most": limit}))
    rows = rows or list(tx.execute(_taken(table, *due, first=tuple(first), died=True), {**given, "most": 1}))
    # A RETURNING keeps no order.
    names = [column.key for column in (*first, table.c.id)]
    return sorted(rows, key=lambda row: [getattr(row, name) for name in names])


# Built once for each station: building it anew costs ten times its execution.
@lru_cache(maxsize=16)
def _taken(
    table: Table, *due: sa.ColumnElement[bool], first: tuple[sa.Column[Any], ...], died: bool = False
) -> sa.Executable:
    now = sa.bindparam("now", type_=table.c.leased_until.type)
    free = sa.and_(
        *due,
        table.c.deaths > 0 if died else table.c.deaths == 0,
        sa.or_(table.c.next_try_at.is_(None), table.c.next_try_at <= now),
        sa.or_(table.c.leased_until.is_(None), table.c.leased_until <= now),
    )
    order = (table.c.deaths, *first, table.c.id)
    picked = sa.select(table.c.id).where(free).order_by(*order).limit(sa.bindparam("most"))
    # Without MATERIALIZED the planner may run the sub-select again and take more rows than asked for.
    chosen = picked.with_for_update(skip_locked=True).cte("chosen").prefix_with("MATERIALIZED", dialect="postgresql")
    until = sa.bindparam("until", type_=table.c.leased_until.type)
    took = sa.update(table).where(table.c.id == chosen.c.id)
    claimed = {"claim_no": table.c.claim_no + 1, "deaths": table.c.deaths + 1, "leased_until": until}
    asked: sa.Executable = took.values(**claimed).returning(table)
    return asked


def settle(tx: Connection, table: Table, row: Row[Any], **values: Any) -> None:
    """Write the end of a claim and free the lease; raises LeaseLost where another worker has taken the row."""
    ended = {"its_id": row.id, "its_claim": row.claim_no, "leased_until": None, "deaths": row.deaths - 1, **values}
    if tx.execute(_claimed(table), ended).rowcount != 1:
        raise LeaseLost(f"{table.name} {row.id}: claim {row.claim_no} was taken over or has ended")


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
            if of_one(error):
                _rest(db, table, row, now)
            # Whoever has the other rows gives them back with this one.
            raise StorageDown(f"{table.name} {row.id}: {said(error)}") from error
        # Not the error's own text: a database tells the values of the row in it, addresses too.
        trace = "".join(traceback.format_tb(error.__traceback__))
        log.error("%s %d failed: %s: %s\n%s", table.name, row.id, type(error).__name__, said(error), trace)
        pause = timedelta(seconds=min(300, 2**row.tries))
        noted = {"tries": row.tries + 1, "next_try_at": now + pause, "leased_until": None, "deaths": row.deaths - 1}
        mine = sa.and_(table.c.id == row.id, table.c.claim_no == row.claim_no)
        with contextlib.suppress(sa.exc.SQLAlchemyError), db.tx() as tx:
            told = f"{type(error).__name__}: {said(error)}"
            column = "error" if "error" in table.c else "last_error"
            tx.execute(sa.update(table).where(mine).values(**noted, **{column: told}))


def _rest(db: Database, table: Table, row: Row[Any], now: datetime) -> None:
    """It loses no try, but the rows behind it have their turn before it is tried again."""
    mine = sa.and_(table.c.id == row.id, table.c.claim_no == row.claim_no)
    rested = {"next_try_at": now + _REST, "leased_until": None, "deaths": row.deaths - 1}
    with contextlib.suppress(sa.exc.SQLAlchemyError), db.tx() as tx:
        tx.execute(sa.update(table).where(mine).values(**rested))


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
