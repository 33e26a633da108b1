"""Where a client stated no requirements in writing he confirms them before the laboratory takes work on (A66)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mailcase import lists
from mailcase.rules.requirements import confirms
from mailcase.store import events
from mailcase.store import tables as t
from mailcase.words import Audience, Template
from tests.lab import Lab, Sent
from tests.letters import config, letter, raw
from tests.test_flow import CLIENT, FROM_PETROVA, PETROVA, reply_to_notice
from tests.test_send import bounce_of

SUMMARY = "!подтвердить\nКалибровка 12 манометров МП3-У у Вас, до 10 декабря, по МИ 2124-90."
CALL = f"Звонила Анна Ковалёва ({CLIENT}), просит откалибровать 12 манометров МП3-У до 10 декабря с выездом."
SIDOROV = "sidorov@cleanmet.ru"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory in which an engineer has written down what a client ordered by phone."""
    return called(Lab(tmp_path))


def called(lab: Lab) -> Lab:
    note = {"sender": f"Сидоров <{SIDOROV}>", "subject": "Опять звонили с заявкой", "message_id": "<call@cleanmet.ru>"}
    lab.arrive(raw(CALL, **note))
    return lab


def asked(lab: Lab) -> Sent:
    """The client has been asked to confirm."""
    lab.arrive(reply_to_notice(lab, SUMMARY))
    lab.later(minutes=11)
    return lab.to(CLIENT)[-1]


def says(lab: Lab, text: str, question: Sent, n: int = 1, **more: Any) -> str:
    """The client answers; the Message-ID of his letter."""
    message_id = f"<yes{n}@romashka.example.ru>"
    lab.arrive(raw(text, subject=f"Re: {question.subject}", message_id=message_id, in_reply_to=question.id, **more))
    return message_id


def steps(lab: Lab) -> list[dict[str, Any]]:
    return [json.loads(e.detail) for e in lab.events(1) if e.type == "requirements"]


def morning(lab: Lab, days: int) -> list[str]:
    """It is ten past ten in Moscow, so many days later."""
    return lab.at((lab.now + timedelta(days=days)).replace(hour=7, minute=10))


def reminders(lab: Lab) -> list[Sent]:
    return [sent for sent in lab.to(CLIENT) if sent.subject.startswith("Ждём Вашего подтверждения")]


@pytest.mark.req("A66")
def test_a_phone_order_is_summed_up_and_the_clients_word_closes_the_step(lab: Lab) -> None:
    """Phone order, summary letter, «Подтверждаю» with its Message-ID on record."""
    (case,) = lab.cases()
    assert (case.kind, case.contact_address, case.assignee) == ("request", CLIENT, "petrova")
    assert lab.to(CLIENT) == []
    notice = lab.to(PETROVA)[-1].text
    assert "Записано сотрудником со слов клиента" in notice
    assert "> !подтвердить" in notice
    question = asked(lab)
    assert "Калибровка 12 манометров МП3-У у Вас, до 10 декабря, по МИ 2124-90." in question.text
    assert "ответьте одним словом: «Подтверждаю»" in question.text
    assert "Звонила" not in question.text
    assert question.subject.startswith("Re: Обращение по телефону [")
    assert "Петрова Наталья Викторовна" in question.text
    (case,) = lab.cases()
    assert (case.status, case.waits_for, case.requirements) == (
        "waiting",
        "подтверждение требований",
        "awaiting_confirmation",
    )
    message_id = says(lab, "Подтверждаю. С уважением, Анна Ковалёва", question)
    (case,) = lab.cases()
    assert (case.status, case.requirements) == ("open", "confirmed")
    assert [step["step"] for step in steps(lab)] == ["awaiting_confirmation", "confirmed"]
    assert steps(lab)[-1]["message_id"] == message_id
    assert "Клиент подтвердил требования" in lab.to(PETROVA)[-1].text
    shown = lists.trail(lab.app, case.tag)
    assert shown is not None
    assert shown["case"]["requirements"] == "confirmed"
    with lab.app.db.read() as view:
        assert events.verify(view) == []


@pytest.mark.req("A66")
def test_silence_gets_one_reminder_and_then_a_person_and_is_never_acceptance(lab: Lab) -> None:
    question = asked(lab)
    assert "remind" in morning(lab, 2)
    assert reminders(lab) == []
    morning(lab, 2)
    (reminder,) = reminders(lab)
    assert reminder.message["Auto-Submitted"] == "auto-generated"
    assert reminder.envelope_from == ""
    assert reminder.message["In-Reply-To"] == question.id
    assert "к работе мы не приступали" in reminder.text
    assert "после напоминания" not in lab.to(PETROVA)[-1].text
    for _ in range(2):
        morning(lab, 3)
        lab.at(lab.now.replace(hour=6, minute=5))
    assert len(reminders(lab)) == 1
    assert "клиент не подтвердил требования и после напоминания: позвоните ему" in lab.to(PETROVA)[-1].text
    morning(lab, 30)
    assert (lab.cases()[0].status, lab.cases()[0].requirements) == ("waiting", "awaiting_confirmation")


def test_who_answers_the_reminder_confirms_as_well(lab: Lab) -> None:
    asked(lab)
    morning(lab, 4)
    says(lab, "Да, подтверждаю", reminders(lab)[0])
    assert lab.cases()[0].requirements == "confirmed"
    morning(lab, 5)
    assert len(reminders(lab)) == 1


@pytest.mark.parametrize(
    "text",
    ["Подтверждаю", "Добрый день! Подтверждаем, всё верно, спасибо.", "Да, согласны.", "Всё верно, можно приступать!"],
)
def test_yes_is_said_in_many_ways(text: str) -> None:
    assert confirms(letter(text=text), config())


@pytest.mark.parametrize(
    "text",
    [
        "Спасибо, получили!",
        "Подтверждаю получение.",
        "Подтверждаю, но манометров 14.",
        "Подтвердите, пожалуйста, срок",
        "Не подтверждаю",
        "Всё верно?",
        "Срок перенесите на 12 декабря, остальное верно",
    ],
)
def test_what_says_more_or_less_than_yes_is_read_by_a_person(text: str) -> None:
    assert not confirms(letter(text=text), config())


def test_a_yes_with_a_reservation_runs_the_clock_and_confirms_nothing(lab: Lab) -> None:
    question = asked(lab)
    says(lab, "Подтверждаю, но манометров 14.", question)
    assert (lab.cases()[0].status, lab.cases()[0].requirements) == ("open", "awaiting_confirmation")
    assert "требования клиент ещё не подтвердил" in lab.to(PETROVA)[-1].text.lower()
    morning(lab, 7)
    assert reminders(lab) == []
    lab.arrive(reply_to_notice(lab, "!подтвердить\nКалибровка 14 манометров МП3-У, до 10 декабря."))
    lab.later(minutes=11)
    says(lab, "Подтверждаю", lab.to(CLIENT)[-1], 2)
    assert lab.cases()[0].requirements == "confirmed"


def test_thanks_and_a_stranger_confirm_nothing(lab: Lab) -> None:
    question = asked(lab)
    says(lab, "Спасибо, получили!", question)
    says(lab, "Подтверждаю", question, 2, sender="Чужой <x@else.example.org>")
    case = lab.cases()[0]
    assert (case.status, case.requirements) == ("waiting", "awaiting_confirmation")


def test_who_only_knows_the_tag_and_is_not_proven_confirms_nothing(lab: Lab) -> None:
    question = asked(lab)
    lab.arrive(raw("Подтверждаю", subject=question.subject, message_id="<forged@romashka.example.ru>"))
    assert lab.cases()[0].requirements == "awaiting_confirmation"
    assert "!подтверждено" in lab.to(PETROVA)[-1].text


def test_an_employee_records_what_the_client_said_in_other_words_or_by_phone(lab: Lab) -> None:
    question = asked(lab)
    message_id = says(lab, "Пусть будет так, ждём вас 5-го", question)
    lab.arrive(reply_to_notice(lab, "!подтверждено"))
    assert (lab.cases()[0].requirements, steps(lab)[-1]["message_id"]) == ("confirmed", message_id)


def test_by_phone_he_says_so_and_the_clock_runs(lab: Lab) -> None:
    asked(lab)
    lab.arrive(reply_to_notice(lab, "!подтверждено"))
    assert "Напишите, как клиент подтвердил" in lab.to(PETROVA)[-1].text
    lab.arrive(reply_to_notice(lab, "!подтверждено по телефону"))
    assert (lab.cases()[0].status, lab.cases()[0].requirements) == ("open", "confirmed")


def test_a_question_that_is_stopped_or_comes_back_asks_nobody(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, SUMMARY))
    lab.arrive(reply_to_notice(lab, "стоп"))
    assert (lab.cases()[0].status, lab.cases()[0].requirements, lab.to(CLIENT)) == ("open", "", [])
    lab.arrive(bounce_of(asked(lab).id))
    assert (lab.cases()[0].status, lab.cases()[0].requirements) == ("open", "")
    morning(lab, 7)
    assert reminders(lab) == []


def test_where_conflict_is_marked_no_robot_reminds(lab: Lab) -> None:
    asked(lab)
    with lab.app.db.tx() as tx:
        tx.execute(sa.update(t.cases).values(risk='["conflict"]'))
    morning(lab, 4)
    lab.at(lab.now.replace(hour=6, minute=5) + timedelta(days=1))
    assert reminders(lab) == []
    assert "напоминание ему не отправлено: напомните сами" in lab.to(PETROVA)[-1].text


def test_reminders_stay_within_the_budgets(tmp_path: Path) -> None:
    lab = called(Lab(tmp_path, budget={"per_address_day": 1}))
    question = asked(lab)
    at = lab.now + timedelta(days=4)
    lab.now = at.replace(hour=6, minute=30)
    says(lab, "Статус?", question)  # is answered by the one automatic letter of the day
    lab.at(at.replace(hour=7, minute=10))
    assert reminders(lab) == []
    (kept,) = [row for row in lab.outbox() if row.template == Template.REMINDER]
    assert (kept.status, kept.hold_reason, kept.audience) == ("held", "budget", Audience.CLIENT)


def test_a_vague_order_offers_the_beginning_of_the_answer(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw("Добрый день! Пришлите, пожалуйста, КП.", subject="Запрос"))
    assert "> !подтвердить" in lab.to(PETROVA)[-1].text
    lab.arrive(reply_to_notice(lab, "!подтвердить"))
    assert "Напишите под строкой «!подтвердить», как поняли заявку" in lab.to(PETROVA)[-1].text
    more = {"message_id": "<2@romashka.example.ru>", "in_reply_to": "<1@romashka.example.ru>"}
    lab.arrive(raw("Калибровка 12 манометров МП3-У до 10 декабря.", **more))
    lab.arrive(reply_to_notice(lab, "!подтвердить"))
    lab.later(minutes=11)
    assert "> Калибровка 12 манометров МП3-У до 10 декабря." in lab.to(CLIENT)[-1].text
    assert lab.cases()[0].requirements == "awaiting_confirmation"


def test_an_ordinary_order_is_bothered_with_none_of_it(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw())
    assert "!подтвердить" not in lab.to(PETROVA)[-1].text
    lab.arrive(reply_to_notice(lab, "Добрый день! Стоимость работ 12 000 руб."))
    lab.later(minutes=11)
    assert "Подтверждаю" not in lab.to(CLIENT)[-1].text


def test_an_english_client_is_asked_and_answers_in_english(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw("Dear Sirs, please quote calibration of 12 pressure gauges by 10 December.", subject="Quotation"))
    lab.arrive(reply_to_notice(lab, "!подтвердить\nCalibration of 12 pressure gauges by 10 December."))
    lab.later(minutes=11)
    question = lab.to(CLIENT)[-1]
    assert "Please confirm the requirements" in question.text
    says(lab, "Confirmed, thank you", question)
    assert lab.cases()[0].requirements == "confirmed"


def test_a_colleague_who_names_two_addresses_names_no_client(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    note = {"sender": FROM_PETROVA, "subject": "Заявка по телефону", "message_id": "<call@cleanmet.ru>"}
    lab.arrive(raw(f"{CALL} Копию: b@else.example.org", **note))
    assert lab.cases()[0].contact_address == PETROVA
