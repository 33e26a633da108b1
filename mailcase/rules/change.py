"""What does a client change of his order, what was agreed before, and does an answer agree to it (A61)?

The client's own words are kept, and the earlier ones about the same thing beside them. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mailcase.mail.letter import Letter
from mailcase.rules.decision import Judgement
from mailcase.rules.remedy import sentences
from mailcase.rules.staff_words import GREETING, own, unsigned
from mailcase.rules.surname import plain
from mailcase.words import Kind

_MOST = 5_000
"""Characters of a letter that are read."""
_LONGEST = 300
"""Characters of somebody's words that are kept."""
_CHANGES = re.compile(
    r"\b(перенес|перенос|измен|поменя|меня[ею]|замен|добав|исключ|убра|убер|отмен|отка[зж]|сдвин|отлож|передвин|увелич"
    r"|уменьш|сократ|приостанов|заморо[зж]|продл|вместо|не приезжайте|передумал"
    r"|reschedul|postpone|cancel|amend|move|change)"
)
_STEM = 5
"""Letters by which two forms of a word are the same one."""
_FIGURE = re.compile(
    r"\d|понедельник|вторник|\bсред[ауы]|четверг|пятниц|суббот|завтра|monday|tuesday|wednesday|thursday|friday|tomorrow"
)
_EMPTY = re.compile(r"пожалуйста|просим|прошу|заявк|заказ|можно|нужно|добрый|здравствуйте|уважаем|please")
_NUMBER = re.compile(r"(?P<of>[а-яa-z.]{1,20})? ?(?:№|\bno\.?|\bn)? ?(?P<number>\d{1,6})(?![\w/-]|[.,]\d)")
_BLANKS = re.compile(r"[ \t\xa0]+")
_OURS = re.compile(r"(вх\.?|заявк\w*|заказ\w*|обращени\w*|order|request|ref\.?)")
_REFUSES = re.compile(
    r"\bне (мож\w+|смож\w+|получ\w+|успева\w+|удаст\w+|возьм\w+|соглас\w+)|невозможн|отказ|к сожалению"
    r"|cannot|unable|unfortunately"
)
_LATER = re.compile(
    r"уточн(им|ю)|узна(ем|ю)\b|сообщ(им|у)\b|ответ(им|чу)\b|верн(емся|усь)|провер(им|ю)\b|обсуд(им|лю)|согласу(ем|ю)\b"
    r"|переда(м|дим|л\w*)\b|\b(пока|еще) не\b|не подтвержда\w+|will (check|let you know|reply)|not (yet )?confirm"
)


def change(letter: Letter, judgement: Judgement) -> str:
    """The words with which a letter changes an order; empty for a letter that changes none."""
    if judgement.kind is not Kind.ORDER_CHANGE:
        return ""
    text = own(unsigned((letter.reply or letter.text)[:_MOST], letter.signature))
    said = [one for one in sentences(text) if _CHANGES.search(plain(one))]
    return " ".join(" ".join(said or [text or letter.subject]).split())[:_LONGEST]


def before(after: str, earlier: Iterable[str]) -> str:
    """The last earlier words about what is changed, with their day or figure; empty where nobody said any.

    `earlier` is what was written in the order's case, the newest letter first.
    """
    about = _stems(after)
    for text in earlier:
        found = [one for one in sentences(text[:_MOST]) if about & _stems(one) and _FIGURE.search(plain(one))]
        if found:
            return " ".join(found[-1].split())[:_LONGEST]
    return ""


def agreed(answer: str) -> str:
    """`yes` where an answer accepts the change, `no` where it refuses, empty where it asks back or promises a word."""
    text = plain(answer)
    if _REFUSES.search(text):
        return "no"
    return "" if "?" in text or _LATER.search(text) else "yes"


def numbers(letter: Letter) -> frozenset[int]:
    """The numbers by which a letter may name cases of ours: «заявка 412», «вх. № 412», «№ 412», no contract's."""
    text = _BLANKS.sub(" ", plain(f"{letter.subject}\n{letter.reply[:_MOST]}"))
    found = (m for m in _NUMBER.finditer(text) if _is_ours(text, m))
    return frozenset(int(m["number"]) for m in found)


def _is_ours(text: str, found: re.Match[str]) -> bool:
    if found["of"] and _OURS.fullmatch(found["of"]):
        return True
    sign = text[found.start() : found.start("number")]
    return not found["of"] and "№" in sign


def _stems(text: str) -> frozenset[str]:
    words = re.findall(r"[а-яa-z]{5,}", GREETING.sub("", plain(text)))
    return frozenset(word[:_STEM] for word in words if not _CHANGES.match(word) and not _EMPTY.match(word))
