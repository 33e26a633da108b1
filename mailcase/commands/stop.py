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
from mailcase.words import EventType, MailcaseError


@command("stop")
def stop(desk: Desk, act: Act) -> str:
    """Hold the pending answer of this employee, or drop his held letter."""
    if act.args.strip().isdigit():
        return _held(desk, line_of(act.args))
    case = desk.the_case()
    waiting = queries.pending_answer(desk.tx, case.id, desk.person.login)
    if waiting is None or not outbox.stop(desk.tx, waiting.id):
        raise MailcaseError(f"По № {case.number} нет ответа, который ещё можно придержать: он уже отправлен")
    runs = _stopped(desk, waiting)
    return f"№ {case.number}: ответ придержан, клиенту не отправлен. Чтобы ответить, пришлите новый текст.{runs}"


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
