"""The morning letter: one a person whatever his roles, each working day: overdue, today, waiting, not delivered.

The quality manager and the duty person also get yesterday's count, every day, also at zero (users.md 1.5).
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row

from mailcase import letters, post
from mailcase.app import App
from mailcase.config import Config, Employee
from mailcase.jobs import Slot, job
from mailcase.post import Outgoing
from mailcase.rules.deadline import workdays
from mailcase.rules.tag import bracketed
from mailcase.store import outbox, queries
from mailcase.words import Audience, Outcome, Template

_IN_CASES = (Outcome.NEW_CASE, Outcome.FOLLOW_UP, Outcome.COMMAND, Outcome.HELD, Outcome.QUARANTINE)
_UNDELIVERED = timedelta(days=7)


@job("digest", lambda config: config.schedule.digest)
def digest(app: App, slot: Slot) -> None:
    """Write every employee's morning letter; who has nothing and no count gets none."""
    with app.db.tx() as tx:
        for person in app.config.employee:
            values = _values(tx, app.config, person, slot)
            if person.active and (
                values["count"] or any(values[k] for k in ("overdue", "today", "waiting", "undelivered"))
            ):
                _write(tx, app.config, person, slot, values)


def _write(tx: Connection, config: Config, person: Employee, slot: Slot, values: dict[str, Any]) -> None:
    day = slot.at.astimezone(config.calendar.zone).date()
    letter = Outgoing(
        key=f"digest:{day.isoformat()}:{person.login}",
        template=Template.DIGEST,
        audience=Audience.STAFF,
        to=letters.to_person(person),
        values=values,
        now=slot.now,
        person=person.login,
    )
    post.write(tx, config, letter)


def _values(tx: Connection, config: Config, person: Employee, slot: Slot) -> dict[str, Any]:
    today = slot.at.astimezone(config.calendar.zone).date()
    mine = [case for case in queries.live(tx) if case.assignee == person.login and case.due_at]
    dues = [(case, case.due_at.astimezone(config.calendar.zone).date()) for case in mine]
    accountable = person.login in (config.lab.quality_manager, config.lab.duty)
    return {
        "date": today.isoformat(),
        "overdue": [_item(config, case, _late(config, due, today)) for case, due in dues if due < today],
        "today": [_item(config, case, 0) for case, due in dues if due == today],
        "waiting": [_waiting(config, row) for row in queries.held(tx) if _holder(row) == person.login],
        "undelivered": _undelivered(tx, config, person, slot),
        "count": _count(tx, config, slot, today) if accountable else None,
        "ledger": _ledger(tx, config, slot) if accountable else [],
    }


def _late(config: Config, due: date, today: date) -> int:
    return workdays(config.calendar).between(due, today)


def _item(config: Config, case: Row[Any], late: int) -> dict[str, Any]:
    return {
        "number": case.number,
        "tag": case.tag,
        "who": case.contact_name or case.contact_address,
        "subject": case.subject,
        "due": case.due_at.isoformat(),
        "late": late,
        "phone": "",
        "what": "",
        "href": f"mailto:{config.lab.address}?subject={quote(f'{bracketed(case.tag)} !ответ')}",
    }


def _waiting(config: Config, row: Row[Any]) -> dict[str, Any]:
    return {
        "number": row.number,
        "tag": row.tag or "",
        "who": "",
        "subject": row.subject,
        "due": None,
        "late": 0,
        "phone": "",
        "what": "Ваше письмо ждёт слова: «да», «клиенту» или «стоп» в ответ на вопрос",
        "href": "",
    }


def _holder(row: Row[Any]) -> str:
    return str(json.loads(row.held)["person"])


def _undelivered(tx: Connection, config: Config, person: Employee, slot: Slot) -> list[dict[str, Any]]:
    lost = [
        row for row in outbox.undelivered(tx, slot.at - _UNDELIVERED) if row.case_id and row.audience == Audience.CLIENT
    ]
    found = {case.id: case for case in queries.cases_by_id(tx, {row.case_id for row in lost})}
    mine = [(row, found[row.case_id]) for row in lost if found[row.case_id].assignee == person.login]
    return [
        {
            **_item(config, case, 0),
            "phone": queries.phone_of(tx, row.to_address),
            "what": "адрес не принимает письма" if row.bounced_at else "письмо не удалось отправить",
        }
        for row, case in mine
        if case.due_at
    ]


def _count(tx: Connection, config: Config, slot: Slot, today: date) -> dict[str, Any]:
    days = workdays(config.calendar)
    before = today - timedelta(days=1)
    while not days.is_working(before):
        before -= timedelta(days=1)
    return {"day": before.isoformat(), **queries.count(tx, slot.since, slot.now)}


def _ledger(tx: Connection, config: Config, slot: Slot) -> list[dict[str, Any]]:
    """Each letter that became no case: one line with the reason, and the way to say «это обращение»."""
    lines = []
    for row in queries.ledger(tx, slot.since, slot.now):
        if row.outcome in _IN_CASES or row.outcome is None or row.history or row.role == "sent":
            continue
        reasons = json.loads(row.reasons)
        lines.append(
            {
                "mail_id": row.id,
                "at": row.received_at.isoformat(),
                "sender": row.from_name or row.from_address,
                "subject": row.subject,
                "why": reasons[0]["why"] if reasons else "",
                "href": f"mailto:{config.lab.address}?subject={quote(f'!обращение {row.id}')}",
            }
        )
    return lines
