"""Station 3: from the outbox to the SMTP server. One bad letter never holds another; a letter that may have left
is sent again only under the same Message-ID, and the repeat is an event."""

from __future__ import annotations

import contextlib
import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.exc import SQLAlchemyError

from mailcase import alarm_route, letters, post
from mailcase.app import App
from mailcase.mail.draft import Draft, DraftAttachment
from mailcase.mail.letter import attachment_bytes
from mailcase.mail.smtp import Accepted, Deferred, Refused, SendResult, Smtp
from mailcase.store import cases, held, outbox, queries
from mailcase.store import tables as t
from mailcase.store.cases import Actor
from mailcase.store.db import claim, given_back, guarded, insist, release, settle
from mailcase.store.events import DAEMON, SYSTEM, Happening, case_stream, record
from mailcase.store.indexes import DUE
from mailcase.words import Audience, EventType, HoldReason, LeaseLost, MailcaseError, OutboxStatus, Template

log = logging.getLogger(__name__)
_BATCH = 20
_LEASE = timedelta(minutes=15)
_PATIENCE = 12
"""A lease outlasts what a server may need for its last reply, ten times `smtp.timeout`, and what comes before it."""
_STEPS = (1, 2, 5, 15, 30, 60, 120, 240)
"""Minutes between tries; the last one repeats until `smtp.retry_for` has passed (C90)."""


def send(app: App, smtp: Smtp) -> bool:
    """Send what is due; True where more may be due at once."""
    with app.db.tx() as tx:
        rows = claim(tx, t.outbox, [DUE], now=app.now(), lease=_lease(app), limit=_BATCH)
    batch = _Batch(app, smtp, iter(rows))
    with given_back(app.db, t.outbox, rows):
        batch.run()
    if any(row.audience == Audience.CLIENT for row in rows):
        app.wake.tidy.set()
    # Not only after a full batch: letters that a dead process left are claimed one at a time.
    return bool(rows) and not batch.down


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter that is composed and stored, and may leave now."""

    row: Row[Any]
    draft: Draft
    raw: bytes
    sha256: str


@dataclass(slots=True)
class _Batch:
    """Letters that leave one after the other, a commit each.

    The next one is composed before this one leaves, and the commit that keeps this one's reply also notes that the next
    is about to leave: so nothing but that commit stands between a server's 250 and its record.
    """

    app: App
    smtp: Smtp
    rows: Iterator[Row[Any]]
    down: bool = False
    """The server cannot be used."""
    gone: tuple[_Letter, SendResult] | None = None
    """What left last, while its reply is not kept yet."""

    def run(self) -> None:
        try:
            letter = self._compose_next()
            while letter is not None:
                letter = self._one(letter)
        finally:
            self._settle_gone()

    def _one(self, letter: _Letter) -> _Letter | None:
        """Let one letter leave; the next one."""
        about_to_leave = False
        with self._guarded(letter.row):
            self._begin(letter)
            about_to_leave = True
        try:
            following = self._compose_next()
        finally:
            # Also where the disk fails meanwhile: this letter is noted as leaving, and it leaves.
            if about_to_leave:
                with self._guarded(letter.row):
                    self._hand_over(letter)
        if self.down and following is not None:
            # Nothing is wrong with this letter, so it loses no try.
            release(self.app.db, t.outbox, following.row)
            following = self._compose_next()
        return following

    def _guarded(self, row: Row[Any]) -> contextlib.AbstractContextManager[None]:
        return guarded(self.app.db, t.outbox, row, self.app.now())

    def _compose_next(self) -> _Letter | None:
        """The next letter that may leave; None where there is none. What the server cannot take now is given back."""
        for row in self.rows:
            if self.down or self.app.wake.stop.is_set():
                release(self.app.db, t.outbox, row)
                continue
            with self._guarded(row):
                letter = _compose(self.app, row)
                if letter is not None:
                    return letter
        return None

    def _begin(self, letter: _Letter) -> None:
        """Keep the reply to the letter before, and note that this one may have left from now on."""
        if self.gone is not None:
            try:
                with self.app.db.tx() as tx:
                    _settle(tx, self.app, *self.gone)
                    _before(tx, self.app, letter)
            except (SQLAlchemyError, LeaseLost):
                # One of the two failed: each for itself, and the reply first.
                self._settle_gone()
            else:
                _told(self.app, *self.gone)
                self.gone = None
                return
        with self.app.db.tx() as tx:
            _before(tx, self.app, letter)

    def _hand_over(self, letter: _Letter) -> None:
        with self.app.leases.working_on(t.outbox, letter.row, _lease(self.app)):
            result = _send(self.smtp, letter)
        self.gone = letter, result
        self.down = isinstance(result, Deferred) and result.connection

    def _settle_gone(self) -> None:
        """A reply whose commit fails is committed again before anything else is sent: forgetting it sends twice."""
        if self.gone is None:
            return
        (letter, result), self.gone = self.gone, None
        with self._guarded(letter.row):
            insist(self.app.db, lambda tx: _settle(tx, self.app, letter, result), self.app.wake.stop)
            _told(self.app, letter, result)


def _compose(app: App, row: Row[Any]) -> _Letter | None:
    """The letter, stored before anything else; None where it may not leave, or not be composed."""
    draft = post.draft_of(row)
    if _stopped_before(app, row, draft):
        return None
    try:
        raw = app.composer.compose(draft, lambda wanted: _attachment(app, wanted))
    except (MailcaseError, ValueError) as broken:
        # A template that broke yields a failed row and an alarm, never a lost registration.
        _fail(app, row, draft, Refused(f"the letter could not be composed: {broken}", 0))
        return None
    return _Letter(row, draft, raw, app.raw.put(raw))


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
    why = f"given up after {row.tries} tries; last: {row.last_error or 'the program ended'}"
    _fail(app, row, draft, Refused(why, 0))
    return True


def _fail(app: App, row: Row[Any], draft: Draft, refused: Refused) -> None:
    letter = _Letter(row, draft, b"", row.sha256)
    with app.db.tx() as tx:
        _settle(tx, app, letter, refused)
    _told(app, letter, refused)


def _send(smtp: Smtp, letter: _Letter) -> SendResult:
    recipients = [address for _, address in (*letter.draft.to, *letter.draft.cc)]
    try:
        return smtp.send(letter.row.envelope_from, recipients, letter.raw)
    except ValueError as malformed:
        return Refused(f"the letter was composed wrongly: {malformed}", 0)


def _before(tx: Connection, app: App, letter: _Letter) -> None:
    """Renew the lease right before MAIL, and remember what leaves: its copy may come back before our commit."""
    row, now = letter.row, app.now()
    held = {"leased_until": now + _lease(app), "deaths": row.deaths, "status": OutboxStatus.SENDING}
    settle(tx, t.outbox, row, sha256=letter.sha256, **held)
    if row.status == OutboxStatus.SENDING:
        again = Happening(EventType.RESENT, now, outbox_id=row.id, detail={"message_id": row.message_id})
        record(tx, _stream(row), again)


def _lease(app: App) -> timedelta:
    """How long nobody else may try a letter; while one is handed over, its lease is renewed besides."""
    return max(_LEASE, app.config.smtp.timeout * _PATIENCE)


def _attachment(app: App, wanted: DraftAttachment) -> bytes:
    raw = app.raw.get(wanted.sha256)
    return raw if wanted.index < 0 else attachment_bytes(raw, wanted.index)


def _settle(tx: Connection, app: App, letter: _Letter, result: SendResult) -> None:
    """T3b: sent, queued again or failed, with its event."""
    now = app.now()
    match result:
        case Accepted():
            _sent(tx, letter.row, now)
        case Deferred():
            _deferred(tx, app, letter.row, letter.draft, now, result)
        case Refused():
            _failed(tx, app, letter.row, letter.draft, now, result)


def _told(app: App, letter: _Letter, result: SendResult) -> None:
    """One line per letter; addresses and texts are never logged."""
    row, outcome = letter.row, type(result).__name__
    log.info("send outbox=%d template=%s case=%s result=%s", row.id, row.template, row.case_id, outcome)
    app.wake.page.set()


def _sent(tx: Connection, row: Row[Any], now: datetime) -> None:
    copy = "due" if row.audience == Audience.CLIENT else "none"
    done = {"status": OutboxStatus.SENT, "sent_at": now, "last_error": None, "sent_copy": copy}
    settle(tx, t.outbox, row, deaths=0, **done)
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
    if row.template == Template.ALARM:
        text = f"Дежурному не дошла тревога (исходящее письмо {row.id}). Прочтите её: mailcase held."
        alarm_route.tell(app.config, "alarm-undelivered", now, text)
    if row.template in (Template.UNDELIVERED, Template.ALARM):
        # A letter about a letter that did not arrive makes no third one; the digest shows it.
        return
    letters.undelivered(tx, app.config, row, draft, result.why, now)
    if row.audience == Audience.STAFF:
        what = "Письмо сотруднику не доставлено" if result.code else "Письмо сотруднику не удалось составить"
        details = [f"Сотрудник: {row.person or row.to_address}.", f"Причина: {result.why[:300]}"]
        remedy = "Проверьте адрес сотрудника в config.toml." if result.code else "Проверьте тексты: mailcase check."
        remedy += f" Отправить снова: mailcase resend {row.id}."
        # Once a day: a box that takes nothing refuses every notice.
        day = f"{now.astimezone(app.config.calendar.zone):%Y-%m-%d}"
        key = f"staff-undelivered:{row.person or row.to_address}:{day}"
        post.alarm(tx, app.config, key, now, (what, details, remedy))


def _stream(row: Row[Any]) -> str:
    return case_stream(row.case_id) if row.case_id is not None else SYSTEM


def requeue(app: App, outbox_id: int) -> None:
    """`mailcase resend`: send a held or failed letter again; raises MailcaseError where it cannot be."""
    with app.db.tx() as tx:
        outbox.requeue(tx, outbox_id, app.now())
    app.wake.send.set()


def requeue_all(app: App, reason: str, only: Sequence[str], but: Sequence[str]) -> tuple[int, int]:
    """`mailcase resend --held`: all that is held for a reason; how many go, and how many come too late."""
    with app.db.tx() as tx:
        done = held.release(tx, reason, app.now(), only, but)
        record(tx, SYSTEM, Happening(EventType.RELEASED, app.now(), detail={"reason": reason, "letters": done[0]}))
    app.wake.send.set()
    return done
