"""Papers that went to clients as files of an answer (A19), and which invoices among them are not paid yet."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.store.cases import Actor
from mailcase.store.events import case_stream, record
from mailcase.store.indexes import UNPAID
from mailcase.words import DocumentType, EventType, OutboxStatus

_p, _o, _m, _c = t.outgoing_document.c, t.outbox.c, t.mail.c, t.cases.c
_LEFT = sa.or_(_p.outbox_id.is_(None), sa.and_(_o.status == OutboxStatus.SENT, _o.bounced_at.is_(None)))
"""It reached the client: an answer that was stopped or came back brought him nothing."""
_SENT_AT = sa.func.coalesce(_o.sent_at, _m.received_at).label("sent_at")


def issue(
    tx: Connection, case_id: int, actor: Actor, paper: tuple[DocumentType, str], name: str, outbox_id: int | None
) -> None:
    """The letter of `actor` brings the client this paper; without `outbox_id` it went past us."""
    kind, number = paper
    row = {"case_id": case_id, "mail_id": actor.mail_id, "outbox_id": outbox_id}
    tx.execute(sa.insert(t.outgoing_document).values(**row, type=kind, number=number, name=name))
    record(tx, case_stream(case_id), actor.happening(EventType.ISSUED, document=kind, number=number))


def of_case(view: Connection, case_id: int) -> list[Row[Any]]:
    """Every paper that reached the client, with `sent_at`, oldest first."""
    return list(view.execute(_joined().where(_p.case_id == case_id, _LEFT).order_by(_p.id)))


def unpaid(view: Connection, case_id: int | None = None) -> list[Row[Any]]:
    """Invoices that reached the client and of which nobody has said that they are paid, oldest first."""
    wanted = _joined().where(UNPAID, _LEFT).order_by(_p.id)
    return list(view.execute(wanted.where(_p.case_id == case_id) if case_id is not None else wanted))


def pay(tx: Connection, actor: Actor, paper: Row[Any]) -> None:
    """An employee says that this invoice is paid."""
    tx.execute(sa.update(t.outgoing_document).where(_p.id == paper.id).values(paid_at=actor.at))
    record(tx, case_stream(paper.case_id), actor.happening(EventType.PAID, number=paper.number))


def _joined() -> sa.Select[Any]:
    joined = t.outgoing_document.outerjoin(t.outbox, _p.outbox_id == _o.id).join(t.mail, _p.mail_id == _m.id)
    return sa.select(t.outgoing_document, _SENT_AT).select_from(joined)
