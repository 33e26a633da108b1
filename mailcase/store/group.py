"""Small transactions within a large one: each rolls back alone, and one commit keeps them all."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from mailcase.words import StorageDown


class Group(threading.local):
    """The transaction that the small ones of a thread are parts of; None outside of any."""

    connection: Connection | None = None


@contextlib.contextmanager
def part(connection: Connection) -> Iterator[Connection]:
    """A part of a transaction, a savepoint; raises StorageDown where the database has given up the whole."""
    connection.exec_driver_sql("SAVEPOINT part")
    try:
        yield connection
    except BaseException as error:
        try:
            connection.exec_driver_sql("ROLLBACK TO part")
            connection.exec_driver_sql("RELEASE part")
        except SQLAlchemyError as lost:
            raise StorageDown(f"the database gave up the whole transaction: {lost.args[0]}") from error
        raise
    connection.exec_driver_sql("RELEASE part")
