"""While we wait for the client the clock stands, and his next letter lets it run: `!жду`, `!продолжить`."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailcase.reports.register_page import FILE, write_if_changed
from mailcase.rules.deadline import after_pause, workdays
from tests.lab import Lab
from tests.letters import config, raw
from tests.test_assign import staff
from tests.test_flow import CLIENT, PETROVA, reply_to_notice

MOSCOW = ZoneInfo("Europe/Moscow")
DAYS = workdays(config().calendar)
_MINUTES = st.integers(0, 2 * 365 * 24 * 60)
MOMENTS = _MINUTES.map(lambda minutes: datetime(2025, 1, 1, tzinfo=MOSCOW) + timedelta(minutes=minutes))
DAYS.worked(datetime(2025, 1, 1, tzinfo=MOSCOW), datetime(2027, 12, 31, tzinfo=MOSCOW))  # the calendars are loaded
SPANS = st.timedeltas(timedelta(), timedelta(days=40))
ASKS = "!жду реквизиты\n!ответ\nДобрый день! Пришлите, пожалуйста, реквизиты организации."
COMPLAINT = "К сожалению, в протоколе № 145 снова ошибка, прошу исправить и объяснить причину."
SMIRNOVA, ORLOV = "smirnova@cleanmet.ru", "orlov@cleanmet.ru"


@given(due=MOMENTS, begins=MOMENTS, lasts=SPANS)
def test_a_pause_moves_a_term_by_exactly_the_working_time_it_took(due: datetime, begins: datetime, lasts: timedelta):
    moved = after_pause(due, (begins, begins + lasts), DAYS)
    took = DAYS.worked(begins, begins + lasts)
    assert DAYS.worked(due, moved) == took
    assert (moved == due) if not took else DAYS.is_working(moved.astimezone(MOSCOW).date())


@given(due=MOMENTS, begins=MOMENTS, first=SPANS, more=SPANS)
def test_two_pauses_in_a_row_are_one_and_a_longer_one_moves_no_less(
    due: datetime, begins: datetime, first: timedelta, more: timedelta
):
    middle, end = begins + first, begins + first + more
    once = after_pause(due, (begins, end), DAYS)
    assert after_pause(after_pause(due, (begins, middle), DAYS), (middle, end), DAYS) == once
    assert after_pause(due, (begins, middle), DAYS) <= once


@given(due=MOMENTS, latest=MOMENTS, lasts=SPANS)
def test_no_pause_moves_a_term_beyond_its_bound_or_backwards(due: datetime, latest: datetime, lasts: timedelta):
    assert due <= after_pause(due, (due, due + lasts), DAYS, latest) <= max(due, latest)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint", "claim")}), page={"folder": tmp_path / "share"})
    lab.arrive(raw())
    return lab


def more(lab: Lab, text: str, n: int = 2) -> int:
    """The client writes again in the thread."""
    return lab.arrive(raw(text, message_id=f"<{n}@romashka.example.ru>", in_reply_to="<1@romashka.example.ru>"))


def test_the_clock_stands_until_the_client_writes_and_moves_by_the_time_it_stood(lab: Lab, tmp_path: Path) -> None:
    before = lab.cases()[0]
    lab.arrive(reply_to_notice(lab, ASKS))
    lab.later(minutes=11)
    case = lab.cases()[0]
    assert (case.status, case.waits_for, case.answered_at is not None) == ("waiting", "реквизиты", True)
    assert "Пришлите, пожалуйста, реквизиты" in lab.to(CLIENT)[-1].text
    lab.later(days=2)
    more(lab, "Реквизиты: ООО «Ромашка», счёт в письме.")
    after = lab.cases()[0]
    assert (after.status, after.paused_at, after.waits_for) == ("open", None, "")
    assert DAYS.worked(before.due_at, after.due_at) == DAYS.worked(case.paused_at, lab.now)
    assert "Пауза окончена (ждали: реквизиты), срок снова идёт" in lab.to(PETROVA)[-1].text
    assert [event.type for event in lab.events(1) if event.type in ("paused", "resumed")] == ["paused", "resumed"]
    assert not any("реквизиты" in event.detail for event in lab.events(1))


def test_morning_letter_and_register_show_what_waits_and_call_it_neither_due_nor_overdue(lab: Lab, tmp_path: Path):
    lab.arrive(reply_to_notice(lab, ASKS))
    lab.later(minutes=11)
    lab.at(lab.now.replace(hour=6, minute=5) + timedelta(days=7))
    morning = lab.to(PETROVA)[-1]
    assert morning.subject.endswith("срочного нет")
    assert "ждём клиента 5 раб. дней: реквизиты" in morning.text
    write_if_changed(lab.app)
    page = (tmp_path / "share" / FILE).read_text(encoding="utf-8")
    assert "не идёт" in page
    assert "просрочено" not in page.partition("<tbody")[2]


def test_the_date_that_the_client_was_told_binds_until_he_is_written_to(lab: Lab) -> None:
    promised = lab.cases()[0].due_at
    lab.arrive(reply_to_notice(lab, "!жду реквизиты"))
    assert "Клиенту назван срок" in lab.to(PETROVA)[-1].text
    lab.later(days=2)
    more(lab, "Вот реквизиты нашей организации.")
    assert lab.cases()[0].due_at == promised


def test_thanks_and_responders_end_no_pause(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, ASKS))
    lab.later(minutes=11)
    more(lab, "Спасибо, получили!")
    absent = {
        "message_id": "<3@x>",
        "in_reply_to": lab.to(CLIENT)[-1].id,
        "headers": {"Auto-Submitted": "auto-replied"},
    }
    lab.arrive(raw("Я в отпуске", **absent))
    assert lab.cases()[0].status == "waiting"


@pytest.mark.parametrize(
    ("order", "said"),
    [("!жду", "Напишите, чего ждём"), ("!продолжить", "срок и так идёт")],
)
def test_what_cannot_be_is_refused_with_a_hint(lab: Lab, order: str, said: str) -> None:
    lab.arrive(reply_to_notice(lab, order))
    assert said in lab.to(PETROVA)[-1].text
    assert lab.cases()[0].status == "open"


def test_an_employee_lets_the_clock_run_and_an_answer_ends_the_waiting(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, ASKS))
    lab.later(minutes=11)
    lab.arrive(reply_to_notice(lab, "!продолжить"))
    assert (lab.cases()[0].status, lab.cases()[0].paused_at) == ("open", None)
    lab.arrive(reply_to_notice(lab, "!жду акт"))
    lab.arrive(reply_to_notice(lab, "!ответ\nДобрый день! Стоимость работ 12 000 руб."))
    lab.later(minutes=11)
    assert (lab.cases()[0].status, lab.cases()[0].paused_at) == ("answered", None)


def complain(folder: Path) -> Lab:
    lab = Lab(folder, employee=staff(smirnova={"kinds": ("complaint", "claim")}))
    lab.arrive(raw(COMPLAINT))
    return lab


def order(lab: Lab, text: str, n: int) -> None:
    """The quality manager writes about the complaint."""
    told = lab.to(SMIRNOVA)[0]
    given = {"sender": f"Смирнова <{SMIRNOVA}>", "in_reply_to": told.id, "message_id": f"<s{n}@cleanmet.ru>"}
    lab.arrive(raw(text, subject=f"Re: {told.subject}", **given))


def test_a_complaints_clock_stands_only_with_notice_and_with_the_word_of_somebody_else(tmp_path: Path) -> None:
    lab = complain(tmp_path)
    order(lab, "!жду образец", 1)
    assert "только вместе с письмом клиенту" in lab.to(SMIRNOVA)[-1].text
    order(lab, "!жду образец\n!ответ\nДобрый день! Пришлите, пожалуйста, сам образец.", 2)
    assert lab.cases()[0].status == "open"
    asked = lab.to(ORLOV)[-1]
    assert "Остановить срок?" in asked.text
    lab.arrive(raw("да", sender=f"Орлов <{ORLOV}>", in_reply_to=asked.id, message_id="<yes@cleanmet.ru>"))
    assert (lab.cases()[0].status, lab.cases()[0].waits_for) == ("waiting", "образец")


def test_a_complaint_is_never_paused_beyond_its_last_day(tmp_path: Path) -> None:
    lab = complain(tmp_path)
    order(lab, "!жду образец\n!ответ\nДобрый день! Пришлите, пожалуйста, сам образец.", 2)
    asked, arrived = lab.to(ORLOV)[-1], lab.now
    lab.arrive(raw("да", sender=f"Орлов <{ORLOV}>", in_reply_to=asked.id, message_id="<yes@cleanmet.ru>"))
    lab.later(days=60)
    more(lab, "Образец отправили.")
    last = lab.cases()[0].due_at
    assert lab.cases()[0].status == "open"
    assert arrived + timedelta(days=28) < last <= arrived + timedelta(days=31)


def test_an_order_sees_what_the_order_before_it_in_the_same_letter_did(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!претензия\n!жду реквизиты"))
    case = lab.cases()[0]
    assert (case.kind, case.status) == ("claim", "open")
    assert "только вместе с письмом клиенту" in lab.to(PETROVA)[-1].text


def test_what_one_letter_closes_it_does_not_let_wait(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!закрыть ответ дан по телефону\n!жду реквизиты"))
    case = lab.cases()[0]
    assert (case.status, case.closed_at is not None) == ("closed", True)
    assert "закрыто: ждать нечего" in lab.to(PETROVA)[-1].text
