"""The approved order of appeal below refusals and the outcomes of complaints, and below nothing else (A41)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab
from tests.letters import raw
from tests.test_enclosed_flow import texts
from tests.test_flow import CLIENT, PETROVA, reply_to_notice
from tests.test_rules_flow import COMPLAINT, SMIRNOVA, reply

BLOCK = "Тема appeal\nНапишите нам, обращение рассмотрит другой сотрудник."
WORDS = {"appeal": "Напишите нам, обращение рассмотрит другой сотрудник."}
REFUSAL = "Добрый день! К сожалению, мы не сможем принять этот заказ: он вне нашей области аккредитации."
OUTCOME = "Добрый день! Жалоба признана обоснованной: протокол заменён, деньги вернули. Приносим извинения."
BELOW = "Под ответом будет текст «Тема appeal» (порядок обжалования); не нужен — ответьте «стоп»"


def laboratory(folder: Path, approved: str = "2026-01-15", words: dict[str, str] = WORDS, **more: Any) -> Lab:
    return Lab(folder, templates=texts(folder, words, approved), **more)


def answered(lab: Lab, text: str, **more: Any) -> str:
    """What the client of an order gets for this reply of the employee."""
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, text, **more))
    lab.later(minutes=11)
    return lab.to(CLIENT)[-1].text.replace("\r", "")


def considered(lab: Lab, text: str) -> str:
    """What a complainant gets."""
    lab.arrive(raw(COMPLAINT, subject="Жалоба"))
    lab.arrive(reply(lab, lab.to(SMIRNOVA)[-1], text))
    for _ in range(2):
        lab.later(minutes=11)
        question = lab.to(SMIRNOVA)[-1]
        if "ответьте" in question.text.lower() and len(lab.to(CLIENT)) == 1:
            lab.arrive(reply(lab, question, "да"))
    return lab.to(CLIENT)[-1].text.replace("\r", "")


@pytest.mark.req("A41")
def test_it_stands_below_a_refusal_and_its_version_in_the_record(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    text = answered(lab, REFUSAL, html=f"<p>{REFUSAL}</p>")
    assert text.index("не сможем принять") < text.index(BLOCK) < text.index("С уважением")
    assert BLOCK in re.sub(r"<[^>]+>|\r", "", lab.to(CLIENT)[-1].html)
    details = [json.loads(event.detail) for event in lab.events(1)]
    assert {"enclosed": [{"approved": "2026-01-15", "text": "appeal"}], "what": "answer queued"} in details


@pytest.mark.req("A41")
def test_it_stands_below_the_outcome_of_a_complaint_and_its_notice_says_so(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    assert BLOCK in considered(lab, OUTCOME)
    assert "утверждённый порядок обжалования («Тема appeal»)" in lab.to(SMIRNOVA)[0].text


@pytest.mark.req("A41", "A21")
@pytest.mark.parametrize("approved", ["", "2025-01-15"])
def test_without_an_approved_text_nothing_is_added(tmp_path: Path, approved: str) -> None:
    lab = laboratory(tmp_path, approved)
    assert "Тема appeal" not in answered(lab, REFUSAL)
    (tmp_path / "complaint").mkdir()
    lab = laboratory(tmp_path / "complaint", approved)
    assert "Тема appeal" not in considered(lab, OUTCOME)
    assert "порядок обжалования" not in lab.to(SMIRNOVA)[0].text


@pytest.mark.parametrize(
    "text",
    [
        "Добрый день! Калибровка 12 манометров стоит 12 000 руб., срок 5 рабочих дней.",
        f"{REFUSAL} Если Вы не согласны, напишите директору.",
    ],
)
def test_an_answer_that_refuses_nothing_or_tells_of_it_stays_as_it_is(tmp_path: Path, text: str) -> None:
    assert "Тема appeal" not in answered(laboratory(tmp_path), text)


def test_who_is_asked_for_something_first_is_refused_nothing_yet(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    text = "!жду реквизиты\n!ответ\nМы не можем принять заказ без реквизитов: пришлите их, пожалуйста."
    assert "Тема appeal" not in answered(lab, text)
    assert lab.cases()[0].status == "waiting"


def test_a_held_refusal_bears_it_when_the_employee_lets_it_go(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, f"!ответ\n{REFUSAL}", cc="sidorov@cleanmet.ru", message_id="<o@cleanmet.ru>"))
    assert len(lab.to(CLIENT)) == 1
    lab.arrive(reply_to_notice(lab, "да"))
    lab.later(minutes=11)
    assert BLOCK in lab.to(CLIENT)[-1].text.replace("\r", "")


@pytest.mark.req("A15", "A41")
def test_the_ready_refusal_of_a_private_person_shows_it_before_it_goes_and_once(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    home = "Здравствуйте! Я частное лицо, нужна поверка домашних весов, сколько стоит?"
    lab.arrive(raw(home, sender="Пётр Иванов <petr.ivanov@mail.ru>", subject="Весы"))
    assert "> Тема appeal" in lab.to(PETROVA)[0].text
    lab.arrive(reply_to_notice(lab, "да"))
    lab.later(minutes=11)
    assert lab.to("petr.ivanov@mail.ru")[-1].text.count("рассмотрит другой сотрудник") == 1


@pytest.mark.parametrize("there", [True, False])
def test_an_english_refusal_bears_english_words_or_none(tmp_path: Path, there: bool) -> None:
    words = {**WORDS, **({"appeal.en": "Write to us."} if there else {})}
    lab = laboratory(tmp_path, words=words)
    lab.arrive(raw("Hello, please send us a quotation for calibration of 12 gauges.\n\nBest regards,\nJohn"))
    lab.arrive(reply_to_notice(lab, "Dear John,\n\nunfortunately we cannot accept this order: it is beyond our scope."))
    lab.later(minutes=11)
    text = lab.to(CLIENT)[-1].text
    assert ("Write to us." in text) is there
    assert "Напишите" not in text


@pytest.mark.req("A41")
@pytest.mark.parametrize("undo", ["10m", "0s"])
def test_the_employee_reads_of_it_before_it_leaves_and_once(tmp_path: Path, undo: str) -> None:
    lab = laboratory(tmp_path, answer={"undo": undo})
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, REFUSAL))
    told = [sent.text for sent in lab.to(PETROVA) if "порядок обжалования" in sent.text]
    assert len(told) == 1
    assert (BELOW in told[0]) is (undo == "10m")
    assert ("стоп" in told[0]) is (undo == "10m")


@pytest.mark.req("A41")
def test_who_says_stop_to_it_sends_the_same_words_without_it(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    lab.arrive(raw())
    refusal = reply_to_notice(lab, REFUSAL)
    again = reply_to_notice(lab, REFUSAL, message_id="<again@cleanmet.ru>")
    lab.arrive(refusal)
    lab.arrive(reply_to_notice(lab, "стоп"))
    assert "Текста «Тема appeal» под новым ответом не будет" in lab.to(PETROVA)[-1].text
    told = len(lab.to(PETROVA))
    lab.arrive(again)
    lab.later(minutes=11)
    assert "не сможем принять" in lab.to(CLIENT)[-1].text
    assert "Тема appeal" not in lab.to(CLIENT)[-1].text
    assert len(lab.to(PETROVA)) == told


@pytest.mark.req("A41")
def test_a_letter_on_the_way_to_the_outcome_bears_none_and_gets_no_receipt(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    assert "Тема appeal" not in considered(lab, "Добрый день! Спасибо, фото получили, перезвоню Вам сегодня.")
    assert not any("порядок обжалования)" in sent.text for sent in lab.to(SMIRNOVA))


@pytest.mark.req("A41")
def test_an_answer_that_closes_the_complaint_is_its_outcome_whatever_its_words(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    text = "!закрыть обоснованна, протокол заменён\n!ответ\nДобрый день! Протокол заменён из-за нашей ошибки при вводе."
    assert BLOCK in considered(lab, text)
    assert any(BELOW in sent.text for sent in lab.to(SMIRNOVA))
