"""Hears, on PostgreSQL, what other processes have committed: their triggers say which station has work.

A notification is only a wake-up: it comes with the commit, is lost with the connection, and the stations' timers
would find the work without it. So after every new connection each station looks once.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from mailcase.store.db import Database
from mailcase.store.triggers import CHANNEL
from mailcase.words import MailcaseError

_LOOK = 1.0
"""Seconds until the caller may look whether it is to stop."""


class Listener:
    """One connection of its own that sets the event of each station that others have work for."""

    def __init__(self, db: Database, wakes: Mapping[str, threading.Event]) -> None:
        self._db, self._wakes = db, wakes
        self._connection: Connection | None = None
        self._driver: Any = None

    def step(self) -> bool:
        """Listen for a second; False always. Raises MailcaseError where there is no connection: call it again later."""
        try:
            if self._connection is None:
                self._connect()
            for note in self._driver.notifies(timeout=_LOOK):
                # What this very process commits it knows already.
                if note.payload != self._db.name:
                    self._wakes[note.channel.removeprefix(CHANNEL)].set()
        except (SQLAlchemyError, self._db.driver_error, OSError) as gone:
            self.close()
            said = str(gone).partition("\n")[0]
            raise MailcaseError(f"no word of other processes, timers go on: {said}") from gone
        return False

    def close(self) -> None:
        """Hang up; never raises."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(SQLAlchemyError, self._db.driver_error, OSError):
                connection.close()

    def _connect(self) -> None:
        self._connection = self._db.writer.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._driver = self._connection.connection.driver_connection
        # Taken out of the pool: nobody else may get a connection that listens.
        self._connection.detach()
        for station in self._wakes:
            self._connection.exec_driver_sql(f"LISTEN {CHANNEL}{station}")
        for event in self._wakes.values():
            event.set()
