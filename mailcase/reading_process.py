"""A process apart that reads letters, so that none can take the daemon with it (pains 7, 8).

A letter that hangs, eats memory or kills its reader costs one failure of its own: the process is ended and another one
reads on. Whatever is at fault, C code and endless expressions too, the limits hold, because they are the kernel's and
the parent's. Nothing is written here, so ending it at any moment harms nothing.
"""

from __future__ import annotations

import contextlib
import logging
import math
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from mailcase import heap
from mailcase.config import Config
from mailcase.models import Models
from mailcase.reading import Read, Unreadable, Wanted, own_models, read
from mailcase.words import MailcaseError

log = logging.getLogger(__name__)
_START = 60.0
"""Seconds for a process to load itself, on a machine that is very busy."""
_LEAST_MEMORY = 256_000_000
"""Bytes: the program itself needs so much address space."""
_READY = "ready"


class _Ended(Exception):
    """The process is no more; the text tells why."""


@dataclass(frozen=True)
class _Child:
    """The process and the line to it."""

    process: subprocess.Popen[bytes]
    line: Connection

    @staticmethod
    def start(config: Config) -> _Child:
        """Raises MailcaseError where it does not come up."""
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "mailcase.reading_process", str(theirs.fileno())]
            # A stop of the whole group is the daemon's to carry out: it finishes the letter that is being read.
            process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, process_group=0)
        child = _Child(process, Connection(ours.detach()))
        try:
            child.line.send(config)
            child.answer(_START)
        except (_Ended, OSError) as broken:
            child.end()
            raise MailcaseError(f"the process that reads letters does not start: {broken}") from broken
        return child

    def answer(self, seconds: float) -> object:
        """What it says next. Raises _Ended where it says nothing in time or is dead."""
        try:
            if self.line.poll(seconds):
                return self.line.recv()
        except (EOFError, OSError):
            code = self.process.wait()
            raise _Ended(f"the reader died on it ({_cause(code)})") from None
        raise _Ended(f"not read within {seconds:g} s")

    def end(self) -> None:
        self.line.close()
        self.process.kill()
        self.process.wait()


@dataclass
class _Question:
    """Letters that the process was asked to read."""

    owed: int
    """Answers that it has not given yet."""


class ReadingProcess:
    """Reads in a process of its own, started when first needed. For one thread."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._child: _Child | None = None
        self._question: _Question | None = None

    def start(self) -> None:
        """As Reader.start."""
        if self._child is not None and self._child.process.poll() is not None:
            self.stop()
        if self._child is None:
            self._child = _Child.start(self._config)
            log.info("letters are read by process %d", self._child.process.pid)

    def read(self, wanted: Sequence[Wanted]) -> Iterator[Read | Unreadable]:
        """As Reader.read: what comes after a letter that ended the process is read by the next one."""
        if self._question is not None and self._question.owed:
            # Answers that nobody waits for any more would be taken for those to this question: another letter's words.
            self.stop()
        at = 0
        while at < len(wanted):
            try:
                self.start()
            except MailcaseError as broken:
                log.error("%s", broken)
                return
            try:
                for answer in self._answers(wanted[at:]):
                    at += 1
                    yield answer
            except _Ended as ended:
                log.warning("a letter could not be read: %s", ended)
                at += 1
                yield Unreadable(str(ended))

    def _answers(self, wanted: Sequence[Wanted]) -> Iterator[Read | Unreadable]:
        child = self._child
        if child is None:
            raise _Ended("the reader was stopped")
        question = self._question = _Question(len(wanted))
        try:
            with contextlib.suppress(OSError):
                # Where it is dead the first answer tells why.
                child.line.send(list(wanted))
            for _ in wanted:
                answer = child.answer(self._config.limits.read_time.total_seconds())
                question.owed -= 1
                yield answer if isinstance(answer, Read | Unreadable) else Unreadable(f"unknown answer {answer!r}")
        finally:
            # Whoever lets go of a question late must not end the process that answers the next one.
            if question.owed and self._question is question:
                self.stop()

    def ready(self) -> bool:
        """As Reader.ready."""
        return self._child is not None and self._child.line.poll(0)

    def stop(self) -> None:
        """As Reader.stop."""
        child, self._child, self._question = self._child, None, None
        if child is not None:
            child.end()


def _cause(code: int) -> str:
    if code >= 0:
        return f"exit {code}"
    return "over its limit of time" if -code == signal.SIGXCPU else signal.Signals(-code).name


def main(descriptor: int) -> None:
    """The process: a config, then lists of letters; an answer for each, until the line is closed."""
    heap.keep_small()
    # Whoever stops the daemon stops it; the daemon ends this process when it is done with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    line = Connection(descriptor)
    config: Config = line.recv()
    models = own_models(config)
    memory = max(_LEAST_MEMORY, config.limits.read_memory)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    line.send(_READY)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            for wanted in line.recv():
                _limit_time(config.limits.read_time.total_seconds())
                line.send(_read(wanted, config, models))


def _limit_time(seconds: float) -> None:
    """Should the daemon die meanwhile, an endless letter ends all the same."""
    soft = math.ceil(time.process_time() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _read(wanted: Wanted, config: Config, models: Models) -> Read | Unreadable:
    try:
        return read(wanted, config, models)
    except MemoryError:
        return Unreadable("it needs more memory than limits.read_memory allows")
    except RecursionError:
        return Unreadable("it is nested too deeply")


if __name__ == "__main__":
    main(int(sys.argv[1]))
