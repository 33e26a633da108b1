"""`!жду реквизиты`: the clock stands until the client writes again; `!продолжить` lets it run at once.

A complaint's term is stopped only with notice to the client and with the word of somebody else (B.8): the quality
manager's, or the head's where the quality manager asks or is involved.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from mailcase import pauses
from mailcase.commands import Desk, ask, command
from mailcase.involved import manager
from mailcase.mail import russian
from mailcase.rules.decision import Act, Held
from mailcase.store import cases, queries
from mailcase.words import EventType, Kind, MailcaseError, Register, Status


@command("wait")
def wait(desk: Desk, act: Act) -> str:
    """Stop the clock, with a reason."""
    case, reason = _running(desk), _reason(act)
    return _ask(desk, case, reason) if case.register == Register.COMPLAINT else _paused(desk, case, reason)


@command("pause")
def pause(desk: Desk, act: Act) -> str:
    """Somebody said «да» to our question about a complaint; nobody can order it in words."""
    case = _running(desk)
    # `desk.mail` is the letter that ordered it: the «да» may come days later.
    if queries.asked_since(desk.tx, case.id, desk.mail.entered_at):
        raise MailcaseError(f"№ {case.number}: клиент уже написал, ждать нечего, срок идёт")
    _with_notice(desk, case)
    return _paused(desk, case, _reason(act))


@command("resume")
def resume(desk: Desk, act: Act) -> str:
    """The clock runs again though the client has not written."""
    case = desk.the_case()
    if case.status != Status.WAITING:
        raise MailcaseError(f"№ {case.number} никого не ждёт: срок и так идёт")
    pauses.resume(desk.app, desk.tx, case, desk.actor)
    due = cases.get(desk.tx, case.id).due_at
    return f"№ {case.number}: срок снова идёт, ответить до {_day(desk, due)}."


def _running(desk: Desk) -> Row[Any]:
    case = desk.the_case()
    if case.status == Status.CLOSED:
        raise MailcaseError(f"№ {case.number} закрыто: ждать нечего")
    if case.status == Status.WAITING:
        raise MailcaseError(f"№ {case.number} и так ждёт клиента: {case.waits_for}")
    return case


def _reason(act: Act) -> str:
    reason = act.args.strip(" :,.–—-")
    if not reason:
        raise MailcaseError("Напишите, чего ждём от клиента: «!жду реквизиты»")
    return reason


def _paused(desk: Desk, case: Row[Any], reason: str) -> str:
    # Since the answer the clock has been standing already.
    since = case.answered_at if case.status == Status.ANSWERED and case.answered_at else desk.now
    cases.pause(desk.tx, case.id, desk.actor, since, reason)
    said = f"№ {case.number}: ждём клиента ({reason}), срок не идёт. Напишет клиент — пойдёт сам, или «!продолжить»."
    named = pauses.promise(desk.tx, case)
    if named is None or queries.answers_under_way(desk.tx, case.id):
        return said
    return f"{said} Клиенту назван срок {_day(desk, named)}: пока Вы ему не написали, позже срок не сдвинется."


def _ask(desk: Desk, case: Row[Any], reason: str) -> str:
    _with_notice(desk, case)
    approver = manager(desk.app, desk.tx, case, but=desk.person.login)
    if approver.login == desk.person.login:
        return _paused(desk, case, reason)
    agreed = " Срок претензии меняют только по согласию с клиентом." if case.kind == Kind.CLAIM else ""
    question = f"{desk.person.name}: № {case.number}, {russian.kind(case.kind)}, ждём клиента ({reason}).{agreed}"
    held = Held(case.id, approver.login, desk.trust, f"{question} Остановить срок?", (Act("pause", reason),))
    if not ask(desk, approver, held):
        return ""
    cases.note(desk.tx, case.id, desk.actor, EventType.HELD, wanted="pause")
    return f"№ {case.number}: срок жалобы идёт, пока не согласится {russian.short_name(approver.name)}"


def _with_notice(desk: Desk, case: Row[Any]) -> None:
    """Raises MailcaseError where no letter to the client says, or is about to say, that we wait for him."""
    if not queries.answers_under_way(desk.tx, case.id) and not queries.asked(desk.tx, case.id):
        raise MailcaseError(
            "Срок жалобы останавливают только вместе с письмом клиенту: под строкой «!жду …» напишите «!ответ» и "
            "чего не хватает"
        )


def _day(desk: Desk, moment: Any) -> str:
    return russian.short(moment.astimezone(desk.config.calendar.zone)) if moment else "срока нет"
