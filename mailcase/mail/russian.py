"""How the laboratory writes dates, numbers, phones and names: in Russian, and in English to those who wrote in it.

Promises: pure functions, no locale, no clock; dates are already in the zone in which they are to be printed.
A name is used in a greeting only when the signature gives name and patronymic (users.md 3); in doubt nobody
is called by a wrong name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mailcase.words import Channel, DocumentType, Kind, Remedy, Status, Topic

_MOSCOW = ZoneInfo("Europe/Moscow")
_DAYS = ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")
_DAYS_GEN = ("понедельника", "вторника", "среды", "четверга", "пятницы", "субботы", "воскресенья")
_DAYS_ACC = ("понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье")
_DAYS_SHORT = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
_MONTHS_GEN = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
_DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_MALE_NAMES = (
    "Азамат Айдар Александр Алексей Альберт Анатолий Андрей Антон Аркадий Армен Арсений Артём Артур Ашот Богдан "
    "Борис Вадим Валентин Валерий Василий Вениамин Виктор Виталий Владимир Владислав Всеволод Вячеслав Геннадий "
    "Георгий Герман Глеб Григорий Давид Даниил Данила Денис Дмитрий Евгений Егор Ефим Захар Иван Игнат Игорь "
    "Ильдар Илья Иосиф Ирек Камиль Кирилл Константин Лев Леонид Лука Макар Максим Марат Марк Матвей Мирон Михаил "
    "Никита Николай Олег Осип Павел Пётр Равиль Рамиль Рафаэль Рашид Ренат Ринат Роберт Родион Роман Ростислав "
    "Рудольф Руслан Рустам Савелий Святослав Семён Сергей Станислав Степан Тарас Тимофей Тимур Фарид Фёдор Феликс "
    "Филипп Фома Эдуард Эльдар Эмиль Эрик Юлиан Юрий Яков Ян Ярослав Наиль"
).split()
# Patronymics that do not follow from the name by rule; the old double forms stand beside the new ones.
_IRREGULAR = {
    "Илья": ("Ильич",), "Лука": ("Лукич",), "Никита": ("Никитич",), "Фома": ("Фомич",), "Данила": ("Данилович",),
    "Лев": ("Львович",), "Павел": ("Павлович",), "Пётр": ("Петрович",), "Михаил": ("Михайлович",),
    "Яков": ("Яковлевич",), "Игорь": ("Игоревич",), "Даниил": ("Даниилович", "Данилович"),
    "Ярослав": ("Ярославович", "Ярославич"), "Владислав": ("Владиславович",),
}  # fmt: skip


def _patronymics(name: str) -> tuple[str, ...]:
    if name in _IRREGULAR:
        return _IRREGULAR[name]
    if name.endswith("ий"):
        return (name[:-2] + "ьевич", name[:-2] + "иевич")
    if name.endswith("й"):
        return (name[:-1] + "евич",)
    return (name + "ович",)


def _plain(word: str) -> str:
    return word.replace("ё", "е").replace("Ё", "Е")


_KNOWN_MALE = frozenset(_plain(n) for n in _MALE_NAMES)
_KNOWN_PATRONYMICS = frozenset(_plain(p) for n in _MALE_NAMES for p in _patronymics(n))
_FEMALE_PATRONYMIC = re.compile(r"[А-ЯЁ][а-яё]{2,}(?:овна|евна|ична)")
_RUN = re.compile(r"[А-ЯЁ][А-ЯЁа-яё-]+(?:[ \t\u00a0]+[А-ЯЁ][А-ЯЁа-яё-]+)+")


def local(value: str | date, zone: ZoneInfo) -> datetime:
    """A moment in `zone`; a day without an hour is that day's midnight there.

    Takes ISO 8601 text, a date or an aware datetime. Raises ValueError for anything else: a moment without a
    zone may mean another day for the reader.
    """
    moment = value
    if isinstance(moment, str):
        text = moment
        moment = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else datetime.fromisoformat(text)
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(), zone)
    if moment.tzinfo is None:
        raise ValueError(f"moment without a time zone: {moment.isoformat()}")
    return moment.astimezone(zone)


def day(moment: date, lang: str = "ru") -> str:
    """«среда, 25 ноября»; "Wednesday, 25 November"."""
    if lang == "en":
        return f"{_DAYS_EN[moment.weekday()]}, {moment.day} {_MONTHS_EN[moment.month - 1]}"
    return f"{_DAYS[moment.weekday()]}, {moment.day} {_MONTHS_GEN[moment.month - 1]}"


def day_gen(moment: date, lang: str = "ru") -> str:
    """«среды, 25 ноября» after «не позднее» and «до»; English has no such form."""
    if lang == "en":
        return day(moment, lang)
    return f"{_DAYS_GEN[moment.weekday()]}, {moment.day} {_MONTHS_GEN[moment.month - 1]}"


def numeric(moment: date, lang: str = "ru") -> str:
    """«20.11.2026»; "20 November 2026", as 11/20 and 20/11 are read either way abroad."""
    if lang == "en":
        return f"{moment.day} {_MONTHS_EN[moment.month - 1]} {moment.year}"
    return f"{moment:%d.%m.%Y}"


def short(moment: date, lang: str = "ru") -> str:
    """«ср 25.11»; "Wed 25 Nov"."""
    if lang == "en":
        return f"{_DAYS_EN[moment.weekday()][:3]} {moment.day} {_MONTHS_EN[moment.month - 1][:3]}"
    return f"{_DAYS_SHORT[moment.weekday()]} {moment:%d.%m}"


def over_day(moment: date, lang: str = "ru") -> str:
    """«за пятницу, 20.11» without its preposition: «пятницу, 20.11»; "Friday, 20 November"."""
    return day(moment, lang) if lang == "en" else f"{_DAYS_ACC[moment.weekday()]}, {moment:%d.%m}"


def plural(n: int, one: str, few: str, many: str) -> str:
    """The form of a word that goes with the number: 1 день, 3 дня, 11 дней."""
    n = abs(n)
    if n % 10 == 1 and n % 100 != 11:
        return one
    if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14):
        return few
    return many


def working_days(n: int) -> str:
    """«2 раб. дня»."""
    return f"{n} раб. {plural(n, 'день', 'дня', 'дней')}"


def zone(moment: datetime, lang: str = "ru") -> str:
    """«МСК», «МСК+2»: how Russians name the clock that a time of day is read from (A22)."""
    shift = (moment.utcoffset() or timedelta()) - (moment.astimezone(_MOSCOW).utcoffset() or timedelta())
    hours = shift.total_seconds() / 3600
    name = "MSK" if lang == "en" else "МСК"
    return f"{name}{hours:+g}".replace("-", "−") if hours else name


def clock(moment: datetime, lang: str = "ru") -> str:
    """By whose clock a client's date is meant, from wherever he writes (A22): «МСК»; «время лаборатории, UTC+5»."""
    if zone(moment) == "МСК":
        return "Moscow time" if lang == "en" else "МСК"
    hours = (moment.utcoffset() or timedelta()).total_seconds() / 3600
    name = f"UTC{hours:+g}".replace("-", "−")
    return f"our local time, {name}" if lang == "en" else f"время лаборатории, {name}"


def reckoned(term: Mapping[str, Any]) -> str:
    """«3 раб. дня после пт 20.11, выходных 2; источник»: how a term came about, for whoever has to keep it."""
    limit, start = int(term["limit"]), date.fromisoformat(term["start"])
    length = (
        working_days(limit) if term["unit"] == "working" else f"{limit} кал. {plural(limit, 'день', 'дня', 'дней')}"
    )
    off = f", выходных {len(term['skipped'])}" if term["skipped"] else ""
    return f"{length} после {short(start)}{off}; {term['source']}"


_TOPICS = {
    Topic.TERMS: "сроки работ", Topic.DOCUMENTS: "перечень документов", Topic.PRICE: "стоимость",
    Topic.COMPLETENESS: "комплектность документов", Topic.DOCUMENT_SOURCE: "где получить документы",
    Topic.HOURS: "режим работы", Topic.APPEAL: "порядок обжалования",
    Topic.RULES: "правила взаимодействия",
}  # fmt: skip
_KINDS = {
    Kind.REQUEST: "заявка", Kind.ORDER_CHANGE: "изменение заказа", Kind.CONSULTATION: "вопрос",
    Kind.SUGGESTION: "предложение", Kind.FEEDBACK: "отзыв", Kind.CORRESPONDENCE: "письмо",
    Kind.COMPLAINT: "жалоба", Kind.CLAIM: "претензия",
}  # fmt: skip
_STATUSES = {
    Status.OPEN: "в работе", Status.WAITING: "ждём ответа", Status.ANSWERED: "отвечено", Status.CLOSED: "закрыто",
}  # fmt: skip

_CHANNELS = {
    Channel.EMAIL: "электронная почта", Channel.PHONE: "телефон", Channel.ANSWERPHONE: "автоответчик",
    Channel.FAX: "факс", Channel.WEB_FORM: "форма на сайте", Channel.VISIT: "лично",
    Channel.BOOK: "книга отзывов и предложений", Channel.POST: "почта", Channel.COURIER: "нарочно",
    Channel.EDO: "ЭДО", Channel.MESSENGER: "мессенджер", Channel.OTHER: "иное",
}  # fmt: skip
_DOCUMENTS = {
    DocumentType.INVOICE: "счёт", DocumentType.TAX_INVOICE: "счёт-фактура", DocumentType.TRANSFER: "УПД",
    DocumentType.ACT: "акт", DocumentType.PROTOCOL: "протокол", DocumentType.CERTIFICATE: "свидетельство",
    DocumentType.UNFITNESS: "извещение о непригодности", DocumentType.OFFER: "коммерческое предложение",
    DocumentType.CONTRACT: "договор",
}  # fmt: skip


def document(value: str, number: str) -> str:
    """«счёт № 123» for an `invoice` of that number."""
    name = _DOCUMENTS[DocumentType(value)] if value in _DOCUMENTS else value
    return f"{name} № {number}" if number else name


def channel(value: str) -> str:
    """«телефон» for `phone`; words that are no channel stay as they are."""
    return _CHANNELS[Channel(value)] if value in _CHANNELS else value


_REMEDIES = {
    Remedy.REDO: "выполнить работу заново", Remedy.REFUND: "вернуть деньги",
    Remedy.CORRECTED_DOCUMENT: "исправить документ", Remedy.EXPLANATION: "объяснить причину",
    Remedy.APOLOGY: "принести извинения", Remedy.REPLACEMENT: "заменить исполнителя или изделие",
    Remedy.COMPENSATION: "возместить убытки", Remedy.PENALTY: "уплатить неустойку",
    Remedy.MEETING: "встретиться или поговорить", Remedy.MEASURES: "принять меры",
}  # fmt: skip


def remedy(value: str) -> str:
    """«вернуть деньги» for `refund`; words that are no remedy stay as they are."""
    return _REMEDIES[Remedy(value)] if value in _REMEDIES else value


def kind(value: str) -> str:
    """«заявка» for `request`; words that are no kind stay as they are."""
    return _KINDS[Kind(value)] if value in _KINDS else value


def topic(value: Topic) -> str:
    """«режим работы» for `hours`."""
    return _TOPICS[value]


def status(value: str) -> str:
    """«в работе» for `open`; words that are no status stay as they are."""
    return _STATUSES[Status(value)] if value in _STATUSES else value


_PHONE = re.compile(
    r"""\s*(?:\+?7|8)?[\s(-]*(\d{3})[\s)-]*(\d{3})[\s-]*(\d{2})[\s-]*(\d{2})
    (?:[\s,;(]*(?:доб\.?|доп\.?|вн\.?|ext\.?|x|\#|,|;|\()\s*:?\s*(\d{1,6})\)?)?\s*""",
    re.X | re.I,
)


def phone(text: str, lang: str = "ru") -> str:
    """«+7 (495) 000-00-00, доб. 214»; a number that is not a Russian one is left as written."""
    found = _PHONE.fullmatch(text)
    if not found:
        return text.strip()
    code, a, b, c, extension = found.groups()
    # Free numbers are dialled with 8 from inside the country and are printed so everywhere.
    number = f"{'8' if code == '800' else '+7'} ({code}) {a}-{b}-{c}"
    if not extension:
        return number
    return f"{number}, {'ext.' if lang == 'en' else 'доб.'} {extension}"


def firm(name: str) -> str:
    """«Ромашка» for ООО «Ромашка»: a phone shows 35 characters of a subject."""
    bare = re.sub(r"^\s*(?:ООО|ОАО|ЗАО|ПАО|АО|НАО|ФГУП|ФБУ|ФГБУ|МУП|ГУП)\b\s*", "", name)
    quoted = re.fullmatch(r"[«\"“„](.+)[»\"”“]", bare.strip())
    return quoted[1] if quoted else bare.strip() or name


def short_name(name: str) -> str:
    """«Петрова Наталья Викторовна» -> «Петрова Н. В.»; a single word stays."""
    surname, *given = name.split()
    return " ".join([surname, *(f"{word[0]}." for word in given)])


def _natural(word: str) -> str:
    # A signature in capitals is a habit of letterheads, not a name of its own.
    return word.capitalize() if word.isupper() else word


def _addressed(first: str, patronymic: str) -> str | None:
    """«Уважаемая Анна Сергеевна» where both words are surely name and patronymic of one gender."""
    if _FEMALE_PATRONYMIC.fullmatch(patronymic):
        womanly = first.endswith(("а", "я")) or first in ("Любовь", "Нинель", "Рахиль", "Эсфирь", "Гузель", "Айгуль")
        # Илья and Никита end like women's names; with a woman's patronymic they are two people, or a slip.
        sure = womanly and _plain(first) not in _KNOWN_MALE and not _FEMALE_PATRONYMIC.fullmatch(first)
        return f"Уважаемая {first} {patronymic}" if sure else None
    # Surnames end in -ович too (Гуревич), so a man is addressed only where both words are known.
    if _plain(first) in _KNOWN_MALE and _plain(patronymic) in _KNOWN_PATRONYMICS:
        return f"Уважаемый {first} {patronymic}"
    return None


def greeting(signature: str, lang: str = "ru") -> str:
    """The first line of a letter to whoever signed: by name and patronymic, or neutral.

    Never guesses: two people in one signature, initials, an unknown name or «оглы» give «Здравствуйте!».
    """
    if lang == "en":
        return "Hello,"
    found: set[str] = set()
    for run in _RUN.findall(signature):
        words = [_natural(w) for w in run.split()]
        found |= {a for a in map(_addressed, words, words[1:]) if a}
    return f"{found.pop()}!" if len(found) == 1 else "Здравствуйте!"


def as_sentences(remarks: Iterable[str]) -> str:
    """Remarks that are not empty as one text, each with a capital at its beginning; the last has no full stop yet."""
    return ". ".join(remark[:1].upper() + remark[1:] for remark in remarks if remark)
