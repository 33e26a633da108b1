"""Senders that a program easily gets wrong: in Cyrillic letters, without an address, in somebody else's name."""

from __future__ import annotations

import unicodedata

import pytest

from mailcase.explain import Explained, explain
from mailcase.mail.disk import OnDisk
from mailcase.mail.letter import parse
from mailcase.rules.decision import Decided, NewCase
from tests.letters import MONDAY, config, raw

TO = b"To: lab@cleanmet.ru\r\nReturn-Path: <a@example.ru>\r\nContent-Type: text/plain; charset=utf-8\r\n"
WORDS = "Просим выставить счёт на поверку весов.".encode()


def decided(letter: bytes) -> Decided:
    answer = explain(OnDisk("letter.eml", letter, MONDAY), config())
    assert isinstance(answer, Explained)
    return answer.decided


def case(letter: bytes) -> NewCase:
    decision = decided(letter).decision
    assert isinstance(decision, NewCase)
    return decision


@pytest.mark.req("C65")
def test_an_address_in_cyrillic_opens_a_case_in_one_spelling() -> None:
    apart = unicodedata.normalize("NFD", "Андрей <андрей@пример.рф>")
    letter = f"From: {apart}\r\n".encode() + TO + b"\r\n" + WORDS
    assert parse(letter).sender.addr == "андрей@xn--e1afmkfd.xn--p1ai"
    assert unicodedata.is_normalized("NFC", parse(letter).sender.addr)
    assert case(letter).contact == ("андрей@xn--e1afmkfd.xn--p1ai", "Андрей")


@pytest.mark.req("C68")
@pytest.mark.parametrize("sender", ["=?utf-8?B?0JjQstCw0L0=?= :;", "Undisclosed: ;", "Иван:;"])
def test_a_sender_that_is_only_a_group_opens_a_case_that_a_person_answers(sender: str) -> None:
    opened = case(f"From: {sender}\r\n".encode() + TO + b"\r\n" + WORDS)
    assert opened.contact[0] == ""
    assert (opened.acknowledge, opened.assignee != "") == (False, True)
    assert "нет адреса" in opened.silence


@pytest.mark.req("C69")
@pytest.mark.parametrize("domain", ["cl\u0435anmet.ru", "c1eanmet.ru", "xn--clanmet-8gg.ru"])
def test_a_look_alike_of_our_domain_gets_no_answer_and_gives_no_orders(domain: str) -> None:
    found = decided(
        raw("!закрыть приборы выданы", sender=f"Петрова Наталья <petrova@{domain}>", subject="[KM-26-0412-7351]")
    )
    assert isinstance(found.decision, NewCase)
    assert not found.decision.acknowledge
    assert any("возможна подделка" in reason.why for reason in found.reasons)


@pytest.mark.req("C37")
def test_a_wish_for_a_receipt_is_told_to_the_employee_and_nothing_is_sent() -> None:
    asking = {"Disposition-Notification-To": "other@example.net"}
    opened, plain = case(raw(headers=asking)), case(raw())
    assert "подтвердить прочтение" in opened.remark
    assert "подтвердить прочтение" not in plain.remark
    assert (opened.acknowledge, opened.contact) == (plain.acknowledge, plain.contact)
