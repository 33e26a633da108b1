"""What a report counts, as the database has it: cases of a span, and what happened to them. Read-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.words import EventType

_STEPS = (
    EventType.ANSWERED,
    EventType.CLOSED,
    EventType.PAUSED,
    EventType.RECLASSIFIED,
    EventType.RESUMED,
    EventType.REOPENED,
)


def opened(view: Connection, since: datetime, until: datetime) -> list[Row[Any]]:
    """(id, number, kind, subject, opened_at, due_at) of each case of that span, in order; no history."""
    c = t.cases.c
    wanted = sa.select(c.id, c.number, c.kind, c.subject, c.opened_at, c.due_at)
    span = sa.and_(c.opened_at >= since, c.opened_at < until, sa.not_(c.history))
    return list(view.execute(wanted.where(span).order_by(c.opened_at, c.id)))


def steps(view: Connection, since: datetime, until: datetime) -> list[Row[Any]]:
    """(stream, type, at, detail) of what answered a case, or stopped or moved its term, in that span, in order."""
    e = t.event.c
    span = sa.and_(e.at >= since, e.at < until, e.type.in_(_STEPS))
    return list(view.execute(sa.select(e.stream, e.type, e.at, e.detail).where(span).order_by(e.id)))
