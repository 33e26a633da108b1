"""The morning letter: one a person whatever his roles, each working day: overdue, today, waiting, not delivered.

The quality manager and the duty person also get the count of the span, every day, also at zero (users.md 1.5). What
belongs to somebody who is away or has left stands in the letter of whoever stands in for him. The head also reads what
others have overdue, the top management which complaints are (A4): there is no letter for a single case.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import escalation, letters, morning, pauses, post, progress
from mailcase.app import App
from mailcase.config import Config, Employee
from mailcase.escalation import Escalation
from mailcase.involved import Involvements
from mailcase.jobs import Slot, job
from mailcase.jobs.remind import unheard
from mailcase.mail import russian
from mailcase.mail.draft import Draft
from mailcase.mail.russian import short_name, working_days
from mailcase.outgoing import Outgoing
from mailcase.printable import printable
from mailcase.rules import mask
from mailcase.rules.deadline import workdays
from mailcase.rules.escalate import Level
from mailcase.rules.stand_in import stands_in
from mailcase.rules.tag import bracketed
from mailcase.store import held, queries
from mailcase.words import Audience, HoldReason, Template

_UNFINISHED = "жалоба: ответ дан, рассмотрение не завершено"
_BESIDE = "сообщаем и Вам: руководство названо в жалобе, ведёт её или вело обращение, откуда она"
_COPY = {"what": "письмо адресовано Вам", "href": ""}
_BLANK: dict[str, Any] = {
    "number": None, "tag": "", "who": "", "subject": "", "due": None, "late": 0, "phone": "", "what": "", "href": "",
    "domain": "", "holder": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Desk:
    """Whose letter of which morning is written."""

    app: App
    tx: Connection
    slot: Slot
    person: Employee
    risen: tuple[Escalation, ...]
    """What has risen to him."""
    owed: dict[int, str]
    """The news that complainants were promised, by case (ISO 8601)."""
    involved: Involvements
    """The same for everybody's letter: a complaint's own letters are read once a morning."""

    @property
    def config(self) -> Config:
        return self.app.config

    @property
    def today(self) -> date:
        return self.slot.at.astimezone(self.config.calendar.zone).date()

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From the morning letter before to this one."""
        return self.slot.since, self.slot.at

    @property
    def accountable(self) -> bool:
        """Whether he answers for the whole: the quality manager, the duty person, or who stands in for them."""
        lab = self.config.lab
        return self.person.login in {stands_in(role, self.config).login for role in (lab.quality_manager, lab.duty)}

    def shows(self, section: str) -> bool:
        """Whether the morning letter has that part: one of the laboratory's own may be older than it."""
        return self.app.composer.prints(Template.DIGEST, section)

    def mine(self, login: str, case: Row[Any] | None = None) -> bool:
        """Whether this person sees to what that employee has, or to that case of his."""
        return self.involved.stand_in(login, case).login == self.person.login

    def client(self, case: Row[Any]) -> str:
        """The client without personal data (A26): the register has his name."""
        who = mask.client(case.contact_name, case.contact_address, self.config.budget.public_domains)
        return who or ("имя не указано" if case.contact_address else "адреса нет")

    def who(self, case: Row[Any], *, to_call: bool) -> str:
        """The client, by his name where he is to be called; where somebody else is responsible, he too."""
        client = (to_call and (case.contact_name or case.contact_address)) or self.client(case)
        if case.assignee == self.person.login:
            return str(client)
        return f"{client} (вместо: {short_name(letters.person_values(self.config, case.assignee)['name'])})"


@job("digest", lambda config: config.schedule.digest)
def digest(app: App, slot: Slot) -> None:
    """Write every employee's morning letter; who has nothing and no count gets none."""
    with app.db.tx() as tx:
        slot.fence(tx)
        involved = Involvements(app, tx)
        risen = escalation.found(app, tx, slot.at.astimezone(app.config.calendar.zone).date(), involved)
        owed = progress.owed(app, tx)
        for person in app.config.employee:
            his = tuple(one for one in risen if one.rise.person == person.login)
            desk = _Desk(app, tx, slot, person, his, owed, involved)
            values = _values(desk)
            values |= {section: [] for section in morning.SECTIONS if not desk.shows(section)}
            if values["count"] or any(values[section] for section in morning.SECTIONS):
                shown = (*morning.SECTIONS, "ledger")
                _write(desk, printable(app, partial(_probe, desk), morning.bounded(values), _BLANK, shown))


def _write(desk: _Desk, values: dict[str, Any]) -> None:
    """Write the letter; what has risen is on record only where this letter tells of it."""
    letter = Outgoing(
        key=f"digest:{desk.today.isoformat()}:{desk.person.login}",
        template=Template.DIGEST,
        audience=Audience.STAFF,
        to=letters.to_person(desk.person),
        values=values,
        now=desk.slot.now,
        person=desk.person.login,
    )
    written = post.write(desk.tx, desk.config, letter)
    if written is not None:
        complaints, overdue = ({line.get("case") for line in values[name]} for name in ("complaints", "colleagues"))
        told = {Level.TOP_MANAGEMENT: complaints, Level.HEAD: complaints | overdue}
        new = [one for one in desk.risen if one.new and one.case.id in told[one.rise.level]]
        escalation.record(desk.tx, desk.config, new, written, desk.slot.now)


def _values(desk: _Desk) -> dict[str, Any]:
    today, zone = desk.today, desk.config.calendar.zone
    mine = [case for case in queries.live(desk.tx) if desk.mine(case.assignee, case) and case.due_at]
    terms = [(case, due.astimezone(zone).date()) for case in mine if (due := pauses.term_of(desk.app, desk.tx, case))]
    return {
        "date": today.isoformat(),
        **_risen(desk),
        **_soon(desk, progress.beside(desk.owed, terms, today, zone)),
        "waiting": [
            *(_task(desk, case, 0) for case, due in terms if due > today and morning.wants_call(case)),
            *({**_BLANK, **line} for line in morning.awaited(desk.tx, desk.config, desk.person, desk.span)),
            *_unfinished(desk),
            *(
                {**_item(desk, case, 0), **line}
                for case, line in morning.entrusted(desk.involved, desk.span, desk.person)
            ),
            *_lines(desk, unheard(desk.app, desk.tx, desk.slot), to_call=True),
            *(
                {**_BLANK, **line}
                for line in (morning.away(desk.tx, desk.config, desk.span) if desk.accountable else [])
            ),
        ],
        "paused": [
            *(_paused(desk, case) for case in mine if case.paused_at),
            *_lines(desk, morning.unpaid(desk.tx, desk.config, desk.span)),
        ],
        "untold": _untold(desk),
        "undelivered": _undelivered(desk),
        "count": morning.count(desk.tx, desk.config, desk.span) if desk.accountable else None,
        "ledger": morning.ledger(desk.tx, desk.config, desk.span) if desk.accountable else [],
        "held": held.count(desk.tx, HoldReason.BUDGET) if desk.accountable else 0,
    }


def _soon(desk: _Desk, dues: Iterable[tuple[Row[Any], date, str]]) -> dict[str, Any]:
    """What is overdue, due today, and due on the next working day."""
    today, dues = desk.today, list(dues)
    next_day = workdays(desk.config.calendar).add(today, 1)
    soon = [one for one in dues if today < one[1] <= next_day and (one[2] or not morning.wants_call(one[0]))]
    return {
        "overdue": [_task(desk, case, _late(desk, due), news) for case, due, news in dues if due < today],
        "today": [_task(desk, case, 0, news) for case, due, news in dues if due == today],
        "next_day": "завтра" if next_day == today + timedelta(days=1) else russian.short(next_day),
        "tomorrow": [_task(desk, case, 0, news) for case, _, news in soon],
    }


def _risen(desk: _Desk) -> dict[str, Any]:
    """Complaints that rose to him as to the top management, each once; what others have overdue, every day."""
    shown = desk.shows("complaints")
    complaints = [one for one in desk.risen if shown and one.rise.level is Level.TOP_MANAGEMENT and one.new]
    told = {one.case.id for one in complaints}
    colleagues = [one for one in desk.risen if one.rise.level is Level.HEAD and one.case.id not in told]
    return {
        "complaint_days": desk.config.escalation.top_management,
        # The head reads of it every morning all the same.
        "complaints_stay": desk.config.escalation.head > 0 and desk.mine(desk.config.lab.head),
        "complaints": [_rising(desk, one, "!внутр") for one in complaints],
        "colleagues": [_rising(desk, one, "!назначить") for one in colleagues],
    }


def _rising(desk: _Desk, one: Escalation, order: str) -> dict[str, Any]:
    """A line about a case that somebody else has: who that is, and the order with which to step in."""
    case = one.case
    return {
        **_item(desk, case, one.late),
        "case": case.id,
        "who": desk.client(case),
        "holder": short_name(letters.person_values(desk.config, case.assignee)["name"]),
        "due": one.due.isoformat(),
        "what": _BESIDE if one.rise.beside else "",
        "href": morning.mailto(desk.config, f"{bracketed(case.tag)} {order} "),
    }


def _late(desk: _Desk, due: date) -> int:
    return workdays(desk.config.calendar).between(due, desk.today)


def _paused(desk: _Desk, case: Row[Any]) -> dict[str, Any]:
    days = _late(desk, case.paused_at.astimezone(desk.config.calendar.zone).date())
    since = f" {working_days(days)}" if days else ""
    return {**_item(desk, case, 0), "what": f"ждём клиента{since}: {case.waits_for}"}


def _lines(desk: _Desk, found: Iterable[tuple[Row[Any], str]], *, to_call: bool = False) -> list[dict[str, Any]]:
    """What only a person can end: a client's silence about his requirements, an invoice that is not paid."""
    mine = ((case, what) for case, what in found if desk.mine(case.assignee, case))
    return [{**_item(desk, case, 0, to_call=to_call), "what": what} for case, what in mine]


def _task(desk: _Desk, case: Row[Any], late: int, news: str = "") -> dict[str, Any]:
    return progress.named(morning.called(_item(desk, case, late, to_call=morning.wants_call(case)), case), news)


def _item(desk: _Desk, case: Row[Any], late: int, *, to_call: bool = False) -> dict[str, Any]:
    return {
        **_BLANK,
        "number": case.number,
        "tag": case.tag,
        "who": desk.who(case, to_call=to_call),
        "subject": mask.out_of_reach(case.subject),
        "due": case.due_at.isoformat() if case.due_at else None,
        "late": late,
        "href": morning.mailto(desk.config, f"{bracketed(case.tag)} !ответ"),
        "domain": morning.domain(desk.config, case.contact_address),
    }


def _untold(desk: _Desk) -> list[dict[str, Any]]:
    """Cases of which he got no letter, because one sender or one day had too many."""
    rows = held.untold(desk.tx, desk.slot.since, desk.slot.at)
    mine = [row for row in rows if desk.mine(row.person)]
    return [{**_item(desk, row, 0), **(_COPY if row.template == Template.COPY else {})} for row in mine]


def _unfinished(desk: _Desk) -> list[dict[str, Any]]:
    """Answered complaints: an interim answer must not make one disappear, since only a person closes it."""
    manager = desk.mine(desk.config.lab.quality_manager)
    return [
        {**_item(desk, case, 0), "what": _UNFINISHED, "href": ""}
        for case in queries.unfinished_complaints(desk.tx)
        if manager or desk.mine(case.assignee, case)
    ]


def _undelivered(desk: _Desk) -> list[dict[str, Any]]:
    return [
        {
            **_item(desk, case, 0, to_call=True),
            "phone": queries.phone_of(desk.tx, row.to_address),
            "href": morning.mailto(desk.config, f"{bracketed(case.tag)} !звонок"),
            "what": "адрес не принимает письма" if row.bounced_at else "письмо не удалось отправить",
        }
        for row, case in morning.lost(desk.tx, desk.slot.at)
        if case.due_at and desk.mine(case.assignee, case)
    ]


def _probe(desk: _Desk, values: dict[str, Any]) -> Draft:
    lab = desk.config.lab
    named = {"name": lab.name, "address": lab.address, "site": lab.site, "phone": lab.phone}
    return Draft(
        template=Template.DIGEST,
        audience=Audience.STAFF,
        lang="ru",
        message_id="<probe>",
        date=desk.slot.now.isoformat(),
        from_name=lab.name,
        from_address=lab.address,
        to=letters.to_person(desk.person),
        values={**values, "lang": "ru", "lab": named},
    )
