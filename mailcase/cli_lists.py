"""The commands that list: the ledger of letters, the register of cases, and the trail of one case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailcase.cli_config import ConfigFile, opened
from mailcase.words import MailcaseError

if TYPE_CHECKING:
    from mailcase.app import App

_AWAITED = "letters that wait for an employee's word"
_LET_GO = "a reply of the one named under `for` to our question lets one go: «да» carries it out, «стоп» drops it"
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line; times in UTC.")]


def mail(ctx: typer.Context, json: Json = False, config: ConfigFile = None) -> None:
    """List every letter that came in, what it became and why."""
    from mailcase import lists

    app = opened(ctx, config)
    rows = lists.ledger(app)
    if json:
        _lines(rows)
        return
    heads = ("id", "received", "from", "subject", "became", "case", "why")
    _table(app, heads, ((*_ledger_row(app, row),) for row in rows))


def _ledger_row(app: App, row: dict[str, Any]) -> tuple[object, ...]:
    became = row["drop_reason"] or row["outcome"] or row["status"]
    why = "; ".join(reason["why"] for reason in row["reasons"][:1])
    return (row["id"], _local(app, row["received_at"]), row["from"], row["subject"], became, row["case"], why)


def cases(ctx: typer.Context, json: Json = False, config: ConfigFile = None) -> None:
    """List the register, the newest case first."""
    from mailcase import lists

    app = opened(ctx, config)
    rows = lists.register(app)
    if json:
        _lines(rows)
        return
    heads = ("tag", "kind", "status", "contact", "assignee", "opened", "due", "subject")
    shown = ("tag", "kind", "status", "contact", "assignee", "opened_at", "due_at", "subject")
    _table(app, heads, (tuple(_cell(app, row[key]) for key in shown) for row in rows))


def held(ctx: typer.Context, json: Json = False, config: ConfigFile = None) -> None:
    """List the letters of ours that did not leave and will not by themselves, and why; `resend` sends them.

    budget: too many automatic ones; digest: told in the morning letter instead; mode: shadow or staff; unreachable:
    earlier ones came back; stopped: by an employee; failed: no server took them.

    Below them the letters from employees' addresses that wait for a word. unproven: whose they are is not certain, and
    they expire; doubt: what is meant. A reply to our question lets one go: «да» carries it out, «стоп» drops it.
    """
    from collections import Counter

    from mailcase import lists

    app = opened(ctx, config)
    ours, theirs = [*lists.kept(app)], [*lists.awaited(app)]
    if json:
        _lines([*ours, *theirs])
        return
    shown = ("id", "since", "why", "letter", "case", "to", "error")
    _table(app, shown, (tuple(_cell(app, row[key]) for key in shown) for row in ours))
    if theirs:
        heads = ("mail", "since", "why", "for", "from", "case", "subject", "asked", "until")
        _table(app, heads, (tuple(_cell(app, row[key]) for key in heads) for row in theirs), _AWAITED)
        typer.echo(_LET_GO)
    counted = Counter(row["why"] for row in (*ours, *theirs))
    typer.echo(", ".join(f"{why} {count}" for why, count in counted.most_common()) or "nothing is held")


def improvements(ctx: typer.Context, json: Json = False, config: ConfigFile = None) -> None:
    """List the improvement log: what was changed because of which case, by whom, by when, and its effect."""
    from mailcase import lists

    app = opened(ctx, config)
    rows = lists.improved(app)
    if json:
        _lines(rows)
        return
    shown = ("number", "case", "action", "owner", "due", "effect", "entered_at")
    _table(app, shown, (tuple(_cell(app, row[key]) for key in shown) for row in rows))


def show(
    ctx: typer.Context,
    case: Annotated[str, typer.Argument(metavar="TAG|NUMBER|MESSAGE-ID", help="For example KM-26-0412-7351 or 412.")],
    json: Annotated[bool, typer.Option("--json", help="One JSON object; times in UTC.")] = False,
    config: ConfigFile = None,
) -> None:
    """Tell all that happened in one case: letters in and out, events and journal lines, in the order of time.

    The Message-ID of any letter of the case, also of one that we sent, leads to it as well.
    """
    from mailcase import lists

    app = opened(ctx, config)
    found = lists.trail(app, case)
    if found is None:
        raise MailcaseError(f"there is no case {case!r}; `mailcase cases` lists all")
    if json:
        _lines([found])
        return
    facts = ((name, _cell(app, value)) for name, value in found["case"].items() if value not in (None, "", False, []))
    _table(app, ("case", found["case"]["tag"]), facts)
    rows = ((_local(app, step["at"]), step["entry"], step["what"], _details(app, step)) for step in found["trail"])
    _table(app, ("when", "entry", "what", "details"), rows)


def _details(app: App, step: dict[str, Any]) -> str:
    from mailcase import references

    told = {key: value for key, value in step.items() if key not in ("at", "entry", "what", "detail")}
    told |= step.get("detail", {})
    if told.get("term"):
        told["term"] = {**told["term"], "source": references.term_source(app.config, told["term"]["source"])}
    return ", ".join(f"{key}={_cell(app, value)}" for key, value in told.items() if value not in (None, "", False))


def _lines(rows: Iterable[dict[str, Any]]) -> None:
    from mailcase.explain import line

    for row in rows:
        typer.echo(line(row), nl=False)


def _table(app: App, heads: tuple[str, ...], rows: Iterable[tuple[object, ...]], title: str = "") -> None:
    from mailcase import terminal

    terminal.console().print(terminal.table(heads, rows, title))


def _cell(app: App, value: object) -> object:
    """A moment in the laboratory's time zone; what has parts, such as the reckoning of a term, in words; else as is."""
    if isinstance(value, dict):
        return "; ".join(f"{key} {_cell(app, part)}" for key, part in value.items() if part not in (None, "", []))
    if isinstance(value, list):
        return "; ".join(str(_cell(app, part)) for part in value if isinstance(part, dict)) or " ".join(map(str, value))
    if isinstance(value, str) and len(value) > 18 and value[4:5] == "-" and value[10:11] == "T":
        return _local(app, value)
    return value


def _local(app: App, moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(app.config.calendar.zone):%Y-%m-%d %H:%M:%S}"
