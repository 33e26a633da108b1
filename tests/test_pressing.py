"""That a term is over, or is today, stands in every letter by which an employee gets a case or a letter of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailcase.rules.pressing import news, term
from tests.lab import Lab
from tests.letters import raw
from tests.test_assign import staff
from tests.test_escalation import nine
from tests.test_flow import PETROVA, reply_to_notice
from tests.test_wait import SMIRNOVA, complain, more, order

SIDOROV = "sidorov@cleanmet.ru"
DUE = datetime(2026, 11, 26, 17, 30, tzinfo=UTC)
DAY, AFTER = nine(26, 11), nine(30, 11)
"""Of a request of Monday, 23 November: its three working days end on the 26th."""


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """One request has come in, and Petrova has it."""
    lab = Lab(tmp_path, employee=staff(sidorov={"kinds": ("suggestion",)}))
    lab.arrive(raw())
    return lab


def at(lab: Lab, moment: datetime) -> None:
    """It is that moment; no job runs."""
    lab.now = moment


def read(lab: Lab, address: str) -> str:
    """The newest letter to him, as one line."""
    return " ".join(lab.to(address)[-1].text.split())


def orders(lab: Lab, text: str) -> None:
    lab.arrive(reply_to_notice(lab, text, message_id=f"<o{lab.arrived}@cleanmet.ru>"))


@pytest.mark.parametrize(
    ("day", "hour", "due", "promised"),
    [
        (25, 12, "", ""),
        (26, 12, "срок сегодня, до 17:30", "о ходе рассмотрения обещано сообщить сегодня, до 17:30"),
        (26, 18, "срок прошёл сегодня, в 17:30", "о ходе рассмотрения обещано было сообщить до 26.11"),
        (27, 9, "срок прошёл 26.11", "о ходе рассмотрения обещано было сообщить до 26.11"),
    ],
)
def test_only_what_is_over_or_today_is_said(day: int, hour: int, due: str, promised: str) -> None:
    now = DUE.replace(day=day, hour=hour, minute=0)
    assert (term(DUE, now), news(DUE, now)) == (due, promised)
    assert (term(None, now), news(None, now)) == ("", "")


def test_who_writes_again_is_passed_on_with_the_term_that_is_over(lab: Lab) -> None:
    more(lab, "Добрый день! Добавляю ещё два манометра.")
    assert "Срок" not in read(lab, PETROVA)
    for moment, line in ((DAY, "Срок сегодня, до 17:30."), (AFTER, "Срок прошёл 26.11.")):
        at(lab, moment)
        more(lab, "Добрый день! Когда будет КП?", n=moment.day)
        assert f"ответить до чт 26.11 {line} Анна Ковалёва >" in read(lab, PETROVA)


def test_a_case_that_is_answered_has_no_term_that_is_over(lab: Lab) -> None:
    """His question runs a new one."""
    orders(lab, "Добрый день! Калибровка 12 манометров стоит 12 000 руб., срок 5 рабочих дней.")
    lab.later(minutes=11)
    at(lab, AFTER)
    more(lab, "Добрый день! А сколько стоит выезд?")
    assert "Пишет снова" in lab.to(PETROVA)[-1].subject
    assert "рок прошёл" not in read(lab, PETROVA)


def test_whoever_gets_the_case_reads_first_that_it_is_late(lab: Lab) -> None:
    at(lab, AFTER)
    orders(lab, "!назначить Сидоров")
    assert "ответить до чт 26.11 Срок прошёл 26.11. Анна Ковалёва" in read(lab, SIDOROV)


def test_who_stands_in_reads_which_of_the_cases_press(lab: Lab) -> None:
    at(lab, DAY)
    orders(lab, "!отсутствую до 04.12, замещает Сидоров")
    assert "№ 1, Анна Ковалёва (до чт 26.11; срок сегодня, до 17:30)" in read(lab, SIDOROV)


def test_of_a_late_complaint_the_next_one_learns_the_promised_news_too(tmp_path: Path) -> None:
    lab = complain(tmp_path)
    at(lab, nine(8))
    more(lab, "Добрый день! Когда будет исправленный протокол?")
    late = "Срок прошёл 07.12; о ходе рассмотрения обещано было сообщить до 30.11."
    assert late in read(lab, SMIRNOVA)
    order(lab, "!назначить Сидоров", len(lab.postman.sent))
    told = read(lab, SIDOROV)
    assert "жалоба, сообщить о ходе до пн 30.11, ответить до пн 07.12" in told
    assert late in told
