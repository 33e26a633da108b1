"""Who is involved in what a complaint is about, and who stands in so that he decides nothing about it (A25).

ISO/IEC 17025:2017, 7.9.6: the outcome is made, or reviewed and approved, by somebody not involved in the activities in
question. Involved is whom the complaint names, and who answered the client of the inquiry from which it comes, or had
that inquiry when the complaint came of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row

from mailcase.app import App
from mailcase.config import Employee
from mailcase.mail.letter import parse
from mailcase.rules.assign import who_is_named
from mailcase.rules.people import ours
from mailcase.rules.stand_in import stands_in, uninvolved
from mailcase.store import cases, queries
from mailcase.store import involved as record
from mailcase.store.cases import Actor
from mailcase.words import EventType, MailcaseError, Register

NAMED = "имя названо в жалобе"


def involved(app: App, tx: Connection, case: Row[Any]) -> dict[str, str]:
    """Why by login of who is involved (Russian, to stand behind a name); empty for what is no complaint."""
    if case.register != Register.COMPLAINT:
        return {}
    numbers = record.origins(tx, case.id)
    had = record.executors(tx, numbers)
    worked = {login: _executor(case, numbers[id_]) for id_ in numbers for login in had.get(id_, ())}
    return dict.fromkeys(_named(app, tx, case), NAMED) | worked


def stand_in(app: App, tx: Connection, login: str, case: Row[Any] | None = None) -> Employee:
    """Who gets what that employee should get about the case: he himself, or whoever stands in for him.

    Of a complaint nobody involved gets it in another's place, as far as anybody else is here.
    """
    return Involvements(app, tx).stand_in(login, case)


@dataclass(frozen=True, slots=True)
class Involvements:
    """Who is involved in each complaint, found once: whoever writes everybody's letter asks for each of them again.

    To find it the complaint's letters are read. It lives no longer than the transaction in which nothing of it changes.
    """

    app: App
    tx: Connection
    _found: dict[int, dict[str, str]] = field(default_factory=dict)

    def of(self, case: Row[Any]) -> dict[str, str]:
        """As `involved`."""
        if case.id not in self._found:
            self._found[case.id] = involved(self.app, self.tx, case)
        return self._found[case.id]

    def stand_in(self, login: str, case: Row[Any] | None = None) -> Employee:
        """As the function of that name."""
        config = self.app.config
        person, complaint = config.person(login), case is not None and case.register == Register.COMPLAINT
        if case is None or not complaint or (person is not None and person.active):
            return stands_in(login, config)
        return uninvolved((login,), config, self.of(case).keys())


def manager(app: App, tx: Connection, case: Row[Any], but: str = "") -> Employee:
    """Whose word about a complaint counts: the quality manager's, or that of who is here, not involved, not `but`."""
    return uninvolved((), app.config, involved(app, tx, case).keys(), but)


def acted(app: App, tx: Connection, case: Row[Any], actor: Actor, how: record.How) -> None:
    """Put on record that he answered or closed a complaint that he is involved in; of who has it that is known."""
    if actor.login != case.assignee and actor.login in involved(app, tx, case):
        cases.note(tx, case.id, actor, EventType.INVOLVED, person=actor.login, how=how)


def _executor(case: Row[Any], number: int) -> str:
    return "исполнитель по этому обращению" if number == case.number else f"исполнитель по № {number}, откуда жалоба"


def _named(app: App, tx: Connection, case: Row[Any]) -> frozenset[str]:
    """Whom the complaint names, or a later letter that adds to it.

    The client knows from us who considers it: that a later letter addresses him by name accuses him of nothing.
    """
    opening, us = queries.mail(tx, case.opened_by_mail_id), ours(app.config)
    first = _in(app, opening) if opening is not None else frozenset()
    later = (_in(app, row) for row in queries.later_from_clients(tx, case.id) if row.from_address not in us)
    more = frozenset().union(*later)
    return first | (more - record.considered(tx, case.id)) if more - first else first


def _in(app: App, row: Row[Any]) -> frozenset[str]:
    try:
        return who_is_named(parse(app.raw.get(row.sha256), truncated=row.truncated), app.config)
    except MailcaseError:
        # One lost file must not stop a letter, and least of all everybody's morning letter.
        return frozenset()
