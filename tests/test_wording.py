"""What people read says what really happened."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.lab import Lab
from tests.letters import raw
from tests.test_flow import CLIENT, FROM_PETROVA, PETROVA, reply_to_notice

ANSWER = "Добрый день! Калибровка 12 манометров стоит 12 000 руб., срок 5 рабочих дней."


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def test_closing_says_that_an_answer_is_still_on_its_way(lab: Lab) -> None:
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, ANSWER))
    lab.arrive(reply_to_notice(lab, "!закрыть вопрос решён", message_id="<c@cleanmet.ru>"))
    assert "ещё в пути" in lab.to(PETROVA)[-1].text


@pytest.mark.req("A35")
def test_a_forwarded_letter_is_judged_and_shown_by_the_clients_words(lab: Lab) -> None:
    cover = "Коллеги, посмотрите, пожалуйста.\n\n-------- Пересылаемое сообщение --------\nТема: Заявка\n"
    cover += f"Дата: 20.11.2026\nОт: Анна Ковалёва <{CLIENT}>\nКому: petrova@cleanmet.ru\n\n"
    words = "Просим выставить КП на калибровку весов."
    lab.arrive(raw(cover + words, sender=FROM_PETROVA, subject="Fwd: Заявка", message_id="<f@cleanmet.ru>"))
    (case,) = lab.cases()
    assert (case.kind, case.contact_address) == ("request", CLIENT)
    assert "калибровку весов" in lab.to(PETROVA)[-1].text


def test_who_only_wrote_his_name_is_greeted_by_it(lab: Lab) -> None:
    lab.arrive(raw("Просим выставить КП на калибровку манометров.\n\nИван Петрович Кузнецов\nООО «Завод»"))
    assert "Иван Петрович" in lab.to(CLIENT)[0].text.splitlines()[0]


def test_a_name_within_the_text_greets_nobody(lab: Lab) -> None:
    lab.arrive(raw("Просим передать Ивану Петровичу Кузнецову, что мы ждём КП на калибровку."))
    assert lab.to(CLIENT)[0].text.startswith("Здравствуйте!")


def test_the_count_names_the_day_it_begins_with(lab: Lab) -> None:
    """Installed on Monday noon: Tuesday's letter counts Monday."""
    lab.arrive(raw())
    lab.at(lab.now.replace(hour=6, minute=30) + timedelta(days=1))
    assert "За понедельник, 23.11: 1 письмо" in lab.to("smirnova@cleanmet.ru")[-1].text


def test_the_alarm_of_a_budget_names_whom_it_held(lab: Lab) -> None:
    for n in range(5):
        lab.arrive(raw(f"Просим рассчитать стоимость, вариант {n}", subject=f"Запрос {n}", message_id=f"<{n}@x>"))
    (alarm,) = [s for s in lab.to("smirnova@cleanmet.ru") if s.subject.startswith("Внимание: слишком")]
    assert CLIENT in alarm.text


def test_a_table_reaches_the_client_and_the_employees_own_signature_does_not(lab: Lab) -> None:
    """Pasted from Excel, signed below as every mail program does; one signature leaves, ours."""
    lab.arrive(raw())
    table = "<table><tr><td>Манометр</td><td>1000</td></tr></table>"
    page = f"<p>Добрый день! Цены ниже:</p>{table}<p>С уважением,<br>Наташа Петрова</p>"
    text = "Добрый день! Цены ниже:\nМанометр 1000\n\nС уважением,\nНаташа Петрова"
    lab.arrive(reply_to_notice(lab, text, html=page))
    lab.later(minutes=11)
    answer = lab.to(CLIENT)[-1]
    assert "<td>Манометр</td>" in answer.html
    assert "Наташа" not in answer.html + answer.text
    assert answer.html.count("С уважением") == 1
