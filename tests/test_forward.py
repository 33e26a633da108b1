"""A forwarded letter tells whose it is; an answer that quotes in the same form does not."""

from __future__ import annotations

import pytest

from mailcase.mail.forward import bare_subject, find
from mailcase.mail.letter import parse

BODY = "Просим поверить весы.\nАнна"
FROM = "Анна Ковалёва <anna@example.ru>"


def forms() -> list[tuple[str, str]]:
    outlook = f"От: {FROM}\nОтправлено: 20 ноября 2026 г. 15:02\nКому: lab@example.org\nТема: Заявка\n\n{BODY}"
    gmail = (
        f"---------- Forwarded message ---------\nОт: {FROM}\nDate: пт, 20 нояб. 2026 г. в 15:02"
        f"\nSubject: Заявка\nTo: <l@e.org>"
    )
    apple = (
        f"Начало переадресованного сообщения:\n\nОт: {FROM}\nТема: Заявка\nДата: 20 ноября 2026"
        f" г., 15:02:01 GMT+3\nКому: l@e.org"
    )
    apple_quoted = "\n".join(f"> {line}" for line in f"{apple}\n\n{BODY}".split("\n"))
    bird = (
        f"-------- Перенаправленное сообщение --------\nТема: \tЗаявка\nДата: \tFri, 20 Nov 2026"
        f" 15:02:00 +0300\nОт: \t{FROM}\nКому: \tl@e.org"
    )
    mailru = (
        f"-------- Пересылаемое сообщение --------\nОт кого: {FROM}\nКому: l@e.org\nДата:"
        f" Пятница, 20 ноября 2026, 15:02 +03:00\nТема: Заявка"
    )
    yahoo = f"----- Forwarded Message ----- From: {FROM}To: l@e.org <l@e.org>Sent: November 20, 2026Subject: Заявка"
    return [
        (outlook, "FW: Заявка"),
        (f"Посмотрите, пожалуйста.\n\n{outlook}", "Пересл: Заявка"),
        (f"{gmail}\n\n{BODY}", ""),
        (f"{apple}\n\n{BODY}", "Fwd: Заявка"),
        (apple_quoted, ""),
        (f"{bird}\n\n\n{BODY}", ""),
        (f"{mailru}\n\n{BODY}", "Fwd: Заявка"),
        (f"{yahoo}\n {BODY}", ""),
        (f'20/11/2026, 15:02 пользователь "Анна Ковалёва" <anna@example.ru> написал:\n\n{BODY}', "FW: Заявка"),
    ]


@pytest.mark.parametrize(("text", "subject"), forms())
def test_the_original_is_found_in_every_common_form(text: str, subject: str) -> None:
    found = find(text, subject)
    assert found is not None
    assert (found.from_addr, found.from_name, found.subject) == ("anna@example.ru", "Анна Ковалёва", "Заявка")
    assert found.certain
    assert found.text.startswith("Просим поверить весы.")


@pytest.mark.parametrize("subject", ["Re: Заявка", "RE: Заявка", "Ответ: Заявка"])
def test_an_answer_is_no_forward_though_it_quotes_alike(subject: str) -> None:
    block = f"От: {FROM}\nОтправлено: 20 ноября 2026 г. 15:02\nКому: l@e.org\nТема: Заявка\n\n{BODY}"
    assert find(f"Спасибо.\n\n{block}", subject) is None
    assert find(f"Спасибо.\n\n-----Исходное сообщение-----\n{block}", subject) is None
    assert find(f"Спасибо.\n\nпт, 20 нояб. 2026 г. в 15:02, {FROM}:\n> {BODY}", subject) is None


def test_a_quotation_under_a_new_subject_is_not_certain() -> None:
    found = find(f"От: {FROM}\nОтправлено: 20 ноября 2026 г. 15:02\nКому: l@e.org\nТема: Заявка\n\n{BODY}", "Весы")
    assert found is not None
    assert not found.certain


def test_an_ordinary_letter_forwards_nothing() -> None:
    assert find(BODY, "Заявка") is None
    assert find(f"Заявка\nОт: ООО «Ромашка»\nДата: 12.03.2024\nТема: поверка\n{BODY}", "Заявка") is None
    assert find("", "Fwd:") is None


def test_a_forward_that_hides_the_address_is_not_certain() -> None:
    found = find(
        f"---------- Forwarded message ---------\nОт: Анна\nDate: 20.11.2026\nSubject: Заявка\n\n{BODY}", "Fwd: Заявка"
    )
    assert found is not None
    assert (found.from_addr, found.from_name, found.certain) == ("", "Анна", False)


def test_a_single_attached_letter_is_the_original() -> None:
    inner = "From: =?utf-8?B?0JDQvdC90LA=?= <anna@example.ru>\nSubject: Zayavka\n\nhello\n"
    part = f"--b\nContent-Type: message/rfc822\nContent-Disposition: attachment\n\n{inner}\n"
    head = "From: b@example.ru\nContent-Type: multipart/mixed; boundary=b\n\n"
    found = parse((head + part + "--b--\n").encode())
    assert found.forwarded is not None
    assert (found.forwarded.from_addr, found.forwarded.from_name) == ("anna@example.ru", "Анна")
    assert found.attachments[0].safe_name == "Zayavka.eml"
    assert parse((head + part * 2 + "--b--\n").encode()).forwarded is None


@pytest.mark.parametrize("subject", ["Fwd: Re: FW: Заявка", "[lab] Пересл: Заявка", "RE[2]: Заявка", "Заявка"])
def test_prefixes_are_taken_off_the_subject(subject: str) -> None:
    assert bare_subject(subject) == "Заявка"
