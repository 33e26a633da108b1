"""Where the time of one letter goes: cProfile over handling and sending a prepared ledger, without any server.

The profiler slows down every call, so the shares count and not the milliseconds. Letters are read in this process,
where the daemon has one apart for it. Some letters go before: what is loaded once belongs to none.
"""

from __future__ import annotations

import argparse
import cProfile
import logging
import pstats
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench import load, report
from bench.intake import WARM
from bench.letters import Letters
from bench.program import Program

_Stats = dict[tuple[str, int, str], tuple[int, int, float, float, dict[tuple[str, int, str], Any]]]
_PACKAGE = re.compile(r".*/(?:site-packages|lib/python[\d.]+)/([\w.-]+?)(?:/|\.py$)")
_WAITS = re.compile(r"\b(?:fsync|commit|execute|executemany|fetchall|fetchone|read|write|replace)\b")
"""C code of files and databases, which stands for itself."""
_OURS = re.compile(r".*/mailcase/(.+)\.py$")


class _Postman:
    """Takes every letter at once: what SMTP costs is seen in `bench.intake`."""

    def __init__(self, accepted: Any) -> None:
        self._accepted = accepted

    def send(self, *_: object) -> Any:
        """Accept it."""
        return self._accepted

    def close(self) -> None:
        """Nothing to close."""


def measure(letters: Letters, folder: Path) -> list[report.Part]:
    """Two tables: our functions by cumulative time, packages by own time."""
    profiler = cProfile.Profile()
    app = prepared(letters, folder / "profile")
    warm, letters = letters.part(0, WARM), letters.part(WARM)
    enter(app, warm)
    work(app)
    enter(app, letters)
    profiler.enable()
    work(app)
    profiler.disable()
    stats: _Stats = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    total = sum(own for _, _, own, _, _ in stats.values())
    return [_functions(stats, total, len(letters)), _packages(stats, total, len(letters))]


def prepared(letters: Letters, folder: Path, url: str = "") -> Any:
    """An App with an empty ledger, on SQLite or in that database."""
    from mailcase import config_file
    from mailcase.app import App

    logging.disable(logging.INFO)
    _write_config(folder, letters.address)
    given = {"MAILCASE_DATABASE_URL": url} if url else {}
    app = App.build(config_file.load(folder / "config.toml", given))
    app.prepare()
    return app


def enter(app: Any, letters: Letters) -> None:
    """Put these letters into the ledger, as fetch does."""
    from mailcase.mail.letter import header_ids
    from mailcase.store import intake
    from mailcase.store.intake import Arrival
    from mailcase.words import FolderRole

    with app.db.tx() as tx:
        for number, raw in enumerate(letters.raws()):
            message_id, ids = header_ids(raw)
            now = app.now()
            where = (app.raw.put(raw), len(raw), f"lab/INBOX/1/{number}", FolderRole.INBOX, now, now)
            intake.enter(tx, Arrival(*where, message_id=message_id, ids=ids))


def _write_config(folder: Path, address: str) -> None:
    class _Nowhere:
        port = imap_port = 9

    nowhere: Any = _Nowhere()
    nowhere.dovecot = nowhere.sink = nowhere
    Program(folder, nowhere, "profile", address).write()


def work(app: Any) -> None:
    """Handle and send all there is."""
    from mailcase.mail.smtp import Accepted
    from mailcase.stations.handle import handle
    from mailcase.stations.send import send

    postman: Any = _Postman(Accepted("250 ok"))
    while handle(app):
        pass
    while send(app, postman):
        pass


def _functions(stats: _Stats, total: float, count: int) -> report.Part:
    part = report.Part("profile: our functions, with all they call", columns=("ms a letter", "% of all"))
    rows = [
        (cumulative, f"{found[1]}.{name}")
        for (file, _, name), (_, _, _, cumulative, _) in stats.items()
        if (found := _OURS.match(file)) and name not in ("<module>", "<lambda>", "<genexpr>", "<listcomp>")
    ]
    _rows(part, sorted(rows, reverse=True)[:30], total, count)
    return part


def _packages(stats: _Stats, total: float, count: int) -> report.Part:
    part = report.Part("profile: packages, own time", columns=("ms a letter", "% of all"))
    own: dict[str, float] = defaultdict(float)
    for (file, _, name), (_, _, time, _, callers) in stats.items():
        if file != "~" or _WAITS.search(name):
            own[_package(file, name)] += time
            continue
        # C code that only computes is the time of whoever calls it.
        for (caller, _, _), (_, _, share, _) in callers.items():
            own[_package(caller, "")] += share
    _rows(part, sorted(((time, name) for name, time in own.items()), reverse=True)[:20], total, count)
    return part


def _rows(part: report.Part, rows: Iterable[tuple[float, str]], total: float, count: int) -> None:
    for time, name in rows:
        part.figures.append(report.Figure(name, 1000 * time / count, 100 * time / total))


def _package(file: str, name: str) -> str:
    """`mailcase.mail`, `sqlalchemy`, `email`, …"""
    ours, theirs = _OURS.match(file), _PACKAGE.match(file)
    if ours:
        return "mailcase." + ours[1].split("/")[0]
    waits = _WAITS.search(name) if file == "~" else None
    return theirs[1] if theirs else f"({waits[0]})" if waits else "other"


def main() -> None:
    """Profile alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    report.arguments(parser)
    parser.add_argument("--count", type=int, default=300)
    options = parser.parse_args()
    with report.workplace(options.work) as folder:
        parts = measure(load.letters(options.load, options.count, folder), folder)
    report.show(parts, options.json)


if __name__ == "__main__":
    main()
