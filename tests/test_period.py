"""A report is about calendar months of the laboratory's time zone, or about the days that somebody names."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from mailcase.reports.period import Period, begins, ended, named
from mailcase.words import MailcaseError

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("day", "every", "first", "over", "name"),
    [
        (date(2026, 12, 1), "month", date(2026, 12, 1), (date(2026, 11, 1), date(2026, 11, 30)), "ноябрь 2026"),
        (date(2027, 1, 11), "month", date(2027, 1, 1), (date(2026, 12, 1), date(2026, 12, 31)), "декабрь 2026"),
        (date(2028, 3, 31), "month", date(2028, 3, 1), (date(2028, 2, 1), date(2028, 2, 29)), "февраль 2028"),
        (date(2027, 1, 11), "quarter", date(2027, 1, 1), (date(2026, 10, 1), date(2026, 12, 31)), "IV квартал 2026"),
        (date(2026, 9, 30), "quarter", date(2026, 7, 1), (date(2026, 4, 1), date(2026, 6, 30)), "II квартал 2026"),
    ],
)
def test_the_span_that_is_over(day: date, every: str, first: date, over: tuple[date, date], name: str) -> None:
    assert begins(day, every) == first
    assert ended(day, every) == Period(*over)
    assert str(ended(day, every)) == name


def test_a_month_begins_and_ends_at_the_laboratorys_midnight() -> None:
    since, until = Period(date(2026, 11, 1), date(2026, 11, 30)).bounds(ZoneInfo("Europe/Moscow"))
    assert (since, until) == (datetime(2026, 10, 31, 21, tzinfo=UTC), datetime(2026, 11, 30, 21, tzinfo=UTC))


@pytest.mark.parametrize(
    ("since", "until", "span"),
    [
        ("2026-10", "", "октябрь 2026"),
        ("2026-10", "2026-12", "IV квартал 2026"),
        ("2026-01", "2026-12", "2026 год"),
        ("2026-11", "2026-12", "01.11.2026–31.12.2026"),
        ("2026-11-05", "", "05.11.2026–23.11.2026"),
        ("2026-11-05", "2026-11-20", "05.11.2026–20.11.2026"),
    ],
)
def test_a_span_is_named_by_months_or_days(since: str, until: str, span: str) -> None:
    assert str(named(since, until, TODAY)) == span


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("2026-13", "", '--from "2026-13": expected a month such as'),
        ("ноябрь", "", '--from "ноябрь": expected a month such as'),
        ("2026-11", "20.11.2026", '--to "20.11.2026": expected a month such as'),
        ("2026-11", "2026-10", "is before --from 2026-11-01"),
    ],
)
def test_what_is_no_span_is_told(since: str, until: str, said: str) -> None:
    with pytest.raises(MailcaseError) as caught:
        named(since, until, TODAY)
    assert said in str(caught.value)


def test_the_span_before_has_the_same_length() -> None:
    assert str(Period(date(2026, 1, 1), date(2026, 3, 31)).before()) == "IV квартал 2025"
    assert str(Period(date(2026, 3, 1), date(2026, 3, 31)).before()) == "февраль 2026"
    days = Period(date(2026, 11, 5), date(2026, 11, 20)).before()
    assert days == Period(date(2026, 10, 20), date(2026, 11, 4))
