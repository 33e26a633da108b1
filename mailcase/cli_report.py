"""The command that reports to the top management, or prints what it would read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mailcase.cli_config import ConfigFile, opened
from mailcase.words import MailcaseError

if TYPE_CHECKING:
    from mailcase.app import App
    from mailcase.reports.period import Period

_Since = Annotated[str, typer.Option("--from", metavar="MONTH|DAY", show_default="the last whole month or quarter")]
_Until = Annotated[str, typer.Option("--to", metavar="MONTH|DAY", show_default="the end of that month, or today")]
_Print = Annotated[bool, typer.Option("--print", help="Print it; nobody is written to.")]
_NOBODY = 'lab.top_management: nobody is named; set it to logins of employees, such as ["orlov"], or use --print'


def report(
    ctx: typer.Context, since: _Since = "", until: _Until = "", only_print: _Print = False, config: ConfigFile = None
) -> None:
    """Mail the report about a span (2026-11, or 2026-11-05) to lab.top_management; a running daemon sends it."""
    from mailcase.reports import management

    app = opened(ctx, config)
    span = _period(app, since, until)
    if only_print:
        typer.echo(management.printed(app, span), nl=False)
        return
    members = management.members(app.given)
    if not members:
        raise MailcaseError(_NOBODY)
    now = app.now()
    with app.db.tx() as tx:
        management.write(tx, app, span, now, run=f":{now.isoformat()}")
    app.wake.send.set()
    held = f' (mode = "{app.config.mode}" may hold it: `mailcase held`)' if app.config.mode == "shadow" else ""
    typer.echo(f"{span}: queued for {', '.join(person.login for person in members)}{held}")


def _period(app: App, since: str, until: str) -> Period:
    from mailcase.reports import period

    today = app.now().astimezone(app.config.calendar.zone).date()
    if since:
        return period.named(since, until, today)
    if until:
        raise MailcaseError(f"--to {until}: needs --from as well")
    every = app.config.report.every
    return period.ended(today, "month" if every == "never" else every)
