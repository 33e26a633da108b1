"""Whom an overdue case rises to: any to the head, a complaint to the top management as well (A4, A37, B.8).

Pure. Being told is not deciding: a member whom the complaint names still hears of it, but never he alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mailcase.config import Config
from mailcase.rules.stand_in import stands_in
from mailcase.words import Register


class Level(StrEnum):
    """How far a case has risen; the values are what events show."""

    HEAD = "head"
    TOP_MANAGEMENT = "top_management"


@dataclass(frozen=True, slots=True)
class Rise:
    """To whom a case rises at that level: `person` reads it for the members `to` (all logins).

    `beside`: he holds no place at that level, and is told because those who do are involved.
    """

    level: Level
    person: str
    to: tuple[str, ...]
    beside: bool = False


def levels(register: str, late: int, config: Config) -> tuple[Level, ...]:
    """How far a case rises that is late by so many working days; the lowest level first."""
    after = config.escalation
    head = 0 < after.head <= late
    top = register == Register.COMPLAINT and 0 < after.top_management <= late
    return (*([Level.HEAD] if head else []), *([Level.TOP_MANAGEMENT] if top else []))


def members(config: Config) -> tuple[str, ...]:
    """Logins of the top management, without those who have left; the head where nobody is named or left.

    `config` is the one of the file: whoever is away today is a member all the same.
    """
    named = dict.fromkeys(config.lab.top_management)
    here = tuple(login for login in named if (person := config.person(login)) is not None and person.active)
    return here or (config.lab.head,)


def to_head(late: frozenset[str], config: Config) -> tuple[Rise, ...]:
    """The head, or who stands in for him; nobody where the case is his own: it stands among what he has overdue.

    `late` are the assignee and who gets his letters.
    """
    return _rises(Level.HEAD, (config.lab.head,), late, config)


def to_top_management(
    role: tuple[str, ...], late: frozenset[str], involved: frozenset[str], config: Config
) -> tuple[Rise, ...]:
    """Every member of `role`, or who stands in for him, but for whoever has the complaint himself, as for `to_head`.

    Where nobody of them is uninvolved, the first uninvolved of the standing roles is told as well (A25): somebody other
    than who is late with it, if there is one.
    """
    rises = _rises(Level.TOP_MANAGEMENT, role, late, config)
    if not {one.person for one in rises} <= involved | late:
        return rises
    lab = config.lab
    standing = {login: stands_in(login, config).login for login in (lab.head, lab.quality_manager, lab.duty)}
    for partial in (involved | late, involved):
        for login, person in standing.items():
            if person not in partial:
                return (*rises, Rise(Level.TOP_MANAGEMENT, person, (login,), beside=True))
    return rises


def _rises(level: Level, role: tuple[str, ...], late: frozenset[str], config: Config) -> tuple[Rise, ...]:
    reads: dict[str, tuple[str, ...]] = {}
    for member in role:
        person = stands_in(member, config).login
        reads[person] = (*reads.get(person, ()), member)
    return tuple(Rise(level, person, to) for person, to in reads.items() if person not in late)
