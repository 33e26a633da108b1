"""The daemon: a thread for each station, a clock for the jobs, and an orderly end.

A station that commits work wakes the next one; timers are only the belt. Whatever fails is tried again with growing
pauses and disturbs no other.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from mailcase import jobs
from mailcase.app import App
from mailcase.connections import Line, Pauses, Sender, Tidier, Watcher
from mailcase.mail.oauth import token_source
from mailcase.reading_process import ReadingProcess
from mailcase.reports import register_page
from mailcase.stations.handle import handle
from mailcase.store import tables as t
from mailcase.store.db import free_leases
from mailcase.words import MailcaseError

log = logging.getLogger(__name__)
_TICK = 20
_PAGE_REST = 2.0
"""Seconds in which the register page is not written twice."""
_AFTER_BUGS = 60.0


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
    app = replace(app, reader=ReadingProcess(app.config))
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
        app.wake.halt()
        clock.shutdown(wait=True)
        for thread in threads:
            thread.join()
        app.reader.stop()
    log.info("mailcase stopped")


Step = Callable[[], bool]


def _loops(app: App) -> list[tuple[str, Step, threading.Event, float]]:
    """(name, one step: True where there is more to do at once, its wake-up, seconds between looks)."""
    smtp = app.config.smtp
    line = Line(smtp, token_source(smtp, "smtp", app.token_store(smtp.oauth)))
    loops: list[tuple[str, Step, threading.Event, float]] = [
        ("handle", lambda: handle(app), app.wake.handle, 5.0),
        ("send", Sender(app, line).step, app.wake.send, 1.0),
        ("page", lambda: _page(app), app.wake.page, 5.0),
    ]
    for settings in app.config.mailbox:
        loops.append((f"fetch:{settings.name}", Watcher(app, settings).step, app.wake.fetch, 0.0))
        loops.append((f"tidy:{settings.name}", Tidier(app, settings).step, app.wake.tidy, 30.0))
    return loops


def _page(app: App) -> bool:
    """Write the page, then rest: a change meanwhile leaves its wake-up set, and is on the page right after."""
    register_page.write_if_changed(app)
    app.wake.stop.wait(_PAGE_REST)
    return False


def _endless(app: App, name: str, step: Step, wake: threading.Event, pause: float) -> None:
    pauses = Pauses(_AFTER_BUGS)
    while not app.wake.stop.is_set():
        # Cleared before the look, so that a wake-up during it is not lost.
        wake.clear()
        more = _guarded(name, step)
        if more is None:
            app.wake.stop.wait(pauses.next())
            continue
        pauses.good()
        if pause and not more and not app.wake.stop.is_set():
            wake.wait(pause)


def _guarded(name: str, step: Step) -> bool | None:
    """One step; None where it failed: a bug is logged with its traceback and the loop goes on.

    One of two broad excepts (style 13).
    """
    try:
        return step()
    except MailcaseError as known:
        log.warning("%s: %s", name, known)
    except Exception:
        log.exception("%s failed; it goes on", name)
    return None
