"""Growth: whether a letter costs more when many came before it.

`growing` gives one daemon its letters in portions and compares the last portion with the first: each portion is
fetched, handled and acknowledged alike, so fetching ahead flatters neither. `register` compares a daemon whose
register holds many cases with one that starts with none, in turns.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from bench import check, report
from bench.bulk import fill
from bench.feed import Run, feed, middle
from bench.letters import Letters
from bench.program import Program
from bench.servers import Servers

WARM = 40
"""Letters before the first portion: they load what is loaded once in the daemon's life."""


def growing(servers: Servers, letters: Letters, folder: Path, portion: int) -> report.Part:
    """The last portion of these letters against the first."""
    program = _started(servers, letters, folder, "growing")
    runs: list[Run] = []
    fed = WARM
    try:
        feed(program, letters.part(0, WARM))
        for start in range(WARM, len(letters) - portion + 1, portion):
            fed = start + portion
            runs.append(feed(program, letters.part(start, start + portion)))
            report.progress(f"growth: {start + portion} letters, {runs[-1].rate:.0f}/s, {runs[-1].cpu_ms:.2f} ms")
        program.stop()
        ledger = check.entries(program.ask(check.LEDGER))
        runs[-1].faults += check.faults(letters.part(0, fed), ledger, servers.sink.letters())
    finally:
        program.stop()
        servers.sink.forget()
    title = f"growth over {len(letters)} letters"
    return _compared(title, (f"last {portion}", f"first {portion}"), [runs[-1]], [runs[0]], runs)


def register(servers: Servers, letters: Letters, folder: Path, cases: int, portion: int, rounds: int) -> report.Part:
    """Portions with a register of that many cases against portions with an empty one."""
    full = _started(servers, letters, folder, "register-full", cases)
    empty = _started(servers, letters, folder, "register-empty")
    runs: dict[str, list[Run]] = {full.user: [], empty.user: []}
    try:
        for program in (full, empty):
            feed(program, letters.part(0, WARM))
        for number in range(rounds):
            some = letters.part(WARM + number * portion, WARM + (number + 1) * portion)
            for program in (full, empty):
                runs[program.user].append(feed(program, some))
            both = [runs[program.user][-1] for program in (full, empty)]
            report.progress("register: full {:.0f}/s, empty {:.0f}/s".format(*(run.rate for run in both)))
    finally:
        full.stop()
        empty.stop()
        servers.sink.forget()
    title = f"a register of {cases} cases, {portion} letters"
    return _compared(title, ("full", "empty"), runs[full.user], runs[empty.user], [*runs[full.user]])


def _started(servers: Servers, letters: Letters, folder: Path, name: str, cases: int = 0) -> Program:
    program = Program(folder / name, servers, name, address=letters.address)
    program.write()
    servers.stage(name, [])
    program.start_idle()
    if cases:
        program.stop()
        fill(program.database, cases, sorted({key.sender for key in letters.keys}))
        program.start_idle()
    return program


def _compared(title: str, columns: tuple[str, str], late: list[Run], early: list[Run], runs: list[Run]) -> report.Part:
    part = report.Part(title, columns=columns, rounds=len(late))
    for name, value in (("letters a second", "rate"), ("CPU a letter, ms", "cpu_ms"), ("resident, MB", "rss_mb")):
        part.add(name, middle(late, value), middle(early, value))
    # What reads letters is told nothing of those before: as much as it got dearer, the machine did.
    last, first = (1000 * sum(run.children_cpu for run in some) / sum(run.n for run in some) for some in (late, early))
    part.add("  of it in the reading process, ms", last, first, note="knows nothing of other letters")
    part.faults = [fault for run in runs for fault in run.faults]
    part.raw = {"runs": [asdict(run) for run in runs], "early": [asdict(run) for run in early]}
    return part
