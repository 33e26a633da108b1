"""Below which answer of an employee the approved order of appeal belongs: a refusal, the outcome of a complaint (A41).

Both are known by their words, and in doubt it is left out: below a letter that decides nothing it would sound like a
refusal. Whoever tells of the appeal himself is not repeated. Pure.
"""

from __future__ import annotations

import re

from mailcase.rules.surname import plain

_WORK = (
    r"(принять|принимать|взять|выполнить|выполнять|провести|проводить|поверить|откалибровать|испытать|оказать|оформить"
    r"|заключить|удовлетворить|вернуть|возместить|выдать)"
)
_REFUSES = re.compile(
    r"\bвынужден\w* (вам )?отказать|(?<!\bне )\bотказываем\b|\bприняли решение отказать|(?<!\bне )\bотказано\b"
    rf"|\bне (сможем|можем|готовы|имеем возможности|имеем права|представляется возможным) (\w+ ){{0,3}}{_WORK}\b"
    rf"|\b{_WORK}\b[^.!?]{{0,60}}\bне (сможем|можем|представляется возможным)\b"
    r"|\b(к сожалению|увы)\b[^.!?]*\bне (выполняем|проводим|оказываем|поверяем|калибруем|испытываем|принимаем)\b"
    r"|\b(вне|за предел\w+) (нашей |нашу )?област\w+ аккредитации|\bне вход\w+ в (нашу )?область аккредитации"
    r"|\b(unable|not able) to (accept|perform|carry out|do)\b|\b(have to|must|regret to) (decline|refuse)\b"
    r"|\b(unfortunately|regrettably)\b[^.!?]*\b(cannot|can't|do not|don't) (\w+ )?"
    r"(accept|perform|carry out|calibrate|verify|test|offer|provide|do)\b"
)
_TOLD = re.compile(
    r"обжалов|апелляц|если вы не согласны|\bв суд\b|\bappeal"
    r"|\b(обратиться|обращаться|пожаловаться|подать|направить)\b[^.!?]{0,40}"
    r"\bв (росаккредитаци|федеральную службу по аккредитации)"
)
_ASKS = re.compile(
    r"\?|\b(пришлите|вышлите|направьте|уточните|сообщите|подскажите|укажите|предоставьте|напишите|позвоните|перезвоните)\b"
    r"|\b(просим|прошу) (вас )?(прислать|выслать|направить|сообщить|уточнить|указать|предоставить|подтвердить)\b"
    r"|\b(let us know|could you|please (send|tell|provide|confirm|check|call|resend))\b"
)
_APART = re.compile(
    r"\b(если|if)\b[^.!?]{0,30}\b(вопрос|questions)[^.!?]*"
    r"|\bот «?\d{1,2}»?[. ]([а-я]{3,8}|\d{2})[. ]\d{2,4}"
)
"""A closing phrase and the date of a letter: neither a condition nor a day that is offered."""
_MONTHS = "январ|феврал|март|апрел|июн|июл|август|сентябр|октябр|ноябр|декабр"
_OPEN = re.compile(
    # Something else instead, or more in the same letter.
    r"\b(но|зато|однако|вместо|взамен|предлага\w+|кп|счет|во вложении|прилага\w+|приезжайте|приходите|привозите)\b"
    r"|(?<!\bне )\b(готовы?|готова|можем|сможем|можно|возможно|выполним|проведем|примем|поверим|откалибруем)\b"
    r"|\b(можете|сможете)\b(?! обратиться)"
    # No work, but the way to it.
    r"|\b(встреч|звон(ок|к)|файл|архив|оплат|карт(ой|у)\b|подпис|курьер|доставк|груз)"
    # A condition.
    r"|\b(если|при условии|без|пока|только|сначала|после|временно|не хвата\w+)\b|\bдо (?!\d)"
    # A day or a term.
    r"|\b(сегодня|сейчас|завтра|послезавтра|раньше|ранее|позже|позднее|ближайш\w+|недел\w+|срок\w*|месяц\w*|выходн\w+)\b"
    rf"|\b(понедельник|вторник|четверг|пятниц|суббот|воскресень|{_MONTHS})|\b(сред(а|у|ы|ам)|ма[йея])\b"
    r"|\b\d{1,2}([./]\d{2}|-?го|-е|-му)\b|\b\d+[ -]?(рабоч\w+ )?(дн|ден|час)"
    r"|\b(but|however|instead|after|before|until|unless|if|only|we can|attached|quotation|earlier|later|today)\b"
    r"|\b((mon|tues|wednes|thurs|fri|satur|sun)days?|days?|weeks?|tomorrow)\b"
)
_OUTCOME = re.compile(
    r"\bудовлетвор(ен[ао]?|ить|яем|ению|ении)\b|\bтребования\b[^.!?]{0,40}\bудовлетворены\b"
    r"|\b(жалоб|претензи|обращени|замечани|требовани)\w*\b[^.!?]{0,60}\b(не ?)?обоснован\w*\b(?! ли\b)"
    r"|\bпризна(н[аоы]?|ем|ли|ть)\b[^.!?]{0,60}обоснован"
    r"|\bпо (результатам|итогам) (рассмотрения|разбора|расследования)\b"
    r"|(?<!\bне )\bрассмотрели\b[^.!?]{0,20}\b(жалоб|претензи|обращени)"
    r"|\b(жалоба|претензия|обращение)\b[^.!?]{0,20}(?<!\bне )\bрассмотрен[ао]\b"
    r"|\b(рассмотрение|проверк[аи]|разбор)\b[^.!?]{0,60}(?<!\bне )\b(завершен[аоы]?|закончен[аоы]?|окончен[аоы]?)\b"
    r"|(?<!\bне )\b(принято|приняли|вынесено|вынесли)\b[^.!?]{0,40}\bрешени"
    r"|\bрешени[ея]\b[^.!?]{0,40}(?<!\bне )\b(принято|вынесено)\b|\bнаше решение\b"
    r"|\b(во вложении|прилагаем|направляем|высылаем)\b[^.!?]{0,30}\bрешение\b"
    r"|\bнет оснований\b|\bнарушений\b[^.!?]{0,30}\bне (нашли|выявлено|выявили|обнаружено|обнаружили|установлено)\b"
    r"|\b(complaint|claim)\b[^.!?]{0,60}\b((un)?justified|upheld|rejected|dismissed|unfounded|closed)\b"
    r"|\bour decision\b|\bresults? of (our|the) (review|investigation)\b"
)
_FUTURE = r"(направ(им|лю)|пришл(ем|ю)|вышл(ем|ю)|подготов(им|лю)|дадим|будет|будут|примем)"
_INTERIM = re.compile(
    r"\b(разбираемся|рассматрива(ем|ется)|проверя(ем|ется)|выясня(ем|ется)|уточня(ем|ется))\b|\bна рассмотрении\b"
    r"|\bпринят[ао] (в работу|к рассмотрению)\b"
    r"|\b(сообщ(им|у)|отве(тим|чу)|напиш(ем|у)|вернемся|(пере|по)звон(им|ю)|свяж(емся|усь))\b"
    rf"|\b(ответ|решени|результат|итог)\w*[^.!?]{{0,40}}\b{_FUTURE}\b|\b{_FUTURE}\b[^.!?]{{0,30}}\b(ответ|решени|результат)"
    r"|\b(looking into|will (let you know|get back|report|reply|inform))\b"
)


def belongs(text: str, *, complaint: bool, closes: bool = False, waits: bool = False) -> bool:
    """Whether the answer ends something that the client may dispute.

    `closes`: the employee ends the case with it; `waits`: it asks the client, and the clock stands.
    """
    said = _APART.sub(" ", " ".join(plain(text).split()))
    if waits or _TOLD.search(said):
        return False
    if complaint and closes:
        return True
    if _ASKS.search(said) or (complaint and _INTERIM.search(said)):
        return False
    refuses = _REFUSES.search(said) and not _OPEN.search(said)
    return bool(refuses or (complaint and _OUTCOME.search(said)))
