"""Who is away, from when until when, and who stands in, as ordered: «Петрова до 05.12, замещает Сидоров».

Days without a year are the next such days; the last day belongs to the absence. Pure: what is not understood is said,
and never guessed at (users.md 3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from mailcase.config import Employee
from mailcase.rules.surname import mentioned, plain
from mailcase.words import MailcaseError

_MONTHS = "янв фев мар апр ма июн июл авг сен окт ноя дек".split()
_NEAR = {"сегодня": 0, "завтра": 1, "послезавтра": 2}
_MONTH = rf"(?:{'|'.join(_MONTHS)})[а-я]*"
_DAY = (
    rf"(?:\d{{4}}-\d\d-\d\d|\d{{1,2}}[./]\d{{1,2}}(?:[./](?:\d{{4}}|\d\d))?(?!\d)"
    rf"|\d{{1,2}}(?:-?го)?\s+{_MONTH}(?:\s+\d{{4}})?|{'|'.join(_NEAR)})"
)
_TO = r"(?:\bпо|\bдо|\bto|\buntil|-|–|—|\.\.)"
_RANGE = re.compile(rf"(?:\b(?:с|со|from)\s+)?(?P<since>{_DAY})\s*{_TO}\s*(?P<until>{_DAY})")
_SHORT = re.compile(rf"(?:\b(?:с|со|from)\s+)?(?<![\w.])(?P<since>\d{{1,2}})(?:-?го)?\s*{_TO}\s*(?P<until>{_DAY})")
_END = re.compile(rf"\b(?:по|до|to|until)\s+(?P<until>{_DAY})")
_BEGIN = re.compile(rf"\b(?:с|со|from)\s+(?P<since>{_DAY})")
_ONE = re.compile(rf"(?P<until>{_DAY})")
_BESIDE_DAYS = re.compile(
    r"(?<=\d)\s*(?:г\b\.?|года?\b)|\((?:пн|вт|ср|чт|пт|сб|вс|[а-я]{5,11})\)|(?<=\d)\.(?=\s|,|$)|\bвключительно\b"
)
"""What people write beside a day and what says nothing more of it."""
_INSTEAD = re.compile(
    r"\b(?:замещает|заместитель|замещающ\w+|замещение|замена|заменяет|подменяет|вместо (?:не[её]|него|меня)"
    r"|за (?:не[её]|него|меня)|исполняет обязанности|и\. ?о\.|substitute)(?!\w)\W*"
)
_FILLS = re.compile(
    r"\b(?:в|на|из|отпуск\w*|больничн\w*|больн\w+|боле\w+|заболел\w*|командировк\w*|учебе|я|is|away|off|on|leave|vacation)\b"
)
_REPORT = re.compile(r"\W*отсутствует\s+(\S.*)", re.IGNORECASE | re.DOTALL)
_AHEAD = timedelta(days=300)
_LONG = timedelta(days=200)
"""Days of absence beyond which nobody leaves the years out: «с 31.12 по 01.12» is a slip."""
_EXAMPLE = "напишите, например: «!отсутствует Петрова с 01.12 по 14.12, замещает Сидоров»"


@dataclass(frozen=True, slots=True)
class Absence:
    """Logins, both days included; without `substitute` the one of the card stands in."""

    login: str
    since: date
    until: date
    substitute: str = ""


def reported(subject: str, text: str, writer: Employee, people: Iterable[Employee], today: date) -> str:
    """The order in a new letter that says nothing but «Отсутствует Петрова до 05.12», without any sign; or empty.

    Only of somebody else: programs that tell of absence speak in the first person. «Отсутствует связь с заводом» is a
    letter like any other.
    """
    found = _REPORT.fullmatch(text.strip() or subject.strip())
    if found is None:
        return ""
    try:
        absence(found[1], writer, people, today)
    except MailcaseError:
        return ""
    return " ".join(found[1].split())


def absence(words: str, writer: Employee, people: Iterable[Employee], today: date) -> Absence:
    """What the words say; who is not named is the writer himself.

    Raises MailcaseError (Russian) for words that name no day, a day that is over, somebody who does not work here, and
    for any word that is left over: «вернётся 07.12» is no absence on that day.
    """
    text, staff = _BESIDE_DAYS.sub("", plain(words)), tuple(people)
    since, until, rest = _days(text, today)
    mark = _INSTEAD.search(rest)
    named, instead = (rest[: mark.start()], rest[mark.end() :]) if mark else (rest, "")
    person = _person(named, staff, "отсутствует") or writer
    substitute = _person(instead, staff, "замещает")
    if mark and substitute is None:
        raise MailcaseError(f"Не понятно, кто замещает: {_EXAMPLE}")
    if substitute is not None and substitute.login == person.login:
        raise MailcaseError("Отсутствующий не может замещать сам себя: назовите другого сотрудника")
    return Absence(person.login, since, until, substitute.login if substitute else "")


def back(words: str, writer: Employee, people: Iterable[Employee], today: date) -> tuple[Employee, date | None]:
    """Who is there, the writer where nobody is named, and the first day of the absence that does not take place.

    That day is None where none is named. Raises MailcaseError for a stranger, and for words that are left over.
    """
    text = _BESIDE_DAYS.sub("", plain(words))
    found = _BEGIN.search(text)
    day = _until(found["since"], today) if found else None
    rest = f"{text[: found.start()]} {text[found.end() :]}" if found else text
    return _person(re.sub(r"\bс отпуска\b", " ", rest), tuple(people), "на месте") or writer, day


def _days(text: str, today: date) -> tuple[date, date, str]:
    """(first day, last day, the words without them)."""
    found = _RANGE.search(text) or _SHORT.search(text) or _END.search(text)
    if found is None and _BEGIN.search(text):
        raise MailcaseError(f"Не сказано, по какой день: {_EXAMPLE}")
    found = found or _ONE.search(text)
    if found is None:
        raise MailcaseError(f"Не сказано, с какого и по какой день: {_EXAMPLE}")
    until = _until(found["until"], today)
    return _since(found, until, today), until, f"{text[: found.start()]} , {text[found.end() :]}"


def _until(words: str, today: date) -> date:
    """Without a year the next such day; what would be most of a year ahead is a day that is over."""
    year, month, day = _parts(words, today)
    until = _date(words, year or today.year, month, day)
    if year is None and until < today:
        until = _date(words, today.year + 1, month, day)
    if until < today or (year is None and until - today > _AHEAD):
        raise MailcaseError(f"Этот срок уже прошёл: «{words}». Если речь о другом годе, назовите его")
    return until


def _since(found: re.Match[str], until: date, today: date) -> date:
    """Without a year the last such day that is not after the end: «28.12 – 15.01» begins in the year before."""
    if "since" not in found.re.groupindex:
        return today if found.re is _END else until
    words = found["since"]
    # «с 1 по 14 декабря»: the month is the last day's.
    year, month, day = (None, until.month, int(words)) if words.isdigit() else _parts(words, today)
    since = _date(words, year or until.year, month, day)
    if year is None and since > until and not words.isdigit():
        since = _date(words, until.year - 1, month, day)
    if since > until or (year is None and until - since > _LONG):
        raise MailcaseError(f"Первый день позже последнего: «{found[0].strip()}»; {_EXAMPLE}")
    return since


def _parts(words: str, today: date) -> tuple[int | None, int, int]:
    """(year or None, month, day) of one of `_DAY`."""
    if words in _NEAR:
        day = today + timedelta(days=_NEAR[words])
        return day.year, day.month, day.day
    if "-" in words[4:5]:
        return int(words[:4]), int(words[5:7]), int(words[8:])
    number, name, *more = re.findall(r"\d+|[а-я]{3,}", words)
    year = int(more[0]) if more else None
    named = int(name) if name.isdigit() else next(n for n, month in enumerate(_MONTHS, 1) if name.startswith(month))
    return year + 2000 if year is not None and year < 100 else year, named, int(number)


def _date(words: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as wrong:
        raise MailcaseError(f"Такого дня нет: «{words}»; {_EXAMPLE}") from wrong


def _person(words: str, people: tuple[Employee, ...], what: str) -> Employee | None:
    """The one employee that the words name, and nothing else; None where they name nobody at all."""
    said = [word for word in re.findall(r"[\w@.+-]+", _FILLS.sub(" ", words)) if word.strip(".-")]
    if not said:
        return None
    named = [one for one in people if _surname(one, said) or {one.login, *one.addresses} & set(said)]
    exact = [one for one in named if _names(one)[0] in said and len(_left(one, said)) == 0]
    fits = exact if len(exact) == 1 else [one for one in named if not _left(one, said)]
    if len(fits) == 1:
        return fits[0]
    if len(named) == 1:
        raise MailcaseError(f"Не понятны слова «{' '.join(_left(named[0], said))}»; {_EXAMPLE}")
    known = ", ".join(f"{one.name} ({one.login})" for one in named or people)
    raise MailcaseError(f"Не понятно, кто {what}: «{' '.join(said)}». Есть: {known}")


def _surname(person: Employee, said: list[str]) -> bool:
    return any(mentioned(word, person.name) for word in said)


def _left(person: Employee, said: list[str]) -> list[str]:
    """The words that are no part of his name, login or address."""
    own = {person.login, *person.addresses}
    return [word for word in said if word not in own and not mentioned(word, person.name) and not _given(person, word)]


def _given(person: Employee, word: str) -> bool:
    """Name or patronymic in whatever case, or initials."""
    given = _names(person)[1:]
    initials = [part for part in word.split(".") if part]
    if all(len(part) == 1 for part in initials):
        return initials == [name[0] for name in given][: len(initials)] or initials == [name[0] for name in given[1:]]
    return any(word.startswith(name[: max(3, len(name) - 2)]) for name in given)


def _names(person: Employee) -> list[str]:
    return plain(person.name).split()
