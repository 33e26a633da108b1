"""What other programs pack into one part stands in the letter like any other file or text; no byte changes."""

from __future__ import annotations

import base64
import binascii
import struct
import time

import pytest

from mailcase.mail.letter import Letter, attachment_bytes, parse

HEAD = b"From: a@example.ru\nTo: lab@example.org\nSubject: Zayavka\nMIME-Version: 1.0\n"
PHOTO = bytes(range(256)) * 5


def part(kind: str, data: bytes, name: str = "") -> bytes:
    named = f'Content-Disposition: attachment; filename="{name}"\n' if name else ""
    return f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n{named}\n".encode() + base64.encodebytes(data)


def mixed(*parts: bytes) -> bytes:
    body = b"".join(b"--B\n" + each for each in parts) + b"--B--\n"
    return HEAD + b"Content-Type: multipart/mixed; boundary=B\n\n" + body


def files(raw: bytes) -> dict[str, bytes]:
    return {file.name: attachment_bytes(raw, file.index) for file in parse(raw).attachments}


# winmail.dat


def attribute(name: int, value: bytes) -> bytes:
    return struct.pack("<BII", 2, name, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def prop(number: int, kind: int, value: bytes) -> bytes:
    return struct.pack("<HHII", kind, number, 1, len(value)) + value + b"\0" * (-len(value) % 4)


def properties(*each: bytes) -> bytes:
    return struct.pack("<I", len(each)) + b"".join(each)


def tnef(*attributes: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


def wide(text: str) -> bytes:
    return (text + "\0").encode("utf-16-le")


NEW_FILE = attribute(0x00069002, b"\0" * 14)
LONG_NAME = prop(0x3707, 31, wide("Заявка на поверку весов.xlsx"))
NAMED_PROPERTY = (
    struct.pack("<HH", 3, 0x8005)
    + b"g" * 16
    + struct.pack("<II", 1, 6)
    + "имя".encode("utf-16-le")
    + b"\0\0"
    + b"\1\0\0\0"
)
WINMAIL = tnef(
    attribute(0x00069007, struct.pack("<II", 1251, 0)),
    NEW_FILE,
    attribute(0x00018010, "ЗАЯВКА~1.XLS\0".encode("cp1251")),
    attribute(0x0006800F, PHOTO),
    attribute(0x00069005, properties(struct.pack("<HHI", 3, 0x0E20, 7), NAMED_PROPERTY, LONG_NAME)),
    NEW_FILE,
    attribute(0x00018010, "Схема.png\0".encode("cp1251")),
    attribute(0x0006800F, b"\x89PNG"),
)


def test_the_files_of_a_winmail_dat_are_listed_with_their_own_names_and_bytes() -> None:
    raw = mixed(b"Content-Type: text/plain\n\nSm. vlozhenie\n", part("application/ms-tnef", WINMAIL, "winmail.dat"))
    assert files(raw) == {"winmail.dat": WINMAIL, "Заявка на поверку весов.xlsx": PHOTO, "Схема.png": b"\x89PNG"}
    assert parse(raw).text.strip() == "Sm. vlozhenie"


def test_a_winmail_dat_of_an_unknown_type_is_known_by_its_name() -> None:
    raw = mixed(b"Content-Type: text/plain\n\nx\n", part("application/octet-stream", WINMAIL, "winmail.dat"))
    assert "Схема.png" in files(raw)


def test_words_that_stand_only_in_a_winmail_dat_are_the_letters() -> None:
    packed = tnef(attribute(0x00069003, properties(prop(0x1000, 31, wide("Просим поверить весы."))))) + WINMAIL[6:]
    whole = HEAD + part("application/ms-tnef", packed)
    letter = parse(whole)
    assert letter.text == "Просим поверить весы."
    assert letter.subject == "Zayavka"
    assert files(whole)["Схема.png"] == b"\x89PNG"


def test_a_letter_inside_a_winmail_dat_is_a_file_with_its_subject() -> None:
    inner = tnef(
        attribute(0x00069003, properties(prop(0x0037, 31, wide("Исходная заявка")), prop(0x1000, 31, wide("Текст"))))
    )
    outer = tnef(NEW_FILE, attribute(0x00069005, properties(prop(0x3701, 13, b"i" * 16 + inner))))
    raw = mixed(b"Content-Type: text/plain\n\nx\n", part("application/ms-tnef", outer, "winmail.dat"))
    (file,) = [file for file in parse(raw).attachments if file.type == "message/rfc822"]
    assert file.name == "Исходная заявка.eml"
    assert "Текст".encode() in attachment_bytes(raw, file.index)


@pytest.mark.parametrize("at", range(0, len(WINMAIL), 61))
def test_a_damaged_winmail_dat_costs_only_itself(at: int) -> None:
    for data in (WINMAIL[:at], WINMAIL[:at] + b"\xff" * 8 + WINMAIL[at + 8 :]):
        raw = mixed(b"Content-Type: text/plain\n\nwords\n", part("application/ms-tnef", data, "winmail.dat"))
        assert parse(raw).text.strip() == "words"
        assert files(raw)["winmail.dat"] == data


# uuencode


def uu(name: bytes, data: bytes) -> bytes:
    lines = b"".join(binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
    return b"begin 644 " + name + b"\n" + lines + b"`\nend\n"


def test_uuencoded_files_leave_the_words_and_become_attachments() -> None:
    words = "Добрый день, файлы ниже.\n".encode("koi8-r")
    top = HEAD + b"Content-Type: text/plain; charset=koi8-r\nContent-Transfer-Encoding: 8bit\n\n"
    raw = (
        top
        + words
        + b"\n"
        + uu("Схема.bin".encode("koi8-r"), PHOTO)
        + b"\n"
        + uu(b"b.txt", b"b")
        + "Всё.\n".encode("koi8-r")
    )
    assert parse(raw).text.split() == ["Добрый", "день,", "файлы", "ниже.", "Всё."]
    assert files(raw) == {"Схема.bin": PHOTO, "b.txt": b"b"}


@pytest.mark.parametrize(
    "words",
    ["begin 644 words\nthis is prose\nend\n", "begin 644 never ended\nM\n", "Let us\nbegin 10 minutes earlier\nend\n"],
)
def test_prose_is_no_file(words: str) -> None:
    letter = parse(HEAD + b"\n" + words.encode())
    assert letter.text.strip() == words.strip()
    assert not letter.attachments


def test_a_text_full_of_beginnings_is_read_in_bounded_time() -> None:
    start = time.process_time()
    for lines in (b"begin 644 a\n" * 160_000, b"begin 644 a\n!!\n" * 120_000):
        parse(HEAD + b"\n" + lines + b"end\n")
    assert time.process_time() - start < 2


# Invitations

INVITATION = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:{method}\r\nBEGIN:VTIMEZONE\r\nTZID:Moscow\r\nBEGIN:STANDARD\r\n"
    "DTSTART:16010101T000000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1@example.ru\r\n"
    "SUMMARY:Приёмка термокамеры\\, цех \r\n №2\r\nDTSTART;TZID=Moscow:20261126T100000\r\n"
    "DTEND;TZID=Moscow:20261126T113000\r\nLOCATION:Москва\\; склад\r\n"
    'ORGANIZER;CN="Белов: И.":mailto:belov@example.ru\r\nBEGIN:VALARM\r\nSUMMARY:Alarm\r\nEND:VALARM\r\nEND:VEVENT\r\n'
    "END:VCALENDAR\r\n"
)


def invited(method: str = "REQUEST", words: bytes = b"") -> Letter:
    calendar = INVITATION.replace("{method}", method).encode()
    return parse(
        mixed(
            b"Content-Type: text/plain\n\n" + words + b"\n",
            part(f"text/calendar; charset=utf-8; method={method}", calendar),
        )
    )


@pytest.mark.req("C39")
def test_an_invitation_says_what_when_where_and_by_whom() -> None:
    letter = invited(words=b"Zhdem vas.")
    assert letter.text == (
        "Zhdem vas.\n\nПриглашение: Приёмка термокамеры, цех №2\nКогда: 26.11.2026 10:00 – 11:30 (Moscow)\n"
        "Где: Москва; склад\nОрганизатор: belov@example.ru"
    )
    assert [file.type for file in letter.attachments] == ["text/calendar"]


def test_a_cancelled_meeting_says_so() -> None:
    assert invited("CANCEL").text.startswith("Отмена встречи: Приёмка термокамеры")


@pytest.mark.parametrize("damaged", ["", "BEGIN:VEVENT", "BEGIN:VEVENT\nSUMMARY", "x" * 1000, "BEGIN:VEVENT\n" * 9999])
def test_a_damaged_invitation_is_only_a_file(damaged: str) -> None:
    letter = parse(mixed(b"Content-Type: text/plain\n\nwords\n", part("text/calendar", damaged.encode())))
    assert letter.text.strip() == "words"
