"""`!отсутствует Петрова до 05.12, замещает Сидоров`: no letter waits for who is away; `!здесь Петрова` ends it.

Without a name the writer means himself. The cases stay his: letters about them go to whoever stands in (users.md 3).
Whoever it concerns beside the writer is told: who stands in, with the open cases, and who was put away by a colleague.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row

from mailcase import post, progress
from mailcase.commands import Desk, command
from mailcase.config import Config, Employee
from mailcase.involved import involved
from mailcase.mail.russian import numeric, short, short_name
from mailcase.notices import About
from mailcase.rules import absence_order
from mailcase.rules.decision import Act
from mailcase.rules.stand_in import stands_in, uninvolved
from mailcase.store import absences, queries
from mailcase.today import with_absences
from mailcase.words import MailcaseError, Template

_LISTED = 15
"""Open cases that are named one by one."""


@command("absent")
def absent(desk: Desk, act: Act) -> str:
    """Write the absence down; the receipt names the open cases and who takes each."""
    given, today = desk.app.given, _written(desk)
    told = absence_order.absence(act.args, desk.person, given.employee, today)
    if told.until < desk.today:
        raise MailcaseError(f"Этот срок уже прошёл: {numeric(told.until)}")
    person = _card(given, told.login)
    before = absences.enter(desk.tx, desk.actor, told.login, (told.since, told.until), told.substitute)
    then = with_absences(given, absences.on(desk.tx, told.since)).as_of(told.since)
    instead = stands_in(person.login, then)
    away = f"{short_name(person.name)} отсутствует {_span(told.since, told.until)}"
    passed = _passed(desk, person, told.since)
    apart = _apart(desk, then, person, instead, passed)
    said = f"{away}: письма получит {short_name(instead.name)}{_passed_over(then, told.substitute, instead)}"
    lines = [_listed(desk, passed), *(line for _, line in apart)]
    _tell(desk, person, f"Отметил(а) {short_name(desk.person.name)}: {away}", lines)
    _tell(desk, instead, f"{away}: письма получите Вы", lines, instead_of=person)
    for taker, line in apart:
        _tell(desk, taker, f"{away}: письма о жалобе получите Вы", [line], instead_of=person)
    return " ".join((_stop(said), *_before(before), *lines, f"Если раньше: «!здесь {person.name.split()[0]}»."))


@command("back")
def back(desk: Desk, act: Act) -> str:
    """End the absence that lasts; one that is yet to come is called off only by its first day."""
    person, day = absence_order.back(act.args, desk.person, desk.app.given.employee, _written(desk))
    found = absences.of_employee(desk.tx, person.login, desk.today)
    meant = (day or desk.today).isoformat()
    ends = next((row for row in found if (row.since == meant if day else row.since <= meant)), None)
    if ends is None:
        raise MailcaseError(_none(person, desk.today, found))
    absences.end(desk.tx, desk.actor, ends, desk.today)
    if ends.since > desk.today.isoformat():
        return f"{short_name(person.name)}: отсутствие с {numeric(date.fromisoformat(ends.since))} отменено."
    return f"{short_name(person.name)} снова на месте: письма приходят напрямую."


def _written(desk: Desk) -> date:
    """The day the order came: the «да» to our question about it may come days later."""
    received: date = desk.mail.received_at.astimezone(desk.config.calendar.zone).date()
    return received


def _tell(desk: Desk, one: Employee, line: str, more: Sequence[str], instead_of: Employee | None = None) -> None:
    """Whom it concerns hears of it at once: what is due today would be late in the next morning's letter."""
    if one.login == desk.person.login:
        return
    title = f"Вы замещаете: {short_name(instead_of.name)}" if instead_of else "Отмечено Ваше отсутствие"
    values = {"title": title, "lines": [_stop(line), *more], "preview": None, "mistakes": [], "actions": []}
    about = About(one, desk.mail, desk.now)
    key = f"absence:{desk.mail.id}:{(instead_of or one).login}:{one.login}"
    post.write(desk.tx, desk.config, about.outgoing(key, Template.RECEIPT, values))


def _apart(
    desk: Desk, then: Config, person: Employee, instead: Employee, passed: Sequence[Row[Any]]
) -> list[tuple[Employee, str]]:
    """(who takes them, the line about them) of complaints that do not go where the rest goes.

    Whoever is involved in what a complaint is about gets it in nobody's place (A25, ISO/IEC 17025 7.9.6).
    """
    found: dict[str, list[str]] = {}
    for case in passed:
        barred = involved(desk.app, desk.tx, case)
        taker = uninvolved((person.login,), then, barred.keys())
        if barred and taker.login != instead.login:
            why = f" ({short_name(instead.name)} — {barred[instead.login]})" if instead.login in barred else ""
            found.setdefault(taker.login, []).append(f"№ {case.number}{why}")
    cards = {login: _card(then, login) for login in found}
    return [
        (cards[login], _stop(f"{short_name(cards[login].name)} получит {', '.join(cases)}"))
        for login, cases in found.items()
    ]


def _passed_over(then: Config, substitute: str, instead: Employee) -> str:
    if not substitute or instead.login == substitute:
        return ""
    return f" ({short_name(_card(then, substitute).name)} в эти дни тоже отсутствует)"


def _before(rows: Sequence[Row[Any]]) -> tuple[str, ...]:
    """What was told before of the same days."""
    spans = [_span(date.fromisoformat(row.since), date.fromisoformat(row.until)) for row in rows]
    return (f"Раньше было отмечено: {', '.join(spans)}; в эти дни теперь действует новая запись.",) if spans else ()


def _none(person: Employee, day: date, later: Sequence[Row[Any]]) -> str:
    if later:
        since, until = (date.fromisoformat(day) for day in (later[0].since, later[0].until))
        return (
            f"{short_name(person.name)}: сейчас отсутствие не отмечено. Отмечено {_span(since, until)}; "
            f"если его не будет, напишите «!здесь {person.name.split()[0]} с {numeric(since)}»"
        )
    why = person.absence(day)
    told = f"в config.toml указано: {why}; там это и меняется" if why else "отсутствие и так не отмечено"
    return f"{short_name(person.name)}: {told}"


def _passed(desk: Desk, person: Employee, since: date) -> list[Row[Any]]:
    """His open cases that somebody else has to see to; what is due before he leaves is still his."""
    zone = desk.config.calendar.zone
    mine = [case for case in queries.live(desk.tx) if case.assignee == person.login]
    return [
        case for case in mine if since <= desk.today or not case.due_at or case.due_at.astimezone(zone).date() >= since
    ]


def _listed(desk: Desk, passed: Sequence[Row[Any]]) -> str:
    if not passed:
        return "Открытых обращений на эти дни нет."
    owed = progress.owed(desk.app, desk.tx)
    named = ", ".join(_named(desk, case, owed.get(case.id, "")) for case in passed[:_LISTED])
    more = f" и ещё {len(passed) - _LISTED}" if len(passed) > _LISTED else ""
    return f"Открытые обращения на эти дни ({len(passed)}): {named}{more}."


def _named(desk: Desk, case: Row[Any], owed: str) -> str:
    """With its term, and with what is over or due today: the morning letter would tell that too late."""
    due = f"до {short(case.due_at.astimezone(desk.config.calendar.zone))}" if case.due_at else ""
    terms = "; ".join(filter(None, (due, progress.pressing(desk.app, case, owed, desk.now))))
    return f"№ {case.number}, {case.contact_name or case.contact_address}{f' ({terms})' if terms else ''}"


def _card(config: Config, login: str) -> Employee:
    found = config.person(login)
    if found is None:
        raise MailcaseError(f"Сотрудника {login} нет в настройке")
    return found


def _span(since: date, until: date) -> str:
    return numeric(since) if since == until else f"с {numeric(since)} по {numeric(until)} включительно"


def _stop(text: str) -> str:
    """With one full stop, also after initials."""
    return text if text.endswith(".") else f"{text}."
