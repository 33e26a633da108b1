"""A letter is read by whatever is in it: nothing raises, nothing is lost, nothing is invented."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from hashlib import md5
from urllib.parse import quote

import pytest

from mailcase.mail.filename import safe_name
from mailcase.mail.letter import Address, attachment_bytes, header_ids, parse

TEXT = "Добрый день!\n\nПросим выставить счёт на поверку двенадцати манометров МП3-У до 10 декабря.\n"


def word(text: str, charset: str = "utf-8") -> str:
    return f"=?{charset}?B?{base64.b64encode(text.encode(charset)).decode()}?="


def raw(*headers: str | bytes, body: str | bytes = TEXT) -> bytes:
    lines = [h if isinstance(h, bytes) else h.encode() for h in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + (body if isinstance(body, bytes) else body.encode())


MIXED = raw(
    "From: a@example.ru",
    "MIME-Version: 1.0",
    "Content-Type: multipart/mixed; boundary=outer",
    body=(
        "--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n"
        "--inner\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nСчёт во вложении.\r\n"
        "--inner\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Счёт во <b>вложении</b>.</p>\r\n--inner--\r\n"
        '--outer\r\nContent-Type: application/pdf; name="=?utf-8?B?0KHRh9GR0YIucGRm?="\r\n'
        "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\nJVBERi0xLjQ=\r\n--outer--\r\n"
    ),
)


def test_an_ordinary_letter_is_read_whole() -> None:
    letter = parse(
        raw(
            f"From: {word('Анна Ковалёва')} <anna@Romashka.Example.RU>",
            "To: lab@example.org, Second <two@example.org>",
            "Cc: three@example.org",
            "Reply-To: office@example.ru",
            f"Subject: {word('Заявка на поверку')}",
            "Date: Mon, 11 Mar 2024 15:02:00 +0300",
            "Message-ID: <1@romashka.example.ru>",
            "Content-Type: text/plain; charset=utf-8",
        )
    )
    assert letter.sender == Address("Анна Ковалёва", "anna@romashka.example.ru")
    assert letter.recipients == ("lab@example.org", "two@example.org", "three@example.org")
    assert letter.reply_to == (Address("", "office@example.ru"),)
    assert letter.subject == "Заявка на поверку"
    assert letter.date == datetime(2024, 3, 11, 12, 2, tzinfo=UTC)
    assert letter.message_id == "<1@romashka.example.ru>"
    assert letter.text.strip() == TEXT.strip()
    assert letter.reply == TEXT.strip()
    assert (letter.lang, letter.confidence, letter.defects) == ("ru", 1.0, ())
    assert letter.bounce is None
    assert letter.forwarded is None


def test_words_and_files_are_told_apart_and_a_file_is_found_again() -> None:
    letter = parse(MIXED)
    assert letter.text == "Счёт во вложении."
    assert "<b>вложении</b>" in letter.html
    (file,) = letter.attachments
    assert (file.name, file.type, file.size) == ("Счёт.pdf", "application/pdf", 8)
    data = attachment_bytes(MIXED, file.index)
    assert data == b"%PDF-1.4"
    assert md5(data, usedforsecurity=False).hexdigest() == file.md5
    assert attachment_bytes(MIXED, 99) == b""


def test_an_html_letter_reads_like_a_typed_one() -> None:
    page = (
        "<html><head><style>p{color:red}</style></head><body><p>Просим поверить:</p><table><tr><td><p>Манометр</p></td>"
        "<td>12 шт.</td></tr><tr><td>Весы</td><td>1 шт.</td></tr></table><ul><li>срочно</li><li>с выездом</li></ul>"
        '<a href="https://example.ru/zayavka">заявка</a><div style="display:none">скрыто</div><script>x()</script>'
    )
    text = parse(raw("From: a@example.ru", "Content-Type: text/html; charset=utf-8", body=page)).text
    assert "Манометр | 12 шт.\nВесы | 1 шт." in text
    assert "- срочно\n- с выездом" in text
    assert "заявка <https://example.ru/zayavka>" in text
    assert not {"скрыто", "x()", "color"} & set(text.split())


def test_a_stub_gives_way_to_the_html_it_points_to() -> None:
    page = "<p>" + "Просим выставить счёт на поверку приборов по списку. " * 12 + "</p>"
    body = (
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nВаша программа не показывает HTML.\r\n"
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page}\r\n--b--\r\n"
    )
    letter = parse(raw("From: a@example.ru", "Content-Type: multipart/alternative; boundary=b", body=body))
    assert letter.text.startswith("Просим выставить счёт")


@pytest.mark.req("C60")
@pytest.mark.parametrize("charset", ["koi8-r", "windows-1251", "iso-8859-5", "utf-8", "cp866", "x-cp1251", "koi8r"])
def test_encoded_words_are_read_in_every_russian_alphabet(charset: str) -> None:
    known = {"x-cp1251": "cp1251", "koi8r": "koi8-r"}.get(charset, charset)
    data = base64.b64encode("Протокол поверки".encode(known)).decode()
    assert parse(raw(f"Subject: =?{charset}?b?{data}?=")).subject == "Протокол поверки"


@pytest.mark.req("C60")
def test_a_letter_cut_between_two_encoded_words_is_whole_again() -> None:
    data = "Жалоба на протокол".encode()
    for cut in range(1, len(data)):
        halves = (base64.b64encode(h).decode() for h in (data[:cut], data[cut:]))
        subject = "\r\n ".join(f"=?UTF-8?B?{h}?=" for h in halves)
        assert parse(raw(f"Subject: {subject}")).subject == "Жалоба на протокол"


@pytest.mark.req("C61")
@pytest.mark.parametrize("charset", ["cp1251", "koi8-r", "utf-8"])
def test_raw_8_bit_headers_without_a_declaration_are_readable(charset: str) -> None:
    letter = parse(
        raw(
            b"From: " + "Ёлкина Щукина".encode(charset) + b" <a@example.ru>",
            b"Subject: " + "Заявка на поверку, срочно".encode(charset),
            body=TEXT.encode(charset),
        )
    )
    assert letter.subject == "Заявка на поверку, срочно"
    assert letter.sender == Address("Ёлкина Щукина", "a@example.ru")
    assert "двенадцати манометров" in letter.text
    assert letter.confidence < 1


@pytest.mark.req("C62")
def test_an_encoded_comma_does_not_make_two_people() -> None:
    letter = parse(raw(f"From: {word('«Иванов, И.»')} <a@example.ru>", 'To: "Петров, П." <b@example.ru>, c@example.ru'))
    assert letter.senders == (Address("«Иванов, И.»", "a@example.ru"),)
    assert letter.to == (Address("Петров, П.", "b@example.ru"), Address("", "c@example.ru"))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("undisclosed-recipients:;", ()),
        ("Отдел: a@example.ru, b@example.ru;", ("a@example.ru", "b@example.ru")),
        ("a@example.ru (Иванов (отдел))", ("a@example.ru",)),
        ("<@relay.example.org:a@example.ru>", ("a@example.ru",)),
        ("mailto:a@example.ru", ("a@example.ru",)),
        ('"a, b" <a@example.ru>;Б <b@example.ru>', ("a@example.ru", "b@example.ru")),
        (word("Форма <a@example.ru>"), ("a@example.ru",)),
        ('"незакрытая <a@example.ru>', ("a@example.ru",)),
    ],
)
def test_address_lists_as_people_write_them(header: str, expected: tuple[str, ...]) -> None:
    assert parse(raw(f"To: {header}")).recipients == expected


@pytest.mark.req("C66")
def test_both_spellings_of_a_russian_domain_are_one_address() -> None:
    spelled = parse(raw("From: Иван <ivan@Пример.РФ>")).sender.addr
    assert spelled == parse(raw("From: ivan@xn--e1afmkfd.xn--p1ai")).sender.addr == "ivan@xn--e1afmkfd.xn--p1ai"


@pytest.mark.req("C64")
def test_a_file_name_is_the_same_in_both_forms() -> None:
    name = "Протокол №12/3.pdf"
    rfc2231 = f"Content-Disposition: attachment; filename*=utf-8''{quote(name)}"
    pieces = quote(name)
    parted = (
        f"Content-Disposition: attachment; filename*0*=utf-8''{pieces[:25]};\r\n filename*1*={pieces[25:60]};"
        f"\r\n filename*2*={pieces[60:]}"
    )
    quoted = f'Content-Disposition: attachment; filename="{word(name)}"'
    only_type = f'Content-Type: application/pdf; name="{word(name)}"'
    for header in (rfc2231, parted, quoted, only_type):
        (file,) = parse(
            raw("Content-Type: application/pdf" if header != only_type else "X: y", header, body="%PDF")
        ).attachments
        assert (file.name, file.safe_name) == (name, "Протокол №12_3.pdf")


@pytest.mark.req("C64")
@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Temp\\Заявка.docx", "Заявка.docx"),
        ("..", "attachment-3.pdf"),
        ("", "attachment-3.pdf"),
        ("счёт\u202efdp.exe", "счётfdp.exe"),
        ("CON.txt", "_CON.txt"),
        ("a" * 300 + ".xlsx", "a" * 95 + ".xlsx"),
    ],
)
def test_a_stored_name_fools_no_disk_and_no_reader(name: str, safe: str) -> None:
    assert safe_name(name, "application/pdf", 3) == safe


@pytest.mark.req("C42")
def test_ids_are_found_in_whatever_stands_around_them() -> None:
    head = raw(
        "Message-ID: <own@example.ru>",
        "In-Reply-To: Ваше письмо от вторника (comment) <b@x.ru>",
        "References: <a@x.ru><b@x.ru> junk\r\n <c\r\n d@x.ru>\r\n\t<e@x.ru> " + "<f@x.ru>" * 200,
    )
    assert header_ids(head) == ("<own@example.ru>", ("<b@x.ru>", "<a@x.ru>", "<cd@x.ru>", "<e@x.ru>", "<f@x.ru>"))
    assert header_ids(raw("Message-Id: bare@x.ru", "References: one@x.ru two@x.ru")) == (
        "<bare@x.ru>",
        ("<one@x.ru>", "<two@x.ru>"),
    )
    assert header_ids(b"") == header_ids(b"no header\n\n<x@y>") == ("", ())


def test_ids_of_the_header_and_of_the_letter_are_the_same() -> None:
    head = raw("Message-ID: <1@x.ru>", "References: <a@x.ru>\r\n <b@x.ru>", "In-Reply-To: <b@x.ru>")
    letter = parse(head)
    own, ids = header_ids(head)
    assert own == letter.message_id
    assert set(ids) == {*letter.references, *letter.in_reply_to}


@pytest.mark.req("C2", "C3")
@pytest.mark.parametrize(
    ("header", "path"),
    [
        ("X-Other: y", None),
        ("Return-Path: <>", ""),
        ("Return-Path: < >", ""),
        ("Return-Path: <Bounce@Example.ORG>", "Bounce@example.org"),
        ("Return-path: bounce@example.org", "bounce@example.org"),
    ],
)
def test_a_missing_return_path_is_not_a_null_one(header: str, path: str | None) -> None:
    assert parse(raw(header, "From: a@example.ru")).return_path == path


def test_every_address_of_delivery_is_known() -> None:
    letter = parse(
        raw("Delivered-To: lab@example.org", "X-Original-To: <info@example.org>", "Envelope-To: lab@example.org")
    )
    assert letter.delivered_to == ("lab@example.org", "info@example.org")


@pytest.mark.req("C74")
@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("Mon, 01 Jan 2035 00:00:00 +0300", 2034),
        ("Tue, 99 Foo 99999 99:99:99 +9999", None),
        ("", None),
        ("Thu, 01 Jan 1970 00:00:00", 1970),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
    ],
)
def test_an_absurd_date_is_only_a_claim(date: str, year: int | None) -> None:
    letter = parse(raw("From: a@example.ru", f"Date: {date}"))
    assert (letter.date.year if letter.date else None) == year
    assert letter.text


def test_the_same_letter_by_two_routes_has_one_fingerprint() -> None:
    top = ["From: a@example.ru", "Message-ID: <1@example.ru>", "Date: Mon, 11 Mar 2024 15:02:00 +0300"]
    kind = "Content-Type: text/plain; charset=utf-8"
    direct = raw("Received: from a by b", "Return-Path: <a@example.ru>", *top, kind)
    backup = raw(
        "Received: from c by d",
        "Delivered-To: x@example.ru",
        "X-Spam: no",
        *top,
        kind,
        body=TEXT.replace("\n", "  \r\n"),
    )
    coded = raw(*top, kind, "Content-Transfer-Encoding: base64", body=base64.b64encode(TEXT.encode()))
    assert parse(direct).fingerprint == parse(backup).fingerprint == parse(coded).fingerprint
    assert parse(direct).sha256 != parse(backup).sha256
    other = raw(*top, kind, body=TEXT + "И ещё одно.")
    assert parse(other).fingerprint != parse(direct).fingerprint


def test_a_changed_attachment_is_another_letter() -> None:
    assert parse(MIXED).fingerprint != parse(MIXED.replace(b"JVBERi0xLjQ=", b"JVBERi0xLjU=")).fingerprint
