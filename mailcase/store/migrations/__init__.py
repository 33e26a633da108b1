"""Alembic migrations, one file a change; `upgrade` brings a database to the newest.

Alembic is loaded only where something is to be migrated: it takes as much memory as all letters in work do.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from mailcase.store.db import Database

_HERE = Path(__file__).parent
BEHIND = "the database is not up to date: stop mailcase and run `mailcase upgrade`"
_AT = sa.text("SELECT version_num FROM alembic_version")


def upgrade(db: Database) -> None:
    """Bring the schema to the newest version; a database that is there already is left alone."""
    if not behind(db):
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.attributes["database"] = db
    command.upgrade(config, "head")


def behind(db: Database) -> bool:
    """Whether a migration is missing."""
    return version(db) != newest()


def version(db: Database) -> str | None:
    """The revision that the database is at; None for one that nobody has made yet."""
    with db.read() as connection:
        known = sa.inspect(connection).has_table("alembic_version")
        return connection.execute(_AT).scalar() if known else None


def newest() -> str:
    """The revision of the newest migration: the number that its file name begins with."""
    return max(file.name.partition("_")[0] for file in (_HERE / "versions").glob("[0-9]*.py"))
