"""Is an answer an offer, a contract or an invoice? Then the laboratory commits itself by it (A65, ISO/IEC 17025 7.1).

Told by the names of the files, or by plain words of sending one; a promise to send one later is no offer. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mailcase.rules.remedy import sentences
from mailcase.rules.surname import plain
from mailcase.words import Kind

ORDERS = (Kind.REQUEST, Kind.ORDER_CHANGE)
"""Kinds of cases whose requirements are reviewed."""
POINTS = ("capability", "scope", "method", "term")
"""What a review looks at."""
_LEFT, _RIGHT = r"(?<![а-яa-z])", r"(?![а-яa-z])"
_FILE = re.compile(
    rf"{_LEFT}(т?кп|комм?ерческ\w*[ _]?предл\w*|предложени[ея]|договора?|контракта?|счета?"
    rf"|quotation|quote|offer|proposal|contract|invoice){_RIGHT}(?![ _-]?фактур)"
)
_NAMED = (
    r"(?<!по )(?<!к )(?<!для )\b(т?кп|(коммерческ\w+|ценов\w+) предложени[ея]|(проект )?договора?|контракта?"
    r"|счета?(?!-фактур)|quotation|quote|commercial offer|proposal|contract|invoice)\b"
)
_SENT = (
    r"\b(направля(ем|ю)|высыла(ем|ю)|отправля(ем|ю)|прилага(ем|ю|ется)|прикладыва(ем|ю)|пересыла(ем|ю)|выставля(ем|ю)"
    r"|предлага(ем|ю)|представля(ем|ю)|вот|во вложени\w+|в приложени\w+|приложен\w*|прикреплен\w*|вложен\w*"
    r"|attached|enclosed|please find)\b"
)
_OFFERS = re.compile(rf"{_SENT}[^.!?]{{0,200}}{_NAMED}|{_NAMED}[^.!?]{{0,200}}{_SENT}")


def offered(text: str, files: Iterable[str]) -> str:
    """The file or the sentence that makes the answer an offer, as written; empty where nothing does."""
    by_name = next((name for name in files if _FILE.search(plain(name))), "")
    return by_name or next((said for said in sentences(text) if _OFFERS.search(plain(said))), "")
