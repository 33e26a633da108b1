"""`стоп`: an answer that has not left yet, or a letter that waits for a word, goes nowhere."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row

from mailcase import pauses, questions
from mailcase.commands import Desk, command, line_of
from mailcase.commands.answer import below
from mailcase.rules.decision import Act
from mailcase.store import cases, intake, outbox, queries
from mailcase.store.awaited import awaited
from mailcase.words import EventType, HoldReason, MailcaseError, OutboxStatus


@command("stop")
def stop(desk: Desk, act: Act) -> str:
    """Hold the pending answer of this employee, or drop his held letter."""
    if act.args.strip().isdigit():
        return _held(desk, line_of(act.args))
    case = desk.the_case()
    waiting = queries.pending_answer(desk.tx, case.id, desk.person.login)
    if waiting is not None and outbox.stop(desk.tx, waiting.id):
        runs = _stopped(desk, waiting)
        return f"№ {case.number}: ответ придержан, клиенту не отправлен. Чтобы ответить, пришлите новый текст.{runs}"
    asked = _asked_about(desk, case.id)
    if asked is not None:
        return _held(desk, asked)
    raise MailcaseError(_why_not(desk, case))


def _asked_about(desk: Desk, case_id: int) -> int | None:
    """The newest letter of his own about the case that waits for his word."""
    own = (row for row in awaited(desk.tx) if row.case_id == case_id and row.from_address in desk.person.addresses)
    return max((row.id for row in own if json.loads(row.held)["person"] == desk.person.login), default=None)


def _why_not(desk: Desk, case: Row[Any]) -> str:
    """What became of his answer, where nothing of his waits."""
    last = queries.last_answer(desk.tx, case.id, desk.person.login)
    if last is not None and last.status == OutboxStatus.HELD and last.hold_reason == HoldReason.STOPPED:
        return f"Ваш ответ по № {case.number} уже придержан, клиенту он не отправлен"
    if last is not None and last.status in (OutboxStatus.SENDING, OutboxStatus.SENT):
        at = last.sent_at.astimezone(desk.config.calendar.zone) if last.sent_at else None
        when = f" {at:%d.%m.%Y в %H:%M}" if at else ""
        return f"Ваш ответ по № {case.number} уже отправлен{when}: придержать его нельзя"
    return f"По № {case.number} нет Вашего ответа, который ждёт отправки: придерживать нечего"


def _stopped(desk: Desk, answer: Row[Any]) -> str:
    cases.note(desk.tx, answer.case_id, desk.actor, EventType.STOPPED, outbox=answer.id)
    runs = pauses.unasked(desk.app, desk.tx, answer, desk.actor)
    said = " Клиента никто не спросил, поэтому срок снова идёт." if runs else ""
    title = below(answer)
    return f"{said} Текста «{title}» под новым ответом не будет." if title else said


def _held(desk: Desk, mail_id: int | None) -> str:
    """«Стоп» to a question: the letter still waits for a word, or its words wait for the end of the undo time."""
    row = queries.mail(desk.tx, mail_id) if mail_id is not None else None
    if row is not None and row.held is not None and json.loads(row.held)["person"] == desk.person.login:
        intake.release(desk.tx, row.id)
        questions.ask_next(desk.app, desk.tx, desk.person, desk.now)
        return "Хорошо, письмо никуда не отправлено и сохранено в журнале."
    found = outbox.keyed(desk.tx, f"answer:{mail_id}")
    if found is None or not outbox.stop(desk.tx, found):
        raise MailcaseError("Это письмо уже не ждёт решения: придержать его нельзя")
    waiting = outbox.get(desk.tx, found)
    runs = _stopped(desk, waiting) if waiting.case_id is not None else ""
    return f"Ответ придержан, клиенту не отправлен. Чтобы ответить, пришлите новый текст.{runs}"
