"""Answers of clients to surveys: entered once a case, and counted by the time at which they came (A12)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.store.cases import Actor
from mailcase.store.events import case_stream, record
from mailcase.words import EventType


def enter(tx: Connection, case_id: int, actor: Actor, score: int, comment: str) -> int | None:
    """Keep the client's score of the case; the one that it replaces, or None.

    The comment is free text and may hold names, so the event has the scores alone.
    """
    s = t.survey.c
    before = tx.execute(sa.select(s.score).where(s.case_id == case_id)).scalar()
    said = {"score": score, "comment": comment, "recorded_by": actor.login, "mail_id": actor.mail_id}
    if before is None:
        tx.execute(sa.insert(t.survey).values(case_id=case_id, answered_at=actor.at, **said))
    else:
        # Whoever corrects a slip moves no answer into another month.
        tx.execute(sa.update(t.survey).where(s.case_id == case_id).values(**said))
    record(tx, case_stream(case_id), actor.happening(EventType.SURVEYED, score=score, before=before))
    return before


def answered(view: Connection, since: datetime, until: datetime) -> list[Row[Any]]:
    """(case_id, score, comment, number of the case) of each answer of that span, in order of time."""
    s, c = t.survey.c, t.cases.c
    wanted = sa.select(s.case_id, s.score, s.comment, c.number)
    joined = wanted.select_from(t.survey.join(t.cases, s.case_id == c.id))
    return list(view.execute(joined.where(s.answered_at >= since, s.answered_at < until).order_by(s.answered_at)))


def of_cases(view: Connection, case_id: int | None = None) -> dict[int, Row[Any, Any, Any]]:
    """(case_id, score, comment) by the case, of all or of that one alone."""
    s = t.survey.c
    wanted = sa.select(s.case_id, s.score, s.comment)
    rows = view.execute(wanted if case_id is None else wanted.where(s.case_id == case_id))
    return {row.case_id: row for row in rows}
