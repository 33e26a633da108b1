"""Alembic migrations, one file a change; `upgrade` brings a database to the newest.

Alembic is loaded only where something is to be migrated: it takes as much memory as all letters in work do.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from mailcase.store.db import Database
from mailcase.words import MailcaseError

_HERE = Path(__file__).parent
URL = "MAILCASE_MIGRATED_DATABASE"
"""Where a process that migrates for another finds the database: a password is not for the command line."""
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


def upgrade_apart(db: Database) -> None:
    """As `upgrade`, by a process of its own: a daemon would carry the 9 MB of Alembic until its end.

    Raises MailcaseError where that process fails; why is on its standard error.
    """
    if not behind(db):
        return
    url = db.url.render_as_string(hide_password=False)
    command, environ = [sys.executable, "-m", __name__], {**os.environ, URL: url}
    # A stop of the whole group finds a migration finished, not killed.
    done = subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, process_group=0)
    if done.returncode or behind(db):
        raise MailcaseError(f"the database could not be brought up to date (exit status {done.returncode}), see above")


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
