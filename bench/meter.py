"""What processes cost, read from /proc: CPU, memory, descriptors, threads, of a process and all below it."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds since the start, memory in MB (2**20) now, counts now; `children` are all processes below."""

    cpu: float = 0.0
    children_cpu: float = 0.0
    rss: float = 0.0
    pss: float = 0.0
    descriptors: int = 0
    threads: int = 0
    processes: int = 0

    @property
    def all_cpu(self) -> float:
        """Seconds of the process and everything below it, the dead included."""
        return self.cpu + self.children_cpu


def usage(pid: int) -> Usage:
    """The process and its children as they are now; zeros for one that is gone."""
    own, reaped = _times(pid)
    below = family(pid)[1:]
    cpu = reaped + sum(sum(_times(child)) for child in below)
    everybody = [pid, *below]
    return Usage(
        cpu=own,
        children_cpu=cpu,
        rss=sum(_kilobytes(p, "status", "VmRSS") for p in everybody) / 1024,
        pss=sum(_kilobytes(p, "smaps_rollup", "Pss") for p in everybody) / 1024,
        descriptors=sum(_entries(p, "fd") for p in everybody),
        threads=sum(_entries(p, "task") for p in everybody),
        processes=len(everybody),
    )


def cpu(pid: int) -> tuple[float, float]:
    """(seconds of the process itself, seconds of all below it, the dead included)."""
    own, reaped = _times(pid)
    return own, reaped + sum(sum(_times(child)) for child in family(pid)[1:])


class Peak:
    """The most memory seen at any look, all processes of the family together; MB."""

    def __init__(self, pid: int) -> None:
        self._pid, self._next = pid, 0.0
        self.rss = self.pss = 0.0

    def look(self) -> None:
        """Look again; twice a second at most, as a look costs the machine a few milliseconds."""
        if now() >= self._next:
            seen = usage(self._pid)
            self.rss, self.pss = max(self.rss, seen.rss), max(self.pss, seen.pss)
            self._next = now() + 0.5


def family(pid: int) -> list[int]:
    """The process and all living processes below it."""
    children: dict[int, list[int]] = {}
    for folder in _listed(_PROC):
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def now() -> float:
    """A clock that is never set back."""
    return time.monotonic()


def _times(pid: int) -> tuple[float, float]:
    """(user and system seconds of the process, those of the children it has reaped)."""
    fields = _stat(pid)
    if not fields:
        return 0.0, 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK, (int(fields[13]) + int(fields[14])) / _TICK


def _stat(pid: int) -> list[str]:
    """The fields behind the name of the program: state, parent, …; empty for a process that is gone."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []


def _kilobytes(pid: int, file: str, field: str) -> int:
    with contextlib.suppress(OSError):
        for line in (_PROC / str(pid) / file).read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1])
    return 0


def _entries(pid: int, folder: str) -> int:
    return len(_listed(_PROC / str(pid) / folder))


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
