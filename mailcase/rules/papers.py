"""Which paper a file is, by its name: `счёт_123.pdf` is an invoice and its number 123 (A19).

A name that tells nothing is no paper of a kind: the file goes to the client all the same.
"""

from __future__ import annotations

import re

from mailcase.rules.surname import plain
from mailcase.words import DocumentType

# Of two that fit the first counts: an invoice for tax is also called «счёт».
_TYPES = (
    (DocumentType.TAX_INVOICE, r"счет ?-? ?фактур\w*|с-?ф(?= |№|$)|(vat|tax) invoice|schet-?faktura"),
    (DocumentType.TRANSFER, r"упд|универсальн\w+ передаточн\w+( документ)?"),
    (DocumentType.UNFITNESS, r"извещени\w+( о непригодности)?|непригодност\w*"),
    (DocumentType.INVOICE, r"счет(а|ом|у)?( на оплату)?|invoice|schet"),
    (DocumentType.ACT, r"акт(ы|а)?|akt|act"),
    (DocumentType.PROTOCOL, r"протокол\w*|protokol|protocol|(test )?report"),
    (DocumentType.CERTIFICATE, r"свидетельств\w+|сертификат\w*|svidetelstvo|certificate"),
    (DocumentType.OFFER, r"ткп|кп|коммерческ\w+ предложени\w+|offer|quot(e|ation)"),
    (DocumentType.CONTRACT, r"договор\w*|доп\w*\.? ?соглашени\w+|dogovor|contract|agreement"),
)
_PATTERNS = tuple((kind, re.compile(rf"(?<![^\W\d_])(?:{words})(?![^\W\d_])")) for kind, words in _TYPES)
_ENDING = re.compile(r"\.\w{2,5}$")
# What follows is the day of the paper, not its number.
_DATED = re.compile(r"\s*\bот\b|\s*\b\d{1,2}[.-]\d{1,2}[.-](\d{4}|\d{2})\b|\s*\b\d{4}-\d{2}-\d{2}\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?:№|#|\bno\b\.?|\bn\b)?\s*((?:[^\W\d_]{1,4}-)?\d[\w/-]*)", re.IGNORECASE)


def paper(name: str) -> tuple[DocumentType, str] | None:
    """(type, number; empty where the name has none) of a file's name; None for a file of no such type."""
    words = " ".join(_ENDING.sub("", name).replace("_", " ").split())
    for kind, pattern in _PATTERNS:
        found = pattern.search(plain(words))
        if found:
            after = words[found.end() :]
            dated = _DATED.search(after)
            number = _NUMBER.search(after[: dated.start()] if dated else after)
            return kind, number[1] if number else ""
    return None
