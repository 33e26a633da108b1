"""By when a letter must be answered, counted in working days of the laboratory or in calendar days of the law.

The day of arrival is not counted (ГК 191), a last day that is no working day moves to the next one (ГК 193), and the
term ends at the closing hour of the last day (ГК 194), an hour earlier on the eve of a holiday (ТК 95). The Russian
production calendar with its moved days comes from `holidays`; beyond the years it knows, weekends and federal holidays
are counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import holidays

from mailcase.config import Calendar, Config, Term
from mailcase.words import Kind, Standing

_DAY = timedelta(days=1)
_SHORTER = timedelta(hours=1)
"""By so much the eve of a holiday is shorter."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What employees aim at and what clients are promised (aware, UTC), and how that was reckoned.

    `start` is the day of arrival, which is not counted; `skipped` are the days off that the limit passes over.
    """

    target_at: datetime
    due_at: datetime
    name: Kind | Standing
    term: Term
    start: date
    skipped: tuple[date, ...]

    def record(self) -> dict[str, object]:
        """As an event keeps it: no personal data, days as ISO dates."""
        return {
            "name": self.name,
            "start": self.start.isoformat(),
            "target": self.term.target,
            "limit": self.term.limit,
            "unit": self.term.unit,
            "skipped": [day.isoformat() for day in self.skipped],
            "source": self.term.source,
        }


@dataclass(frozen=True, slots=True)
class Workdays:
    """Working days of the laboratory: the production calendar, with the configuration's own days over it."""

    calendar: Calendar

    def is_working(self, day: date) -> bool:
        """Whether the laboratory works on that day; a day listed both ways is worked."""
        if day in self.calendar.extra_working_days:
            return True
        if day in self.calendar.extra_days_off:
            return False
        year = _production_calendar(day.year)
        return day in year.worked or (day.weekday() < 5 and day not in year.off)

    def closes(self, day: date) -> time:
        """When the laboratory closes on that working day: an hour earlier where the production calendar shortens it."""
        usual = self.calendar.closes
        short = day in _production_calendar(day.year).short and day not in self.calendar.extra_working_days
        return (datetime.combine(day, usual) - _SHORTER).time() if short else usual

    def on_or_after(self, day: date) -> date:
        """That day, or the next working one (ГК 193)."""
        while not self.is_working(day):
            day += _DAY
        return day

    def add(self, day: date, count: int) -> date:
        """The count-th working day after `day`; for 0 the day itself or the next working one."""
        if count <= 0:
            return self.on_or_after(day)
        for _ in range(count):
            day = self.on_or_after(day + _DAY)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to `end`: how many days late something is that was due at `start`."""
        return sum(self.is_working(start + _DAY * n) for n in range(1, (end - start).days + 1))

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two aware moments: hours of working days alone, nothing where `end` is not later."""
        total, day = timedelta(), start.astimezone(self.calendar.zone).date()
        while day <= end.astimezone(self.calendar.zone).date():
            opens, closes = self._hours(day)
            total += max(min(end, closes) - max(start, opens), timedelta())
            day += _DAY
        return total

    def after(self, moment: datetime, span: timedelta) -> datetime:
        """When so much working time has passed since an aware moment (UTC); that moment itself for none."""
        if span <= timedelta():
            return moment
        day = moment.astimezone(self.calendar.zone).date()
        while True:
            opens, closes = self._hours(day)
            begins = max(moment, opens)
            room = max(closes - begins, timedelta())
            if span <= room:
                return begins + span
            span -= room
            day += _DAY

    def _hours(self, day: date) -> tuple[datetime, datetime]:
        """When the day's work begins and ends (UTC); at one moment on a day off."""
        opens, closes = (
            datetime.combine(day, clock, self.calendar.zone).astimezone(UTC)
            for clock in (self.calendar.opens, self.closes(day))
        )
        return opens, (closes if self.is_working(day) else opens)


@lru_cache(maxsize=8)
def workdays(calendar: Calendar) -> Workdays:
    """The working days of this configuration, made once."""
    return Workdays(calendar)


def knows_year(year: int) -> bool:
    """Whether the moved days of that year are known; without them only weekends and federal holidays are counted."""
    return year in holidays.country_holidays("RU").special_public_holidays


@dataclass(frozen=True, slots=True)
class _Year:
    """Days off, weekends that are worked, and days that are an hour shorter."""

    off: frozenset[date]
    worked: frozenset[date]
    short: frozenset[date]


@lru_cache(maxsize=64)
def _production_calendar(year: int) -> _Year:
    known = holidays.country_holidays("RU", years=year)
    # Each moved day off, and the weekend or holiday it was moved from.
    moved = {
        date(year, month, day): date(year, from_month, from_day)
        for month, day, from_month, from_day in known.special_public_holidays.get(year, ())
    }
    worked = frozenset(day for day in known.weekend_workdays if day.year == year)
    eves = {day - _DAY for day in known if day not in moved}
    # The eve itself, where it is worked; where it was moved, the weekend that is worked in its place.
    short = {day for day in eves if (day.weekday() < 5 or day in worked) and day not in known}
    short |= {source for eve, source in moved.items() if eve in eves and source in worked}
    return _Year(frozenset(known), worked, frozenset(short))


def due(name: Kind | Standing, received_at: datetime, config: Config) -> Terms:
    """Target and limit by the term of that name (B.8), from arrival at our server and never from the letter's Date."""
    term = config.terms.get(name) or config.terms[Kind.CORRESPONDENCE]
    calendar = config.calendar
    days = workdays(calendar)
    arrived = received_at.astimezone(calendar.zone)
    start = arrived.date()
    # B.8: what comes after closing or on a day off counts as come on the next working day, in terms of working days.
    if term.unit == "working" and (arrived.time() >= days.closes(start) or not days.is_working(start)):
        start = days.add(start, 1)
    target, limit = (_last_day(days, start, count, term) for count in (term.target, term.limit))
    return Terms(
        target_at=_closing(days, target),
        due_at=_closing(days, limit),
        name=name,
        term=term,
        start=start,
        skipped=_skipped(days, start, limit, term),
    )


def after_pause(
    at: datetime, stood: tuple[datetime, datetime], days: Workdays, latest: datetime | None = None
) -> datetime:
    """A term whose clock stood between two moments: later by exactly the working time of that span.

    Never beyond `latest`, and never earlier than it was.
    """
    moved = days.after(at, days.worked(*stood))
    return moved if latest is None else max(at, min(moved, latest))


def no_later(term: Term, received_at: datetime, config: Config) -> datetime | None:
    """The end beyond which no pause moves the term: the last working day up to `no_later`; None where there is none."""
    if not term.no_later:
        return None
    days = workdays(config.calendar)
    day = received_at.astimezone(config.calendar.zone).date() + _DAY * term.no_later
    while not days.is_working(day):
        day -= _DAY
    return _closing(days, day)


def _last_day(days: Workdays, start: date, count: int, term: Term) -> date:
    return days.on_or_after(start + _DAY * count) if term.unit == "calendar" else days.add(start, count)


def _skipped(days: Workdays, start: date, last: date, term: Term) -> tuple[date, ...]:
    """Of working days all that are off in between; of calendar days those after which the last one moved."""
    first = start + _DAY * (term.limit if term.unit == "calendar" else 1)
    between = (first + _DAY * n for n in range((last - first).days))
    return tuple(day for day in between if not days.is_working(day))


def _closing(days: Workdays, day: date) -> datetime:
    return datetime.combine(day, days.closes(day), days.calendar.zone).astimezone(UTC)
