"""A letter of ours came back for good: what that means for its case, its recipient and the people who must know."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from mailcase import letters, pauses, post
from mailcase.app import App
from mailcase.store import cases, contacts, outbox, queries
from mailcase.store.cases import Actor
from mailcase.words import Audience, Status, Template


def returned(app: App, tx: Connection, actor: Actor, outbox_id: int, code: str) -> None:
    """A task for the assignee; an answer or a question that came back is none, so the clock runs again."""
    config, row = app.config, outbox.get(tx, outbox_id)
    # First of all: what the client was told binds again, because this letter did not reach him.
    outbox.bounced(tx, outbox_id, actor.at)
    if row.case_id is not None and _was_the_answer(tx, row):
        case = cases.get(tx, row.case_id)
        if case.status == Status.WAITING:
            pauses.not_asked(app, tx, case, actor)
        else:
            cases.reopen(tx, row.case_id, actor, None, "ответ не доставлен")
    contacts.unreachable(tx, row.to_address, actor.at)
    why = f"адрес не принимает письма ({code})" if code else "адрес не принимает письма"
    letters.undelivered(app, tx, row, post.draft_of(row), why, actor.at)
    if row.audience == Audience.STAFF:
        key = f"staff-bounced:{row.person}:{actor.at:%Y-%m-%d}"
        remedy = "Проверьте адрес сотрудника в config.toml."
        text = ("Письмо сотруднику вернулось", [f"Сотрудник: {row.person}.", why], remedy)
        # The duty person's own box is dead: what comes back next may be this alarm.
        grave = "alarm-undelivered" if row.template == Template.ALARM else ""
        post.alarm(tx, config, key, actor.at, text, grave=grave)


def _was_the_answer(tx: Connection, row: Row[Any]) -> bool:
    """Whether the client has no later answer; a second or late report of an older one reopens nothing."""
    if row.template != Template.ANSWER or row.bounced_at is not None:
        return False
    answered = cases.get(tx, row.case_id).answered_at
    past_us = answered is not None and row.sent_at is not None and answered > row.sent_at
    return not past_us and queries.newest_answer(tx, row.case_id) == row.id
