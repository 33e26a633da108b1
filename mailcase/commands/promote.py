"""`!обращение 812`: a line of the ledger becomes a case after all."""

from __future__ import annotations

from mailcase.commands import Desk, command, line_of
from mailcase.rules.decision import Act
from mailcase.store import intake
from mailcase.words import MailcaseError


@command("promote")
def promote(desk: Desk, act: Act) -> str:
    """Judge the letter anew; it is not dropped again."""
    number = line_of(act.args)
    if number is None or not intake.promote(desk.tx, number):
        raise MailcaseError(f"Письма {act.args.strip()!r} нет среди «прочих»: укажите номер строки из утреннего письма")
    desk.app.wake.handle.set()
    return f"Письмо {number} будет зарегистрировано как обращение."
