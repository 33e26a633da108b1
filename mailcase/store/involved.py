"""Who worked on what a complaint is about, and who considered the complaint; read from events and links. Read-only."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.store.events import DAEMON, case_stream
from mailcase.store.known import cases_by_id
from mailcase.words import EventType, Kind, Register

_TOLD = (EventType.REGISTERED, EventType.RECLASSIFIED, EventType.ASSIGNED, EventType.ANSWERED)
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
    """Logins by case: whoever had it, or answered its client, while it was an inquiry."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for case_id, login, register in _hands(view, case_ids):
        if register is Register.INQUIRY:
            found[case_id].add(login)
    return {case_id: frozenset(logins) for case_id, logins in found.items()}


def considered(view: Connection, case_id: int) -> frozenset[str]:
    """Logins of whoever had the case, or answered its client, since it is a complaint."""
    hands = _hands(view, [case_id])
    return frozenset(login for _, login, register in hands if register is Register.COMPLAINT)


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


def _hands(view: Connection, case_ids: Iterable[int]) -> Iterator[tuple[int, str, Register]]:
    """(case, login, what the case then was) of everybody through whose hands the cases went."""
    e, id_of = t.event.c, {case_stream(case_id): case_id for case_id in case_ids}
    wanted = sa.select(e.stream, e.type, e.actor, e.detail).where(e.stream.in_(list(id_of)), e.type.in_(_TOLD))
    register: dict[str, Register] = {}
    for row in view.execute(wanted.order_by(e.stream, e.seq)):
        detail = json.loads(row.detail)
        if row.type in (EventType.REGISTERED, EventType.RECLASSIFIED):
            register[row.stream] = Kind(detail["kind"]).register
        login = detail["to"] if row.type == EventType.ASSIGNED else row.actor
        if row.type in (EventType.ASSIGNED, EventType.ANSWERED) and login not in ("", DAEMON):
            yield id_of[row.stream], login, register.get(row.stream, Register.NONE)
