"""What does a complainant want done, and does an answer say a word about it (A85, ISO 10002)?

Several wishes stand in one letter; each is kept with the words that express it, and the answer that leaves one without
a word is asked about. Pure. A wish that is overlooked costs no more than before: people read the letter all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mailcase.mail.letter import Letter
from mailcase.rules.decision import Wish
from mailcase.rules.staff_words import own, unsigned
from mailcase.rules.surname import plain
from mailcase.words import Remedy

_PAPER = (
    r"(протокол|свидетельств|сертификат|акт\b|акта\b|документ|отчет|счет|паспорт|выписк|этикет|certificate|report)\w*"
)
_MONEY = r"(деньг|денег|средств|оплат|аванс|предоплат|стоимост|сумм|уплачен|заплачен|money|payment)\w*"
_ASKED = {
    Remedy.REDO: r"передела(ть|йте|ете)|переповер|перекалибр|перемер(ить|ьте|яйте)|\bredo\b|repeat the"
    r"|(про(сим|шу)|требу\w+|нуж\w+|провед|провест|сдела|выполн|повер|калибр|организ|назнач)[^.!?]{0,60}(?<!за )"
    r"\b(повторн|заново|еще раз)|(повторно|заново|еще раз) (провест|провед|повер|калибр|выполн|сдела|измер|испыт)",
    Remedy.REFUND: rf"(верн(уть|ите|ете)|возврат\w*|возвращ\w+)[^.!?]{{0,40}}{_MONEY}"
    rf"|{_MONEY}[^.!?]{{0,20}}\bверн(уть|ите)|\brefund|money back",
    Remedy.CORRECTED_DOCUMENT: r"исправ(ить|ьте|ите|лен)|исправления ошиб|переоформ(ить|ите|лен)|перевыпуст"
    rf"|переделать счет|(нов\w+|верн\w+|правильн\w+|замен\w+)\s{_PAPER}|перевыставить"
    r"|correct(ed)?\b[^.!?]{0,30}(certificate|report|it\b)",
    Remedy.EXPLANATION: r"объясн(ить|ите|ени)|поясн(ить|ите|ени)|разъясн(ить|ите|ени)|\bпочему\b|назов(ите)? причин"
    r"|сообщ(ить|ите)[^.!?]{0,30}причин|на каком основании|\bexplain|explanation|\breasons? (for|why)",
    Remedy.APOLOGY: r"извинитесь|извиниться|(жд[уе]м?|хот\w+|прос\w+|требу\w+|где)[^.!?]{0,30}извинени|принес(ти|ите)"
    r"[^.!?]{0,20}извинени|\bapolog(y|ise|ize)\b",
    Remedy.REPLACEMENT: r"замен(ить|ите)[^.!?]{0,40}(прибор|инженер|специалист|сотрудник|исполнител|образ|датчик)"
    r"|друго(го|му) (инженер|специалист|сотрудник|исполнител)|\breplace\b",
    Remedy.COMPENSATION: r"возмест(ить|ите)|возмещени|компенс(ировать|ируйте|аци)|\bcompensat",
    Remedy.PENALTY: r"неустойк|\bпени\b|\bпеню\b|\bштраф\w*|\bpenalt",
    Remedy.MEETING: r"\bвстреч[аеиу]|встретиться|(прошу|просим|жду|ждем)[^.!?]{0,20}(звон|позвонить|перезвонить)"
    r"|\bпере?звоните|\bпозвоните|\bmeeting\b|call me",
    Remedy.MEASURES: r"прин(ять|имите|имать)[^.!?]{0,30}\bмер\b|прин(ять|имите|имать)[^.!?]{0,30}\bмеры\b|разобраться"
    r"|разберитесь|недопущени|не допус(кать|кайте|тить)|чтобы[^.!?]{0,40}не повторя|наказать|привлечь к ответственност"
    r"|look into|take action",
}
_NOT_ASKED = re.compile(r"\bне (прос\w+|требу\w+|нужн\w+|надо|настаива\w+|жд\w+|претенду\w+)|без претензий")
_SAID = {
    Remedy.REDO: r"повторн|заново|передел|переповер|перекалибр|перемер|еще раз|\bredo\b|repeat",
    Remedy.REFUND: rf"возвра[тщ]|\bверн(ем|ут|ули)|{_MONEY}|refund",
    Remedy.CORRECTED_DOCUMENT: r"исправ|переоформ|перевыпу|взамен|замен|перевыстав|(нов|верн)\w+ "
    rf"{_PAPER}|протокол\w* [^.!?]{{0,30}}верн|correct",
    Remedy.EXPLANATION: r"причин|из-за|потому|вызван|связан|произошл|случил|дело в том|поясня|объясн|разъясн|вследствие"
    r"|в результате|ошиб\w+ (при|в)|\bтак как\b|because|cause|due to|reason",
    Remedy.APOLOGY: r"извин|сожале|apolog|sorry",
    Remedy.REPLACEMENT: r"замен|друг\w+ (инженер|специалист|сотрудник|исполнител|прибор)|replac",
    Remedy.COMPENSATION: r"компенс|возмещ|возмест|убыт|ущерб|расход|compensat",
    Remedy.PENALTY: r"неустойк|\bпен[яиюей]\w?\b|штраф|penalt",
    Remedy.MEETING: r"встреч|встрет|приед|приех|звон|созвон|разговор|meet|call",
    Remedy.MEASURES: r"\bмер(ы|ам|ах)?\b|теперь|впредь|провер|обуч|проинструкт|усил|разобра|измен|measure|action",
}
_REFUSES = re.compile(
    r"\bне (можем|будет|буд\w+|мож\w+|имеем|предусмотр\w+|подлеж\w+|наш\w+|требу\w+|нужн\w+|обоснован\w*|усматрива\w+)"
    r"|невозможн|отказ|нет (оснований|возможности)|оснований[^.!?]{0,30}\bнет\b|cannot|unable|\bnot? "
)
# A word that the matter is being looked into promises an answer and is none (users.md 2: interim letters go freely).
_INTERIM = re.compile(
    r"разбираемся|рассматрива(ем|ется)|проверяем|выясня(ем|ется)|ответим|сообщим|ответ направим|направим ответ|вернемся"
    r"|уточн(ите|яем)|пришлите|(просим|прошу) (вас )?(прислать|сообщить|уточнить|предоставить|направить)"
    r"|нам (нужн|необходим)\w+|looking into|we will (reply|answer|come back)|под(ош|нят)\w* архив"
)
_ENDS = re.compile(r"(?<=[.!?…])\s+|\n+")
_WORDS = 120
"""Characters of a wish that are kept."""


def sentences(text: str) -> Iterator[str]:
    """The sentences or lines of a text, without blank ones."""
    return (part.strip() for part in _ENDS.split(text) if part.strip())


def wishes(letter: Letter) -> tuple[Wish, ...]:
    """What the new words of a complaint ask for, each remedy once, in the order of the letter."""
    found: dict[Remedy, Wish] = {}
    for said in sentences(own(unsigned(letter.reply or letter.text, letter.signature))):
        for remedy in asked_in(said):
            found.setdefault(remedy, Wish(remedy, said[:_WORDS]))
    return tuple(found.values())


def asked_in(sentence: str) -> tuple[Remedy, ...]:
    """The remedies that one sentence asks for."""
    low = plain(sentence)
    if _NOT_ASKED.search(low):
        return ()
    return tuple(remedy for remedy, words in _ASKED.items() if re.search(words, low))


def meant(words: str) -> tuple[Remedy, ...]:
    """What an employee names in so many words: «возврат денег», «извинения», «исправить протокол»; empty: nothing."""
    low = plain(words)
    return asked_in(words) or tuple(remedy for remedy, said in _SAID.items() if re.search(said, low))


def unanswered(text: str, wanted: Iterable[Remedy]) -> tuple[Remedy, ...]:
    """Which of them a closing letter leaves without a word; none where it is only an interim one or asks back."""
    low = plain(text)
    if "?" in text or _INTERIM.search(low):
        return ()
    return tuple(remedy for remedy in wanted if not re.search(_SAID[remedy], low))


def answers(text: str, remedy: Remedy) -> str:
    """What a letter says of that remedy: `yes`, `no`, or empty where it says nothing."""
    about = [low for said in sentences(text) if re.search(_SAID[remedy], low := plain(said))]
    if not about:
        return ""
    return "no" if remedy is not Remedy.EXPLANATION and all(_REFUSES.search(low) for low in about) else "yes"
