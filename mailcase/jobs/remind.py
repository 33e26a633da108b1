"""Who was asked to confirm his requirements and is silent gets one reminder; then a person sees to it (A66).

Silence is never acceptance. Where conflict or repetition is marked no robot reminds (users.md 1.3).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import letters, post
from mailcase.app import App
from mailcase.jobs import Slot, job
from mailcase.jobs.silence import quiet_since
from mailcase.mail.russian import phone
from mailcase.outgoing import Outgoing
from mailcase.rules.status import for_a_person
from mailcase.store import asked, outbox, queries
from mailcase.words import Audience, OutboxStatus, Template

_AGAIN = "клиент не подтвердил требования и после напоминания: позвоните ему"
_HIMSELF = "клиент не подтвердил требования, напоминание ему не отправлено: напомните сами"


@job("remind", lambda config: config.schedule.remind)
def remind(app: App, slot: Slot) -> None:
    """Remind each client once whose confirmation is overdue by `request.remind_days` working days."""
    with app.db.tx() as tx:
        slot.fence(tx)
        before = quiet_since(app, slot.at, app.config.request.remind_days)
        for case, question in asked.unconfirmed(tx):
            if question.sent_at < before and not for_a_person(json.loads(case.risk)):
                post.write(tx, app.config, _reminder(app, slot, case, question))


def unheard(app: App, tx: Connection, slot: Slot) -> Iterator[tuple[Row[Any], str]]:
    """(case, what to do) of each client whom no robot can remind (again); for the morning letter."""
    before = quiet_since(app, slot.at, app.config.request.remind_days)
    for case, question in asked.unconfirmed(tx):
        written = outbox.keyed(tx, _key(question))
        reminder = outbox.get(tx, written) if written is not None else None
        if reminder is not None and reminder.status == OutboxStatus.SENT and reminder.bounced_at is None:
            if reminder.sent_at < before:
                yield case, _by_phone(tx, case, _AGAIN)
        elif question.sent_at < before and (reminder is not None or for_a_person(json.loads(case.risk))):
            yield case, _by_phone(tx, case, _HIMSELF)


def _by_phone(tx: Connection, case: Row[Any], what: str) -> str:
    number = queries.phone_of(tx, case.contact_address)
    return f"{what}, {phone(number)}" if number else what


def _key(question: Row[Any]) -> str:
    return f"reminder:{question.id}"


def _reminder(app: App, slot: Slot, case: Row[Any], question: Row[Any]) -> Outgoing:
    """It answers our own question, so that both stand in one thread; RFC 3834 marks it as a robot's."""
    draft = post.draft_of(question)
    values = {
        "number": case.number,
        "tag": case.tag,
        "opened": case.opened_at.isoformat(),
        "asked": question.sent_at.isoformat(),
        "answerer": letters.person_values(app.config, case.assignee, draft.lang),
    }
    return Outgoing(
        key=_key(question),
        template=Template.REMINDER,
        audience=Audience.CLIENT,
        to=((case.contact_name, question.to_address),),
        values=values,
        now=slot.now,
        case_id=case.id,
        mail_id=question.mail_id,
        lang="en" if draft.lang == "en" else "ru",
        replies_to=question.message_id,
        references=draft.references,
    )
