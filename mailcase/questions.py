"""«Это Вы писали?»: at most one such open question an hour and person; the next follows as soon as it is answered."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection

from mailcase import notices
from mailcase.app import App
from mailcase.config import Employee
from mailcase.mail.letter import parse
from mailcase.notices import About
from mailcase.store import cases, outbox, queries


def ask_next(app: App, tx: Connection, person: Employee, now: datetime) -> None:
    """Ask about the oldest held letter of that person that nobody has asked about yet."""
    for row in queries.held(tx):
        asked = outbox.keyed(tx, f"confirm:{row.id}") or outbox.keyed(tx, f"held:{row.id}")
        if asked or json.loads(row.held)["person"] != person.login:
            continue
        case = cases.get(tx, row.case_id) if row.case_id is not None else None
        letter = parse(app.raw.get(row.sha256), truncated=row.truncated)
        notices.confirm(tx, app.config, About(person, row, now, case), letter)
        return
