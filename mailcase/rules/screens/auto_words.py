"""Does the letter say nothing but that its writer is away, though no header says that a program wrote it?

Words prove nothing (RFC 3834 section 3.1.5): the letter stays a letter, and only our acknowledgement is held back, for
a responder without headers would answer that too (C19).
"""

from __future__ import annotations

import re

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.decision import Reason
from mailcase.rules.facts import Facts
from mailcase.rules.screens import Hit, screen
from mailcase.words import Verdict

# Whoever writes more has something to say.
_LONGEST = 600
_AWAY = re.compile(
    r"\b(?:я|сейчас|нахожусь|буду|уш[её]л|ушла)\s(?:\w+\s){0,3}(?:в\s(?:\w+\s)?отпуск\w*|в\sкомандировке|на\sбольничном|вне\sофиса)"
    r"|\bменя\s(?:\w+\s){0,2}не\sбудет\b|\b(?:я|буду)\s(?:\w+\s){0,4}отсутств\w+|\bвременно\sотсутствую|\bотсутствую\b"
    r"|\b(?:я\s)?(?:не\sв\sофисе|нет\sна\s(?:рабочем\s)?месте)|^\s*в\sотпуске\b|\bвне\sофиса\b"
    r"|\bбуду\s(?:снова\s)?на\sсвязи|\b(?:i\s?a?'?m|will\sbe|currently)\s(?:\w+\s){0,3}(?:on|away)\s?(?:\w+\s)?"
    r"(?:leave|vacation|holidays?|from|until|till)\b"
    r"|\b(?:у|на)\sвідпустці|\bдемалыста|\bnicht\sim\s(?:büro|hause)|\babwesend\b|\babsente?\sd[ue]\b|\babsente?\sjusqu"
)
# A person says that he will be away, too; a program says from when or until when, or in the subject.
_SPAN = re.compile(
    r"\d{1,2}[./]\d{1,2}|\b\d{1,2}(?:-?го)?\s(?:янв|фев|мар|апр|ма[яй]|июн|июл|авг|сен|окт|ноя|дек|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру)"
    r"|\d(?:st|nd|rd|th)?\s(?:of\s)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s\d|\d\.\s?(?:januar|februar|märz|april|mai|jun|jul|aug|sep|okt|nov|dez)"
    r"|\b(?:с|до|по)\s\d|\b(?:until|till|through|from|bis|vom|jusqu\w*|дейін)\b|\bдо\s(?:конца|понедельник|вторник|сред|четверг|пятниц)"
)
_SAYS_SO = re.compile(
    r"\bавтоответ\b|\bnot\sbe\s(?:reading|checking)\s(?:my\s)?e?-?mail|\bавтоматическ\w+\s(?:ответ|уведомление|сообщение)|\bдекретн\w+\s(?:отпуск|\w+\sотпуск)"
    r"|\b(?:сотрудник\s(?:\S+\s){0,4}|я\s)больше\sне\sработа\w+"
    r"|\b(?:ящик|адрес|почта)\s(?:\w+\s)?(?:больше\s)?не\s(?:просматрива|проверя|обслужива|используе)\w+"
    r"|\bполучили\sваш\w*\s(?:письмо|обращение|заявку|сообщение|запрос)\b.{0,60}\b(?:ответим|свяжемся|рассмотрим)\b"
    r"|\bout\sof\s(?:the\s|my\s)?office|\bautomatic\s(?:reply|response)|\bno\slonger\s(?:work|with)"
)
# What else such a note says; a sentence of any other sense makes it a person's letter.
_POLITE = re.compile(
    r"спасибо|благодар|здравствуй|добр\w+\s(?:день|утро|вечер)|\bзвон\w+|\bобра[щт]\w+|\bпиш\w+|\bсвяж\w+|\bсвяз\w+"
    r"|\bотвечу\b|\bвернусь\b|\bвозвращ\w+|\bвыйду\b|\bпроч\w+\b|\bсрочн\w+|\bзамеща\w+|\bнаправля\w+|\bдоступ\b|\bуважением"
    r"|\bthank|\bhello\b|\bdear\b|\burgent|\bcontact|\bcall\b|\breturn|\bback\b|\breply\b|\bregards\b|\blimited access"
    r"|\bзверта\w+|\bдякую|\bжұмыс|\bdringend|\bdanke|\bmerci|\bbonjour|\bgrüß"
)
_SUBSTANCE = re.compile(
    r"\?|\b(?:прибор|цен[аы]|стоим|сч[её]т|договор|протокол|свидетельств|повер(?:к|ит|ен)|калибр|кп\b|руб|заявк|приве[зс]"
    r"|забр|забер|готов|вышл|пришл|никто\b|не\sотвеча|опять\b|ошибк|жалоб|перенес|перенос|направ(?:им|лю|ит)\b|подпи[сш]|печат|прошу\sв|просим\sв|price|cost|quot|invoice|certificate|calibrat|please\ssend)"
)
_SENTENCES = re.compile(r"(?<=[.!…])\s+|\n+")


@screen("auto_words")
def auto_words(letter: Letter, _facts: Facts, _config: Config) -> Hit | None:
    """SILENT for a note of absence that says nothing else (C19)."""
    if len(letter.reply) > _LONGEST or any(not file.inline for file in letter.attachments):
        return None
    words = letter.reply.lower()
    told = _SAYS_SO.search(words) or (
        _AWAY.search(words) and (_SPAN.search(words) or _AWAY.search(letter.subject.lower()))
    )
    if not told or _SUBSTANCE.search(words) or not all(map(_idle, _SENTENCES.split(words))):
        return None
    why = "письмо говорит только об отсутствии сотрудника, похоже на автоответ: подтверждение не отправляем"
    return Hit(Verdict.SILENT, Reason("auto_words", why))


def _idle(sentence: str) -> bool:
    # Names, telephones and posts below the words are no sentences.
    short = len(re.findall(r"[^\W\d_]{3,}", sentence)) < 4
    return (
        short
        or _SAYS_SO.search(sentence) is not None
        or _AWAY.search(sentence) is not None
        or _POLITE.search(sentence) is not None
    )
