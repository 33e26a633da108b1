"""What a run tells: a table for people, JSON for programs. Each figure stands beside the floor's, as a ratio."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass
class Figure:
    """One line: ours, the floor's of the same run, ours divided by it."""

    name: str
    ours: float
    floor: float | None = None
    ratio: float | None = None
    note: str = ""


@dataclass
class Part:
    """A part of the benchmark; a `speed` with `faults` does not count and is not shown. `raw` holds every round."""

    name: str
    columns: tuple[str, str] = ("mailcase", "floor")
    rounds: int = 1
    speed: bool = True
    figures: list[Figure] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)

    def add(
        self, name: str, ours: float, floor: float | None = None, ratio: float | None = None, note: str = ""
    ) -> None:
        """One more line; a ratio that is not given is that of the two figures."""
        if ratio is None and floor:
            ratio = ours / floor
        self.figures.append(Figure(name, ours, floor, ratio, note))


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of every measurement."""
    parser.add_argument("--load", type=Path, metavar="DIR", help="letters of another generator (see bench/letters.py)")
    parser.add_argument("--floor", type=Path, metavar="PATH", help="another floor program (see bench/floor.py)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure of every round there")
    parser.add_argument("--work", type=Path, metavar="DIR", help="a folder on the disk that is to be measured; kept")


def progress(line: str) -> None:
    """Tell a person who waits."""
    print(line, file=sys.stderr, flush=True)


@contextlib.contextmanager
def workplace(given: Path | None) -> Iterator[Path]:
    """A folder for everything a run leaves, gone afterwards unless it was given.

    Whoever ends the run by SIGTERM leaves no server behind: it then ends as by an error.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    folder = given or Path(tempfile.mkdtemp(prefix="bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    # The mail servers read their letters as another user.
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        if given is None:
            shutil.rmtree(folder, ignore_errors=True)


def show(parts: Sequence[Part], path: Path | None = None) -> None:
    """Print every part; write the JSON; end with 1 where a part failed its check."""
    console = Console(width=None if sys.stdout.isatty() else 120)
    for part in parts:
        console.print(f"\n{_title(part)}", style="bold", markup=False)
        console.print(_table(part))
        for note in part.notes:
            console.print(f"  {note}", markup=False, highlight=False)
        for fault in part.faults[:10]:
            console.print(f"  FAILED {fault}", style="red", markup=False)
    load = os.getloadavg()
    console.print(f"{os.cpu_count()} processors, load {load[0]:.1f}, Python {platform.python_version()}")
    if path:
        told = {"machine": _machine(), "parts": [asdict(part) for part in parts]}
        path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if any(part.faults for part in parts):
        raise SystemExit(1)


def _title(part: Part) -> str:
    failed = f" — FAILED ({len(part.faults)} faults)" if part.faults else ""
    rounds = f", median of {part.rounds} rounds" if part.rounds > 1 else ""
    return part.name + rounds + failed


def _table(part: Part) -> Table:
    table = Table()
    # A column that says nothing in this part is left out.
    columns = {
        part.columns[1]: [_number(figure.floor) for figure in part.figures],
        "ratio": [_number(figure.ratio) for figure in part.figures],
        "note": [figure.note for figure in part.figures],
    }
    told = {name: column for name, column in columns.items() if any(column)}
    table.add_column("what")
    for name in (part.columns[0], *told):
        table.add_column(name, justify="left" if name == "note" else "right")
    for number, figure in enumerate(part.figures):
        ours = "FAILED" if part.faults and part.speed else _number(figure.ours)
        table.add_row(figure.name, ours, *(column[number] for column in told.values()))
    return table


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def _machine() -> dict[str, Any]:
    return {
        "processors": os.cpu_count(),
        "load": os.getloadavg(),
        "python": platform.python_version(),
        "system": platform.platform(),
    }
