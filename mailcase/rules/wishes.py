"""How a client wants to be answered: «прошу перезвонить», «ответ направьте почтой на бумаге» (A13).

Only a plain wish counts: «если будут вопросы, звоните» stands below half of all letters and asks for nothing.
"""

from __future__ import annotations

import re

from mailcase.mail.letter import Letter
from mailcase.rules.staff_words import own, unsigned
from mailcase.rules.surname import plain
from mailcase.words import Channel

_LONGEST = 4000
"""Characters that are read; who wants a call says so in his first lines or his last."""
_HINTS = tuple("звон набер связ телефон call phone ring почтой заказн бума почтовому".split())
"""Without any of these nothing is wished; most letters have none, and the rest takes long."""
_SENTENCES = re.compile(r"(?<=[.!?…;])\s+|\n+")
_CALL = re.compile(
    r"\b(перезвоните|наберите (меня|нас|мне)|жд[уе]м? (\w+ )?звонк\w+"
    r"|позвоните(,? пожалуйста)?( мне| нам|,? пожалуйста| по | на |\W*$)"
    r"|(прошу|просим|просьба|можете|могли бы( вы)?|хотел\w* бы,? чтобы( мне| нам| вы)?) (\w+ ){0,2}"
    r"(перезвонить|позвонить|набрать|перезвонили|позвонили)"
    r"|(свяжитесь|связаться|свяжется|связались) (\w+ ){0,3}(по|на) (\w+ )?(тел\w*|номер\w*)"
    r"|(ответ|ответить|ответьте|сообщите|сообщить|уточнить|обсудить) (\w+ ){0,3}по телефону)"
    r"|\b((please )?(call|phone|ring) (me|us)( back)?|give (me|us) a (call|ring)|call back)\b"
)
_POST = re.compile(
    r"\b(ответ\w*|решение|письм\w+|оригинал\w*|отправ\w+|направ\w+|выс[лы]\w+)\b.{0,80}"
    r"(почтой россии|заказным письмом|на бумаге|на бумажном носителе|в бумажном виде|по почтовому адресу)"
)
_CONDITION = re.compile(
    r"\b(если|при (\w+ )?(вопрос|необходимост|возникновени|наличи)\w*|в случае|по (всем |любым )?вопросам"
    r"|за (час|день|полчаса)|перед|накануне|заранее|когда|как (только|будет)|if|in case|should you|before)\b"
)
_NEGATED = re.compile(
    r"\bне (надо |нужно |стоит |обязательно )?(пере|по)?зв[оа]н\w+|\bno calls\b|\bdo(n't| not) call\b"
)


def preferred_channel(letter: Letter) -> Channel | None:
    """Phone or post, where the new words ask for it; None where they ask for neither."""
    low = letter.reply[:_LONGEST].lower()
    if not any(hint in low for hint in _HINTS):
        return None
    text = plain(own(unsigned(letter.reply[:_LONGEST], letter.signature)))
    for sentence in _SENTENCES.split(text):
        if _NEGATED.search(sentence) or _CONDITION.search(sentence):
            continue
        if _CALL.search(sentence):
            return Channel.PHONE
        if _POST.search(sentence):
            return Channel.POST
    return None
