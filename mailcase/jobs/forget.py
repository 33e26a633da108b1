"""Budgets of past days count nothing any more; every sender of a day leaves some, so they are deleted."""

from __future__ import annotations

from datetime import timedelta

from mailcase.app import App
from mailcase.jobs import Slot, job
from mailcase.store import outbox

_KEPT = timedelta(days=3)
_AT_ONCE = 5000
"""Rows of one transaction: the stations wait no longer than that takes."""


@job("forget", lambda config: config.schedule.forget)
def forget(app: App, slot: Slot) -> None:
    """Delete what is older than three days, part by part."""
    before = f"{(slot.at - _KEPT).astimezone(app.config.calendar.zone):%Y-%m-%d}"
    gone = _AT_ONCE
    while gone == _AT_ONCE and not app.wake.stop.is_set():
        with app.db.tx() as tx:
            slot.fence(tx)
            gone = outbox.forget_budgets(tx, before, _AT_ONCE)
