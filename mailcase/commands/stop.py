"""`стоп`: an answer that has not left yet, or a letter that waits for a word, goes nowhere."""

from __future__ import annotations

from mailcase.commands import Desk, command
from mailcase.rules.decision import Act
from mailcase.store import cases, intake, outbox, queries
from mailcase.words import EventType, MailcaseError


@command("stop")
def stop(desk: Desk, act: Act) -> str:
    """Hold the pending answer of this employee, or drop his held letter."""
    if act.args.strip().isdigit():
        intake.release(desk.tx, int(act.args))
        return "Хорошо, письмо никуда не отправлено и сохранено в журнале."
    case = desk.the_case()
    waiting = queries.pending_answer(desk.tx, case.id, desk.person.login)
    if waiting is None or not outbox.stop(desk.tx, waiting.id):
        raise MailcaseError(f"По № {case.number} нет ответа, который ещё можно придержать: он уже отправлен")
    cases.note(desk.tx, case.id, desk.actor, EventType.STOPPED, outbox=waiting.id)
    return f"№ {case.number}: ответ придержан, клиенту не отправлен. Чтобы ответить, пришлите новый текст."
