"""«О ходе рассмотрения сообщим до …»: what an acknowledgement promised a complainant, until he hears from a person.

The day is the one that the client read (ISO 10002:2018, 7.9.5: progress reports), whatever became of the case's terms
since. Any answer is the news; what was held, or has not reached him, promised him nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import post
from mailcase.app import App
from mailcase.rules.pressing import news, term
from mailcase.store import outbox, queries
from mailcase.words import OutboxStatus, Status, Template

_WORDS = "сообщить о ходе рассмотрения"
_LEAVES = (OutboxStatus.QUEUED, OutboxStatus.SENDING, OutboxStatus.SENT)

Task = tuple[Row[Any], date, str]
"""The case, the day it is due, and the promised moment (ISO 8601) where it is the news that is due, not the answer."""


def promised(app: App, acknowledgement: Row[Any] | None) -> str:
    """By when that letter tells the client that he hears of the progress (ISO 8601); empty: it promises nothing."""
    row = acknowledgement
    if row is None or row.template != Template.ACKNOWLEDGEMENT_COMPLAINT:
        return ""
    if row.status not in _LEAVES or row.bounced_at is not None:
        return ""
    # A template of the laboratory's own may promise nothing.
    printed = app.composer.prints(Template.ACKNOWLEDGEMENT_COMPLAINT, "progress")
    return str(post.draft_of(row).values.get("progress") or "") if printed else ""


def owed(app: App, tx: Connection) -> dict[int, str]:
    """What is still owed, by case: of every open case at once."""
    return {row.case_id: told for row in queries.unreported(tx) if (told := promised(app, row))}


def owed_in(app: App, tx: Connection, case: Row[Any]) -> str:
    """What is still owed in this case; empty: nothing."""
    if case.status != Status.OPEN or queries.answered(tx, case.id) is not None:
        return ""
    acknowledgement = outbox.keyed(tx, f"ack:{case.id}")
    return promised(app, outbox.get(tx, acknowledgement) if acknowledgement is not None else None)


def pressing(app: App, case: Row[Any], told: str, now: datetime) -> str:
    """«Срок прошёл 26.11» and the like, for whoever gets an open case or a letter of it; `told`: what is still owed."""
    zone = app.config.calendar.zone
    due, promise = (moment.astimezone(zone) if moment else None for moment in _moments(case, told))
    here = now.astimezone(zone)
    return "; ".join(filter(None, (term(due, here), news(promise, here))))


def overdue(case: Row[Any], told: str, now: datetime) -> bool:
    """Whether the term of an open case is over, or the news that is still owed (`told`)."""
    return any(moment is not None and moment < now for moment in _moments(case, told))


def _moments(case: Row[Any], told: str) -> tuple[datetime | None, datetime | None]:
    """The term of an open case, and the moment of the news."""
    if case.status != Status.OPEN:
        return None, None
    return case.due_at, datetime.fromisoformat(told) if told else None


def beside(told: Mapping[int, str], dues: Iterable[tuple[Row[Any], date]], today: date, zone: tzinfo) -> list[Task]:
    """Every term, and beside those that are not over the news that is due before; by day.

    Once the term itself is over, the answer is what is late, and the case has that one line.
    """
    tasks: list[Task] = []
    for case, due in dues:
        moment = told.get(case.id, "")
        day = datetime.fromisoformat(moment).astimezone(zone).date() if moment else due
        if day < due and today <= due:
            tasks.append((case, day, moment))
        tasks.append((case, due, ""))
    return sorted(tasks, key=itemgetter(1))


def named(line: dict[str, Any], moment: str) -> dict[str, Any]:
    """The line of a morning letter, where it is about the news."""
    return {**line, "due": moment, "what": ", ".join(filter(None, (_WORDS, line["what"])))} if moment else line
