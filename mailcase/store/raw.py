"""Raw letters as files named by their content: `raw/ab/<sha256>.eml`. What is put is on the disk before we go on."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from mailcase.words import MailcaseError

log = logging.getLogger(__name__)
_UNFINISHED = re.compile(r"\.[0-9a-f]{16}-[0-9a-f]{16}\.new")
_DAY = timedelta(days=1)
"""No letter takes so long to write; a process that was suspended for longer fails to rename it, and stores it again."""


class RawStore:
    """Content-addressed files below one folder; rewriting the same letter is harmless."""

    _swept: datetime | None = None
    """When this process last looked for what was left half-written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Clients' letters are for one user's eyes.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for first in range(256):
            (folder / f"{first:02x}").mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder)

    def path(self, sha256: str) -> Path:
        """Where that letter lies."""
        return self.folder / sha256[:2] / f"{sha256}.eml"

    def check(self) -> None:
        """Raises OSError where the folder is away: not mounted, or moved."""
        (self.folder / "00").stat()

    def put(self, raw: bytes) -> str:
        """Store durably and return the sha256 (hex).

        Written to a unique name in the same folder, fsynced, renamed (atomic on POSIX), and the folder fsynced.
        An existing file is fsynced again, not trusted: it may come from a crash before its fsync.
        """
        sha256 = hashlib.sha256(raw).hexdigest()
        path = self.path(sha256)
        if path.exists() and path.stat().st_size == len(raw):
            with path.open("rb") as existing:
                os.fsync(existing.fileno())
            _sync_folder(path.parent)
            return sha256
        # Threads and processes may store one letter at once: each writes a file of its own.
        temporary = f"{path.parent}/.{sha256[:16]}-{secrets.token_hex(8)}.new"
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(handle)
            os.rename(temporary, path)  # noqa: PTH104 - both are names in one folder
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes; raises MailcaseError naming the file where it is missing, OSError where the folder is."""
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError as missing:
            if not self.path(sha256).parent.is_dir():
                # It is not mounted, or somebody moved it: nothing is known of this letter.
                raise
            raise MailcaseError(
                f"raw letter {sha256} is missing; restore {self.path(sha256)} from the backup"
            ) from missing

    def sweep(self, now: datetime) -> int:
        """Remove what killed processes left half-written more than a day ago, once a day; how many files. Never raises.

        All folders are listed for it, which is too much for every look.
        """
        if self._swept is not None and timedelta() <= now - self._swept < _DAY:
            return 0
        self._swept = now
        removed, failed = 0, None
        for first in range(256):
            try:
                removed += _sweep(self.folder / f"{first:02x}", (now - _DAY).timestamp())
            except OSError as error:
                failed = error
        if removed:
            log.info("raw: %d half-written files of killed processes are removed", removed)
        if failed is not None:
            log.warning("raw: what killed processes left half-written cannot be removed: %s", failed)
        return removed


def _sweep(folder: Path, before: float) -> int:
    """Remove what was last written before that time (seconds) and never finished; how many files."""
    removed = 0
    for name in filter(_UNFINISHED.fullmatch, os.listdir(folder)):  # noqa: PTH208 - there may be thousands
        # Whoever writes it may finish it at this moment.
        with contextlib.suppress(FileNotFoundError):
            if (folder / name).stat().st_mtime < before:
                (folder / name).unlink()
                removed += 1
    return removed


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
