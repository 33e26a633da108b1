"""What the register knows of a letter that has come: its ids, its sender, the cases it may belong to. Read-only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.store.events import case_stream
from mailcase.store.indexes import LIVE, one_of
from mailcase.words import (
    EventType,
    OutboxStatus,
    Register,
    Status,
    Template,
)

_LIVE = (Status.OPEN, Status.WAITING)
_MANY = 100
"""Open cases of one employee that are counted when a letter is assigned."""


# Statements that every letter asks are built once: building one anew costs three times its execution.
_ID: sa.BindParameter[int] = sa.bindparam("its_id")
_ADDRESS: sa.BindParameter[str] = sa.bindparam("address")
_IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
_FINGERPRINT: sa.BindParameter[str] = sa.bindparam("print")
_ORIGINAL = sa.select(t.mail.c.id, t.mail.c.case_id).where(
    t.mail.c.fingerprint == _FINGERPRINT, t.mail.c.original, t.mail.c.id != _ID
)
_SAME_ID = (
    sa.select(t.mail.c.id, t.mail.c.sha256, t.mail.c.original)
    .where(t.mail.c.message_id == sa.bindparam("named"), t.mail.c.fingerprint != _FINGERPRINT, t.mail.c.id != _ID)
    .limit(3)
)
_SENT_AS = sa.select(t.outbox).where(t.outbox.c.message_id.in_(_IDS))
_RECEIVED_IN = sa.select(t.thread).where(t.thread.c.message_id.in_(_IDS))
_CASES = sa.select(t.cases).where(t.cases.c.id.in_(_IDS))
_PARTIES = sa.select(t.party).where(t.party.c.case_id.in_(_IDS))

_HIS = t.cases.c.assignee == t.employee.c.login
_HIS_LIVE = sa.select(t.cases.c.id).where(LIVE, _HIS).limit(_MANY).correlate(t.employee).subquery()
_COUNTED = sa.select(sa.func.count()).select_from(_HIS_LIVE).correlate(t.employee).scalar_subquery()
_LAST = sa.select(sa.func.max(t.cases.c.opened_at)).where(_HIS).correlate(t.employee).scalar_subquery()
_LOADS = sa.select(t.employee.c.login.label("assignee"), _COUNTED.label("open_cases"), _LAST.label("last_assigned"))


def original(view: Connection, fingerprint: str, but: int) -> Row[Any, Any] | None:
    """The earlier letter with this content that counts, if there is one."""
    return view.execute(_ORIGINAL, {"print": fingerprint, "its_id": but}).first()


def same_id(view: Connection, message_id: str, fingerprint: str, but: int) -> list[Row[Any]]:
    """(id, sha256, original) of up to three handled letters that bear this Message-ID with other content."""
    named = {"named": message_id, "print": fingerprint, "its_id": but}
    return list(view.execute(_SAME_ID, named)) if message_id else []


def sent_as(view: Connection, ids: Iterable[str]) -> list[Row[Any]]:
    """Our own letters among these Message-IDs."""
    wanted = [i for i in ids if i]
    return list(view.execute(_SENT_AS, {"ids": wanted})) if wanted else []


def sent_under(view: Connection, envelopes: Iterable[str]) -> Row[Any] | None:
    """Our letter with that envelope sender: each automatic letter may have its own (C12)."""
    wanted = [e.lower() for e in envelopes if e]
    o = t.outbox.c
    mine = sa.and_(o.automatic, o.envelope_from.in_(wanted))
    return view.execute(sa.select(t.outbox).where(mine).limit(1)).first() if wanted else None


def last_sent_to(view: Connection, case_id: int, addresses: Iterable[str], since: datetime) -> Row[Any] | None:
    """Our newest letter of the case that left for one of these addresses since then."""
    o = t.outbox.c
    theirs = sa.and_(o.case_id == case_id, sa.func.lower(o.to_address).in_([a.lower() for a in addresses]))
    wanted = sa.select(t.outbox).where(theirs, o.sent_at >= since).order_by(o.id.desc()).limit(1)
    return view.execute(wanted).first()


def received_in(view: Connection, ids: Iterable[str]) -> list[Row[Any]]:
    """(message_id, case_id) of these ids, received in a case or seen in its References."""
    wanted = [i for i in ids if i]
    return list(view.execute(_RECEIVED_IN, {"ids": wanted})) if wanted else []


def case_numbered(view: Connection, year: int, number: int) -> int | None:
    """Id of the case with that number."""
    c = t.cases.c
    named = sa.and_(c.year == year, c.number == number, sa.not_(c.history))
    return view.execute(sa.select(c.id).where(named)).scalar()


def cases_by_id(view: Connection, ids: Iterable[int]) -> list[Row[Any]]:
    """The cases' rows."""
    wanted = list(ids)
    return list(view.execute(_CASES, {"ids": wanted})) if wanted else []


def successor(view: Connection, case_id: int) -> int | None:
    """The newest case that goes on where this one ended (`after_closing`, `history`) and is not closed itself."""
    k, c = t.link.c, t.cases.c
    joined = t.link.join(t.cases, c.id == k.other_id)
    later = sa.and_(k.case_id == case_id, k.other_id > case_id, k.why.in_(("after_closing", "history")))
    wanted = sa.select(c.id).select_from(joined).where(later, c.status != Status.CLOSED, sa.not_(c.history))
    return view.execute(wanted.order_by(c.id.desc()).limit(1)).scalar()


def parties(view: Connection, ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """Addresses that may be told, per case."""
    found: dict[int, set[str]] = {}
    for row in view.execute(_PARTIES, {"ids": list(ids)}):
        found.setdefault(row.case_id, set()).add(row.address)
    return {case_id: frozenset(addresses) for case_id, addresses in found.items()}


_c = t.cases.c
_HIS = _c.contact_address == _ADDRESS
# An answered complaint runs on until a person closes it (users.md 2).
_RUNNING = sa.and_(_c.register == Register.COMPLAINT, one_of(_c.status, *_LIVE, Status.ANSWERED))
_OPEN_COMPLAINT = sa.select(_c.id).where(_HIS, _RUNNING).order_by(_c.id.desc()).limit(1)
_OF_HIS = sa.and_(_HIS, sa.not_(_c.history))
# Who considers a client's complaint is not who does his work.
_INQUIRY = sa.and_(_OF_HIS, _c.register == Register.INQUIRY)
_EXECUTOR = sa.select(_c.assignee).where(_INQUIRY).order_by(_c.id.desc()).limit(1).scalar_subquery()
_CLIENT = sa.select(sa.exists().where(_OF_HIS).label("known"), _EXECUTOR.label("executor"))


def open_complaint(view: Connection, address: str) -> int | None:
    """The sender's own open complaint, newest first."""
    return view.execute(_OPEN_COMPLAINT, {"address": address}).scalar() if address else None


def client(view: Connection, address: str) -> tuple[bool, str]:
    """(whether this sender ever had a case, who last had an inquiry of his; empty where nobody had)."""
    if not address:
        return False, ""
    found = view.execute(_CLIENT, {"address": address}).one()
    return bool(found.known), found.executor or ""


_STEPS = (
    sa.select(t.event.c.type)
    .where(t.event.c.stream == sa.bindparam("stream"), t.event.c.type.in_((EventType.REVIEWED, EventType.CHANGED)))
    .order_by(t.event.c.seq.desc())
    .limit(1)
)


def reviewed(view: Connection, case_id: int) -> bool:
    """Whether the order's requirements were reviewed, and did not change since (A65, ISO/IEC 17025 7.1.6)."""
    return view.execute(_STEPS, {"stream": case_stream(case_id)}).scalar() == EventType.REVIEWED


def loads(view: Connection) -> list[Row[Any]]:
    """(assignee, open cases, last time a case came to him) of every employee, as far as a turn depends on it.

    Nobody's cases are counted beyond a hundred: who has so many takes turns with the others who have, and a letter
    costs the same however many cases are open.
    """
    return list(view.execute(_LOADS))


def answers_sent(view: Connection, login: str) -> int | None:
    """Answers a newly added employee has sent; None for a founding one (users.md 1.1)."""
    if view.execute(sa.select(t.employee.c.founding).where(t.employee.c.login == login)).scalar():
        return None
    o = t.outbox.c
    his = sa.and_(o.person == login, o.template == Template.ANSWER, o.status == OutboxStatus.SENT)
    return view.execute(sa.select(sa.func.count()).where(his)).scalar_one()
