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
from mailcase.store.standing import Belonged, belonged
from mailcase.words import DropReason, EventType, FolderRole, Kind, MailStatus, Outcome, Status

_JUDGED = (Outcome.NEW_CASE, Outcome.NOTICE, Outcome.DROP, Outcome.FOLLOW_UP)
_PAST_US = '"staff.past_us"'
"""The rule by which our own letter to a client joins his case: nobody judges its words."""
_NOT_BY_WORDS = (DropReason.DUPLICATE, DropReason.OWN, DropReason.SENT)
_TOLD = (EventType.REGISTERED, EventType.ASSIGNED, EventType.RECLASSIFIED, EventType.CONFIRMED, EventType.REOPENED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one letter at first; kind, assignee (login) and term are empty where it opened no case.

    `belonged` tells the running case to which it came; `ended` is when the case that it opened was answered or closed.
    """

    mail: Row[Any]
    outcome: str
    kind: Kind | None = None
    check: bool = False
    assignee: str = ""
    due_at: datetime | None = None
    ended: datetime | None = None
    belonged: Belonged | None = None


def first(view: Connection) -> list[Verdict]:
    """Every letter that was judged by its words and is still there, oldest first.

    None of an imported history, none without its text, no answer of ours that joined its case.
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
    cases = {row.id: row for row in view.execute(sa.select(t.cases).where(sa.not_(c.history)))}
    opened = {row.opened_by_mail_id: row for row in cases.values()}
    letters = [row for row in view.execute(sa.select(t.mail).where(wanted).order_by(m.id)) if not _ours(row)]
    came = belonged(view, cases, {row.id: row.from_address for row in letters})
    judged = (row for row in letters if row.outcome != Outcome.FOLLOW_UP or row.id in came)
    return [_verdict(row, opened.get(row.id), told, came.get(row.id)) for row in judged]


def _ours(mail: Row[Any]) -> bool:
    joined = mail.outcome == Outcome.FOLLOW_UP
    return joined and (mail.role == FolderRole.SENT or _PAST_US in mail.reasons)


def _events(view: Connection) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """(type, detail) of every case's events that may have changed its verdict, in order."""
    e = t.event.c
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for row in view.execute(sa.select(e.stream, e.type, e.detail).where(e.type.in_(_TOLD)).order_by(e.id)):
        found.setdefault(row.stream, []).append((row.type, json.loads(row.detail)))
    return found


def _verdict(
    mail: Row[Any],
    case: Row[Any] | None,
    told: Mapping[str, list[tuple[str, dict[str, Any]]]],
    came: Belonged | None,
) -> Verdict:
    outcome = Outcome.FOLLOW_UP if came is not None and not came.split else mail.drop_reason or mail.outcome
    if case is None:
        return Verdict(mail, outcome, belonged=came)
    events = told.get(f"case:{case.id}", [])
    due = next(_said(events, "old_due"), None)
    return Verdict(
        mail,
        outcome,
        kind=Kind(next(_said(events, "kind"), case.kind)),
        check=bool(next(_said(events, "checked"), case.check)),
        assignee=next(_said(events, "to"), case.assignee),
        due_at=datetime.fromisoformat(due) if due else case.due_at,
        ended=case.closed_at or case.answered_at if case.status != Status.OPEN else None,
        belonged=came,
    )


def _said(events: list[tuple[str, dict[str, Any]]], name: str) -> Iterator[Any]:
    return (detail[name] for _, detail in events if name in detail)
