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
_SHORT = re.compile(rf"(?:\b(?:с|со|from)\s+)?(?<![\d.])(?P<since>\d{{1,2}})(?:-?го)?\s*{_TO}\s*(?P<until>{_DAY})")
_END = re.compile(rf"\b(?:по|до|to|until)\s+(?P<until>{_DAY})")
_BEGIN = re.compile(rf"\b(?:с|со|from)\s+{_DAY}")
_ONE = re.compile(rf"(?P<until>{_DAY})")
_INSTEAD = re.compile(
    r"\b(?:замещает|замещающ\w+|заменяет|вместо (?:не[её]|него|меня)|за (?:не[её]|него|меня)|substitute)\b"
)
_FILLS = re.compile(
    r"\b(?:отсутству\w+|в|на|из|с|со|отпуск\w*|больничн\w*|больн\w+|боле\w+|командировк\w*|учеб\w+|включительно|буд[уе]т?"
    r"|года?|г|я|нет|меня|is|away|off|leave|vacation)\b"
)  # fmt: skip
_REPORT = re.compile(r"\W*отсутствует\s+(\S.*)", re.IGNORECASE)
_AHEAD = timedelta(days=300)
_EXAMPLE = "напишите, например: «!отсутствует Петрова с 01.12 по 14.12, замещает Сидоров»"


@dataclass(frozen=True, slots=True)
class Absence:
    """Logins, both days included; without `substitute` the one of the card stands in."""

    login: str
    since: date
    until: date
    substitute: str = ""


def reported(subject: str, text: str) -> str:
    """What follows in a new letter that says without any sign of an order «Отсутствует Петрова до 05.12»; or empty.

    Only of somebody else: programs that tell of absence speak in the first person.
    """
    said = next((line for line in text.splitlines() if line.strip()), "") or subject
    found = _REPORT.match(said)
    return found[1].strip() if found else ""


def absence(words: str, writer: Employee, people: Iterable[Employee], today: date) -> Absence:
    """What the words say; who is not named is the writer himself.

    Raises MailcaseError (Russian) for words that name no day, a day that is over, or somebody who does not work here.
    """
    text, staff = plain(words), tuple(people)
    since, until, rest = _days(text, today)
    named, mark, instead = _parted(rest)
    person = _person(named, staff, "отсутствует") or writer
    substitute = _person(instead, staff, "замещает") if mark else None
    if mark and substitute is None:
        raise MailcaseError(f"Не понятно, кто замещает: {_EXAMPLE}")
    if substitute is not None and substitute.login == person.login:
        raise MailcaseError("Отсутствующий не может замещать сам себя: назовите другого сотрудника")
    return Absence(person.login, since, until, substitute.login if substitute else "")


def whose(words: str, writer: Employee, people: Iterable[Employee]) -> Employee:
    """Who is back: the employee named, the writer where nobody is. Raises MailcaseError for a stranger."""
    return _person(plain(words), tuple(people), "вернулся") or writer


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
    if since > until:
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


def _parted(rest: str) -> tuple[str, bool, str]:
    """(who is away, whether somebody stands in, who)."""
    mark = _INSTEAD.search(rest)
    return (rest[: mark.start()], True, rest[mark.end() :]) if mark else (rest, False, "")


def _person(words: str, people: tuple[Employee, ...], what: str) -> Employee | None:
    """The one employee that the words name; None where they name nobody at all."""
    bare = _FILLS.sub(" ", words)
    if not re.search(r"\w", bare):
        return None
    named = [one for one in people if mentioned(bare, one.name) or {one.login, *one.addresses} & set(bare.split())]
    if len(named) == 1:
        return named[0]
    known = ", ".join(one.name for one in named or people)
    raise MailcaseError(f"Не понятно, кто {what}: «{' '.join(bare.split()).strip(' ,')}». Есть: {known}")
