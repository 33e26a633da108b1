"""`да` and `клиенту`: the employee's word about a letter of his that was held."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from mailcase import commands, notices, questions
from mailcase.commands import Desk, command, line_of
from mailcase.mail.letter import parse
from mailcase.notices import About
from mailcase.rules.decision import Act, Held
from mailcase.store import cases, intake, queries
from mailcase.words import EventType, MailcaseError

_NOTHING = (
    "Ничего не сделано: письмо не понято, подтверждать нечего. Пришлите распоряжение ещё раз («!ответ», «!внутр», "
    "«!назначить», «!закрыть») или ответьте «стоп», если ничего не нужно"
)

_TOO_LATE = "Письмо больше не ждёт решения; если нужно другое, пришлите распоряжение ещё раз"


@command("confirm")
def confirm(desk: Desk, act: Act) -> str:
    """Do what the question proposed; a «да» to «Это Вы писали?» is followed by the real question, if there is one.

    What cannot be done any more is asked about no longer, or the question would wait for ever.
    """
    held, there = _held(desk, act)
    acts = tuple(Act(**order) for order in held["proposal"])
    if held.get("then") and not acts and not held["to_client"]:
        return _nothing_to_ask(desk, there, held["then"])
    if held.get("then"):
        return _ask(desk, there, held, acts)
    if not acts:
        raise MailcaseError(_NOTHING)
    there = replace(there, ordered=tuple(order.command for order in acts), waits=[])
    try:
        with desk.tx.begin_nested():
            done = [commands.run(there, order) for order in acts]
    except MailcaseError as refusal:
        return _nothing_to_ask(desk, there, f"{str(refusal).rstrip('.')}. {_TOO_LATE}")
    _release(desk, there)
    # Where it needs another word, the next question tells it.
    return " ".join(line for line in done if line) or ("" if there.waits else "Сделано.")


def _nothing_to_ask(desk: Desk, there: Desk, why: str) -> str:
    """No word of his could do anything, so the letter waits for none; he is told why."""
    intake.release(desk.tx, there.mail.id)
    questions.ask_next(desk.app, desk.tx, desk.person, desk.now)
    desk.refused.append(why)
    return ""


def _ask(desk: Desk, there: Desk, held: dict[str, Any], acts: tuple[Act, ...]) -> str:
    """He wrote it, but the words themselves are in doubt: the letter goes on waiting, for his word about them."""
    case_id = there.case.id if there.case is not None else None
    question = Held(case_id, desk.person.login, desk.trust, held["then"], acts, held["to_client"])
    about = About(desk.person, there.mail, desk.now, there.case)
    notices.ask(desk.tx, desk.config, about, there.letter, question)
    known = {**held, "then": "", "trust": desk.trust}
    intake.hold(desk.tx, there.mail.id, json.dumps(known, ensure_ascii=False))
    questions.ask_next(desk.app, desk.tx, desk.person, desk.now)
    return ""


@command("client")
def client(desk: Desk, act: Act) -> str:
    """Send the held letter's words to the client after all."""
    held, there = _held(desk, act)
    if not held["to_client"]:
        raise MailcaseError("Это письмо клиенту не отправляется: оно не похоже на ответ")
    line = commands.run(there, Act("answer", text=there.letter.reply))
    _release(desk, there)
    return line or f"Уйдёт клиенту: № {there.the_case().number}."


def _held(desk: Desk, act: Act) -> tuple[dict[str, Any], Desk]:
    """The held letter's own proposal, and the desk on which it is carried out."""
    number = line_of(act.args)
    row = queries.mail(desk.tx, number) if number is not None else None
    if row is None or row.held is None or json.loads(row.held)["person"] != desk.person.login:
        raise MailcaseError("Это письмо уже не ждёт решения")
    case = cases.get(desk.tx, row.case_id) if row.case_id is not None else None
    letter = parse(desk.app.raw.get(row.sha256), truncated=row.truncated)
    return json.loads(row.held), replace(desk, case=case, letter=letter, mail=row)


def _release(desk: Desk, there: Desk) -> None:
    """The letter waits no longer, or for the word that an act of it needs: of the quality manager, for instance."""
    if there.waits:
        intake.hold(desk.tx, there.mail.id, there.waits[0])
    else:
        intake.release(desk.tx, there.mail.id)
    questions.ask_next(desk.app, desk.tx, desk.person, desk.now)
    if there.case is not None:
        cases.note(desk.tx, there.case.id, desk.actor, EventType.CONFIRMED, held=there.mail.id)
