"""When a client called or came: the day as people and programs write it, read as a moment of the laboratory (A46)."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

_MONTHS = "янв фев мар апр ма июн июл авг сен окт ноя дек".split()
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})(?:\.(\d{4}|\d{2}))?(?![\d])")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_WORDS = re.compile(rf"(\d{{1,2}})\s+({'|'.join(_MONTHS)})[а-я]*\.?(?:,?\s+(\d{{4}}))?", re.IGNORECASE)
_TIME = re.compile(r"(?<![\d.])(\d{1,2}):(\d{2})")
_CLOCKS = timedelta(minutes=30)
_BEFORE = {"позавчера": 2, "вчера": 1, "сегодня": 0}


def moment(words: str, received: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment that the words name, never after the letter came; midnight where no hour is said.

    None where they name none. A day without a year is the last such day.
    """
    exact = _exact(words)
    if exact is not None:
        return _not_after(exact, received)
    today = received.astimezone(zone).date()
    day, at = _day(words.lower(), today), _hour(words)
    if day is None and at is None:
        return None
    return _not_after(datetime.combine(day or today, at or time(), zone), received)


def _not_after(found: datetime, received: datetime) -> datetime | None:
    """Two clocks differ by minutes; what lies in the future was misread."""
    return min(found, received) if found - received < _CLOCKS else None


def _hour(words: str) -> time | None:
    found = _TIME.search(words)
    return time(int(found[1]), int(found[2])) if found and int(found[1]) < 24 and int(found[2]) < 60 else None


def _exact(words: str) -> datetime | None:
    """A moment that a program wrote, with its zone (RFC 5322)."""
    try:
        found = parsedate_to_datetime(words)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else None


def _day(words: str, today: date) -> date | None:
    for word, days in _BEFORE.items():
        if re.search(rf"\b{word}\b", words):
            return today - timedelta(days=days)
    iso, numeric, named = _ISO.search(words), _NUMERIC.search(words), _WORDS.search(words)
    if iso:
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    if numeric:
        year = int(numeric[3]) if numeric[3] else None
        return _past(year + 2000 if year is not None and year < 100 else year, int(numeric[2]), int(numeric[1]), today)
    if named:
        year = int(named[3]) if named[3] else None
        return _past(year, _MONTHS.index(named[2].lower()) + 1, int(named[1]), today)
    return None


def _past(year: int | None, month: int, day: int, today: date) -> date | None:
    if year is not None:
        return _date(year, month, day)
    this = _date(today.year, month, day)
    return _date(today.year - 1, month, day) if this and this > today else this


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
