"""Who is away, as employees told it by mail, beside what the configuration says (users.md 3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.store.cases import Actor
from mailcase.store.events import employee_stream, record
from mailcase.words import EventType

_a = t.absence.c


def enter(tx: Connection, actor: Actor, login: str, span: tuple[date, date], substitute: str) -> tuple[Row[Any], ...]:
    """Write it down. What was told before of the same days is replaced, and returned; of other days it stays.

    Who is away longer than was told keeps the substitute, unless another is named.
    """
    since, until = span
    days = {"since": since.isoformat(), "until": until.isoformat()}
    before = tuple(row for row in of_employee(tx, login, since) if row.since <= days["until"])
    instead = substitute or next((row.substitute for row in before if row.since <= days["since"]), "")
    for row in before:
        if row.until > days["until"]:
            rest = {**row._asdict(), "since": (until + timedelta(days=1)).isoformat()}
            del rest["id"]
            tx.execute(sa.insert(t.absence).values(**rest))
        _cut(tx, row, since)
    entered = {"entered_by": actor.login, "entered_at": actor.at, "mail_id": actor.mail_id}
    tx.execute(sa.insert(t.absence).values(login=login, substitute=instead, **days, **entered))
    record(tx, employee_stream(login), actor.happening(EventType.ABSENT, substitute=instead, **days))
    return before


def end(tx: Connection, actor: Actor, row: Row[Any], back: date) -> None:
    """The employee is there from that day on; an absence that would begin later does not take place."""
    _cut(tx, row, back)
    record(tx, employee_stream(row.login), actor.happening(EventType.BACK, since=row.since, back=back.isoformat()))


def of_employee(view: Connection, login: str, day: date) -> list[Row[Any]]:
    """His absences that last on that day or come later, the nearest first."""
    wanted = sa.select(t.absence).where(_a.until >= day.isoformat(), _a.login == login).order_by(_a.since, _a.id)
    return list(view.execute(wanted))


_ON = sa.select(_a.login, _a.since, _a.until, _a.substitute).where(
    _a.until >= sa.bindparam("day"), _a.since <= sa.bindparam("day")
)


def on(view: Connection, day: date) -> tuple[Row[Any], ...]:
    """(login, since, until, substitute) of who is away on that day."""
    found: tuple[Row[Any], ...] = tuple(view.execute(_ON.order_by(_a.id), {"day": day.isoformat()}))
    return found


def _cut(tx: Connection, row: Row[Any], day: date) -> None:
    """It ends the day before; where it had not begun, nothing is left of it but the event."""
    wanted = _a.id == row.id
    if row.since >= day.isoformat():
        tx.execute(sa.delete(t.absence).where(wanted))
    else:
        tx.execute(sa.update(t.absence).where(wanted).values(until=(day - timedelta(days=1)).isoformat()))
