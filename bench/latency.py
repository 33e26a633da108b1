"""Latency: from the delivery of one letter to its acknowledgement at the SMTP server, the daemon idling meanwhile.

Beside it what the server itself takes to tell a client that idles on the same folder: the difference is ours. Letters
come one at a time, with a jittered silence between them. Deliveries are by LMTP, as an MTA does it, or by IMAP APPEND.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from bench import check, meter, report
from bench.program import Program
from bench.servers import Announced, Kept, Servers

_BOUND = 30.0
_LETTER = """From: =?utf-8?B?0JDQvdC90LA=?= <{sender}>
To: {to}
Subject: =?utf-8?B?0J/QvtCy0LXRgNC60LAg0LzQsNC90L7QvNC10YLRgNC+0LI=?= {number}
Message-ID: <latency.{number}@romashka.example>
Return-Path: <{sender}>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Здравствуйте!

Просим выставить счёт на поверку {number} манометров МП3-У, опись приложим.

С уважением,
Анна Белова
"""


def measure(servers: Servers, folder: Path, rounds: int, via: str = "lmtp", name: str = "latency") -> report.Part:
    """So many letters, one after the other."""
    program = Program(folder / name, servers, name)
    program.write()
    servers.stage(name, [])
    program.start_idle()
    told: list[float] = []
    answered: list[float] = []
    faults: list[str] = []
    try:
        for number in range(rounds + 1):
            at = _one(servers, program, number, via)
            # The first one loads what is loaded once in the daemon's life.
            if number:
                told.append(1000 * at[0])
                answered.append(1000 * at[1])
        program.stop()
        faults += _faults(program, servers.sink.letters(), rounds + 1)
    finally:
        program.stop()
        servers.sink.forget()
    part = _part(told, answered, via)
    part.faults = faults
    return part


def _faults(program: Program, kept: Sequence[Kept], count: int) -> Iterator[str]:
    """Every letter is one case, and every sender has one acknowledgement."""
    ledger = check.entries(program.ask(check.LEDGER))
    if len({entry.message_id for entry in ledger}) != count:
        yield f"{count} letters were delivered, the ledger has {len(ledger)} lines"
    for entry in ledger:
        if (entry.status, entry.outcome) != ("done", "new_case"):
            yield f"{entry.message_id} is {entry.status} and became {entry.outcome}"
    times = Counter(address for letter in kept for address in letter.to)
    for sender in map(_sender, range(count)):
        if times[sender] != 1:
            yield f"{sender} was acknowledged {times[sender]} times"


def _sender(number: int) -> str:
    return f"anna.belova{number}@romashka.example"


def _one(servers: Servers, program: Program, number: int, via: str) -> tuple[float, float]:
    """Seconds from the delivery's beginning to (what a client is told, the acknowledgement at the sink)."""
    sender = _sender(number)
    raw = _LETTER.format(sender=sender, to=program.address, number=number).replace("\n", "\r\n").encode()
    client = servers.connect(program.user)
    watcher = Announced(servers, program.user)
    time.sleep(random.Random(number).uniform(0.6, 1.4))
    kept = servers.sink.size()
    began = meter.now()
    if via == "lmtp":
        servers.dovecot.deliver(program.user, raw, sender)
    else:
        client.append("INBOX", raw)
    end = began + _BOUND
    while not servers.sink.has(f"X-Rcpt-Args: <{sender}>".encode(), kept):
        if meter.now() > end:
            raise RuntimeError(f"no acknowledgement within {_BOUND:.0f} s\n{program.log()}")
        time.sleep(0.001)
    answered = meter.now() - began
    client.shutdown()
    return watcher.wait() - began, answered


def _part(told: list[float], answered: list[float], via: str) -> report.Part:
    part = report.Part(f"latency of {len(told)} letters by {via.upper()}", columns=("mailcase", "server tells"))
    ours = [all_of_it - server for server, all_of_it in zip(told, answered, strict=True)]
    part.add("delivery to acknowledgement, p50, ms", median(answered), median(told))
    part.add("delivery to acknowledgement, p99, ms", _p99(answered), _p99(told))
    part.add("beyond what the server takes to tell, p50, ms", median(ours))
    part.add("beyond what the server takes to tell, p99, ms", _p99(ours))
    part.raw = {"told_ms": told, "answered_ms": answered}
    return part


def _p99(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]
