"""The improvement log («журнал улучшений»): what was changed because of a case, by whom, by when, its effect (A24)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.store.cases import Actor
from mailcase.store.db import next_number
from mailcase.store.events import case_stream, record
from mailcase.words import EventType

_i = t.improvement.c
_WITH_CASE = sa.select(t.improvement, t.cases.c.number.label("case_number"), t.cases.c.tag).select_from(
    t.improvement.join(t.cases, _i.case_id == t.cases.c.id)
)


def enter(tx: Connection, case_id: int, actor: Actor, action: str, owner: str, due: date | None) -> int:
    """Write a line of the log and return its number; `owner` is a login, or words for who has none."""
    number = next_number(tx, t.counter, "improvement")
    day = due.isoformat() if due else ""
    line = {"number": number, "case_id": case_id, "action": action, "owner": owner, "due": day}
    by = {"entered_by": actor.login, "entered_at": actor.at, "mail_id": actor.mail_id}
    tx.execute(sa.insert(t.improvement).values(**line, **by))
    # What was done is free text and may hold names, so the event has the number and the day.
    record(tx, case_stream(case_id), actor.happening(EventType.IMPROVED, improvement=number, due=day))
    return number


def note_effect(tx: Connection, line: Row[Any], actor: Actor, effect: str) -> None:
    """Write what the improvement brought; a later word replaces the one before."""
    tx.execute(sa.update(t.improvement).where(_i.number == line.number).values(effect=effect, effect_at=actor.at))
    again = bool(line.effect)
    record(tx, case_stream(line.case_id), actor.happening(EventType.EFFECT, improvement=line.number, again=again))


def of_case(view: Connection, case_id: int) -> list[Row[Any]]:
    """The lines of one case, oldest first."""
    return list(view.execute(sa.select(t.improvement).where(_i.case_id == case_id).order_by(_i.number)))


def everything(view: Connection) -> list[Row[Any]]:
    """The whole log, each line with its case's number and tag, oldest first."""
    return list(view.execute(_WITH_CASE.order_by(_i.number)))


def changed(view: Connection, span: tuple[datetime, datetime], days: tuple[date, date]) -> list[Row[Any]]:
    """What was entered, was due, or brought its effect in that span, which is those days; as `everything`."""
    since, until = span
    entered = sa.and_(_i.entered_at >= since, _i.entered_at < until)
    told = sa.and_(_i.effect_at >= since, _i.effect_at < until)
    due = sa.and_(_i.due >= days[0].isoformat(), _i.due <= days[1].isoformat(), _i.entered_at < until)
    return list(view.execute(_WITH_CASE.where(sa.or_(entered, told, due)).order_by(_i.number)))
