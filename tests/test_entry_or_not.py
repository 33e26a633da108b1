"""What only looks like an entry of a call is none, and an entry tells the client nothing of what was noted (A46)."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from mailcase.rules import entry_fields
from tests.lab import Lab
from tests.letters import raw
from tests.test_entry import PASS, enter, lab_with
from tests.test_flow import CLIENT, FROM_PETROVA, PETROVA

COMPLAINT = "Добрый день! В протоколе № 145 ошибка, прошу исправить."
FORWARDED = f"""Посмотрите.

-------- Пересылаемое сообщение --------
От: Иванов Иван <ivanov@zavod.example.ru>
Дата: 20.11.2026 10:00
Тема: Новая жалоба
Кому: petrova@cleanmet.ru

{COMPLAINT}
"""


def write(lab: Lab, text: str, **more: Any) -> int:
    """Petrova's letter, proven to be hers."""
    return lab.arrive(raw(text, **{"sender": FROM_PETROVA, "headers": PASS, "message_id": "<p@cleanmet.ru>", **more}))


def test_an_answer_past_us_to_a_subject_that_begins_so_is_the_answer(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    lab.arrive(raw(COMPLAINT, subject="Новая жалоба на протокол 145"))
    where = {"to": CLIENT, "cc": "lab@cleanmet.ru", "in_reply_to": "<1@romashka.example.ru>"}
    write(lab, "Исправили, копия ушла на buh@romashka.example.ru.", subject="Re: Новая жалоба на протокол 145", **where)
    (case,) = lab.cases()
    assert (case.status, lab.to("buh@romashka.example.ru")) == ("answered", [])


def test_a_forwarded_clients_letter_keeps_its_client_whatever_its_subject(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    write(lab, FORWARDED, subject="Fwd: Новая жалоба")
    (case,) = lab.cases()
    assert (case.contact_address, case.subject) == ("ivanov@zavod.example.ru", "Новая жалоба")


def test_a_letter_of_ours_to_clients_is_no_entry(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    write(lab, "С 1 декабря принимаем до 17:00.", subject="Новое: часы приёма", to=CLIENT, cc="lab@cleanmet.ru")
    assert [case.channel for case in lab.cases()] in ([], ["email"])
    assert lab.to(CLIENT) == []


def test_a_colleagues_reply_to_an_entry_makes_no_second_one(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    enter(lab, "[новое] звонил Иванов", "Просит КП, ivanov@zavod.example.ru", cc=PETROVA)
    where = {"to": "smirnova@cleanmet.ru", "cc": "lab@cleanmet.ru", "in_reply_to": "<e1@cleanmet.ru>"}
    write(lab, "Ольга, это моё, беру.", subject="Re: [новое] звонил Иванов", **where)
    assert len(lab.cases()) == 1


@pytest.mark.req("A46")
def test_of_several_addresses_in_the_notes_none_is_written_to(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    text = "Его протокол ушёл на petrov@other.example.ru вместо ivanov@zavod.example.ru, просит разобраться."
    enter(lab, "новое: звонил Иванов, +7 916 000-00-16", text)
    assert lab.cases()[0].contact_address == ""
    assert {to for sent in lab.postman.sent for to in sent.to} <= {PETROVA, "smirnova@cleanmet.ru"}


@pytest.mark.req("A46")
def test_the_client_reads_a_topic_and_never_the_notes(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    enter(lab, "[новое] канал: телефон; от: Иванов, ivanov@zavod.example.ru", "Опять скандалит из-за весов.")
    (ack,) = lab.to("ivanov@zavod.example.ru")
    assert ack.subject.startswith("Вх. № 1 от 23.11.2026: Обращение по телефону [")
    assert "скандалит" not in f"{ack.subject}\n{ack.text}"


def test_an_entry_in_an_old_letters_thread_has_nothing_to_do_with_it(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    lab.arrive(raw())
    enter(lab, "[новое] звонил Сидоров, +7 916 000-00-17, весы", in_reply_to="<1@romashka.example.ru>")
    assert "третьего лица" not in lab.to(PETROVA)[-1].text


@pytest.mark.req("A46", "A61")
def test_a_change_that_came_by_phone_is_kept_with_its_order(tmp_path: Path) -> None:
    lab = lab_with(tmp_path)
    lab.arrive(raw("Просим КП на калибровку 12 манометров. Выезд нужен 3 декабря."))
    enter(lab, f"[новое] звонила Ковалёва, {CLIENT}; тема: перенос выезда", "Просит перенести выезд на 5-е по № 1.")
    assert lab.cases()[1].kind == "order_change"
    (change,) = json.loads(lab.cases()[0].changes)
    assert (change["case"], change["before"]) == (2, "Выезд нужен 3 декабря.")


@pytest.mark.req("A66")
def test_what_colleagues_say_of_somebody_is_not_answered_to_him(tmp_path: Path) -> None:
    """Only an order that was noted is a client's; a reply to the notice of anything else stays among us."""
    lab = lab_with(tmp_path)
    text = "Коллеги, поставщик snab@other.example.ru просит оплатить счёт за грузы, не отвечайте ему."
    write(lab, text, subject="Поставщик")
    assert lab.cases()[0].contact_address == PETROVA


def test_a_number_is_sought_quickly_in_any_text() -> None:
    begun = time.perf_counter()
    assert entry_fields.phone_in("(" * 100_000 + " " * 100_000) == ""
    assert time.perf_counter() - begun < 5
