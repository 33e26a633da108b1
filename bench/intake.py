"""Intake: letters a second from what the server announces to what the client has in his hands, beside the floor.

    python -m bench.intake [--load DIR] [--count N] [--rounds 3] [--floor PATH]

Each round runs the floor and `mailcase run` one after the other, so that both see the same machine; the ratio of a
round is quoted as the median over the rounds. `bench.feed` says when the clock runs, `bench.floor` what the floor is.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from statistics import median

from bench import check, floor, load, report
from bench.feed import Run, feed, middle
from bench.letters import Letters
from bench.program import Program
from bench.servers import PASSWORD, Servers

_LEFT = """
SELECT count(*) FILTER (WHERE audience = 'client'), count(*) FILTER (WHERE audience = 'staff')
FROM outbox WHERE status = 'sent' AND mail_id > {warm}
"""
WARM = 12
"""Letters before the clock starts."""
_CONFIG = (
    "mailcase: live mode; budgets raised beyond any load; after = mark; the Sent folder neither watched nor filled."
)


def run_floor(servers: Servers, letters: Letters, folder: Path, name: str, program: Path | None) -> Run:
    """The floor on these letters, which the server has numbered before, as on any mailbox that was not just filled."""
    servers.stage(name, list(letters.raws())).show()
    servers.index(name)
    work = folder / name
    work.mkdir()
    where = (servers.dovecot.imap_port, servers.sink.port, name, PASSWORD)
    got = floor.measure(*where, letters.folder, work, program)
    shutil.rmtree(work)
    servers.sink.forget()
    done = Run(int(got["n"]), got["wall"], got["cpu"], rss_mb=got["rss_mb"], pss_mb=got["rss_mb"])
    if done.n != len(letters):
        done.faults.append(f"the floor took {done.n} of {len(letters)} letters")
    return done


def run_mailcase(servers: Servers, letters: Letters, folder: Path, name: str, warm: int = WARM) -> Run:
    """`mailcase run` meets its empty mailbox, has some letters, idles, and then all the letters are there at once."""
    program = Program(folder / name, servers, name, address=letters.address)
    program.write()
    servers.stage(name, [])
    program.start_idle()
    try:
        if warm:
            feed(program, _warming(folder, letters.address, warm))
        done = feed(program, letters)
    finally:
        program.stop()
    done.faults += check.faults(letters, check.entries(program.ask(check.LEDGER)), servers.sink.letters())
    done.to_clients, done.to_staff = program.numbers(_LEFT.format(warm=warm))
    servers.sink.forget()
    if not done.faults:
        shutil.rmtree(program.folder)
    return done


def _warming(folder: Path, address: str, count: int) -> Letters:
    """Letters before the clock: what is loaded once in a daemon's life belongs to no letter, as the floor's imports."""
    made = folder / "warming"
    if not made.exists():
        load.write(made, count, seed=99, to=address)
    return Letters.read(made)


def measure(servers: Servers, letters: Letters, folder: Path, rounds: int, program: Path | None) -> report.Part:
    """Every round: the floor, then mailcase; the next one the other way round, so that neither always runs first."""
    floors: list[Run] = []
    ours: list[Run] = []
    for number in range(rounds):
        for first in (True, False) if number % 2 == 0 else (False, True):
            if first:
                floors.append(run_floor(servers, letters, folder, f"floor{number}", program))
            else:
                ours.append(run_mailcase(servers, letters, folder, f"mailcase{number}"))
        report.progress(_line(number + 1, floors[-1], ours[-1]))
    return _part(floors, ours)


def _line(number: int, low: Run, our: Run) -> str:
    said = f"round {number}: floor {low.rate:.0f}/s {low.cpu_ms:.2f} ms, mailcase {our.rate:.0f}/s {our.cpu_ms:.2f} ms"
    return said + (f"; FAILED: {our.faults[0]}" if our.faults else "")


def _part(floors: list[Run], ours: list[Run]) -> report.Part:
    part = report.Part(f"intake of {ours[0].n} letters", rounds=len(ours))
    part.faults = [fault for run in (*floors, *ours) for fault in run.faults]
    pairs = list(zip(floors, ours, strict=True))
    part.add("letters a second, to the last acknowledgement", *_pair(pairs, lambda run: run.rate))
    part.add("CPU a letter until all is quiet, ms", *_pair(pairs, lambda run: run.cpu_ms), "notices, marks included")
    part.add("  of it until the last acknowledgement, ms", median(1000 * run.acknowledged_cpu / run.n for run in ours))
    part.add("  of it in child processes, ms", median(1000 * run.children_cpu / run.n for run in ours))
    part.add("letters a second until all is quiet", *_pair(pairs, lambda run: run.n / (run.quiet_wall or run.wall)))
    part.add("peak resident memory, MB", *_pair(pairs, lambda run: run.rss_mb), "all processes, summed")
    part.add("peak proportional memory, MB", middle(ours, "pss_mb"))
    sent = f"{ours[-1].to_clients} acknowledgements and {ours[-1].to_staff} notices to employees"
    part.notes = [_CONFIG, f"It sent {sent}; the floor sent {floors[-1].n} acknowledgements and nothing else."]
    part.raw = {"floor": [asdict(run) for run in floors], "mailcase": [asdict(run) for run in ours]}
    return part


def _pair(pairs: list[tuple[Run, Run]], value: Callable[[Run], float]) -> tuple[float, float, float]:
    """(median of ours, median of the floor, median of the rounds' ratios)."""
    ours = [value(our) for _, our in pairs]
    floors = [value(low) for low, _ in pairs]
    return median(ours), median(floors), median(our / low for our, low in zip(ours, floors, strict=True))


def main() -> None:
    """Measure intake alone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    report.arguments(parser)
    parser.add_argument("--count", type=int, help="only the first so many letters; without --load so many are made")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with report.workplace(options.work) as folder, Servers.start(folder) as servers:
        letters = load.letters(options.load, options.count, folder)
        part = measure(servers, letters, folder, options.rounds, options.floor)
    report.show([part], options.json)


if __name__ == "__main__":
    main()
