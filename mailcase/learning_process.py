"""A process apart, at the lowest priority, that compares models: the stations go on meanwhile.

It gets letters and gives numbers and a model; it has no database and is given no secrets.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from datetime import timedelta

from mailcase.learning import Compared, Task, compare
from mailcase.training import Labelled
from mailcase.words import MailcaseError

_LOWEST = 19
_LOOK = 0.5
"""Seconds between looks at whether it ended."""


def compare_apart(
    wanted: Task, stop: threading.Event, patience: timedelta, shipped: Sequence[Labelled] | None = None
) -> Compared | None:
    """As `learning.compare`; None where `stop` came first. Raises MailcaseError where it fails or takes longer."""
    command = [sys.executable, "-m", "mailcase.learning_process"]
    harmless = {name: value for name, value in os.environ.items() if not name.startswith("MAILCASE_")}
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as told:
        asked.write(pickle.dumps((wanted, shipped)))
        asked.seek(0)
        with subprocess.Popen(command, stdin=asked, stdout=told, process_group=0, env=harmless) as process:
            code = _ended(process, stop, patience)
        if code is None and stop.is_set():
            return None
        if code != 0:
            why = f"it takes longer than {patience}" if code is None else f"it ended with {code}"
            raise MailcaseError(f"the training failed: {why}; `mailcase train` shows more")
        told.seek(0)
        compared: Compared = pickle.load(told)
        return compared


def _ended(process: subprocess.Popen[bytes], stop: threading.Event, patience: timedelta) -> int | None:
    """How it ended; None where it had to be ended."""
    looks = patience / timedelta(seconds=_LOOK)
    while (code := process.poll()) is None and looks > 0 and not stop.wait(_LOOK):
        looks -= 1
    if code is None:
        process.kill()
    return code


def main() -> None:
    """The process: a task on standard input, what was compared on standard output."""
    os.nice(_LOWEST)
    wanted, shipped = pickle.load(sys.stdin.buffer)
    sys.stdout.buffer.write(pickle.dumps(compare(wanted, shipped)))


if __name__ == "__main__":
    main()
