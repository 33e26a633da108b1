"""The record guards itself: the database refuses to change or delete an event (A74), whoever asks."""

from __future__ import annotations

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


def make(connection: Connection) -> None:
    """Make the triggers anew; run after every migration, because Alembic's batch mode silently drops them."""
    if connection.dialect.name == "sqlite":
        statements = [text.format(verb=verb) for verb in ("update", "delete") for text in _SQLITE]
    else:
        statements = list(_POSTGRES)
    for statement in statements:
        connection.exec_driver_sql(statement)
