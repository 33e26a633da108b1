"""Who gets the letters of somebody who is away or has left: every case stays in the hands of a person who is here.

Pure. The ledger keeps the login of whoever was responsible; only where our letters go is decided here, each time
anew, so that a person who comes back has his cases again without an order.
"""

from __future__ import annotations

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
        found = _first_here(wanted, config)
        if found is not None:
            return found
    duty = config.person(lab.duty)
    if duty is None:
        raise MailcaseError(f"lab.duty = {lab.duty!r} names no employee (config.toml)")
    return duty


def _first_here(login: str, config: Config) -> Employee | None:
    """The first active person of the chain; two who stand in for each other end it."""
    seen: set[str] = set()
    person = config.person(login)
    while person is not None and not person.active and person.login not in seen:
        seen.add(person.login)
        person = config.person(person.substitute)
    return person if person is not None and person.active else None
