"""`!просит возврат денег, извинения`: what a complainant wants done, as the quality manager reads it (A85)."""

from __future__ import annotations

import re

from mailcase.commands import Desk, command
from mailcase.involved import manager as manager_of
from mailcase.mail import russian
from mailcase.rules.decision import Act
from mailcase.rules.remedy import meant
from mailcase.store import asked
from mailcase.words import MailcaseError, Register, Remedy

_NOTHING = ("ничего", "nothing")


@command("remedies")
def remedies(desk: Desk, act: Act) -> str:
    """Replace what the program read; what an answer has said of a remedy that stays is kept."""
    case = desk.the_case()
    if case.register != Register.COMPLAINT:
        raise MailcaseError(f"№ {case.number} — не жалоба: чего просит заявитель, записывают у жалоб")
    manager = manager_of(desk.app, desk.tx, case)
    if desk.person.login not in (case.assignee, manager.login):
        raise MailcaseError(f"Чего просит заявитель, меняет {russian.short_name(manager.name)} или кто ведёт жалобу")
    before = {one["remedy"]: one for one in asked.remedies(case)}
    wanted = [before.get(one, asked.remedy(one, "")) for one in _named(act.args)]
    asked.want(desk.tx, case, desk.actor, wanted)
    said = ", ".join(russian.remedy(one["remedy"]) for one in wanted) or "ничего"
    return f"№ {case.number}: заявитель просит: {said}."


@command("unsaid")
def unsaid(desk: Desk, act: Act) -> str:
    """Somebody said «да» to a closing letter that is silent about these; nobody can order it in words."""
    case, left = desk.the_case(), act.args.split(",")
    kept = [
        {**one, "answer": one["answer"] or "unsaid"} if one["remedy"] in left else one for one in asked.remedies(case)
    ]
    asked.want(desk.tx, case, desk.actor, kept)
    return ""


def _named(words: str) -> tuple[Remedy, ...]:
    if words.strip(" .!").lower() in _NOTHING:
        return ()
    found: dict[Remedy, None] = {}
    for part in filter(None, (one.strip(" .!") for one in re.split(r"[,;]|\bи\b", words))):
        named = meant(part)
        if not named:
            every = ", ".join(russian.remedy(one) for one in Remedy)
            raise MailcaseError(f"Непонятно, о чём просит заявитель: «{part}». Есть: {every}; или «!просит ничего»")
        found |= dict.fromkeys(named)
    if not found:
        raise MailcaseError("Напишите, о чём просит заявитель: «!просит исправить документ, объяснить причину»")
    return tuple(found)
