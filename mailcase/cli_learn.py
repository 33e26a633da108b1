"""The command that trains: for a laboratory with a configuration its own model, else the one that is shipped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailcase import cli_train
from mailcase.cli_config import ConfigFile, load_if_any, opened

if TYPE_CHECKING:
    from datetime import date

    from mailcase.learning import Compared, Measure
    from mailcase.models import Models

_To = Annotated[Path | None, typer.Option("--to", help="Train the shipped model and write it here.")]
_Dry = Annotated[bool, typer.Option("--dry-run", help="Measure only; the model in use stays.")]
_Quick = Annotated[bool, typer.Option("--no-figures", help="The shipped model: train only, without cross-validation.")]
_Back = Annotated[bool, typer.Option("--back", help="Judge by the laboratory's model before, or the shipped one.")]


def train(
    ctx: typer.Context,
    to: _To = None,
    dry_run: _Dry = False,
    no_figures: _Quick = False,
    back: _Back = False,
    config: ConfigFile = None,
) -> None:
    """Learn from the shipped letters and, with a configuration, from what employees corrected.

    The laboratory's new model judges from now on only where its figures are better than those of the one in use: fewer
    complaints that pass silently, then more right registers, be it by one letter; the weekly training changes only to
    one that is better beyond chance. A running daemon needs no restart. Without a configuration, or with --to, the
    shipped model is made.
    """
    known = load_if_any(ctx, config)
    if to is not None or known is None:
        cli_train.train(to, dry_run, no_figures)
        return
    from mailcase.reading import own_models

    models = own_models(known)
    if back:
        _go_back(models)
        return
    from mailcase import learning

    app = opened(ctx, config)
    wanted = learning.task(app, models)
    if not wanted.own:
        typer.echo("no employee has corrected or confirmed a kind yet: there is nothing to learn")
        return
    typer.echo(f"{len(wanted.own)} letters of the laboratory's own; new: {wanted.corrected} corrected, ", nl=False)
    typer.echo(f"{wanted.confirmed} confirmed; this takes some minutes")
    compared = learning.compare(wanted, by_hand=True)
    _told(compared, len(wanted.own))
    if not dry_run:
        day = app.now().astimezone(app.config.calendar.zone).date()
        _settle(models, compared, day, wanted.until)


def _go_back(models: Models) -> None:
    foreign = [made.file for made in models.known().foreign]
    made = models.back().in_use
    typer.echo(f"in use: {made.file if made else 'the shipped model'}")
    if foreign:
        typer.echo(f"made for another version of the program and passed over: {', '.join(foreign)}")


def _told(compared: Compared, own: int) -> None:
    for name, m in (("in use", compared.old), ("new", compared.new)):
        typer.echo(f"{name:>8}: {_figures(m, own)}")
    pair = compared.differ.registers
    typer.echo(
        f"only the new one has the register of {pair.mended} letters right, only the one in use of {pair.spoilt}"
    )


def _figures(m: Measure, own: int) -> str:
    return (
        f"of {m.letters} letters {m.silent} complaints pass silently, {m.wrong} are in the wrong register, "
        f"{m.marked} marked for a person; {m.own_right} of the laboratory's {own} have the right kind"
    )


def _settle(models: Models, compared: Compared, day: date, until: int) -> None:
    if not compared.packed:
        models.tried(until)
        typer.echo("the new one is not better: nothing is changed")
        return
    made = models.adopt(compared.packed, day, until)
    typer.echo(f"{made.file} judges from now on; `mailcase train --back` goes back")
