"""Reads what a web form mails: one line a field, `Имя: Анна`, and who the person behind it is (A34).

Pure. A letter is a form only where most of its filled lines are fields, and one of them is an address or a telephone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailcase.mail import headers
from mailcase.mail.clients import ADDRESS

_MAX_LINES = 60
_FIELD = re.compile(r"^[\s>*•-]*([^\W\d_][^:：\n]{0,40}?)[\s*]*(?:[:：]|\s\|)[\s*|]*(.*)$")
_LABELS = {
    "address": (
        r"(?:ваш[ае]?\s)?(?:e-?mail|(?:эл(?:ектронная|\.)?\s)?почта|адрес\s(?:эл(?:ектронной|\.)?\s)?почты"
        r"|your[-\s]e?-?mail)"
    ),
    "name": (
        r"(?:ваш[ае]?\s)?(?:имя|ф\.?\s?и\.?\s?о\.?|контактное\sлицо|как\sк\sвам\sобращаться"
        r"|(?:your[-\s]|full[-\s])?name)"
    ),
    "phone": (
        r"(?:ваш\s|контактный\s|номер\s)?(?:телефон\w*|тел\.?|моб(?:ильный)?\.?|phone(?:[-\s]number)?"
        r"|your[-\s](?:phone|tel))"
    ),
    "organisation": r"(?:название\s)?(?:компани[яи]|организаци[яи]|предприятие|company|organi[sz]ation)",
    "inn": r"инн(?:\s?/\s?кпп)?",
}
_KINDS = {kind: re.compile(rf"(?:{words})\s*\*?", re.IGNORECASE) for kind, words in _LABELS.items()}


@dataclass(frozen=True, slots=True)
class Form:
    """What a person filled in; empty where the form has no such field. `inn` has 10 or 12 digits."""

    address: str
    name: str = ""
    phone: str = ""
    organisation: str = ""
    inn: str = ""


def read(text: str) -> Form | None:
    """The form in the text of a letter; None for a letter of another kind."""
    lines = [line for line in text.split("\n")[:_MAX_LINES] if line.strip()]
    found: dict[str, str] = {}
    fields = 0
    for label, value in _fields(lines):
        fields += 1
        kind = next((kind for kind, words in _KINDS.items() if words.fullmatch(label)), "")
        if kind and value.strip():
            found.setdefault(kind, value.strip()[:200])
    address = ADDRESS.search(found.get("address", ""))
    if fields < 3 or len(found) < 2 or fields * 3 < len(lines) or not (address or "phone" in found):
        return None
    inn = re.search(r"(?<!\d)(?:\d{10}|\d{12})(?!\d)", found.get("inn", ""))
    return Form(
        address=headers.normal_address(address[0]) if address else "",
        name=found.get("name", ""),
        phone=found.get("phone", ""),
        organisation=found.get("organisation", ""),
        inn=inn[0] if inn else "",
    )


def _fields(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Label and value of each field; a value may stand on the line below its label."""
    for at, line in enumerate(lines):
        match = _FIELD.match(line[:500])
        if match:
            below = lines[at + 1] if at + 1 < len(lines) else ""
            yield match[1].strip(" *"), match[2] or ("" if _FIELD.match(below[:500]) else below)
