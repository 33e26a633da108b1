"""What the program itself decided about past letters, before anybody changed it: the events keep it. Read-only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.words import DropReason, EventType, Kind, MailStatus, Outcome, Status

_JUDGED = (Outcome.NEW_CASE, Outcome.NOTICE, Outcome.DROP)
_NOT_BY_WORDS = (DropReason.DUPLICATE, DropReason.OWN, DropReason.SENT)
_TOLD = (EventType.REGISTERED, EventType.ASSIGNED, EventType.RECLASSIFIED, EventType.CONFIRMED, EventType.REOPENED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one letter at first; kind, assignee (login) and term are empty where it opened no case.

    `ended` is when its case was answered or closed.
    """

    mail: Row[Any]
    outcome: str
    kind: Kind | None = None
    check: bool = False
    assignee: str = ""
    due_at: datetime | None = None
    ended: datetime | None = None


def first(view: Connection) -> list[Verdict]:
    """Every letter that was judged by its words and is still there, oldest first.

    None of an imported history, none that joined a case (no kind was recorded of it), none without its text.
    """
    m, c = t.mail.c, t.cases.c
    told = _events(view)
    wanted = sa.and_(
        m.status == MailStatus.DONE,
        m.outcome.in_(_JUDGED),
        sa.or_(m.drop_reason.is_(None), m.drop_reason.not_in(_NOT_BY_WORDS)),
        sa.not_(m.history),
        sa.not_(m.truncated),
    )
    cases = {row.opened_by_mail_id: row for row in view.execute(sa.select(t.cases).where(sa.not_(c.history)))}
    letters = view.execute(sa.select(t.mail).where(wanted).order_by(m.id)).all()
    return [_verdict(row, cases.get(row.id), told) for row in letters]


def _events(view: Connection) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """(type, detail) of every case's events that may have changed its verdict, in order."""
    e = t.event.c
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for row in view.execute(sa.select(e.stream, e.type, e.detail).where(e.type.in_(_TOLD)).order_by(e.id)):
        found.setdefault(row.stream, []).append((row.type, json.loads(row.detail)))
    return found


def _verdict(mail: Row[Any], case: Row[Any] | None, told: Mapping[str, list[tuple[str, dict[str, Any]]]]) -> Verdict:
    if case is None:
        return Verdict(mail, mail.drop_reason or mail.outcome)
    events = told.get(f"case:{case.id}", [])
    due = next(_said(events, "old_due"), None)
    return Verdict(
        mail,
        mail.outcome,
        kind=Kind(next(_said(events, "kind"), case.kind)),
        check=bool(next(_said(events, "checked"), case.check)),
        assignee=next(_said(events, "to"), case.assignee),
        due_at=datetime.fromisoformat(due) if due else case.due_at,
        ended=case.closed_at or case.answered_at if case.status != Status.OPEN else None,
    )


def _said(events: list[tuple[str, dict[str, Any]]], name: str) -> Iterator[Any]:
    return (detail[name] for _, detail in events if name in detail)
