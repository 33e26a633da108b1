"""Terms by the Civil Code and the production calendar; the laboratory works 9:00 to 17:30 in Moscow."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailcase.rules import term
from mailcase.rules.deadline import due, workdays
from mailcase.words import Kind, Register, Sender, Standing
from tests.letters import config, letter

MOSCOW = ZoneInfo("Europe/Moscow")


def ends(kind: Kind | Standing, arrived: str, **overrides: Any) -> tuple[str, str]:
    """(target, limit) as Moscow time."""
    terms = due(kind, datetime.fromisoformat(arrived).replace(tzinfo=MOSCOW), config(**overrides))
    return tuple(f"{at.astimezone(MOSCOW):%Y-%m-%d %H:%M}" for at in (terms.target_at, terms.due_at))  # type: ignore[return-value]


@pytest.mark.req("B.8")
@pytest.mark.parametrize(
    ("kind", "arrived", "target", "limit"),
    [
        # A Monday: the day of arrival is not counted.
        (Kind.REQUEST, "2026-11-23T12:00", "2026-11-25", "2026-11-26"),
        (Kind.ORDER_CHANGE, "2026-11-23T12:00", "2026-11-24", "2026-11-25"),
        (Kind.CONSULTATION, "2026-11-23T12:00", "2026-11-24", "2026-11-26"),
        (Kind.FEEDBACK, "2026-11-23T12:00", "2026-11-30", "2026-11-30"),
        (Kind.COMPLAINT, "2026-11-23T12:00", "2026-11-30", "2026-12-07"),
        # Calendar days: 10 after the 23rd is Thursday, 30 after it is Wednesday.
        (Kind.CLAIM, "2026-11-23T12:00", "2026-11-30", "2026-12-03"),
        (Kind.SUGGESTION, "2026-11-23T12:00", "2026-12-07", "2026-12-23"),
        # Who asks for what: a citizen, his request for a service, a request about one's data, an authority.
        (Standing.CITIZEN, "2026-11-23T12:00", "2026-12-08", "2026-12-23"),
        (Standing.CONSUMER, "2026-11-23T12:00", "2026-11-24", "2026-11-24"),
        (Standing.PERSONAL_DATA, "2026-11-23T12:00", "2026-11-30", "2026-12-07"),
        (Standing.AUTHORITY, "2026-11-23T12:00", "2026-11-24", "2026-11-26"),
        # After closing, on the minute of closing, and on a Saturday: as if it came on the next working day.
        (Kind.REQUEST, "2026-11-23T17:30", "2026-11-26", "2026-11-27"),
        (Kind.REQUEST, "2026-11-23T17:29", "2026-11-25", "2026-11-26"),
        (Kind.REQUEST, "2026-11-28T10:00", "2026-12-02", "2026-12-03"),
        # May 2026: the 1st is a Friday, Monday the 11th is off for Victory Day on a Saturday.
        (Kind.REQUEST, "2026-04-30T12:00", "2026-05-05", "2026-05-06"),
        (Kind.REQUEST, "2026-05-08T12:00", "2026-05-13", "2026-05-14"),
        # A calendar term that ends on the 9th of May moves to the first working day.
        (Kind.CLAIM, "2026-04-29T12:00", "2026-05-04", "2026-05-12"),
        # New Year: 31 December 2025 is moved off, work begins on 12 January 2026.
        (Kind.REQUEST, "2025-12-30T12:00", "2026-01-13", "2026-01-14"),
        (Kind.CLAIM, "2025-12-25T12:00", "2025-12-30", "2026-01-12"),
        # 1 January itself: as if it came on the 12th.
        (Kind.ORDER_CHANGE, "2026-01-01T03:00", "2026-01-13", "2026-01-14"),
    ],
)
def test_terms_follow_the_production_calendar(kind: Kind | Standing, arrived: str, target: str, limit: str):
    assert ends(kind, arrived) == (f"{target} 17:30", f"{limit} 17:30")


def test_an_evening_in_utc_is_counted_by_the_laboratorys_own_day():
    late = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)
    assert due(Kind.REQUEST, late, config()).due_at == datetime(2026, 11, 27, 14, 30, tzinfo=UTC)


def test_terms_are_aware_and_in_utc():
    terms = due(Kind.REQUEST, datetime(2026, 11, 23, 9, tzinfo=UTC), config())
    assert terms.due_at.tzinfo is UTC
    assert terms.target_at.tzinfo is UTC


@pytest.mark.req("A3", "B.8")
def test_the_record_says_how_the_term_was_reckoned():
    terms = due(Kind.REQUEST, datetime(2026, 4, 30, 12, tzinfo=MOSCOW), config())
    assert terms.record() == {
        "name": "request",
        "start": "2026-04-30",
        "target": 2,
        "limit": 3,
        "unit": "working",
        "skipped": ["2026-05-01", "2026-05-02", "2026-05-03"],
        "source": "по умолчанию, не из СТО-СМК-005",
    }
    moved = due(Kind.CLAIM, datetime(2026, 4, 29, 12, tzinfo=MOSCOW), config())
    assert [str(day) for day in moved.skipped] == ["2026-05-09", "2026-05-10", "2026-05-11"]


@pytest.mark.req("A3", "B.8")
def test_every_term_says_that_nobody_decided_it_until_somebody_does():
    assert all(term.source.startswith("по умолчанию, не из СТО-СМК-005") for term in config().terms.values())
    assert set(config().terms) == {kind for kind in Kind if kind.register is not Register.NONE} | set(Standing)
    decided = config(terms={"claim": {"limit": 12}}).terms[Kind.CLAIM]
    assert (decided.limit, decided.no_later, decided.source) == (12, 30, "установлено лабораторией")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        (Standing.AUTHORITY, {"sender": "Росаккредитация <info@fsa.example.gov.ru>"}),
        (Standing.PERSONAL_DATA, {"text": "Отзываю согласие на обработку моих персональных данных."}),
        (Standing.PERSONAL_DATA, {"text": "Прошу сообщить, какие мои персональные данные Вы храните, и удалить их."}),
        (Kind.CORRESPONDENCE, {"text": "Согласие на обработку персональных данных прилагаем."}),
    ],
)
def test_some_letters_have_a_term_of_their_own_whatever_their_kind(name: Kind | Standing, given: dict[str, str]):
    assert term.of_letter(letter(**given), Kind.CORRESPONDENCE, Sender.UNKNOWN, consumer_service=False) is name


@pytest.mark.req("A15")
@pytest.mark.parametrize(
    ("kind", "consumer", "name"),
    [
        (Kind.CORRESPONDENCE, False, Standing.CITIZEN),
        (Kind.SUGGESTION, False, Standing.CITIZEN),
        (Kind.REQUEST, True, Standing.CONSUMER),
        # His question is answered on first demand, his complaint has the sooner term of complaints.
        (Kind.CONSULTATION, False, Kind.CONSULTATION),
        (Kind.COMPLAINT, False, Kind.COMPLAINT),
        (Kind.COMPLAINT, True, Kind.COMPLAINT),
    ],
)
def test_a_citizens_letter_has_the_citizens_term(kind: Kind, consumer: bool, name: Kind | Standing):
    assert term.of_case(kind, Sender.CITIZEN, consumer_service=consumer) is name


def test_days_of_the_configuration_count_both_ways():
    calendar = {"extra_days_off": ["2026-11-24"], "extra_working_days": ["2026-11-28"]}
    assert ends(Kind.REQUEST, "2026-11-23T12:00", calendar=calendar)[1] == "2026-11-27 17:30"
    days = workdays(config(calendar=calendar).calendar)
    assert days.is_working(date(2026, 11, 28))
    assert not days.is_working(date(2026, 11, 24))


def test_a_saturday_that_the_state_works_is_worked():
    days = workdays(config().calendar)
    assert days.is_working(date(2025, 11, 1))
    assert not days.is_working(date(2025, 11, 3))


def test_a_year_without_a_decree_has_weekends_and_federal_holidays():
    days = workdays(config().calendar)
    assert not days.is_working(date(2041, 1, 2))
    assert not days.is_working(date(2041, 6, 12))
    assert days.is_working(date(2041, 6, 11))


def test_lateness_is_counted_in_working_days():
    days = workdays(config().calendar)
    assert days.between(date(2026, 11, 18), date(2026, 11, 23)) == 3
    assert days.between(date(2026, 11, 23), date(2026, 11, 23)) == 0
    assert days.between(date(2026, 11, 23), date(2026, 11, 20)) == 0
    assert days.between(date(2026, 5, 8), date(2026, 5, 12)) == 1


def test_an_unknown_kind_has_the_term_of_correspondence():
    assert ends(Kind.AUTO, "2026-11-23T12:00") == ends(Kind.CORRESPONDENCE, "2026-11-23T12:00")


def test_one_configuration_makes_one_calendar():
    assert workdays(config().calendar) is workdays(config().calendar)


@given(day=st.dates(date(2024, 1, 1), date(2035, 12, 31)), count=st.integers(0, 15))
def test_the_nth_working_day_is_worked_and_n_days_later(day: date, count: int):
    days = workdays(config().calendar)
    last = days.add(day, count)
    assert days.is_working(last)
    assert count == 0 or days.between(day, last) == count


@given(
    day=st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    clock=st.times(),
    kind=st.sampled_from(list(config().terms)),
)
def test_a_term_ends_after_its_target_on_a_working_day_at_closing(day: date, clock: time, kind: Kind):
    arrived = datetime.combine(day, clock, MOSCOW)
    terms = due(kind, arrived, config())
    last = terms.due_at.astimezone(MOSCOW)
    assert terms.target_at <= terms.due_at
    assert workdays(config().calendar).is_working(last.date())
    assert last.time() == workdays(config().calendar).closes(last.date())
    assert last.date() > day
