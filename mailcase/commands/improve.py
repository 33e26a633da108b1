"""`!улучшение что; кто; до 15.12` and `!эффект что вышло`: the improvement log, kept by mail (A24)."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Row

from mailcase.commands import Desk, command
from mailcase.letters import person_values
from mailcase.mail.russian import short_name
from mailcase.rules import improvement
from mailcase.rules.decision import Act
from mailcase.store import improvements
from mailcase.words import MailcaseError

_NUMBERED = re.compile(r"№\s*(\d+)[\s:.,;–—-]*(.*)", re.DOTALL)


@command("improve")
def improve(desk: Desk, act: Act) -> str:
    """Write a line of the log about the case."""
    case = desk.the_case()
    said = improvement.planned(act.args, desk.today)
    owner = improvement.owner(said.who, desk.person, desk.config.employee)
    number = improvements.enter(desk.tx, case.id, desk.actor, said.action, owner, said.due)
    who = short_name(person_values(desk.config, owner)["name"]) if desk.config.person(owner) else owner
    until = f", до {said.due:%d.%m.%Y}" if said.due else ", срок не указан"
    return (
        f"№ {case.number}: записано в журнал улучшений, № {number}: {said.action}. Отвечает {who}{until}. "
        "Когда будет виден результат, ответьте «!эффект …»."
    )


@command("effect")
def effect(desk: Desk, act: Act) -> str:
    """Write what the improvement brought: that of the case, of several the one that is named by its number."""
    case = desk.the_case()
    found = _NUMBERED.fullmatch(act.args.strip())
    words = (found[2] if found else act.args).strip()
    if not words:
        raise MailcaseError("Не сказано, каков эффект: «!эффект за месяц ни одной такой ошибки»")
    line = _line(improvements.of_case(desk.tx, case.id), int(found[1]) if found else None, case.number)
    improvements.note_effect(desk.tx, line, desk.actor, words)
    return f"№ {case.number}: эффект улучшения № {line.number} записан ({line.action})."


def _line(lines: list[Row[Any]], number: int | None, case_number: int) -> Row[Any]:
    if not lines:
        raise MailcaseError(f"По № {case_number} улучшений не записано: сначала «!улучшение что; кто; до 15.12»")
    if number is not None:
        found = [line for line in lines if line.number == number]
    else:
        found = [line for line in lines if not line.effect] if len(lines) > 1 else lines
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"№ {line.number} ({line.action})" for line in lines)
    raise MailcaseError(
        f"Не понятно, об эффекте какого улучшения речь: «!эффект № {lines[-1].number} …». Есть: {known}"
    )
