"""After each calendar month or quarter the top management reads one page about it (A4, rules 11.6)."""

from __future__ import annotations

from datetime import date

from mailcase import post
from mailcase.app import App
from mailcase.config import Config
from mailcase.jobs import Slot, job
from mailcase.reports import management, period

_NOBODY = (
    "Отчёт руководству некому отправить",
    ["Все, кто указан в lab.top_management, больше не работают (active = false)."],
    "Укажите в lab.top_management, кто получает отчёт, и отправьте его командой mailcase report",
)


def _begins(config: Config, day: date) -> date | None:
    every = config.report.every
    return None if every == "never" else period.begins(day, every)


@job("report", lambda config: config.schedule.report, begins=_begins)
def report(app: App, slot: Slot) -> None:
    """Write the letters about the month or quarter that is over."""
    day = slot.at.astimezone(app.config.calendar.zone).date()
    over = period.ended(day, app.config.report.every)
    with app.db.tx() as tx:
        slot.fence(tx)
        management.write(tx, app, over, slot.now)
        if not management.members(app.given):
            post.alarm(tx, app.config, f"report:{over.first}", slot.now, _NOBODY)
