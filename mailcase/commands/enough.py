"""`достаточно` in reply to a notice, or `!достаточно`: the approved texts that the client has are the answer (A41)."""

from __future__ import annotations

from mailcase import enclosed
from mailcase.commands import Desk, command
from mailcase.rules.decision import Act
from mailcase.store import cases, queries
from mailcase.words import MailcaseError, Register, Status

_HOW = "утверждёнными текстами, вместе с подтверждением"


@command("enough")
def enough(desk: Desk, act: Act) -> str:
    """The clock stops as with any answer: it is the employee who says that nothing is left open. Silent, too."""
    case = desk.the_case()
    number = f"№ {case.number}"
    if case.register == Register.COMPLAINT:
        raise MailcaseError(f"{number} — жалоба, справочных текстов для неё недостаточно: напишите ответ сами")
    if case.status in (Status.ANSWERED, Status.CLOSED) or queries.answers_under_way(desk.tx, case.id):
        raise MailcaseError(f"По {number} ответ уже отправлен или обращение закрыто")
    had = enclosed.had(desk.tx, case.id)
    if had.sent_at is None:
        raise MailcaseError(f"По {number} справочные тексты клиенту не отправлены: ответьте ему сами")
    if queries.asked_since(desk.tx, case.id, had.sent_at):
        raise MailcaseError(f"По {number} клиент после этого написал ещё: прочтите его письмо и ответьте сами")
    cases.answer(desk.tx, case.id, desk.actor, _HOW, enclosed=had.versions())
    return ""
