"""What a folder's UIDs mean: which letters lay there before the first start, and which are known by older numbers.

A server may number a folder anew at any time (UIDVALIDITY, RFC 3501 2.3.1.1, requirement C80).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import config
from mailcase.app import App
from mailcase.mail.mailbox import FolderState, Glance
from mailcase.mail.message import fields
from mailcase.stations import mailbox_alarms
from mailcase.store import intake
from mailcase.store.events import SYSTEM, Happening, record
from mailcase.words import EventType, FolderRole

WHOLE_EVERY = timedelta(days=1)
"""So often a folder is listed whole, for letters that appear under UIDs below those that were taken."""


def meet(tx: Connection, app: App, settings: config.Mailbox, role: FolderRole, state: FolderState) -> Row[Any]:
    """The folder's row under its present UIDVALIDITY; a first meeting is noted, of a new number somebody is told."""
    box = intake.folder(tx, settings.name, state.name, role)
    if box.uidvalidity == state.uidvalidity:
        return box
    marks: dict[str, Any] = {"uidvalidity": state.uidvalidity, "start_uidnext": state.uidnext, "low_water": 1}
    change = {"folder": box.id, "before": box.uidvalidity, "now": state.uidvalidity}
    if box.uidvalidity is None:
        record(tx, SYSTEM, Happening(EventType.WATCHED, app.now(), detail=change))
    # A first look that never got to its end (a full disk) took nothing of what came since.
    elif known_until := box.last_pass or intake.first_met(tx, box.id):
        marks["renumbered_after"] = known_until
        record(tx, SYSTEM, Happening(EventType.RENUMBERED, app.now(), detail=change))
        mailbox_alarms.renumbered(tx, app, settings, state.name, state)
    intake.set_folder(tx, box.id, **marks)
    return intake.folder(tx, settings.name, state.name, role)


def before_start(view: Connection, box: Row[Any], seen: dict[int, Glance]) -> dict[int, Glance]:
    """Those of the letters that lay in the folder before the first start, and are left alone."""
    old = {uid: glance for uid, glance in seen.items() if uid < box.start_uidnext}
    if box.renumbered_after is not None:
        return {uid: glance for uid, glance in old.items() if _recognised(view, box, glance)}
    if not any(_overlooked(box, uid) for uid in old):
        return old
    # The first list left them out: of those the date tells which came since.
    met = intake.first_met(view, box.id)
    came = {uid for uid, g in old.items() if _overlooked(box, uid) and met is not None and g.internal_date > met}
    return {uid: glance for uid, glance in old.items() if uid not in came}


def _recognised(view: Connection, box: Row[Any], glance: Glance) -> bool:
    """Whether a letter of a renumbered folder lay there before the first start."""
    if box.last_pass is None and glance.internal_date <= box.renumbered_after:
        # Nobody has noted what lay there: the first look did not get to its end, and the date is all that tells.
        return True
    return intake.was_before_start(view, box, glance.message_id, glance.size, glance.internal_date)


def _overlooked(box: Row[Any], uid: int) -> bool:
    """Whether a UID that is new to us lies below those that were settled: an earlier list left it out.

    Servers that allot UIDs at the same time list a later one first; others restore letters under old UIDs.
    """
    return bool(uid < box.low_water)


def found_late(box: Row[Any], uid: int, raw: bytes) -> bool:
    """Whether a letter was found only after the folder was renumbered, or when it was listed whole, and may be old.

    The first: older than the last good pass; the second: so old that an earlier whole list had it.
    """
    since = []
    if box.renumbered_after is not None and uid < box.start_uidnext:
        since.append(box.renumbered_after)
    if _overlooked(box, uid):
        since.append(box.last_pass - 2 * WHOLE_EVERY)
    return bool(since) and not _received_after(raw, max(since))


def _received_after(raw: bytes, moment: datetime) -> bool:
    """Whether the last server on the letter's way, which is ours, got it after that moment.

    The date of the mailbox cannot tell it: whoever copies a folder to another server may give every letter a new one.
    """
    top = next((value for name, value in fields(raw) if name == "received"), "")
    try:
        got = parsedate_to_datetime(top.rpartition(";")[2].strip())
    except (ValueError, TypeError, LookupError, OverflowError):
        return False
    return (got if got.tzinfo else got.replace(tzinfo=UTC)) > moment
