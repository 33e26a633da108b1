"""The tables that the audit counts, read by plain SQL from SQLite or PostgreSQL; rows are dicts."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]


@dataclass
class Book:
    """Everything that is counted, in order of id; events in the order of their streams."""

    mail: list[Row]
    cases: list[Row]
    journal: list[Row]
    outbox: list[Row]
    events: list[Row]
    counters: dict[str, int]
    heads: dict[str, tuple[int, str]]
    links: list[tuple[int, int]]


def read(url: str) -> Book:
    """Read the whole database at one moment."""
    with connect(url) as connection:
        connection.execute("BEGIN" if url.startswith("sqlite") else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        rows = {table: _rows(connection, table) for table in ("mail", "cases", "outbox", "event")}
        journal = _rows(connection, "journal", order="register, year, seq")
        counters = {row["name"]: row["value"] for row in _rows(connection, "counter", order="name")}
        streams = _rows(connection, "stream", order="name")
        links = [(row["case_id"], row["other_id"]) for row in _rows(connection, "link", order="case_id, other_id")]
    for event in rows["event"]:
        event["at"] = _moment(event["at"])
    events = sorted(rows["event"], key=lambda event: (event["stream"], event["seq"]))
    heads = {row["name"]: (row["last_seq"], row["last_hash"]) for row in streams}
    return Book(rows["mail"], rows["cases"], journal, rows["outbox"], events, counters, heads, links)


@contextlib.contextmanager
def connect(url: str) -> Iterator[Any]:
    """A connection of the plain driver whose rows become dicts; on PostgreSQL it commits at the end."""
    if not url.startswith("sqlite"):
        with psycopg.connect(url, row_factory=dict_row) as connection:
            yield connection
        return
    with contextlib.closing(sqlite3.connect(url.partition(":///")[2], isolation_level=None, timeout=30)) as file:
        file.row_factory = sqlite3.Row
        yield file


def _rows(connection: Any, table: str, order: str = "id") -> list[Row]:
    return [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY {order}")]


def _moment(at: str | datetime) -> str:
    """A time as the chain holds it: UTC with its zone."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)).isoformat()
