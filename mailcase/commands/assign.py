"""`!назначить Сидоров`: somebody else becomes responsible and gets the case with all its files; the term stays.

A complaint for somebody involved in what it is about is asked about first (A25, ISO/IEC 17025 7.9.6): whoever orders it
says «да», or the quality manager where he is involved himself. Then it is done, on record and in the morning letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row

from mailcase import enclosed, letters, notices, progress
from mailcase.commands import Desk, ask, command
from mailcase.config import Config, Employee
from mailcase.involved import involved, manager
from mailcase.mail.letter import parse
from mailcase.mail.russian import kind, short_name
from mailcase.rules.decision import Act, Held
from mailcase.rules.people import ours
from mailcase.rules.ready import NONE
from mailcase.store import cases, queries
from mailcase.store.involved import How
from mailcase.told import Later, Told
from mailcase.words import EventType, MailcaseError

_ORDERED = "распоряжение сотрудника"


@command("assign")
def assign(desk: Desk, act: Act) -> str:
    """Hand the case over; the person is named by surname, full name, login or address."""
    case = desk.the_case()
    person = find(desk.config, act.args, desk.today)
    if person.login == case.assignee:
        return f"№ {case.number} и так у сотрудника: {short_name(person.name)}"
    barred = involved(desk.app, desk.tx, case)
    if person.login in barred:
        return _ask(desk, case, person, barred)
    hand_over(desk, case, person, _ORDERED)
    return _done(case, person)


@command("entrust")
def entrust(desk: Desk, act: Act) -> str:
    """Somebody said «да» to a complaint for who is involved in it; nobody can order it in words."""
    case, person = desk.the_case(), find(desk.config, act.args, desk.today)
    hand_over(desk, case, person, _ORDERED)
    cases.note(desk.tx, case.id, desk.actor, EventType.INVOLVED, person=person.login, how=How.ORDERED)
    return _done(case, person)


def _done(case: Row[Any], person: Employee) -> str:
    return f"№ {case.number} → {short_name(person.name)}: срок прежний, клиенту не писали."


def _ask(desk: Desk, case: Row[Any], person: Employee, barred: Mapping[str, str]) -> str:
    """Nothing changes before somebody says «да»: who is involved himself does not say it."""
    partial = desk.person.login in barred
    asked = manager(desk.app, desk.tx, case, but=desk.person.login) if partial else desk.person
    himself = asked.login == desk.person.login
    free = ", ".join(short_name(e.name) for e in desk.config.employee if e.active and e.login not in barred)
    about = f"№ {case.number}, {kind(case.kind)}: {short_name(person.name)} — {barred[person.login]}"
    who, others = "" if himself else f"{desk.person.name}: ", f" Не связаны с ней: {free}" if free else ""
    question = f"{who}{about}. Назначить всё равно?{others}"
    held = Held(case.id, asked.login, desk.trust, question, (Act("entrust", person.login),))
    if not ask(desk, asked, held):
        return ""
    cases.note(desk.tx, case.id, desk.actor, EventType.HELD, wanted="assign", to=person.login)
    # The question itself tells it to whom it asks.
    return "" if himself else f"№ {case.number} не передано, пока не согласится {short_name(asked.name)}"


def hand_over(desk: Desk, case: Row[Any], person: Employee, why: str) -> None:
    """The case is that person's now, who gets everything that came in it."""
    cases.assign(desk.tx, case.id, desk.actor, person.login, why)
    # What was read before may be of another kind by now: «!жалоба» corrects it and hands it over.
    case = cases.get(desk.tx, case.id)
    opening = queries.mail(desk.tx, case.opened_by_mail_id)
    if opening is not None:
        raw, texts = desk.app.raw.get(opening.sha256), enclosed.had(desk.tx, case.id)
        owed = progress.owed_in(desk.app, desk.tx, case)
        told = Told(
            case,
            person,
            desk.now,
            opening.id,
            opening.sha256,
            why=f"передал(а) {desk.person.name}",
            remark=progress.pressing(desk.app, case, owed, desk.now),
            order_id=desk.mail.id,
            ready=NONE if texts.texts else letters.ready_text(desk.app, case, opening.lang),
            enclosed=texts,
            progress=owed,
            later=tuple(_later(desk, case.id)),
        )
        notices.notice(desk.tx, desk.config, told, parse(raw, truncated=opening.truncated))


def _later(desk: Desk, case_id: int) -> Iterator[Later]:
    """What came after the opening letter, from anybody but ourselves: the new owner has seen none of it."""
    us = ours(desk.config)
    for row in queries.later_from_clients(desk.tx, case_id):
        if row.from_address in us:
            continue
        yield Later(row, parse(desk.app.raw.get(row.sha256), truncated=row.truncated))


def find(config: Config, words: str, today: date) -> Employee:
    """The employee meant; raises MailcaseError (Russian) where nobody or several fit, or he gets nothing today (A5)."""
    wanted = words.strip().lower().strip(".,;:")
    meant = [e for e in config.employee if _names(e, wanted)]
    fits = [e for e in meant if e.active]
    if len(fits) == 1:
        return fits[0]
    known = ", ".join(short_name(e.name) for e in (fits or config.employee) if e.active)
    if len(meant) == 1:
        why = meant[0].absence(today) or "больше не отвечает на письма"
        raise MailcaseError(f"Передать нельзя: {short_name(meant[0].name)}, {why}. Есть: {known}")
    raise MailcaseError(f"Не понятно, кому передать: «{words.strip()}». Есть: {known}")


def _names(person: Employee, wanted: str) -> bool:
    if not wanted:
        return False
    if wanted in (person.login, *person.addresses, person.name.lower(), short_name(person.name).lower()):
        return True
    # «Сидорову», «Петровой»: the ending of the surname is declined, its beginning stays.
    surname = person.name.lower().split()[0]
    first = wanted.split()[0]
    stem = surname[: max(4, len(surname) - 2)]
    return first.startswith(stem) and abs(len(first) - len(surname)) <= 3
