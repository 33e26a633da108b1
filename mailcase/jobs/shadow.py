"""In shadow mode the quality manager reads each evening what would have gone out; nobody else gets a letter."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row

from mailcase import letters, post
from mailcase.app import App
from mailcase.jobs import Slot, job
from mailcase.outgoing import Outgoing
from mailcase.store import queries
from mailcase.words import Audience, MailcaseError, Mode, Template


@job("shadow", lambda config: config.schedule.shadow)
def shadow(app: App, slot: Slot) -> None:
    """Write the evening letter; none in the other modes."""
    config = app.config
    person = config.person(config.lab.quality_manager)
    if config.mode is not Mode.SHADOW or person is None:
        return
    with app.db.tx() as tx:
        slot.fence(tx)
        rows = queries.kept_back(tx, slot.since, slot.at)
        day = slot.at.astimezone(config.calendar.zone).date().isoformat()
        letter = Outgoing(
            key=f"shadow:{day}",
            template=Template.SHADOW,
            audience=Audience.STAFF,
            to=letters.to_person(person),
            values={"date": day, "letters": [_line(app, row) for row in rows]},
            now=slot.now,
            person=person.login,
        )
        post.write(tx, config, letter)


def _line(app: App, row: Row[Any]) -> dict[str, Any]:
    number = json.loads(row.draft)["values"].get("number")
    try:
        subject, text, _html = app.composer.render(post.draft_of(row))
    except MailcaseError as fault:
        # One letter that cannot be composed must not cost the evening letter about all the others.
        subject = f"Письмо {row.id} ({row.template}) составить не удалось"
        text = f"Оно не ушло бы. Причина: {fault}"
    return {"to": row.to_address, "subject": subject, "number": number, "text": text}
