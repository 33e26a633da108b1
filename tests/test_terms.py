"""A term through the daemon: from the server's time of arrival, with the record of how it was reckoned."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mailcase import lists
from mailcase.check import everything
from mailcase.check_finding import Level
from mailcase.rules.deadline import knows_year
from tests.lab import Lab
from tests.letters import MONDAY, TEXT, raw
from tests.test_flow import CLIENT, PETROVA, reply_to_notice

MAY_EVE = datetime(2026, 4, 30, 9, 0, tzinfo=UTC)
"""Noon of the last working day before the May holidays."""


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def detail(lab: Lab, kind: str, case_id: int = 1) -> dict[str, Any]:
    """What the first event of that type holds."""
    return json.loads(next(event.detail for event in lab.events(case_id) if event.type == kind))


@pytest.mark.req("A3", "B.8")
def test_the_record_of_a_case_tells_start_length_days_off_and_source_of_its_term(lab: Lab) -> None:
    lab.now = MAY_EVE
    lab.arrive(raw())
    kept = detail(lab, "registered")
    assert kept["due"] == lab.cases()[0].due_at.isoformat()
    assert (kept["term"]["start"], kept["term"]["limit"]) == ("2026-04-30", 3)
    assert kept["term"]["skipped"] == ["2026-05-01", "2026-05-02", "2026-05-03"]
    assert kept["term"]["source"] == "по умолчанию, не из СТО-СМК-005"
    shown = lists.trail(lab.app, "1")
    assert shown is not None
    assert [step["detail"]["term"]["limit"] for step in shown["trail"] if step["what"] == "registered"] == [3]


@pytest.mark.req("A3")
def test_a_notice_explains_a_term_that_holidays_lengthen_and_no_other(lab: Lab) -> None:
    lab.arrive(raw())
    assert "по умолчанию" not in lab.to(PETROVA)[-1].text
    lab.now = MAY_EVE
    lab.arrive(raw(message_id="<may@x.example.ru>", sender="b@vega.example.ru", subject="Весы"))
    said = "Срок: до 17:30 (МСК), 3 раб. дня после чт 30.04, выходных 3; значение по умолчанию, не из СТО-СМК-005."
    assert said in lab.to(PETROVA)[-1].text


@pytest.mark.req("C74", "B.8")
def test_a_date_from_the_future_moves_no_term(lab: Lab) -> None:
    lab.arrive(raw(date=MONDAY + timedelta(days=3000)))
    lab.arrive(raw(message_id="<2@x.example.ru>", sender="b@vega.example.ru", date=MONDAY))
    assert len({case.due_at for case in lab.cases()}) == 1


@pytest.mark.req("A22")
def test_two_equal_letters_from_two_ends_of_the_country_have_one_term(lab: Lab) -> None:
    far = MONDAY.astimezone(ZoneInfo("Asia/Vladivostok"))
    lab.arrive(raw(date=MONDAY.astimezone(ZoneInfo("Europe/Moscow"))))
    lab.arrive(raw(message_id="<far@x.example.ru>", sender="b@vostok.example.ru", date=far))
    near, east = lab.cases()
    assert near.due_at == east.due_at
    assert "не позднее четверга, 26 ноября (МСК)." in lab.to("b@vostok.example.ru")[0].text
    assert lab.to(CLIENT)[0].text.count("(МСК)") == 1


@pytest.mark.req("A22")
@pytest.mark.parametrize(
    ("zone", "text", "said"),
    [
        ("Asia/Yekaterinburg", TEXT, "(время лаборатории, UTC+5)"),
        ("Asia/Yekaterinburg", "Hello, please send us a quotation for 12 gauges.", "(our local time, UTC+5)"),
        ("Europe/Moscow", "Hello, please send us a quotation for 12 gauges.", "(Moscow time)"),
        ("Europe/Moscow", "Это жалоба: в протоколе № 145 ошибка, просим исправить.", "(МСК)"),
    ],
)
def test_a_client_is_told_by_whose_clock_his_date_is_meant(tmp_path: Path, zone: str, text: str, said: str) -> None:
    lab = Lab(tmp_path, calendar={"timezone": zone})
    lab.arrive(raw(text, subject=""))
    assert lab.to(CLIENT)[0].text.count(said) == 1


@pytest.mark.parametrize("zone", ["Asia/Yekaterinburg", "Europe/Kaliningrad"])
def test_the_zone_of_the_laboratory_is_counted_in_and_printed(tmp_path: Path, zone: str) -> None:
    lab = Lab(tmp_path, calendar={"timezone": zone})
    lab.now = MAY_EVE
    lab.arrive(raw())
    assert f"{lab.cases()[0].due_at.astimezone(ZoneInfo(zone)):%H:%M}" == "17:30"
    assert {"Asia/Yekaterinburg": "(МСК+2)", "Europe/Kaliningrad": "(МСК−1)"}[zone] in lab.to(PETROVA)[-1].text


@pytest.mark.req("B.8")
def test_a_correction_reckons_the_term_anew_from_arrival_and_keeps_the_old_one(lab: Lab) -> None:
    lab.arrive(raw("Просим принять приложенный акт сверки.", subject="Акт"))
    before = lab.cases()[0]
    lab.later(hours=20)
    notice = next(sent for sent in lab.postman.sent if "Вам: № 1" in sent.text)
    whose = {"sender": notice.to[0], "in_reply_to": notice.id, "references": notice.id}
    lab.arrive(raw("!вид заявка", subject=f"Re: {notice.subject}", message_id="<o@cleanmet.ru>", **whose))
    case, kept = lab.cases()[0], detail(lab, "reclassified")
    assert (case.kind, kept["before"], kept["old_due"]) == ("request", before.kind, before.due_at.isoformat())
    assert (kept["due"], kept["term"]["name"], kept["term"]["start"]) == (
        case.due_at.isoformat(),
        "request",
        f"{MONDAY:%Y-%m-%d}",
    )
    assert case.due_at < before.due_at


def test_a_correction_never_moves_a_term_later_that_the_client_was_told(lab: Lab) -> None:
    lab.arrive(raw())
    promised = lab.cases()[0].due_at
    lab.arrive(reply_to_notice(lab, "!вид письмо"))
    assert (lab.cases()[0].kind, lab.cases()[0].due_at) == ("correspondence", promised)


@pytest.mark.req("B.8")
def test_check_warns_when_the_calendar_of_next_year_is_missing_and_fails_when_this_years_is(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    last = next(year for year in range(2026, 2100) if not knows_year(year + 1))

    def levels(year: int) -> list[Level]:
        lab.now = datetime(year, 6, 15, tzinfo=UTC)
        return [found.level for found in everything(lab.app, servers=False) if found.what == "calendar"]

    assert levels(last - 1) == [Level.OK, Level.OK]
    assert levels(last) == [Level.OK, Level.WARNING]
    assert levels(last + 1) == [Level.PROBLEM, Level.WARNING]
