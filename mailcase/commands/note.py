"""`!внутр текст`: kept with the case, read by colleagues only; nothing leaves.

So is what a colleague gets, too (users.md 1.1); where that may be an answer to the client, its writer would wait in
vain for the client to have it.
"""

from __future__ import annotations

from mailcase.commands import Desk, command
from mailcase.rules.decision import Act
from mailcase.store import cases

_UNSENT = (
    "Клиенту ничего не отправлено: письмо получает не только лаборатория ({whom}), поэтому оно сохранено как "
    "внутренняя заметка. Если это ответ клиенту, отправьте его ещё раз одному получателю: {lab}"
)


@command("note")
def note(desk: Desk, act: Act) -> str:
    """File the letter as an internal note; the text itself stays in the stored letter."""
    cases.note(desk.tx, desk.the_case().id, desk.actor)
    return ""


@command("inside")
def inside(desk: Desk, act: Act) -> str:
    """File as a note what may be meant for the client, and tell the writer; nobody can order it in words.

    `args`: who else got the letter.
    """
    desk.refused.append(_UNSENT.format(whom=act.args, lab=desk.config.lab.address))
    return note(desk, act)
