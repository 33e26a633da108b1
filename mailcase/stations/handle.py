"""Station 2: a stored letter becomes what it becomes. Parse, gather facts, decide, apply, one commit.

A letter that cannot be handled is tried again a bounded number of times and then becomes a case for a person.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.exc import SQLAlchemyError

from mailcase.app import App
from mailcase.mail.letter import parse
from mailcase.reading import Read, Unreadable, Wanted
from mailcase.rules import deadline
from mailcase.rules.decide import decide
from mailcase.rules.decision import Command, Decided, Drop, FollowUp, Judgement, Quarantine, Reason
from mailcase.rules.facts import Facts
from mailcase.rules.people import by_address
from mailcase.rules.thread import names
from mailcase.stations.apply import apply
from mailcase.stations.facts import gather
from mailcase.stations.work import Result, Work
from mailcase.store import cases, known
from mailcase.store import tables as t
from mailcase.store.claims import claim, given_back, guarded, settle
from mailcase.store.db import lock_ids, said
from mailcase.store.events import canonical
from mailcase.store.indexes import NEW_MAIL
from mailcase.words import DropReason, FolderRole, Kind, MailcaseError, MailStatus, Outcome, StorageDown

log = logging.getLogger(__name__)
_BATCH = 20
_COPIES = (DropReason.DUPLICATE, DropReason.SPAM, DropReason.SENT)
"""Dropped for where they lay or as copies: the same letter coming in another way is judged on its own."""
_LEASE = timedelta(minutes=5)
_GROUP = 5
"""Letters whose outcomes one commit keeps: others wait for the database meanwhile."""
_Group = list[tuple[Row[Any], Read | Unreadable]]


def handle(app: App, only: Sequence[int] = ()) -> bool:
    """Handle new letters (or only those ids), oldest first; True where more may be waiting."""
    due = [NEW_MAIL, _elder_is_handled(app.config.limits.tries)]
    if only:
        due.append(t.mail.c.id.in_(only))
    # Before anything is claimed: where no letter can be read, none is to blame.
    app.raw.check()
    app.reader.start()
    with app.db.tx() as tx:
        rows = claim(tx, t.mail, due, now=app.now(), lease=_LEASE, limit=_BATCH)
    with given_back(app.db, t.mail, rows):
        _handle_all(app, rows)
    if rows:
        app.wake.page.set()
        app.wake.tidy.set()
    return bool(rows)


def _handle_all(app: App, rows: list[Row[Any]]) -> None:
    """One after the other, while the next ones are being read; what is not begun is given back."""
    readings = app.reader.read([_wanted(app, row) for row in rows])
    left = deque(rows)
    try:
        while left and not app.wake.stop.is_set():
            waiting = len(left)
            group = _read_ahead(app, left, readings)
            if len(left) == waiting:
                break
            _handle_group(app, group)
            # Whoever is answered waits for no letter that is still being read.
            app.wake.send.set()
    finally:
        app.db.give_back(t.mail, list(left))


def _read_ahead(app: App, left: deque[Row[Any]], readings: Iterator[Read | Unreadable]) -> _Group:
    """The next letter with what it says, and those after it that are read already, taken out of `left`.

    None are taken where nothing can be read any more.
    """
    group: _Group = []
    while left and len(group) < _GROUP and (not group or app.reader.ready()):
        with guarded(app.db, t.mail, left[0], app.now()):
            reading = next(readings, None)
            if reading is None:
                break
            group.append((left[0], reading))
        left.popleft()
    return group


def _handle_group(app: App, group: _Group) -> None:
    """Handle letters that are read, in one commit where the database gains by it; where that fails, each alone."""
    if len(group) > 1 and not any(_stands_alone(app, reading) for _, reading in group):
        try:
            with app.db.grouped():
                for row, reading in group:
                    _handle_guarded(app, row, reading)
        except (SQLAlchemyError, StorageDown, OSError) as error:
            # An outage of one letter's file is known by this, too: it rests, and the others go on.
            log.warning("letters are handled again, one by one: %s", said(error))
        else:
            return
    for row, reading in group:
        _handle_guarded(app, row, reading)


def _stands_alone(app: App, reading: Read | Unreadable) -> bool:
    """An employee may tell who is away, which nobody sees before the commit; no slow model may hold the database."""
    config = app.config
    staff = isinstance(reading, Read) and by_address(config, reading.letter.sender.addr) is not None
    return staff or bool(config.language_model.url)


def _handle_guarded(app: App, row: Row[Any], reading: Read | Unreadable) -> None:
    with guarded(app.db, t.mail, row, app.now()):
        if _is_poison(app, row):
            _set_aside(app, row, reading)
        else:
            _handle_one(app, row, reading)


def _wanted(app: App, row: Row[Any]) -> Wanted:
    return Wanted(app.raw.path(row.sha256), row.truncated, top=_is_poison(app, row))


def _is_poison(app: App, row: Row[Any]) -> bool:
    """It has killed or failed too often: nothing but its top is read any more."""
    return bool(row.deaths > app.config.limits.deaths or row.tries >= app.config.limits.tries)


@lru_cache
def _elder_is_handled(tries: int) -> sa.ColumnElement[bool]:
    """The letter names no Message-ID of an older one that is still new: that one first, or both open a case.

    An elder that cannot even be set aside holds its thread back no longer.
    """
    elder = t.mail.alias("elder")
    named = t.mail_ref.join(elder, elder.c.message_id == t.mail_ref.c.message_id)
    waits = sa.and_(t.mail_ref.c.mail_id == t.mail.c.id, elder.c.id < t.mail.c.id, elder.c.status == MailStatus.NEW)
    waits = sa.and_(waits, elder.c.tries <= tries)
    # Counted letter by letter, as PostgreSQL may answer an EXISTS by joining all ids that letters ever named.
    return sa.select(sa.func.count()).select_from(named).where(waits).correlate(t.mail).scalar_subquery() == 0


def _handle_one(app: App, row: Row[Any], reading: Read | Unreadable) -> None:
    """One claimed letter: its outcome, and everything that it causes."""
    if isinstance(reading, Unreadable):
        raise MailcaseError(reading.why)
    letter = reading.letter
    # Before the transaction: a slow server must not hold the database.
    judged = reading.judged if _has_case(row) else _second_opinion(app, row, reading)
    with app.db.tx() as tx:
        # Siblings that share only an unseen root must not open a case each (seen with two workers).
        lock_ids(tx, (*names(letter), letter.fingerprint))
        decided = (
            _again(row) if _has_case(row) else decide(letter, gather(tx, app, row, letter, judged), app.config, judged)
        )
        _finish(tx, Work(app, tx, row, letter, app.now()), decided, MailStatus.DONE)
    if isinstance(decided.decision, Command):
        # It may have said who is away, and nobody could see that before the commit.
        app.today.forget()


def _second_opinion(app: App, row: Row[Any], reading: Read) -> Judgement:
    if not app.config.language_model.url:
        return reading.judged
    facts = Facts(app.now(), row.received_at, role=FolderRole(row.role), history=row.history)
    return app.language_model.second_opinion(reading.letter, reading.judged, facts, app.config)


def _has_case(row: Row[Any]) -> bool:
    """Set aside once, with a case from its envelope, and now judged anew (`mailcase replay`)."""
    return row.outcome == Outcome.QUARANTINE and row.case_id is not None


def _again(row: Row[Any]) -> Decided:
    """The case stays, and whoever has it gets what could not be read before."""
    why = Reason("replay", "письмо прочитано заново, обращение прежнее")
    return Decided(FollowUp(row.case_id, quiet=row.history), (why,))


def _set_aside(app: App, row: Row[Any], top: Read | Unreadable) -> None:
    """A letter that kills or fails again and again: a case from its envelope, for the duty person (pain 7).

    Where even its bytes are gone, the case is made of what the ledger knows.
    """
    if _has_case(row):
        with app.db.tx() as tx:
            settle(tx, t.mail, row, status=MailStatus.QUARANTINED, deaths=0)
        return
    # Whatever it is that even its top does to the database: the case is opened without it.
    failed = row.tries > app.config.limits.tries + 1
    letter = top.letter if isinstance(top, Read) and not failed else parse(b"", truncated=True)
    terms = deadline.due(Kind.CORRESPONDENCE, row.received_at, app.config)
    error = row.error or f"the program died on it {row.deaths - 1} times"
    why = Reason("quarantine", f"письмо не удалось разобрать: {error[:200]}")
    decided = Decided(Quarantine(app.config.lab.duty, terms.due_at, error), (why,))
    with app.db.tx() as tx:
        _finish(tx, Work(app, tx, row, letter, app.now()), decided, MailStatus.QUARANTINED)


def _finish(tx: Connection, work: Work, decided: Decided, status: MailStatus) -> None:
    """Everything the letter causes and its outcome, in one commit (T2b)."""
    result = apply(work, decided)
    twin = _joined_twin(work)
    outcome = decided.decision.outcome
    dropped = decided.decision.reason if isinstance(decided.decision, Drop) else None
    letter = work.letter
    settle(
        tx,
        t.mail,
        work.mail,
        status=status,
        outcome=outcome,
        drop_reason=dropped,
        reasons=canonical([{"rule": r.rule, "why": r.why} for r in decided.reasons]),
        fingerprint=letter.fingerprint,
        original=dropped not in _COPIES and status is MailStatus.DONE and twin is None,
        message_id=letter.message_id,
        from_address=letter.sender.addr,
        from_name=letter.sender.name,
        subject=letter.subject,
        lang="en" if letter.lang == "en" else "ru",
        case_id=result.case_id,
        part=result.part,
        held=result.held,
        error=None,
        next_try_at=None,
        deaths=0,
        handled_at=work.now,
    )
    _log(work, outcome, result, decided)


def _joined_twin(work: Work) -> Row[Any, Any] | None:
    """A copy that came while the letter was set aside is the original, maybe with a case, which is linked with ours."""
    if not _has_case(work.mail):
        return None
    twin = known.original(work.tx, work.letter.fingerprint, work.mail.id)
    if twin is not None and twin.case_id not in (None, work.mail.case_id):
        cases.join(work.tx, work.mail.case_id, work.actor, twin.case_id, "copy")
    return twin


def _log(work: Work, outcome: Outcome, result: Result, decided: Decided) -> None:
    """One line per letter; addresses and texts are never logged."""
    why = ",".join(dict.fromkeys(r.rule for r in decided.reasons))
    log.info("handle mail=%d outcome=%s case=%s why=%s", work.mail.id, outcome, result.tag or result.case_id, why)
