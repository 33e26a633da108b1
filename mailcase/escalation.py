"""Overdue cases that rise to the head and the top management: found each morning, told in the morning letter (A4).

A case is on record as risen, in its own chain, in the transaction that writes the letter which tells of it: so nobody
is told twice of one term, and nobody is on record who was not told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import pauses
from mailcase.app import App
from mailcase.config import Config
from mailcase.involved import Involvements
from mailcase.rules.deadline import workdays
from mailcase.rules.escalate import Level, Rise, levels, members, to_head, to_top_management
from mailcase.store import cases, escalations, outbox, queries
from mailcase.store.cases import Actor
from mailcase.store.escalations import Place
from mailcase.store.events import case_stream
from mailcase.words import EventType, OutboxStatus


@dataclass(frozen=True, slots=True)
class Escalation:
    """A case that has risen to a person: late by so many working days after `due`, the last day of its term.

    `new`: he has not been told of that term yet.
    """

    case: Row[Any]
    due: date
    late: int
    rise: Rise
    new: bool


def found(app: App, tx: Connection, today: date, involved: Involvements) -> list[Escalation]:
    """Every overdue case and whom it has risen to, the oldest term first."""
    known = escalations.told(tx)
    zone, days = app.config.calendar.zone, workdays(app.config.calendar)
    risen = []
    for case in queries.live(tx):
        term = pauses.term_of(app, tx, case)
        due = term.astimezone(zone).date() if term else today
        late = days.between(due, today)
        for level in levels(case.register, late, app.config):
            rises = _risen_to(app, case, level, involved)
            risen += [Escalation(case, due, late, one, _new(known, case, due, one)) for one in rises]
    return risen


def record(tx: Connection, config: Config, risen: Iterable[Escalation], outbox_id: int, now: datetime) -> None:
    """Write into each case's chain who was told by that letter; one that is held has told nobody."""
    if outbox.get(tx, outbox_id).status == OutboxStatus.HELD:
        return
    for one in risen:
        after = getattr(config.escalation, one.rise.level)
        cases.note(
            tx,
            one.case.id,
            Actor(now, outbox_id=outbox_id),
            EventType.ESCALATED,
            level=one.rise.level,
            due=one.due.isoformat(),
            late=one.late,
            to=list(one.rise.to),
            told=one.rise.person,
            term={"limit": after, "unit": "working", "source": config.escalation.source},
        )


def _risen_to(app: App, case: Row[Any], level: Level, involved: Involvements) -> tuple[Rise, ...]:
    late = frozenset({case.assignee, involved.stand_in(case.assignee, case).login})
    if level is Level.HEAD:
        return to_head(late, app.config)
    return to_top_management(members(app.given), late, frozenset(involved.of(case)), app.config)


def _new(known: dict[Place, date], case: Row[Any], due: date, rise: Rise) -> bool:
    places = ((case_stream(case.id), str(rise.level), member) for member in rise.to)
    return any(due > known.get(place, date.min) for place in places)
