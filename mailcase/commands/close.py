"""`!закрыть [причина]`: an end without a further letter. Complaints and unanswered cases need a reason (A14)."""

from __future__ import annotations

from mailcase.commands import Desk, command
from mailcase.involved import acted
from mailcase.rules.decision import Act
from mailcase.store import cases, queries
from mailcase.store.involved import How
from mailcase.words import MailcaseError, Register, Status


@command("close")
def close(desk: Desk, act: Act) -> str:
    """Close the case; refused without an answer or a reason."""
    case = desk.the_case()
    if case.status == Status.CLOSED:
        return f"№ {case.number} уже закрыто."
    reason = act.args.strip() or act.text.strip()
    if case.register == Register.COMPLAINT and not reason:
        raise MailcaseError("Жалоба закрывается только с указанием итога: «!закрыть обоснованна, протокол заменён»")
    cases.close(desk.tx, case.id, desk.actor, reason)
    acted(desk.app, desk.tx, case, desk.actor, How.CLOSED)
    if queries.answers_under_way(desk.tx, case.id):
        return f"№ {case.number} закрыто. Ответ клиенту ещё в пути и уйдёт; придержать его — «стоп»."
    return f"№ {case.number} закрыто. Клиенту не писали. Новое письмо клиента откроет его снова."
