"""What clients ask of us in a case beside the letter itself, such as changes of an order, and what became of it.

The words are free text and may hold names, so they stand in the case and no event holds them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import cases
from mailcase.store import tables as t
from mailcase.store.cases import Actor
from mailcase.store.events import canonical, case_stream, record
from mailcase.store.indexes import LIVE
from mailcase.words import EventType, Kind, Outcome, Remedy, Requirements, Status, Template

Asked = dict[str, Any]


def changes(case: Row[Any]) -> list[Asked]:
    """Every change of the case's order, oldest first: `at`, `mail`, `case` (number), `before`, `after`, `agreed_by`,
    `agreed_at` and `agreed` (yes or no), the last three empty until somebody of ours has answered."""
    found: list[Asked] = json.loads(case.changes)
    return found


def add_change(tx: Connection, order_id: int, actor: Actor, number: int, words: tuple[str, str]) -> None:
    """Keep a change that came in case `number`; `words` are what was agreed before (or nothing) and what is asked."""
    before, after = words
    asked = {"at": actor.at.isoformat(), "mail": actor.mail_id, "case": number, "before": before, "after": after}
    kept = [*changes(cases.get(tx, order_id)), {**asked, "agreed_by": "", "agreed_at": None, "agreed": ""}]
    _keep(tx, order_id, actor, EventType.CHANGED, {"changes": kept}, case=number, before=bool(before))


def agree(tx: Connection, order: Row[Any], actor: Actor, agreed: str) -> bool:
    """Record who agreed to the changes that wait, or refused them; False where none waits."""
    kept, said = changes(order), {"agreed_by": actor.login, "agreed_at": actor.at.isoformat(), "agreed": agreed}
    waiting = [change for change in kept if not change["agreed_by"]]
    if not waiting:
        return False
    kept = [change if change["agreed_by"] else {**change, **said} for change in kept]
    mails = [change["mail"] for change in waiting]
    _keep(tx, order.id, actor, EventType.AGREED, {"changes": kept}, agreed=agreed, mails=mails)
    return True


def remedy(name: Remedy, words: str) -> Asked:
    """What a complainant wants as the case keeps it; `answer` is yes, no, `unsaid` or empty while it waits (A85)."""
    return {"remedy": name, "words": words, "answer": ""}


def remedies(case: Row[Any]) -> list[Asked]:
    """What the complainant wants, in the order in which he said it."""
    found: list[Asked] = json.loads(case.remedies)
    return found


def open_remedies(case: Row[Any]) -> tuple[Remedy, ...]:
    """The remedies that no answer has spoken of."""
    if case.remedies == "[]":
        return ()
    return tuple(Remedy(wanted["remedy"]) for wanted in remedies(case) if not wanted["answer"])


def want(tx: Connection, case: Row[Any], actor: Actor, wanted: list[Asked]) -> None:
    """Keep what the complainant wants, or what became of it; the event names remedies and answers, and no words."""
    told = {one["remedy"]: one["answer"] for one in wanted}
    _keep(tx, case.id, actor, EventType.REMEDIES, {"remedies": wanted}, remedies=told)


def order_changed(view: Connection, case: Row[Any]) -> Row[Any] | None:
    """The order that a change in this case belongs to: another one's, or its own; None where nothing was changed."""
    order_id = order_of(view, case.id) if case.kind == Kind.ORDER_CHANGE else None
    order = cases.get(view, order_id) if order_id is not None else case
    return order if changes(order) else None


def heard(view: Connection, case_id: int, but: int, limit: int) -> list[Row[Any]]:
    """The newest letters of the case that came from outside, without that one."""
    m = t.mail.c
    came = sa.and_(m.case_id == case_id, m.id != but, m.outcome.in_((Outcome.NEW_CASE, Outcome.FOLLOW_UP)))
    return list(view.execute(sa.select(t.mail).where(came).order_by(m.id.desc()).limit(limit)))


def answers(view: Connection, case_id: int, limit: int) -> list[Row[Any]]:
    """Our newest answers of the case that have left."""
    o = t.outbox.c
    left = sa.and_(o.case_id == case_id, o.template == Template.ANSWER, o.sent_at.is_not(None))
    return list(view.execute(sa.select(t.outbox).where(left).order_by(o.id.desc()).limit(limit)))


def order_of(view: Connection, case_id: int) -> int | None:
    """The order that this case changes (A61)."""
    k = t.link.c
    beside = sa.and_(k.case_id == case_id, k.other_id < case_id, k.why == "order_change")
    return view.execute(sa.select(sa.func.max(k.other_id)).where(beside)).scalar()


def unconfirmed(view: Connection) -> list[tuple[Row[Any], Row[Any]]]:
    """(case, our question) of each client who was asked to confirm his requirements and has not written since (A66)."""
    o, e = t.outbox.c, t.event.c
    awaits = sa.select(t.cases).where(LIVE, t.cases.c.requirements == Requirements.AWAITING_CONFIRMATION)
    left = sa.and_(o.template == Template.ANSWER, o.sent_at.is_not(None), o.bounced_at.is_(None))
    found = []
    for case in view.execute(awaits.where(t.cases.c.status == Status.WAITING).order_by(t.cases.c.id)):
        step = sa.and_(e.stream == case_stream(case.id), e.type == EventType.REQUIREMENTS)
        by = sa.select(e.mail_id).where(step).order_by(e.seq.desc()).limit(1).scalar_subquery()
        asked = view.execute(sa.select(t.outbox).where(o.case_id == case.id, o.mail_id == by, left)).first()
        found += [(case, asked)] if asked is not None else []
    return found


def prefer(tx: Connection, case_id: int, actor: Actor, channel: str, phone: str) -> None:
    """The client wants to be answered by that channel; an empty number leaves the one that is known."""
    cases.change(tx, case_id, actor, preferred_channel=channel, **({"contact_phone": phone} if phone else {}))
    record(tx, case_stream(case_id), actor.happening(EventType.NOTED, what="preferred", channel=channel))


def requirements(tx: Connection, case_id: int, actor: Actor, step: str, **evidence: Any) -> None:
    """Whether the client confirms what he ordered: asked, confirmed by that evidence, or (empty) not asked (A66)."""
    before = cases.get(tx, case_id).requirements
    cases.change(tx, case_id, actor, requirements=step)
    record(tx, case_stream(case_id), actor.happening(EventType.REQUIREMENTS, step=step, before=before, **evidence))


def _keep(
    tx: Connection, case_id: int, actor: Actor, event_type: EventType, lists: Mapping[str, list[Any]], **detail: Any
) -> None:
    """Keep lists of what the client asks for, with the event of what became of it."""
    cases.change(tx, case_id, actor, **{name: canonical(kept) for name, kept in lists.items()})
    record(tx, case_stream(case_id), actor.happening(event_type, **detail))
