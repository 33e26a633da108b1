"""Station 4: the last touch in the mailbox, after everything is committed: mark or move what was handled, file
copies of what was sent; in the raw store, remove what killed processes left half-written. Every step may be repeated;
nothing is ever expunged but by its own UID; a copy that cannot be filed costs no other."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import config
from mailcase.app import App
from mailcase.mail.mailbox import Mailbox, MailboxDown
from mailcase.store import intake, outbox
from mailcase.store.events import SYSTEM, Happening, case_stream, record
from mailcase.words import EventType, MailcaseError

log = logging.getLogger(__name__)
_SENT = "Sent"
"""Made where the mailbox has no folder of sent letters."""


def tidy(app: App, mailbox: Mailbox, settings: config.Mailbox) -> int:
    """Tidy one mailbox; how many letters were touched: none where another process tidies it.

    Raises MailboxDown and MailboxRefused, and LeaseLost where another process has begun to.
    """
    if not app.leases.take(lease_name(settings)):
        return 0
    app.raw.sweep(app.now())
    keeper = next((box.name for box in app.config.mailbox if box.save_sent), "")
    copied = _sent_copies(app, mailbox, settings) if settings.name == keeper else 0
    return copied + _handled(app, mailbox, settings)


def lease_name(settings: config.Mailbox) -> str:
    """Which process tidies this mailbox: two at once would file a copy or move a letter twice."""
    return f"tidy:{settings.name}"


@contextlib.contextmanager
def _tx(app: App, settings: config.Mailbox) -> Iterator[Connection]:
    with app.db.tx() as tx:
        app.leases.fence(tx, lease_name(settings))
        yield tx


def _handled(app: App, mailbox: Mailbox, settings: config.Mailbox) -> int:
    if settings.after == "leave":
        return 0
    with app.db.read() as view:
        rows = intake.untidied(view, settings.name)
    if not rows:
        return 0
    mailbox.connect()
    for name, found in groupby(rows, key=lambda row: str(row.name)):
        _touch(app, mailbox, settings, name, list(found))
    return len(rows)


def _touch(app: App, mailbox: Mailbox, settings: config.Mailbox, name: str, rows: list[Row[Any]]) -> None:
    state = mailbox.select(name, readonly=False)
    # A renumbered folder has other letters under these UIDs: leave them to the next fetch.
    mine = [row for row in rows if row.uidvalidity == state.uidvalidity]
    if not mine:
        return
    uids = [row.uid for row in mine]
    if settings.after == "move":
        if not mailbox.move(uids, settings.move_to):
            # Marked and left where they are: a server without MOVE and UIDPLUS will not learn them by asking again.
            log.warning("tidy %s: %d letters could not be moved and stay in %s", settings.name, len(uids), name)
    else:
        mailbox.mark(uids)
    with _tx(app, settings) as tx:
        intake.tidied(tx, [row.id for row in mine], app.now())


def _sent_copies(app: App, mailbox: Mailbox, settings: config.Mailbox) -> int:
    with app.db.read() as view:
        rows = outbox.uncopied(view, app.now())
    done = 0
    for row in rows:
        if app.wake.stop.is_set():
            break
        with _tx(app, settings):
            # Asked before each: what was filed cannot be taken back.
            pass
        fault = _file(app, mailbox, row)
        if fault is None:
            with _tx(app, settings) as tx:
                outbox.copied(tx, row.id)
            done += 1
            continue
        _not_filed(app, settings, row, fault)
        if isinstance(fault, MailboxDown):
            # The next one may fail alike: it gets its turn at the next look, and no burst of logins comes of it.
            break
    return done


def _file(app: App, mailbox: Mailbox, row: Row[Any]) -> Exception | None:
    """File one copy; what stands in the way of this one. Raises MailboxDown where it is the server."""
    try:
        raw = app.raw.get(row.sha256)
    except (MailcaseError, OSError) as gone:
        return gone
    fault: Exception | None = None
    for _ in range(2):
        mailbox.connect()
        try:
            folder = mailbox.sent_folder() or _SENT
            # Some providers file a copy by themselves, and a crash may have come after our own APPEND.
            if not mailbox.has_message(folder, row.message_id):
                mailbox.append(folder, raw, row.sent_at)
        except MailboxDown as down:
            # The connection may have been gone for long: only a new one tells whether it is the letter.
            mailbox.close()
            fault = down
        else:
            return None
    return fault


def _not_filed(app: App, settings: config.Mailbox, row: Row[Any], fault: Exception) -> None:
    log.warning("tidy: the copy of outbox=%d is not in Sent: %s", row.id, fault)
    now = app.now()
    with _tx(app, settings) as tx:
        if outbox.not_copied(tx, row, now):
            log.error("tidy: the copy of outbox=%d is given up; the letter itself was sent", row.id)
            stream = case_stream(row.case_id) if row.case_id is not None else SYSTEM
            record(tx, stream, Happening(EventType.FAILED, now, outbox_id=row.id, detail={"what": "copy in Sent"}))
