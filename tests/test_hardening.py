"""What once went wrong in a corner, each with the smallest scene that shows it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase.mail.smtp import Refused
from mailcase.stations.send import requeue, send
from mailcase.store import tables as t
from mailcase.words import FolderRole, MailcaseError
from tests.lab import Lab
from tests.letters import LAB, raw
from tests.test_flow import CLIENT, PETROVA, reply_to_notice

ANSWER = "Добрый день! Калибровка 12 манометров стоит 12 000 руб., срок 5 рабочих дней."


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def test_a_copy_in_the_sent_folder_does_not_swallow_the_letter(lab: Lab) -> None:
    """A web form submits with the laboratory's account; the provider files a copy in Sent, which is read first."""
    form = {"sender": f"Сайт <{LAB}>", "headers": {"Reply-To": CLIENT}}
    lab.arrive(raw(**form), role=FolderRole.SENT)
    lab.arrive(raw(**{**form, "headers": {"Reply-To": CLIENT, "X-Copy": "2"}}))
    assert len(lab.cases()) == 1


def test_a_letter_whose_bytes_are_gone_becomes_a_case_from_the_ledger(lab: Lab) -> None:
    lab.now += timedelta(seconds=1)
    with lab.app.db.tx() as tx:
        row = {"sha256": "f" * 64, "size": 1, "source": "x", "role": "inbox", "status": "new"}
        tx.execute(sa.insert(t.mail).values(received_at=lab.now, entered_at=lab.now, **row))
    for _ in range(8):
        lab.later(minutes=5)
    assert lab.mail(1).outcome == "quarantine"
    assert len(lab.cases()) == 1


def test_stop_after_to_the_client_holds_the_answer_within_the_undo_time(lab: Lab) -> None:
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, "ок, согласны"))
    question = lab.to(PETROVA)[-1]
    lab.arrive(reply_to_notice(lab, "клиенту", in_reply_to=question.id, references=question.id))
    lab.arrive(reply_to_notice(lab, "стоп", in_reply_to=question.id, references=question.id, message_id="<s@x>"))
    lab.later(minutes=20)
    assert len(lab.to(CLIENT)) == 1


def test_the_notice_never_leaves_as_an_attachment(lab: Lab) -> None:
    """Outlook can attach the original to a reply."""
    lab.arrive(raw())
    notice = lab.to(PETROVA)[-1]
    lab.arrive(reply_to_notice(lab, ANSWER, attachments=[("Исходное.eml", notice.raw), ("КП.pdf", b"%PDF-1.4")]))
    lab.later(minutes=11)
    held = [row for row in lab.outbox() if row.template == "held"]
    if held:
        question = lab.to(PETROVA)[-1]
        lab.arrive(reply_to_notice(lab, "клиенту", in_reply_to=question.id, references=question.id))
        lab.later(minutes=11)
    files = [part.get_filename() for part in lab.to(CLIENT)[-1].message.iter_attachments()]
    assert files == ["КП.pdf"]


def test_a_question_within_the_undo_time_keeps_the_clock_running(lab: Lab) -> None:
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, ANSWER))
    ack = lab.to(CLIENT)[0]
    lab.arrive(raw("А можно ли быстрее?", subject=f"Re: {ack.subject}", in_reply_to=ack.id, message_id="<q@x>"))
    lab.later(minutes=11)
    assert (len(lab.to(CLIENT)), lab.cases()[0].status) == (2, "open")


def test_shadow_mode_stops_what_was_queued_before(tmp_path: Path) -> None:
    live = Lab(tmp_path)
    live.arrive(raw())
    live.arrive(reply_to_notice(live, ANSWER))
    shadow = Lab(tmp_path, mode="shadow")
    shadow.now = live.now
    shadow.later(minutes=11)
    assert shadow.postman.sent == []
    assert [row.hold_reason for row in shadow.outbox() if row.template == "answer"] == ["mode"]


def test_the_record_of_a_failure_holds_no_address(lab: Lab) -> None:
    lab.postman.answers = [Refused(f"{CLIENT}: 550 no such user", 550)]
    lab.arrive(raw())
    with lab.app.db.read() as view:
        details = view.execute(sa.select(t.event.c.detail)).scalars().all()
    assert not [detail for detail in details if CLIENT in detail]
    assert {"code": 550} in [json.loads(detail) for detail in details]


def test_an_addition_that_was_acknowledged_today_costs_no_budget(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw("К сожалению, в протоколе № 145 снова ошибка, прошу исправить и объяснить причину."))
    for n in range(2, 7):
        lab.arrive(raw(f"Прилагаю фото {n}", subject="Фото", message_id=f"<{n}@x>"))
    assert [row.hold_reason for row in lab.outbox() if row.hold_reason] == []


def test_a_reply_that_cannot_be_stored_is_stored_before_anything_else_is_sent(lab: Lab) -> None:
    """The database refuses once after the server's 250: the letter leaves once."""
    refuse = "CREATE TRIGGER deny BEFORE UPDATE ON outbox WHEN NEW.status = 'sent' BEGIN SELECT RAISE(ABORT, 'no'); END"
    with lab.app.db.tx() as tx:
        tx.exec_driver_sql(refuse)

    tried: list[float] = []

    class Patience:
        """Waits by mending the database."""

        def is_set(self) -> bool:
            return False

        def wait(self, seconds: float) -> bool:
            tried.append(seconds)
            if len(tried) == 2:
                with lab.app.db.tx() as tx:
                    tx.exec_driver_sql("DROP TRIGGER deny")
            return False

    object.__setattr__(lab.app.wake, "stop", Patience())
    lab.arrive(raw())
    assert len(lab.to(CLIENT)) == 1
    assert [row.status for row in lab.outbox()] == ["sent", "sent"]
    assert len(tried) == 2


def test_what_is_on_its_way_or_was_sent_is_not_sent_again_by_hand(lab: Lab) -> None:
    lab.arrive(raw())
    with pytest.raises(MailcaseError, match="is sent"):
        requeue(lab.app, lab.outbox()[0].id)


def test_questions_to_an_employees_autoresponder_end(lab: Lab) -> None:
    """It bears no mark and answers each question of ours; the talk ends with the day's budget and one alarm."""
    lab.arrive(raw())
    for n in range(60):
        lab.arrive(reply_to_notice(lab, "Получено.", message_id=f"<r{n}@cleanmet.ru>"))
    talk = [row for row in lab.outbox() if row.template in ("held", "receipt", "confirm") and row.status == "sent"]
    assert len(talk) <= lab.app.config.budget.per_person_day


@pytest.mark.req("C90")
def test_a_letter_that_fails_again_and_again_is_given_up_some_day(lab: Lab) -> None:
    lab.arrive(raw())
    ack = lab.outbox()[0]
    with lab.app.db.tx() as tx:
        old = {"status": "sending", "tries": 7, "created_at": lab.now - timedelta(days=6), "last_error": "boom"}
        tx.execute(sa.update(t.outbox).where(t.outbox.c.id == ack.id).values(**old))
    send(lab.app, lab.postman)
    again = lab.outbox()[0]
    assert (again.status, len(lab.to(CLIENT))) == ("failed", 1)
    assert "boom" in again.last_error


@pytest.mark.req("C102")
def test_every_unproven_order_is_asked_about_in_its_turn(lab: Lab) -> None:
    """Three taps within an hour: one question, and each «да» brings the next."""
    for n in range(3):
        lab.arrive(raw(f"Просим выставить КП {n}", message_id=f"<c{n}@x>"))
    for n, case in enumerate(lab.cases()):
        order = raw("", sender=PETROVA, subject=f"[{case.tag}] !назначить Сидоров", message_id=f"<o{n}@cleanmet.ru>")
        lab.arrive(order)
    for n in range(3):
        (question,) = [s for s in lab.to(PETROVA) if "Это писали Вы?" in s.subject][n:]
        lab.arrive(reply_to_notice(lab, "да", in_reply_to=question.id, references=question.id, message_id=f"<d{n}@x>"))
    assert [case.assignee for case in lab.cases()] == ["sidorov"] * 3


def test_who_has_answered_is_asked_about_his_next_order_at_once(lab: Lab) -> None:
    """One open question an hour: who enters calls all day waits for none of them."""
    for n, answer in enumerate(("да", "стоп", "да")):
        call = "[новое] канал: телефон; от: Иванов И. И., +7 495 000-00-33; тема: поверка весов"
        lab.arrive(raw(f"{n}", sender=PETROVA, subject=call, message_id=f"<n{n}@cleanmet.ru>"))
        question = [s for s in lab.to(PETROVA) if "Это писали Вы?" in s.subject][n]
        word = {"in_reply_to": question.id, "references": question.id, "message_id": f"<d{n}@x>"}
        lab.arrive(reply_to_notice(lab, answer, **word))
    assert len(lab.cases()) == 2


def test_nobody_confirms_the_letter_of_a_colleague(lab: Lab) -> None:
    lab.arrive(raw())
    held = lab.arrive(reply_to_notice(lab, "это не моё, отдай Сидорову"))
    mine = lab.to(PETROVA)[0].id
    lab.arrive(raw(f"!да {held}", sender="sidorov@cleanmet.ru", subject="x", in_reply_to=mine, message_id="<z@x>"))
    assert lab.cases()[0].assignee == "petrova"
