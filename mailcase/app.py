"""Config and the seams: database, raw letters, mailboxes, SMTP, clock. The one place where real things are chosen."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from mailcase.config import Config, OAuth
from mailcase.language_model import LanguageModel
from mailcase.mail.compose import Composer
from mailcase.reading import Inline, Reader
from mailcase.store import migrations
from mailcase.store import tables as t
from mailcase.store.alone import alone
from mailcase.store.clock import DatabaseClock
from mailcase.store.db import Database, insert_once, lock_ids
from mailcase.store.leases import Leases
from mailcase.store.raw import RawStore
from mailcase.today import Today
from mailcase.words import MailcaseError


def clock() -> datetime:
    """The wall clock, aware UTC; everything below takes the time as a value."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Wakes:
    """Who is to look at once: a station that commits work wakes the next; timers are the belt.

    Of other processes the triggers of PostgreSQL tell (`store/triggers.py`), and `store/listen.py` sets these events.
    """

    fetch: threading.Event = field(default_factory=threading.Event)
    handle: threading.Event = field(default_factory=threading.Event)
    send: threading.Event = field(default_factory=threading.Event)
    tidy: threading.Event = field(default_factory=threading.Event)
    page: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)

    def by_station(self) -> dict[str, threading.Event]:
        """Those that other processes may set."""
        return {"handle": self.handle, "send": self.send, "tidy": self.tidy, "page": self.page}

    def halt(self) -> None:
        """Ask every station to finish its row and stop."""
        self.stop.set()
        for event in (self.fetch, self.handle, self.send, self.tidy, self.page):
            event.set()


@dataclass(frozen=True)
class App:
    """What stations, commands and jobs are given."""

    given: Config
    """The configuration as it was read."""
    db: Database
    raw: RawStore
    composer: Composer
    reader: Reader
    leases: Leases
    language_model: LanguageModel
    today: Today
    now: Callable[[], datetime] = clock
    wake: Wakes = field(default_factory=Wakes)

    @property
    def config(self) -> Config:
        """The configuration of today: who is away, or has no order, gets nothing (A5)."""
        return self.today.config(self.now())

    @staticmethod
    def build(config: Config, now: Callable[[], datetime] | None = None) -> App:
        """Open the stores that the config names; connects to no mail server.

        Without `now` it is the time of the wall clock, or of the PostgreSQL that several processes share.
        """
        db = Database(config.store.url.get_secret_value())
        raw = RawStore(config.folder / config.store.raw)
        composer = Composer(config.templates, config.calendar.zone)
        time = now or (clock if db.sqlite else DatabaseClock(db))
        second = LanguageModel(config.language_model, time)
        reader, leases = Inline(config), Leases(db, time)
        return App(config, db, raw, composer, reader, leases, second, Today(config, db), time)

    def prepare(self) -> None:
        """Bring the database up to date and the employees into it; harmless to repeat."""
        migrations.upgrade(self.db)
        self._mirror_employees()

    def prepare_beside(self, *, upgrade: bool = False) -> None:
        """Prepare where a daemon may be running: with `upgrade` a SQLite database is changed only where none is.

        Raises MailcaseError for such a daemon, and without `upgrade` for a database that is not up to date.
        """
        if not migrations.behind(self.db):
            self._mirror_employees()
            return
        if migrations.version(self.db) is not None and not upgrade:
            raise MailcaseError(migrations.BEHIND)
        with alone(self.db):
            self.prepare()

    def _mirror_employees(self) -> None:
        """Copy the configured employees into their table; people of the first start are the founding ones."""
        with self.db.tx() as tx:
            # Two processes that start at once must not both find that nobody is there yet.
            lock_ids(tx, ("employees",))
            founding = tx.execute(sa.select(sa.func.count()).select_from(t.employee)).scalar_one() == 0
            for person in self.given.employee:
                row = {
                    "name": person.name,
                    "position": person.position,
                    "phone": person.phone,
                    "address": person.email,
                    "active": person.active,
                }
                if not insert_once(tx, t.employee, {"login": person.login, "founding": founding, **row}):
                    tx.execute(sa.update(t.employee).where(t.employee.c.login == person.login).values(**row))

    def token_store(self, oauth: OAuth) -> tuple[Callable[[], str], Callable[[str], None]]:
        """Load and save a rotated refresh token, in one transaction each (a token lost is a mailbox lost).

        Whoever is configured with the same token shares its place: what one of them got, the others need.
        """
        given = (oauth.token_url, oauth.client_id, oauth.refresh_token.get_secret_value())
        name = hashlib.sha256("\n".join(given).encode()).hexdigest()

        def load() -> str:
            with self.db.read() as view:
                return view.execute(sa.select(t.token.c.value).where(t.token.c.name == name)).scalar() or ""

        def save(value: str) -> None:
            with self.db.tx() as tx:
                fresh = {"name": name, "value": value, "updated_at": self.now()}
                if not insert_once(tx, t.token, fresh):
                    tx.execute(sa.update(t.token).where(t.token.c.name == name).values(**fresh))

        return load, save
