"""What an employee may order by mail: one file a command, found by a scan of this folder.

A command gets the `Desk` (everything it may touch) and the `Act`, changes things through verbs only, and returns
the receipt line for the employee (Russian), or an empty string where silence is enough (users.md 1.4).
It raises MailcaseError, in Russian, for what cannot be done: nothing of that act is kept then.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from mailcase import notices
from mailcase.app import App
from mailcase.config import Config, Employee
from mailcase.mail.letter import Letter
from mailcase.notices import About
from mailcase.plugins import Registry
from mailcase.rules.decision import Act, Held
from mailcase.store import cases
from mailcase.store.cases import Actor
from mailcase.words import MailcaseError, Trust


@dataclass(frozen=True, slots=True)
class Desk:
    """Who orders what, by which letter, about which case (None for a ledger line)."""

    app: App
    tx: Connection
    case: Row[Any] | None
    person: Employee
    trust: Trust
    letter: Letter
    mail: Row[Any]
    now: datetime
    ordered: tuple[str, ...] = ()
    """The commands of all acts of the letter, where one depends on another."""
    waits: list[str] = field(default_factory=list)
    """Where an act waits for somebody's word: the JSON of the question, kept with the letter."""
    refused: list[str] = field(default_factory=list)
    """What could not be done (Russian) though something else of the act was: that a question waits no longer."""

    @property
    def config(self) -> Config:
        """The configuration."""
        return self.app.config

    @property
    def today(self) -> date:
        """The laboratory's day."""
        return self.now.astimezone(self.config.calendar.zone).date()

    @property
    def actor(self) -> Actor:
        """The employee as the actor of events."""
        return Actor(self.now, self.person.login, self.trust, self.mail.id)

    def the_case(self) -> Row[Any]:
        """The case; raises MailcaseError where the letter names none."""
        if self.case is None:
            raise MailcaseError("Не понятно, о каком обращении речь: ответьте на письмо с его номером")
        return self.case


_ASKED_ALREADY = (
    "№ {number}, {what} — это письмо уже ждёт слова о другом распоряжении: пришлите это распоряжение отдельным письмом"
)


def ask(desk: Desk, person: Employee, held: Held) -> bool:
    """Ask that person for the word that an act needs; False where the letter waits for another word already.

    A letter waits for one word: of two questions nobody could tell which «да» carries out what.
    """
    case = desk.the_case()
    if desk.waits:
        what = notices.proposed(desk.config, held)
        desk.refused.append(_ASKED_ALREADY.format(number=case.number, what=what))
        return False
    notices.ask(desk.tx, desk.config, About(person, desk.mail, desk.now, case), desk.letter, held)
    desk.waits.append(notices.waits(person, held))
    return True


_LINE = re.compile(r"\s*№?\s*([0-9]{1,9})\s*")


def line_of(words: str) -> int | None:
    """The line of the ledger that these words are the number of; None for any others, and for what no ledger holds."""
    found = _LINE.fullmatch(words)
    return int(found[1]) if found else None


Run = Callable[[Desk, Act], str]
COMMANDS: Registry[Run] = Registry("mailcase.commands")
command = COMMANDS.add


def run(desk: Desk, act: Act) -> str:
    """Carry out one act under a savepoint; raises MailcaseError where it cannot be done.

    Each act of a letter sees the case as the acts before it left it.
    """
    found = COMMANDS.get(act.command)
    if found is None:
        raise MailcaseError(f"Команды «{act.command}» нет")
    with desk.tx.begin_nested():
        case = cases.get(desk.tx, desk.case.id) if desk.case is not None else None
        return found(replace(desk, case=case), act)
