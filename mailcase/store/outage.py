"""Tells a disk or a database that cannot be used now from a row that cannot be handled.

Pure. An outage says nothing against the letter that met it: it loses no try, and the station rests as a whole.
"""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError

# Full, read-only, broken, or gone; also a folder that is not mounted, and a process that may open no more files.
_DISK = frozenset(
    getattr(errno, name)
    for name in "ENOSPC EDQUOT EIO EROFS ESTALE ENODEV ENXIO ENOENT EACCES EPERM EMFILE ENFILE".split()
)
_SQLITE = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)
# Classes of SQLSTATE: no connection, rolled back for another's sake, out of resources, not in that state (a lock),
# stopped by the operator, system error; read-only (a standby, a full disk), and a transaction that slept too long.
_POSTGRES = ("08", "40", "53", "55", "57", "58", "25006", "25P03")
# A bad sector, or a file that came back from a backup as somebody else's: the disk itself may be well.
_FILE = frozenset({errno.EIO, errno.EACCES, errno.EPERM})


def away(error: BaseException) -> bool:
    """Whether the disk or the database failed, and not what was asked of it."""
    if isinstance(error, OSError):
        return error.errno in _DISK
    if isinstance(error, TimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        # The low byte of an extended code is the plain one.
        return code & 0xFF in _SQLITE
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_POSTGRES)
    # Without any code it is the connection itself.
    return isinstance(error, OperationalError)


def of_one(error: BaseException) -> bool:
    """Whether it may be this row alone that meets the outage, so that others must have their turn before it."""
    if isinstance(error, OSError):
        return error.errno in _FILE
    return str(getattr(getattr(error, "orig", None), "sqlstate", "")).startswith("53")
