"""The short letter in place of one too large reads like a letter, whatever the server says of its parts."""

from __future__ import annotations

import email
from email.header import decode_header, make_header
from typing import Any

import pytest

from mailcase.mail.letter import parse
from mailcase.mail.outline import short_letter

HEADER = (
    b"From: a@example.org\r\nSubject: =?utf-8?B?0J/RgNC+0YLQvtC60L7Quw==?=\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed;\r\n boundary=x\r\nX-Long: one\r\n\ttwo\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
)
TEXT = (b"text", b"plain", (b"charset", b"utf-8"), None, None, b"7bit", 1200, 30, None, None, None)


def part(size: int, type_name: Any = None, disposition: Any = None, encoding: bytes = b"base64") -> tuple[Any, ...]:
    return (b"application", b"pdf", type_name, None, None, encoding, size, None, disposition, None)


def lines(structure: Any) -> list[str]:
    letter = parse(short_letter(HEADER, 61_234_567, structure))
    return letter.text.splitlines()


def test_the_fields_stay_and_those_of_the_body_are_replaced():
    message = email.message_from_bytes(short_letter(HEADER, 61_234_567, None))
    assert str(make_header(decode_header(message["Subject"]))) == "Протокол"
    assert message["X-Long"] == "one\r\n\ttwo"
    assert message.get_all("Content-Type") == ["text/plain; charset=utf-8"]
    assert message.get_all("MIME-Version") == ["1.0"]
    assert not message.defects


def test_parts_are_numbered_as_they_nest():
    inner = ([TEXT, part(78_000)], b"alternative", None, None, None)
    listed = lines(([inner, part(78_000_000, (b"name", b"a.pdf"))], b"mixed", (b"boundary", b"x"), None, None))
    assert listed[0].startswith("Письмо слишком велико (61,2 МБ) и целиком не загружено.")
    assert listed[2:] == [
        "Состав письма:",
        "1.1. text/plain, 1,2 КБ",
        "1.2. application/pdf, 57 КБ",
        "2. a.pdf, application/pdf, 57 МБ",
    ]


@pytest.mark.parametrize(
    ("type_name", "disposition"),
    [
        pytest.param((b"name", b"=?windows-1251?B?0uXx8i5wZGY=?="), None, id="RFC 2047 in the type"),
        pytest.param(None, (b"attachment", (b"filename*", b"utf-8''%D0%A2%D0%B5%D1%81%D1%82.pdf")), id="RFC 2231"),
        pytest.param(None, (b"inline", (b"filename", "Тест.pdf".encode())), id="raw UTF-8"),
        pytest.param(None, (b"attachment", (b"filename", "Тест.pdf".encode("cp1251"))), id="raw windows-1251"),
    ],
)
def test_russian_names_are_read_in_every_way_they_are_written(type_name, disposition):
    assert lines(part(10, type_name, disposition, b"7bit"))[-1] == "1. Тест.pdf, application/pdf, 10 Б"


@pytest.mark.parametrize("broken", [None, (), (b"text",), (b"text", b"plain", None, None, None, b"7bit", b"many"), 7])
def test_a_structure_that_makes_no_sense_costs_the_list_alone(broken):
    assert lines(broken)[-1] == "Из каких частей оно состоит, почтовый сервер не сообщил."


def test_a_bomb_of_parts_gives_a_list_of_bounded_length():
    many = lines(([TEXT] * 5000, b"mixed", None, None, None))
    assert many[-1] == "… и ещё: 4800"
    deep: Any = TEXT
    for _ in range(500):
        deep = ([deep], b"mixed", None, None, None)
    assert len(lines(deep)) < 10
