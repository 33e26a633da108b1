"""Outgoing letters as rows: enqueue once per key, hold, stop, send again. Each effect has its key (architecture 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.store.db import insert_once, next_number, raise_all
from mailcase.store.events import case_stream
from mailcase.store.indexes import DUE, UNCOPIED
from mailcase.words import Audience, EventType, HoldReason, MailcaseError, OutboxStatus, Template

_COPY_DUE = "due"
"""`outbox.sent_copy` of a copy that is to be filed; after failed tries their number follows."""
_COPY_PAUSES = (1, 10, 60, 360)
"""Minutes between the tries to file a copy: a mailbox that is full may have room tomorrow."""


def enqueue(tx: Connection, row: Mapping[str, Any]) -> int | None:
    """Write an outgoing letter; None where its key is there already, so that repeating is harmless."""
    new = insert_once(tx, t.outbox, row)
    return None if new is None else int(new.id)


_KEYED = sa.select(t.outbox.c.id).where(t.outbox.c.key == sa.bindparam("its_key"))


def keyed(tx: Connection, key: str) -> int | None:
    """Id of the letter with that key."""
    return tx.execute(_KEYED, {"its_key": key}).scalar()


_BY_ID = sa.select(t.outbox).where(t.outbox.c.id == sa.bindparam("its_id"))


def get(tx: Connection, outbox_id: int) -> Row[Any]:
    """The row; raises MailcaseError for an unknown id."""
    row = tx.execute(_BY_ID, {"its_id": outbox_id}).one_or_none()
    if row is None:
        raise MailcaseError(f"outgoing letter {outbox_id} does not exist; `mailcase show` lists those of a case")
    return row


def hold(tx: Connection, outbox_id: int, reason: HoldReason) -> None:
    """Hold a letter that was written in this very transaction."""
    held = {"status": OutboxStatus.HELD, "hold_reason": reason}
    tx.execute(sa.update(t.outbox).where(t.outbox.c.id == outbox_id).values(**held))


def redraft(tx: Connection, outbox_id: int, draft: str) -> None:
    """Other contents for a letter that has not left."""
    tx.execute(sa.update(t.outbox).where(t.outbox.c.id == outbox_id).values(draft=draft))


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
    tx.execute(sa.update(t.outbox).where(t.outbox.c.id == outbox_id).values(**again(now)))


def again(now: datetime) -> dict[str, Any]:
    """What a row gets that is to be sent (again)."""
    # The term of five days runs anew from here, or a letter of last week would fail at its first delay.
    fresh = {"status": OutboxStatus.QUEUED, "hold_reason": None, "tries": 0, "next_try_at": now, "created_at": now}
    return {**fresh, "bounced_at": None, "last_error": None}


_STAFF = t.outbox.c.audience == Audience.STAFF
_STAFF_THREAD = (
    sa.select(t.outbox.c.message_id)
    .where(t.outbox.c.case_id == sa.bindparam("its_case"), t.outbox.c.person == sa.bindparam("to"), _STAFF)
    .order_by(t.outbox.c.id)
)
_STAFF_IDS = sa.select(t.outbox.c.message_id).where(
    t.outbox.c.message_id.in_(sa.bindparam("ids", expanding=True)), _STAFF
)


def staff_thread(tx: Connection, case_id: int, person: str) -> tuple[str, ...]:
    """Message-IDs of our letters to that employee about the case, oldest first: one thread a case."""
    return tuple(tx.execute(_STAFF_THREAD, {"its_case": case_id, "to": person}).scalars())


def told_since(tx: Connection, case_id: int, person: str, since: datetime) -> bool:
    """Whether that employee was sent the case since then, or a letter of it, under whichever case's number."""
    o, e = t.outbox.c, t.event.c
    to_him = sa.and_(o.person == person, o.template.in_((Template.NOTICE, Template.PASS_ON)), o.created_at >= since)
    # What is held he has not read.
    left = sa.and_(to_him, o.status.not_in((OutboxStatus.HELD, OutboxStatus.FAILED)))
    of_case = sa.and_(e.stream == case_stream(case_id), e.type == EventType.FOLLOW_UP, e.at >= since)
    parts = sa.select(e.mail_id).where(of_case)
    told = sa.or_(sa.exists().where(left, o.case_id == case_id), sa.exists().where(left, o.mail_id.in_(parts)))
    return tx.execute(sa.select(told)).scalar_one()


def internal_ids(tx: Connection, case_id: int) -> tuple[str, ...]:
    """Message-IDs of our letters to employees about the case: a file that holds one is no file for the client."""
    ours = sa.and_(t.outbox.c.case_id == case_id, _STAFF)
    return tuple(tx.execute(sa.select(t.outbox.c.message_id).where(ours)).scalars())


def staff_ids(tx: Connection, ids: tuple[str, ...]) -> frozenset[str]:
    """Which of these ids are of letters to employees: no client's letter may name them (C51)."""
    if not ids:
        return frozenset()
    return frozenset(tx.execute(_STAFF_IDS, {"ids": list(ids)}).scalars())


def _budget(scope: str, window: str) -> str:
    # The window first, so that old ones lie together.
    return f"budget:{window}:{scope}"


def spend(tx: Connection, scope: str, window: str) -> int:
    """Raise a budget (C14) and return how much of it is used."""
    return next_number(tx, t.counter, _budget(scope, window))


def spend_all(tx: Connection, scopes: Sequence[str], window: str) -> dict[str, int]:
    """Raise several budgets at once; how much of each is used."""
    names = {_budget(scope, window): scope for scope in scopes}
    return {names[name]: used for name, used in raise_all(tx, t.counter, names).items()}


def give_back(tx: Connection, scopes: Sequence[str], window: str) -> None:
    """Lower budgets that were raised for a letter which does not leave after all."""
    names = [_budget(scope, window) for scope in scopes]
    if names:
        tx.execute(sa.update(t.counter).where(t.counter.c.name.in_(names)).values(value=t.counter.c.value - 1))


_SPENT = sa.select(t.counter.c.value).where(t.counter.c.name == sa.bindparam("its_name"))


def forget_budgets(tx: Connection, before: str, limit: int) -> int:
    """Delete up to `limit` budgets of days before that one, which nothing counts any more; how many there were."""
    old = sa.and_(t.counter.c.name >= "budget:", t.counter.c.name < _budget("", before).rstrip(":"))
    some = sa.select(t.counter.c.name).where(old).limit(limit)
    return tx.execute(sa.delete(t.counter).where(t.counter.c.name.in_(some))).rowcount


def spent(view: Connection, scope: str, window: str) -> int:
    """How much of a budget is used."""
    return view.execute(_SPENT, {"its_name": _budget(scope, window)}).scalar() or 0


def bounced(tx: Connection, outbox_id: int, at: datetime) -> None:
    """A report says that this letter did not arrive: it no longer counts as delivered."""
    tx.execute(sa.update(t.outbox).where(t.outbox.c.id == outbox_id).values(bounced_at=at))


def undelivered(view: Connection, since: datetime) -> list[Row[Any]]:
    """Letters that failed or came back since then."""
    o = t.outbox.c
    # Asked one by one: each has its index, and what has no index for both reads every letter that ever left.
    asked = (sa.and_(o.status == OutboxStatus.FAILED, o.created_at >= since), o.bounced_at >= since)
    found = {row.id: row for lost in asked for row in view.execute(sa.select(t.outbox).where(lost))}
    return [found[outbox_id] for outbox_id in sorted(found)]


def oldest_queued(view: Connection, now: datetime, grace: timedelta) -> datetime | None:
    """Since when the first due letter waits, if longer than `grace`; the monitor asks this."""
    o = t.outbox.c
    late = sa.and_(DUE, sa.func.coalesce(o.next_try_at, o.created_at) < now - grace)
    return view.execute(sa.select(o.created_at).where(late).order_by(o.created_at).limit(1)).scalar()


def oldest_due(view: Connection, now: datetime) -> Row[Any, Any] | None:
    """(id, since) of the first letter that may leave now."""
    o = t.outbox.c
    due = sa.func.coalesce(o.next_try_at, o.created_at).label("since")
    return view.execute(sa.select(o.id, due).where(DUE, due <= now).order_by(o.id).limit(1)).first()


def uncopied(view: Connection, now: datetime, limit: int = 50) -> list[Row[Any]]:
    """Letters that left and whose copy is to be filed in the Sent folder now."""
    o = t.outbox.c
    due = sa.and_(o.status == OutboxStatus.SENT, UNCOPIED)
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
    """How many «это Вы писали?» that employee has got since then and not answered (at most one an hour)."""
    o, m = t.outbox.c, t.mail.c
    his = sa.and_(o.person == person, o.template == Template.CONFIRM, o.created_at > since)
    joined = t.outbox.join(t.mail, sa.and_(m.id == o.mail_id, m.held.is_not(None)))
    return tx.execute(sa.select(sa.func.count()).select_from(joined).where(his)).scalar_one()
