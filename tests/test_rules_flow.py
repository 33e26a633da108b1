"""Rules at work in the whole program: whom an answer reaches, what waits for a word, what stays a quiet line."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailcase.rules.answer import answer_address
from mailcase.rules.decide import decide
from mailcase.rules.decision import FollowUp, NewCase
from mailcase.words import Kind, Register
from tests.lab import Lab, Sent
from tests.letters import LAB, config, facts, letter, raw
from tests.test_answer import BOX
from tests.test_flow import PETROVA
from tests.test_thread import case

ANSWER = "Добрый день! Калибровка 12 манометров стоит 12 000 руб., срок 5 рабочих дней."
COMPLAINT = "Жалоба! Вы испортили наш прибор, протокол неверный. Это претензия."
SMIRNOVA = "smirnova@cleanmet.ru"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory with one open case of Petrova's."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    return lab


def reply(lab: Lab, to: Sent, text: str, **more: object) -> bytes:
    """An employee's reply to a letter of ours, whoever the employee is."""
    lab.arrived += 1
    given = {"sender": f"X <{to.to[0]}>", "subject": "Re: " + to.subject, "message_id": f"<r{lab.arrived}@cleanmet.ru>"}
    return raw(text, **{**given, "in_reply_to": to.id, "references": to.id, **more})  # type: ignore[arg-type]


def form(**headers: str) -> bytes:
    text = "Имя: Иван\nПрошу выставить счет на поверку 3 манометров"
    return raw(text, sender=LAB, subject="Заявка с сайта", message_id="<form@site.example>", headers=headers)


@pytest.mark.req("C15")
def test_the_answer_to_a_form_of_our_site_reaches_the_client_whom_it_names(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(form(**{"Reply-To": "ivan@client.example.org"}))
    assert lab.cases()[0].contact_address == "ivan@client.example.org"
    lab.arrive(reply(lab, lab.postman.sent[-1], ANSWER))
    lab.later(minutes=11)
    assert len(lab.to("ivan@client.example.org")) == 1
    assert lab.to(LAB) == []


@pytest.mark.parametrize("headers", [{}, {"Reply-To": LAB}, {"Reply-To": PETROVA}])
def test_a_form_that_names_no_client_is_answered_to_nobody(tmp_path: Path, headers: dict[str, str]) -> None:
    lab = Lab(tmp_path)
    lab.arrive(form(**headers))
    assert not lab.cases()[0].contact_address
    lab.arrive(reply(lab, lab.postman.sent[-1], ANSWER))
    lab.later(minutes=11)
    assert lab.to(LAB) == []
    assert "нет адреса клиента" in lab.postman.sent[-1].text


@pytest.mark.parametrize(
    ("sender", "wanted", "foreign"),
    [
        ("ivan@gmail.com", "evil@gmail.com", True),
        ("ivan@gmail.com", "Ivan@gmail.com", False),
        ("ivan@plant.example.ru", "sales@plant.example.ru", False),
        ("ivan@plant.example.ru", "ivan@gmail.com", True),
    ],
)
def test_a_reply_to_is_the_writers_own_only_within_his_own_domain(sender: str, wanted: str, foreign: bool) -> None:
    assert answer_address(letter(sender=sender, reply_to=wanted), config()).foreign is foreign


def test_a_strangers_reply_to_at_the_same_provider_never_gets_the_answer(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    ivan = "Иван <ivan@gmail.com>"
    lab.arrive(raw(COMPLAINT, sender=ivan, subject="Жалоба"))
    lab.arrive(raw("Пришлите копии.", sender=ivan, message_id="<2@x>", headers={"Reply-To": "evil@gmail.com"}))
    lab.arrive(reply(lab, lab.to(SMIRNOVA)[-1], ANSWER))
    lab.later(minutes=11)
    assert lab.to("evil@gmail.com") == []
    assert "12 000 руб." in lab.to("ivan@gmail.com")[-1].text


def test_a_letter_that_our_server_calls_forged_joins_no_complaint_by_its_from() -> None:
    complaint = case(register=Register.COMPLAINT, kind=Kind.COMPLAINT)
    given = facts(cases=(complaint,), open_complaint_id=1)
    stamp = "mx.cleanmet.ru; dmarc={} header.from=romashka.example.ru"
    forged, honest = (
        decide(letter(headers={"Authentication-Results": stamp.format(r)}), given, config(mailbox=BOX)).decision
        for r in ("fail", "pass")
    )
    assert isinstance(honest, FollowUp)
    assert isinstance(forged, NewCase)
    assert (forged.linked_case_id, "DMARC" in forged.remark) == (1, True)
