"""Who asks for the laboratory's rules has them with one word of the employee (A2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab import Lab
from tests.letters import raw
from tests.test_flow import CLIENT, PETROVA, reply_to_notice

ASKED = "Пришлите ваши правила работы с заказчиками"
NAME = "«Правилах информационного взаимодействия»"


def asked(folder: Path, text: str = ASKED, **more: object) -> Lab:
    lab = Lab(folder, **more)
    lab.arrive(raw(text, subject=""))
    return lab


def document(folder: Path) -> list[dict[str, object]]:
    (folder / "rules.pdf").write_bytes(b"%PDF-1.4 rules")
    of_rules = {"key": "правила", "title": "Правила", "version": "редакция 3", "date": "2026-01-15"}
    return [{**of_rules, "file": folder / "rules.pdf"}]


@pytest.mark.req("A2")
def test_one_word_sends_the_rules_in_their_present_version(tmp_path: Path) -> None:
    lab = asked(tmp_path, document=document(tmp_path))
    (case,), notice = lab.cases(), lab.to(PETROVA)[0]
    assert (case.kind, case.topics, bool(case.check)) == ("consultation", '["rules"]', False)
    assert "Приложится: Правила, редакция 3 от 15.01.2026." in notice.text
    assert len(lab.to(CLIENT)) == 1
    lab.arrive(reply_to_notice(lab, "да"))
    lab.later(minutes=11)
    answer = lab.to(CLIENT)[-1]
    assert NAME in answer.text
    (file,) = answer.message.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("rules.pdf", b"%PDF-1.4 rules")
    assert any("редакция 3" in event.detail for event in lab.events(case.id))


@pytest.mark.req("A1", "A2")
def test_without_the_file_the_answer_names_the_site_and_without_either_nothing_is_offered(tmp_path: Path) -> None:
    lab = asked(tmp_path)
    lab.arrive(reply_to_notice(lab, "да"))
    lab.later(minutes=11)
    answer = lab.to(CLIENT)[-1]
    assert NAME in answer.text
    assert "опубликована на сайте www.cleanmet.ru" in answer.text
    assert not list(answer.message.iter_attachments())
    (tmp_path / "bare").mkdir()
    assert "Готовый ответ" not in asked(tmp_path / "bare", lab={"site": ""}).to(PETROVA)[0].text


@pytest.mark.req("A2")
@pytest.mark.parametrize(
    "text",
    [
        "Добрый день! Просим направить Правила взаимодействия с заказчиками.",
        "Здравствуйте! Где можно ознакомиться с правилами работы с клиентами?",
        "Пришлите, пожалуйста, порядок работы с вашими заказчиками",
    ],
)
def test_however_they_are_asked_for(tmp_path: Path, text: str) -> None:
    lab = asked(tmp_path, text)
    assert (lab.cases()[0].kind, lab.cases()[0].topics) == ("consultation", '["rules"]')


def test_a_complaint_that_names_the_rules_is_one_and_an_order_stays_one(tmp_path: Path) -> None:
    angry = "Вы нарушаете свои правила работы с заказчиками: третий раз не отвечаете на письма, это безобразие!"
    assert asked(tmp_path, angry).cases()[0].register == "complaint"
    (tmp_path / "order").mkdir()
    order = "Просим КП на калибровку 12 манометров и правила работы с заказчиками."
    lab = asked(tmp_path / "order", order)
    assert lab.cases()[0].kind == "request"
    assert "Готовый ответ" not in lab.to(PETROVA)[0].text


def test_a_lost_file_is_told_and_the_employee_may_still_answer(tmp_path: Path) -> None:
    lab = asked(tmp_path, document=document(tmp_path))
    (tmp_path / "rules.pdf").unlink()
    lab.arrive(reply_to_notice(lab, "да"))
    lab.later(minutes=11)
    assert len(lab.to(CLIENT)) == 1
    assert "Файл документа «правила» не читается: rules.pdf" in lab.to(PETROVA)[-1].text
    assert lab.cases()[0].status == "open"
    assert [row.template for row in lab.outbox() if row.case_id == 1].count("answer") == 0
