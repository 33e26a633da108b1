"""Is this employee named in a text? «Сидорову», «Смирновой», «Оля»: Russian declines people's names.

Only names of configured employees are looked for, so a rule of endings is enough and no dictionary is needed.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Diminutives by which colleagues call each other; to a client nobody writes so.
_SHORT = {
    "александр": "саша саш саня", "александра": "саша саш", "алексей": "леша леш", "анастасия": "настя насть",
    "анатолий": "толя", "андрей": "андрюша", "анна": "аня ань", "антон": "антоша", "валентина": "валя валь",
    "виктор": "витя", "виктория": "вика вик", "владимир": "вова володя", "галина": "галя галь", "григорий": "гриша",
    "дарья": "даша даш", "дмитрий": "дима дим", "евгений": "женя жень", "евгения": "женя жень",
    "екатерина": "катя кать", "елена": "лена лен", "елизавета": "лиза", "иван": "ваня вань", "ирина": "ира ириша",
    "константин": "костя", "ксения": "ксюша", "лариса": "лара", "людмила": "люда", "любовь": "люба",
    "мария": "маша маш", "михаил": "миша миш", "надежда": "надя надь", "наталья": "наташа наташ",
    "наталия": "наташа наташ", "николай": "коля коль", "оксана": "ксюша", "ольга": "оля оль", "павел": "паша паш",
    "петр": "петя", "роман": "рома", "светлана": "света свет", "сергей": "сережа сереж", "татьяна": "таня тань",
    "юлия": "юля юль", "юрий": "юра", "яков": "яша",
}  # fmt: skip

_GREETING = r"\W*(?:(?:привет|добр\w+\s+\w+|здравствуй\w*)\W+)?"
_NOUN_MALE = "|а|у|ом|ем|ым|е|ы|ых|ыми"
_NOUN_FEMALE = "а|ой|ою|у|ых"


def plain(text: str) -> str:
    """Lower case, «ё» as «е»."""
    return text.lower().replace("ё", "е")


def mentioned(text: str, name: str) -> bool:
    """Whether the surname of «Фамилия Имя Отчество» stands in the text, in any case and any letter case."""
    low = plain(text)
    stem, forms = _surname(name)
    # Most letters name nobody, and this is asked of each for every employee.
    return stem in low and bool(forms.search(low))


def called(text: str, name: str) -> bool:
    """Whether a text calls this person as a colleague does: surname, name with patronymic, or a diminutive."""
    low = plain(text)
    words = plain(name).split()
    full = len(words) > 2 and re.search(rf"\b{words[1]}\s+{words[2]}\b", low)
    short = _SHORT.get(words[1], "").split() if len(words) > 1 else []
    by_diminutive = short and re.match(rf"{_GREETING}(?:{'|'.join(short)})\b\s*[,!]", low)
    return bool(full or by_diminutive) or mentioned(text, name)


def dative(name: str) -> str:
    """«Сидорову А. П.» for «Сидоров Андрей Петрович»; a surname that does not follow a rule stays as it is."""
    surname, *given = name.split()
    initials = " ".join(f"{word[0]}." for word in given)
    return f"{_dative(surname, _female(name))} {initials}".strip()


def _dative(surname: str, female: bool) -> str:
    if female:
        if surname.endswith("ая"):
            return surname[:-2] + "ой"
        return surname[:-1] + "ой" if re.search(r"(ов|ев|ёв|ин|ын)а$", surname) else surname
    if surname.endswith(("ский", "цкий", "ый", "ой")):
        return surname[:-2] + "ому"
    return surname + "у" if surname[-1:] in "бвгдзклмнпрстфхцчшщ" and not surname.endswith(("ых", "их")) else surname


def _female(name: str) -> bool:
    return name.lower().endswith(("вна", "чна", "кызы")) or name.split()[0].endswith(("ова", "ева", "ина", "ая"))


@lru_cache(maxsize=256)
def _surname(name: str) -> tuple[str, re.Pattern[str]]:
    """What every form of the surname begins with, and its forms."""
    surname = plain(name).split()[0]
    if re.search(r"(ов|ев|ин|ын)$", surname):
        stem, endings = surname, _NOUN_MALE
    elif re.search(r"(ов|ев|ин|ын)а$", surname):
        stem, endings = surname[:-1], _NOUN_FEMALE
    elif surname.endswith(("ий", "ый", "ой", "ая", "яя")):
        stem, endings = surname[:-2], "ий|ый|ой|ого|его|ому|ему|им|ым|ом|ая|яя|ую|юю|ей|ою|ие|их"
    elif surname.endswith(("а", "я")):
        stem, endings = surname[:-1], "а|я|и|ы|е|у|ю|ой|ей|ою"
    elif surname.endswith(("ь", "й")):
        stem, endings = surname[:-1], "ь|й|я|ю|ем|е"
    else:
        stem, endings = surname, "|а|у|ом|ем|е|ы|и"
    return stem, re.compile(rf"(?<![\w-]){re.escape(stem)}(?:{endings})(?!\w)")
