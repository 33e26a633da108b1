"""The clock that processes on one PostgreSQL share: that of the database.

Leases, terms and pauses are written by one process and read by another, and the clocks of two machines differ. The
database's is asked once a minute and carried on in between, so a time stays a plain value (`App.now`) that tests can
give, and no query needs two ways to say "now". Between two questions the clock of a machine may be set as it likes:
the one that carries on only counts seconds, those of a suspended machine too.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from mailcase.store.db import Database

log = logging.getLogger(__name__)
_EVERY = 60.0
_SECONDS = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class DatabaseClock:
    """Called, it tells the database's time, aware UTC; never raises."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: tuple[datetime, float] | None = None
        self._ask_at = 0.0

    def __call__(self) -> datetime:
        """The time now."""
        seconds = time.clock_gettime(_SECONDS)
        if seconds >= self._ask_at:
            self._ask_at = seconds + _EVERY
            self._ask()
        if self._known is None:
            # Nobody can say yet; whoever asks will not reach the database either.
            return datetime.now(UTC)
        told, then = self._known
        return told + timedelta(seconds=time.clock_gettime(_SECONDS) - then)

    def _ask(self) -> None:
        try:
            with self._db.read() as view:
                told = view.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        except SQLAlchemyError:
            log.warning("the database cannot be asked for the time; it is carried on")
        else:
            self._known = (told.astimezone(UTC), time.clock_gettime(_SECONDS))
