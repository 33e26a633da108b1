"""What a web form mails is told from other letters, and whoever filled it in from the server that sent it."""

from __future__ import annotations

import pytest

from mailcase.explain import Explained, explain
from mailcase.mail.disk import OnDisk
from mailcase.mail.form import Form, read
from mailcase.rules.decision import NewCase
from tests.letters import MONDAY, config, raw

FILLED = (
    "Новая заявка с сайта\n\nИмя: Анна Ковалёва\nКомпания: ООО «Ромашка»\nИНН: 7700000000\n"
    "Телефон: +7 (495) 000-00-00\nE-mail: a.kovaleva@romashka.example.ru\nСообщение: Просим поверить весы.\n"
)


def opened(text: str, **given: object) -> NewCase:
    answer = explain(OnDisk("letter.eml", raw(text, **given), MONDAY), config())  # type: ignore[arg-type]
    assert isinstance(answer, Explained)
    assert isinstance(answer.decided.decision, NewCase)
    return answer.decided.decision


@pytest.mark.req("A34")
@pytest.mark.parametrize("sender", ["www-data@web.example.net", "lab@cleanmet.ru", "noreply@site.example.org"])
def test_the_client_of_a_form_is_who_filled_it_in_and_not_the_web_server(sender: str) -> None:
    case = opened(FILLED, sender=sender)
    assert case.contact == ("a.kovaleva@romashka.example.ru", "Анна Ковалёва")
    assert "ИНН 7700000000" in case.remark
    assert not case.acknowledge


@pytest.mark.req("A34")
def test_a_client_who_lists_his_details_is_himself_the_sender() -> None:
    assert opened(FILLED, sender="Пётр <petr@example.com>").contact == ("petr@example.com", "Пётр")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (FILLED, ("a.kovaleva@romashka.example.ru", "Анна Ковалёва", "7700000000")),
        ("*Ваше имя*: Анна\n*Телефон*: 8 495 000-00-00\n*Тема*: Поверка\n", ("", "Анна", "")),
        ("Ф.И.О.:\nАнна\nЭлектронная почта:\na@example.ru\nВопрос:\nСколько стоит?\n", ("a@example.ru", "Анна", "")),
        ("Your name: Anna\nYour e-mail: a@example.ru\nMessage: Hello\n", ("a@example.ru", "Anna", "")),
        (
            "Имя | Анна\nПочта | a@example.ru\nИНН/КПП | 770000000000/770001001\n",
            ("a@example.ru", "Анна", "770000000000"),
        ),
    ],
)
def test_forms_of_common_sites_are_read(text: str, told: tuple[str, str, str]) -> None:
    form = read(text)
    assert isinstance(form, Form)
    assert (form.address, form.name, form.inn) == told


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Добрый день!\n\nПросим поверить весы.\n\nС уважением,\nАнна\nТелефон: +7 495 000-00-00\nПочта: a@example.ru\n",
        "Тема: весы\nСрок: 5 дней\nЦена: 100 руб.\n",
        "Протокол: 12\nИмя: файл\nРазмер: 10\n",
    ],
)
def test_other_letters_are_no_forms(text: str) -> None:
    assert read(text) is None
