"""The record of what happened: append-only, each event chained to the one before in its stream (A74)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from mailcase.store import tables as t
from mailcase.words import EventType, Trust

SYSTEM = "system"
DAEMON = "mailcase"
"""The actor of what the program does by itself."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event to write: `actor` is a login or `mailcase`; `detail` holds no personal data."""

    type: EventType
    at: datetime
    actor: str = DAEMON
    trust: Trust | None = None
    mail_id: int | None = None
    outbox_id: int | None = None
    detail: Mapping[str, Any] | None = None


def case_stream(case_id: int) -> str:
    """The stream of one case."""
    return f"case:{case_id}"


def mail_stream(mail_id: int) -> str:
    """The stream of one letter that is no case."""
    return f"mail:{mail_id}"


def employee_stream(login: str) -> str:
    """The stream of what is learned about an employee."""
    return f"employee:{login}"


def canonical(value: Any) -> str:
    """JSON whose text never varies: sorted keys, no blanks."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


_HEAD = sa.select(t.stream).where(t.stream.c.name == sa.bindparam("stream")).with_for_update()
_APPEND = sa.insert(t.event)
_BEGIN = sa.insert(t.stream)
_ADVANCE = sa.update(t.stream).where(t.stream.c.name == sa.bindparam("stream"))


def record(tx: Connection, stream: str, *happenings: Happening) -> int:
    """Append to the stream, in their order, and return the last one's place in it."""
    head = tx.execute(_HEAD, {"stream": stream}).one_or_none()
    seq, last = (head.last_seq, head.last_hash) if head else (0, "")
    rows = []
    for what in happenings:
        seq += 1
        row = _row(stream, seq, what)
        last = row["hash"] = _link(last, row)
        rows.append(row)
    tx.execute(_APPEND, rows)
    if head:
        tx.execute(_ADVANCE, {"stream": stream, "last_seq": seq, "last_hash": last})
    else:
        tx.execute(_BEGIN, {"name": stream, "last_seq": seq, "last_hash": last})
    return seq


def _row(stream: str, seq: int, what: Happening) -> dict[str, Any]:
    return {
        "stream": stream,
        "seq": seq,
        "at": what.at.astimezone(UTC),
        "actor": what.actor,
        "trust": what.trust,
        "type": what.type,
        "mail_id": what.mail_id,
        "outbox_id": what.outbox_id,
        "detail": canonical(dict(what.detail or {})),
    }


def _link(before: str, row: Mapping[str, Any]) -> str:
    kept = {k: (v.isoformat() if isinstance(v, datetime) else v) for k, v in row.items() if k not in ("hash", "id")}
    return hashlib.sha256(f"{before}\n{canonical(kept)}".encode()).hexdigest()


def verify(view: Connection) -> list[str]:
    """Every broken chain, as sentences; empty where the record is whole."""
    problems: list[str] = []
    heads = {row.name: row for row in view.execute(sa.select(t.stream))}
    last: dict[str, tuple[int, str]] = {}
    for row in view.execute(sa.select(t.event).order_by(t.event.c.stream, t.event.c.seq)):
        seq, before = last.get(row.stream, (0, ""))
        if row.seq != seq + 1:
            problems.append(f"{row.stream}: event {seq + 1} is missing")
        if row.hash != _link(before, row._asdict()):
            problems.append(f"{row.stream}: event {row.seq} was changed")
        last[row.stream] = (row.seq, row.hash)
    for name, head in heads.items():
        if last.get(name) != (head.last_seq, head.last_hash):
            problems.append(f"{name}: the end of the stream is missing")
    return problems
