"""What employees said that letters are: their words stand in the events, the letters in the raw store. Read-only.

Nothing is copied: a letter that was erased teaches nothing any more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.words import EventType, Kind, MailStatus


@dataclass(frozen=True, slots=True)
class Label:
    """The last word of an employee about the letter that opened a case; `taken_for` is what the program had said."""

    event_id: int
    mail_id: int
    sha256: str
    kind: Kind
    taken_for: Kind
    checked: bool
    """Whether the program had asked about it."""
    risk: tuple[str, ...]


_SAID = (EventType.RECLASSIFIED, EventType.CONFIRMED)


def given(view: Connection) -> list[Label]:
    """Every label, in the order of the last words; none of letters that are erased or that we have no text of."""
    e, c, m = t.event.c, t.cases.c, t.mail.c
    stream = sa.literal("case:").concat(sa.cast(c.id, sa.String))
    joined = t.event.join(t.cases, e.stream == stream).join(t.mail, m.id == c.opened_by_mail_id)
    # `held`: the event of another kind of confirmation, of a letter of an employee's own.
    about_kind = sa.and_(e.type.in_(_SAID), e.detail.contains('"kind":'))
    readable = sa.and_(m.status != MailStatus.ERASED, sa.not_(m.truncated))
    columns = (e.id, e.type, e.detail, m.id.label("mail_id"), m.sha256, c.risk)
    wanted: sa.Select[Any] = sa.select(*columns).select_from(joined).where(about_kind, readable).order_by(e.id)
    labels: dict[int, Label] = {}
    for row in view.execute(wanted):
        label = _label(row, labels.pop(row.mail_id, None))
        labels[row.mail_id] = label
    return list(labels.values())


def _label(row: Row[Any], earlier: Label | None) -> Label:
    detail: Mapping[str, Any] = json.loads(row.detail)
    kind = Kind(detail["kind"])
    return Label(
        event_id=row.id,
        mail_id=row.mail_id,
        sha256=row.sha256,
        kind=kind,
        taken_for=earlier.taken_for if earlier else Kind(detail.get("before", kind)),
        checked=earlier.checked if earlier else bool(detail.get("checked")),
        risk=tuple(json.loads(row.risk)),
    )
