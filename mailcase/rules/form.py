"""Did a client fill in a form of a site? Then he stands in its fields, and From is the web server's (A34).

Anybody can type anybody's address into a form: no robot writes to it, and the assignee is told where it comes from.
"""

from __future__ import annotations

import re

from mailcase.config import Config
from mailcase.mail.form import Form, read
from mailcase.mail.letter import Letter
from mailcase.rules.people import by_address

_WEB_SERVER = re.compile(r"(?:www(?:-data)?|apache|nginx|wordpress|bitrix|no-?reply)[-_.\d]*@", re.IGNORECASE)


def form(letter: Letter, config: Config) -> Form | None:
    """The fields of a form that a site sent in its own name; None for a person's letter."""
    filled = read(letter.text) if _from_site(letter, config) else None
    # A colleague's signature is no form.
    if filled is None or filled.address.rpartition("@")[2] in _own_domains(config):
        return None
    return filled


def _from_site(letter: Letter, config: Config) -> bool:
    sender = letter.sender.addr.lower()
    if _WEB_SERVER.match(sender) or any(name.startswith("x-form") for name, _ in letter.headers):
        return True
    ours = sender.rpartition("@")[2] in _own_domains(config) or sender in config.own_addresses
    return ours and by_address(config, sender) is None


def _own_domains(config: Config) -> frozenset[str]:
    return frozenset(a.rpartition("@")[2] for a in config.own_addresses) - set(config.budget.public_domains)
