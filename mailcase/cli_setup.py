"""The commands that set up and look after an installation: init, check, upgrade."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from mailcase.cli_config import ConfigFile, build, load, opened, reached
from mailcase.words import Mode

if TYPE_CHECKING:
    from mailcase.app import App


class Tls(StrEnum):
    """How a connection is encrypted."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


_Text = Annotated[str, typer.Option(show_default=False)]
_Role = Annotated[str, typer.Option(metavar="NAME", help="Login, e-mail or full name; the first employee if left out.")]
_Port = Annotated[int, typer.Option(min=0, max=65535, show_default="by the encryption")]
_Tls = Annotated[Tls | None, typer.Option(show_default="tls")]


def init(
    folder: Annotated[Path, typer.Option("--dir", help="Where config.toml and .env are written.")] = Path(),
    lab_name: _Text = "",
    lab_name_en: Annotated[
        str, typer.Option(show_default="the name in Latin letters", help="For English letters.")
    ] = "",
    address: _Text = "",
    imap_host: _Text = "",
    imap_port: _Port = 0,
    imap_user: Annotated[str, typer.Option(show_default="the address")] = "",
    imap_tls: _Tls = None,
    authserv_id: Annotated[
        str, typer.Option(show_default="none", help="Whose Authentication-Results to believe.")
    ] = "",
    smtp_host: Annotated[str, typer.Option(show_default="the IMAP host")] = "",
    smtp_port: _Port = 0,
    smtp_user: Annotated[str | None, typer.Option(show_default="the IMAP user", help='"" sends without login.')] = None,
    smtp_tls: _Tls = None,
    head: _Role = "",
    duty: _Role = "",
    quality_manager: _Role = "",
    employees: Annotated[Path | None, typer.Option(metavar="FILE.csv", help="name,position,phone,email,…")] = None,
    mode: Annotated[Mode, typer.Option(help="To whom letters are written; start with shadow.")] = Mode.SHADOW,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; whatever is missing is an error.")] = False,
) -> None:
    """Set up a laboratory: ask what was not given, write config.toml and .env.

    Passwords are typed, or come from MAILCASE_IMAP_PASSWORD and MAILCASE_SMTP_PASSWORD.
    """
    # The options bear the names of the fields of Answers.
    told: dict[str, Any] = {**locals(), "imap_tls": str(imap_tls or ""), "smtp_tls": str(smtp_tls or "")}
    from mailcase import init as setup

    asker = setup.Terminal()
    answers = setup.ask(setup.Answers(**told), asker)
    for path in setup.write(answers, setup.ask_passwords(answers, os.environ, asker)):
        typer.echo(f"written {path}")
    typer.echo(f"next: mailcase --config {folder / 'config.toml'} check")


def check(
    ctx: typer.Context,
    alive: Annotated[bool, typer.Option("--alive", help="Only: does the daemon work? For a monitor.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Leave the servers out.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Also every key that has its default.")] = False,
    config: ConfigFile = None,
) -> None:
    """Look whether everything is well: configuration, servers, database, texts, calendar, plug-ins."""
    if alive:
        _tell_alive(opened(ctx, config))
    from mailcase import check as checks
    from mailcase.check_finding import Level
    from mailcase.config_shown import effective

    known = load(ctx, config)
    checks.refuse_to_make_files_for_another(known)
    for line in effective(known, defaults=verbose):
        typer.echo(line)
    typer.echo("")
    well = True
    for finding in checks.everything(build(known), servers=not offline):
        typer.echo(str(finding))
        well = well and finding.level is not Level.PROBLEM
    raise typer.Exit(0 if well else 1)


def _tell_alive(app: App) -> NoReturn:
    from mailcase.alive import alive

    state = alive(app)
    typer.echo(state.text)
    raise typer.Exit(0 if state.well else 1)


def upgrade(ctx: typer.Context, config: ConfigFile = None) -> None:
    """Bring the database up to date; `mailcase run` does it by itself."""
    app = build(load(ctx, config))
    with reached(app):
        app.prepare_beside(upgrade=True)
    typer.echo("the database is up to date")
