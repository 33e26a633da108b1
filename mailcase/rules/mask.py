"""Hides who and what a text is about: people, addresses, numbers, firms. What happened stays readable.

Rather too much is hidden than too little: any capital letter within a sentence counts as a name. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from mailcase.rules.classify_words import load

_WORD = r"[А-ЯЁІЇЄҚӘҒҢӨҰҮA-Z][а-яёіїєқәғңөұүһa-z'’]{1,40}"
_CAPITAL = re.compile(rf"{_WORD}(?:-{_WORD}){{0,3}}")
_POLITE = re.compile(r"(?:Вы|Вас|Вам|Вами|Ваш[а-яё]{0,3})")
_GREETING = re.compile(r"(?:Уважаем|Здравствуй|Добр|Приветству|Dear|Hello|Good)[а-яёa-z]*")
_SURNAME = re.compile(
    r"[А-ЯЁ][а-яё]+(?:(?:ов|ев|ёв|ин|ын)(?:а|у|ым|ой|е)?|(?:ск|цк)(?:ий|ая|ого|ому|им|ой|ую)|(?:енко|юк|дзе|швили|ян)"
    r"|(?:вич|вн|ичн)(?:а|у|ем|е|ой)?)"
)
_ENDS = re.compile(r"[.!?…:;\n>*•][\s\"«(—–-]*\Z|\A[\s\"«(—–-]*\Z")
_BRACKETED = re.compile(r"(\[[а-я]+\])")

_FORM = rf"(?i:{'|'.join(load('traits').parts.values())})"
_FIRM = re.compile(rf"\b{_FORM}\b\.?\s*[«\"“„]([^»\"”“\n]{{1,80}})[»\"”“]")
"""What a firm is called, which is then known without its quotation marks, too."""
_PLACE = (
    r"г|гор|город\w{0,2}|ул|улиц\w{1,2}|пр-т|просп|проспект\w{0,2}|пер|переул\w{2,4}|шоссе|наб|набережн\w{2}|бул|бульвар\w{0,2}"
    r"|пл|площад\w{1,2}|мкр|пос|пос[её]л\w{2,3}|дер|деревн\w{1,2}|обл|област\w{1,2}|р-н|район\w{0,2}|край"
)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), f"[{name}]")
    for pattern, name in (
        (r"[^\s<>\[\]()@]{1,64}@[^\s<>\[\]()]+", "почта"),
        (r"(?i)\b(?:https?://|www\.|t\.me/)\S+", "ссылка"),
        (r"(?i)\b[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,5}\.(?:ru|com|org|net|рф|kz|by|ua|su)\b", "ссылка"),
        (rf"\b{_FORM}\b\.?\s*[«\"“„'][^»\"”“'\n]{{1,80}}[»\"”“']?", "организация"),
        (rf"\b{_FORM}\b\.?(?:\s+[А-ЯЁA-Z][\w.-]*){{1,4}}", "организация"),
        (rf"[«\"“„][^»\"”\n]{{1,80}}[»\"”]\s*,?\s*{_FORM}\b", "организация"),
        (r"[«\"“„](?=[А-ЯЁA-Z0-9])[^»\"”\n]{1,60}[»\"”]", "название"),
        (r"(?i)\b(?:инн|кпп|огрн|огрнип|окпо|бик|снилс|р/с[чч]?|к/с|л/с|паспорт\w{0,2})(?:\s*/\s*кпп)?[^\w\n]{0,4}(?:серия\s*)?"
         r"\d[\d\s/№-]{2,40}", "реквизиты"),
        (r"(?i)№\s{0,3}[\w./-]{0,30}\d[\w./-]{0,30}(?:\s*от\s+\d[\d.]{5,9}\d)?", "номер"),
        (r"\+?\d(?:[\s()-]*\d){8,14}(?:\s*,?\s*доб\.?\s*\d+)?", "телефон"),
        (r"\b(?=[\w/-]{5,40}\b)(?=[\w/-]{0,40}\d)\w{1,40}(?:[/-]\w{1,40}){1,10}\b", "номер"),
        (rf"(?i:\b(?:{_PLACE}))\.?\s{{1,3}}{_WORD}(?:[\s-]{{1,3}}{_WORD}){{0,4}}", "адрес"),
        (rf"{_WORD}(?:ая|ий|ой)\s+(?i:улиц\w|шоссе|проспект\w?|област\w{{1,2}}|район\w?)", "адрес"),
        (r"(?i)\b(?:д|дом|кв|квартира|корп|корпус|стр|строение|оф|офис)\.?\s*№?\s*\d+[а-я]?\b", "адрес"),
        (rf"{_WORD}(?:-{_WORD})?\s+[А-ЯЁA-Z]\.\s?(?:[А-ЯЁA-Z]\.)?|\b[А-ЯЁA-Z]\.\s?(?:[А-ЯЁA-Z]\.)?\s?{_WORD}", "имя"),
        (r"\b[А-ЯЁ]{3,20}\s{1,3}[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.)?", "имя"),
        (r"\b[А-ЯЁ]{3,20}\s{1,3}[А-ЯЁ]{3,20}\s{1,3}[А-ЯЁ]{2,20}(?:ИЧ|ВНА|ИЧНА)\b", "имя"),
        (r"(?i)\b(?:[а-яё]{3,20}\s{1,3})?[а-яё]{2,20}(?:ович|евич)(?:а|у|ем|е)?\b", "имя"),
        (r"\d(?:[ -]?\d){4,}", "число"),
    )
)  # fmt: skip
_ADDRESS = re.compile(r"[^\s@<>(),;]+@[^\s@<>(),;]+")
_PHONE = re.compile(r"(?<![\w/-])(?:\+7|8)?[\s(-]*\d{3}[\s)-]*\d{3}[\s-]?\d{2}[\s-]?\d{2}(?![\w/-])")
_HIDDEN = "…"
_NAMED = re.compile(rf"\b{_FORM}\b\.?(?:\s*[«\"“„][^»\"”“\n]{{1,80}}[»\"”“]|(?:\s+[А-ЯЁA-Z][\w.-]*){{1,4}})")
_SHORTEST = 3
_INFLECTED = 5
"""Letters from which a known word is also found with another ending."""


def mask(text: str, known: Iterable[str] = ()) -> str:
    """The text with what tells of whom it is replaced by what it was: `[имя]`, `[телефон]`, `[организация]`, …

    `known` are words that are names in this letter, in whatever case and form: of the sender, employees, his firm.
    """
    names = _known((*known, *(firm[1] for firm in _FIRM.finditer(text))))
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    parts = (part if _BRACKETED.fullmatch(part) else names.sub("[имя]", part) for part in _BRACKETED.split(text))
    return _capitals("".join(parts) if names.pattern else text)


def initials(name: str) -> str:
    """«А. К.» for «Анна Ковалёва»; an address in the name is left out."""
    return " ".join(f"{word[0].upper()}." for word in re.findall(r"\w+", _ADDRESS.sub(" ", name)))


def out_of_reach(text: str) -> str:
    """The text without addresses and phone numbers."""
    return _PHONE.sub(_HIDDEN, _ADDRESS.sub(_HIDDEN, text))


def client(name: str, address: str, public: Collection[str]) -> str:
    """Who a client is, without personal data: a firm by its name, a person as «А. К., romashka.example.ru» (A26).

    A domain tells whose letter it is; that of a provider in `public`, where anybody may have an address, tells nothing.
    """
    firm = _NAMED.search(name)
    if firm is not None:
        return firm[0]
    domain = address.rpartition("@")[2].lower()
    return ", ".join(part for part in (initials(name), "" if domain in public else domain) if part)


def _known(words: Iterable[str]) -> re.Pattern[str]:
    """Each of the words with any ending; an empty pattern where there is none."""
    found = {word.lower() for given in words for word in re.findall(r"\w+", given) if len(word) >= _SHORTEST}
    if not found:
        return re.compile("")
    stems = (rf"{re.escape(w[:-2])}\w{{0,5}}" if len(w) >= _INFLECTED else re.escape(w) for w in sorted(found))
    return re.compile(rf"(?i)\b(?:{'|'.join(stems)})\b")


def _capitals(text: str) -> str:
    """Words with a capital that no sentence begins with; those that begin one where they look or stand like a name."""
    words = [*_CAPITAL.finditer(text)]
    made: list[str] = []
    end = 0
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else None
        beside = following is not None and _beside(text, word, following)
        if _is_name(text, word, beside=beside):
            made += [text[end : word.start()], "[имя]"]
            end = word.end()
    return "".join((*made, text[end:]))


def _beside(text: str, word: re.Match[str], following: re.Match[str]) -> bool:
    return text[word.end() : following.start()] == " " and not _POLITE.fullmatch(following[0])


def _is_name(text: str, word: re.Match[str], *, beside: bool) -> bool:
    """`beside` says that another word with a capital follows at once."""
    if _POLITE.fullmatch(word[0]) or _GREETING.fullmatch(word[0]):
        return False
    begins = _ENDS.search(text[max(0, word.start() - 8) : word.start()]) if word.start() else True
    return not begins or beside or _SURNAME.fullmatch(word[0]) is not None
