"""`!подтвердить` and what was understood: the client confirms the requirements before work is taken on (A66).

It is an answer that asks him, so the clock stands until he writes; «Подтверждаю» is the evidence, and silence is none.
"""

from __future__ import annotations

from mailcase.commands import Desk, command
from mailcase.commands.answer import last_of_client, queue, unsigned
from mailcase.rules import staff_words
from mailcase.rules.decision import Act, Judgement
from mailcase.rules.vague import vague
from mailcase.store import asked, cases
from mailcase.words import EventType, Kind, MailcaseError, Register, Requirements, Status

WAITS_FOR = "подтверждение требований"
_HOW = "что и сколько, какая работа и по какой методике, к какому сроку и где"


@command("requirements")
def requirements(desk: Desk, act: Act) -> str:
    """Queue the summary and wait; without words of the employee it is the client's own last ones."""
    case = desk.the_case()
    if case.register == Register.COMPLAINT:
        raise MailcaseError(f"№ {case.number} — жалоба: требования подтверждают у заявок")
    if case.status == Status.CLOSED:
        raise MailcaseError(f"№ {case.number} закрыто: подтверждать нечего")
    if not case.contact_address:
        raise MailcaseError(f"У обращения № {case.number} нет адреса клиента: подтвердите требования по телефону")
    text = unsigned(desk, act.text) or _clients_own(desk)
    if not text:
        raise MailcaseError(f"Напишите под строкой «!подтвердить», как поняли заявку: {_HOW}")
    queue(desk, text, confirms=True)
    cases.note(desk.tx, case.id, desk.actor, EventType.NOTED, what="answer queued")
    since = case.paused_at or (case.answered_at if case.status == Status.ANSWERED else None) or desk.now
    cases.pause(desk.tx, case.id, desk.actor, since, WAITS_FOR)
    asked.requirements(desk.tx, case.id, desk.actor, Requirements.AWAITING_CONFIRMATION)
    at = (desk.now + desk.config.answer.undo).astimezone(desk.config.calendar.zone)
    said = f"№ {case.number}: клиент получит просьбу подтвердить требования в {at:%H:%M}, срок стоит до его ответа."
    return f"{said} Придержать? Ответьте «стоп»."


def _clients_own(desk: Desk) -> str:
    """What the client himself wrote last, where it says what he wants."""
    letter = last_of_client(desk)
    if letter is None or vague(letter, Judgement(Kind.REQUEST, 1.0)):
        return ""
    return staff_words.own(staff_words.unsigned(letter.reply, letter.signature)).strip()
