"""Scheduled work: one file a job, found by a scan of this folder; each slot of a job runs once, whoever wakes first.

APScheduler only ticks. A job acts through verbs and outbox keys alone, so running half of it again is harmless, and
begins each transaction with `slot.fence`, so that one who overslept his claim changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from mailcase.app import App
from mailcase.config import Config
from mailcase.plugins import Registry
from mailcase.rules.deadline import workdays
from mailcase.store import tables as t
from mailcase.store.db import insert_once
from mailcase.words import LeaseLost

_LEASE = timedelta(minutes=10)
_INSTALLED = "installed"
Begins = Callable[[Config, date], date | None]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Slot:
    """One due run: `at` is its time, `since` that of the run before (or of the installation).

    `claim` is (job, slot, claim number) of whoever runs it; None where nobody else can.
    """

    at: datetime
    since: datetime
    now: datetime
    claim: tuple[str, str, int] | None = None

    def fence(self, tx: Connection) -> None:
        """Nobody else runs this slot until `tx` ends; raises LeaseLost where somebody does, and nothing is changed."""
        if self.claim is None:
            return
        mine = sa.select(t.job_run.c.job).where(_claimed(self.claim)).with_for_update()
        if tx.execute(mine).first() is None:
            raise LeaseLost(f"job {self.claim[0]} {self.claim[1]}: another process has taken it over")


@dataclass(frozen=True, slots=True)
class Job:
    """What runs, at which hour of which day, and how long it may take.

    `begins` tells the first day of the span (a day, a week, a month) that a day lies in: the job runs on the span's
    first working day. None: it does not run at all.
    """

    run: Callable[[App, Slot], None]
    hour: Callable[[Config], time]
    begins: Begins
    lease: timedelta = _LEASE


JOBS: Registry[Job] = Registry("mailcase.jobs")


def each_day(config: Config, day: date) -> date:
    """For a job of every working day."""
    return day


def each_week(config: Config, day: date) -> date:
    """For a job of the first working day of the week."""
    return day - timedelta(days=day.weekday())


def job(
    name: str, hour: Callable[[Config], time], *, begins: Begins = each_day, lease: timedelta = _LEASE
) -> Callable[[Callable[[App, Slot], None]], Callable[[App, Slot], None]]:
    """Decorator: run the function once in each span, at that hour of the laboratory's time zone."""

    def register(run: Callable[[App, Slot], None]) -> Callable[[App, Slot], None]:
        JOBS.add(name)(Job(run, hour, begins, lease))
        return run

    return register


def installed(app: App) -> datetime:
    """When this database was first used; no slot before it is made up for."""
    mark = app.now()
    with app.db.tx() as tx:
        insert_once(tx, t.job_run, {"job": _INSTALLED, "slot": "", "finished_at": mark})
        row = tx.execute(sa.select(t.job_run).where(t.job_run.c.job == _INSTALLED)).one()
    return row.finished_at or mark


def tick(app: App) -> list[str]:
    """Run every job whose slot of today is due and not done; the names of those that ran."""
    start = installed(app)
    now = app.now()
    done = []
    for name, entry in JOBS:
        at = due_slot(app.config, entry, now)
        if at is None or at <= start:
            continue
        slot = claim_slot(app, name, at, start, entry.lease)
        if slot is None:
            continue
        try:
            entry.run(app, slot)
            _finish(app, slot)
        except LeaseLost as lost:
            log.warning("%s", lost)
            continue
        log.info("job %s slot=%s", name, at.isoformat())
        done.append(name)
    return done


def due_slot(config: Config, entry: Job, now: datetime) -> datetime | None:
    """The slot of this day, week or month, where its hour has come and today is a working day.

    A missed 9:00 runs at 9:20, once; a missed Monday's job of the week on Tuesday.
    """
    local, calendar = now.astimezone(config.calendar.zone), workdays(config.calendar)
    day = local.date()
    if not calendar.is_working(day):
        return None
    first = entry.begins(config, day)
    if first is None:
        return None
    span = (first + timedelta(days=n) for n in range((day - first).days + 1))
    day = next(one for one in span if calendar.is_working(one))
    at = datetime.combine(day, entry.hour(config), config.calendar.zone)
    return at if at <= local else None


def claim_slot(app: App, name: str, at: datetime, start: datetime, lease: timedelta = _LEASE) -> Slot | None:
    """Claim the slot; None where somebody has it."""
    slot, now, run = at.isoformat(), app.now(), t.job_run.c
    with app.db.tx() as tx:
        insert_once(tx, t.job_run, {"job": name, "slot": slot})
        free = sa.and_(
            run.job == name,
            run.slot == slot,
            run.finished_at.is_(None),
            sa.or_(run.leased_until.is_(None), run.leased_until <= now),
        )
        taken = {"leased_until": now + lease, "claim_no": run.claim_no + 1}
        claim_no = tx.execute(sa.update(t.job_run).where(free).values(**taken).returning(run.claim_no)).scalar()
        if claim_no is None:
            return None
        before = sa.select(sa.func.max(run.slot)).where(run.job == name, run.finished_at.is_not(None))
        last = tx.execute(before).scalar()
    return Slot(at, datetime.fromisoformat(last) if last else start, now, (name, slot, claim_no))


def _claimed(claim: tuple[str, str, int]) -> sa.ColumnElement[bool]:
    job, slot, claim_no = claim
    return sa.and_(t.job_run.c.job == job, t.job_run.c.slot == slot, t.job_run.c.claim_no == claim_no)


def _finish(app: App, slot: Slot) -> None:
    with app.db.tx() as tx:
        slot.fence(tx)
        if slot.claim is not None:
            ended = {"finished_at": app.now(), "leased_until": None}
            tx.execute(sa.update(t.job_run).where(_claimed(slot.claim)).values(**ended))
    app.wake.send.set()
