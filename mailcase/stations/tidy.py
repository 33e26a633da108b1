"""Station 4: the last touch in the mailbox, after everything is committed: mark or move what was handled, file
copies of what was sent. Every step may be repeated; nothing is ever expunged but by its own UID."""

from __future__ import annotations

import logging
from itertools import groupby
from typing import Any

from sqlalchemy import Row

from mailcase import config
from mailcase.app import App
from mailcase.mail.mailbox import Mailbox
from mailcase.store import intake, outbox

log = logging.getLogger(__name__)


def tidy(app: App, mailbox: Mailbox, settings: config.Mailbox) -> int:
    """Tidy one mailbox; how many letters were touched. Raises MailboxDown and MailboxRefused."""
    done = _handled(app, mailbox, settings)
    if settings.save_sent and settings == app.config.mailbox[0]:
        done += _sent_copies(app, mailbox)
    return done


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
    with app.db.tx() as tx:
        intake.tidied(tx, [row.id for row in mine], app.now())


def _sent_copies(app: App, mailbox: Mailbox) -> int:
    with app.db.read() as view:
        rows = outbox.uncopied(view)
    if not rows:
        return 0
    mailbox.connect()
    folder = mailbox.sent_folder()
    for row in rows:
        # Some providers file a copy by themselves, and a crash may have come after our own APPEND.
        if folder and not mailbox.has_message(folder, row.message_id):
            mailbox.append(folder, app.raw.get(row.sha256), row.sent_at)
        with app.db.tx() as tx:
            outbox.copied(tx, row.id)
    return len(rows)
