"""What somebody who writes in English reads: no name or position in letters that he cannot read (A38, users.md 4)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailcase.mail.latin import english_name, latin
from tests.lab import Lab, Sent
from tests.letters import employee, raw
from tests.test_flow import CLIENT, reply_to_notice

REQUEST = "Hello, please send us a quotation for calibration of 12 pressure gauges MP3-U by 10 December.\n\nJohn Smith"
PETROVA = employee("petrova", "Петрова Наталья Викторовна", "инженер по метрологии", "214", ("request",))
SMIRNOVA = employee("smirnova", "Смирнова Ольга Игоревна", "менеджер по качеству", "205")
ORLOV = employee("orlov", "Орлов Дмитрий Сергеевич", "директор", "201")


def laboratory(folder: Path, name: str = "", **card: str) -> Lab:
    return Lab(folder, lab={"name_en": name}, employee=[{**PETROVA, **card}, SMIRNOVA, ORLOV])


def letters(lab: Lab) -> tuple[Sent, Sent]:
    """The acknowledgement of an English letter, and an employee's answer to it."""
    lab.arrive(raw(REQUEST, subject="Quotation"))
    lab.arrive(reply_to_notice(lab, "Our quotation is attached: calibration of 12 gauges costs 24 000 RUB, 10 days."))
    lab.later(minutes=11)
    ack, answer = lab.to(CLIENT)
    return ack, answer


def lines(letter: Sent) -> str:
    return "\n".join(letter.text.splitlines())


@pytest.mark.req("A38")
def test_names_are_in_latin_letters_and_a_russian_position_is_left_out(tmp_path: Path) -> None:
    ack, answer = letters(laboratory(tmp_path))
    assert "Natalia Viktorovna Petrova, tel. +7 (495) 000-00-00, ext. 214, will answer you by" in ack.text
    assert "Natalia Viktorovna Petrova\ntel. +7 (495) 000-00-00, ext. 214" in lines(answer)
    for letter in (ack, answer):
        assert not re.search("[А-Яа-яЁё]", letter.text + letter.html)
        assert "OOO “KlinMet”" in str(letter.message["From"])


@pytest.mark.req("A38")
def test_the_card_and_the_laboratory_may_say_how_they_are_called_in_english(tmp_path: Path) -> None:
    lab = laboratory(tmp_path, "KlinMet LLC", name_en="Natalia Petrova", position_en="metrology engineer")
    ack, answer = letters(lab)
    assert "Natalia Petrova, metrology engineer, tel. +7 (495) 000-00-00, ext. 214" in ack.text
    assert "Natalia Petrova, metrology engineer\ntel." in lines(answer)
    for letter in (ack, answer):
        assert "KlinMet LLC" in str(letter.message["From"])
        assert not re.search("[А-Яа-яЁё]", letter.text + letter.html)


def test_who_writes_in_russian_reads_russian_names(tmp_path: Path) -> None:
    lab = laboratory(tmp_path, "KlinMet LLC", name_en="Natalia Petrova", position_en="metrology engineer")
    lab.arrive(raw("Добрый день! Просим КП на калибровку 12 манометров до 10 декабря.", subject="КП"))
    (ack,) = lab.to(CLIENT)
    assert "Петрова Наталья Викторовна, инженер по метрологии" in ack.text
    assert "KlinMet" not in str(ack.message["From"])


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Щукин Юрий Ильич", "Iurii Ilich Shchukin"),
        ("Подъячева-Жукова Ольга Юрьевна", "Olga Iurevna Podieiacheva-Zhukova"),
        ("Алиев Рустам", "Aliev Rustam"),
        ("Smith John", "Smith John"),
    ],
)
def test_a_name_is_written_as_in_a_passport(name: str, written: str) -> None:
    assert english_name(name) == written


def test_what_is_no_russian_letter_or_quotation_mark_stays() -> None:
    assert latin("ООО «Ёж-2», 5 шт.") == "OOO “Ezh-2”, 5 sht."
