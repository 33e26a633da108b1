"""The configuration as it is today: who is away, or has no order, gets nothing (A5, users.md 3).

What employees told of absences by mail stands in the database and is read again now and then: another process may have
taken the letter. A database that is away leaves what was last known.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import SQLAlchemyError

from mailcase.config import Config, Employee
from mailcase.store import absences
from mailcase.store.db import Database, said

log = logging.getLogger(__name__)
_FRESH = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class _Known:
    day: date
    read_at: datetime
    until: datetime
    """From then on it is read again: the day is over, or it is no longer fresh."""
    away: tuple[Row[Any], ...]
    config: Config


class Today:
    """Keeps the configuration of the day."""

    def __init__(self, given: Config, db: Database) -> None:
        self._given, self._db = given, db
        self._known: _Known | None = None

    def config(self, now: datetime) -> Config:
        """The configuration of that moment's day, no older than some seconds."""
        known = self._known
        # Threads may read at once: each of them finds the same. A clock that was set back is no reason to wait.
        if known is None or not known.read_at <= now < known.until:
            known = self._known = self._read(now, known)
        return known.config

    def forget(self) -> None:
        """Read again at the next question: somebody told of an absence just now."""
        self._known = None

    def _read(self, now: datetime, known: _Known | None) -> _Known:
        here = now.astimezone(self._given.calendar.zone)
        day = here.date()
        midnight = datetime.combine(day + timedelta(days=1), time(), here.tzinfo)
        until = min(now + _FRESH, midnight)
        try:
            with self._db.read() as view:
                away = absences.on(view, day)
        except (OSError, SQLAlchemyError) as gone:
            log.debug("absences cannot be read: %s", said(gone))
            away = known.away if known else ()
        if known is not None and (known.day, known.away) == (day, away):
            return _Known(day, now, until, away, known.config)
        return _Known(day, now, until, away, with_absences(self._given, away).as_of(day))


def with_absences(config: Config, away: tuple[Row[Any], ...]) -> Config:
    """The configuration with these absences on the cards, each with who stands in meanwhile."""
    told = {row.login: row for row in away}
    if not told:
        return config
    cards = tuple(_card(person, told.get(person.login)) for person in config.employee)
    return config.model_copy(update={"employee": cards})


def _card(person: Employee, row: Row[Any] | None) -> Employee:
    if row is None:
        return person
    spell = (date.fromisoformat(row.since), date.fromisoformat(row.until))
    return person.model_copy(update={"away": (*person.away, spell), "substitute": row.substitute or person.substitute})
