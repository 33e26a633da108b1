"""Did a client fill in a form of the site? Then he stands in its fields, and From is the web server's (A34).

Anybody can type anybody's address into a form: no robot writes to it, and the assignee is told where it comes from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.people import by_address

_LABELS = {
    "address": r"(?:ваш[аи]?\s+)?(?:e-?mail|(?:эл\w*\.?\s*)?(?:почта|адрес)|адрес\s+(?:эл\w*\.?\s*)?почты)",
    "name": r"(?:ваше\s+)?(?:имя|ф\.?\s?и\.?\s?о\.?|контактное\s+лицо|(?:your[-\s])?name)",
    "phone": r"(?:ваш\s+|контактный\s+)?(?:тел(?:ефон)?\.?|phone|tel)",
    "organisation": r"(?:(?:наименование|название)\s+)?(?:организаци[ия]|компани[ия]|предприяти[ея]|company)",
    "inn": r"инн|inn",
}
_LINE = re.compile(
    r"^[ \t*•-]*(?:{})[ \t*]*[:=][ \t*]*(?P<value>\S[^\r\n]{{0,200}})$".format(
        "|".join(f"(?P<{field}>{label})" for field, label in _LABELS.items())
    ),
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS = re.compile(r"[^\s<>()\"',;:@]{1,64}@[^\s<>()\"',;:@]{1,190}\.[^\s<>()\"',;:@.]{2,}")
_TOP = 4000
"""Characters of the text in which fields are looked for."""


@dataclass(frozen=True, slots=True)
class Form:
    """What the client wrote into the fields; only the address is never empty."""

    address: str
    name: str = ""
    phone: str = ""
    organisation: str = ""
    inn: str = ""

    @property
    def card(self) -> str:
        """Organisation and taxpayer number for people (Russian); empty where neither was given."""
        return ", ".join(filter(None, (self.organisation, f"ИНН {self.inn}" if self.inn else "")))


def form(letter: Letter, config: Config) -> Form | None:
    """The fields of a form, from our own site or from a server that says `X-Form`; None for a person's letter."""
    if not _from_site(letter, config):
        return None
    fields: dict[str, str] = {}
    for line in _LINE.finditer(letter.text[:_TOP]):
        name = next(field for field in _LABELS if line[field] is not None)
        fields.setdefault(name, line["value"].strip(" *\t"))
    found = _ADDRESS.search(fields.pop("address", ""))
    # A colleague's signature is no form.
    if found is None or not fields or found[0].rpartition("@")[2].lower() in _own_domains(config):
        return None
    return Form(found[0].lower().rstrip("."), **fields)


def _from_site(letter: Letter, config: Config) -> bool:
    if any(name.startswith("x-form") for name, _ in letter.headers):
        return True
    sender = letter.sender.addr.lower()
    ours = sender.rpartition("@")[2] in _own_domains(config) or sender in config.own_addresses
    return ours and by_address(config, sender) is None


def _own_domains(config: Config) -> frozenset[str]:
    return frozenset(a.rpartition("@")[2] for a in config.own_addresses) - set(config.budget.public_domains)
