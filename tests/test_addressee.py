"""A letter to a person: he is recorded, reads it, and is not flooded (A11)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailcase import lists
from mailcase.reports.register_page import FILE, write_if_changed
from mailcase.rules.addressee import Addressee, addressee
from tests.lab import Lab
from tests.letters import config, letter, raw
from tests.test_flow import CLIENT, PETROVA

ORLOV, SIDOROV = "orlov@cleanmet.ru", "sidorov@cleanmet.ru"
ORDER = "Просим выставить КП на калибровку 12 манометров."
FORMAL = f"Генеральному директору ООО «КлинМет»\nОрлову Д. С.\n\nУважаемый Дмитрий Сергеевич!\n{ORDER}"


def arrived(folder: Path, **given: Any) -> Lab:
    lab = Lab(folder, page={"folder": folder / "share"})
    lab.arrive(raw(**given))
    return lab


@pytest.mark.req("A11")
def test_a_letter_to_the_director_in_person_is_recorded_and_he_gets_one_copy(tmp_path: Path) -> None:
    lab = arrived(tmp_path, text=ORDER, subject="лично директору", attachments=[("Письмо.pdf", b"%PDF-1.4")])
    case = lab.cases()[0]
    assert (case.addressee, case.assignee) == ("orlov", "petrova")
    (copy,) = lab.to(ORLOV)
    assert copy.subject.startswith("Вам лично: ")
    assert "Ответит Петрова Н. В., тел. +7 (495) 000-00-00, доб. 214, до чт 26.11." in copy.text
    assert "12 манометров" in copy.text
    assert "Письмо адресовано сотруднику, он получит копию: Орлов Д. С." in lab.to(PETROVA)[0].text
    assert [part.get_filename() for part in copy.message.iter_attachments()] == ["Письмо.pdf"]
    write_if_changed(lab.app)
    assert "письмо адресовано: Орлов Д. С." in (tmp_path / "share" / FILE).read_text(encoding="utf-8")
    found = lists.trail(lab.app, "1")
    assert found is not None
    assert found["case"]["addressee"] == "orlov"


@pytest.mark.req("A11")
def test_a_formal_heading_is_recorded_and_costs_the_director_no_letter(tmp_path: Path) -> None:
    lab = arrived(tmp_path, text=FORMAL)
    assert (lab.cases()[0].addressee, lab.to(ORLOV)) == ("orlov", [])
    assert lab.to(CLIENT)


def test_a_second_copy_of_one_day_stands_in_his_morning_letter(tmp_path: Path) -> None:
    lab = arrived(tmp_path, text=ORDER, subject="Лично директору")
    lab.arrive(
        raw(
            f"{ORDER} И весов.", subject="Лично директору: весы", sender="b@vega.example.ru", message_id="<2@x.example>"
        )
    )
    assert len(lab.to(ORLOV)) == 1
    assert not any(sent.subject.startswith("Внимание") for sent in lab.postman.sent)
    lab.at(lab.now.replace(hour=6, minute=5) + timedelta(days=1))
    morning = lab.to(ORLOV)[-1]
    assert "письмо адресовано Вам" in morning.text
    assert "Писем пришло так много" not in morning.text


@pytest.mark.req("A11")
def test_an_engineer_who_is_addressed_reads_it_too_and_gets_it_where_he_does_such_work(tmp_path: Path) -> None:
    lab = arrived(tmp_path, text=ORDER, subject="Для Сидорова А. П.: калибровка")
    assert (lab.cases()[0].addressee, lab.cases()[0].assignee) == ("sidorov", "petrova")
    assert len(lab.to(SIDOROV)) == 1
    (tmp_path / "own").mkdir()
    lab = arrived(tmp_path / "own", text=ORDER, subject="Для Петровой Н. В.: калибровка")
    assert (lab.cases()[0].addressee, len(lab.to(PETROVA))) == ("petrova", 1)


def test_what_the_official_answers_to_his_copy_reaches_the_client_only_by_his_order(tmp_path: Path) -> None:
    lab = arrived(tmp_path, text=ORDER, subject="лично директору")
    copy = lab.to(ORLOV)[0]
    given = {"sender": f"Орлов <{ORLOV}>", "subject": f"Re: {copy.subject}", "in_reply_to": copy.id}
    lab.arrive(raw("Разберитесь до пятницы и доложите", message_id="<o1@cleanmet.ru>", **given))
    lab.later(minutes=11)
    assert len(lab.to(CLIENT)) == 1
    assert "Непонятно, кому это" in lab.to(ORLOV)[-1].text
    lab.arrive(raw("!ответ\nДобрый день! КП пришлём завтра.", message_id="<o2@cleanmet.ru>", **given))
    lab.later(minutes=11)
    assert "КП пришлём завтра" in lab.to(CLIENT)[-1].text


@pytest.mark.req("A11")
@pytest.mark.parametrize(
    ("given", "whom"),
    [
        ({"subject": "лично директору"}, Addressee("orlov", True)),
        ({"text": "Прошу передать директору лично в руки."}, Addressee("orlov", True)),
        ({"to": "Орлов Дмитрий <lab@cleanmet.ru>"}, Addressee("orlov", True)),
        ({"text": FORMAL}, Addressee("orlov", False)),
        ({"text": "Генеральному директору\nСидоренко А. А.\n\nПросим"}, Addressee("orlov", False)),
        ({"text": "Менеджеру по качеству Смирновой О. И.\nПросим"}, Addressee("smirnova", False)),
        ({"text": "Вниманию Петровой\nПросим"}, Addressee("petrova", True)),
        ({"text": "Наталья Викторовна, добрый день!\nПросим"}, Addressee("petrova", False)),
        ({"subject": "Лично Сидорову"}, Addressee("sidorov", True)),
        ({"text": "Лично Сидоров обещал мне протокол, и где он?"}, None),
        ({"text": "Заместителю директора Иванову\nПросим"}, None),
        ({"subject": "Прибор для Петровой из пятого отдела"}, None),
        ({"text": "Документы для калибровки приложены."}, None),
        ({"text": "Инженеру\nПросим"}, Addressee("sidorov", False)),
    ],
)
def test_who_is_addressed(given: dict[str, str], whom: Addressee | None) -> None:
    assert addressee(letter(**given), config()) == whom
