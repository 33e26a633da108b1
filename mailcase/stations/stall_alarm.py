"""Who hears of it when a station stalls: the same letter is first of those that wait, for longer than it may be.

Whatever the cause (a thread that hangs, no process with that station), nothing of it shows in a letter that fails.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from mailcase import alarm_route, post
from mailcase.app import App
from mailcase.store import intake, outbox

_REMEDY = "Письма не теряются. Посмотрите mailcase check --alive и журнал службы, перезапустите mailcase."
_GAP = timedelta(minutes=2)
"""Looks may be so far apart however short the span is."""


@dataclass(slots=True)
class StallAlarm:
    """Looks at the queues again and again. What this process has not watched for the whole time is no stall."""

    app: App
    _first: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    """By station the letter that is first of its queue, and when it was seen there first."""
    _looked: datetime | None = None

    def look(self) -> bool:
        """Tell what stalls, once a day; whether anything does."""
        now, span = self.app.now(), self.app.config.alarm.stalled
        if self._looked is None or not timedelta() <= now - self._looked < max(span / 2, _GAP):
            # The machine slept, the clock was set, or the database was away: the stations have just begun again.
            self._first.clear()
        with self.app.db.read() as view:
            waiting = {"handle": intake.oldest_new(view, now), "send": outbox.oldest_due(view, now)}
        self._looked = now
        # A queue that stood empty in between works: a letter that a full mailbox defers comes back again and again.
        self._first = {station: seen for station, seen in self._first.items() if waiting[station]}
        stalled = {station: row for station, row in waiting.items() if row and self._stays(station, row, now, span)}
        if "send" in stalled:
            self._unsent(stalled["send"], now)
        if "handle" in stalled:
            self._unhandled(stalled["handle"], now)
        return bool(stalled)

    def _stays(self, station: str, row: Row[Any, Any], now: datetime, span: timedelta) -> bool:
        seen, since = self._first.get(station, (0, now))
        if seen != row.id:
            self._first[station] = row.id, now
            return False
        return now - since >= span

    def _unsent(self, row: Row[Any, Any], now: datetime) -> None:
        """No letter could tell it. It is the cause of a server that is away, too: who knows already is told no more."""
        text = f"Письма не уходят: первое из них ждёт с {self._local(row.since)}. {_REMEDY}"
        alarm_route.tell(self.app.config, "smtp", now, text)

    def _unhandled(self, row: Row[Any, Any], now: datetime) -> None:
        """By a letter to the duty person, too."""
        what = f"Письма не разбираются: первое из них ждёт с {self._local(row.since)}"
        key = f"handle:{now.astimezone(self.app.config.calendar.zone):%Y-%m-%d}"
        with self.app.db.tx() as tx:
            post.alarm(tx, self.app.config, key, now, (what, [], _REMEDY), grave="handle")
        self.app.wake.send.set()

    def _local(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.app.config.calendar.zone):%d.%m.%Y %H:%M}"
