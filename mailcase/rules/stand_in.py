"""Who gets the letters of somebody who is away or has left: every case stays in the hands of a person who is here.

Pure. The ledger keeps the login of whoever was responsible; only where our letters go is decided here, each time
anew, so that a person who comes back has his cases again without an order. Of a complaint nobody gets another's place
who is involved in what it is about (A25, ISO/IEC 17025 7.9.6).
"""

from __future__ import annotations

from collections.abc import Collection

from mailcase.config import Config, Employee
from mailcase.words import MailcaseError


def stands_in(login: str, config: Config) -> Employee:
    """The person himself where he is active; else the first active of his chain of substitutes.

    Where the login is no longer configured, or the chain ends in nobody, the duty person and the other standing roles
    follow, each with his own chain. With nobody active at all the duty person gets it, since a letter to somebody
    absent is better than none. Raises MailcaseError where lab.duty names no employee.
    """
    lab = config.lab
    for wanted in (login, lab.duty, lab.quality_manager, lab.head):
        found = first_here(wanted, config)
        if found is not None:
            return found
    duty = config.person(lab.duty)
    if duty is None:
        raise MailcaseError(f"lab.duty = {lab.duty!r} names no employee (config.toml)")
    return duty


def uninvolved(logins: Collection[str], config: Config, involved: Collection[str], but: str = "") -> Employee:
    """Who decides about a complaint in the place of these: the first who is here, not involved and not `but`.

    After each of them his substitutes, then the quality manager, the head and the duty person, each with his own chain.
    Where everybody is involved the head comes first, as a new complaint is his then, too.
    """
    lab = config.lab
    roles = (lab.quality_manager, lab.head, lab.duty)
    for wanted, passed_over in (((*logins, *roles), {*involved, but}), ((lab.head, *roles), {but})):
        found = next(filter(None, (first_here(login, config, passed_over) for login in wanted)), None)
        if found is not None:
            return found
    return stands_in(lab.head, config)


def first_here(login: str, config: Config, but: Collection[str] = ()) -> Employee | None:
    """The first active person of the chain who is none of those; two who stand in for each other end it."""
    seen: set[str] = set()
    person = config.person(login)
    while person is not None and person.login not in seen:
        if person.active and person.login not in but:
            return person
        seen.add(person.login)
        person = config.person(person.substitute)
    return None
