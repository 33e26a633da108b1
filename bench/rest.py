"""What the daemon costs while nothing happens, and how long one waits for its commands."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from bench import meter, report
from bench.program import Program, environment
from bench.servers import Servers

_SETTLES = 3.0


def idle(servers: Servers, folder: Path, seconds: float) -> report.Part:
    """CPU and memory of an idle daemon that has done nothing yet."""
    program = Program(folder / "idle", servers, "idle")
    program.write()
    servers.stage("idle", [])
    process = program.start_idle()
    try:
        time.sleep(_SETTLES)
        before, began = sum(meter.cpu(process.pid)), meter.now()
        time.sleep(seconds)
        used, span = sum(meter.cpu(process.pid)) - before, meter.now() - began
        now = meter.usage(process.pid)
    finally:
        program.stop()
    part = report.Part(f"idle for {span:.0f} s")
    part.add("CPU, % of a core", 100 * used / span)
    part.add("resident memory, MB", now.rss, note="all processes, summed")
    part.add("proportional memory, MB", now.pss)
    part.add("threads", now.threads)
    part.add("open descriptors", now.descriptors)
    part.add("processes", now.processes)
    return part


def start_up(rounds: int) -> report.Part:
    """`mailcase --help` beside a Python that does nothing."""
    bare = [sys.executable, "-c", "pass"]
    command = [str(Path(sys.executable).parent / "mailcase"), "--help"]
    python: list[float] = []
    ours: list[float] = []
    for _ in range(rounds):
        python.append(_wall(bare))
        ours.append(_wall(command))
    part = report.Part("start-up", columns=("mailcase", "bare Python"), rounds=rounds)
    part.add("`mailcase --help`, s", median(ours), median(python))
    part.raw = {"python": python, "mailcase": ours}
    return part


def _wall(command: list[str]) -> float:
    began = meter.now()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment())
    return meter.now() - began
