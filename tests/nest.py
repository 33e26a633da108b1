"""Processes of `mailcase run` to be killed: by the command itself, or forked without waiting for the imports.

A fork comes from a process that has imported the program and does nothing else (`python -m tests.nest`), so that a
start costs a tenth of a second; what runs in it is the command, as the shell would start it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any, cast

_BOUND = 60.0


class Nest:
    """Starts and ends daemons in a folder that holds `config.toml`; one at a time, all with one log."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "daemon.log"
        self._hatcher = self._start([sys.executable, "-m", "tests.nest"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._asked, self._told = cast(IO[bytes], self._hatcher.stdin), cast(IO[bytes], self._hatcher.stdout)
        self._forked = 0
        self._command: subprocess.Popen[bytes] | None = None

    def fork(self) -> None:
        """A daemon at once."""
        self._asked.write(b"run\n")
        self._asked.flush()
        self._forked = int(self._told.readline())

    def run(self) -> None:
        """A daemon as the operator starts it."""
        self._command = self._start([Path(sys.executable).parent / "mailcase", "run"])

    def kill(self) -> None:
        """SIGKILL to the daemon that runs; returns when it is dead. It must have lived until now."""
        assert self.end(signal.SIGKILL) == signal.SIGKILL, self.said()

    def end(self, how: signal.Signals) -> int:
        """Send that signal to the daemon that runs and wait; the signal that ended it, 0 for an orderly end."""
        if self._command is not None:
            command, self._command = self._command, None
            command.send_signal(how)
            return -command.wait(_BOUND)
        os.kill(self._forked, how)
        return os.waitstatus_to_exitcode(int(self._told.readline())) * -1

    def close(self) -> None:
        """No more daemons; ends the one that runs."""
        if self._command is not None:
            self._command.kill()
            self._command.wait(_BOUND)
        self._asked.close()
        self._hatcher.wait(_BOUND)
        self._told.close()

    def starts(self) -> int:
        """How many daemons came so far that letters are read, which is the last thing that starts."""
        return self.log.read_bytes().count(b"letters are read by process")

    def said(self) -> str:
        """The end of the log."""
        return self.log.read_text(errors="replace")[-4000:]

    def _start(self, command: list[Any], **pipes: Any) -> subprocess.Popen[bytes]:
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        with self.log.open("ab") as log:
            pipes.setdefault("stdout", log)
            return subprocess.Popen(command, cwd=self.folder, stderr=log, env=environ, **pipes)


def main() -> None:
    """Fork a daemon for every line that is read; tell its pid, and how it ended."""
    from mailcase import cli, daemon

    assert daemon.run, "imported before the fork"
    tell = os.dup(1)
    # Whatever the daemon says is its log.
    os.dup2(2, 1)
    child = 0
    signal.signal(signal.SIGTERM, lambda *_: child and os.kill(child, signal.SIGKILL))
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            os.close(tell)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            cli.app(["run"])
        os.write(tell, b"%d\n" % child)
        os.write(tell, b"%d\n" % os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main()
