"""The span that a report is about: whole days of the laboratory's time zone, as a rule calendar months. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from mailcase.words import MailcaseError

_DAY = timedelta(days=1)
_MONTHS = (
    "январь", "февраль", "март", "апрель", "май", "июнь",
    "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip
_QUARTERS = ("I", "II", "III", "IV")
_LENGTHS = {"month": 1, "quarter": 3}
"""Months of what `report.every` may be."""


@dataclass(frozen=True, slots=True)
class Period:
    """The first and the last day, both included."""

    first: date
    last: date

    def bounds(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """The moment it begins, and that at which it is over."""
        return datetime.combine(self.first, time(), zone), datetime.combine(self.last + _DAY, time(), zone)

    def months(self) -> Iterator[date]:
        """The first day of each calendar month that it touches."""
        month = self.first.replace(day=1)
        while month <= self.last:
            yield month
            month = _shifted(month, 1)

    def before(self) -> Period:
        """The span of the same length right before it: as many months of whole ones, else as many days."""
        if self._whole:
            return Period(_shifted(self.first, -len(list(self.months()))), self.first - _DAY)
        return Period(self.first - (self.last - self.first) - _DAY, self.first - _DAY)

    @property
    def _whole(self) -> bool:
        return self.first.day == 1 and (self.last + _DAY).day == 1

    def __str__(self) -> str:
        """«ноябрь 2026», «IV квартал 2026», «2026 год», else «05.11.2026–20.11.2026»."""
        count = len(list(self.months())) if self._whole else 0
        if count == 1:
            return f"{month_name(self.first)} {self.first.year}"
        if count == 3 and self.first.month % 3 == 1:
            return f"{_QUARTERS[self.first.month // 3]} квартал {self.first.year}"
        if count == 12 and self.first.month == 1:
            return f"{self.first.year} год"
        return f"{self.first:%d.%m.%Y}–{self.last:%d.%m.%Y}"


def month_name(day: date) -> str:
    """«ноябрь»."""
    return _MONTHS[day.month - 1]


def begins(day: date, every: str) -> date:
    """The first day of the calendar month or quarter in which that day lies."""
    length = _LENGTHS[every]
    return day.replace(day=1, month=(day.month - 1) // length * length + 1)


def ended(day: date, every: str) -> Period:
    """The last calendar month or quarter that was over before that day."""
    first = begins(day, every)
    return Period(_shifted(first, -_LENGTHS[every]), first - _DAY)


def named(since: str, until: str, today: date) -> Period:
    """The span of «2026-10» to «2026-12», or of days; without an end a month alone, or up to today.

    Raises MailcaseError for what is no month or day, and for an end before the beginning.
    """
    first, month_end = _named("--from", since)
    last = _named("--to", until)[1] if until else (month_end if month_end != first else today)
    if last < first:
        raise MailcaseError(f"--to {last}: is before --from {first}; exchange them")
    return Period(first, last)


def _named(option: str, text: str) -> tuple[date, date]:
    """The first and the last day of a month, or one day twice."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}", text):
            first = date.fromisoformat(f"{text}-01")
            return first, _shifted(first, 1) - _DAY
        day = date.fromisoformat(text)
    except ValueError:
        raise MailcaseError(
            f'{option} "{text}": expected a month such as 2026-11, or a day such as 2026-11-05'
        ) from None
    return day, day


def _shifted(month: date, by: int) -> date:
    """The first day of the month so many months later."""
    count = month.year * 12 + month.month - 1 + by
    return date(count // 12, count % 12 + 1, 1)
