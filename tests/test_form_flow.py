"""A form of the site: the client is who stands in its fields; no robot writes to an address that anybody can type."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailcase.rules.form import form
from mailcase.words import Verdict
from tests.lab import Lab
from tests.letters import LAB, config, letter, raw
from tests.test_flow import PETROVA, reply_to_notice
from tests.test_screens import verdict

CLIENT = "ivan@plant.example.ru"
FIELDS = f"""Имя: Иван Петров
E-mail: {CLIENT}
Телефон: +7 495 000-11-22
Организация: ООО «Завод»
ИНН: 7700000000
Сообщение: Просим выставить КП на калибровку 3 манометров.
"""
SERVER = "Сайт <www-data@web7.hosting.example.net>"


@pytest.mark.req("A34")
@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        (SERVER, {"X-Form": "request"}),
        (LAB, {}),
        ("Сайт <wordpress@cleanmet.ru>", {}),
        (SERVER, {"X-Form-Id": "7", "Auto-Submitted": "auto-generated"}),
    ],
)
def test_the_client_of_a_form_is_who_filled_it_in(tmp_path: Path, sender: str, headers: dict[str, str]) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw(FIELDS, sender=sender, subject="Заявка с сайта", headers=headers, return_path=""))
    (case,) = lab.cases()
    assert (case.contact_address, case.contact_name) == (CLIENT, "Иван Петров")
    assert lab.to(CLIENT) == []
    (notice,) = lab.postman.sent
    assert notice.to == (PETROVA,)
    for words in ("ИНН 7700000000", "ООО «Завод»", "+7 (495) 000-11-22", CLIENT, "адрес клиента взят из формы"):
        assert words in notice.text
    lab.arrive(reply_to_notice(lab, "Добрый день! Калибровка 3 манометров стоит 3 000 руб., срок 5 дней."))
    lab.later(minutes=11)
    assert [s.to for s in lab.postman.sent if "3 000 руб." in s.text and PETROVA not in s.to] == [(CLIENT,)]


@pytest.mark.req("A34")
def test_the_server_of_a_form_is_no_party_of_the_case_that_it_opened(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw(FIELDS, sender=SERVER, headers={"X-Form": "1"}))
    other = FIELDS.replace(CLIENT, "other@x.example.org")
    subject = f"Форма [{lab.cases()[0].tag}]"
    lab.arrive(raw(other, sender=SERVER, subject=subject, headers={"X-Form": "1"}, message_id="<2@x.example>"))
    assert [(c.contact_address, c.parts) for c in lab.cases()] == [(CLIENT, 1), ("other@x.example.org", 1)]


def test_a_persons_letter_with_such_lines_is_no_form() -> None:
    """A signature names phone and address, too."""
    for sender in ("Иван <i@plant.example.ru>", "Петрова <petrova@cleanmet.ru>"):
        assert form(letter(text=FIELDS, sender=sender), config()) is None
    assert verdict(letter(text=FIELDS)) is Verdict.CLEAR
    colleague = letter(text=FIELDS.replace(CLIENT, "petr@cleanmet.ru"), sender="Пётр <petr@cleanmet.ru>")
    assert form(colleague, config()) is None
