"""Does an employee's reply say only that he is away? His program wrote it then, and no client may read it.

Many responders set no header at all (pain 29), and one that answers our question answers the next one too: so a note
of absence must end in silence, while a person's answer that merely mentions a holiday is asked about. Pure.
"""

from __future__ import annotations

import re

from mailcase.mail.letter import Letter
from mailcase.rules.screens.auto_subject import responder
from mailcase.rules.staff_words import GREETING, own, unsigned
from mailcase.rules.surname import plain

_LONGEST = 70
"""Words; whoever writes more has something to say."""

_AWAY = re.compile(
    r"\b(в|из|на)\s+(\w+\s+)?отпуск[еау]?\b|\b(я|буду|сейчас)\s+отсутств\w+|\bотсутствую\b|\bбуду\s+(снова\s+)?на\s+связи"
    r"|\bнет\s+на\s+(рабочем\s+)?месте|\bменя\s+(\w+\s+)?(нет|не\s+будет)\b|\bна\s+больничном|\bв\s+командировке"
    r"|\bвне\s+офиса|\bне\s+в\s+офисе|\bна\s+выезде|\bне\s+(могу|смогу)\s+(сразу\s+|сейчас\s+)?(вам\s+)?ответить"
    r"|\bавтоответ|\bавтоматическ\w+\s+(ответ|уведомление|сообщение)"
    r"|\bout\s+of\s+(the\s+)?office|\bon\s+(\w+\s+)?(leave|vacation|holiday)\b|\baway\s+(from|until|till)\b"
)
# What else such a note says; a sentence of any other sense makes it a person's letter.
_POLITE = re.compile(
    r"спасибо|благодар|здравствуй|добр\w+\s+(день|утро|вечер)|\bзвон\w+|\bобра(щ|т)\w+|\bпиш\w+|\bсвяж\w+|\bсвяз\w+"
    r"|\bтел(ефон)?\b|\bотвечу\b|\bвернусь\b|\bвозвращ\w+|\bвыйду\b|\bпрочту\b|\bсрочн\w+|\bзамеща\w+"
    r"|\bthank|\bhello\b|\bdear\b|\burgent|\bcontact|\bcall\b|\breturn|\bback\b|\breply\b|\bregards\b"
)
_SUBSTANCE = re.compile(
    r"\b(прибор|цен|стоим|стоит|сч[её]т|договор|протокол|свидетельств|повер(к|ит|ен)|калибр|кп\b|руб|заявк|привоз|забр"
    r"|готов|price|cost|invoice|certificate|calibrat)"
)
_MONTH = r"(январ|феврал|март|апрел|ма[яй]|июн|июл|август|сентябр|октябр|ноябр|декабр)\w*"
_DATES = re.compile(
    rf"\b\d{{1,2}}(\s*(-|–|по|до|and|to)\s*\d{{1,2}})?(-?го)?\s+{_MONTH}(\s+20\d\d)?"
    r"|\b\d{1,2}[./]\d{1,2}([./](20)?\d\d)?\b|\b20\d\d-\d\d-\d\d\b|\b\d{1,2}[:.]\d\d\b"
    r"|\b\d{1,2}(st|nd|rd|th)?\s+(of\s+)?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*"
    r"|\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\s+\d{1,2}\b|\b20\d\d\b"
    r"|(\bс|\bпо|\bдо)\s+\d{1,2}\b"
)
_PHONES = re.compile(r"(\+7|\b8)[\s(–-]*\d{3}[\d\s()–-]{6,12}|\bдоб\w*\.?\s*\d+|\S+@\S+")
_SENTENCES = re.compile(r"(?<=[.!?…])\s+|\n+")


def sounds_absent(letter: Letter) -> bool:
    """Whether subject or text speaks of somebody's absence, as a responder's do."""
    return bool(responder(letter.subject)) or bool(_AWAY.search(_words(letter)))


def only_absent(letter: Letter) -> bool:
    """Whether nothing else is said: short, no file, no figure but dates and phones, no word of our work."""
    text = _words(letter)
    if any(not file.inline for file in letter.attachments) or len(text.split()) > _LONGEST or _SUBSTANCE.search(text):
        return False
    bare = _PHONES.sub(" ", _DATES.sub(" ", text))
    if re.search(r"\d", bare):
        return False
    return bool(responder(letter.subject)) or all(_idle(s) for s in _SENTENCES.split(bare) if s.strip())


def _words(letter: Letter) -> str:
    return GREETING.sub("", plain(own(unsigned(letter.reply, letter.signature)))).strip()


def _idle(sentence: str) -> bool:
    # «А. П.» of a name falls apart into sentences of its own.
    initials = all(len(word) <= 2 for word in re.findall(r"\w+", sentence))
    return initials or bool(_AWAY.search(sentence) or _POLITE.search(sentence))
