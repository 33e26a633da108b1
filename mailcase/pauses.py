"""While a case waits for the client its clock stands; here is what its term is when the clock runs again.

A pause moves a term by exactly the working time that it took, within two bounds: `no_later` of the term, and the date
that the client was told, as long as nobody has written to him since (users.md 2).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from mailcase.app import App
from mailcase.mail.letter import parse
from mailcase.rules import deadline
from mailcase.rules.term import of_case, of_letter
from mailcase.store import asked, cases, queries
from mailcase.store.cases import Actor
from mailcase.words import Kind, MailcaseError, Requirements, Standing, Status, Template


def resume(app: App, tx: Connection, case: Row[Any], actor: Actor) -> None:
    """Let the clock of a waiting case run again from now."""
    stood, bound = (case.paused_at, actor.at), latest(app, tx, case)
    days = deadline.workdays(app.config.calendar)
    target, due = (
        deadline.after_pause(at, stood, days, bound) if at and case.paused_at else at
        for at in (case.target_at, case.due_at)
    )
    cases.resume(tx, case.id, actor, (target, due))


def unasked(app: App, tx: Connection, question: Row[Any], actor: Actor) -> bool:
    """An answer does not leave after all: where its letter made the case wait, nobody was asked, and the clock runs."""
    if question.case_id is None or question.template != Template.ANSWER:
        return False
    case = cases.get(tx, question.case_id)
    waits = bool(case.status == Status.WAITING and cases.paused_by(tx, case.id) == question.mail_id)
    if waits:
        not_asked(app, tx, case, actor)
    return waits


def not_asked(app: App, tx: Connection, case: Row[Any], actor: Actor) -> None:
    """The question for which the case waits did not reach the client: the clock runs, and nothing is his to confirm."""
    resume(app, tx, case, actor)
    if case.requirements == Requirements.AWAITING_CONFIRMATION:
        asked.requirements(tx, case.id, actor, "")


def latest(app: App, tx: Connection, case: Row[Any]) -> datetime | None:
    """Beyond which moment no pause moves the term of this case; None where nothing bounds it."""
    bounds = [_no_later(app, tx, case), promise(tx, case)]
    return min((bound for bound in bounds if bound is not None), default=None)


def term_of(app: App, tx: Connection, case: Row[Any]) -> datetime | None:
    """By when it must be answered; a case that waits for the client has only the bound beyond which none may wait."""
    due: datetime | None = latest(app, tx, case) if case.paused_at else case.due_at
    return due


def promise(tx: Connection, case: Row[Any]) -> datetime | None:
    """The date that the client was told and still relies on; None once a later answer or question has reached him."""
    written = queries.answered(tx, case.id)
    told = [due for due, at in queries.promised(tx, case) if at is None or written is None or at > written]
    return min(map(datetime.fromisoformat, told), default=None)


def _no_later(app: App, tx: Connection, case: Row[Any]) -> datetime | None:
    opening = queries.mail(tx, case.opened_by_mail_id)
    name = _term(app, case, opening)
    term = app.config.terms.get(name) or app.config.terms[Kind.CORRESPONDENCE]
    return deadline.no_later(term, opening.received_at if opening else case.opened_at, app.config)


def _term(app: App, case: Row[Any], opening: Row[Any] | None) -> Kind | Standing:
    """The term of the case by the letter that opened it; by what the register says where that cannot be read."""
    kind, consumer = Kind(case.kind), bool(case.consumer_service)
    if opening is None:
        return of_case(kind, case.sender, consumer_service=consumer)
    try:
        letter = parse(app.raw.get(opening.sha256), truncated=opening.truncated)
    except MailcaseError:
        # One lost file must stop neither everybody's morning letter nor the client's reply.
        return of_case(kind, case.sender, consumer_service=consumer)
    return of_letter(letter, kind, case.sender, consumer_service=consumer)
