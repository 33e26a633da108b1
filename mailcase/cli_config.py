"""Which configuration a command works with, and the program opened on it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailcase.words import MailcaseError

if TYPE_CHECKING:
    from mailcase.app import App
    from mailcase.config import Config

_DEFAULT = Path("config.toml")
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="The configuration.", show_default="config.toml"),
]


def load(ctx: typer.Context, given: Path | None) -> Config:
    """The configuration named behind the command, else before it, else by MAILCASE_CONFIG, else `config.toml`.

    Raises ConfigError with everything that is wrong.
    """
    from mailcase import config_file

    return config_file.load(given or ctx.find_root().obj or _DEFAULT, os.environ)


def load_if_any(ctx: typer.Context, given: Path | None) -> Config | None:
    """As `load`, but None where none was named and there is no `config.toml` here."""
    named = given or ctx.find_root().obj
    return load(ctx, given) if named or _DEFAULT.exists() else None


def build(config: Config) -> App:
    """The program on its stores, the database not yet looked at; raises MailcaseError for a folder that cannot be."""
    from mailcase.app import App

    try:
        return App.build(config)
    except OSError as error:
        said = f"{error.filename}: cannot be used ({str(error.strerror).lower()}); check the path and its rights"
        raise MailcaseError(said) from error


def opened(ctx: typer.Context, given: Path | None, *, prepare: bool = False) -> App:
    """The program on its stores, for a command that reads; `prepare` first makes a database that is not there yet.

    Raises MailcaseError where the database cannot be reached or is not up to date.
    """
    from mailcase.store import migrations

    app = build(load(ctx, given))
    with reached(app):
        if prepare:
            app.prepare_beside()
        elif migrations.behind(app.db):
            raise MailcaseError(migrations.BEHIND)
    return app


@contextlib.contextmanager
def reached(app: App) -> Iterator[None]:
    """Whatever uses the database; raises MailcaseError where it cannot be reached."""
    import sqlalchemy as sa

    try:
        yield
    except sa.exc.OperationalError as error:
        said = str(error.orig).strip().partition("\n")[0]
        where = app.db.url.render_as_string(hide_password=True)
        raise MailcaseError(f"database {where}: {said}; start it or correct store.url") from error
