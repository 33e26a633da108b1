"""How much memory the daemon has in use once everything it can load is loaded: PostgreSQL, the register page, copies
in the Sent folder, morphology, every template that letters of all kinds need."""

from __future__ import annotations

from pathlib import Path

from bench import meter, report
from bench.feed import feed
from bench.letters import Letters
from bench.program import Program
from bench.servers import Servers
from tests.servers.postgres import Postgres


def measure(servers: Servers, letters: Letters, folder: Path) -> report.Part:
    """After these letters."""
    server = Postgres.start()
    program = Program(folder / "loaded", servers, "loaded", letters.address, server.url(), sent=True, page=True)
    program.write()
    servers.stage("loaded", [])
    try:
        process = program.start_idle()
        run = feed(program, letters)
        now = meter.usage(process.pid)
    finally:
        program.stop()
        server.stop()
        servers.sink.forget()
    part = report.Part(f"memory with everything loaded, after {len(letters)} letters", columns=("mailcase", "allowed"))
    part.add("resident memory, MB", now.rss, 140.0, note="all processes, summed")
    part.add("proportional memory, MB", now.pss, 140.0)
    part.add("peak resident memory, MB", run.rss_mb)
    part.add("threads", now.threads)
    part.add("open descriptors", now.descriptors)
    return part
