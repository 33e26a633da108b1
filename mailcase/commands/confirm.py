"""`да` and `клиенту`: the employee's word about a letter of his that was held."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from mailcase import commands
from mailcase.commands import Desk, command
from mailcase.mail.letter import parse
from mailcase.rules.decision import Act
from mailcase.store import cases, intake, queries
from mailcase.words import EventType, MailcaseError


@command("confirm")
def confirm(desk: Desk, act: Act) -> str:
    """Do what the question proposed."""
    held, there = _held(desk, act)
    done = [commands.run(there, Act(**order)) for order in held["proposal"]]
    _release(desk, there)
    return " ".join(line for line in done if line) or "Сделано."


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
    row = queries.mail(desk.tx, int(act.args)) if act.args.strip().isdigit() else None
    if row is None or row.held is None:
        raise MailcaseError("Это письмо уже не ждёт решения")
    case = cases.get(desk.tx, row.case_id) if row.case_id is not None else None
    letter = parse(desk.app.raw.get(row.sha256), truncated=row.truncated)
    return json.loads(row.held), replace(desk, case=case, letter=letter, mail=row)


def _release(desk: Desk, there: Desk) -> None:
    intake.release(desk.tx, there.mail.id)
    if there.case is not None:
        cases.note(desk.tx, there.case.id, desk.actor, EventType.CONFIRMED, held=there.mail.id)
