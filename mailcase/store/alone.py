"""On SQLite one daemon at a time: a lock beside the database, which ends with whoever holds it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from mailcase.store.db import Database
from mailcase.words import MailcaseError


@contextlib.contextmanager
def alone(db: Database) -> Iterator[None]:
    """No daemon runs on this SQLite file meanwhile; raises MailcaseError where one does. On PostgreSQL many may."""
    if not db.sqlite:
        yield
        return
    path = Path(f"{db.url.database}.lock")
    try:
        lock = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w")
    except OSError as error:
        raise MailcaseError(f"{path}: {error.strerror}; correct store.url, or give this user the right to") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            remedy = "stop it first, or share the work of a PostgreSQL database"
            raise MailcaseError(f"another mailcase runs on {path.with_suffix('')}: {remedy}") from taken
        yield
