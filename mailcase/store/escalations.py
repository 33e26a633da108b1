"""What has risen already, and who cannot be impartial about a case; read from events and links. Read-only."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.store.events import case_stream
from mailcase.store.indexes import LIVE
from mailcase.words import EventType

Place = tuple[str, str, str]
"""The stream of a case, the level, the login of the member who was to hear of it."""


def told(view: Connection) -> dict[Place, date]:
    """The latest term of which each was told, of the cases whose clock runs."""
    e, c = t.event.c, t.cases.c
    running = sa.select(sa.literal("case:").concat(sa.cast(c.id, sa.String))).where(LIVE)
    risen = sa.and_(e.type == EventType.ESCALATED, e.stream.in_(running))
    found: dict[Place, date] = {}
    for row in view.execute(sa.select(e.stream, e.detail).where(risen)):
        detail = json.loads(row.detail)
        due = date.fromisoformat(detail["due"])
        for member in detail["to"]:
            place = (row.stream, detail["level"], member)
            found[place] = max(due, found.get(place, due))
    return found


def worked_on(view: Connection, case: Row[Any]) -> frozenset[str]:
    """Logins of whoever had this case before, or has one that is linked with it: a complaint may be about his work."""
    e, k, c = t.event.c, t.link.c, t.cases.c
    mine = sa.and_(e.stream == case_stream(case.id), e.type == EventType.ASSIGNED)
    handed = [json.loads(detail) for detail in view.execute(sa.select(e.detail).where(mine)).scalars()]
    had = {detail[name] for detail in handed for name in ("to", "before") if detail.get(name)}
    linked = sa.select(c.assignee).select_from(t.link.join(t.cases, k.other_id == c.id)).where(k.case_id == case.id)
    return frozenset((had - {case.assignee}) | {login for login in view.execute(linked).scalars() if login})
