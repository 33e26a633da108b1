"""What the server's reply makes of a letter that was handed over: it is sent, queued again or failed (T3b)."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import alarm_route, enclosed, letters, pauses, post
from mailcase.app import App
from mailcase.mail.draft import Draft
from mailcase.mail.smtp import Accepted, Deferred, Refused, SendResult
from mailcase.stations.answered import answered
from mailcase.store import cases, queries
from mailcase.store import tables as t
from mailcase.store.cases import Actor
from mailcase.store.claims import settle
from mailcase.store.events import DAEMON, SYSTEM, Happening, case_stream, record
from mailcase.words import Audience, EventType, OutboxStatus, Template

log = logging.getLogger(__name__)
_STEPS = (1, 2, 5, 15, 30, 60, 120, 240)
"""Minutes between tries; the last one repeats until `smtp.retry_for` has passed (C90)."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A letter that is composed and stored, and may leave now."""

    row: Row[Any]
    draft: Draft
    raw: bytes
    sha256: str


def settle_reply(tx: Connection, app: App, letter: Leaving, result: SendResult) -> None:
    """T3b: sent, queued again or failed, with its event."""
    now = app.now()
    match result:
        case Accepted():
            _sent(tx, app, letter, now)
        case Deferred():
            _deferred(tx, app, letter.row, letter.draft, now, result)
        case Refused():
            _failed(tx, app, letter.row, letter.draft, now, result)


def told(app: App, letter: Leaving, result: SendResult) -> None:
    """One line per letter; addresses and texts are never logged."""
    row, outcome = letter.row, type(result).__name__
    log.info("send outbox=%d template=%s case=%s result=%s", row.id, row.template, row.case_id, outcome)
    app.wake.page.set()


def _sent(tx: Connection, app: App, letter: Leaving, now: datetime) -> None:
    row = letter.row
    copy = "due" if row.audience == Audience.CLIENT else "none"
    done = {"status": OutboxStatus.SENT, "sent_at": now, "last_error": None, "sent_copy": copy}
    settle(tx, t.outbox, row, deaths=0, **done)
    actor = Actor(now, row.person or DAEMON, mail_id=row.mail_id, outbox_id=row.id)
    if row.case_id is not None and row.template == Template.ANSWER:
        asked = queries.asked_since(tx, row.case_id, row.created_at)
        case = cases.answer(tx, row.case_id, actor, "письмом", clock_runs=asked)
        answered(app, tx, case, str(letter.draft.values.get("text") or ""), actor)
    elif row.case_id is not None and row.template in letters.ACKNOWLEDGEMENTS:
        versions = enclosed.of_draft(letter.draft).versions()
        detail = {"enclosed": versions} if versions else {}
        cases.note(tx, row.case_id, Actor(now, outbox_id=row.id), EventType.ACKNOWLEDGED, **detail)
    elif row.case_id is not None:
        cases.note(tx, row.case_id, Actor(now, outbox_id=row.id), EventType.SENT, template=row.template)


def _deferred(tx: Connection, app: App, row: Row[Any], draft: Draft, now: datetime, result: Deferred) -> None:
    if now - row.created_at >= app.config.smtp.retry_for:
        days = app.config.smtp.retry_for.days
        _failed(tx, app, row, draft, now, Refused(f"no success for {days} days; last: {result.why}", result.code))
        return
    step = _STEPS[min(row.tries, len(_STEPS) - 1)]
    # Jitter, so that a restart does not retry everything at one moment.
    pause = timedelta(minutes=step) * random.uniform(0.8, 1.2)
    # What may have left stays as it is after a kill: the next try is noted as a repeat.
    status = OutboxStatus.SENDING if result.unknown else OutboxStatus.QUEUED
    again = {"status": status, "tries": row.tries + 1, "next_try_at": now + pause}
    settle(tx, t.outbox, row, last_error=result.why, deaths=0, **again)


def _failed(tx: Connection, app: App, row: Row[Any], draft: Draft, now: datetime, result: Refused) -> None:
    settle(tx, t.outbox, row, status=OutboxStatus.FAILED, last_error=result.why, deaths=0)
    # The server's words may hold the address, so the record keeps only the code.
    record(tx, stream_of(row), Happening(EventType.FAILED, now, outbox_id=row.id, detail={"code": result.code}))
    pauses.unasked(app, tx, row, Actor(now, outbox_id=row.id))
    if row.template == Template.ALARM:
        text = f"Дежурному не дошла тревога (исходящее письмо {row.id}). Прочтите её: mailcase held."
        alarm_route.tell(app.config, "alarm-undelivered", now, text)
    if row.template in (Template.UNDELIVERED, Template.ALARM):
        # A letter about a letter that did not arrive makes no third one; the digest shows it.
        return
    letters.undelivered(app, tx, row, draft, result.why, now)
    if row.audience == Audience.STAFF:
        what = "Письмо сотруднику не доставлено" if result.code else "Письмо сотруднику не удалось составить"
        details = [f"Сотрудник: {row.person or row.to_address}.", f"Причина: {result.why[:300]}"]
        remedy = "Проверьте адрес сотрудника в config.toml." if result.code else "Проверьте тексты: mailcase check."
        remedy += f" Отправить снова: mailcase resend {row.id}."
        # Once a day: a box that takes nothing refuses every notice.
        day = f"{now.astimezone(app.config.calendar.zone):%Y-%m-%d}"
        key = f"staff-undelivered:{row.person or row.to_address}:{day}"
        post.alarm(tx, app.config, key, now, (what, details, remedy))


def stream_of(row: Row[Any]) -> str:
    """The stream that an outgoing letter's events belong to."""
    return case_stream(row.case_id) if row.case_id is not None else SYSTEM
