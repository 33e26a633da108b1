"""Employees' letters that wait for a word: what is asked next, and how long an unproven one waits (C102).

«Это писали Вы?»: at most one such open question an hour and person; the next follows as soon as it is answered, or the
next morning.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import notices
from mailcase.app import App
from mailcase.config import Employee
from mailcase.mail.letter import Letter, parse
from mailcase.notices import About
from mailcase.rules.trust import FRESH
from mailcase.store import cases
from mailcase.store.awaited import awaited
from mailcase.words import MailcaseError, Template, Trust

log = logging.getLogger(__name__)


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
    # Letters that were held before this was kept tell it by what their writer was asked.
    doubted = Trust.CLAIMED if row.asked_by == Template.CONFIRM else ""
    return Awaited(row, kept["person"], kept.get("trust", doubted) == Trust.CLAIMED)


def ask_next(app: App, tx: Connection, person: Employee, now: datetime) -> None:
    """Ask about the oldest held letter of that person that nobody has asked about yet.

    One whose file is missing is passed over: nothing of it could be shown, and no «да» could carry it out.
    """
    unasked = (one.row for one in waiting(tx) if one.person == person.login and one.row.asked_at is None)
    found = next(((row, letter) for row in unasked if (letter := _letter(app, row)) is not None), None)
    if found is not None:
        row, letter = found
        case = cases.get(tx, row.case_id) if row.case_id is not None else None
        notices.confirm(tx, app.config, About(person, row, now, case), letter)


def _letter(app: App, row: Row[Any]) -> Letter | None:
    """The held letter; None where its file is missing, which must stop neither an order that is done nor the job."""
    try:
        return parse(app.raw.get(row.sha256), truncated=row.truncated)
    except MailcaseError as missing:
        log.warning("letter %d cannot be asked about: %s", row.id, missing)
        return None
