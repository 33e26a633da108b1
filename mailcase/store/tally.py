"""How many letters came and what became of them: the sum that the morning letter prints, exact to the letter."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.store.indexes import PENDING
from mailcase.words import FolderRole, Outcome

IN_CASES = (Outcome.NEW_CASE, Outcome.FOLLOW_UP, Outcome.COMMAND, Outcome.HELD, Outcome.QUARANTINE)
"""What belongs to a case, or to an employee's work on one; everything else is a line of the ledger."""
_BY_STAFF = (Outcome.COMMAND, Outcome.HELD)
"""Employees' answers and orders: they are no letters of clients, and are told apart from these."""
_IN_WORK = timedelta(minutes=10)
"""So long a letter may lie here before it counts as lost."""


def counted(view: Connection, since: datetime, until: datetime) -> list[Row[Any]]:
    """Letters that got their outcome in that span, oldest first: each is in exactly one of spans that follow on.

    A letter belongs where it was handled, so one that came right before `until` is left to the next span and one
    that was stuck for days is still told. What a person or a second arrival called in question again counts where
    it entered, since it was counted then. What the administrator replays counts again.
    """
    m = t.mail.c
    doubted = sa.or_(m.forced, m.spam_waived)
    # As two spans, each of which an index knows.
    handled = sa.and_(sa.not_(doubted), m.handled_at >= since, m.handled_at < until)
    entered = sa.and_(doubted, m.entered_at >= since, m.entered_at < until)
    told = sa.and_(m.outcome.is_not(None), sa.or_(handled, entered))
    wanted = sa.select(t.mail).where(told, m.role != FolderRole.SENT, sa.not_(m.history))
    return list(view.execute(wanted.order_by(m.id)))


def count(view: Connection, since: datetime, until: datetime) -> dict[str, int]:
    """found = cases + staff + other + lost, exactly: clients' letters in cases, employees' words, the others, the lost.

    `lost` are all that entered, or were listed and not delivered, more than ten minutes before `until` and have no
    outcome yet, whatever their age: a loss is repeated every day until it is mended.
    """
    done = counted(view, since, until)
    staff = sum(row.outcome in _BY_STAFF for row in done)
    cases = sum(row.outcome in IN_CASES for row in done) - staff
    lost = _stuck(view, until - _IN_WORK) + _undelivered_by_server(view, until - _IN_WORK)
    other = len(done) - cases - staff
    return {"found": len(done) + lost, "cases": cases, "staff": staff, "other": other, "lost": lost}


def _stuck(view: Connection, before: datetime) -> int:
    """Letters without an outcome that entered before then."""
    m = t.mail.c
    stuck = sa.and_(m.outcome.is_(None), m.entered_at < before, m.role != FolderRole.SENT, sa.not_(m.history))
    return view.execute(sa.select(sa.func.count()).where(stuck)).scalar_one()


def _undelivered_by_server(view: Connection, before: datetime) -> int:
    """UIDs that the server has listed since before then and does not deliver; after renumbering they have others."""
    s, f = t.sighting.c, t.folder.c
    joined = t.sighting.join(t.folder, sa.and_(s.folder_id == f.id, s.uidvalidity == f.uidvalidity))
    listed = sa.and_(PENDING, s.seen_at < before, f.role != FolderRole.SENT)
    return view.execute(sa.select(sa.func.count()).select_from(joined).where(listed)).scalar_one()
