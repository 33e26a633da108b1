"""The published production calendar of a five-day week: each day of three spells of holidays in three years.

w is a working day, s one that is an hour shorter, - a day off. The yearly sums are those that the calendar prints.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailcase.rules.deadline import due, workdays
from mailcase.words import Kind
from tests.letters import config

MOSCOW = ZoneInfo("Europe/Moscow")
DAY = timedelta(days=1)
CONFIG = config()
DAYS = workdays(CONFIG.calendar)
SPELLS = {
    "2024-01-01": "-------- wwww -- wwwww",
    "2024-02-19": "www s --- wwwww -- www s --- wwwww",
    "2024-04-22": "wwwww w --- - ww -- ww s - --- wwwww",
    "2024-06-10": "w s - ww -- wwwww",
    "2024-10-28": "wwwww s -- wwww -- wwwww",
    "2024-12-23": "wwwww w - -- -------- ww -- wwwww",
    "2025-03-03": "wwww s -- wwwww",
    "2025-04-28": "ww s - - -- www - - -- wwwww",
    "2025-06-09": "ww s - - -- wwwww",
    "2025-10-27": "wwwww s - - - www -- wwwww",
    "2025-12-22": "wwwww -- ww - -------- - -- wwwww",
    "2026-02-16": "wwwww -- - wwww -- wwwww -- - wwww",
    "2026-04-27": "www s - -- wwww s - -- wwww",
    "2026-06-08": "www s - -- wwwww",
    "2026-11-02": "w s - ww -- wwwww",
    "2026-12-28": "www - ",
}


def published() -> dict[date, str]:
    days = {}
    for start, marks in SPELLS.items():
        for number, mark in enumerate(marks.replace(" ", "")):
            days[date.fromisoformat(start) + number * DAY] = mark
    return days


PUBLISHED = published()


@pytest.mark.req("B.8")
@pytest.mark.parametrize("day", PUBLISHED, ids=str)
def test_every_day_of_the_holidays_is_as_published(day: date) -> None:
    mark = PUBLISHED[day]
    assert DAYS.is_working(day) == (mark != "-")
    if mark != "-":
        assert DAYS.closes(day) == (time(16, 30) if mark == "s" else time(17, 30))


@pytest.mark.parametrize(
    ("year", "days", "hours"), [(2023, 247, 1973), (2024, 248, 1979), (2025, 247, 1972), (2026, 247, 1972)]
)
def test_a_years_days_and_hours_are_those_of_the_calendar(year: int, days: int, hours: int) -> None:
    worked = [day for n in range(366) if (day := date(year, 1, 1) + n * DAY).year == year and DAYS.is_working(day)]
    short = sum(DAYS.closes(day) == time(16, 30) for day in worked)
    assert (len(worked), 8 * len(worked) - short) == (days, hours)


def arrivals() -> Iterator[tuple[date, date]]:
    """Days of arrival whose third working day after is published, too, and that day: counted by the letters above."""
    for day, mark in PUBLISHED.items():
        later = [other for other in PUBLISHED if other > day and PUBLISHED[other] != "-" and (other - day).days < 20]
        # What comes on a day off counts as come on the next working day.
        place = 2 if mark != "-" else 3
        if len(later) > place and all(later[0] + n * DAY in PUBLISHED for n in range((later[place] - later[0]).days)):
            yield day, later[place]


@pytest.mark.req("B.8")
def test_the_table_holds_enough_days_of_arrival() -> None:
    assert len(list(arrivals())) >= 100


@pytest.mark.req("B.8")
@pytest.mark.parametrize(("day", "last"), list(arrivals()), ids=str)
def test_a_request_is_due_on_the_third_working_day(day: date, last: date) -> None:
    terms = due(Kind.REQUEST, datetime.combine(day, time(12), MOSCOW), CONFIG)
    closing = time(16, 30) if PUBLISHED[last] == "s" else time(17, 30)
    assert terms.due_at == datetime.combine(last, closing, MOSCOW)


@given(st.dates(date(2024, 1, 1), date(2026, 12, 20)), st.times(), st.integers(0, 60 * 72))
def test_who_writes_later_is_not_answered_earlier(day: date, clock: time, minutes: int) -> None:
    first = datetime.combine(day, clock, MOSCOW)
    later = first + timedelta(minutes=minutes)
    for kind in (Kind.REQUEST, Kind.CLAIM, Kind.SUGGESTION):
        assert due(kind, first, CONFIG).due_at <= due(kind, later, CONFIG).due_at


def test_after_the_early_closing_of_an_eve_it_is_the_next_working_day() -> None:
    eve = datetime(2026, 11, 3, 16, 45, tzinfo=MOSCOW)
    assert due(Kind.ORDER_CHANGE, eve, CONFIG).target_at.date() == date(2026, 11, 6)
    assert due(Kind.ORDER_CHANGE, eve - timedelta(minutes=30), CONFIG).target_at.date() == date(2026, 11, 5)
