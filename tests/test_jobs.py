"""The morning letter and the other jobs: once per slot, on working days, one letter a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailcase import jobs
from tests.lab import Lab
from tests.letters import MONDAY, raw
from tests.test_flow import CLIENT, PETROVA

SMIRNOVA = "smirnova@cleanmet.ru"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def nine(day: int) -> datetime:
    """Nine in the morning of that day of November, in Moscow."""
    return datetime(2026, 11, day, 6, 0, tzinfo=UTC)


def digests(lab: Lab) -> list[str]:
    return [row.key for row in lab.outbox() if row.template == "digest"]


def test_nothing_is_made_up_for_the_time_before_the_installation(lab: Lab) -> None:
    """Started at noon: today's nine o'clock was before us."""
    assert lab.at(MONDAY + timedelta(hours=1)) == []


def test_a_slot_runs_once_and_a_missed_one_as_soon_as_we_are_back(lab: Lab) -> None:
    lab.arrive(raw())
    assert "digest" not in lab.at(nine(24) - timedelta(minutes=1))
    assert "digest" in lab.at(nine(24) + timedelta(minutes=20))
    assert "digest" not in lab.at(nine(24) + timedelta(minutes=40))
    assert digests(lab) == ["digest:2026-11-24:smirnova"]


def test_two_schedulers_on_one_database_run_a_slot_once(lab: Lab) -> None:
    lab.now = nine(24)
    first, second = jobs.tick(lab.app), jobs.tick(lab.app)
    assert (first.count("digest"), second.count("digest")) == (1, 0)


def test_no_morning_letter_on_a_day_off(lab: Lab) -> None:
    assert lab.at(nine(28)) == []
    assert lab.at(nine(29)) == []
    assert "digest" in lab.at(nine(30))


def test_the_count_is_sent_at_zero_too_and_adds_up(lab: Lab) -> None:
    """Found = cases and additions + others, lost 0; each non-case is a line with the reason."""
    lab.arrive(raw())
    lab.arrive(raw("Скидки!", subject="Акция", message_id="<a@x>", headers={"Auto-Submitted": "auto-generated"}))
    lab.at(nine(24))
    text = lab.to(SMIRNOVA)[-1].text
    assert "2 письма = 1 обращение или дополнение + 1 прочее" in text
    assert "Потеряно: 0" in text
    assert "Акция" in text
    lab.at(nine(25))
    assert "0 писем = 0" in lab.to(SMIRNOVA)[-1].text


def test_an_overdue_case_is_told_every_working_morning_to_its_employee_alone(lab: Lab) -> None:
    lab.arrive(raw())
    for day in (24, 25, 26, 27, 30):
        lab.at(nine(day))
    mornings = [s.subject for s in lab.to(PETROVA) if "просрочено" in s.subject]
    assert mornings[0].startswith("Чт 26.11: просрочено 0, сегодня 1")
    assert mornings[1].startswith("Пт 27.11: просрочено 1, сегодня 0")
    assert mornings[2].startswith("Пн 30.11: просрочено 1")
    assert "2 раб. дня" in lab.to(PETROVA)[-1].text
    assert CLIENT not in [address for s in lab.postman.sent[2:] for address in s.to]


def test_one_letter_a_person_whatever_his_roles(lab: Lab) -> None:
    """Smirnova is duty person, quality manager and executor, and still gets one."""
    lab.arrive(raw("К сожалению, в протоколе № 145 снова ошибка, прошу исправить и объяснить причину."))
    lab.at(nine(24))
    assert digests(lab) == ["digest:2026-11-24:smirnova"]


def test_a_ledger_line_becomes_a_case_by_a_word(lab: Lab) -> None:
    """«!обращение 1» in reply to the morning letter."""
    mail_id = lab.arrive(raw(headers={"Precedence": "bulk", "List-Id": "<news.example.ru>"}, to="news@example.ru"))
    assert lab.mail(mail_id).outcome == "drop"
    lab.at(nine(24))
    morning = lab.to(SMIRNOVA)[-1]
    lab.arrive(
        raw(
            f"!обращение {mail_id}",
            sender=SMIRNOVA,
            subject=f"Re: {morning.subject}",
            in_reply_to=morning.id,
            message_id="<s@cleanmet.ru>",
        )
    )
    assert (lab.mail(mail_id).outcome, len(lab.cases())) == ("new_case", 1)
