"""`!вид претензия`, `!жалоба`, `!верно`: what the program took a letter for is corrected or confirmed, and on record.

The old label and term stay. A complaint is made of anything at once and comes to somebody who did not do the work. The
other way needs two: the quality manager's word and a reason (pain 6), and whatever he decides the client has been
promised a term.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from mailcase import involved, pauses
from mailcase.commands import Desk, ask, command
from mailcase.commands.assign import hand_over
from mailcase.commands.separate import passed_on, split_off
from mailcase.mail import russian
from mailcase.mail.letter import Letter, parse
from mailcase.rules import deadline, term
from mailcase.rules.assign import reassign
from mailcase.rules.decision import Act, Held, Judgement
from mailcase.rules.facts import Load
from mailcase.rules.remedy import wishes
from mailcase.store import asked, cases, known, queries
from mailcase.store.involved import How
from mailcase.words import EventType, Kind, MailcaseError, Register, Status

_NAMES = {
    Kind.REQUEST: "заявка заявку запрос request",
    Kind.ORDER_CHANGE: "изменение order_change",
    Kind.CONSULTATION: "вопрос консультация консультацию consultation",
    Kind.SUGGESTION: "предложение suggestion",
    Kind.FEEDBACK: "отзыв благодарность благодарности feedback",
    Kind.CORRESPONDENCE: "письмо переписка переписку correspondence",
    Kind.COMPLAINT: "жалоба жалобу complaint",
    Kind.CLAIM: "претензия претензию claim",
}
_KINDS = {name: kind for kind, names in _NAMES.items() for name in names.split()}


@command("kind")
def kind(desk: Desk, act: Act) -> str:
    """Correct the kind of the case; a complaint that is to be none waits for the quality manager."""
    case = desk.the_case()
    wanted, reason = _wanted(act)
    hidden = passed_on(desk) if wanted.register is Register.COMPLAINT and case.register == Register.INQUIRY else None
    if hidden is not None and hidden.case_id == case.id:
        # «Пишет снова»: the complaint is that letter, and the inquiry goes on.
        return split_off(desk, hidden, wanted)
    if hidden is not None and hidden.case_id is not None:
        other = cases.get(desk.tx, hidden.case_id).number
        raise MailcaseError(f"Это письмо уже зарегистрировано отдельно, № {other}; № {case.number} остаётся как есть")
    if wanted == case.kind:
        return _confirmed(desk, case)
    if case.register == Register.COMPLAINT and wanted.register is not Register.COMPLAINT:
        return _ask(desk, case, wanted, reason)
    return _corrected(desk, case, wanted, reason)


@command("right")
def right(desk: Desk, act: Act) -> str:
    """The kind is right as it stands: a word that ends the doubt, and from which the program learns."""
    return _confirmed(desk, desk.the_case())


def _confirmed(desk: Desk, case: Row[Any]) -> str:
    cases.confirm_kind(desk.tx, case.id, desk.actor)
    return f"№ {case.number}: {russian.kind(Kind(case.kind))}, вид подтверждён."


@command("downgrade")
def downgrade(desk: Desk, act: Act) -> str:
    """The quality manager said «да»; nobody can order it in words."""
    wanted, reason = _wanted(act)
    return _corrected(desk, desk.the_case(), wanted, reason)


def _wanted(act: Act) -> tuple[Kind, str]:
    name, _, rest = act.args.strip().partition(" ")
    found = _KINDS.get(name.lower().strip(".,:;"))
    if found is None:
        known_kinds = ", ".join(names.split()[0] for names in _NAMES.values())
        raise MailcaseError(f"Вид «{name}» неизвестен. Есть: {known_kinds}")
    return found, (rest or act.text).strip(" :,–—-\n")


def _ask(desk: Desk, case: Row[Any], wanted: Kind, reason: str) -> str:
    """Nothing changes before the quality manager, or who decides in her place, says «да» (pain 6, C102, A25)."""
    if not reason:
        raise MailcaseError("Жалобу снимают с учёта только с причиной: «!вид вопрос клиент спрашивал о сроках»")
    manager = involved.manager(desk.app, desk.tx, case)
    proposal = (Act("downgrade", f"{wanted} {reason}"),)
    himself = manager.login == desk.person.login
    who = "Вы пишете" if himself else desk.person.name
    agreed = "Снять с учёта жалоб?" if himself else "Согласны?"
    question = f"{who}: № {case.number} не жалоба, а {russian.kind(wanted)}. Причина: {reason}. {agreed}"
    held = Held(case.id, manager.login, desk.trust, question, proposal)
    if not ask(desk, manager, held):
        return ""
    cases.note(desk.tx, case.id, desk.actor, EventType.HELD, wanted=wanted)
    if himself:
        # The question itself tells it.
        return ""
    asked = russian.short_name(manager.name)
    return f"№ {case.number} остаётся жалобой, пока не согласится {asked}"


def _corrected(desk: Desk, case: Row[Any], wanted: Kind, reason: str) -> str:
    opening = queries.mail(desk.tx, case.opened_by_mail_id)
    if opening is None:
        raise MailcaseError(f"Письма, с которого началось № {case.number}, больше нет")
    letter = parse(desk.app.raw.get(opening.sha256), truncated=opening.truncated)
    name = term.of_letter(letter, wanted, case.sender, consumer_service=case.consumer_service)
    terms = deadline.due(name, opening.received_at, desk.config)
    target, due = _sooner(case.target_at, terms.target_at), _sooner(case.due_at, terms.due_at)
    year = desk.today.year
    detail = {"why": bool(reason), "term": terms.record()}
    cases.reclassify(desk.tx, case.id, desk.actor, wanted, (target, due), year, **detail)
    said = f"№ {case.number}: {russian.kind(wanted)}, ответить до {_day(desk, due)}. Клиенту не писали."
    if case.status == Status.WAITING and wanted.register is Register.COMPLAINT:
        # A complaint's clock stands only with the word of somebody else.
        pauses.resume(desk.app, desk.tx, cases.get(desk.tx, case.id), desk.actor)
    if wanted.register is Register.COMPLAINT and case.register != Register.COMPLAINT:
        wanted_done = [asked.remedy(wish.remedy, wish.words) for wish in wishes(letter)]
        asked.want(desk.tx, case, desk.actor, wanted_done)
        said += _to_somebody_else(desk, case, letter, wanted)
    return said


def _sooner(promised: datetime | None, reckoned: datetime) -> datetime:
    """A term that was told the client is never moved later without a letter to him (users.md 2)."""
    return reckoned if promised is None else min(promised, reckoned)


def _day(desk: Desk, due: datetime) -> str:
    return f"{due.astimezone(desk.config.calendar.zone):%d.%m.%Y}"


def _to_somebody_else(desk: Desk, case: Row[Any], letter: Letter, wanted: Kind) -> str:
    """Whoever did the work does not decide about the complaint (A25, ISO/IEC 17025 7.9.6)."""
    loads = tuple(Load(row.assignee, row.open_cases, row.last_assigned) for row in known.loads(desk.tx))
    barred = involved.involved(desk.app, desk.tx, cases.get(desk.tx, case.id))
    # A doubtful letter comes to the quality manager, who only sorts it and may keep it; anybody else who had the
    # inquiry may be whom the client waited for.
    sorts = {desk.person.login} & {desk.config.lab.quality_manager}
    passed_over = frozenset(barred) | ({case.assignee} - sorts)
    login, why = reassign(Judgement(wanted, 1.0), letter, passed_over, loads, desk.config)
    person = desk.config.person(login)
    if login in barred:
        cases.note(desk.tx, case.id, desk.actor, EventType.INVOLVED, person=login, how=How.NOBODY_ELSE)
    if login == case.assignee and login not in passed_over:
        return " Рассматриваете её Вы."
    if person is None or login == case.assignee:
        return " Больше рассмотреть её некому: передайте её сами, «!назначить»."
    hand_over(desk, case, person, why.why)
    return f" Рассмотрит: {russian.short_name(person.name)}"
