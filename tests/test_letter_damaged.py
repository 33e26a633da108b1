"""Headers and texts that programs damaged are read as they were meant."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from mailcase.mail.letter import Address, attachment_bytes, parse
from tests.test_letter import TEXT, raw, word


@pytest.mark.req("C70")
def test_flowed_text_has_its_paragraphs_back_and_its_signature_cut() -> None:
    body = "Добрый день! Просим \r\nсообщить срок \r\nповерки.\r\n\r\n> цитата с \r\n> продолжением\r\n\r\n"
    body += "Спасибо.\r\n-- \r\nАнна\r\n"
    letter = parse(raw("Content-Type: text/plain; charset=utf-8; format=flowed", body=body))
    assert "Добрый день! Просим сообщить срок поверки." in letter.text
    assert "> цитата с продолжением" in letter.text
    assert letter.reply == "Добрый день! Просим сообщить срок поверки.\n\nСпасибо."
    assert letter.signature == "Анна"


@pytest.mark.req("C60")
@pytest.mark.parametrize(
    "header",
    [
        word(word("Заявка")),
        word("Заявка").removesuffix("?="),
        word("Заявка").removesuffix("="),
        word("Заявка").replace("utf-8", "utf-8*ru"),
    ],
    ids=["encoded twice", "cut off", "cut in its end", "with a language"],
)
def test_a_damaged_encoded_word_is_still_read(header: str) -> None:
    assert parse(raw(f"Subject: {header}")).subject == "Заявка"


@pytest.mark.req("C64")
@pytest.mark.parametrize(
    "parameters",
    [
        f'attachment; filename="{quote("Заявка №5.xlsx")}"',
        'attachment; filename="' + "".join(f"&#{ord(c)};" for c in "Заявка №5") + '.xlsx"',
        "attachment; filename='Заявка №5.xlsx'",
        f'attachment; filename="?????? ?5.xlsx"\r\nContent-Type: image/png; name="{word("Заявка №5.xlsx")}"',
    ],
    ids=["percent", "entities", "single quotes", "lost in one of two"],
)
def test_file_names_of_web_forms_and_old_servers_are_read(parameters: str) -> None:
    (file,) = parse(raw(f"Content-Disposition: {parameters}", body="x")).attachments
    assert file.name == "Заявка №5.xlsx"


@pytest.mark.parametrize("header", ["Анна <<a@example.ru>>", "Анна <a@example.ru"])
def test_brackets_too_many_or_too_few_are_no_part_of_a_name(header: str) -> None:
    assert parse(raw(f"From: {header}")).sender == Address("Анна", "a@example.ru")


@pytest.mark.req("C62")
@pytest.mark.parametrize("field", ["From", "Reply-To"])
@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Сомов, Егор <a@example.ru>", "Сомов, Егор"),
        ("ООО Лютик, отдел снабжения <a@example.ru>", "ООО Лютик, отдел снабжения"),
        ("Отдел; снабжение <a@example.ru>", "Отдел; снабжение"),
        ("Сомов, Егор, a@example.ru", "Сомов, Егор"),
        (f"{word('Сомов')}, {word('Егор')} <a@example.ru>", "Сомов, Егор"),
        (", <a@example.ru>", ""),
    ],
)
def test_a_comma_that_nobody_quoted_loses_no_sender(field: str, header: str, name: str) -> None:
    letter = parse(raw(f"{field}: {header}, b@example.ru"))
    found = letter.senders if field == "From" else letter.reply_to
    assert found == (Address(name, "a@example.ru"), Address("", "b@example.ru"))


def with_letter(*inner: bytes, kind: str = "Content-Type: message/rfc822") -> bytes:
    body = b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSee below.\r\n--b\r\n"
    body += kind.encode() + b"\r\n\r\n" + raw(*inner) + b"\r\n--b--\r\n"
    return raw("From: e@example.org", "Subject: Fwd", "Content-Type: multipart/mixed; boundary=b", body=body)


@pytest.mark.req("C61")
@pytest.mark.parametrize("charset", ["utf-8", "cp1251", "koi8-r"])
def test_raw_8_bit_headers_of_an_attached_letter_are_readable(charset: str) -> None:
    sender = "Егор Сомов, отдел снабжения <a@example.ru>".encode(charset)
    letter = parse(with_letter(b"From: " + sender, b"Subject: " + "Претензия по протоколу, срочно".encode(charset)))
    assert letter.forwarded is not None
    assert letter.forwarded.from_name == "Егор Сомов, отдел снабжения"
    assert letter.forwarded.from_addr == "a@example.ru"
    assert letter.forwarded.subject == "Претензия по протоколу, срочно"
    assert [file.name for file in letter.attachments] == ["Претензия по протоколу, срочно.eml"]


def coded(text: str) -> bytes:
    return base64.encodebytes(text.encode())


@pytest.mark.parametrize("text", [TEXT, TEXT + "!", TEXT + "!!", TEXT * 9, "Да, ждём.", "Да"])
@pytest.mark.parametrize("footer", ["-- \r\nThis message was scanned by our mail gateway and is clean.", "Проверено."])
def test_words_below_a_base64_body_spoil_it_no_more(text: str, footer: str) -> None:
    head = ("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64")
    for between in (b"\r\n", b""):
        letter = parse(raw(*head, body=coded(text) + between + footer.encode()))
        assert letter.text.startswith(text.strip())
        assert letter.text.endswith(footer.replace("\r\n", "\n"))


@pytest.mark.parametrize("lost", range(1, 8))
def test_a_base64_body_that_was_cut_short_keeps_what_decodes(lost: int) -> None:
    head = ("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64")
    body = base64.b64encode(TEXT.encode()).rstrip(b"=")[:-lost]
    assert parse(raw(*head, body=body)).text.startswith(TEXT[:60])


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (base64.encodebytes(bytes(range(256)))[:-6], bytes(range(254))),
        (base64.encodebytes(bytes(range(240))) + b"\r\n-- \r\nScanned by a gateway.\r\n", bytes(range(240))),
        (base64.encodebytes(bytes(range(240))).replace(b"\n", b"\r\n\r\n"), bytes(range(240))),
        (base64.encodebytes(bytes(range(250))).replace(b"\n", b"\r\n\r\n"), bytes(range(250))),
        (base64.encodebytes(bytes(range(228))).replace(b"\n", b" !\r\n"), bytes(range(228))),
        (base64.b64encode(b"a" * 46) + b"\r\n" + base64.b64encode(b"b" * 46), b"a" * 46 + b"b" * 46),
        (b"%PDF-1.4 as it is", b"%PDF-1.4 as it is"),
    ],
    ids=["cut", "footer", "blank lines", "blank lines, padded", "junk", "padded in pieces", "not encoded"],
)
def test_a_damaged_base64_file_keeps_the_bytes_that_decode(body: bytes, kept: bytes) -> None:
    head = ("Content-Type: application/pdf; name=a.pdf", "Content-Transfer-Encoding: base64")
    letter = raw(*head, body=body)
    assert attachment_bytes(letter, 0) == kept


def test_words_that_are_only_called_base64_are_taken_as_they_are() -> None:
    head = ("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64")
    assert parse(raw(*head, body="Hello\r\n\r\nPlease send us the invoice.")).text.startswith("Hello\n\nPlease")
    assert parse(raw(*head)).text.strip() == TEXT.strip()


OF_BYTES = "Content-Type: application/octet-stream; name=x.eml"
IN_BASE64 = "\r\nContent-Transfer-Encoding: base64\r\n"


def with_file(kind: str, *files: bytes) -> bytes:
    body = b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSee below.\r\n"
    body += b"".join(b"--b\r\n" + kind.encode() + b"\r\n" + base64.encodebytes(file) for file in files) + b"--b--\r\n"
    return raw("From: e@example.org", "Subject: Fwd", "Content-Type: multipart/mixed; boundary=b", body=body)


@pytest.mark.parametrize(
    "kind",
    [
        OF_BYTES,
        f'Content-Type: application/octet-stream; name="{word("Претензия.EML")}"',
        "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=x.eml",
        "Content-Type: message/rfc822",
    ],
    ids=["file", "Russian name", "text", "encoded letter"],
)
def test_a_letter_attached_as_a_file_is_forwarded(kind: str) -> None:
    inner = raw("From: Сомов, Егор <a@example.ru>", "Subject: Претензия", "Content-Type: text/plain; charset=utf-8")
    letter = parse(with_file(kind + IN_BASE64, inner))
    assert letter.forwarded is not None
    assert (letter.forwarded.from_name, letter.forwarded.from_addr) == ("Сомов, Егор", "a@example.ru")
    assert (letter.forwarded.subject, letter.forwarded.text.strip()) == ("Претензия", TEXT.strip())
    assert letter.text == "See below."
    assert len(letter.attachments) == 1


@pytest.mark.parametrize("files", [(b"\x00\x01 no letter",), (raw("From: a@example.ru"), raw("From: b@example.ru"))])
def test_other_files_and_several_letters_are_no_forward(files: tuple[bytes, ...]) -> None:
    assert parse(with_file(OF_BYTES + IN_BASE64, *files)).forwarded is None
