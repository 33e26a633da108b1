"""Outgoing letters as rows: enqueue once per key, hold, stop, send again. Each effect has its key (architecture 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.store.db import insert_once, next_number, raise_all
from mailcase.words import Audience, HoldReason, MailcaseError, OutboxStatus, Status, Template

_COPY_DUE = "due"
"""`outbox.sent_copy` of a copy that is to be filed; after failed tries their number follows."""
_COPY_PAUSES = (1, 10, 60, 360)
"""Minutes between the tries to file a copy: a mailbox that is full may have room tomorrow."""


def enqueue(tx: Connection, row: Mapping[str, Any]) -> int | None:
    """Write an outgoing letter; None where its key is there already, so that repeating is harmless."""
    if not insert_once(tx, t.outbox, row):
        return None
    return int(tx.execute(sa.select(t.outbox.c.id).where(t.outbox.c.key == row["key"])).scalar_one())


def keyed(tx: Connection, key: str) -> Row[Any] | None:
    """The letter with that key."""
    return tx.execute(sa.select(t.outbox).where(t.outbox.c.key == key)).one_or_none()


def get(tx: Connection, outbox_id: int) -> Row[Any]:
    """The row; raises MailcaseError for an unknown id."""
    row = tx.execute(sa.select(t.outbox).where(t.outbox.c.id == outbox_id)).one_or_none()
    if row is None:
        raise MailcaseError(f"outgoing letter {outbox_id} does not exist; `mailcase show` lists those of a case")
    return row


def stop(tx: Connection, outbox_id: int) -> bool:
    """Hold a letter that has not left yet; False where it is too late."""
    waits = sa.and_(
        t.outbox.c.id == outbox_id, t.outbox.c.status == OutboxStatus.QUEUED, t.outbox.c.leased_until.is_(None)
    )
    held = {"status": OutboxStatus.HELD, "hold_reason": HoldReason.STOPPED}
    return tx.execute(sa.update(t.outbox).where(waits).values(**held)).rowcount == 1


def requeue(tx: Connection, outbox_id: int, now: datetime) -> None:
    """Send a held or failed letter (again), under the same Message-ID; raises MailcaseError where it is not due."""
    row = get(tx, outbox_id)
    if row.status not in (OutboxStatus.HELD, OutboxStatus.FAILED) and row.bounced_at is None:
        raise MailcaseError(
            f"outgoing letter {outbox_id} is {row.status}: only held, failed and returned ones go again"
        )
    tx.execute(sa.update(t.outbox).where(t.outbox.c.id == outbox_id).values(**_again(now)))


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
    wanted = sa.select(
        o.person, c.id, c.number, c.tag, c.subject, c.assignee, c.contact_name, c.contact_address, c.due_at
    )
    joined = t.outbox.join(t.cases, o.case_id == c.id)
    return list(view.execute(wanted.distinct().select_from(joined).where(span).order_by(c.id)))


def held_for(view: Connection, reason: HoldReason) -> int:
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
    go = sa.update(t.outbox).where(wanted, sa.not_(late)).values(**_again(now))
    return tx.execute(go).rowcount, stay


def _any_of(names: Sequence[str]) -> sa.ColumnElement[bool]:
    """Whether the recipient is one of these addresses, or of one of these domains."""
    to = sa.func.lower(t.outbox.c.to_address)
    low = [name.strip().lower().removeprefix("@") for name in names]
    return sa.or_(sa.false(), *(to == n if "@" in n else to.endswith(f"@{n}", autoescape=True) for n in low))


def _again(now: datetime) -> dict[str, Any]:
    # The term of five days runs anew from here, or a letter of last week would fail at its first delay.
    again = {"status": OutboxStatus.QUEUED, "hold_reason": None, "tries": 0, "next_try_at": now, "created_at": now}
    return {**again, "bounced_at": None, "last_error": None}


def staff_thread(tx: Connection, case_id: int, person: str) -> tuple[str, ...]:
    """Message-IDs of our letters to that employee about the case, oldest first: one thread a case."""
    mine = sa.and_(t.outbox.c.case_id == case_id, t.outbox.c.person == person, t.outbox.c.audience == Audience.STAFF)
    return tuple(tx.execute(sa.select(t.outbox.c.message_id).where(mine).order_by(t.outbox.c.id)).scalars())


def internal_ids(tx: Connection, case_id: int) -> tuple[str, ...]:
    """Message-IDs of our letters to employees about the case: a file that holds one is no file for the client."""
    ours = sa.and_(t.outbox.c.case_id == case_id, t.outbox.c.audience == Audience.STAFF)
    return tuple(tx.execute(sa.select(t.outbox.c.message_id).where(ours)).scalars())


def staff_ids(tx: Connection, ids: tuple[str, ...]) -> frozenset[str]:
    """Which of these ids are of letters to employees: no client's letter may name them (C51)."""
    if not ids:
        return frozenset()
    ours = sa.and_(t.outbox.c.message_id.in_(ids), t.outbox.c.audience == Audience.STAFF)
    return frozenset(tx.execute(sa.select(t.outbox.c.message_id).where(ours)).scalars())


def spend(tx: Connection, scope: str, window: str) -> int:
    """Raise a budget (C14) and return how much of it is used."""
    return next_number(tx, t.counter, f"budget:{scope}:{window}")


def spend_all(tx: Connection, scopes: Sequence[str], window: str) -> dict[str, int]:
    """Raise several budgets at once; how much of each is used."""
    names = {f"budget:{scope}:{window}": scope for scope in scopes}
    return {names[name]: used for name, used in raise_all(tx, t.counter, names).items()}


def give_back(tx: Connection, scopes: Sequence[str], window: str) -> None:
    """Lower budgets that were raised for a letter which does not leave after all."""
    names = [f"budget:{scope}:{window}" for scope in scopes]
    if names:
        tx.execute(sa.update(t.counter).where(t.counter.c.name.in_(names)).values(value=t.counter.c.value - 1))


def spent(view: Connection, scope: str, window: str) -> int:
    """How much of a budget is used."""
    name = f"budget:{scope}:{window}"
    return view.execute(sa.select(t.counter.c.value).where(t.counter.c.name == name)).scalar() or 0


def bounced(tx: Connection, outbox_id: int, at: datetime) -> None:
    """A report says that this letter did not arrive: it no longer counts as delivered."""
    tx.execute(sa.update(t.outbox).where(t.outbox.c.id == outbox_id).values(bounced_at=at))


def undelivered(view: Connection, since: datetime) -> list[Row[Any]]:
    """Letters that failed or came back since then."""
    o = t.outbox.c
    lost = sa.or_(sa.and_(o.status == OutboxStatus.FAILED, o.created_at >= since), o.bounced_at >= since)
    return list(view.execute(sa.select(t.outbox).where(lost).order_by(o.id)))


def oldest_queued(view: Connection, now: datetime, grace: timedelta) -> datetime | None:
    """Since when the oldest due letter waits, if longer than `grace`; the monitor asks this."""
    o = t.outbox.c
    waits = o.status.in_((OutboxStatus.QUEUED, OutboxStatus.SENDING))
    late = sa.and_(waits, sa.func.coalesce(o.next_try_at, o.created_at) < now - grace)
    return view.execute(sa.select(sa.func.min(o.created_at)).where(late)).scalar()


def uncopied(view: Connection, now: datetime, limit: int = 50) -> list[Row[Any]]:
    """Letters that left and whose copy is to be filed in the Sent folder now."""
    o = t.outbox.c
    due = sa.and_(o.status == OutboxStatus.SENT, o.sent_copy.startswith(_COPY_DUE))
    rested = sa.or_(o.next_try_at.is_(None), o.next_try_at <= now)
    return list(view.execute(sa.select(t.outbox).where(due, rested).order_by(o.id).limit(limit)))


def copied(tx: Connection, outbox_id: int) -> None:
    """The copy is in the Sent folder."""
    tx.execute(sa.update(t.outbox).where(t.outbox.c.id == outbox_id).values(sent_copy="done"))


def not_copied(tx: Connection, row: Row[Any], now: datetime) -> bool:
    """The copy could not be filed: it is tried again after a pause; True where it is given up after five tries."""
    tries = int(row.sent_copy.removeprefix(_COPY_DUE) or 0)
    given_up = tries == len(_COPY_PAUSES)
    again = {"sent_copy": "failed"} if given_up else {"sent_copy": f"{_COPY_DUE}{tries + 1}"}
    pause = timedelta() if given_up else timedelta(minutes=_COPY_PAUSES[tries])
    tx.execute(sa.update(t.outbox).where(t.outbox.c.id == row.id).values(next_try_at=now + pause, **again))
    return given_up


def asked_since(tx: Connection, person: str, since: datetime) -> int:
    """How many «это Вы писали?» that employee has got since then (at most one an hour)."""
    o = t.outbox.c
    his = sa.and_(o.person == person, o.template == Template.CONFIRM, o.created_at > since)
    return tx.execute(sa.select(sa.func.count()).where(his)).scalar_one()
