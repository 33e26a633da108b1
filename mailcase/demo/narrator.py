"""Tells the operator on the terminal what arrives, what it becomes and who gets what, as it happens."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.text import Text
from sqlalchemy import Row

from mailcase.config import Config
from mailcase.demo.replies import Parent
from mailcase.demo.servers import Delivery
from mailcase.demo.stage import Fate
from mailcase.words import Audience, DropReason, Outcome, Template

_SAID = {
    Outcome.NEW_CASE: "a new case",
    Outcome.FOLLOW_UP: "filed with its case",
    Outcome.COMMAND: "an employee's word about the case",
    Outcome.BOUNCE: "a report about a letter of ours",
    Outcome.NOTICE: "no case, but somebody has to act",
    Outcome.HELD: "held: an employee is asked",
    Outcome.QUARANTINE: "set aside: a person has to read it",
    Outcome.DROP: "no case, one line in the ledger",
}
_DROPPED = {
    DropReason.AUTO_REPLY: "a robot's answer",
    DropReason.BULK: "a newsletter",
    DropReason.DUPLICATE: "the same letter again",
    DropReason.OWN: "our own letter",
}
_LETTERS = {
    Template.ACKNOWLEDGEMENT_COMPLAINT: "acknowledgement",
    Template.PASS_ON: "client's new words",
    Template.MACHINE_NOTICE: "notice",
    Template.UNDELIVERED: "task to call the client",
    Template.DIGEST: "morning letter",
    Template.LEARNED: "what was learned",
}


class Narrator:
    """Writes to one console; texts of letters are never taken for markup."""

    def __init__(self, console: Console, config: Config) -> None:
        self.console, self.config = console, config

    def title(self, number: int, title: str) -> None:
        """A scene begins."""
        self.console.print()
        self.console.rule(Text(f"{number}. {title}", "bold"), align="left", style="dim")

    def arrived(self, mail: Row[Any]) -> None:
        """Who wrote."""
        name = f"{mail.from_name} <{mail.from_address}>" if mail.from_name else mail.from_address
        self._line("✉ ", "bold", f"{name}: {mail.subject}")

    def became(self, fate: Fate) -> None:
        """What it became and why."""
        outcome = Outcome(fate.mail.outcome)
        said = _SAID.get(outcome, str(outcome))
        if fate.mail.drop_reason:
            said = f"{said}: {_DROPPED.get(fate.mail.drop_reason, fate.mail.drop_reason)}"
        if fate.case is not None:
            said = f"{said}: {self._case(fate)}"
        self._line("→ ", "green", said)
        told = (r["why"] for r in json.loads(fate.mail.reasons) if not r["rule"].startswith("traits."))
        reasons = "; ".join(dict.fromkeys(told))
        if reasons:
            self._line("  why: ", "dim", reasons, "dim")

    def _case(self, fate: Fate) -> str:
        case = fate.case
        assert case is not None
        number = f"№ {case.number}" if fate.mail.part in (None, 1) else f"№ {case.number}/{fate.mail.part}"
        entered = f"{number} [{case.tag}], {case.kind}, register of {_plural(case.register)}"
        return f"{entered}, responsible: {self._person(case.assignee)}"

    def _person(self, login: str) -> str:
        person = self.config.person(login)
        return f"{person.name} ({person.position})" if person else login

    def sent(self, row: Row[Any], delivery: Delivery | None, after: float | None, *, shown: bool) -> None:
        """A letter of ours left; `after` is how long its cause had been there, in seconds."""
        name = _LETTERS.get(row.template, str(row.template).replace("_", " "))
        if delivery is None:
            self._line("← ", "yellow", f"{name} to {row.to_address}: {row.status}, and no mailbox has it")
            return
        whose = "the client" if row.audience == Audience.CLIENT else self._person(row.person)
        took = f" after {after * 1000:.0f} ms" if after is not None else ""
        received = Parent.of(delivery.raw)
        self._line("← ", "cyan", f"{whose} got the {name}{took}: {received.subject}")
        if shown:
            self.letter(received)

    def letter(self, received: Parent) -> None:
        """A letter's whole text."""
        panel = Panel(Text(received.text.strip()), title=Text(received.subject), title_align="left", border_style="dim")
        self.console.print(panel)

    def say(self, text: str, style: str = "") -> None:
        """A sentence of the operator's."""
        self.console.print(Text(text, style))

    def verbatim(self, text: str) -> None:
        """Text whose lines stay whole, so that they can be copied."""
        self.console.print(Text(text), soft_wrap=True)

    def check(self, claim: str, missing: str) -> None:
        """One line of the list at the end: fulfilled where nothing is missing."""
        mark, style = ("✗ ", "bold red") if missing else ("✓ ", "bold green")
        self._line(mark, style, f"{claim}: {missing}" if missing else claim)

    def _line(self, mark: str, style: str, text: str, text_style: str = "") -> None:
        self.console.print(Text.assemble((mark, style), (text, text_style)))


def _plural(register: str) -> str:
    return {"inquiry": "inquiries", "complaint": "complaints"}.get(register, register)
