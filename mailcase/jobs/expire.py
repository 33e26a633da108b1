"""An unproven letter of an employee's waits no longer than our question can be answered; then it is told as expired.

Who left a question unanswered would never hear of the orders behind it: the next one is asked about in the morning.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from mailcase.app import App
from mailcase.jobs import Slot, job
from mailcase.questions import Awaited, ask_next, waiting
from mailcase.store import intake, outbox
from mailcase.store.cases import Actor
from mailcase.store.events import case_stream, mail_stream, record
from mailcase.words import EventType

_NIGHT = timedelta(hours=12)


@job("expire", lambda config: config.schedule.expire)
def expire(app: App, slot: Slot) -> None:
    """Let go what nobody has vouched for, and ask each employee about the next, but not where he was just asked."""
    with app.db.tx() as tx:
        slot.fence(tx)
        for one in waiting(tx):
            if one.until is not None and one.until <= slot.now:
                _expire(tx, one, slot)
        for person in app.config.employee:
            if person.active and outbox.asked_since(tx, person.login, slot.now - _NIGHT) == 0:
                ask_next(app, tx, person, slot.now)


def _expire(tx: Connection, one: Awaited, slot: Slot) -> None:
    """The letter stays in the ledger as held; the event tells the morning letter of it."""
    row = one.row
    intake.release(tx, row.id)
    stream = case_stream(row.case_id) if row.case_id is not None else mail_stream(row.id)
    record(tx, stream, Actor(slot.now, mail_id=row.id).happening(EventType.EXPIRED, person=one.person))
