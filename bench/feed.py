"""Some letters given to a running daemon at once, and what it costs until each of them is dealt with.

The clock starts when the server tells a client beside the daemon of the first letter: Dovecot holds such news for half
a second, in which nobody can work. It stops when every letter is handled and the last acknowledgement is settled.
CPU runs from before the letters came until every notice has left and every letter is marked, and counts the children.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from bench import meter
from bench.letters import Letters
from bench.program import Program
from bench.servers import Announced

_BOUND = 1800.0
_UNSENT = "id > {outbox} AND status IN ('queued', 'sending')"
_STATE = f"""
SELECT (SELECT count(*) FROM mail WHERE id > {{mail}}),
       (SELECT count(*) FROM mail WHERE id > {{mail}} AND status = 'new'),
       (SELECT count(*) FROM outbox WHERE {_UNSENT} AND audience = 'client'),
       (SELECT count(*) FROM outbox WHERE {_UNSENT}),
       (SELECT count(*) FROM sighting WHERE id > {{sighting}} AND tidied_at IS NULL)
"""
_HEADS = """
SELECT (SELECT max(id) FROM mail), (SELECT max(id) FROM outbox), (SELECT max(id) FROM sighting)
"""


@dataclass
class Run:
    """What `n` letters cost; `cpu` (the process itself) and `children_cpu` are seconds for all of them."""

    n: int
    wall: float
    cpu: float
    children_cpu: float = 0.0
    acknowledged_cpu: float = 0.0
    quiet_wall: float = 0.0
    announced_after: float = 0.0
    rss_mb: float = 0.0
    pss_mb: float = 0.0
    to_clients: int = 0
    to_staff: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Letters a second."""
        return self.n / self.wall

    @property
    def cpu_ms(self) -> float:
        """CPU a letter, in milliseconds, the children's included."""
        return 1000 * (self.cpu + self.children_cpu) / self.n


def feed(program: Program, letters: Letters) -> Run:
    """Give these letters to the daemon, which must be idle, and wait until all is quiet again."""
    pid = program.processes[0].pid
    count = len(letters)
    staged = program.servers.stage(program.user, list(letters.raws()))
    question = unfinished(program)
    peak = meter.Peak(pid)
    watcher = Announced(program.servers, program.user)
    before = meter.cpu(pid)
    shown = staged.show()
    announced = watcher.wait()

    def state() -> tuple[int, ...]:
        peak.look()
        return program.numbers(question)

    pause = 0.05 if count <= 2000 else 0.2
    end = program.until(lambda: state()[:3] == (count, 0, 0), "every letter acknowledged", _BOUND, pause)
    middle = meter.cpu(pid)
    last = program.until(lambda: state() == (count, 0, 0, 0, 0), "every notice sent, every mark set", _BOUND, pause)
    after = meter.cpu(pid)
    return Run(
        count,
        wall=end - announced,
        cpu=after[0] - before[0],
        children_cpu=after[1] - before[1],
        acknowledged_cpu=sum(middle) - sum(before),
        quiet_wall=last - announced,
        announced_after=announced - shown,
        rss_mb=peak.rss,
        pss_mb=peak.pss,
    )


def unfinished(program: Program) -> str:
    """A question about all that comes after now: letters, those still new, client letters and letters that have not
    left, letters that are not yet marked."""
    mail, outbox, sighting = program.numbers(_HEADS)
    return _STATE.format(mail=mail, outbox=outbox, sighting=sighting)


def middle(runs: list[Run], name: str) -> float:
    """The median of one value over several runs."""
    return float(median(getattr(run, name) for run in runs))
