"""The commands of mailcase: this page lists them, the modules `cli_*` hold them.

Promises: `--help` answers at once, because the program itself is loaded inside the commands; whatever a person can
mend is told in a line without a traceback (exit code 2 for the configuration, 1 for the rest).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from mailcase import __version__, cli_learn, cli_letters, cli_lists, cli_refs, cli_replay, cli_report, cli_setup
from mailcase.cli_config import ConfigFile, build, load, reached
from mailcase.words import ConfigError, MailcaseError

_SENTENCE = 300
"""Characters of a command's first sentence that the list of commands shows: more than any has."""


class _Group(TyperGroup):
    """All commands, each with its whole first sentence in the list; tells what a person can mend."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        told = [(name, self.commands[name].get_short_help_str(_SENTENCE)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(told)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            for problem in error.problems:
                typer.echo(problem, err=True)
            raise typer.Exit(2) from error
        except MailcaseError as error:
            typer.echo(f"mailcase: {error}", err=True)
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=_Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    # Frames and colours would double the time that `--help` takes.
    rich_markup_mode=None,
    help="E-mail-driven case management for a laboratory: every letter registered, answered by a person, and provable.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mailcase {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", envvar="MAILCASE_CONFIG", help="The configuration.", show_default="config.toml"),
    ] = None,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Tell it.")] = False,
) -> None:
    ctx.obj = config


@app.command()
def run(
    ctx: typer.Context,
    stations: Annotated[
        str,
        typer.Option(metavar="NAMES", help="Only these, of several processes on one PostgreSQL database."),
    ] = "fetch,handle,send,tidy",
    config: ConfigFile = None,
) -> None:
    """Run the daemon until SIGTERM or Ctrl-C; the log goes to standard error."""
    import logging

    from mailcase import daemon, heap

    heap.keep_small()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    for name in ("apscheduler", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    laboratory = build(load(ctx, config))
    with reached(laboratory):
        daemon.run(laboratory, [name.strip() for name in stations.split(",") if name.strip()])


app.command("check")(cli_setup.check)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Play the story, check it and leave.")] = False,
) -> None:
    """Show everything on this machine: servers, a laboratory, a dozen letters and what becomes of them."""
    from mailcase import demo as play

    raise typer.Exit(play.run(once))


app.command("init")(cli_setup.init)
app.command("import")(cli_letters.import_)
app.command("explain")(cli_letters.explain)
app.command("mail")(cli_lists.mail)
app.command("cases")(cli_lists.cases)
app.command("show")(cli_lists.show)
app.command("held")(cli_lists.held)
app.command("improvements")(cli_lists.improvements)
app.command("report")(cli_report.report)
app.command("replay")(cli_replay.replay)
app.command("resend")(cli_letters.resend)
app.command("train")(cli_learn.train)
app.command("preview")(cli_letters.preview)
app.command("upgrade")(cli_setup.upgrade)
app.add_typer(cli_refs.refs, name="refs")


def main() -> None:
    """The entry point `mailcase`."""
    app()
