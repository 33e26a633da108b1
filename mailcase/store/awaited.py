"""Letters of employees that wait for a word of their writer, his substitute or the quality manager."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.words import EventType, Outcome, Template

_OF_CASE = (t.cases.c.tag, t.cases.c.number)
_QUESTIONS = (Template.HELD, Template.CONFIRM)


def awaited(view: Connection) -> list[Row[Any]]:
    """Every such letter, oldest first, with its case, and our last question's `asked_at` and template, `asked_by`.

    Both are None where nobody was asked.
    """
    m, o = t.mail.c, t.outbox.c
    # An order was done as far as it may be: to take a case from the complaints asks the quality manager.
    waits = sa.and_(m.outcome.in_((Outcome.HELD, Outcome.COMMAND)), m.held.is_not(None))
    ours = sa.and_(o.mail_id == m.id, o.template.in_(_QUESTIONS))
    at = sa.select(sa.func.max(o.created_at)).where(ours).scalar_subquery().label("asked_at")
    by = sa.select(o.template).where(ours).order_by(o.id.desc()).limit(1).scalar_subquery().label("asked_by")
    joined = t.mail.outerjoin(t.cases, m.case_id == t.cases.c.id)
    wanted = sa.select(t.mail, *_OF_CASE, at, by).select_from(joined)
    return list(view.execute(wanted.where(waits).order_by(m.id)))


def expired(view: Connection, since: datetime, until: datetime) -> list[Row[Any]]:
    """Letters that came to wait no longer in that span though nobody said a word, with `detail` of the event."""
    e, m = t.event.c, t.mail.c
    span = sa.and_(e.type == EventType.EXPIRED, e.at >= since, e.at < until)
    joined = t.event.join(t.mail, e.mail_id == m.id).outerjoin(t.cases, m.case_id == t.cases.c.id)
    wanted = sa.select(t.mail, *_OF_CASE, e.detail).select_from(joined)
    return list(view.execute(wanted.where(span).order_by(e.id)))
