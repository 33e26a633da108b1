"""«Да» to «Это Вы писали?» about an entry (`[новое] …`): it is registered after all; nobody can order it in words."""

from __future__ import annotations

from mailcase.commands import Desk, command
from mailcase.rules.decision import Act
from mailcase.store import intake
from mailcase.words import MailcaseError

_EMPTY = (
    "В записи ничего нет. Пишите так: в теме «[новое] канал: телефон; от: Иванов И. И., ООО «Ромашка», +7 …; тема: "
    "поверка весов», в тексте суть"
)


@command("enter")
def enter(desk: Desk, act: Act) -> str:
    """Judge the entry anew, now that its writer has confirmed it; raises MailcaseError for one that says nothing."""
    if not intake.promote(desk.tx, desk.mail.id):
        raise MailcaseError(_EMPTY)
    desk.app.wake.handle.set()
    return "Запись подтверждена и будет зарегистрирована."
