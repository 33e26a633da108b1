"""What a letter costs the database and the disk, on PostgreSQL: statements, commits, rows, log, bytes kept.

These are counts and no speeds: they say what a database must carry at any number of letters a day (docs/growth.md).
Handling and sending run in this process, so that every statement is seen; marking the mailbox is left out.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

import psycopg
import sqlalchemy as sa

from bench import meter, profile, report
from bench.intake import WARM
from bench.letters import Letters
from tests.servers.postgres import Postgres

_COUNTS = """
SELECT (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()),
       (SELECT sum(n_tup_ins) FROM pg_stat_user_tables), (SELECT sum(n_tup_upd) FROM pg_stat_user_tables),
       pg_current_wal_lsn() - '0/0'::pg_lsn, pg_database_size(current_database()),
       (SELECT count(*) FROM outbox WHERE status = 'sent')
"""
_NAMES = ("commits", "rows inserted", "rows updated", "bytes of write-ahead log", "bytes of tables and indexes")


def measure(letters: Letters, folder: Path) -> report.Part:
    """Counts a letter over these letters, after some that fill caches and first pages."""
    server = Postgres.start()
    try:
        return _measured(server.url(), letters, folder / "database")
    finally:
        server.stop()


def _measured(url: str, letters: Letters, folder: Path) -> report.Part:
    app = profile.prepared(letters, folder, url)
    profile.enter(app, letters.part(0, WARM))
    profile.work(app)
    counted = letters.part(WARM)
    watch = _Watch(app.db.writer)
    before, files = _counts(url), _stored(folder)
    profile.enter(app, counted)
    profile.work(app)
    after = _counts(url)
    part = report.Part(f"what one of {len(counted)} letters costs the database", columns=("a letter", ""), speed=False)
    part.add("letters sent for it", (after[-1] - before[-1]) / len(counted))
    part.add("statements", watch.statements / len(counted))
    part.add("statements from a case's number to its commit", watch.serial_statements / len(watch.spans))
    part.add("milliseconds from a case's number to its commit", 1000 * median(watch.spans), note="one at a time")
    for name, late, early in zip(_NAMES, after, before, strict=False):
        part.add(name, (late - early) / len(counted))
    part.add("bytes of raw files", (_stored(folder) - files) / len(counted))
    app.db.close()
    return part


class _Watch:
    """Counts statements; and how long a case's number is locked, which no other worker can share."""

    def __init__(self, engine: sa.Engine) -> None:
        self.statements = self.serial_statements = 0
        self.spans: list[float] = []
        self._since: float | None = None
        sa.event.listen(engine, "before_cursor_execute", self._asked)
        sa.event.listen(engine, "commit", self._committed)

    def _asked(self, _c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        self.statements += 1
        if statement.startswith("INSERT INTO counter") and "'case:" in repr(parameters) and self._since is None:
            self._since = meter.now()
        self.serial_statements += self._since is not None

    def _committed(self, _connection: sa.Connection) -> None:
        # Told before the commit itself, whose time depends on the disk.
        if self._since is not None:
            self.spans.append(meter.now() - self._since)
            self._since = None


def _counts(url: str) -> tuple[int, ...]:
    """Raises psycopg.Error. A session tells its counts when it is idle, which the statistics are asked to wait for."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("SELECT pg_stat_force_next_flush()")
        row: Any = server.execute(_COUNTS.encode()).fetchone()
    return tuple(int(value or 0) for value in row)


def _stored(folder: Path) -> int:
    return sum(file.stat().st_size for file in (folder / "raw").rglob("*.eml"))
