"""Intake: letters a second from what the server announces to what the client has in his hands, beside the floor.

    python -m bench.intake [--load DIR] [--count N] [--rounds 3] [--floor PATH]

Each round runs the floor and `mailcase run` one after the other, so that both see the same machine; the ratio of a
round is quoted as the median over the rounds. The clock of mailcase starts when the server tells a client beside it
of the first letter (it holds such news for half a second, in which nobody can work), and stops when every letter
is handled and the last acknowledgement is settled. CPU runs from before the letters came until every letter is also
marked as read and every notice has left, and counts the children.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from bench import check, floor, load, meter, report
from bench.letters import Letters
from bench.program import Program
from bench.servers import Announced, Servers, Staged

_STATE = """
SELECT (SELECT count(*) FROM mail),
       (SELECT count(*) FROM mail WHERE status = 'new'),
       (SELECT count(*) FROM outbox WHERE status IN ('queued', 'sending') AND audience = 'client'),
       (SELECT count(*) FROM outbox WHERE status IN ('queued', 'sending')),
       (SELECT count(*) FROM sighting WHERE tidied_at IS NULL)
"""
_BOUND = 1200.0


@dataclass
class Run:
    """One measured run; `cpu` and `children_cpu` are seconds for all letters until everything was quiet."""

    n: int
    wall: float
    cpu: float
    children_cpu: float = 0.0
    quiet_wall: float = 0.0
    acknowledged_cpu: float = 0.0
    announced_after: float = 0.0
    rss_mb: float = 0.0
    pss_mb: float = 0.0
    faults: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Letters a second."""
        return self.n / self.wall

    @property
    def cpu_ms(self) -> float:
        """CPU a letter, in milliseconds, the children's included."""
        return 1000 * (self.cpu + self.children_cpu) / self.n


def run_floor(servers: Servers, letters: Letters, folder: Path, name: str, program: Path | None) -> Run:
    """The floor on these letters, which the server has numbered before, as on any mailbox that was not just filled."""
    servers.stage(name, list(letters.raws())).show()
    servers.index(name)
    work = folder / name
    work.mkdir()
    where = (servers.dovecot.imap_port, servers.sink.port, name, "secret")
    got = floor.measure(*where, letters.folder, work, program)
    shutil.rmtree(work)
    servers.sink.forget()
    done = Run(int(got["n"]), got["wall"], got["cpu"], rss_mb=got["rss_mb"], pss_mb=got["rss_mb"])
    if done.n != len(letters):
        done.faults.append(f"the floor took {done.n} of {len(letters)} letters")
    return done


def run_mailcase(servers: Servers, letters: Letters, folder: Path, name: str) -> Run:
    """`mailcase run` meets its empty mailbox, idles, and then all the letters are there at once."""
    staged = servers.stage(name, list(letters.raws()))
    program = Program(folder / name, servers, name, address=letters.address)
    program.write()
    process = program.start_idle()
    try:
        done = _measure(servers, program, process.pid, len(letters), staged)
    finally:
        program.stop()
    ledger = check.entries(program.ask(check.LEDGER))
    done.faults += check.faults(letters, ledger, servers.sink.letters())
    servers.sink.forget()
    if not done.faults:
        shutil.rmtree(program.folder)
    return done


def _measure(servers: Servers, program: Program, pid: int, count: int, staged: Staged) -> Run:
    peak = meter.Peak(pid)
    watcher = Announced(servers, program.user)
    before = meter.cpu(pid)
    shown = staged.show()
    announced = watcher.wait()

    def state() -> tuple[int, ...]:
        peak.look()
        return program.numbers(_STATE)

    def acknowledged() -> bool:
        now = state()
        return now[:3] == (count, 0, 0)

    def quiet() -> bool:
        return state() == (count, 0, 0, 0, 0)

    pause = 0.05 if count <= 2000 else 0.2
    end = program.until(acknowledged, "every letter acknowledged", _BOUND, pause)
    middle = meter.cpu(pid)
    last = program.until(quiet, "every notice sent and every letter marked", _BOUND, pause)
    after = meter.cpu(pid)
    return Run(
        count,
        wall=end - announced,
        cpu=after[0] - before[0],
        children_cpu=after[1] - before[1],
        quiet_wall=last - announced,
        acknowledged_cpu=sum(middle) - sum(before),
        announced_after=announced - shown,
        rss_mb=peak.rss,
        pss_mb=peak.pss,
    )


def measure(servers: Servers, letters: Letters, folder: Path, rounds: int, program: Path | None) -> report.Part:
    """Every round: the floor, then mailcase; the next one the other way round, so that neither always runs first."""
    floors: list[Run] = []
    ours: list[Run] = []
    for number in range(rounds):
        steps = [
            lambda n=number: floors.append(run_floor(servers, letters, folder, f"floor{n}", program)),
            lambda n=number: ours.append(run_mailcase(servers, letters, folder, f"mailcase{n}")),
        ]
        for step in steps if number % 2 == 0 else reversed(steps):
            step()
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
    part.add(
        "CPU a letter until all is quiet, ms", *_pair(pairs, lambda run: run.cpu_ms), note="notices, marks included"
    )
    part.add("  of it until the last acknowledgement, ms", median(1000 * run.acknowledged_cpu / run.n for run in ours))
    part.add("  of it in child processes, ms", median(1000 * run.children_cpu / run.n for run in ours))
    part.add("wall until all is quiet, s", median(run.quiet_wall for run in ours))
    part.add("peak resident memory, MB", *_pair(pairs, lambda run: run.rss_mb), note="all processes, summed")
    part.add("peak proportional memory, MB", median(run.pss_mb for run in ours))
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
    parser.add_argument("--load", type=Path, help="a folder of letters with its manifest.jsonl; else 1000 are made")
    parser.add_argument("--count", type=int, help="only the first so many letters")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--floor", type=Path, help="another floor program, see bench/floor.py")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--work", type=Path, help="an empty folder on the disk that is to be measured")
    options = parser.parse_args()
    with report.workplace(options.work) as folder, Servers.start(folder) as servers:
        letters = load.letters(options.load, options.count, folder)
        part = measure(servers, letters, folder, options.rounds, options.floor)
    report.show([part], options.json)


if __name__ == "__main__":
    main()
