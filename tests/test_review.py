"""Before the laboratory commits itself the order is reviewed, and who reviewed it is on record (A65)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mailcase.config import Config
from mailcase.rules.offer import offered
from mailcase.store import events
from tests.lab import Lab
from tests.letters import config, raw
from tests.test_flow import CLIENT, FROM_PETROVA, PETROVA, reply_to_notice

OFFER = "Добрый день! КП во вложении."
FILE = [("КП_412.pdf", b"%PDF-1.4")]


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory with one order of Petrova's, as the configuration is by default."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    return lab


@pytest.fixture
def strict(tmp_path: Path) -> Lab:
    """The same where an offer waits for its review."""
    lab = Lab(tmp_path, request={"review": "ask"})
    lab.arrive(raw())
    return lab


def reviews(lab: Lab, case_id: int = 1) -> list[tuple[str, dict[str, Any]]]:
    return [(e.actor, json.loads(e.detail)) for e in lab.events(case_id) if e.type == "reviewed"]


def word(lab: Lab, text: str) -> None:
    """Her word about the letter that was asked about last."""
    asked = lab.to(PETROVA)[-1]
    more = {"in_reply_to": asked.id, "message_id": f"<w{len(lab.postman.sent)}@cleanmet.ru>"}
    lab.arrive(raw(text, sender=FROM_PETROVA, subject=f"Re: {asked.subject}", **more))


@pytest.mark.parametrize(
    "name", ["КП_412.pdf", "Счёт на оплату 12.pdf", "Договор 5-К.docx", "Quotation 12.pdf", "ТКП.xlsx"]
)
def test_an_offer_is_known_by_the_name_of_its_file(name: str) -> None:
    assert offered("Добрый день!", [name]) == name


@pytest.mark.parametrize(
    "text",
    [
        "Добрый день! Направляем КП.",
        "Высылаем Вам коммерческое предложение на калибровку.",
        "Счёт во вложении.",
        "Прилагаю проект договора, посмотрите.",
        "Please find our quotation attached.",
    ],
)
def test_an_offer_is_known_by_plain_words(text: str) -> None:
    assert offered(text, [])


@pytest.mark.parametrize(
    "text",
    [
        "Направим КП до пятницы.",
        "Направляем протокол по договору № 12.",
        "Расчёт во вложении, счётчик поверен.",
        "Пришлите, пожалуйста, подписанный договор.",
        "Счёт-фактура во вложении.",
        "Выезд возможен 5 декабря.",
        "Вот реквизиты для договора.",
    ],
)
def test_what_commits_to_nothing_is_no_offer(text: str) -> None:
    assert offered(text, ["Протокол 145.pdf", "Расчёт.xlsx", "Счёт-фактура 7.pdf", "счётчик.jpg"]) == ""


@pytest.mark.req("A65")
def test_an_offer_without_its_review_is_held_and_one_word_records_it_and_lets_it_go(strict: Lab) -> None:
    lab = strict
    held = lab.arrive(reply_to_notice(lab, OFFER, attachments=FILE))
    lab.later(minutes=11)
    assert (lab.mail(held).outcome, len(lab.to(CLIENT))) == ("held", 1)
    question = " ".join(lab.to(PETROVA)[-1].text.split())
    assert "анализ заявки (возможности, объём, метод, срок) не записан" in question
    assert "он будет записан за Вами, и письмо уйдёт. >" in question
    assert reviews(lab) == []
    word(lab, "анализ")
    assert "анализ заявки записан, Петрова Н. В., 23.11.2026" in lab.to(PETROVA)[-1].text
    lab.later(minutes=11)
    assert [part.get_filename() for part in lab.to(CLIENT)[-1].message.iter_attachments()] == ["КП_412.pdf"]
    points = ["capability", "scope", "method", "term"]
    assert reviews(lab) == [("petrova", {"how": "word", "points": points})]
    (event,) = [e for e in lab.events(1) if e.type == "reviewed"]
    (left,) = [e for e in lab.events(1) if e.type == "answered"]
    assert event.at < left.at
    with lab.app.db.read() as view:
        assert events.verify(view) == []


def test_yes_is_the_same_word(strict: Lab) -> None:
    strict.arrive(reply_to_notice(strict, OFFER, attachments=FILE))
    word(strict, "да")
    assert "Уйдёт клиенту в 12:10: № 1. Придержать?" in strict.to(PETROVA)[-1].text
    strict.later(minutes=11)
    assert "КП во вложении" in strict.to(CLIENT)[-1].text
    assert [who for who, _ in reviews(strict)] == ["petrova"]


@pytest.mark.parametrize("order", ["анализ", "!анализ"])
def test_who_said_so_before_is_not_asked(strict: Lab, order: str) -> None:
    strict.arrive(reply_to_notice(strict, order))
    assert "анализ заявки записан" in strict.to(PETROVA)[-1].text
    notice = strict.to(PETROVA)[0]
    strict.arrive(reply_to_notice(strict, OFFER, attachments=FILE, in_reply_to=notice.id, references=notice.id))
    strict.later(minutes=11)
    assert "КП во вложении" in strict.to(CLIENT)[-1].text
    assert len(reviews(strict)) == 1


def test_stop_sends_nothing_and_records_nothing(strict: Lab) -> None:
    strict.arrive(reply_to_notice(strict, OFFER, attachments=FILE))
    word(strict, "стоп")
    strict.later(minutes=11)
    assert (len(strict.to(CLIENT)), reviews(strict)) == (1, [])


def test_a_word_about_the_review_answers_no_other_question(strict: Lab) -> None:
    strict.arrive(reply_to_notice(strict, "Это не моё, отдай Сидорову, пожалуйста."))
    word(strict, "анализ")
    assert "Об анализе заявки не спрашивали" in strict.to(PETROVA)[-1].text
    assert strict.cases()[0].assignee == "petrova"


def test_an_offer_in_a_new_letter_is_asked_about_once_and_sent_by_one_word(strict: Lab) -> None:
    tag = strict.cases()[0].tag
    letter = {"subject": f"КП [{tag}]", "sender": FROM_PETROVA, "message_id": "<n@cleanmet.ru>", "attachments": FILE}
    strict.arrive(raw(OFFER, **letter))
    word(strict, "да")  # «Это Вы писали?»
    assert "словом «клиенту» Вы подтверждаете и анализ заявки" in strict.to(PETROVA)[-1].text
    word(strict, "клиенту")
    strict.later(minutes=11)
    assert "КП во вложении" in strict.to(CLIENT)[-1].text
    assert [(who, detail["how"]) for who, detail in reviews(strict)] == [("petrova", "word")]


def test_an_answer_that_offers_nothing_is_not_asked_about(strict: Lab) -> None:
    strict.arrive(reply_to_notice(strict, "Добрый день! Выезд возможен 5 декабря, КП направим завтра."))
    strict.later(minutes=11)
    assert "КП направим завтра" in strict.to(CLIENT)[-1].text


@pytest.mark.req("A65")
def test_by_default_an_offer_goes_at_once_and_the_executors_review_is_on_record(lab: Lab) -> None:
    """Nobody is asked and no letter more is written (users.md 1.1, 1.4)."""
    told = len(lab.to(PETROVA))
    lab.arrive(reply_to_notice(lab, OFFER, attachments=FILE))
    lab.later(minutes=11)
    assert "КП во вложении" in lab.to(CLIENT)[-1].text
    assert [(who, detail["how"]) for who, detail in reviews(lab)] == [("petrova", "implied")]
    assert len(lab.to(PETROVA)) == told


def test_by_default_the_receipt_says_so_where_there_is_one(lab: Lab) -> None:
    tag = lab.cases()[0].tag
    letter = {"subject": f"КП [{tag}]", "sender": FROM_PETROVA, "message_id": "<n@cleanmet.ru>", "attachments": FILE}
    lab.arrive(raw(f"!ответ\n{OFFER}", **letter))
    word(lab, "да")  # «Это Вы писали?»
    assert "анализ заявки записан, Петрова Н. В." in lab.to(PETROVA)[-1].text


def test_the_second_offer_of_an_order_needs_no_second_review(lab: Lab) -> None:
    for _ in range(2):
        lab.arrive(reply_to_notice(lab, OFFER, attachments=FILE))
        lab.later(minutes=11)
    assert len(reviews(lab)) == 1


@pytest.mark.parametrize("review", ["ask", "record"])
def test_an_offer_that_went_past_us_has_its_sender_on_record(tmp_path: Path, review: str) -> None:
    lab = Lab(tmp_path, request={"review": review})
    lab.arrive(raw())
    past = {"to": CLIENT, "cc": "lab@cleanmet.ru", "subject": "Re: Калибровка манометров", "attachments": FILE}
    ids = {"in_reply_to": "<1@romashka.example.ru>", "message_id": "<past@cleanmet.ru>"}
    lab.arrive(raw(OFFER, sender=FROM_PETROVA, **past, **ids))
    assert lab.cases()[0].status == "answered"
    assert [(who, detail["how"]) for who, detail in reviews(lab)] == [("petrova", "implied")]


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    lab = Lab(tmp_path, request={"review": "off"})
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, OFFER, attachments=FILE))
    lab.later(minutes=11)
    assert ("КП во вложении" in lab.to(CLIENT)[-1].text, reviews(lab)) == (True, [])


def test_the_default_asks_nobody() -> None:
    default: Config = config()
    assert default.request.review == "record"
