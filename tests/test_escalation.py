"""Overdue cases rise: all to the head, complaints to the top management, in the morning letter and on record (A4)."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailcase import lists
from mailcase.jobs import Slot
from mailcase.jobs.digest import digest
from mailcase.store import cases, events
from mailcase.store.cases import Actor
from tests.lab import Lab
from tests.letters import raw
from tests.servers.postgres import Postgres
from tests.test_assign import staff

ORLOV, SMIRNOVA, PETROVA, SIDOROV = (f"{login}@cleanmet.ru" for login in ("orlov", "smirnova", "petrova", "sidorov"))
TOP = {"top_management": ["orlov", "sidorov"], "head": "petrova"}
COMPLAINT = "К сожалению, в протоколе № 145 снова ошибка, прошу исправить и объяснить причину."
HEADING = "Требует Вашего внимания: жалобы, просроченные на 3 рабочих дня и более"
AMONG = "Просрочено у сотрудников"


def nine(day: int, month: int = 12) -> datetime:
    """Nine in the morning, in Moscow."""
    return datetime(2026, month, day, 6, 0, tzinfo=UTC)


LATE_BY_ONE, LATE_BY_TWO, LATE_BY_THREE = nine(8), nine(9), nine(10)
"""Of a complaint of Monday, 23 November: its ten working days end on 7 December."""


def lab_of(folder: Path, **more: Any) -> Lab:
    given = {"lab": TOP, "employee": staff()}
    return Lab(folder, **{**given, **more})


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return lab_of(tmp_path)


def complains(lab: Lab, text: str = COMPLAINT, n: int = 1) -> int:
    lab.arrive(raw(text, subject="Протокол № 145", message_id=f"<{n}@gamma.example>", sender=f"Гамма <c@g{n}.example>"))
    (case,) = [case for case in lab.cases() if case.id == len(lab.cases())]
    assert (case.register, case.assignee) == ("complaint", "smirnova")
    return int(case.id)


def told(lab: Lab, address: str, heading: str = HEADING) -> list[str]:
    """The morning letters that have that heading, each as one line."""
    texts = (" ".join(s.text.split()) for s in lab.to(address))
    return [text for text in texts if heading.upper() in text.upper()]


def risen(lab: Lab, case_id: int, level: str = "top_management") -> list[dict[str, Any]]:
    found = [json.loads(row.detail) for row in lab.events(case_id) if row.type == "escalated"]
    return sorted((one for one in found if one["level"] == level), key=lambda one: (one["due"], one["told"]))


@pytest.mark.req("A4")
def test_a_complaint_late_by_three_working_days_reaches_each_member_once(lab: Lab) -> None:
    """In his morning letter, which he gets only for it; and nobody else gets that part."""
    case_id = complains(lab)
    for moment in (LATE_BY_ONE, LATE_BY_TWO):
        lab.at(moment)
    assert [lab.to(address) for address in (ORLOV, SIDOROV)] == [[], []]
    for moment in (LATE_BY_THREE, LATE_BY_THREE + timedelta(hours=1), nine(11), nine(14)):
        lab.at(moment)
    for address in (ORLOV, SIDOROV):
        (letter,) = lab.to(address)
        assert letter.subject == "Чт 10.12: жалоб к Вашему вниманию 1"
        (text,) = told(lab, address)
        assert "№ 1 · 3 раб. дня (срок 07.12) · ведёт Смирнова О. И. · Г., g1.example · Протокол № 145" in text
        assert f"mailto:lab@cleanmet.ru?subject=%5B{lab.cases()[0].tag}%5D%20%21" in letter.html
    assert (told(lab, SMIRNOVA), told(lab, PETROVA)) == ([], [])
    assert [(one["told"], one["to"], one["due"], one["late"]) for one in risen(lab, case_id)] == [
        ("orlov", ["orlov"], "2026-12-07", 3),
        ("sidorov", ["sidorov"], "2026-12-07", 3),
    ]


@pytest.mark.req("A4")
def test_the_record_says_who_was_told_by_which_letter_and_who_set_the_days(lab: Lab) -> None:
    complains(lab)
    lab.at(LATE_BY_THREE)
    trail = lists.trail(lab.app, "1")
    assert trail is not None
    steps = [step for step in trail["trail"] if step["what"] == "escalated" and step["detail"]["told"] == "orlov"]
    (letter,) = [row for row in lab.outbox() if row.person == "orlov"]
    assert [step["outbox"] for step in steps] == [letter.id]
    assert steps[0]["detail"]["term"] == {
        "limit": 3, "source": "по умолчанию, не из СТО-СМК-005", "unit": "working"
    }  # fmt: skip
    with lab.app.db.read() as view:
        assert events.verify(view) == []


@pytest.mark.req("A4")
def test_what_is_late_by_a_day_stands_in_the_heads_morning_letter_until_it_is_done(tmp_path: Path) -> None:
    """An inquiry never rises higher; it is on record once, with the first letter."""
    lab = lab_of(tmp_path, lab={"head": "sidorov", "top_management": ["orlov"]})
    lab.arrive(raw("Просим КП на калибровку весов.", sender="Роза <r@rosa.example>"))
    for day in (26, 27, 30):
        lab.at(nine(day, 11))
    (first, second) = told(lab, SIDOROV, AMONG)
    assert "№ 1 · 1 раб. день (срок 26.11) · ведёт Петрова Н. В. · Р., rosa.example" in first
    assert "№ 1 · 2 раб. дня" in second
    assert lab.to(SIDOROV)[0].subject == "Пт 27.11: у сотрудников просрочено 1"
    for day in range(1, 12):
        lab.at(nine(day))
    assert lab.to(ORLOV) == []
    assert [(one["told"], one["late"]) for one in risen(lab, 1, "head")] == [("sidorov", 1)]


def test_the_head_reads_what_is_his_own_only_once(tmp_path: Path) -> None:
    lab = lab_of(tmp_path, lab={"head": "petrova"})
    lab.arrive(raw())
    lab.at(nine(30, 11))
    assert "просрочено 1" in lab.to(PETROVA)[-1].subject
    assert told(lab, PETROVA, AMONG) == []


def test_who_is_head_and_top_management_is_not_told_that_he_reads_of_it_once(tmp_path: Path) -> None:
    """His morning letter names it again tomorrow, among what others have overdue."""
    lab = lab_of(tmp_path, lab={"head": "orlov", "top_management": ["orlov", "sidorov"]})
    complains(lab)
    for moment in (LATE_BY_TWO, LATE_BY_THREE, nine(11)):
        lab.at(moment)
    (once,), among = told(lab, ORLOV), told(lab, ORLOV, "№ 1 · 4 раб. дня")
    assert "сообщаем один раз" not in once
    assert "Пока на неё не ответят, она каждое утро стоит среди просроченного у сотрудников." in once
    assert len(among) == 1
    (other,) = told(lab, SIDOROV)
    assert "О жалобе сообщаем один раз, снова только по истечении нового срока." in other


def test_a_new_term_that_passes_rises_again(lab: Lab) -> None:
    case_id = complains(lab)
    lab.at(LATE_BY_THREE)
    with lab.app.db.tx() as tx:
        actor = Actor(lab.now, login="smirnova")
        cases.reopen(tx, case_id, actor, datetime(2026, 12, 14, 14, 30, tzinfo=UTC), "клиент написал снова")
    for day in (11, 14, 15, 16, 17, 18):
        lab.at(nine(day))
    assert [one["due"] for one in risen(lab, case_id) if one["told"] == "orlov"] == ["2026-12-07", "2026-12-14"]
    assert len(told(lab, ORLOV)) == 2


def test_a_complaint_that_waits_for_its_client_rises_by_the_bound_of_its_pause(lab: Lab) -> None:
    """The client was promised the seventh; no pause moves that."""
    case_id = complains(lab)
    with lab.app.db.tx() as tx:
        cases.pause(tx, case_id, Actor(lab.now, login="smirnova"), lab.now, "фото протокола")
    lab.at(LATE_BY_THREE)
    assert [one["due"] for one in risen(lab, case_id)] == ["2026-12-07", "2026-12-07"]


def test_an_answered_complaint_does_not_rise(lab: Lab) -> None:
    case_id = complains(lab)
    with lab.app.db.tx() as tx:
        cases.answer(tx, case_id, Actor(lab.now, login="smirnova"), "post")
    lab.at(LATE_BY_THREE)
    assert lab.to(ORLOV) == []


@pytest.mark.parametrize("times", [1, 2])
def test_whoever_runs_the_slot_again_tells_nobody_twice(lab: Lab, times: int) -> None:
    """As after a crash between the letters and the end of the slot; or where two processes have different hours."""
    complains(lab)
    lab.now = LATE_BY_THREE
    for _ in range(times):
        digest(lab.app, Slot(LATE_BY_THREE, nine(9), LATE_BY_THREE))
    lab.at(LATE_BY_THREE + timedelta(minutes=1))
    lab.at(nine(11))
    assert [len(told(lab, address)) for address in (ORLOV, SIDOROV)] == [1, 1]
    assert len(risen(lab, 1)) == 2


def test_in_shadow_mode_nobody_is_on_record_and_all_are_told_once_it_ends(tmp_path: Path) -> None:
    lab = lab_of(tmp_path, mode="shadow")
    complains(lab)
    lab.at(LATE_BY_THREE)
    assert (lab.to(ORLOV), risen(lab, 1)) == ([], [])
    after = lab_of(tmp_path, mode="staff")
    after.at(nine(11))
    assert [one["told"] for one in risen(after, 1)] == ["orlov", "sidorov"]


@pytest.mark.postgres
def test_two_processes_with_different_hours_tell_it_once(tmp_path: Path, postgres: Postgres) -> None:
    """Their slots are different ones, so that no claim keeps them apart."""
    url = postgres.url()
    two = [lab_of(tmp_path, store={"url": url, "raw": tmp_path / "raw"}) for _ in range(2)]
    case_id = complains(two[0])
    slot = Slot(LATE_BY_THREE, nine(9), LATE_BY_THREE)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda lab: digest(lab.app, slot), two))
    assert [one["told"] for one in risen(two[0], case_id)] == ["orlov", "sidorov"]
    written = [row.person for row in two[0].outbox() if row.template == "digest"]
    assert sorted(written) == ["orlov", "petrova", "sidorov", "smirnova"]


@pytest.mark.postgres
@pytest.mark.req("A4")
def test_the_whole_path_is_the_same_on_postgresql(tmp_path: Path, postgres: Postgres) -> None:
    lab = lab_of(tmp_path, store={"url": postgres.url(), "raw": tmp_path / "raw"})
    case_id = complains(lab)
    for moment in (LATE_BY_ONE, LATE_BY_THREE, nine(11)):
        lab.at(moment)
    assert [one["told"] for one in risen(lab, case_id)] == ["orlov", "sidorov"]
    assert [one["told"] for one in risen(lab, case_id, "head")] == ["petrova"]
    assert len(told(lab, ORLOV)) == 1
