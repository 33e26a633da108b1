"""How much faster two processes handle letters than one, on PostgreSQL: `python -m bench.handle_workers`.

Fills the ledger with letters of different writers, starts `mailcase run --stations handle` once and then twice, and
times from the moment that the letters are committed until none is new. The processes are up before, so start-up is
not counted; runs alternate, and the median of the ratios is what counts.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench import report
from mailcase.app import App
from mailcase.mail.letter import header_ids
from mailcase.store import intake
from mailcase.store import tables as t
from mailcase.store.intake import Arrival
from mailcase.words import FolderRole, MailStatus
from tests.letters import config, raw
from tests.servers.postgres import Postgres

_CONFIG = Path(__file__).with_name("handle_workers.toml")
_SECRET = "a secret of benchmarks only"
_BUDGET = {"per_address_day": 10**6, "per_domain_day": 10**6, "per_hour": 10**6}
_BOUND = 600.0
_TEXT = "Добрый день! Просим выставить КП на калибровку {} манометров МП3-У, класс точности 1,5. С уважением, К. Иванов"


def letters(count: int) -> list[bytes]:
    """Letters, each of another writer."""
    return [
        raw(_TEXT.format(n), sender=f"Клиент {n} <c{n}@h{n}.example.ru>", message_id=f"<{n}@h{n}.example.ru>")
        for n in range(count)
    ]


def run(url: str, folder: Path, raws: list[bytes], workers: int) -> float:
    """Seconds that so many processes take for the letters."""
    store = {"url": url, "raw": folder / "raw"}
    app = App.build(config(store=store, budget=_BUDGET))
    app.prepare()
    processes = [_start(url, folder, n) for n in range(workers)]
    try:
        _until(lambda: all("mailcase runs" in _log(folder, n) for n in range(workers)))
        _fill(app, raws)
        began = time.monotonic()
        _until(lambda: _left(app) == 0)
        return time.monotonic() - began
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)
        app.db.close()


def _start(url: str, folder: Path, n: int) -> subprocess.Popen[bytes]:
    (folder / "config.toml").write_bytes(_CONFIG.read_bytes())
    secrets = {"SECRET": _SECRET, "MAILBOX_LAB_PASSWORD": "x", "DATABASE_URL": url}
    environ = {**os.environ, **{f"MAILCASE_{name}": value for name, value in secrets.items()}}
    words: list[str | Path] = [
        Path(sys.executable).parent / "mailcase",
        "--config",
        folder / "config.toml",
        "run",
        "--stations",
        "handle",
    ]
    with (folder / f"{n}.log").open("w") as log:
        return subprocess.Popen(words, env=environ, stdout=log, stderr=log)


def _log(folder: Path, n: int) -> str:
    return (folder / f"{n}.log").read_text(errors="replace")


def _fill(app: App, raws: list[bytes]) -> None:
    now = app.now()
    stored = [(app.raw.put(data), data, *header_ids(data)) for data in raws]
    with app.db.tx() as tx:
        for sha256, data, message_id, ids in stored:
            about: dict[str, Any] = {"message_id": message_id, "ids": ids}
            intake.enter(tx, Arrival(sha256, len(data), "bench", FolderRole.INBOX, now, now, **about))


def _left(app: App) -> int:
    with app.db.read() as view:
        new = t.mail.c.status == MailStatus.NEW
        return view.execute(sa.select(sa.func.count()).where(new)).scalar_one()


def _until(question: Any) -> None:
    end = time.monotonic() + _BOUND
    while not question():
        if time.monotonic() > end:
            raise TimeoutError("the processes did not come to an end")
        time.sleep(0.02)


def measure(count: int, rounds: int, folder: Path) -> report.Part:
    """Letters a second with two processes beside one, in turns."""
    raws = letters(count)
    speeds: dict[int, list[float]] = {1: [], 2: []}
    server = Postgres.start()
    try:
        for turn in range(rounds):
            for workers in (1, 2):
                place = folder / f"workers-{turn}-{workers}"
                place.mkdir()
                speeds[workers].append(count / run(server.url(), place, raws, workers))
            report.progress(f"workers: one {speeds[1][-1]:.1f}/s, two {speeds[2][-1]:.1f}/s")
    finally:
        server.stop()
    ratio = statistics.median(two / one for one, two in zip(speeds[1], speeds[2], strict=True))
    part = report.Part(f"handling {count} letters on PostgreSQL", columns=("two", "one"), rounds=rounds)
    part.add("letters a second", statistics.median(speeds[2]), statistics.median(speeds[1]), ratio)
    part.raw = {"one": speeds[1], "two": speeds[2]}
    return part


def main() -> None:
    """Measure this alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    report.arguments(parser)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with report.workplace(options.work) as folder:
        part = measure(options.count, options.rounds, folder)
    report.show([part], options.json)


if __name__ == "__main__":
    main()
