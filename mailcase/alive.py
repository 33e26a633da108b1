"""Does the daemon work? The single question of a monitor: is anything older than it may be?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from mailcase.app import App
from mailcase.config import Config
from mailcase.store import outbox
from mailcase.store import tables as t
from mailcase.store.indexes import NEW_MAIL
from mailcase.words import FolderRole

_LIMIT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Alive:
    """One line for the monitor, and whether all is well."""

    well: bool
    text: str


def alive(app: App) -> Alive:
    """The last good pass of each mailbox, the oldest letter not yet handled, the oldest not yet sent."""
    now = app.now()
    with app.db.read() as view:
        told = [
            *_passes(view, app.config, now),
            _waiting("not handled", _oldest_new(view), now),
            _waiting("not sent", outbox.oldest_queued(view, now, _LIMIT), now),
        ]
    well = all(fine for fine, _ in told)
    return Alive(well, f"{'alive' if well else 'NOT ALIVE'}: {', '.join(said for _, said in told)}")


def _passes(view: Connection, config: Config, now: datetime) -> Iterator[tuple[bool, str]]:
    f = t.folder.c
    for settings in config.mailbox:
        inbox = sa.and_(f.mailbox == settings.name, f.name == settings.inbox, f.role == FolderRole.INBOX)
        last = view.execute(sa.select(f.last_pass).where(inbox)).scalar()
        # Whoever asked to be looked at once in an hour is not dead after a quarter of it.
        fine = last is not None and now - last <= max(_LIMIT, 2 * settings.poll)
        yield fine, f"fetch {settings.name} {_ago(last, now) if last else 'never'}"


def _oldest_new(view: Connection) -> datetime | None:
    return view.execute(sa.select(t.mail.c.entered_at).where(NEW_MAIL).order_by(t.mail.c.id).limit(1)).scalar()


def _waiting(what: str, since: datetime | None, now: datetime) -> tuple[bool, str]:
    if since is None:
        return True, f"{what} none"
    return now - since <= _LIMIT, f"{what} for {_ago(since, now).removesuffix(' ago')}"


def _ago(moment: datetime, now: datetime) -> str:
    seconds = max(0, int((now - moment).total_seconds()))
    return f"{seconds} s ago" if seconds < 120 else f"{seconds // 60} min ago"
