"""The command about normative references."""

from __future__ import annotations

import typer

from mailcase.cli_config import ConfigFile, load
from mailcase.cli_lists import Json

refs = typer.Typer(help="The normative references of the laboratory.", no_args_is_help=True, add_completion=False)


@refs.command("list")
def list_(ctx: typer.Context, json: Json = False, config: ConfigFile = None) -> None:
    """List the normative references: id, title, edition and status (the text is there: «есть», or «нет текста»)."""
    from mailcase import references, terminal
    from mailcase.explain import line

    known = references.register(load(ctx, config))
    rows = [(one.id, one.title, one.edition, references.status(one)) for one in known]
    heads = ("id", "title", "edition", "status")
    if json:
        for row in rows:
            typer.echo(line(dict(zip(heads, row, strict=True))), nl=False)
        return
    terminal.console().print(terminal.table(heads, rows))
