"""An order that is not understood is told and waits for nothing; a question says what it is about (users.md 1.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mailcase.words import Register
from tests.lab import Lab
from tests.letters import MONDAY, raw
from tests.test_answer import BOX
from tests.test_flow import CLIENT, FROM_PETROVA, PETROVA, reply_to_notice
from tests.test_staff import FORGED, THREAD, becomes, known
from tests.test_staff_flow import ANSWER
from tests.test_thread import case


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory with one open case of Petrova's."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    return lab


def test_an_order_that_is_not_understood_is_told_and_waits_for_nothing(lab: Lab) -> None:
    for message in (reply_to_notice(lab, "!режим работы"), raw("!режим работы", sender=FROM_PETROVA, subject="Вопрос")):
        mail_id = lab.arrive(message)
        told = lab.to(PETROVA)[-1]
        assert told.subject.startswith("Не сделано")
        assert "Не понятна строка «!режим работы»" in told.text
        assert "стоп" not in told.text
        assert lab.mail(mail_id).held is None
    assert "digest" in lab.at(MONDAY.replace(hour=9) + timedelta(days=1))
    assert not [sent for sent in lab.postman.sent if "ждёт слова" in sent.text]


def test_the_words_below_it_reach_nobody_and_he_is_told(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, f"!режим работы\n{ANSWER}"))
    assert "клиенту не отправлено" in lab.to(PETROVA)[-1].text
    lab.later(minutes=20)
    assert len(lab.to(CLIENT)) == 1


def test_a_forged_order_is_asked_about_and_then_only_told() -> None:
    asked = becomes("!режим работы", proof=FORGED)
    assert (asked.question, asked.then) == ("Это Вы писали?", "Не понятна строка «!режим работы»")
    assert becomes("!режим работы", proof=THREAD).mistakes == (asked.then,)


def test_who_wrote_it_is_the_last_question_about_an_order_that_is_no_order(tmp_path: Path) -> None:
    lab = Lab(tmp_path, mailbox=BOX)
    lab.arrive(raw())
    forged = {"Authentication-Results": "mx.cleanmet.ru; dmarc=fail header.from=cleanmet.ru"}
    mail_id = lab.arrive(reply_to_notice(lab, "!режим работы", headers=forged))
    assert lab.to(PETROVA)[-1].subject.startswith("Это писали Вы?")
    lab.arrive(reply_to_notice(lab, "да"))
    assert "Не понятна строка «!режим работы»" in lab.to(PETROVA)[-1].text
    assert lab.mail(mail_id).held is None


def test_a_question_names_what_is_not_sent_only_where_something_is_for_a_client() -> None:
    complaint = replace(case(), register=Register.COMPLAINT)
    assert not becomes("!закрыть обоснованна", known(cases=(complaint,))).unsent
    assert not becomes("!закрыт дубль").unsent
    for text in ("ок", "это не моё, отдай Сидорову", f"!ответт {ANSWER}"):
        assert becomes(text).unsent


def test_the_subject_of_a_question_about_an_order_speaks_of_no_letter(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!закрыт ответили по телефону"))
    asked = lab.to(PETROVA)[-1]
    assert asked.subject.startswith("Нужно Ваше слово: № 1 [KM-")
    assert "никуда не уйдёт" not in asked.text
    lab.arrive(reply_to_notice(lab, "да"))
    assert lab.cases()[0].status == "closed"
