"""Who worked on what a complaint is about, and who considered the complaint; read from events and links. Read-only."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.store.events import DAEMON, case_stream
from mailcase.store.known import cases_by_id
from mailcase.words import EventType, Kind, Register

_TOLD = (
    EventType.REGISTERED,
    EventType.RECLASSIFIED,
    EventType.ASSIGNED,
    EventType.ANSWERED,
    EventType.LINKED,
    EventType.FOLLOW_UP,
)
_NOBODY = {"", DAEMON}
_TWIN = "copy"
"""How a case is linked with that of the same letter once more: nobody worked on anything there."""


class How(StrEnum):
    """How a complaint came to somebody involved, or what he did with it, as its events tell it."""

    ORDERED = "ordered"
    NOBODY_ELSE = "nobody_else"
    JOINED = "joined"
    """A letter from the thread of what he works on was added to it."""
    ANSWERED = "answered"
    """He did not have it, and answered it."""
    CLOSED = "closed"
    """He did not have it, and closed it."""


def executors(view: Connection, case_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """Logins by case: whoever answered its client while it was an inquiry, or had it when it led to a complaint.

    That is when it became one, but for who ordered that, or when one of these cases came from it or from its thread.
    Who only sorted it or handed it on is none of them: he did nothing that anybody could complain of.
    """
    executors: defaultdict[int, set[str]] = defaultdict(set)
    holder: dict[int, str] = {}
    for case_id, event, detail, register in _lives(view, case_ids):
        if event.type == EventType.ASSIGNED:
            holder[case_id] = detail["to"]
        elif event.type == EventType.ANSWERED and register[case_id] is Register.INQUIRY:
            executors[case_id].add(event.actor)
        elif _becomes_complaint(event, detail, register[case_id]) and event.actor != holder.get(case_id):
            executors[case_id].add(holder.get(case_id, ""))
        whence = _whence(case_id, event, detail)
        if register.get(whence) is Register.INQUIRY:
            executors[whence].add(holder.get(whence, ""))
    return {case_id: frozenset(logins - _NOBODY) for case_id, logins in executors.items()}


def considered(view: Connection, case_id: int) -> frozenset[str]:
    """Logins of whoever had the case, or answered its client, since it is a complaint.

    Who had it when somebody made a complaint of it counts only if that order left it to him.
    """
    found, holder, order = set(), "", None
    for _, event, detail, register in _lives(view, [case_id]):
        if register[case_id] is Register.COMPLAINT and event.mail_id != order:
            found.add(holder)
        if event.type == EventType.ASSIGNED:
            holder = detail["to"]
        elif event.type == EventType.RECLASSIFIED:
            order = event.mail_id
        elif event.type == EventType.ANSWERED and register[case_id] is Register.COMPLAINT:
            found.add(event.actor)
    return frozenset((found | {holder}) - _NOBODY)


def origins(view: Connection, case_id: int) -> dict[int, int]:
    """Number by id of each case from which that complaint may come: itself, and the newest last.

    That are older cases linked with it, and those from whose thread a letter was added to it.
    """
    e, k, c = t.event.c, t.link.c, t.cases.c
    linked = view.execute(sa.select(k.other_id).where(k.case_id == case_id, k.other_id < case_id, k.why != _TWIN))
    came = sa.and_(e.stream == case_stream(case_id), e.type == EventType.FOLLOW_UP)
    added = (json.loads(detail).get("whence") for detail in view.execute(sa.select(e.detail).where(came)).scalars())
    found = {case_id, *linked.scalars(), *(other for other in added if other is not None)}
    wanted = sa.select(c.id, c.number).where(c.id.in_(found), sa.not_(c.history))
    return {row.id: row.number for row in view.execute(wanted.order_by(c.id))}


def told(view: Connection, since: datetime, until: datetime) -> list[tuple[Row[Any], str, dict[str, str]]]:
    """(case, actor, detail) of the last event in that span of each complaint that somebody involved got or acted on.

    Asked in two steps: joined by its name, an event is sought in every case there is.
    """
    e = t.event.c
    span = sa.and_(e.type == EventType.INVOLVED, e.at >= since, e.at < until)
    events = view.execute(sa.select(e.stream, e.actor, e.detail).where(span).order_by(e.id))
    last = {int(row.stream.partition(":")[2]): row for row in events}
    return [(case, last[case.id].actor, json.loads(last[case.id].detail)) for case in cases_by_id(view, last)]


def _lives(
    view: Connection, case_ids: Iterable[int]
) -> Iterator[tuple[int, Row[Any], dict[str, Any], dict[int, Register]]]:
    """(case, event, its detail, what each case was before it) in the order in which all of it happened."""
    e, id_of = t.event.c, {case_stream(case_id): case_id for case_id in case_ids}
    wanted = sa.select(e.stream, e.type, e.actor, e.mail_id, e.detail).where(
        e.stream.in_(list(id_of)), e.type.in_(_TOLD)
    )
    register = dict.fromkeys(id_of.values(), Register.NONE)
    rows: Iterable[Row[Any]] = view.execute(wanted.order_by(e.id))
    for row in rows:
        case_id, detail = id_of[row.stream], json.loads(row.detail)
        yield case_id, row, detail, register
        if row.type in (EventType.REGISTERED, EventType.RECLASSIFIED):
            register[case_id] = Kind(detail["kind"]).register


def _becomes_complaint(event: Row[Any], detail: Mapping[str, Any], before: Register) -> bool:
    after = Kind(detail["kind"]).register if event.type == EventType.RECLASSIFIED else before
    return before is Register.INQUIRY and after is Register.COMPLAINT


def _whence(case_id: int, event: Row[Any], detail: Mapping[str, Any]) -> int:
    """The case from which that one, or a letter that was added to it, came by that event; 0 for none.

    Of two linked cases the older one is where the other comes from.
    """
    if event.type == EventType.LINKED and detail["why"] != _TWIN and detail["other"] < case_id:
        return int(detail["other"])
    return int(detail.get("whence") or 0) if event.type == EventType.FOLLOW_UP else 0
