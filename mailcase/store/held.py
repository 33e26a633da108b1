"""Letters of ours that did not leave and will not by themselves: who asks for them, and how they go after all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import outbox
from mailcase.store import tables as t
from mailcase.words import Audience, HoldReason, OutboxStatus, Status


def kept(view: Connection) -> list[Row[Any]]:
    """Letters that did not leave and will not by themselves, held and failed, oldest first; with their case's tag."""
    o = t.outbox.c
    joined = t.outbox.outerjoin(t.cases, o.case_id == t.cases.c.id)
    wanted = sa.select(t.outbox, t.cases.c.tag).select_from(joined)
    return list(view.execute(wanted.where(o.status.in_((OutboxStatus.HELD, OutboxStatus.FAILED))).order_by(o.id)))


def untold(view: Connection, since: datetime, until: datetime) -> list[Row[Any]]:
    """Notices about cases that the morning letter stands for, written in that span, with their case."""
    o, c = t.outbox.c, t.cases.c
    span = sa.and_(o.hold_reason == HoldReason.DIGEST, o.created_at >= since, o.created_at < until)
    shown = (c.id, c.number, c.tag, c.subject, c.assignee, c.contact_name, c.contact_address, c.due_at)
    wanted = sa.select(o.person, o.template, *shown)
    joined = t.outbox.join(t.cases, o.case_id == c.id)
    return list(view.execute(wanted.distinct().select_from(joined).where(span).order_by(c.id)))


def count(view: Connection, reason: HoldReason) -> int:
    """How many letters are held for that reason."""
    held = sa.and_(t.outbox.c.status == OutboxStatus.HELD, t.outbox.c.hold_reason == reason)
    return view.execute(sa.select(sa.func.count()).select_from(t.outbox).where(held)).scalar_one()


def release(
    tx: Connection, reason: str, now: datetime, only: Sequence[str] = (), but: Sequence[str] = ()
) -> tuple[int, int]:
    """Send what was held for that reason, or has failed: how many go, and how many stay because it is too late.

    `only` and `but` are addresses or domains of recipients. An acknowledgement after the answer would only confuse.
    """
    o, c = t.outbox.c, t.cases.c
    why = o.status == OutboxStatus.FAILED if reason == OutboxStatus.FAILED else o.hold_reason == reason
    stopped = o.status.in_((OutboxStatus.HELD, OutboxStatus.FAILED))
    wanted = sa.and_(stopped, why, _any_of(only) if only else sa.true(), sa.not_(_any_of(but)))
    over = sa.exists().where(c.id == o.case_id, c.status.in_((Status.ANSWERED, Status.CLOSED)))
    late = sa.and_(o.audience == Audience.CLIENT, o.automatic, over)
    stay = tx.execute(sa.select(sa.func.count()).select_from(t.outbox).where(wanted, late)).scalar_one()
    go = sa.update(t.outbox).where(wanted, sa.not_(late)).values(**outbox.again(now))
    return tx.execute(go).rowcount, stay


def _any_of(names: Sequence[str]) -> sa.ColumnElement[bool]:
    """Whether the recipient is one of these addresses, or of one of these domains."""
    to = sa.func.lower(t.outbox.c.to_address)
    low = [name.strip().lower().removeprefix("@") for name in names]
    return sa.or_(sa.false(), *(to == n if "@" in n else to.endswith(f"@{n}", autoescape=True) for n in low))
