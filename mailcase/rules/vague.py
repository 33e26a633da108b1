"""Does an order say nothing of what is to be done, so that its requirements must be confirmed first (A66)?

Only where every word is politeness or the trade's most general: one word that says more, a number or a file, and
nobody is asked. A robot that asks for what was said already lectures a person (users.md 1.3).
"""

from __future__ import annotations

import re

from mailcase.mail.letter import Attachment, Letter
from mailcase.mail.signature import closing_at, dashes_at, without_device_lines
from mailcase.rules.decision import Judgement
from mailcase.rules.staff_words import own, unsigned
from mailcase.rules.surname import plain
from mailcase.words import Kind

_LONGEST = 40
"""Words; a longer letter says something, in whatever words."""

_MOST = 2000
"""Characters; with a signature of whatever size."""

_LOGO = 100_000
"""Bytes of a picture in a signature, at most."""

_GENERAL = re.compile(
    # politeness
    r"добр\w+|здравствуйте|привет\w*|день|утро|вечер|уважаем\w+|коллег\w+|господа|пожалуйста|спасибо|благодар\w+|заранее"
    r"|будьте|добры|любезны|хорош\w+|дня|внимание|ответ\w*|жд[уе]м?|надеемся|скор\w+|быстр\w+|срочн\w*|удобн\w+|как"
    # asking for something
    r"|про[сш]\w+|просьба|нуж\w+|надо|необходим\w+|требу\w+|хот\w+|хочется|интересу\w+|желаем|планиру\w+|собираемся"
    r"|мож\w+|могли|смож\w+|подскажите|скажите|сообщит\w+|узна\w+|уточни\w+|присл\w+|пришлит\w+|направ\w+|выс[лш]\w+"
    r"|вышлит\w+|отправ\w+|выстав\w+|[рп]ас+[сч][чи]\w+|посчит\w+|предостав\w+|дать|дайте|подготов\w+|оформ\w+|заказ\w*"
    r"|сделать|сделайте|пров[еоё]\w+|выполн\w+|получить|обрат\w+|обраща\w+|сотруднича\w+|сотрудничеств\w+|помо\w+"
    # the trade in general
    r"|заявк\w*|запрос\w*|кп|ткп|коммерческ\w+|предложени\w+|сч[её]т\w*|цен[аыуе]?|стоимост\w+|стоит|стоят|сколько"
    r"|прайс\w*|лист|расч[её]т\w*|расценк\w+|услуг\w*|работ\w*|договор\w*|срок\w*|повер\w+|калибр\w+|испыта\w+|аттестаци\w+"
    r"|измер\w+|исследовани\w+|анализ\w*|средств\w*|си|прибор\w*|оборудовани\w+|образ[ец]\w*|техник\w*|лаборатори\w+"
    r"|организаци\w+|компани\w+|предприяти\w+|фирм\w+|завод\w*|нужд|наш\w*|ваш\w*|нескольк\w+|различн\w+|некотор\w+"
    # small words
    r"|и|в|во|с|со|на|по|за|для|от|к|о|об|у|до|из|при|или|а|но|же|бы|ли|не|что|чтобы|это\w*|эт[иу]|все\w*|мы|нам|нас|я|мне"
    r"|меня|вы|вам|вас|какие|какой|какая|какова|каков\w*|возможн\w*|возможно\w*|есть|так|же|уже|еще|очень|нашей|вашей"
    r"|hello|hi|dear|sirs?|madam|team|please|kindly|thanks?|you|we|i|us|me|our|your|a|an|the|of|for|to|on|in|and|is|are|it"
    r"|need|would|like|want|could|can|send|give|provide|make|get|have|how|much|what|quote|quotation|offer|price|prices|cost"
    r"|request|order|enquiry|inquiry|calibrat\w+|verif\w+|test\w*|measur\w+|services?|work|instruments?|devices?|equipment"
    r"|some|several|few|as|soon|possible|regards|advance|asap"
)
WHO = re.compile(r"\b(ооо|оао|зао|пао|ао|нао|ип|фгуп|фбу|фгбу|муп|гуп|llc|ltd|inc)\b\s*([«\"“„][^»\"”“]{1,80}[»\"”“])?")
_ANSWER_MARK = re.compile(r"^((re|fwd?|aw|ha|на|отв|ответ|пересл)(\[\d+\])?: ?)+")


def vague(letter: Letter, judgement: Judgement) -> bool:
    """Whether an order names no object, no quantity and no method, in its subject, text or a file."""
    if judgement.kind is not Kind.REQUEST or letter.truncated or letter.forwarded is not None:
        return False
    # A picture in the text may be the table itself, a quoted letter may hold the list.
    if len(letter.reply) > _MOST or any(not is_logo(file, letter) for file in letter.attachments) or quotes(letter):
        return False
    text = plain(own(unsigned(letter.reply, letter.signature)))
    said = WHO.sub(" ", f"{_ANSWER_MARK.sub('', plain(letter.subject).strip())}\n{text}")
    words = re.findall(r"\w+", said)
    return 0 < len(words) <= _LONGEST and all(_GENERAL.fullmatch(word) for word in words)


def quotes(letter: Letter) -> bool:
    """Whether the letter holds more than its new words, the signature, and what the telephone wrote below them."""
    new = letter.reply if letter.signature in letter.reply else f"{letter.reply}\n{letter.signature}"
    written = "\n".join(without_device_lines(letter.text.splitlines()))
    return len(re.findall(r"\w+", written)) > len(re.findall(r"\w+", new))


def is_logo(file: Attachment, letter: Letter) -> bool:
    """A small picture that the letter shows below its closing: no table stands there."""
    if not (file.inline and file.content_id and file.type.startswith("image/") and file.size <= _LOGO):
        return False
    lines = letter.text.splitlines()
    closing = "".join(lines[min(closing_at(lines), dashes_at(lines)) :][:1]).strip()
    above = letter.html.partition(f"cid:{file.content_id}")
    shown = " ".join(re.sub(r"<[^>]*>|&nbsp;", " ", above[0]).split())
    return bool(closing and above[1]) and " ".join(closing.split()) in shown
