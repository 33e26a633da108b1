"""`!согласовано`, `!подтверждено`: a change is agreed to (A61), or a client confirmed his requirements (A66).

He may have said it by phone or in words of his own: who says so, and the letter that he answers, are the record.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from mailcase import pauses
from mailcase.commands import Desk, command
from mailcase.commands.separate import passed_on
from mailcase.mail.russian import short_name
from mailcase.rules.decision import Act
from mailcase.store import asked
from mailcase.words import MailcaseError, Requirements, Status


@command("agreed")
def agreed(desk: Desk, act: Act) -> str:
    """Whatever of the two waits for a word: the client's confirmation first."""
    case = desk.the_case()
    if case.requirements == Requirements.AWAITING_CONFIRMATION:
        return _confirmed(desk, case, act)
    order = asked.order_changed(desk.tx, case)
    if order is None or not asked.agree(desk.tx, order, desk.actor, "yes"):
        why = f"№ {case.number}: ни изменение заявки, ни подтверждение требований согласия не ждут"
        raise MailcaseError(f"{why}. Если это ответ клиенту, начните его строкой «!ответ»")
    said = f"№ {order.number}: изменение согласовано, {short_name(desk.person.name)}, {desk.today:%d.%m.%Y}."
    return f"{said} Клиенту не писали."


def _confirmed(desk: Desk, case: Row[Any], act: Act) -> str:
    letter = passed_on(desk)
    how = act.args.strip() or act.text.strip()
    evidence = {"message_id": letter.message_id, "mail": letter.id} if letter is not None else {}
    if not evidence and not how:
        raise MailcaseError("Напишите, как клиент подтвердил: «!подтверждено по телефону»")
    asked.requirements(desk.tx, case.id, desk.actor, Requirements.CONFIRMED, told=bool(how), **evidence)
    if case.status == Status.WAITING:
        pauses.resume(desk.app, desk.tx, case, desk.actor)
    return f"№ {case.number}: требования подтверждены клиентом, срок идёт."
