"""What the database does by itself, whoever writes: it refuses to change or delete an event (A74), and on PostgreSQL
it tells with each commit which station has work, so that other processes need not wait for their timers."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

_SQLITE = (
    "DROP TRIGGER IF EXISTS event_no_{verb}",
    "CREATE TRIGGER event_no_{verb} BEFORE {verb} ON event BEGIN SELECT RAISE(ABORT, 'event is append-only'); END",
)
_POSTGRES = (
    "CREATE OR REPLACE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'event is append-only'; END $$",
    "DROP TRIGGER IF EXISTS event_append_only ON event",
    "CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event "
    "FOR EACH STATEMENT EXECUTE FUNCTION event_append_only()",
)
CHANNEL = "mailcase_"
"""What the names of the channels begin with; a station's name follows."""
_TELL = (
    "CREATE OR REPLACE FUNCTION mailcase_wake() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"PERFORM pg_notify('{CHANNEL}' || TG_ARGV[0], current_setting('application_name')); RETURN NULL; END $$"
)
_WORK = {
    "handle": ("INSERT OR UPDATE OF status ON mail", "ROW WHEN (NEW.status = 'new')"),
    "send": ("INSERT OR UPDATE OF status ON outbox", "ROW WHEN (NEW.status = 'queued')"),
    "tidy": ("UPDATE OF sent_copy ON outbox", "ROW WHEN (NEW.sent_copy = 'due')"),
    "page": ("INSERT OR UPDATE ON cases", "STATEMENT"),
}
"""When a station has work: the payload is who says it (`Database.name`), and equal ones of a commit are one."""


def _wakes() -> Iterator[str]:
    yield _TELL
    for station, (change, each) in _WORK.items():
        yield f"DROP TRIGGER IF EXISTS wake_{station} ON {change.rpartition(' ')[2]}"
        what = f"EXECUTE FUNCTION mailcase_wake('{station}')"
        yield f"CREATE TRIGGER wake_{station} AFTER {change} FOR EACH {each} {what}"


def make(connection: Connection) -> None:
    """Make the triggers anew; run after every migration, because Alembic's batch mode silently drops them."""
    if connection.dialect.name == "sqlite":
        statements = [text.format(verb=verb) for verb in ("update", "delete") for text in _SQLITE]
    else:
        statements = [*_POSTGRES, *_wakes()]
    for statement in statements:
        connection.exec_driver_sql(statement)
