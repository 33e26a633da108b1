"""The command that trains the classifier and shows how well it judges."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mailcase.training import Figures

_Out = Annotated[Path | None, typer.Option("--to", help="Write the model here instead of into the package.")]
_Dry = Annotated[bool, typer.Option("--dry-run", help="Measure only; the model in use stays.")]
_Quick = Annotated[bool, typer.Option("--no-figures", help="Train only, without cross-validation.")]


def train(to: _Out = None, dry_run: _Dry = False, no_figures: _Quick = False) -> None:
    """Train the classifier's model from the labelled letters, and print how well it judges letters it has not seen.

    The same letters give the same model. Five folds; letters of one voice are never both learned and asked.
    """
    from mailcase import training

    known = training.letters()
    if not no_figures:
        for name, figures in training.parts(known, [letter.ruled for letter in known]):
            _row(f"rules alone, {name}", figures)
        for name, figures in training.parts(known, training.cross_validate(known)):
            _row(f"rules and model, {name}", figures)
            _tables(figures)
    if not dry_run:
        path = training.write(training.train(known), to)
        typer.echo(f"{path.name}: {path.stat().st_size} bytes from {len(known)} letters")


def _row(name: str, f: Figures) -> None:
    typer.echo(f"\n{name}: {f.letters}")
    typer.echo(
        f"  register accuracy {f.accuracy:.3f}; complaints found {f.found:.3f} at precision {f.precise:.3f}; "
        f"neither found nor marked {f.silent:.3f}; marked of all {f.checked:.3f}; "
        f"none precision {f.none_precise:.3f}; kind macro-F1 {f.kind_f1:.3f}"
    )


def _tables(figures: Figures) -> None:
    from mailcase.training import accuracy

    _table(figures.registers)
    _table(figures.kinds)
    for name, counts in (("sender", figures.senders), ("consumer_service", figures.consumers)):
        typer.echo(f"  {name} accuracy {accuracy(counts):.3f}")
        _table(counts)


def _table(counts: Counter[tuple[str, str]]) -> None:
    """A confusion table: a line for each label, a column for each verdict."""
    names = sorted({name for pair in counts for name in pair})
    typer.echo("  " + "label \\ verdict".ljust(16) + "".join(name[:9].rjust(10) for name in names))
    for label in names:
        typer.echo("  " + label.ljust(16) + "".join(str(counts[label, v] or "·").rjust(10) for v in names))
