"""One letter on the table in its transaction, and what the ledger keeps of what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from mailcase.app import App
from mailcase.config import Config, Employee
from mailcase.involved import stand_in
from mailcase.mail.letter import Letter
from mailcase.rules.thread import names
from mailcase.store import outbox
from mailcase.store.cases import Actor


@dataclass(frozen=True, slots=True)
class Result:
    """What the ledger keeps beside the outcome: the case, the letter's part of it, and what waits for a word."""

    case_id: int | None = None
    part: int | None = None
    held: str | None = None
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """One letter on the table, in its transaction."""

    app: App
    tx: Connection
    mail: Row[Any]
    letter: Letter
    now: datetime

    @property
    def config(self) -> Config:
        """The configuration."""
        return self.app.config

    @property
    def actor(self) -> Actor:
        """The program, acting by this letter."""
        return Actor(self.now, mail_id=self.mail.id)

    def ids(self) -> tuple[str, ...]:
        """Every Message-ID by which a later letter may find this one's case; ours to employees are left out."""
        hidden = outbox.staff_ids(self.tx, names(self.letter))
        return tuple(i for i in names(self.letter) if i not in hidden)

    def person(self, login: str, case: Row[Any] | None = None) -> Employee:
        """Who gets what this employee should get about the case: he himself, or whoever stands in for him."""
        return stand_in(self.app, self.tx, login, case)
