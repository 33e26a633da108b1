"""`да` in reply to a notice, or `!отправить`: the ready answer that stands in the notice goes to the client (A15)."""

from __future__ import annotations

from dataclasses import replace

from mailcase import post
from mailcase.commands import Desk, command
from mailcase.commands.answer import READY, answer
from mailcase.rules.decision import Act
from mailcase.store import queries
from mailcase.words import MailcaseError, Register, Status


@command("ready")
def ready(desk: Desk, act: Act) -> str:
    """Queue exactly the words that the employee was shown, as his own answer."""
    case = desk.the_case()
    if case.register == Register.COMPLAINT:
        raise MailcaseError(f"№ {case.number} — жалоба, готовый ответ к ней не подходит: напишите ответ сами")
    if case.status in (Status.ANSWERED, Status.CLOSED) or queries.answers_under_way(desk.tx, case.id):
        raise MailcaseError(f"По № {case.number} ответ уже отправлен или обращение закрыто: напишите клиенту сами")
    notice = queries.newest_notice(desk.tx, case.id)
    offered = post.draft_of(notice).values if notice is not None else {}
    text = str(offered.get("ready") or "")
    if not text or act.args.strip():
        raise MailcaseError(f"Готового ответа к № {case.number} нет: напишите ответ сами")
    return answer(desk, replace(act, args=f"{READY} {offered.get('ready_keys', '')}", text=text))
