"""The daemon: a thread for each station, a clock for the jobs, and an orderly end.

A station that commits work wakes the next one; timers are only the belt. Whatever fails is tried again with growing
pauses and disturbs no other. On PostgreSQL any number of processes share the work, each with all stations or with some.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from apscheduler.schedulers.background import BackgroundScheduler

from mailcase import jobs
from mailcase.app import App
from mailcase.connections import Line, Pauses, Sender, Tidier, Watcher
from mailcase.mail.oauth import token_source
from mailcase.models import Models
from mailcase.reading import own_models
from mailcase.reading_process import ReadingProcess
from mailcase.reports import register_page
from mailcase.rules import deadline
from mailcase.stations import model_alarm
from mailcase.stations.handle import handle
from mailcase.stations.stall_alarm import StallAlarm
from mailcase.store import migrations
from mailcase.store import tables as t
from mailcase.store.alone import alone
from mailcase.store.claims import free_leases
from mailcase.store.db import said
from mailcase.store.indexes import DUE, NEW_MAIL
from mailcase.store.leases import RENEW
from mailcase.store.listen import Listener
from mailcase.store.outage import away
from mailcase.words import Kind, MailcaseError

log = logging.getLogger(__name__)
STATIONS = ("fetch", "handle", "send", "tidy")
_TICK = 20
_PAGE_REST = 2.0
"""Seconds in which the register page is not written twice."""
_AFTER_BUGS = 60.0


@contextlib.contextmanager
def only_process(app: App) -> Iterator[None]:
    """On SQLite one daemon at a time; leases found then belong to the dead. Raises MailcaseError for a second one.

    The database is brought up to date inside: a second one must not change it under the first.
    """
    with alone(app.db):
        migrations.upgrade_apart(app.db)
        app.prepare()
        if app.db.sqlite:
            with app.db.tx() as tx:
                free_leases(tx, {t.mail: NEW_MAIL, t.outbox: DUE, t.job_run: t.job_run.c.finished_at.is_(None)})
        yield


def run(app: App, stations: Collection[str] = STATIONS, *, signals: bool = True) -> None:
    """Run until SIGTERM, SIGINT or `app.wake.stop`; each station finishes the row it is at.

    Jobs and the register page belong to every process, whatever its stations: one at a time does them. Raises
    MailcaseError for a station that there is not, and on SQLite where another process runs.
    """
    if not stations or not set(stations) <= set(STATIONS):
        raise MailcaseError(f"no such stations: {', '.join(stations) or 'none'}; choose from {', '.join(STATIONS)}")
    app = replace(app, reader=ReadingProcess(app.config))
    if signals:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: app.wake.halt())
    # The calendar is loaded late, and takes longer than a letter: a process killed over it must cost no letter a death.
    deadline.due(Kind.CORRESPONDENCE, app.now(), app.config)
    with only_process(app):
        jobs.installed(app)
        threads = [threading.Thread(target=_endless, args=(app, *loop), name=loop[0]) for loop in _loops(app, stations)]
        clock = BackgroundScheduler(timezone=app.config.calendar.timezone)
        # Each apart: a job that hangs must not keep anybody from hearing that a station does.
        for step in ticks(app):
            clock.add_job(
                step,
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
        count = len(app.config.mailbox)
        log.info("mailcase runs: mode=%s mailboxes=%d stations=%s", app.config.mode, count, ",".join(stations))
        app.wake.stop.wait()
        app.wake.halt()
        clock.shutdown(wait=True)
        for thread in threads:
            thread.join()
        app.leases.give_back()
        app.reader.stop()
    log.info("mailcase stopped")


Step = Callable[[], bool]


Loop = tuple[str, Step, threading.Event, float]
"""(name, one step: True where there is more to do at once, its wake-up, seconds between looks)"""


def _loops(app: App, stations: Collection[str]) -> list[Loop]:
    smtp, wake = app.config.smtp, app.wake
    line = Line(smtp, token_source(smtp, "smtp", app.token_store(smtp.oauth)))
    loops: list[Loop] = [
        ("handle", lambda: handle(app), wake.handle, 5.0),
        ("send", Sender(app, line).step, wake.send, 1.0),
        ("page", lambda: _page(app), wake.page, 5.0),
    ]
    for settings in app.config.mailbox:
        loops.append((f"fetch:{settings.name}", Watcher(app, settings).step, wake.fetch, 0.0))
        loops.append((f"tidy:{settings.name}", Tidier(app, settings).step, wake.tidy, 30.0))
    if not app.db.sqlite:
        loops.append(("listen", Listener(app.db, wake.by_station()).step, threading.Event(), 0.0))
        loops.append(("leases", lambda: _renew(app), threading.Event(), 0.0))
    left_out = set(STATIONS) - set(stations)
    return [loop for loop in loops if loop[0].partition(":")[0] not in left_out]


def ticks(app: App) -> tuple[Callable[[], object], ...]:
    """What the clock does every few seconds; none of it raises."""
    models, stalls = own_models(app.config), StallAlarm(app)
    return lambda: _ticked(app, models), lambda: _guarded("stalls", stalls.look)


def _ticked(app: App, models: Models) -> None:
    _guarded("jobs", lambda: bool(jobs.tick(app)))
    _guarded("model", lambda: model_alarm.tell(app, models))


def _renew(app: App) -> bool:
    app.leases.renew()
    app.wake.stop.wait(RENEW)
    return False


def _page(app: App) -> bool:
    """Write the page, then rest: a change meanwhile leaves its wake-up set, and is on the page right after."""
    if app.config.page.folder is not None and app.leases.take("page"):
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
    except Exception as error:
        if away(error):
            log.warning("%s: the storage cannot be used: %s", name, said(error))
        else:
            log.exception("%s failed; it goes on", name)
    return None
