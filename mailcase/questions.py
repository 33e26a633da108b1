"""Employees' letters that wait for a word: what is asked next, and how long an unproven one waits (C102).

«Это писали Вы?»: at most one such open question an hour and person; the next follows as soon as it is answered, or the
next morning.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import notices
from mailcase.app import App
from mailcase.config import Employee
from mailcase.mail.letter import parse
from mailcase.notices import About
from mailcase.rules.trust import FRESH
from mailcase.store import cases
from mailcase.store.awaited import awaited
from mailcase.words import Trust


@dataclass(frozen=True, slots=True)
class Awaited:
    """A letter that waits for a word: `row` is its line of the ledger, with its case and when we asked."""

    row: Row[Any]
    person: str
    """Login of whose word it waits for."""
    unproven: bool
    """Nothing shows that its writer is who he says: anybody could fill our lists with such letters."""

    @property
    def until(self) -> datetime | None:
        """When an unproven one expires: a later «да» would have nothing to vouch for it. None: it waits for ever."""
        since = self.row.asked_at or self.row.handled_at or self.row.entered_at
        return since + FRESH if self.unproven else None


def waiting(view: Connection) -> list[Awaited]:
    """Every letter that waits for a word, oldest first."""
    return [_awaited(row) for row in awaited(view)]


def _awaited(row: Row[Any]) -> Awaited:
    kept = json.loads(row.held)
    return Awaited(row, kept["person"], kept.get("trust") == Trust.CLAIMED)


def ask_next(app: App, tx: Connection, person: Employee, now: datetime) -> None:
    """Ask about the oldest held letter of that person that nobody has asked about yet."""
    row = next((one.row for one in waiting(tx) if one.person == person.login and one.row.asked_at is None), None)
    if row is not None:
        case = cases.get(tx, row.case_id) if row.case_id is not None else None
        letter = parse(app.raw.get(row.sha256), truncated=row.truncated)
        notices.confirm(tx, app.config, About(person, row, now, case), letter)
