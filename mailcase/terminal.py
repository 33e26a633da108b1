"""What people see on a terminal: plain tables in which no word of a letter can do anything."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from io import TextIOWrapper

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

_WIDE = 160
"""Columns where nobody looks: a pipe or a file."""


def console(*, narrow: bool = False) -> Console:
    """Standard output; colours and the width of the window only where it is a terminal.

    What is `narrow` can be read at any width and takes that of COLUMNS in a pipe as well; a table is not cut there.
    """
    # A terminal of another alphabet shows an escape where it has no letter, and the next answers after it.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    asked = narrow and os.environ.get("COLUMNS", "").isdigit()
    width = None if asked or sys.stdout.isatty() else _WIDE
    return Console(markup=False, highlight=False, emoji=False, width=width)


def plain(text: object) -> str:
    """The text without control characters: a client's subject must not steer our terminal."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in str(text))


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> Table:
    """Rows of values as people read them; None is an empty cell."""
    made = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False)
    for head in heads:
        made.add_column(head, overflow="fold")
    for row in rows:
        made.add_row(*(Text("" if value is None else plain(value)) for value in row))
    return made
