"""Lines of a morning letter: whom to call, what waits for a word or was lost, who has not paid, what is no case."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row

from mailcase import questions
from mailcase.config import Config, Employee
from mailcase.involved import Involvements
from mailcase.mail import russian
from mailcase.mail.russian import document, phone, short_name, working_days
from mailcase.questions import Awaited
from mailcase.rules import mask
from mailcase.rules.deadline import workdays
from mailcase.rules.stand_in import stands_in
from mailcase.rules.tag import bracketed
from mailcase.rules.trust import FRESH
from mailcase.store import involved as involvements
from mailcase.store import known, outbox, papers, queries, tally
from mailcase.store.awaited import expired
from mailcase.words import Audience, Channel, Status

_LOST = timedelta(days=7)
_DID: dict[str, str] = {involvements.How.ANSWERED: "на жалобу ответил(а)", involvements.How.CLOSED: "жалобу закрыл(а)"}
Line = dict[str, Any]

SECTIONS = ("complaints", "overdue", "today", "tomorrow", "waiting", "colleagues", "paused", "untold", "undelivered")
_LONGEST, _OF_ONE = 200, 30
"""Lines of one section, and of one organisation in it: a storm must neither make a letter that nobody can open nor hide
the others."""


def wants_call(case: Row[Any]) -> bool:
    """Whether the client asked to be called and nobody has answered him yet (A13)."""
    return bool(case.preferred_channel == Channel.PHONE and case.status == Status.OPEN)


def called(line: Line, case: Row[Any]) -> Line:
    """The line with «позвонить: …» where the client wants that, and a link that records the call."""
    if not wants_call(case):
        return line
    href = line["href"].replace(quote("!ответ"), quote("!звонок"))
    number = phone(case.contact_phone) if case.contact_phone else "номера в письме нет"
    return {**line, "what": f"позвонить: {number}", "href": href}


def lost(view: Connection, at: datetime) -> Iterator[tuple[Row[Any], Row[Any]]]:
    """(letter, case) of what did not reach a client within a week; none who has his answer since, by whatever way."""
    found = [row for row in outbox.undelivered(view, at - _LOST) if row.case_id and row.audience == Audience.CLIENT]
    case_of = {case.id: case for case in known.cases_by_id(view, {row.case_id for row in found})}
    for row in found:
        case, sent = case_of[row.case_id], row.sent_at or row.created_at
        done = case.status in (Status.ANSWERED, Status.CLOSED) and case.answered_at is not None
        if not (done and case.answered_at > sent):
            yield row, case


def unpaid(view: Connection, config: Config, span: tuple[datetime, datetime]) -> Iterator[tuple[Row[Any], str]]:
    """(case, «счёт № 123 не оплачен 5 раб. дней»), each time that `payment_days` more have passed within the span."""
    waits = [(row, late) for row in papers.unpaid(view) if (late := _due_again(config, row.sent_at, span))]
    case_of = {case.id: case for case in known.cases_by_id(view, {row.case_id for row, _ in waits})}
    for row, late in waits:
        what = f"{document(row.type, row.number)} не оплачен {working_days(late)} (оплачен — «!оплачено»)"
        yield case_of[row.case_id], what


def _due_again(config: Config, sent_at: datetime, span: tuple[datetime, datetime]) -> int:
    """Working days since it was sent, where a multiple of `payment_days` lies within the span; else 0."""
    days, every = workdays(config.calendar), config.answer.payment_days
    sent, before, today = (moment.astimezone(config.calendar.zone).date() for moment in (sent_at, *span))
    now, then = days.between(sent, today), days.between(sent, max(sent, before))
    return now if now // every > then // every else 0


def mailto(config: Config, subject: str) -> str:
    """A link that begins a letter to the laboratory."""
    return f"mailto:{config.lab.address}?subject={quote(subject)}"


def domain(config: Config, address: str) -> str:
    """By what a storm is known: the organisation, at a public provider the very address."""
    found = address.rpartition("@")[2].lower()
    return address.lower() if found in config.budget.public_domains else found


def count(view: Connection, config: Config, span: tuple[datetime, datetime]) -> Line:
    """The span is named by the day it begins: from Friday's morning letter to Monday's is «за пятницу»."""
    since = span[0].astimezone(config.calendar.zone)
    return {"day": since.date().isoformat(), **tally.count(view, *span)}


def ledger(view: Connection, config: Config, span: tuple[datetime, datetime]) -> list[Line]:
    """Each letter that became no case: one line with the reason, and the way to say «это обращение»."""
    lines = []
    for row in tally.counted(view, *span):
        if row.outcome in tally.IN_CASES:
            continue
        reasons = json.loads(row.reasons)
        lines.append(
            {
                "mail_id": row.id,
                "at": row.received_at.isoformat(),
                "sender": row.from_name or row.from_address,
                "subject": row.subject,
                "why": reasons[0]["why"] if reasons else "",
                "href": mailto(config, f"!обращение {row.id}"),
                "domain": domain(config, row.from_address),
            }
        )
    return lines


def bounded(values: dict[str, Any]) -> dict[str, Any]:
    """The lines that a person can read, and how many more there are: `mailcase cases` and `mail` list them all."""
    short: dict[str, Any] = {}
    more: dict[str, int] = {}
    for section in (*SECTIONS, "ledger"):
        seen: Counter[str] = Counter()
        kept: list[dict[str, Any]] = []
        for line in values[section]:
            seen[line["domain"]] += 1
            if len(kept) < _LONGEST and (not line["domain"] or seen[line["domain"]] <= _OF_ONE):
                kept.append(line)
        short[section], more[section] = kept, len(values[section]) - len(kept)
    return {**values, **short, "more": more}


def away(view: Connection, config: Config, span: tuple[datetime, datetime]) -> Iterator[Line]:
    """Who seems to be away by his own program's word: a suggestion, as only a person's order hands cases on (C20)."""
    for row in queries.away(view, *span):
        person = config.person(row.login)
        if person is not None and person.active:
            has = sum(case.assignee == person.login for case in queries.live(view))
            substitute, order = config.person(person.substitute), f"!отсутствует {person.name} до "
            instead = f"замещает {short_name(substitute.name)}" if substitute else "замещающий не указан"
            what = f"похоже, нет на месте: {person.name}, открытых обращений {has}, {instead} (отметить: «{order}…»)"
            yield {"what": what, "subject": row.subject, "href": mailto(config, order)}


def awaited(view: Connection, config: Config, person: Employee, span: tuple[datetime, datetime]) -> Iterator[Line]:
    """Letters that wait for this person's word, and those that expired in the span; without a case they have no number.

    Of a proven one the substitute reads as well, for a client waits; an unproven one is its writer's business alone.
    """
    for one in questions.waiting(view):
        his = one.person == person.login
        if stands_in(one.person, config).login == person.login and (his or not one.unproven):
            yield {**_held(one.row), "what": _word_wanted(one, config, person)}
    for row in expired(view, *span):
        if stands_in(json.loads(row.detail)["person"], config).login == person.login:
            about = f"{_whose(row, person)} от {_day(row.received_at, config)}"
            what = f"не выполнено: письмо {about} {FRESH.days} дней ждало слова; если оно ещё нужно, пришлите его снова"
            yield {**_held(row), "what": what}


def _held(row: Row[Any]) -> Line:
    subject = mask.out_of_reach(row.subject)
    return {"number": row.number, "tag": row.tag or "", "subject": subject, "domain": row.from_address}


def _whose(row: Row[Any], person: Employee) -> str:
    return "с Вашего адреса" if row.from_address in person.addresses else f"с адреса {row.from_address}"


def _day(moment: datetime, config: Config) -> str:
    return russian.numeric(moment.astimezone(config.calendar.zone).date())


def _word_wanted(one: Awaited, config: Config, person: Employee) -> str:
    """Which word the letter waits for, of whom, and how long."""
    own, whose = one.row.from_address in person.addresses, f"письмо {_whose(one.row, person)}"
    if one.person != person.login:
        return f"{whose} не отправлено: автора, который должен подтвердить его, нет на месте"
    if not one.unproven:
        waits = "Ваше письмо ждёт слова" if own else f"{whose} ждёт Вашего слова"
        return f"{waits}: «да», «клиенту» или «стоп» в ответ на вопрос"
    if one.row.asked_at is None or one.until is None:
        return f"{whose} ждёт слова: спросим о нём, когда Вы ответите на прежний вопрос"
    until = _day(one.until, config)
    if own:
        return f"{whose} ждёт слова до {until}: «да» или «стоп» в ответ на вопрос «Это писали Вы?»"
    return f"{whose} ждёт Вашего слова до {until}: «да», «клиенту» или «стоп» в ответ на вопрос"


def entrusted(
    involved: Involvements, span: tuple[datetime, datetime], reader: Employee
) -> Iterator[tuple[Row[Any], Line]]:
    """(case, what his line of the morning letter says) of what somebody involved got, or did, in that span.

    Once, for the quality manager and the head, or who stands in for them; not to who ordered it, or is meant himself.
    """
    config, lab = involved.app.config, involved.app.config.lab
    if reader.login not in {stands_in(role, config).login for role in (lab.quality_manager, lab.head)}:
        return
    for case, actor, detail in involvements.told(involved.tx, *span):
        login, did = detail["person"], _DID.get(detail["how"], "")
        holds = case.assignee == login and case.status != Status.CLOSED
        if reader.login in (actor, login) or not (did or holds):
            continue
        person, why = config.person(login), involved.of(case).get(login, "")
        name = ": ".join(filter(None, (short_name(person.name) if person else login, why)))
        what = f"{did} {name}" if did else f"жалобу рассматривает {name} (передать — «!назначить»)"
        yield case, {"what": what, "href": mailto(config, f"{bracketed(case.tag)} !назначить ")}
