"""Station 3: from the outbox to the SMTP server. One bad letter never holds another; a letter that may have left
is sent again only under the same Message-ID, and the repeat is an event."""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.exc import SQLAlchemyError

from mailcase import letters, post
from mailcase.app import App
from mailcase.mail.draft import Draft, DraftAttachment
from mailcase.mail.letter import attachment_bytes, parse
from mailcase.mail.smtp import Accepted, Deferred, Refused, SendResult, Smtp
from mailcase.store import cases, outbox, queries
from mailcase.store import tables as t
from mailcase.store.cases import Actor
from mailcase.store.db import claim, guarded, release, settle
from mailcase.store.events import DAEMON, SYSTEM, Happening, case_stream, record
from mailcase.words import Audience, EventType, HoldReason, MailcaseError, OutboxStatus, Template

log = logging.getLogger(__name__)
_BATCH = 20
_LEASE = timedelta(minutes=15)
_SETTLE_PAUSES = (0.2, 0.5, 1, 2, 5, 10, 30)
"""Seconds between tries to store the server's reply."""
_STEPS = (1, 2, 5, 15, 30, 60, 120, 240)
"""Minutes between tries; the last one repeats until `smtp.retry_for` has passed (C90)."""


def send(app: App, smtp: Smtp) -> bool:
    """Send what is due; True where more may be due at once."""
    with app.db.tx() as tx:
        due = [t.outbox.c.status.in_((OutboxStatus.QUEUED, OutboxStatus.SENDING))]
        rows = claim(tx, t.outbox, due, now=app.now(), lease=_LEASE, limit=_BATCH)
    down = False
    for row in rows:
        if down or app.wake.stop.is_set():
            # The server is away: nothing is wrong with this letter, so it loses no try.
            release(app.db, t.outbox, row)
            continue
        with guarded(app.db, t.outbox, row, app.now()):
            result = _send_one(app, smtp, row)
            down = isinstance(result, Deferred) and result.connection
    if any(row.audience == Audience.CLIENT for row in rows):
        app.wake.tidy.set()
    return len(rows) == _BATCH and not down


def _send_one(app: App, smtp: Smtp, row: Row[Any]) -> SendResult | None:
    draft = post.draft_of(row)
    if _stopped_before(app, row, draft):
        return None
    try:
        raw = app.composer.compose(draft, lambda wanted: _attachment(app, wanted))
    except (MailcaseError, ValueError) as broken:
        # A template that broke yields a failed row and an alarm, never a lost registration.
        refused = Refused(f"the letter could not be composed: {broken}", 0)
        _settle(app, row, draft, refused, {})
        return refused
    made = {"sha256": app.raw.put(raw), "fingerprint": row.fingerprint or parse(raw).fingerprint}
    _before(app, row, made)
    result = _hand_over(smtp, row, draft, raw)
    _settle_surely(app, row, draft, result, made)
    return result


def _stopped_before(app: App, row: Row[Any], draft: Draft) -> bool:
    """The mode may have changed since the letter was written, and what fails for ever ends some time."""
    audience, template = Audience(row.audience), Template(row.template)
    now = app.now()
    if post.forbidden(app.config, template, audience, row.person, automatic=row.automatic):
        with app.db.tx() as tx:
            settle(tx, t.outbox, row, status=OutboxStatus.HELD, hold_reason=HoldReason.MODE)
        return True
    tired = row.tries and now - row.created_at >= app.config.smtp.retry_for
    if row.deaths <= app.config.limits.deaths and not tired:
        return False
    refused = Refused(f"given up after {row.tries} tries; last: {row.last_error or 'the program ended'}", 0)
    _settle(app, row, draft, refused, {})
    return True


def _hand_over(smtp: Smtp, row: Row[Any], draft: Draft, raw: bytes) -> SendResult:
    recipients = [address for _, address in (*draft.to, *draft.cc)]
    try:
        return smtp.send(row.envelope_from, recipients, raw)
    except ValueError as malformed:
        return Refused(f"the letter was composed wrongly: {malformed}", 0)


def _settle_surely(app: App, row: Row[Any], draft: Draft, result: SendResult, made: dict[str, Any]) -> None:
    """A reply whose commit fails is committed again before anything else is sent: forgetting it would send twice."""
    for pause in _SETTLE_PAUSES:
        try:
            _settle(app, row, draft, result, made)
        except SQLAlchemyError:
            log.warning("outbox=%d: the result could not be stored; trying again", row.id)
            if app.wake.stop.wait(pause):
                break
        else:
            return
    _settle(app, row, draft, result, made)


def _before(app: App, row: Row[Any], made: dict[str, Any]) -> None:
    """Renew the lease right before MAIL and keep the fingerprint: the copy may come back before our commit."""
    now = app.now()
    with app.db.tx() as tx:
        held = {"leased_until": now + _LEASE, "deaths": row.deaths, "status": OutboxStatus.SENDING}
        settle(tx, t.outbox, row, **held, **made)
        if row.status == OutboxStatus.SENDING:
            again = Happening(EventType.RESENT, now, outbox_id=row.id, detail={"message_id": row.message_id})
            record(tx, _stream(row), again)


def _attachment(app: App, wanted: DraftAttachment) -> bytes:
    raw = app.raw.get(wanted.sha256)
    return raw if wanted.index < 0 else attachment_bytes(raw, wanted.index)


def _settle(app: App, row: Row[Any], draft: Draft, result: SendResult, made: dict[str, Any]) -> None:
    """T3b, at once per letter: sent, queued again or failed, with its event."""
    now = app.now()
    with app.db.tx() as tx:
        match result:
            case Accepted():
                _sent(tx, app, row, now, made)
            case Deferred():
                _deferred(tx, app, row, draft, now, result)
            case Refused():
                _failed(tx, app, row, draft, now, result)
    # Addresses and texts are never logged.
    log.info("send outbox=%d template=%s case=%s result=%s", row.id, row.template, row.case_id, type(result).__name__)
    app.wake.page.set()


def _sent(tx: Connection, app: App, row: Row[Any], now: datetime, made: dict[str, Any]) -> None:
    copy = "due" if row.audience == Audience.CLIENT else "none"
    done = {"status": OutboxStatus.SENT, "sent_at": now, "last_error": None, "sent_copy": copy}
    settle(tx, t.outbox, row, deaths=0, **done, **{k: v for k, v in made.items() if v})
    actor = Actor(now, row.person or DAEMON, mail_id=row.mail_id, outbox_id=row.id)
    if row.case_id is not None and row.template == Template.ANSWER:
        asked = queries.asked_since(tx, row.case_id, row.created_at)
        cases.answer(tx, row.case_id, actor, "письмом", clock_runs=asked)
    elif row.case_id is not None and row.template in letters.ACKNOWLEDGEMENTS:
        cases.note(tx, row.case_id, Actor(now, outbox_id=row.id), EventType.ACKNOWLEDGED)
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
    record(tx, _stream(row), Happening(EventType.FAILED, now, outbox_id=row.id, detail={"code": result.code}))
    if row.template in (Template.UNDELIVERED, Template.ALARM):
        # A letter about a letter that did not arrive makes no third one; the digest shows it.
        return
    letters.undelivered(tx, app.config, row, draft, result.why, now)
    if row.audience == Audience.STAFF:
        what = "Письмо сотруднику не доставлено" if result.code else "Письмо сотруднику не удалось составить"
        details = [f"Сотрудник: {row.person or row.to_address}.", f"Причина: {result.why[:300]}"]
        remedy = "Проверьте адрес сотрудника в config.toml." if result.code else "Проверьте тексты: mailcase check."
        remedy += f" Отправить снова: mailcase resend {row.id}."
        post.alarm(tx, app.config, f"staff-undelivered:{row.id}", now, (what, details, remedy))


def _stream(row: Row[Any]) -> str:
    return case_stream(row.case_id) if row.case_id is not None else SYSTEM


def requeue(app: App, outbox_id: int) -> None:
    """`mailcase resend`: send a held or failed letter again; raises MailcaseError where it cannot be."""
    with app.db.tx() as tx:
        outbox.requeue(tx, outbox_id, app.now())
    app.wake.send.set()
