"""Alembic migrations, one file a change; `upgrade` brings a database to the newest."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from mailcase.store.db import Database


def _config(db: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["database"] = db
    return config


def upgrade(db: Database) -> None:
    """Bring the schema to the newest version; a database that is there already is left alone."""
    if not behind(db):
        return
    command.upgrade(_config(db), "head")


def behind(db: Database) -> bool:
    """Whether a migration is missing."""
    with db.read() as connection:
        at = MigrationContext.configure(connection).get_current_heads()
    return set(at) != set(ScriptDirectory.from_config(_config(db)).get_heads())
