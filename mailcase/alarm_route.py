"""The other route of grave alarms: a line in a file, a program of the operator's and the log; no mail, no database.

Promises: at most once a day for each cause, also after a restart; never raises; nobody waits for it, because a thread
does the work and the program's time is bounded. What is told holds nothing of clients: callers write it so.
"""

from __future__ import annotations

import fcntl
import logging
import os
import subprocess
import threading
from datetime import datetime
from pathlib import Path

from mailcase.config import Config
from mailcase.config_budget import Alarm

log = logging.getLogger(__name__)
_TAIL = 1 << 18
"""Bytes at the end of the file in which an earlier process may have told the same today."""
_told: dict[tuple[Alarm, str], str] = {}
"""The day on which this process last told each cause: a disk that takes no line must not make a flood."""
_lock = threading.Lock()


def tell(config: Config, cause: str, now: datetime, text: str) -> None:
    """Tell of `cause` (a short name such as `smtp`) in one line, unless that was done today."""
    local = now.astimezone(config.calendar.zone)
    day = f"{local:%Y-%m-%d}"
    with _lock:
        if _told.get((config.alarm, cause)) == day:
            return
        _told[config.alarm, cause] = day
    line = f"{local:%Y-%m-%d %H:%M:%S} {cause}: {' '.join(text.split())}"
    # A disk or a program that hangs may hold this thread for as long as it likes, and no station.
    threading.Thread(target=_tell, args=(config.alarm, cause, line), name="alarm", daemon=True).start()


def _tell(alarm: Alarm, cause: str, line: str) -> None:
    try:
        if alarm.file is not None and not _written(alarm.file, cause, line):
            return
    except OSError as gone:
        log.error("alarm %s: %s takes no line: %s", cause, alarm.file, gone.strerror)
    log.error("alarm %s", line)
    if alarm.command:
        _run(alarm, cause, line)


def _written(path: Path, cause: str, line: str) -> bool:
    """Append the line durably; False where another process has told the cause today."""
    with path.open("ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
        known = file.read().decode("utf-8", "replace").splitlines()
        if any(old[:10] == line[:10] and old[20:].startswith(f"{cause}: ") for old in known):
            return False
        file.write(f"{line}\n".encode())
        file.flush()
        os.fsync(file.fileno())
    return True


def _run(alarm: Alarm, cause: str, line: str) -> None:
    # The program has no need of our passwords, where the service manager put them into the environment.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAILCASE_")}
    try:
        subprocess.run(
            alarm.command,
            input=f"{line}\n".encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=alarm.timeout.total_seconds(),
            env=environment,
            check=True,
            start_new_session=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as failed:
        # Of the command only its kind of failure is logged: its words may hold a token.
        log.error("alarm %s: alarm.command failed: %s", cause, type(failed).__name__)
