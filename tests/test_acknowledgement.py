"""What a client reads in his acknowledgement, by the kind of his letter, through the real stations."""

from __future__ import annotations

import email
from email.policy import SMTP
from pathlib import Path

import pytest

from tests.lab import Lab, Sent
from tests.letters import raw
from tests.test_flow import CLIENT, PETROVA

SMIRNOVA = "smirnova@cleanmet.ru"
COMPLAINT = (
    "Добрый день! В протоколе № 145-К/26 снова ошибка: диапазон указан неверно. Это недопустимо, просим исправить."
)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def acknowledged(lab: Lab, text: str, subject: str, **more: object) -> Sent:
    lab.arrive(raw(text, subject=subject, **more))
    (ack,) = lab.to(CLIENT)
    return ack


def promised(ack: Sent) -> bool:
    return "не позднее" in ack.text


@pytest.mark.req("A7")
def test_an_order_is_told_its_number_files_who_answers_and_by_when(lab: Lab) -> None:
    text = "Добрый день! Просим направить КП на калибровку 12 манометров до 10 декабря."
    ack = acknowledged(lab, text, "Запрос КП", attachments=[("Заявка.pdf", b"%PDF-1.4")])
    (case,) = lab.cases()
    assert (case.kind, case.assignee) == ("request", "petrova")
    assert "вх. № 1 от 23.11.2026. Вложения: Заявка.pdf." in ack.text
    assert "Ответит Петрова Наталья Викторовна, инженер по метрологии, тел. +7 (495) 000-00-00, доб. 214" in ack.text
    assert "не позднее четверга, 26 ноября" in ack.text
    assert "подтвердить" not in ack.text


@pytest.mark.req("A8")
def test_praise_is_thanked_for_and_promised_nothing(lab: Lab) -> None:
    ack = acknowledged(lab, "Спасибо за оперативную работу, всё сделали быстро и вежливо.", "Отзыв")
    assert lab.cases()[0].kind == "feedback"
    assert "Благодарим за отзыв." in ack.text
    assert "Его прочитает" in ack.text
    assert not promised(ack)


def test_irony_is_not_thanked_for(lab: Lab) -> None:
    text = "Спасибо за оперативность: третий раз присылаете протокол с ошибкой. Отличная работа, ничего не скажешь."
    assert "Благодарим" not in acknowledged(lab, text, "Спасибо за оперативность").text


def test_papers_are_received_without_a_date(lab: Lab) -> None:
    text = "Добрый день! Направляем подписанный акт сверки за третий квартал."
    ack = acknowledged(lab, text, "Акт сверки", attachments=[("Акт.pdf", b"%PDF-1.4")])
    assert lab.cases()[0].kind == "correspondence"
    assert "получено и зарегистрировано" in ack.text
    assert "Вложения: Акт.pdf." in ack.text
    assert "доб." in ack.text
    assert not promised(ack)


@pytest.mark.req("A10")
def test_a_complaint_is_decided_by_somebody_uninvolved_and_called_as_its_writer_called_it(lab: Lab) -> None:
    ack = acknowledged(lab, COMPLAINT, "Протокол № 145-К/26")
    assert lab.cases()[0].register == "complaint"
    assert "Ваше обращение зарегистрировано" in ack.text
    assert "жалоб" not in ack.text.lower()
    assert "Решение утвердит сотрудник, который не участвовал в этих работах." in ack.text
    assert "Смирнова Ольга Игоревна, менеджер по качеству, тел. +7 (495) 000-00-00, доб. 205" in ack.text


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("Жалоба", "Ваша жалоба зарегистрирована"),
        ("Претензия № 7", "Ваша претензия зарегистрирована"),
        ("Рекламация по протоколу", "Ваша претензия зарегистрирована"),
        ("Это не жалоба, но", "Ваше обращение зарегистрировано"),
    ],
)
def test_the_word_is_the_clients_own(lab: Lab, subject: str, words: str) -> None:
    assert words in acknowledged(lab, COMPLAINT, subject).text


@pytest.mark.req("A20")
@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Запрос КП", "Добрый день! Просим направить коммерческое предложение на поверку средств измерений."),
        ("Заявка", "Здравствуйте! ООО «Ромашка» просит выставить КП на ваши услуги.\n\nС уважением,\nАнна"),
        ("", "Нужна калибровка приборов, сколько стоит и какие сроки?"),
    ],
)
def test_an_order_that_says_nothing_is_asked_once_for_everything(lab: Lab, subject: str, text: str) -> None:
    """One list of all that is missing, and the employee knows that it was asked for."""
    ack = acknowledged(lab, text, subject)
    for asked in ("подтвердить требования", "наименование и тип", "сколько", "по какой методике", "к какому сроку"):
        assert asked in ack.text
    assert promised(ack)
    assert "клиента просят их назвать" in lab.to(PETROVA)[0].text


@pytest.mark.parametrize(
    ("subject", "text", "files"),
    [
        ("Запрос КП", "Просим направить КП на поверку шумомера.", []),
        ("Калибровка манометров", "Просим выставить коммерческое предложение.", []),
        ("Запрос КП", "Просим направить КП на калибровку 5 приборов.", []),
        ("Запрос КП", "Просим направить КП, список приборов приложен.", [("Список.xlsx", b"PK")]),
    ],
)
def test_who_said_one_thing_or_attached_it_is_not_asked(
    lab: Lab, subject: str, text: str, files: list[tuple[str, bytes]]
) -> None:
    assert "подтвердить" not in acknowledged(lab, text, subject, attachments=files).text


ORDER = "Добрый день! Просим выставить счёт на поверку приборов."


def test_whose_list_stands_in_the_quoted_letter_is_not_asked(lab: Lab) -> None:
    quoted = "20.11.2026, Иван Ким <kim@romashka.example.ru> пишет:\n> Манометр МП3-У, 12 шт., весы ВЛТЭ-500, 2 шт."
    assert "подтвердить" not in acknowledged(lab, f"{ORDER}\n\n{quoted}", "Re: поверка").text


def test_whose_list_is_a_picture_in_the_text_is_not_asked(lab: Lab) -> None:
    lab.arrive(with_picture(f"<p>{ORDER}</p><img src='cid:t'>", ORDER))
    assert "подтвердить" not in lab.to(CLIENT)[0].text


@pytest.mark.parametrize(
    "footer", ["Отправлено с iPhone", "Отправлено из мобильной Почты Mail.ru", "Sent from Outlook"]
)
def test_what_a_telephone_writes_below_says_nothing_of_an_order(lab: Lab, footer: str) -> None:
    assert "подтвердить" in acknowledged(lab, f"{ORDER}\n\nС уважением, Анна\n{footer}", "Поверка").text


def with_picture(html: str, text: str) -> bytes:
    message = email.message_from_bytes(raw(text, subject="Поверка", html=html), policy=SMTP)
    picture = {"maintype": "image", "subtype": "png", "cid": "<t>", "disposition": "inline"}
    message.get_payload()[1].add_related(b"\x89PNG\r\n\x1a\n" + b"0" * 9000, **picture)
    return message.as_bytes()


@pytest.mark.parametrize(("above", "asked"), [(False, True), (True, False)])
def test_a_logo_below_the_closing_is_no_table(lab: Lab, above: bool, asked: bool) -> None:
    image, closing = "<p><img src='cid:t'></p>", "<p>С уважением,<br>Анна</p>"
    html = f"<p>{ORDER}</p>{image}{closing}" if above else f"<p>{ORDER}</p>{closing}{image}"
    lab.arrive(with_picture(html, f"{ORDER}\n\nС уважением,\nАнна"))
    assert ("подтвердить" in lab.to(CLIENT)[0].text) is asked


def test_a_signature_says_nothing_of_an_order(lab: Lab) -> None:
    assert "подтвердить" in acknowledged(lab, f"{ORDER}\n-- \nАнна Ковалёва\nООО «Ромашка»", "Поверка").text


@pytest.mark.req("C11")
def test_an_acknowledgement_stays_small_whatever_came(lab: Lab) -> None:
    files = [(f"Очень длинное имя файла, которое никто не дочитает {n}.pdf", b"%PDF-1.4") for n in range(60)]
    ack = acknowledged(lab, "Просим КП на калибровку манометров. " * 400, "Запрос " * 60, attachments=files)
    assert len(ack.raw) < 12_000
    assert not list(ack.message.iter_attachments())


def test_an_english_letter_is_confirmed_in_english_in_the_same_manner(lab: Lab) -> None:
    text = "Hello, please send us a quotation for calibration of instruments.\n\nBest regards,\nJohn"
    ack = acknowledged(lab, text, "Quotation")
    assert "please confirm what you need" in ack.text
