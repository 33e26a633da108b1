"""The only verbs that change a case; each writes its event in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.store.db import insert_once, next_number
from mailcase.store.events import DAEMON, Happening, canonical, case_stream, mail_stream, record
from mailcase.words import EventType, Kind, MailcaseError, Register, Status, Trust


@dataclass(frozen=True, slots=True)
class Opening:
    """What a new case starts with; labels are the words of `words.py`, lists are tuples of them."""

    mail_id: int
    now: datetime
    opened_at: datetime
    register: Register
    kind: str
    subject: str
    assignee: str
    contact: tuple[str, str]
    target_at: datetime | None
    due_at: datetime | None
    contact_phone: str = ""
    channel: str = "email"
    occurred_at: datetime | None = None
    preferred_channel: str = ""
    addressee: str = ""
    topics: tuple[str, ...] = ()
    sender: str = "unknown"
    consumer_service: bool = False
    risk: tuple[str, ...] = ()
    check: bool = False
    confidence: float = 0.0
    parties: tuple[tuple[str, str], ...] = ()
    thread_ids: tuple[str, ...] = ()
    why_assigned: str = ""
    term: Mapping[str, Any] = field(default_factory=dict)
    remedies: tuple[Mapping[str, str], ...] = ()
    history: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it (login or `mailcase`), when, how far he is believed and by which letter."""

    at: datetime
    login: str = DAEMON
    trust: Trust | None = None
    mail_id: int | None = None
    outbox_id: int | None = None

    def happening(self, event_type: EventType, **detail: Any) -> Happening:
        """The event of an act of this actor."""
        return Happening(event_type, self.at, self.login, self.trust, self.mail_id, self.outbox_id, detail)


_BY_ID = sa.select(t.cases).where(t.cases.c.id == sa.bindparam("id"))
_OPEN = sa.insert(t.cases).returning(t.cases.c.id)
_NUMBER = sa.update(t.cases).where(t.cases.c.id == sa.bindparam("its_id")).returning(t.cases)
_CHANGE = sa.update(t.cases).where(t.cases.c.id == sa.bindparam("its_id"))
_ATTACH = _CHANGE.values(parts=t.cases.c.parts + 1, updated_at=sa.bindparam("at")).returning(t.cases.c.parts)
_ENTER = sa.insert(t.journal)


def get(tx: Connection, case_id: int) -> Row[Any]:
    """The case's row; raises MailcaseError for an unknown id."""
    row = tx.execute(_BY_ID, {"id": case_id}).one_or_none()
    if row is None:
        raise MailcaseError(f"case {case_id} does not exist")
    return row


def open_case(tx: Connection, new: Opening, tag: Any, zone: ZoneInfo | timezone) -> Row[Any]:
    """Register a letter: number, journal line, party, thread, events. `tag(year, number)` makes the tag.

    Numbers are taken last, because the counter's lock is the narrow place of several workers.
    """
    case_id = tx.execute(_OPEN, _values(new)).scalar_one()
    for address, name in new.parties:
        insert_once(tx, t.party, {"case_id": case_id, "address": address, "name": name, "role": "client"})
    know_ids(tx, case_id, new.thread_ids)
    year = new.opened_at.astimezone(zone).year
    number = next_number(tx, t.counter, f"history:{year}" if new.history else f"case:{year}")
    numbered = {"its_id": case_id, "year": year, "number": number, "tag": tag(year, number)}
    case = tx.execute(_NUMBER, numbered).one()
    journal_seq = None if new.history else _enter(tx, case_id, new.register, year, new.now)
    actor = Actor(new.now, mail_id=new.mail_id)
    labels = {"number": number, "year": year, "register": new.register, "journal": journal_seq, "kind": new.kind}
    labels |= {"remedies": [one["remedy"] for one in new.remedies]} if new.remedies else {}
    reckoned = {"term": dict(new.term), "due": new.due_at.isoformat()} if new.term and new.due_at else {}
    happened = [actor.happening(EventType.REGISTERED, **labels, **reckoned)]
    if not new.history:
        happened.append(actor.happening(EventType.ASSIGNED, to=new.assignee, why=new.why_assigned))
    record(tx, case_stream(case_id), *happened)
    return case


def _values(new: Opening) -> dict[str, Any]:
    return {
        "history": new.history,
        "year": 0,
        # Until the number is taken the letter's own id keeps the unique keys apart.
        "number": -new.mail_id,
        "tag": f"new-{new.mail_id}",
        "opened_by_mail_id": new.mail_id,
        "register": new.register,
        "kind": new.kind,
        "topics": canonical(list(new.topics)),
        "sender": new.sender,
        "consumer_service": new.consumer_service,
        "risk": canonical(list(new.risk)),
        "remedies": canonical([dict(remedy) for remedy in new.remedies]),
        "check": new.check,
        "confidence": new.confidence,
        "status": Status.CLOSED if new.history else Status.OPEN,
        "subject": new.subject,
        "contact_address": new.contact[0],
        "contact_name": new.contact[1],
        "contact_phone": new.contact_phone,
        "channel": new.channel,
        "occurred_at": new.occurred_at,
        "preferred_channel": new.preferred_channel,
        "addressee": new.addressee,
        "assignee": new.assignee,
        "opened_at": new.opened_at,
        "target_at": new.target_at,
        "due_at": new.due_at,
        "closed_at": new.opened_at if new.history else None,
        "close_reason": "принято из архива" if new.history else "",
        "updated_at": new.now,
    }


def _enter(tx: Connection, case_id: int, register: Register, year: int, now: datetime) -> int:
    seq = next_number(tx, t.counter, f"{register}:{year}")
    line = {"register": register, "year": year, "seq": seq, "case_id": case_id, "entered_at": now}
    tx.execute(_ENTER, line)
    return seq


def know_ids(tx: Connection, case_id: int, ids: Iterable[str]) -> None:
    """Remember Message-IDs as belonging to the case, so that siblings meet even without the root (pain 29)."""
    for message_id in ids:
        insert_once(tx, t.thread, {"message_id": message_id, "case_id": case_id})


def change(tx: Connection, case_id: int, actor: Actor, **values: Any) -> None:
    """New values of the case's columns; which event records it is the caller's."""
    tx.execute(_CHANGE, {"its_id": case_id, "updated_at": actor.at, **values})


def attach(tx: Connection, case_id: int, actor: Actor, ids: Iterable[str], **detail: Any) -> int:
    """Add a letter to the case and return its part: the second letter of № 412 is 412/2."""
    part = int(tx.execute(_ATTACH, {"its_id": case_id, "at": actor.at}).scalar_one())
    know_ids(tx, case_id, ids)
    record(tx, case_stream(case_id), actor.happening(EventType.FOLLOW_UP, part=part, **detail))
    return part


def note(tx: Connection, case_id: int, actor: Actor, event_type: EventType = EventType.NOTED, **detail: Any) -> None:
    """Record something that changes no field of the case."""
    record(tx, case_stream(case_id), actor.happening(event_type, **detail))


def assign(tx: Connection, case_id: int, actor: Actor, login: str, why: str) -> None:
    """Make somebody else responsible; the term stays."""
    before = get(tx, case_id).assignee
    change(tx, case_id, actor, assignee=login)
    record(tx, case_stream(case_id), actor.happening(EventType.ASSIGNED, to=login, before=before, why=why))


def reclassify(
    tx: Connection, case_id: int, actor: Actor, kind: Kind, terms: tuple[datetime, datetime], year: int, **detail: Any
) -> None:
    """Another kind, with its (target, due); another register has a line of its own and the old line tells where (A36).

    What it was stays in the record, with `detail`: such an event is a labelled example for whoever trains.
    """
    case = get(tx, case_id)
    target_at, due_at = terms
    labels = {"kind": kind, "register": kind.register, "check": False}
    change(tx, case_id, actor, **labels, target_at=target_at, due_at=due_at)
    if kind.register != case.register:
        seq = _enter(tx, case_id, kind.register, year, actor.at)
        old = sa.and_(t.journal.c.case_id == case_id, t.journal.c.register == case.register)
        moved = sa.and_(old, t.journal.c.moved_to.is_(None))
        tx.execute(sa.update(t.journal).where(moved).values(moved_to=f"{kind.register}:{year}:{seq}"))
    old_due = case.due_at.isoformat() if case.due_at else None
    changed = {"kind": kind, "before": case.kind, "checked": case.check, "old_due": old_due, "due": due_at.isoformat()}
    record(tx, case_stream(case_id), actor.happening(EventType.RECLASSIFIED, **changed, **detail))


_RUNS: dict[str, Any] = {"paused_at": None, "waits_for": ""}
"""The case waits for nobody."""


def pause(tx: Connection, case_id: int, actor: Actor, since: datetime, waits_for: str) -> None:
    """The clock stands since then, because we wait for the client; what for is free text, so no event holds it.

    Who waits already goes on waiting, from then as well.
    """
    case = get(tx, case_id)
    change(tx, case_id, actor, status=Status.WAITING, paused_at=since, waits_for=waits_for)
    detail = {"before": case.status, "since": since.isoformat(), "reason": bool(waits_for)}
    record(tx, case_stream(case_id), actor.happening(EventType.PAUSED, **detail))


def resume(tx: Connection, case_id: int, actor: Actor, terms: tuple[datetime | None, datetime | None]) -> None:
    """The clock of a waiting case runs again, with its new (target, due); the old term stays in the record."""
    case = get(tx, case_id)
    target_at, due_at = terms
    change(tx, case_id, actor, status=Status.OPEN, target_at=target_at, due_at=due_at, **_RUNS)
    moments = {"since": case.paused_at, "old_due": case.due_at, "due": due_at}
    detail = {name: moment.isoformat() if moment else None for name, moment in moments.items()}
    record(tx, case_stream(case_id), actor.happening(EventType.RESUMED, **detail))


def confirm_kind(tx: Connection, case_id: int, actor: Actor) -> None:
    """An employee says that the kind is right: it is asked about no more, and whoever trains learns it."""
    case = get(tx, case_id)
    change(tx, case_id, actor, check=False)
    record(tx, case_stream(case_id), actor.happening(EventType.CONFIRMED, kind=case.kind, checked=case.check))


def answer(
    tx: Connection, case_id: int, actor: Actor, how: str, *, clock_runs: bool = False, **detail: Any
) -> Row[Any]:
    """An answer went out: the clock stops, unless the client asked more meanwhile. The case as it was before.

    A closed case stays closed.

    `detail` is the number, date and way of an answer outside mail. The letter that also said that we wait for the
    client was a question to him: the case goes on waiting.
    """
    case = get(tx, case_id)
    if case.status != Status.CLOSED:
        asks = case.status == Status.WAITING and paused_by(tx, case_id) == actor.mail_id
        status = case.status if clock_runs or asks else Status.ANSWERED
        change(tx, case_id, actor, status=status, answered_at=actor.at, **({} if asks else _RUNS))
    record(tx, case_stream(case_id), actor.happening(EventType.ANSWERED, how=how, before=case.status, **detail))
    return case


def paused_by(tx: Connection, case_id: int) -> int | None:
    """The employee's letter by which the case began to wait last."""
    e = t.event.c
    mine = sa.and_(e.stream == case_stream(case_id), e.type == EventType.PAUSED)
    return tx.execute(sa.select(e.mail_id).where(mine).order_by(e.seq.desc()).limit(1)).scalar()


def reopen(tx: Connection, case_id: int, actor: Actor, due_at: datetime | None, why: str) -> None:
    """The clock runs again, with a new term where one is given; the old one stays in the record."""
    case = get(tx, case_id)
    values: dict[str, Any] = {"status": Status.OPEN, "closed_at": None, "close_reason": "", **_RUNS}
    if due_at is not None:
        values["due_at"] = due_at
    change(tx, case_id, actor, **values)
    old = case.due_at.isoformat() if case.due_at else None
    record(tx, case_stream(case_id), actor.happening(EventType.REOPENED, before=case.status, old_due=old, why=why))


def close(tx: Connection, case_id: int, actor: Actor, reason: str) -> None:
    """Close; raises MailcaseError (Russian, for the employee) without an answer or a recorded reason (A14)."""
    case = get(tx, case_id)
    if case.answered_at is None and not reason.strip():
        raise MailcaseError("Ответ клиенту не отправлен. Укажите причину: «!закрыть ответ дан по телефону»")
    change(tx, case_id, actor, status=Status.CLOSED, closed_at=actor.at, close_reason=reason, **_RUNS)
    # The reason is a person's free text and may hold names, so the event keeps only that there is one.
    record(tx, case_stream(case_id), actor.happening(EventType.CLOSED, before=case.status, reason=bool(reason)))


def detach(tx: Connection, case_id: int, actor: Actor, mail: Row[Any], kind: Kind | None) -> None:
    """A letter leaves the case for one of its own; what answers it follows it there."""
    own = sa.and_(t.thread.c.case_id == case_id, t.thread.c.message_id == mail.message_id.lower())
    tx.execute(sa.delete(t.thread).where(own))
    record(tx, case_stream(case_id), actor.happening(EventType.SEPARATED, mail=mail.id, part=mail.part))
    record(tx, mail_stream(mail.id), actor.happening(EventType.SEPARATED, case=case_id, kind=kind))


def join(tx: Connection, case_id: int, actor: Actor, other_id: int, why: str) -> bool:
    """Link two cases both ways; whether they were not linked before."""
    fresh = False
    for one, two in ((case_id, other_id), (other_id, case_id)):
        if insert_once(tx, t.link, {"case_id": one, "other_id": two, "why": why}):
            record(tx, case_stream(one), actor.happening(EventType.LINKED, other=two, why=why))
            fresh = True
    return fresh
