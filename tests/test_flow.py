"""From a letter to the answered case: mail in, whole mails out, through the real stations."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from mailcase.store import events, known, queries
from tests.lab import Lab
from tests.letters import raw
from tests.servers.postgres import Postgres

CLIENT = "a.kovaleva@romashka.example.ru"
PETROVA = "petrova@cleanmet.ru"
FROM_PETROVA = "Петрова Наталья <petrova@cleanmet.ru>"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


@pytest.mark.postgres
def test_the_whole_path_is_the_same_on_postgresql(tmp_path: Path, postgres: Postgres) -> None:
    lab = Lab(tmp_path, store={"url": postgres.url(), "raw": tmp_path / "raw"})
    lab.arrive(raw(attachments=[("Заявка.pdf", b"%PDF-1.4")]))
    lab.arrive(reply_to_notice(lab, "Добрый день! Стоимость работ 12 000 руб."))
    lab.later(minutes=11)
    lab.arrive(raw("Рассылка", message_id="<n@x>", headers={"Auto-Submitted": "auto-generated"}))
    assert [len(lab.to(CLIENT)), lab.cases()[0].status] == [2, "answered"]
    assert "digest" in lab.at(lab.now + timedelta(days=1))
    assert "Потеряно: 0" in lab.to("smirnova@cleanmet.ru")[-1].text
    with lab.app.db.read() as view:
        assert events.verify(view) == []


def reply_to_notice(lab: Lab, text: str, **more: object) -> bytes:
    notice = lab.to(PETROVA)[-1]
    given = {
        "sender": FROM_PETROVA,
        "subject": f"Re: {notice.subject}",
        "message_id": f"<{len(lab.postman.sent)}@cleanmet.ru>",
        "in_reply_to": notice.id,
        "references": notice.id,
        **more,
    }
    return raw(text, **given)


@pytest.mark.req("A7", "A36", "A37", "A38")
def test_a_letter_becomes_a_case_and_the_client_learns_who_answers(lab: Lab) -> None:
    """One case, one acknowledgement with number, full name and phone, one notice to the responsible employee."""
    mail_id = lab.arrive(raw(attachments=[("Заявка.pdf", b"%PDF-1.4")]))
    (case,) = lab.cases()
    (ack,) = lab.to(CLIENT)
    (notice,) = lab.to(PETROVA)
    assert (lab.mail(mail_id).outcome, case.number, case.register, case.assignee) == (
        "new_case",
        1,
        "inquiry",
        "petrova",
    )
    assert ack.subject.endswith(f"[{case.tag}]")
    for words in ("№ 1", "Заявка.pdf", "Петрова Наталья Викторовна", "+7 (495) 000-00-00, доб. 214"):
        assert words in ack.text
        assert words in re.sub(r"<[^>]+>", "", ack.html)
    assert ack.message["Auto-Submitted"] == "auto-replied"
    assert ack.message["In-Reply-To"] == "<1@romashka.example.ru>"
    assert ack.envelope_from == ""
    assert "12 манометров" in notice.text
    assert [part.get_filename() for part in notice.message.iter_attachments()] == ["Заявка.pdf"]


def test_the_employees_reply_goes_to_the_client_after_the_undo_time(lab: Lab) -> None:
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, "Добрый день! Калибровка 12 манометров стоит 12 000 руб., срок 5 рабочих дней."))
    assert len(lab.to(CLIENT)) == 1
    lab.later(minutes=11)
    answer = lab.to(CLIENT)[-1]
    (case,) = lab.cases()
    assert case.status == "answered"
    assert "12 000 руб." in answer.text
    for words in ("Петрова Наталья Викторовна", "инженер по метрологии", "доб. 214"):
        assert answer.text.count(words) == 1
    assert answer.message["Auto-Submitted"] is None
    assert answer.envelope_from == "lab@cleanmet.ru"
    assert "lab@cleanmet.ru" in str(answer.message["From"])
    assert answer.message["In-Reply-To"] == "<1@romashka.example.ru>"


def test_no_notices_id_ever_stands_in_a_clients_letter(lab: Lab) -> None:
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, "Добрый день! Ответ по существу вопроса здесь."))
    lab.later(minutes=11)
    secret = {sent.id for sent in lab.postman.sent if PETROVA in sent.to}
    for sent in lab.to(CLIENT):
        assert not [i for i in secret if i.encode() in sent.raw]


def test_an_answer_can_be_stopped_before_it_leaves(lab: Lab) -> None:
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, "Добрый день! Стоимость работ 12 000 руб."))
    lab.arrive(reply_to_notice(lab, "стоп"))
    lab.later(minutes=20)
    assert len(lab.to(CLIENT)) == 1
    assert "придержан" in lab.to(PETROVA)[-1].text


def test_a_clients_reply_joins_his_case_and_runs_the_clock_again(lab: Lab) -> None:
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, "Добрый день! Стоимость работ 12 000 руб."))
    lab.later(minutes=11)
    answer = lab.to(CLIENT)[-1]
    mail_id = lab.arrive(
        raw(
            "А можно ли сделать быстрее, до пятницы?",
            message_id="<2@romashka.example.ru>",
            in_reply_to=answer.id,
            subject=f"Re: {answer.subject}",
        )
    )
    (case,) = lab.cases()
    assert (lab.mail(mail_id).outcome, lab.mail(mail_id).part, case.status) == ("follow_up", 3, "open")
    assert "до пятницы" in lab.to(PETROVA)[-1].text
    assert len(lab.to(CLIENT)) == 2


@pytest.mark.req("C1", "C2")
def test_robots_are_never_answered(lab: Lab) -> None:
    lab.arrive(raw("Я в отпуске", headers={"Auto-Submitted": "auto-replied"}))
    lab.arrive(raw("Ваш запрос принят", message_id="<2@x.example.org>", return_path=""))
    assert lab.cases() == []
    assert lab.postman.sent == []


@pytest.mark.req("C49")
def test_the_same_letter_by_two_routes_is_one_case(lab: Lab) -> None:
    lab.arrive(raw())
    second = lab.arrive(raw(headers={"X-Forwarded-For": "info@cleanmet.ru"}))
    assert len(lab.cases()) == 1
    assert lab.mail(second).drop_reason == "duplicate"


@pytest.mark.req("C46")
def test_a_stranger_with_a_valid_number_joins_nothing_and_learns_nothing(lab: Lab) -> None:
    lab.arrive(raw())
    tag = lab.cases()[0].tag
    stranger = raw(
        "Пришлите мне все документы по этому обращению",
        sender="Чужой <stranger@example.net>",
        subject=f"Re: документы [{tag}]",
        message_id="<x@example.net>",
    )
    lab.arrive(stranger)
    first, second = lab.cases()
    assert (first.parts, second.assignee) == (1, first.assignee)
    (ack,) = lab.to("stranger@example.net")
    assert first.tag not in ack.subject + ack.text
    assert "манометров" not in ack.text


@pytest.mark.req("C14")
def test_thirty_letters_in_ten_minutes_are_all_registered_and_three_acknowledged(lab: Lab) -> None:
    for n in range(30):
        lab.arrive(
            raw(f"Просим рассчитать стоимость, вариант {n}", subject=f"Запрос {n}", message_id=f"<{n}@x.example.ru>")
        )
    assert len(lab.cases()) == 30
    assert len(lab.to(CLIENT)) == 3
    assert len([row for row in lab.outbox() if row.template == "alarm"]) == 1
    assert len([row for row in lab.outbox() if row.hold_reason == "budget"]) == 27


def test_shadow_mode_writes_to_nobody_but_the_quality_manager(tmp_path: Path) -> None:
    lab = Lab(tmp_path, mode="shadow")
    lab.arrive(raw())
    assert lab.postman.sent == []
    evening = lab.now.replace(hour=15, minute=1)
    assert "shadow" in lab.at(evening)
    (letter,) = lab.postman.sent
    assert letter.to == ("smirnova@cleanmet.ru",)
    assert "Петрова Наталья Викторовна" in letter.text


def test_staff_mode_sends_notices_and_answers_but_no_automatic_mail_to_clients(tmp_path: Path) -> None:
    lab = Lab(tmp_path, mode="staff")
    lab.arrive(raw())
    assert len(lab.to(PETROVA)) == 1
    assert lab.to(CLIENT) == []
    lab.arrive(reply_to_notice(lab, "Добрый день! Стоимость работ 12 000 руб."))
    lab.later(minutes=11)
    assert len(lab.to(CLIENT)) == 1


@pytest.mark.req("C49")
def test_one_message_id_on_two_different_letters_keeps_both_and_says_so(lab: Lab) -> None:
    lab.arrive(raw("Просим выставить КП на калибровку манометров."))
    lab.arrive(raw("Просим выставить КП на поверку весов."))
    assert len(lab.cases()) == 2
    assert "идентификатор" in lab.to(PETROVA)[-1].text


@pytest.mark.req("C12")
def test_a_dedicated_envelope_is_known_again_and_opens_no_case(tmp_path: Path) -> None:
    """An acknowledgement leaves under its own address; what comes back to that address is a report, never a case."""
    lab = Lab(tmp_path, smtp={"host": "127.0.0.1", "tls": "none", "auto_envelope": "lab+ack-{token}@cleanmet.ru"})
    lab.arrive(raw())
    (ack,) = lab.to(CLIENT)
    assert re.fullmatch(r"lab\+ack-[0-9a-f]{16}@cleanmet\.ru", ack.envelope_from)
    mail_id = lab.arrive(raw("Ваше письмо не может быть прочитано", to=ack.envelope_from, message_id="<r@x>"))
    assert (lab.mail(mail_id).outcome, lab.mail(mail_id).case_id) == ("bounce", lab.cases()[0].id)
    assert len(lab.cases()) == 1


def test_a_letter_that_always_breaks_becomes_a_case_for_a_person(lab: Lab) -> None:
    """After bounded tries the letter is set aside with its bytes attached; the letters after it go on."""
    bad = raw("Письмо, которое не читается", subject="Беда", message_id="<bad@x>")
    mail_id = lab.arrive(bad, received_at=lab.now)
    assert lab.mail(mail_id).outcome == "new_case"
    with lab.app.db.tx() as tx:
        tx.exec_driver_sql("UPDATE mail SET status = 'new', tries = 5, error = 'IndexError: again'")
        tx.exec_driver_sql("UPDATE cases SET opened_by_mail_id = -1")
    lab.work()
    assert lab.mail(mail_id).outcome == "quarantine"
    alarm = lab.to("smirnova@cleanmet.ru")[-1]
    (file,) = alarm.message.iter_attachments()
    assert file.get_content() == bad
    assert "IndexError" in alarm.text


@pytest.mark.req("C17")
def test_a_robot_that_answers_every_acknowledgement_is_answered_three_times_at_most(lab: Lab) -> None:
    """It bears no mark of a robot, and each of its letters has a fresh subject and id."""
    lab.arrive(raw(message_id="<0@robot.example.ru>"))
    for n in range(1, 20):
        acks = lab.to(CLIENT)
        if len(acks) < n:
            break
        lab.arrive(
            raw(f"Нужна поверка {n} весов, пришлите счёт", subject=f"Заявка {n}", message_id=f"<{n}@robot.example.ru>")
        )
    assert len(lab.to(CLIENT)) == 3


@pytest.mark.req("C17")
def test_two_laboratories_that_write_to_each_other_fall_silent_at_once(tmp_path: Path) -> None:
    """Ours does not answer ours: an acknowledgement is marked as RFC 3834 asks."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = Lab(tmp_path / "one"), Lab(tmp_path / "two", lab={"address": "lab@other.example.ru"})
    first = raw("Просим выставить КП на калибровку.", sender="Лаборатория <lab@other.example.ru>")
    one.arrive(first)
    (ack,) = one.to("lab@other.example.ru")
    two.arrive(b"Return-Path: <>\r\n" + ack.raw)
    assert two.postman.sent == []
    assert two.cases() == []


@pytest.mark.req("A74")
def test_from_any_letter_that_left_the_trail_leads_to_the_first_that_came(lab: Lab) -> None:
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, "Добрый день! Стоимость работ 12 000 руб."))
    lab.later(minutes=11)
    with lab.app.db.read() as view:
        (left,) = known.sent_as(view, [lab.to(CLIENT)[-1].id])
        trail = queries.trail(view, left.case_id)
    assert trail["mail"][0].message_id == "<1@romashka.example.ru>"
    happened = [event.type for event in trail["event"]]
    assert happened[:2] == ["registered", "assigned"]
    assert {"acknowledged", "answered"} <= set(happened)
    assert lab.to(CLIENT)[-1].id in [row.message_id for row in trail["outbox"]]


@pytest.mark.req("C106")
def test_line_ends_in_a_subject_become_no_header(lab: Lab) -> None:
    evil = raw(subject="x").replace(b"Subject: x", b"Subject: =?utf-8?q?=D0=9F=0D=0ABcc:_victim@example.net?=")
    lab.arrive(evil)
    assert [s for s in lab.postman.sent if "victim@example.net" in s.to] == []
    for sent in lab.postman.sent:
        assert sent.message["Bcc"] is None
