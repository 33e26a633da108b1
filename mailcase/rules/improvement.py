"""What an employee writes into the improvement log: «что сделано; кто; до 15.12» (A24). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from mailcase.config import Employee
from mailcase.rules.surname import mentioned
from mailcase.words import MailcaseError

_MONTHS = "янв фев мар апр мая июн июл авг сен окт ноя дек".split()
_DAY = re.compile(
    r"(?:(?:до|к|срок)\s+)?(?P<day>\d{1,2})[.\s/]+(?P<month>\d{1,2}|[а-я]{3,8})\.?(?:[.\s/]+(?P<year>\d{4}))?"
    r"\s*(?:г\.?|года)?\.?"
)
_BEGINS = re.compile(r"(до|к|срок)\s+\d")


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of the log as it was written; `who` is empty and `due` None where nobody said."""

    action: str
    who: str = ""
    due: date | None = None


def planned(words: str, today: date) -> Planned:
    """What was changed, who sees to it and by when; the last two in either order, each may be left out.

    Raises MailcaseError (Russian) where there is no action, or a day that does not exist.
    """
    action, *rest = _parts(words)
    if not action:
        raise MailcaseError(
            "Не сказано, что изменено: «!улучшение протокол проверяет второй сотрудник; Сидоров; до 15.12»"
        )
    who, due = "", None
    for part in rest:
        if _BEGINS.match(part.lower()) or _DAY.fullmatch(part.lower()):
            due = _day(part, today)
        else:
            who = f"{who}; {part}" if who else part
    return Planned(action, who, due)


def _parts(words: str) -> list[str]:
    """Parted by semicolons; by commas where somebody wrote none and ended with a day."""
    parts = [part.strip(" .") for part in words.split(";")]
    if len(parts) > 1:
        return parts[:1] + [part for part in parts[1:] if part]
    by_comma = [part.strip(" .") for part in words.rsplit(",", 2)]
    return by_comma if len(by_comma) > 1 and _DAY.fullmatch(by_comma[-1].lower()) else parts


def _day(words: str, today: date) -> date:
    """The day meant; without a year the next one of that name."""
    found = _DAY.fullmatch(words.lower())
    month = _month(found["month"]) if found else None
    try:
        if found and month:
            day = date(int(found["year"] or today.year), month, int(found["day"]))
            return day if found["year"] or day >= today else day.replace(year=day.year + 1)
    except ValueError:
        pass
    raise MailcaseError(f"Не понятен срок «{words}»: напишите день, например «до {today:%d.%m.%Y}»")


def _month(word: str) -> int | None:
    if word.isdigit():
        return int(word)
    return next((number for number, name in enumerate(_MONTHS, 1) if word.startswith(name)), None)


def owner(who: str, writer: Employee, people: tuple[Employee, ...]) -> str:
    """The login of the employee meant, the writer where nobody is named; words that name no employee stay words."""
    if not who:
        return writer.login
    named = [person.login for person in people if who.lower() == person.login or mentioned(who, person.name)]
    return named[0] if len(named) == 1 else who
