"""The daemon: a thread for each station, a clock for the jobs, and an orderly end.

A station that commits work wakes the next one; timers are only the belt. A mailbox that fails is tried again with
growing pauses and disturbs no other.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import random
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from mailcase import config, jobs, post
from mailcase.app import App
from mailcase.mail.mailbox import Mailbox, MailboxDown, MailboxRefused
from mailcase.mail.oauth import token_source
from mailcase.mail.smtp import Smtp
from mailcase.reports import register_page
from mailcase.stations.fetch import fetch
from mailcase.stations.handle import handle
from mailcase.stations.send import send
from mailcase.stations.tidy import tidy
from mailcase.store import tables as t
from mailcase.store.db import free_leases
from mailcase.words import MailcaseError

log = logging.getLogger(__name__)
_ALARM_AFTER = timedelta(minutes=15)
_TICK = 20


@contextlib.contextmanager
def only_process(app: App) -> Iterator[None]:
    """On SQLite one daemon at a time; leases found then belong to the dead. Raises MailcaseError for a second one."""
    if not app.db.sqlite:
        yield
        return
    path = Path(f"{app.db.url.database}.lock")
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            raise MailcaseError(f"another mailcase runs on {path.with_suffix('')}: stop it first") from taken
        with app.db.tx() as tx:
            free_leases(tx, (t.mail, t.outbox))
        yield


def run(app: App, *, signals: bool = True) -> None:
    """Run until SIGTERM, SIGINT or `app.wake.stop`; each station finishes the row it is at."""
    app.prepare()
    jobs.installed(app)
    if signals:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: app.wake.halt())
    with only_process(app):
        threads = [threading.Thread(target=_endless, args=(app, *loop), name=loop[0]) for loop in _loops(app)]
        clock = BackgroundScheduler(timezone=app.config.calendar.timezone)
        clock.add_job(
            lambda: _guarded("jobs", lambda: bool(jobs.tick(app))),
            "interval",
            seconds=_TICK,
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
            next_run_time=app.now(),
        )
        for thread in threads:
            thread.start()
        clock.start()
        log.info("mailcase runs: mode=%s mailboxes=%d", app.config.mode, len(app.config.mailbox))
        app.wake.stop.wait()
        clock.shutdown(wait=True)
        for thread in threads:
            thread.join()
    log.info("mailcase stopped")


Step = Callable[[], bool]


def _loops(app: App) -> list[tuple[str, Step, threading.Event, float]]:
    """(name, one step: True where there is more to do at once, its wake-up, seconds between looks)."""
    smtp = Smtp(app.config.smtp, token_source(app.config.smtp, "smtp", app.token_store("smtp")))
    loops: list[tuple[str, Step, threading.Event, float]] = [
        ("handle", lambda: handle(app), app.wake.handle, 5.0),
        ("send", lambda: send(app, smtp), app.wake.send, 1.0),
        ("page", lambda: register_page.write_if_changed(app), app.wake.page, 5.0),
    ]
    for settings in app.config.mailbox:
        watcher = _Watcher(app, settings)
        loops.append((f"fetch:{settings.name}", watcher.step, app.wake.fetch, 0.0))
        loops.append((f"tidy:{settings.name}", _tidier(app, settings), app.wake.tidy, 30.0))
    return loops


def _endless(app: App, name: str, step: Step, wake: threading.Event, pause: float) -> None:
    while not app.wake.stop.is_set():
        # Cleared before the look, so that a wake-up during it is not lost.
        wake.clear()
        if _guarded(name, step) or app.wake.stop.is_set():
            continue
        if pause:
            wake.wait(pause)


def _guarded(name: str, step: Step) -> bool:
    """One step; a bug is logged with its traceback and the loop goes on. One of two broad excepts (style 13)."""
    try:
        return step()
    except MailcaseError as known:
        log.warning("%s: %s", name, known)
    except Exception:
        log.exception("%s failed; it goes on", name)
    return False


def _mailbox(app: App, settings: config.Mailbox) -> Mailbox:
    name = f"mailbox:{settings.name}"
    return Mailbox(settings, token_source(settings, name, app.token_store(name)))


class _Watcher:
    """Fetch of one mailbox: its connection, its pauses, its alarm."""

    def __init__(self, app: App, settings: config.Mailbox) -> None:
        self.app, self.settings = app, settings
        self.mailbox = _mailbox(app, settings)
        self.failures = 0
        self.last_good: datetime = app.now()

    def step(self) -> bool:
        """One pass over the folders, then wait for news; False always: the wait is inside."""
        try:
            new = fetch(self.app, self.mailbox, self.settings)
            if new:
                log.info("fetch %s new=%d", self.settings.name, new)
            self.failures, self.last_good = 0, self.app.now()
            self._wait()
        except MailboxRefused as refused:
            self._failed(refused, timedelta(minutes=5), at_once=True)
        except MailboxDown as down:
            self._failed(down, timedelta(seconds=min(300, 2**self.failures)))
        return False

    def _wait(self) -> None:
        pause = min(self.settings.poll, self.settings.idle_renew)
        if self.settings.idle and "IDLE" in self.mailbox.capabilities:
            self.mailbox.idle(pause, self.app.wake.stop)
        else:
            self.app.wake.stop.wait(pause.total_seconds())

    def _failed(self, why: MailcaseError, pause: timedelta, *, at_once: bool = False) -> None:
        """Drop the connection, wait with jitter; the duty person hears of a long failure once."""
        self.mailbox.close()
        self.failures += 1
        log.warning("fetch %s: %s", self.settings.name, why)
        if at_once or self.app.now() - self.last_good > _ALARM_AFTER:
            what = "Почта лаборатории не забирается"
            details = [f"Ящик {self.settings.name}.", f"Последний успех: {self._local()}.", str(why)[:300]]
            remedy = "Проверьте сервер и пароль: mailcase check. Письма ждут на сервере и не теряются."
            key = f"fetch:{self.settings.name}:{self.last_good:%Y-%m-%dT%H:%M}"
            with self.app.db.tx() as tx:
                post.alarm(tx, self.app.config, key, self.app.now(), (what, details, remedy))
            self.app.wake.send.set()
        self.app.wake.stop.wait(pause.total_seconds() * random.uniform(0.7, 1.3))

    def _local(self) -> str:
        return f"{self.last_good.astimezone(self.app.config.calendar.zone):%d.%m.%Y %H:%M}"


def _tidier(app: App, settings: config.Mailbox) -> Step:
    mailbox = _mailbox(app, settings)

    def step() -> bool:
        try:
            tidy(app, mailbox, settings)
        except (MailboxDown, MailboxRefused):
            mailbox.close()
            raise
        return False

    return step
