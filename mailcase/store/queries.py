"""Questions to the database that a decision, a letter or a list asks. Read-only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.store.events import case_stream, mail_stream
from mailcase.store.indexes import LIVE
from mailcase.words import (
    EventType,
    FolderRole,
    HoldReason,
    OutboxStatus,
    Outcome,
    Register,
    Status,
    Template,
)

_LIVE = (Status.OPEN, Status.WAITING)
_MANY = 100
"""Open cases of one employee that are counted when a letter is assigned."""


_c = t.cases.c
_OF_CONTACT = (
    sa.select(t.cases)
    .where(_c.contact_address == sa.bindparam("address"), _c.id != sa.bindparam("but"), sa.not_(_c.history))
    .order_by(_c.id.desc())
    .limit(20)
)


def of_contact(view: Connection, address: str, but: int) -> list[Row[Any]]:
    """Other cases of the same sender, newest first."""
    return list(view.execute(_OF_CONTACT, {"address": address, "but": but})) if address else []


def pending_answer(view: Connection, case_id: int, person: str) -> Row[Any] | None:
    """The answer of that employee that has not left yet."""
    o = t.outbox.c
    his = sa.and_(o.case_id == case_id, o.person == person, o.template == Template.ANSWER)
    waits = sa.and_(his, o.status == OutboxStatus.QUEUED)
    return view.execute(sa.select(t.outbox).where(waits).order_by(o.id.desc()).limit(1)).first()


def stopped_answers(view: Connection, case_id: int, person: str) -> list[Row[Any]]:
    """Answers of that employee that he himself held back."""
    o = t.outbox.c
    his = sa.and_(o.case_id == case_id, o.person == person, o.template == Template.ANSWER)
    return list(view.execute(sa.select(t.outbox).where(his, o.hold_reason == HoldReason.STOPPED)))


def last_answer(view: Connection, case_id: int, person: str) -> Row[Any] | None:
    """The newest answer of that employee, whatever became of it."""
    o = t.outbox.c
    his = sa.and_(o.case_id == case_id, o.person == person, o.template == Template.ANSWER)
    return view.execute(sa.select(t.outbox).where(his).order_by(o.id.desc()).limit(1)).first()


def answers_under_way(view: Connection, case_id: int) -> bool:
    """Whether an answer of the case waits for the end of its undo time, or for the server."""
    o = t.outbox.c
    waits = sa.and_(o.case_id == case_id, o.template == Template.ANSWER, o.status == OutboxStatus.QUEUED)
    return view.execute(sa.select(sa.exists().where(waits))).scalar_one()


def promised(view: Connection, case: Row[Any]) -> list[tuple[str, datetime | None]]:
    """(term, when it was told; None: it is about to be) of each letter of ours that named the client a term (ISO 8601).

    That is the acknowledgement, and what answered «статус»: it tells of all his cases and belongs to one of them.
    """
    o = t.outbox.c
    named = sa.and_(
        o.case_id == case.id, o.template.in_((Template.ACKNOWLEDGEMENT, Template.ACKNOWLEDGEMENT_COMPLAINT))
    )
    asked = sa.and_(o.template == Template.STATUS, o.person == "", o.draft.contains(case.tag, autoescape=True))
    left = (OutboxStatus.QUEUED, OutboxStatus.SENDING, OutboxStatus.SENT)
    found = sa.select(o.draft, o.sent_at).where(sa.or_(named, asked), o.status.in_(left), o.bounced_at.is_(None))
    told = ((_term_named(json.loads(row.draft)["values"], case.tag), row.sent_at) for row in view.execute(found))
    return [(due, at) for due, at in told if due]


def _term_named(values: dict[str, Any], tag: str) -> str | None:
    """The term of that case in what a letter to the client prints; None: no date."""
    if "cases" in values:
        return next((case["due"] for case in values["cases"] if case["tag"] == tag), None)
    return values.get("due") if values.get("promise_date") or values.get("register") == Register.COMPLAINT else None


def answered(view: Connection, case_id: int) -> datetime | None:
    """When the client was last written to by a person: the answer that arrived last, or one past us; None: never."""
    o, e = t.outbox.c, t.event.c
    ours = sa.and_(o.case_id == case_id, o.template == Template.ANSWER, o.status == OutboxStatus.SENT)
    arrived = sa.select(sa.func.max(o.sent_at)).where(ours, o.bounced_at.is_(None))
    past_us = sa.and_(e.stream == case_stream(case_id), e.type == EventType.ANSWERED, e.outbox_id.is_(None))
    moments = (view.execute(asked).scalar() for asked in (arrived, sa.select(sa.func.max(e.at)).where(past_us)))
    return max((moment for moment in moments if moment is not None), default=None)


def unreported(view: Connection) -> list[Row[Any]]:
    """Acknowledgements of complaints that arrived, of open cases in which no person has written to the client."""
    o, c, e, later = t.outbox.c, t.cases.c, t.event.c, t.outbox.alias().c
    arrived = sa.and_(o.case_id == c.id, o.status == OutboxStatus.SENT, o.bounced_at.is_(None))
    answer = sa.and_(later.case_id == c.id, later.template == Template.ANSWER, later.status == OutboxStatus.SENT)
    stream = sa.literal("case:").concat(sa.cast(c.id, sa.String))
    past_us = sa.and_(e.stream == stream, e.type == EventType.ANSWERED, e.outbox_id.is_(None))
    silent = sa.not_(sa.or_(sa.exists().where(answer, later.bounced_at.is_(None)), sa.exists().where(past_us)))
    told = sa.select(t.outbox).join(t.cases, arrived).where(o.template == Template.ACKNOWLEDGEMENT_COMPLAINT)
    return list(view.execute(told.where(c.status == Status.OPEN, silent).order_by(o.id)))


def mail(view: Connection, mail_id: int) -> Row[Any] | None:
    """One row of the ledger."""
    return view.execute(sa.select(t.mail).where(t.mail.c.id == mail_id)).one_or_none()


def last_from_client(view: Connection, case_id: int) -> Row[Any] | None:
    """The newest letter of the case that came from a party."""
    m, p = t.mail.c, t.party.c
    joined = t.mail.join(t.party, sa.and_(p.case_id == m.case_id, p.address == m.from_address))
    wanted = sa.select(t.mail).select_from(joined).where(m.case_id == case_id)
    return view.execute(wanted.order_by(m.id.desc()).limit(1)).first()


def later_from_clients(view: Connection, case_id: int) -> list[Row[Any]]:
    """What was added to the case by mail after the letter that opened it, oldest first; none of our Sent folder."""
    m, c = t.mail.c, t.cases.c
    joined = t.mail.join(t.cases, m.case_id == c.id)
    added = sa.and_(c.id == case_id, m.id != c.opened_by_mail_id, m.outcome == Outcome.FOLLOW_UP)
    wanted = sa.select(t.mail).select_from(joined).where(added, m.role != FolderRole.SENT)
    return list(view.execute(wanted.order_by(m.id)))


def separated(view: Connection, mail_id: int) -> dict[str, Any] | None:
    """(case, kind) of the last order that this letter be a case of its own."""
    e = t.event.c
    mine = sa.and_(e.stream == mail_stream(mail_id), e.type == EventType.SEPARATED)
    detail = view.execute(sa.select(e.detail).where(mine).order_by(e.seq.desc()).limit(1)).scalar()
    return json.loads(detail) if detail else None


def part_of(view: Connection, case_id: int, part: int) -> Row[Any] | None:
    """The letter that is that part of the case."""
    return view.execute(sa.select(t.mail).where(t.mail.c.case_id == case_id, t.mail.c.part == part)).first()


def ledger(view: Connection) -> list[Row[Any]]:
    """Every letter that came in, with its case's tag."""
    wanted = sa.select(t.mail, t.cases.c.tag).select_from(t.mail.outerjoin(t.cases, t.mail.c.case_id == t.cases.c.id))
    return list(view.execute(wanted.order_by(t.mail.c.id)))


def register(view: Connection, limit: int | None = None) -> list[Row[Any]]:
    """Every case, or the newest ones, newest first; imported history after all others."""
    c = t.cases.c
    newest = view.execute(sa.select(t.cases).order_by(c.opened_at.desc(), c.id.desc()).limit(limit)).all()
    return sorted(newest, key=lambda row: bool(row.history))


def register_state(view: Connection, now: datetime) -> Row[Any]:
    """(cases, running, overdue, updated): whoever has seen the register with equal values has seen it all.

    Numbers are dense, so their counters tell how many cases there are; counting a million takes too long for a page.
    """
    c, count = t.cases.c, sa.func.count
    # By their whole names, as budgets are counters, too, and many.
    series = [f"{name}:{year}" for name in ("case", "history") for year in range(1970, now.year + 2)]
    cases = sa.select(sa.func.coalesce(sa.func.sum(t.counter.c.value), 0)).where(t.counter.c.name.in_(series))
    running = sa.select(count()).select_from(t.cases).where(LIVE)
    late = sa.select(count()).where(c.status == Status.OPEN, c.due_at < now)
    latest = sa.select(sa.func.max(c.updated_at))
    parts = {"cases": cases, "running": running, "overdue": late, "updated": latest}
    return view.execute(sa.select(*(part.scalar_subquery().label(name) for name, part in parts.items()))).one()


def case_tagged(view: Connection, name: str) -> Row[Any] | None:
    """A case by its tag, with or without brackets, or by its number among this year's newest."""
    c = t.cases.c
    bare = name.strip().strip("[]").upper()
    found = view.execute(sa.select(t.cases).where(c.tag == bare)).first()
    if found or not bare.isdigit():
        return found
    numbered = sa.and_(c.number == int(bare), sa.not_(c.history))
    return view.execute(sa.select(t.cases).where(numbered).order_by(c.id.desc()).limit(1)).first()


def trail(view: Connection, case_id: int) -> dict[str, Sequence[Row[Any]]]:
    """Everything about a case: letters in, letters out, events, in order (A74)."""
    stream = f"case:{case_id}"
    return {
        "mail": view.execute(sa.select(t.mail).where(t.mail.c.case_id == case_id).order_by(t.mail.c.id)).all(),
        "outbox": view.execute(sa.select(t.outbox).where(t.outbox.c.case_id == case_id).order_by(t.outbox.c.id)).all(),
        "event": view.execute(sa.select(t.event).where(t.event.c.stream == stream).order_by(t.event.c.seq)).all(),
        "journal": view.execute(sa.select(t.journal).where(t.journal.c.case_id == case_id)).all(),
    }


def live(view: Connection) -> list[Row[Any]]:
    """Cases whose clock runs, by term."""
    return list(view.execute(sa.select(t.cases).where(t.cases.c.status.in_(_LIVE)).order_by(t.cases.c.due_at)))


def away(view: Connection, since: datetime, until: datetime) -> list[Row[Any, Any]]:
    """(login, subject) of the last note of absence that each employee's program sent in that span."""
    e, m = t.event.c, t.mail.c
    told = sa.and_(e.type == EventType.AWAY, e.at >= since, e.at < until)
    wanted = sa.select(e.actor.label("login"), m.subject).select_from(t.event.join(t.mail, e.mail_id == m.id))
    return list({row.login: row for row in view.execute(wanted.where(told).order_by(e.id))}.values())


def unfinished_complaints(view: Connection) -> list[Row[Any]]:
    """Complaints that were answered and not closed: nobody but a person ends them."""
    c = t.cases.c
    answered = sa.and_(c.status == Status.ANSWERED, c.register == Register.COMPLAINT, sa.not_(c.history))
    return list(view.execute(sa.select(t.cases).where(answered).order_by(c.id)))


def newest_answer(view: Connection, case_id: int) -> int | None:
    """Our answer to the client that left last; an older one that comes back changes nothing."""
    o = t.outbox.c
    left = sa.and_(o.case_id == case_id, o.template == Template.ANSWER, o.sent_at.is_not(None))
    return view.execute(sa.select(o.id).where(left).order_by(o.sent_at.desc(), o.id.desc()).limit(1)).scalar()


def silent_since(view: Connection, before: datetime) -> list[Row[Any]]:
    """Answered inquiries that nobody has written about since then; complaints never close by themselves."""
    c = t.cases.c
    quiet = sa.and_(c.status == Status.ANSWERED, c.register == Register.INQUIRY, c.answered_at < before)
    return list(view.execute(sa.select(t.cases).where(quiet)))


def kept_back(view: Connection, since: datetime, until: datetime) -> list[Row[Any]]:
    """Letters that the mode held in that span: what would have gone out."""
    o = t.outbox.c
    span = sa.and_(o.status == OutboxStatus.HELD, o.hold_reason == "mode", o.created_at >= since, o.created_at < until)
    return list(view.execute(sa.select(t.outbox).where(span).order_by(o.id)))


def phone_of(view: Connection, address: str) -> str:
    """The phone number that this contact once signed with; empty where we have none."""
    return view.execute(sa.select(t.contact.c.phone).where(t.contact.c.address == address)).scalar() or ""


def newest_notice(view: Connection, case_id: int) -> Row[Any] | None:
    """The last notice of the case to whoever is responsible for it."""
    o = t.outbox.c
    told = sa.and_(o.case_id == case_id, o.template == Template.NOTICE)
    return view.execute(sa.select(t.outbox).where(told).order_by(o.id.desc()).limit(1)).first()


def asked_since(view: Connection, case_id: int, since: datetime) -> bool:
    """Whether a party wrote something that is no mere thanks since then: the clock may not stop for that."""
    e = t.event.c
    wrote = sa.and_(e.stream == f"case:{case_id}", e.type == EventType.FOLLOW_UP, e.at > since, e.actor == "mailcase")
    asked = sa.and_(wrote, e.detail.contains('"quiet":false'))
    return view.execute(sa.select(sa.exists().where(asked))).scalar_one()


def asked(view: Connection, case_id: int) -> bool:
    """Whether it is the client's turn: a person's letter reached him, and he has written nothing but thanks since."""
    written = answered(view, case_id)
    return written is not None and not asked_since(view, case_id, written)


def chain_start(view: Connection, case_id: int) -> int:
    """The case with which a chain of strangers' answers began: each opened a case beside the one it answered.

    Every link of the chain took an acknowledgement, so the budgets keep it short.
    """
    link = t.link.c
    while True:
        beside = sa.and_(link.case_id == case_id, link.other_id < case_id, link.why == "third_party")
        earlier = view.execute(sa.select(sa.func.min(link.other_id)).where(beside)).scalar()
        if earlier is None:
            return case_id
        case_id = int(earlier)
