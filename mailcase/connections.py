"""The mail servers as the daemon uses them for years: dialled again with growing pauses, with an alarm when it lasts.

Promises: a server, a disk or a database that fails is asked ever more rarely and never in a circle; a mailbox that
fails disturbs no other; while no letter can leave, only the one that is tried loses a try.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from mailcase import alarm_route, config, post
from mailcase.app import App
from mailcase.mail.mailbox import Mailbox, MailboxDown, MailboxRefused
from mailcase.mail.oauth import token_source
from mailcase.mail.smtp import Deferred, SendResult, Smtp
from mailcase.stations.fetch import fetch, fetch_whole
from mailcase.stations.fetch import lease_name as fetch_lease
from mailcase.stations.numbering import WHOLE_EVERY
from mailcase.stations.send import send
from mailcase.stations.tidy import tidy
from mailcase.store.db import said
from mailcase.store.events import SYSTEM, Happening, record
from mailcase.words import EventType, FolderRole, LeaseLost, MailcaseError

log = logging.getLogger(__name__)
_ALARM_AFTER = timedelta(minutes=15)
_LONGEST = 300.0
"""Seconds between tries of a server that has failed for long; after a refused login, between all tries."""
_STEADY = 60.0
"""Seconds that a connection must last after a good pass, or its end counts as one more failure."""
_STORAGE_TRIES = 3
_WHOLE_AGAIN = timedelta(hours=1)
"""Between tries of a list of a whole folder that fails."""
_TAKE_OVER = 15.0
"""Seconds between looks whether the process that watches a mailbox has died."""
_SMTP_REMEDY = "Письма ждут и не теряются. Проверьте сервер и пароль: mailcase check."


@dataclass
class Pauses:
    """Growing pauses after failures, in seconds: 1, 2, 4 … `longest`."""

    longest: float = _LONGEST
    failures: int = 0

    def next(self) -> float:
        """It failed once more: how long to wait now."""
        pause = min(self.longest, 2.0 ** min(self.failures, 16))
        self.failures += 1
        return pause

    def good(self) -> None:
        """It works again."""
        self.failures = 0


def mailbox_of(app: App, settings: config.Mailbox) -> Mailbox:
    """A mailbox that is not yet connected."""
    return Mailbox(settings, token_source(settings, f"mailbox:{settings.name}", app.token_store(settings.oauth)))


class Watcher:
    """Fetch of one mailbox: its connection, its pauses, its alarms."""

    def __init__(self, app: App, settings: config.Mailbox, mailbox: Mailbox | None = None) -> None:
        self.app, self.settings = app, settings
        self.mailbox = mailbox or mailbox_of(app, settings)
        self.lease = fetch_lease(settings)
        self.pauses = Pauses()
        self.last_good: datetime = app.now()
        self.whole_at: dict[FolderRole, datetime] = {}
        """When each folder is to be listed whole again; at once where nothing is said."""

    def step(self) -> bool:
        """One pass over the folders, then wait for news; False always: the wait is inside.

        Where another process watches the mailbox, only wait until it may have died.
        """
        try:
            if not self.app.leases.take(self.lease):
                self._stand_by()
                return False
            new = self._fetch()
            if new:
                log.info("fetch %s new=%d", self.settings.name, new)
            self._wait()
        except LeaseLost as lost:
            log.warning("%s", lost)
            self.mailbox.close()
        except MailboxRefused as refused:
            self._failed(refused, _LONGEST, self._unread(refused))
        except MailboxDown as down:
            long = self.app.now() - self.last_good > _ALARM_AFTER
            self._failed(down, self.pauses.next(), self._unread(down) if long else None)
        except (MailcaseError, OSError, SQLAlchemyError) as broken:
            pause = self.pauses.next()
            self._failed(broken, pause, self._unstored(broken) if self.pauses.failures >= _STORAGE_TRIES else None)
        return False

    def _fetch(self) -> int:
        """One pass; where a folder was listed whole after it, another for what came meanwhile, which ends at INBOX."""
        new = fetch(self.app, self.mailbox, self.settings)
        now = self.last_good = self.app.now()
        # A clock that was set back must not put it off.
        due = [role for role in FolderRole if not timedelta() < self.whole_at.get(role, now) - now <= WHOLE_EVERY]
        if not due or self.app.wake.stop.is_set():
            return new
        new += sum(self._fetch_whole(role) for role in due)
        return new + fetch(self.app, self.mailbox, self.settings)

    def _fetch_whole(self, role: FolderRole) -> int:
        """List a folder whole; where that fails, new letters are taken as ever, and it is tried again later."""
        now = self.app.now()
        self.whole_at[role] = now + _WHOLE_AGAIN
        try:
            new = fetch_whole(self.app, self.mailbox, self.settings, role)
        except MailboxDown as fault:
            log.warning("fetch %s: the whole list of the folder of role %s: %s", self.settings.name, role, fault)
            return 0
        self.whole_at[role] = now + WHOLE_EVERY
        return new

    def _stand_by(self) -> None:
        self.mailbox.close()
        # Whoever watches it tells of its faults; ours begin when we do.
        self.last_good = self.app.now()
        self.pauses.good()
        self.app.wake.stop.wait(_TAKE_OVER * random.uniform(0.7, 1.3))

    def _wait(self) -> None:
        began = time.monotonic()
        pause = min(self.settings.poll, self.settings.idle_renew)
        try:
            if self.settings.idle and "IDLE" in self.mailbox.capabilities:
                self.mailbox.idle(pause, self.app.wake.stop)
            else:
                self.app.wake.stop.wait(pause.total_seconds())
        except MailboxDown:
            if time.monotonic() - began >= _STEADY:
                self.pauses.good()
            raise
        self.pauses.good()

    def _failed(self, why: Exception, pause: float, alarm: _Alarm | None) -> None:
        """Drop the connection, tell of a long failure once a day, and wait with jitter."""
        self.mailbox.close()
        if self.app.wake.stop.is_set():
            return
        # Another process may have the way that we have not.
        self.app.leases.give_back(self.lease)
        log.warning("fetch %s: %s", self.settings.name, said(why))
        if alarm is not None:
            self._tell(alarm)
        self.app.wake.stop.wait(pause * random.uniform(0.7, 1.3))

    def _tell(self, alarm: _Alarm) -> None:
        now = self.app.now()
        key = f"{alarm.about}:{self.settings.name}:{now.astimezone(self.app.config.calendar.zone):%Y-%m-%d}"
        text = (alarm.what, [*alarm.details], alarm.remedy)
        cause = f"{alarm.about}:{self.settings.name}"
        try:
            with self.app.db.tx() as tx:
                # Where nothing can be stored no letter can be sent either: it is stored before it leaves.
                post.alarm(tx, self.app.config, key, now, text, grave=cause if alarm.about == "storage" else "")
        except (MailcaseError, OSError, SQLAlchemyError) as gone:
            # The disk that takes no letters takes no alarm either.
            log.error("nobody can be told by mail that fetch %s fails: %s", self.settings.name, said(gone))
            alarm_route.tell(self.app.config, cause, now, f"{alarm.what}. {alarm.remedy}")
        self.app.wake.send.set()

    def _unread(self, why: Exception) -> _Alarm:
        remedy = "Проверьте сервер и пароль: mailcase check. Письма ждут на сервере и не теряются."
        return _Alarm("fetch", "Почта лаборатории не забирается", self._details(why), remedy)

    def _unstored(self, why: Exception) -> _Alarm:
        remedy = "Проверьте свободное место и права на папку хранения. Письма ждут на почтовом сервере и не теряются."
        return _Alarm("storage", "Письма не записываются на диск", self._details(why), remedy)

    def _details(self, why: Exception) -> tuple[str, ...]:
        last = f"{self.last_good.astimezone(self.app.config.calendar.zone):%d.%m.%Y %H:%M}"
        return (f"Ящик {self.settings.name}.", f"Последний успех: {last}.", said(why))


@dataclass(frozen=True)
class _Alarm:
    """What the duty person is told, in Russian; `about` makes the key."""

    about: str
    what: str
    details: Sequence[str]
    remedy: str


class Tidier:
    """Tidying of one mailbox, over a connection of its own."""

    def __init__(self, app: App, settings: config.Mailbox, mailbox: Mailbox | None = None) -> None:
        self.app, self.settings = app, settings
        self.mailbox = mailbox or mailbox_of(app, settings)
        self.pauses = Pauses()

    def step(self) -> bool:
        """Tidy what is due; after a failure wait here. False always."""
        try:
            tidy(self.app, self.mailbox, self.settings)
            self.pauses.good()
        except LeaseLost as lost:
            log.warning("%s", lost)
            self.mailbox.close()
        except (MailcaseError, OSError, SQLAlchemyError) as failed:
            self.mailbox.close()
            pause = _LONGEST if isinstance(failed, MailboxRefused) else self.pauses.next()
            log.warning("tidy %s: %s", self.settings.name, said(failed))
            self.app.wake.stop.wait(pause * random.uniform(0.7, 1.3))
        return False


class Line(Smtp):
    """The SMTP connection, which remembers how the last letter went."""

    last: SendResult | None = None

    def send(self, envelope_from: str, to: Sequence[str], raw: bytes) -> SendResult:
        """As Smtp.send."""
        self.last = super().send(envelope_from, to, raw)
        return self.last


class Sender:
    """Sending, which rests as a whole while the server cannot be used: each try costs one letter a try."""

    def __init__(self, app: App, line: Line) -> None:
        self.app, self.line = app, line
        self.pauses = Pauses()
        self.rests_until = app.now()
        self.down_since: datetime | None = None
        self._told = False

    def step(self) -> bool:
        """Send what is due, unless the server is given its rest; True where more may be due at once."""
        # A clock that was set back must not lengthen the rest.
        if timedelta() < self.rests_until - self.app.now() <= timedelta(seconds=_LONGEST):
            return False
        self.line.last = None
        more = send(self.app, self.line)
        self.line.idle_close(time.monotonic())
        match self.line.last:
            case Deferred(connection=True) as away:
                self._away(away)
                return False
            case None:
                return more
        if self.down_since is not None:
            log.info("send: the server takes letters again, after %s", self.app.now() - self.down_since)
        self.down_since, self._told = None, False
        self.pauses.good()
        return more

    def _since(self) -> str:
        since = self.down_since or self.app.now()
        return f"{since.astimezone(self.app.config.calendar.zone):%d.%m.%Y %H:%M}"

    def _away(self, result: Deferred) -> None:
        """Rest; whoever reads the log hears of it at once, and the record keeps what lasts long."""
        now = self.app.now()
        self.rests_until = now + timedelta(seconds=self.pauses.next())
        if self.down_since is None:
            self.down_since = now
            log.warning("send: no letter can leave, trying again: %s", result.why)
        if not self._told and now - self.down_since > _ALARM_AFTER:
            log.error("send: no letter has left since %s: %s", self.down_since.isoformat(), result.why)
            # No letter could tell it; `mailcase check --alive` shows what waits.
            text = f"Письма не уходят с {self._since()}: почтовый сервер недоступен. {_SMTP_REMEDY}"
            alarm_route.tell(self.app.config, "smtp", now, text)
            with self.app.db.tx() as tx:
                since = self.down_since.isoformat()
                record(tx, SYSTEM, Happening(EventType.ALARM, now, detail={"key": "smtp", "since": since}))
            self._told = True
