"""Forwards through the whole program: an employee's opens the case of the client, a client's stays the client's."""

from __future__ import annotations

import email
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.lab import Lab
from tests.letters import LAB, raw
from tests.test_answer import BOX
from tests.test_flow import CLIENT, PETROVA, reply_to_notice

FROM_PETROVA = f"Петрова Наталья <{PETROVA}>"
SMIRNOVA = "smirnova@cleanmet.ru"
OTHER = "petr@other.example.org"
ANSWER = "Добрый день! Калибровка 12 манометров стоит 12 000 руб., срок 5 рабочих дней."
COMPLAINT = "К сожалению, в протоколе № 145 снова ошибка, прошу исправить. Это претензия."


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def passed_on(text: str, *, client: str = f"Анна Ковалёва <{CLIENT}>", rule: str = "") -> str:
    """The body of a forward as Outlook writes it; a rule above the header makes it certain."""
    head = f"От: {client}\nОтправлено: 20 ноября 2026 г. 10:00\nКому: Петрова\nТема: Калибровка"
    return f"Прошу зарегистрировать.\n\n{rule}{head}\n\n{text}"


def forward(text: str, **more: object) -> bytes:
    given = {"sender": FROM_PETROVA, "subject": "FW: Калибровка", "message_id": "<f@cleanmet.ru>", **more}
    return raw(text, **given)  # type: ignore[arg-type]


def as_file(inner: bytes) -> bytes:
    """A forward as an attached letter."""
    message = EmailMessage()
    message["Return-Path"], message["From"], message["To"] = f"<{PETROVA}>", PETROVA, LAB
    message["Subject"], message["Message-ID"] = "См. вложение", "<f@cleanmet.ru>"
    message.set_content("См. вложение")
    message.add_attachment(email.message_from_bytes(inner))
    return message.as_bytes()


@pytest.mark.req("A35")
@pytest.mark.parametrize("data", [forward(passed_on(COMPLAINT)), as_file(raw(COMPLAINT))], ids=["inline", "attached"])
def test_the_case_of_a_forward_is_the_clients_in_address_words_and_kind(lab: Lab, data: bytes) -> None:
    mail_id = lab.arrive(data)
    (case,) = lab.cases()
    assert (lab.mail(mail_id).outcome, case.contact_address, case.register) == ("new_case", CLIENT, "complaint")
    assert lab.to(CLIENT) == []
    assert "протоколе № 145" in lab.to(SMIRNOVA)[0].text


@pytest.mark.req("A35")
def test_the_answer_to_a_forwarded_letter_goes_to_the_client_alone(lab: Lab) -> None:
    lab.arrive(forward(passed_on("Просим выставить КП на калибровку 12 манометров.")))
    lab.arrive(reply_to_notice(lab, ANSWER))
    lab.later(minutes=11)
    (answer,) = lab.to(CLIENT)
    assert "12 000 руб." in answer.text
    assert "Прошу зарегистрировать" not in answer.text
    assert b"<f@cleanmet.ru>" not in answer.raw


@pytest.mark.req("A35")
def test_an_uncertain_sender_is_shown_before_anybody_answers(lab: Lab) -> None:
    """Only the text says it, and no mark of a forward stands in the subject."""
    lab.arrive(forward(passed_on("Просим выставить КП."), subject="Калибровка"))
    assert f"({CLIENT}): проверьте адрес, прежде чем отвечать" in lab.to(PETROVA)[0].text


@pytest.mark.req("A35")
@pytest.mark.parametrize("client", ["Анна Ковалёва", "Сидоров <sidorov@cleanmet.ru>", f"КлинМет <{LAB}>"])
def test_a_forward_that_names_no_client_opens_a_case_that_answers_nobody(lab: Lab, client: str) -> None:
    lab.arrive(forward(passed_on("Просим выставить КП на калибровку весов.", client=client)))
    (case,) = lab.cases()
    assert case.contact_address == ""
    assert "Адреса клиента" in lab.to(PETROVA)[0].text


@pytest.mark.req("A35")
def test_a_clients_forward_stays_the_clients(lab: Lab) -> None:
    text = passed_on("Просим выставить КП на калибровку весов.", client=f"Пётр <{OTHER}>")
    lab.arrive(raw(text, subject="FW: Калибровка"))
    assert lab.cases()[0].contact_address == CLIENT
    assert len(lab.to(CLIENT)) == 1
    assert lab.to(OTHER) == []


@pytest.mark.req("A35")
def test_a_forward_of_a_client_with_an_open_complaint_is_offered_to_whoever_has_it(lab: Lab) -> None:
    lab.arrive(raw(COMPLAINT))
    lab.arrive(forward(passed_on("Прошу ускорить рассмотрение.")))
    first, second = lab.cases()
    assert (first.parts, second.contact_address, second.assignee) == (1, CLIENT, first.assignee)
    assert f"открыта жалоба № {first.number}: возможно, это дополнение" in lab.to(SMIRNOVA)[-1].text


@pytest.mark.req("A35")
def test_a_forward_under_a_forged_name_is_told_to_be_one(tmp_path: Path) -> None:
    lab = Lab(tmp_path, mailbox=BOX)
    stamp = {"Authentication-Results": "mx.cleanmet.ru; dmarc=fail header.from=cleanmet.ru"}
    lab.arrive(forward(passed_on("Просим выставить КП."), headers=stamp))
    assert "DMARC" in lab.to(PETROVA)[0].text
    assert lab.to(CLIENT) == []


def test_a_clients_answer_to_what_was_forwarded_joins_its_case(lab: Lab) -> None:
    """Thunderbird names the letter that it forwards."""
    named = {"X-Forwarded-Message-Id": "<Orig@romashka.example.ru>"}
    lab.arrive(forward(passed_on("Просим выставить КП."), headers=named))
    lab.arrive(raw("И на весы тоже.", message_id="<2@x.example>", in_reply_to="<Orig@romashka.example.ru>"))
    assert [c.parts for c in lab.cases()] == [2]
