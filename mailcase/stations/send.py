"""Station 3: from the outbox to the SMTP server. One bad letter never holds another; a letter that may have left
is sent again only under the same Message-ID, and the repeat is an event."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.exc import SQLAlchemyError

from mailcase import alarm_route, post
from mailcase.app import App
from mailcase.mail.draft import Draft, DraftAttachment
from mailcase.mail.letter import attachment_bytes
from mailcase.mail.smtp import Accepted, Deferred, Refused, SendResult, Smtp
from mailcase.stations.replies import Leaving, settle_reply, stream_of, told
from mailcase.store import held, outbox
from mailcase.store import tables as t
from mailcase.store.claims import claim, given_back, guarded, settle
from mailcase.store.db import insist
from mailcase.store.events import SYSTEM, Happening, record
from mailcase.store.indexes import CLIENTS_FIRST, DUE
from mailcase.store.outage import away
from mailcase.words import Audience, EventType, HoldReason, LeaseLost, MailcaseError, OutboxStatus, Template

log = logging.getLogger(__name__)
_BATCH = 20
_LEASE = timedelta(minutes=15)
_PATIENCE = 12
"""A lease outlasts what a server may need for its last reply, ten times `smtp.timeout`, and what comes before it."""


def send(app: App, smtp: Smtp) -> bool:
    """Send what is due; True where more may be due at once."""
    with app.db.tx() as tx:
        rows = claim(tx, t.outbox, [DUE], now=app.now(), lease=_lease(app), limit=_BATCH, first=CLIENTS_FIRST)
    batch = _Batch(app, smtp, iter(rows))
    with given_back(app.db, t.outbox, rows):
        batch.run()
    if any(row.audience == Audience.CLIENT for row in rows):
        app.wake.tidy.set()
    # Not only after a full batch: letters that a dead process left are claimed one at a time.
    return bool(rows) and not batch.down


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
    gone: tuple[Leaving, SendResult] | None = None
    """What left last, while its reply is not kept yet."""

    def run(self) -> None:
        try:
            letter = self._compose_next()
            while letter is not None:
                letter = self._one(letter)
        finally:
            self._settle_gone()

    def _one(self, letter: Leaving) -> Leaving | None:
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
            self.app.db.give_back(t.outbox, [following.row])
            following = self._compose_next()
        return following

    def _guarded(self, row: Row[Any]) -> contextlib.AbstractContextManager[None]:
        return guarded(self.app.db, t.outbox, row, self.app.now())

    def _compose_next(self) -> Leaving | None:
        """The next letter that may leave; None where there is none. What the server cannot take now is given back."""
        for row in self.rows:
            if self.down or self.app.wake.stop.is_set():
                self.app.db.give_back(t.outbox, [row])
                continue
            with self._guarded(row):
                letter = _compose(self.app, row)
                if letter is not None:
                    return letter
        return None

    def _begin(self, letter: Leaving) -> None:
        """Keep the reply to the letter before, and note that this one may have left from now on."""
        if self.gone is not None:
            try:
                with self.app.db.tx() as tx:
                    settle_reply(tx, self.app, *self.gone)
                    _before(tx, self.app, letter)
            except (SQLAlchemyError, LeaseLost):
                # One of the two failed: each for itself, and the reply first.
                self._settle_gone()
            else:
                told(self.app, *self.gone)
                self.gone = None
                return
        with self.app.db.tx() as tx:
            _before(tx, self.app, letter)

    def _hand_over(self, letter: Leaving) -> None:
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
            try:
                insist(self.app.db, lambda tx: settle_reply(tx, self.app, letter, result), self.app.wake.stop)
            except SQLAlchemyError as error:
                if isinstance(result, Accepted) and not away(error):
                    self._unrecorded(letter)
                raise
            told(self.app, letter, result)

    def _unrecorded(self, letter: Leaving) -> None:
        """It has left, and the record refuses to say so: better no event than the same letter every few minutes."""
        now = self.app.now()
        what = f"Письмо {letter.row.id} ушло, но запись об этом не удалась. Проверьте журнал: mailcase check."
        alarm_route.tell(self.app.config, "unrecorded", now, what)
        with self.app.db.tx() as tx:
            done = {"status": OutboxStatus.SENT, "sent_at": now, "last_error": "it left, but its event was refused"}
            settle(tx, t.outbox, letter.row, deaths=0, **done)


def _compose(app: App, row: Row[Any]) -> Leaving | None:
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
    return Leaving(row, draft, raw, app.raw.put(raw))


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
    letter = Leaving(row, draft, b"", row.sha256)
    with app.db.tx() as tx:
        settle_reply(tx, app, letter, refused)
    told(app, letter, refused)


def _send(smtp: Smtp, letter: Leaving) -> SendResult:
    recipients = [address for _, address in (*letter.draft.to, *letter.draft.cc)]
    try:
        return smtp.send(letter.row.envelope_from, recipients, letter.raw)
    except ValueError as malformed:
        return Refused(f"the letter was composed wrongly: {malformed}", 0)


def _before(tx: Connection, app: App, letter: Leaving) -> None:
    """Renew the lease right before MAIL, and remember what leaves: its copy may come back before our commit."""
    row, now = letter.row, app.now()
    held = {"leased_until": now + _lease(app), "deaths": row.deaths, "status": OutboxStatus.SENDING}
    settle(tx, t.outbox, row, sha256=letter.sha256, **held)
    if row.status == OutboxStatus.SENDING:
        again = Happening(EventType.RESENT, now, outbox_id=row.id, detail={"message_id": row.message_id})
        record(tx, stream_of(row), again)


def _lease(app: App) -> timedelta:
    """How long nobody else may try a letter; while one is handed over, its lease is renewed besides."""
    return max(_LEASE, app.config.smtp.timeout * _PATIENCE)


def _attachment(app: App, wanted: DraftAttachment) -> bytes:
    raw = app.raw.get(wanted.sha256)
    return raw if wanted.index < 0 else attachment_bytes(raw, wanted.index)


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
