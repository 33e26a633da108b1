"""What only shows between the sections of a configuration: names that must exist, names that must differ.

Works on the file as it was read, before it is known to be valid, so that these faults are listed together with all
others; where a value has the wrong shape it is passed over here, because the section's own check refuses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mailcase.config_values import did_you_mean

_ROLES = ("head", "duty", "quality_manager")


@dataclass(frozen=True)
class _Card:
    """What of an employee's card other sections refer to; addresses are lower case."""

    login: str
    addresses: tuple[str, ...]
    substitute: str


def problems(raw: Mapping[str, Any]) -> list[str]:
    """Every contradiction between sections, one sentence each, without the name of the file."""
    cards = [_card(table) for table in _tables(raw, "employee")]
    logins = [card.login for card in cards if card.login]
    found = [
        *_twice("employee", "login", logins),
        *_twice("mailbox", "name", [_text(table, "name") for table in _tables(raw, "mailbox")]),
        *_twice("document", "key", [_text(table, "key") for table in _tables(raw, "document")]),
        *_twice("reference", "id", [_text(table, "id") for table in _tables(raw, "reference")]),
        *_addresses(cards, raw),
        *_roles(raw, logins),
        *_substitutes(cards, logins),
        *_assignments(raw, logins),
        *_language_model(raw),
        *_top_management(raw, logins),
        *_escalation(raw),
    ]
    return list(dict.fromkeys(found))


def _language_model(raw: Mapping[str, Any]) -> Iterator[str]:
    section = raw.get("language_model")
    if _text(section, "url") and not _text(section, "model"):
        yield "language_model.model: is missing; name the model that language_model.url is to use"


def _top_management(raw: Mapping[str, Any], logins: list[str]) -> Iterator[str]:
    """Who gets the report: named by login, and somebody at all where a report is to go (A4)."""
    named = list(_texts(raw.get("lab"), "top_management"))
    yield from (_nobody("lab.top_management", login, logins) for login in named if login not in logins)
    every = _text(raw.get("report"), "every")
    if every in ("month", "quarter") and not named:
        yield (
            f'lab.top_management: is empty, but report.every = "{every}"; name the logins of those who get the report, '
            "or leave report.every out"
        )


def _escalation(raw: Mapping[str, Any]) -> Iterator[str]:
    """Complaints rise to somebody at all, unless that is switched off (A4).

    Where neither key is written the head is told, because a daemon that was set up before must start after an upgrade.
    """
    role = _table(raw.get("lab")).get("top_management")
    after = _table(raw.get("escalation")).get("top_management")
    if (role == [] and after != 0) or (role is None and isinstance(after, int) and after > 0):
        yield (
            "lab.top_management: names nobody, but overdue complaints rise to it; name the logins of those who are to "
            "be told, or set escalation.top_management = 0"
        )


def _card(table: Mapping[str, Any]) -> _Card:
    addresses = tuple(a.strip().lower() for a in (_text(table, "email"), *_texts(table, "aliases")) if a)
    return _Card(_text(table, "login"), addresses, _text(table, "substitute"))


def _twice(section: str, key: str, names: list[str]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        if name and names.count(name) > 1:
            yield f'{section}.{key} = "{name}": used {names.count(name)} times; each {section} needs its own'


def _addresses(cards: list[_Card], raw: Mapping[str, Any]) -> Iterator[str]:
    lab = raw.get("lab")
    own = {a.strip().lower() for a in (_text(lab, "address"), *_texts(lab, "aliases")) if a}
    owner: dict[str, str] = {}
    for card in cards:
        for address in dict.fromkeys(card.addresses):
            if address in own:
                yield f'employee[{card.login}]: "{address}" is an address of the laboratory, not of a person'
            elif address in owner:
                yield f'employee[{card.login}]: "{address}" also belongs to employee[{owner[address]}]'
            owner.setdefault(address, card.login)


def _roles(raw: Mapping[str, Any], logins: list[str]) -> Iterator[str]:
    for role in _ROLES:
        login = _text(raw.get("lab"), role)
        if login not in logins and role in _table(raw.get("lab")):
            yield _nobody(f"lab.{role}", login, logins)


def _assignments(raw: Mapping[str, Any], logins: list[str]) -> Iterator[str]:
    for number, rule in enumerate(_tables(raw, "assign"), 1):
        for login in _texts(rule, "employees"):
            if login not in logins:
                yield _nobody(f"assign[#{number}].employees", login, logins)


def _nobody(key: str, login: str, logins: list[str]) -> str:
    return f'{key} = "{login}": no employee has this login{did_you_mean(login, logins)}'


def _substitutes(cards: list[_Card], logins: list[str]) -> Iterator[str]:
    for card in cards:
        if card.substitute and card.substitute not in logins:
            yield _nobody(f"employee[{card.login}].substitute", card.substitute, logins)
    follows = {card.login: card.substitute for card in cards}
    for cycle in dict.fromkeys(_cycle(start, follows) for start in follows):
        if cycle:
            circle = " -> ".join((*cycle, cycle[0]))
            yield f"employee.substitute: {circle} is a circle; give one of them another substitute or none"


def _cycle(start: str, follows: Mapping[str, str]) -> tuple[str, ...]:
    """The circle that `start` stands in, beginning with its first name in the alphabet; empty when in none."""
    seen = [start]
    while (following := follows.get(seen[-1], "")) and following not in seen:
        seen.append(following)
    if following != start:
        return ()
    first = seen.index(min(seen))
    return (*seen[first:], *seen[:first])


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _tables(raw: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = raw.get(name)
    return [_table(entry) for entry in value] if isinstance(value, list) else []


def _text(value: object, key: str) -> str:
    found = _table(value).get(key)
    return found if isinstance(found, str) else ""


def _texts(value: object, key: str) -> Iterable[str]:
    found = _table(value).get(key)
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []
