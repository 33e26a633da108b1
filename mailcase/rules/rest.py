"""Does a complaint that came in the thread of an inquiry also ask for something of the inquiry's?

Then the inquiry has work to do, closed or not. In doubt it has none: whoever considers the complaint reads the whole.
"""

from __future__ import annotations

import re

from mailcase.mail.letter import Letter
from mailcase.rules.remedy import asked_in, sentences
from mailcase.rules.staff_words import own, unsigned
from mailcase.rules.surname import plain

_ASKS = re.compile(
    r"\b(про(шу|сим|сьба)|пожалуйста|нужн\w+|необходим\w+|выстав(ьте|ите)|пришлите|вышлите|направьте|подготовьте"
    r"|добавьте|закаж\w+|заказать|сообщите|подскажите|уточните|сможете|можно ли|сколько|кстати|заодно"
    r"|please|need|could you|quote)(?!\w)|\?"
)
_MOST = 20_000
"""Characters of a letter that are read."""
_COMPLAINS = re.compile(r"жалоб|претенз|ошибк|неверн|неправильн|недовол|безобраз|возмущ|сорва|просроч|нарушен|complain")


def asks_more(letter: Letter) -> bool:
    """Whether a sentence asks for something that is neither the complaint nor what is to make it good."""
    said = map(plain, sentences(own(unsigned((letter.reply or letter.text)[:_MOST], letter.signature))))
    return any(_ASKS.search(one) and not _COMPLAINS.search(one) and not asked_in(one) for one in said)
