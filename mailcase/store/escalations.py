"""What has risen already, read from events. Read-only."""

from __future__ import annotations

import json
from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from mailcase.store import tables as t
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
