"""Silence closes an answered inquiry after the configured working days; a complaint never closes by itself."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from mailcase.app import App
from mailcase.jobs import Slot, job
from mailcase.rules.deadline import workdays
from mailcase.store import cases, queries
from mailcase.store.cases import Actor


@job("silence", lambda config: config.schedule.silence)
def silence(app: App, slot: Slot) -> None:
    """Close what nobody has written about since the answer."""
    with app.db.tx() as tx:
        slot.fence(tx)
        for case in queries.silent_since(tx, quiet_since(app, slot.at, app.config.answer.silence_days)):
            cases.close(tx, case.id, Actor(slot.now), "ответ отправлен, возражений не поступило")
    app.wake.page.set()


def quiet_since(app: App, at: datetime, days: int) -> datetime:
    """The moment before which a letter must have left: so many working days back, at the end of that day."""
    zone = app.config.calendar.zone
    day = at.astimezone(zone).date()
    left = days
    while left:
        day -= timedelta(days=1)
        left -= workdays(app.config.calendar).is_working(day)
    return datetime.combine(day, time(0, 0), zone)
