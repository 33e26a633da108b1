"""Loops and storms: who answers whom, how often, and who hears of it (pains 35, 36, 38)."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from mailcase.demo.bounce import bounce
from mailcase.mail.smtp import Accepted, Refused
from mailcase.store import events, numbers
from tests import storm
from tests.lab import Lab, Sent
from tests.letters import CLIENT, LAB, employee, raw
from tests.storm import OTHER
from tests.town import wait_for

CLIENT_ADDRESS = "a.kovaleva@romashka.example.ru"
PETROVA = "petrova@cleanmet.ru"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


@pytest.mark.req("C14", "C17")
@pytest.mark.parametrize("answer", storm.ROBOTS, ids=lambda answer: answer.__name__)
def test_a_robot_without_any_sign_of_one_is_answered_three_times_at_most(lab: Lab, answer: storm.Answer) -> None:
    got = storm.talk(lab, answer)
    assert 1 <= len(got) <= 3
    assert storm.damage(lab, 0).most_of_a_case <= 3


@pytest.mark.req("C14")
def test_a_robot_that_changes_all_but_its_domain_ends_with_the_domains_budget(tmp_path: Path) -> None:
    lab = Lab(tmp_path, budget={"per_domain_day": 8})
    got = storm.talk(lab, storm.from_anywhere)
    assert len(got) == lab.app.config.budget.per_domain_day


def two(tmp_path: Path) -> tuple[Lab, Lab]:
    """Two complete laboratories, each with employees and a number of its own."""
    belov = employee("belov", "Белов Пётр Ильич", "инженер", "214", ("request",)) | {"email": "belov@other.example.ru"}
    roles = dict.fromkeys(("head", "duty", "quality_manager"), "belov")
    other = {"address": OTHER, "name": "ООО «Другая»", "prefix": "DR", **roles}
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    return Lab(tmp_path / "one"), Lab(tmp_path / "two", lab=other, employee=[belov], secret="another secret of tests")


@pytest.mark.req("C1", "C2", "C17")
@pytest.mark.parametrize(
    "deliver", [storm.as_it_is, storm.stripped, storm.reworded], ids=lambda deliver: deliver.__name__
)
def test_two_laboratories_that_write_to_each_other_fall_silent(tmp_path: Path, deliver: storm.Answer) -> None:
    one, other = two(tmp_path)
    one.arrive(raw("Просим выставить КП на калибровку.", sender=f"Другая лаборатория <{OTHER}>"))
    letters = storm.between(one, other, deliver)
    assert letters[LAB] <= 3
    assert letters[OTHER] <= 3
    assert all_done(one)
    assert all_done(other)


def all_done(lab: Lab) -> bool:
    """Every letter has its outcome, and the cases are numbered without a gap."""
    with lab.app.db.read() as view:
        undone = view.exec_driver_sql("SELECT count(*) FROM mail WHERE outcome IS NULL").scalar_one()
        return undone == 0 and numbers.gaps(view) == [] and events.verify(view) == []


def routed(lab: Lab) -> list[str]:
    """The causes that went the other route, in their order; the thread that writes is given its moment."""
    told = lab.app.config.alarm.file
    assert told is not None
    wait_for(lambda: not [thread for thread in threading.enumerate() if thread.name == "alarm"], "the alarm's thread")
    return [line[20:].partition(": ")[0] for line in told.read_text().splitlines()] if told.exists() else []


def sent_back(n: int, sent: Sent) -> bytes:
    """The report of a server that knows no such address."""
    return b"Return-Path: <>\r\n" + bounce(f"mx{n}.example.ru", LAB, sent.to, sent.raw)


@pytest.mark.req("C2")
def test_where_every_letter_of_ours_comes_back_it_ends_and_somebody_hears_of_it(lab: Lab) -> None:
    """The acknowledgement, the notice, the task about it, the alarm: all come back, and each is told of once."""
    lab.arrive(raw())
    answered = 0
    while answered < len(lab.postman.sent) < 40:
        answered += 1
        lab.arrive(sent_back(answered, lab.postman.sent[answered - 1]))
    assert len(lab.postman.sent) <= 6
    assert routed(lab) == ["alarm-undelivered"]
    assert all_done(lab)


@pytest.mark.req("C2")
def test_a_bounce_of_a_bounce_is_a_line_of_the_ledger_and_nothing_more(lab: Lab) -> None:
    lab.arrive(raw())
    report = sent_back(1, lab.to(CLIENT_ADDRESS)[0])
    lab.arrive(report)
    before = len(lab.postman.sent)
    for n in range(2, 6):
        report = b"Return-Path: <>\r\n" + bounce(f"mx{n}.example.ru", LAB, [f"mailer-daemon@mx{n}.example.ru"], report)
        assert lab.mail(lab.arrive(report)).outcome in ("bounce", "drop")
    assert len(lab.postman.sent) == before
    assert len(lab.cases()) == 1


def test_a_server_that_refuses_every_letter_is_told_of_by_the_other_route(lab: Lab) -> None:
    lab.postman.answers = [Refused("550 5.7.1 no", 550)] * 40
    lab.arrive(raw())
    assert [row.template for row in lab.outbox() if row.template == "alarm"] == ["alarm"]
    assert {row.status for row in lab.outbox()} == {"failed"}
    assert routed(lab) == ["alarm-undelivered"]


def test_an_employees_box_that_refuses_every_notice_makes_one_alarm_a_day(lab: Lab) -> None:
    for n in range(3):
        accepted, refused = Accepted("250 ok"), Refused("550 5.2.2 mailbox full", 550)
        lab.postman.answers = [accepted, refused]
        lab.arrive(raw(f"Просим КП {n}", sender=f"К <c{n}@h{n}.example.ru>", message_id=f"<{n}@h{n}.example.ru>"))
    assert [row.template for row in lab.outbox() if row.status == "failed"] == ["notice"] * 3
    assert sum(row.template == "alarm" for row in lab.outbox()) == 1


def reply(notice: Sent, text: str, message_id: str) -> bytes:
    links = {"in_reply_to": notice.id, "references": notice.id}
    return raw(text, sender=f"Петрова <{PETROVA}>", subject=f"Re: {notice.subject}", message_id=message_id, **links)


def autoresponder(lab: Lab, text: str, rounds: int = 120) -> int:
    """An employee's program answers each letter of ours in its thread, without a sign; how many it answered."""
    for n in range(rounds):
        mine = lab.to(PETROVA)
        if len(mine) <= n:
            return n
        lab.arrive(reply(mine[n], text, f"<e{n}@cleanmet.ru>"))
        lab.later(minutes=11)
    return rounds


@pytest.mark.req("C14")
@pytest.mark.parametrize("text", ["Я в отпуске до 12 декабря.", "Получено.", "Добрый день! Отвечу Вам до пятницы."])
def test_an_employees_out_of_office_answers_end(tmp_path: Path, text: str) -> None:
    lab = Lab(tmp_path, budget={"per_person_day": 8})
    lab.arrive(raw())
    assert autoresponder(lab, text) <= lab.app.config.budget.per_person_day + 3
    assert len(lab.to(CLIENT_ADDRESS)) <= 1 + lab.app.config.budget.answers_per_case_day
    assert all_done(lab)


@pytest.mark.req("C17")
@pytest.mark.parametrize("threaded", [True, False])
def test_a_clients_out_of_office_answers_to_an_employees_answer_end(lab: Lab, threaded: bool) -> None:
    lab.arrive(raw())
    lab.arrive(reply(lab.to(PETROVA)[0], "Добрый день! Стоимость работ 12 000 руб.", "<a@cleanmet.ru>"))
    lab.later(minutes=11)
    for n in range(1, 30):
        got = lab.to(CLIENT_ADDRESS)
        if len(got) <= n:
            break
        links = {"in_reply_to": got[n].id, "references": got[n].id} if threaded else {}
        lab.arrive(storm.robot(n, got[n], sender=CLIENT, **links))
    assert len(lab.to(CLIENT_ADDRESS)) == (2 if threaded else 4)
    assert all_done(lab)


@pytest.mark.req("C14")
def test_two_autoresponders_that_talk_through_us_end_with_the_days_budget(tmp_path: Path) -> None:
    """The employee's answers every notice, the client's every answer, each time as a new letter: a case each."""
    lab = Lab(tmp_path, budget={"notices_per_address_day": 6})
    lab.arrive(raw())
    notices = answers = 0
    for n in range(200):
        if notices < len(lab.to(PETROVA)):
            notice = lab.to(PETROVA)[notices]
            notices += 1
            lab.arrive(reply(notice, "Добрый день! Отвечу Вам до пятницы.", f"<e{n}@cleanmet.ru>"))
            lab.later(minutes=11)
        elif answers < len(lab.to(CLIENT_ADDRESS)):
            answers += 1
            lab.arrive(storm.robot(n, lab.to(CLIENT_ADDRESS)[answers - 1], sender=CLIENT))
        else:
            break
    budget = lab.app.config.budget
    assert len(lab.to(CLIENT_ADDRESS)) <= budget.per_address_day + budget.notices_per_address_day
    assert all_done(lab)
