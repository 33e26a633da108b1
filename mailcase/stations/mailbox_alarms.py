"""What the duty person is told of a mailbox that is not as it should be: none of it loses a letter."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import config, post
from mailcase.app import App
from mailcase.mail.mailbox import FolderState, MailboxDown
from mailcase.words import FolderRole

_SHOWN = 50
"""So many UIDs are named in one alarm."""


def unread(tx: Connection, app: App, settings: config.Mailbox, role: FolderRole, fault: MailboxDown) -> None:
    """A folder beside INBOX cannot be read: once a day."""
    now = app.now()
    where = f"папка {settings.spam_folder}" if role is FolderRole.SPAM else "папка отправленных писем"
    details = [f"Ящик {settings.name}, {where}.", str(fault)[:300]]
    remedy = "Входящие письма забираются как обычно. Проверьте имя папки в config.toml: mailcase check."
    key = f"folder:{settings.name}:{role}:{_day(app)}"
    post.alarm(tx, app.config, key, now, ("Папка почтового ящика не читается", details, remedy))


def renumbered(tx: Connection, app: App, settings: config.Mailbox, name: str, state: FolderState) -> None:
    """The server changed the folder's UIDVALIDITY."""
    details = [f"Ящик {settings.name}, папка {name}: {state.exists} писем сверены по содержанию."]
    remedy = "Ничего делать не нужно: прежние письма узнаны, подтверждения по ним не отправляются."
    key = f"renumbered:{settings.name}:{name}:{state.uidvalidity}"
    post.alarm(tx, app.config, key, app.now(), ("Почтовый сервер перенумеровал папку", details, remedy))


def withheld(tx: Connection, app: App, box: Row[Any], uids: list[int]) -> None:
    """The server lists letters that it does not deliver: once a day, and again where it withholds another one."""
    now = app.now()
    shown = [*map(str, uids[:_SHOWN]), *([f"и ещё {len(uids) - _SHOWN}"] if len(uids) > _SHOWN else [])]
    details = [f"Ящик {box.mailbox}, папка {box.name}, UID: {', '.join(shown)}."]
    remedy = "Откройте папку в почтовой программе и перешлите эти письма на адрес лаборатории."
    which = hashlib.sha256(" ".join(map(str, uids)).encode()).hexdigest()[:12]
    key = f"pending:{box.id}:{box.uidvalidity}:{_day(app)}:{which}"
    post.alarm(tx, app.config, key, now, ("Почтовый сервер не отдаёт письма", details, remedy))


def _day(app: App) -> str:
    return f"{app.now().astimezone(app.config.calendar.zone):%Y-%m-%d}"
