"""A soak: mail, faults and kills mixed for as long as one likes; then everything is counted.

    make soak MINUTES=30            (python -m bench.soak --minutes 30 [--json FILE] [--every 2] [--seed 1])

A real `mailcase run` on Dovecot and an SMTP server that keeps what it got. Every few seconds a letter of the load
comes; at random moments the daemon is killed (SIGKILL) and started again, the SMTP server dies for some seconds, or
Dovecot is restarted. In the last third the daemon is not killed any more, only its servers are, so that one life is
long enough to show whether memory, descriptors and threads stay flat. `bench.soak_verdict` judges.
"""

from __future__ import annotations

import argparse
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench import load, meter, report, soak_verdict
from bench.feed import unfinished
from bench.letters import Letters
from bench.program import Program
from bench.servers import Servers
from bench.soak_verdict import Sample

_SAMPLES = 360
_LONGEST_OUTAGE = 15.0
_BURST = 6
_UNDER_WAY = 3.0
"""Seconds after a burst within which something breaks: Dovecot announces it after half a second."""
_LAST_LETTERS = 900.0
"""Seconds in which what is left must be done after the last letter: tries of a letter are minutes apart."""


@dataclass
class Soak:
    """One run: `letters` come over `seconds`, about every `fault_every` seconds something breaks."""

    servers: Servers
    program: Program
    letters: Letters
    seconds: float
    fault_every: float
    dice: random.Random
    samples: list[Sample] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("kill", "smtp", "imap"), 0))
    later: dict[str, tuple[float, Callable[[], object]]] = field(default_factory=dict)
    """What is to be done when: a kill that comes, a server that comes back."""
    delivered: int = 0

    def run(self) -> None:
        """Until every letter has come."""
        self.began = meter.now()
        next_fault, next_sample = self.fault_every, 0.0
        while (past := self.past) < self.seconds:
            self._deliver(int(len(self.letters) * past / self.seconds) + 1)
            if past >= next_fault:
                self._break()
                next_fault = past + self.dice.uniform(0.5, 1.5) * self.fault_every
            self._do(past)
            if past >= next_sample:
                self._sample(past)
                next_sample += self.seconds / _SAMPLES
            time.sleep(0.1)
        while self.later:
            self._do(float("inf"))
        self._deliver(len(self.letters))

    @property
    def past(self) -> float:
        """Seconds since the beginning."""
        return meter.now() - self.began

    def _deliver(self, until: int) -> None:
        for key in self.letters.keys[self.delivered : until]:
            self.servers.stage(self.program.user, [self.letters.raw(key)], sync=False).show()
        self.delivered = min(len(self.letters), max(self.delivered, until))

    def _break(self) -> None:
        """One thing more; what is broken already stays so as long as it was to."""
        kills = self.past < self.seconds * 2 / 3
        what = self.dice.choice(("kill", "kill", "smtp", "imap") if kills else ("smtp", "imap"))
        if what in self.later:
            return
        self.counts[what] += 1
        # Some letters at once, so that whatever breaks finds the daemon at work.
        self._deliver(self.delivered + _BURST)
        ways: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "kill": (self._kill, self.program.start),
            "smtp": (self.servers.sink.stop, self.servers.sink.start),
            "imap": (self.servers.stop_imap, self.servers.start_imap),
        }
        stop, start = ways[what]

        def break_it() -> None:
            stop()
            self.later[what] = (self.past + self.dice.uniform(0.1, _LONGEST_OUTAGE), start)

        self.later[what] = (self.past + self.dice.uniform(0.3, _UNDER_WAY), break_it)

    def _kill(self) -> None:
        process = self.program.processes.pop()
        process.send_signal(signal.SIGKILL)
        process.wait()

    def _do(self, past: float) -> None:
        for what, (when, act) in list(self.later.items()):
            if past >= when:
                del self.later[what]
                act()

    def _sample(self, past: float) -> None:
        if not self.program.processes:
            return
        pid = self.program.processes[0].pid
        now = meter.usage(pid)
        sizes = [path.stat().st_size for path in self.program.folder.glob("mailcase.db*")]
        raws = [path.stat().st_size for path in (self.program.folder / "raw").glob("*/*.eml")]
        disk = (sum(sizes) / 2**20, sum(raws) / 2**20)
        self.samples.append(Sample(past, pid, now.rss, now.pss, now.descriptors, now.threads, *disk, now.all_cpu))
        if len(self.samples) % 30 == 0:
            report.progress(f"{past / 60:.0f} min: {self.counts}, {now.rss:.0f} MB, {now.descriptors} descriptors")

    def finish(self) -> list[str]:
        """Wait until nothing is left to do; what is left all the same."""
        expected = (len(self.letters), 0, 0, 0, 0)
        question = self.question
        try:
            self.program.until(
                lambda: self.program.numbers(question) == expected, "all is quiet", _LAST_LETTERS, pause=1.0
            )
        except RuntimeError:
            return [f"not quiet in the end: {self.program.numbers(question)} instead of {expected}"]
        return []

    def prepare(self) -> None:
        """The daemon meets its empty mailbox."""
        self.program.write()
        self.servers.stage(self.program.user, [])
        self.program.start_idle()
        self.question = unfinished(self.program)


def main() -> None:
    """Run, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--every", type=float, default=2.0, help="seconds between letters")
    parser.add_argument("--faults", type=float, default=20.0, help="seconds between faults, on average")
    parser.add_argument("--seed", type=int, default=1)
    report.arguments(parser)
    options = parser.parse_args()
    seconds = options.minutes * 60
    with report.workplace(options.work) as folder, Servers.start(folder) as servers:
        letters = load.letters(options.load, int(seconds / options.every), folder)
        program = Program(folder / "soak", servers, "soak", address=letters.address)
        soak = Soak(servers, program, letters, seconds, options.faults, random.Random(options.seed))
        try:
            soak.prepare()
            soak.run()
            left = soak.finish()
        finally:
            program.stop()
        part = soak_verdict.judge(soak.samples, soak.counts, seconds)
        part.faults += [*left, *soak_verdict.count(program, letters, servers.sink.letters())]
        part.add("letters", len(letters))
    report.show([part], options.json)


if __name__ == "__main__":
    main()
