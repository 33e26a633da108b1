"""`!отсутствует Петрова до 05.12, замещает Сидоров`: no letter waits for who is away; `!здесь Петрова` ends it.

Without a name the writer means himself. The cases stay his: letters about them go to whoever stands in (users.md 3).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Row

from mailcase.commands import Desk, command
from mailcase.config import Config, Employee
from mailcase.mail.russian import short, short_name
from mailcase.rules.absence_order import absence, whose
from mailcase.rules.decision import Act
from mailcase.rules.stand_in import stands_in
from mailcase.store import absences, queries
from mailcase.today import with_absences
from mailcase.words import MailcaseError

_LISTED = 15
"""Open cases that the receipt names one by one."""


@command("absent")
def absent(desk: Desk, act: Act) -> str:
    """Write the absence down; the receipt names the open cases and who takes each."""
    told = absence(act.args, desk.person, desk.app.given.employee, desk.today)
    person = _card(desk.app.given, told.login)
    absences.enter(desk.tx, desk.actor, told.login, told.since, told.until, told.substitute)
    then = with_absences(desk.app.given, absences.on(desk.tx, told.since)).as_of(told.since)
    days = _day(told.since) if told.since == told.until else f"с {_day(told.since)} по {_day(told.until)}"
    instead = stands_in(person.login, then)
    lines = [f"{short_name(person.name)} отсутствует {days} включительно: письма получит {short_name(instead.name)}"]
    if told.substitute and instead.login != told.substitute:
        lines.append(f"({short_name(_card(then, told.substitute).name)} в эти дни тоже отсутствует)")
    said = " ".join(lines).removesuffix(".")
    return f"{said}. {_cases(desk, person, instead)} Если раньше: «!здесь {person.name.split()[0]}»."


@command("back")
def back(desk: Desk, act: Act) -> str:
    """End the absence that lasts; where none does, the next one does not take place."""
    person = whose(act.args, desk.person, desk.app.given.employee)
    found = absences.of_employee(desk.tx, person.login, desk.today)
    if not found:
        raise MailcaseError(_none(person, desk.today))
    absences.end(desk.tx, desk.actor, found[0], desk.today)
    if found[0].since > desk.today.isoformat():
        return f"{short_name(person.name)}: отсутствие с {_day(date.fromisoformat(found[0].since))} отменено."
    return f"{short_name(person.name)} снова на месте: письма приходят напрямую."


def _none(person: Employee, day: date) -> str:
    why = person.absence(day)
    told = f"в config.toml указано: {why}; там это и меняется" if why else "отсутствие и так не отмечено"
    return f"{short_name(person.name)}: {told}"


def _cases(desk: Desk, person: Employee, instead: Employee) -> str:
    mine = [case for case in queries.live(desk.tx) if case.assignee == person.login]
    if not mine:
        return "Открытых обращений нет."
    named = ", ".join(_named(desk, case) for case in mine[:_LISTED])
    more = f" и ещё {len(mine) - _LISTED}" if len(mine) > _LISTED else ""
    return f"Открытые обращения ({len(mine)}) ведёт {short_name(instead.name)}: {named}{more}."


def _named(desk: Desk, case: Row[Any]) -> str:
    due = f" (до {short(case.due_at.astimezone(desk.config.calendar.zone))})" if case.due_at else ""
    return f"№ {case.number}{due}"


def _card(config: Config, login: str) -> Employee:
    found = config.person(login)
    if found is None:
        raise MailcaseError(f"Сотрудника {login} нет в настройке")
    return found


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"
