"""The judgement of a soak: whether memory, descriptors and threads stayed flat, and whether anything was lost.

A daemon grows while it warms up, and a killed one starts anew; so the last life, which no kill cut short, is judged
alone: the median of its last quarter against that of its second. What the ledger and the SMTP server hold is counted
letter by letter against the answer key.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median

from bench import check, report
from bench.letters import Letters
from bench.program import Program
from bench.servers import Kept

_MEMORY = 1.05
"""By so much may the last quarter lie above the second: allocators keep what a large letter once needed."""
_MORE = 2
"""So many descriptors and threads more may be open: a connection that is just made, a pool that grew by one."""
_WARM_AFTER = 480.0
"""A life of so many seconds is judged by its memory."""
_REPEATED = "SELECT o.message_id FROM event e JOIN outbox o ON o.id = e.outbox_id WHERE e.type = 'resent'"
_NUMBERS = "SELECT count(*), coalesce(max(number), 0) FROM cases WHERE NOT history"
_JOURNAL = "SELECT count(*) - max(seq) FROM journal GROUP BY register, year"


@dataclass(frozen=True)
class Sample:
    """What one look saw, `at` seconds after the beginning; memory and sizes in MB, `cpu` in seconds of this life."""

    at: float
    pid: int
    rss: float
    pss: float
    descriptors: int
    threads: int
    database: float
    raw: float
    cpu: float


def judge(samples: Sequence[Sample], counts: dict[str, int], seconds: float) -> report.Part:
    """Figures of the last life, late against early; a growth is a fault."""
    part = report.Part(f"soak of {seconds / 60:.0f} minutes", columns=("late", "early"), speed=False)
    life = [sample for sample in samples if sample.pid == samples[-1].pid]
    early, late = life[len(life) // 4 : len(life) // 2], life[len(life) * 3 // 4 :]
    if len(early) < 5:
        part.faults.append(f"the last life was seen only {len(life)} times: too short to judge")
        return part
    short = life[-1].at - life[0].at < _WARM_AFTER
    memory = float("inf") if short else _MEMORY
    if short:
        part.notes.append("The last life was too short to judge memory: a daemon grows while it warms up.")
    _flat(part, "resident memory, MB", [s.rss for s in late], [s.rss for s in early], factor=memory)
    _flat(part, "proportional memory, MB", [s.pss for s in late], [s.pss for s in early], factor=memory)
    _flat(part, "open descriptors", [s.descriptors for s in late], [s.descriptors for s in early], more=_MORE)
    _flat(part, "threads", [s.threads for s in late], [s.threads for s in early], more=_MORE)
    part.add("database, MB", samples[-1].database, samples[len(samples) // 2].database, note="grows with the letters")
    part.add("raw letters, MB", samples[-1].raw, samples[len(samples) // 2].raw)
    part.add("last life, minutes", (life[-1].at - life[0].at) / 60)
    part.add("CPU in it, % of a core", 100 * (life[-1].cpu - life[0].cpu) / (life[-1].at - life[0].at))
    part.add("most resident memory of any life, MB", max(s.rss for s in samples))
    for name, what in (("kill", "kills"), ("smtp", "SMTP outages"), ("imap", "IMAP restarts")):
        part.add(what, counts[name])
    part.raw = {"samples": [asdict(sample) for sample in samples]}
    return part


def _flat(
    part: report.Part, name: str, late: Sequence[float], early: Sequence[float], *, factor: float = 1.0, more: float = 0
) -> None:
    after, before = median(late), median(early)
    part.add(name, after, before)
    if after > before * factor + more:
        part.faults.append(f"{name}: grew from {before:.1f} to {after:.1f}")


def count(program: Program, letters: Letters, kept: Sequence[Kept]) -> list[str]:
    """Everything that is lost, doubled or wrong."""
    repeated = {str(row[0]).strip() for row in program.ask(_REPEATED)}
    found = check.faults(letters, check.entries(program.ask(check.LEDGER)), kept, repeated)
    cases, highest = program.numbers(_NUMBERS)
    if cases != highest:
        found.append(f"{cases} cases, but the highest number is {highest}")
    found += _audited(program, letters, kept)
    found += [f"a journal has {row[0]} lines too few" for row in program.ask(_JOURNAL) if row[0]]
    return found


def _audited(program: Program, letters: Letters, kept: Sequence[Kept]) -> list[str]:
    """What the tests' independent count finds, where the tests have one."""
    if importlib.util.find_spec("tests.audit") is None:
        return []
    audit = importlib.import_module("tests.audit")
    found: list[str] = audit.problems(f"sqlite:///{program.database}", letters.raws(), kept, raw=program.folder / "raw")
    return found
