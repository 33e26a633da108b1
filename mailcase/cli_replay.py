"""The command that judges past letters anew: single ones for good, or all of them only to look at."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from mailcase.cli_config import ConfigFile, opened
from mailcase.words import MailcaseError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailcase.app import App
    from mailcase.replay import Decision, Replayed, Summary
    from mailcase.words import Status

_Ids = Annotated[list[int] | None, typer.Argument(metavar="ID", min=1)]
_Dry = Annotated[bool, typer.Option("--dry-run", help="Change nothing: tell what would be decided on all past mail.")]
_Since = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="With --dry-run: mail from that day on.")
]
_Json = Annotated[bool, typer.Option("--json", help="With --dry-run: one JSON object a line; times in UTC.")]


def replay(
    ctx: typer.Context,
    ids: _Ids = None,
    dry_run: _Dry = False,
    since: _Since = None,
    json: _Json = False,
    config: ConfigFile = None,
) -> None:
    """Judge letters of the ledger anew: such as are no case, or could not be handled; cases stay as they are.

    With --dry-run nothing is changed or sent: for all past mail, what the rules and the model in use now would decide
    stands beside what was decided and what employees said of it. A letter that came to a running case stays there,
    would be split out of it as a complaint, or be judged otherwise; to which case it came is taken from the record.
    """
    if bool(ids) == dry_run or ((since or json) and not dry_run):
        raise MailcaseError("give either IDs or --dry-run; --since and --json belong to --dry-run")
    app = opened(ctx, config)
    if dry_run:
        _rehearse(app, since, json)
    else:
        _judge_anew(app, ids or [])


def _judge_anew(app: App, ids: list[int]) -> None:
    from mailcase import lists
    from mailcase.stations.handle import handle
    from mailcase.store import intake

    with app.db.tx() as tx:
        for mail_id in ids:
            intake.judge_again(tx, mail_id)
    while handle(app, only=ids):
        pass
    for row in lists.ledger(app):
        if row["id"] in ids:
            became = row["drop_reason"] or row["outcome"] or "not yet handled"
            typer.echo(f"{row['id']}: {became} {row['case'] or ''}".rstrip())


def _rehearse(app: App, since: datetime | None, json: bool) -> None:
    from mailcase import replay as replays
    from mailcase.explain import line

    summary = replays.Summary()
    letters = replays.counted(replays.replay(app, since.date() if since else None), summary)
    if json:
        for one in letters:
            typer.echo(line(replays.as_json(one)), nl=False)
        return
    _table(app, letters)
    _told(summary)


def _table(app: App, letters: Iterable[Replayed]) -> None:
    """What would be decided differently; the rest is only counted."""
    from mailcase import terminal

    zone = app.config.calendar.zone
    rows = (
        (one.mail_id, f"{one.received_at.astimezone(zone):%Y-%m-%d}", one.subject, _shown(app, one.then, one.status),
         _shown(app, one.now), one.said)
        for one in letters if one.changed
    )  # fmt: skip
    terminal.console().print(terminal.table(("id", "received", "subject", "then", "now", "a person said"), rows))


def _shown(app: App, decision: Decision, status: Status | None = None) -> str:
    stood = f", {status}" if status else ""
    check = ", check" if decision.check else ""
    if decision.joined is not None:
        return f"joined {decision.joined} ({decision.register}{stood}){', quiet' if decision.quiet else ''}{check}"
    if decision.kind is None:
        return decision.outcome
    due = f"{decision.due_at.astimezone(app.config.calendar.zone):%Y-%m-%d %H:%M}" if decision.due_at else ""
    split = f"split out of {decision.split_from}{stood}: " if decision.split_from else ""
    return f"{split}{decision.register}/{decision.kind}{check}, {decision.assignee}, {due}"


def _told(s: Summary) -> None:
    typer.echo(f"{s.registers.total()} letters, {s.changed['any']} decided differently", nl=False)
    parts = ", ".join(f"{name} {count}" for name, count in s.changed.most_common() if name != "any")
    typer.echo(f": {parts}" if parts else "")
    for (then, now), count in sorted(s.registers.items()):
        typer.echo(f"  {then} {'stays' if then is now else f'becomes {now}'}: {count}")
    if s.places:
        typer.echo(f"came to a running case: {s.places.total()}")
    for (before, after), count in sorted(s.places.items()):
        typer.echo(f"  {before}, {'the same now' if before == after else f'would be {after}'}: {count}")
    typer.echo(f"complaints newly found {s.found}, newly missed {s.missed}, of these {s.silently} without a mark")
    typer.echo(f"employees' words: {s.said}; the kind was right in {s.right_then}, would be right in {s.right_now}")
