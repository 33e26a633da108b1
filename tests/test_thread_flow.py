"""Threads through the whole program: what joins, what opens again, and what is answered by nobody."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.lab import Lab
from tests.letters import CLIENT as SENDER
from tests.letters import raw
from tests.test_flow import CLIENT, PETROVA, reply_to_notice

ANSWER = "Добрый день! Калибровка 12 манометров стоит 12 000 руб., срок 5 рабочих дней."
QUESTION = "А можно ли сделать быстрее, до пятницы?"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory with one open case of Petrova's."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    return lab


def parts(lab: Lab) -> list[int]:
    return [case.parts for case in lab.cases()]


@pytest.mark.req("C43")
def test_a_clients_answer_to_his_own_first_letter_joins_it(lab: Lab) -> None:
    """He forgot something and answers his own letter, under another subject and id."""
    first = "<1@romashka.example.ru>"
    lab.arrive(raw("Забыли приложить список.", subject="Список", message_id="<2@x>", in_reply_to=first))
    assert parts(lab) == [2]


@pytest.mark.req("C42", "C43")
def test_siblings_that_name_an_id_which_we_never_saw_are_one_case(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    for n in (1, 2):
        more = {"message_id": f"<{n}@x.example>", "references": "<Root@Romashka.example.ru> <mid@x.example>"}
        lab.arrive(raw(f"Просим КП, вариант {n}.", subject=f"Запрос {n}", **more))
    assert parts(lab) == [2]


@pytest.mark.req("C48")
@pytest.mark.parametrize(("sender", "joined"), [(SENDER, [2]), ("X <x@evil.example.net>", [1, 1])])
def test_outlooks_conversation_joins_the_clients_letter_and_nobody_elses(
    tmp_path: Path, sender: str, joined: list[int]
) -> None:
    lab = Lab(tmp_path)
    root = bytes([1]) + bytes(range(21))
    lab.arrive(raw(headers={"Thread-Index": base64.b64encode(root).decode()}))
    child = {"Thread-Index": base64.b64encode(root + bytes(5)).decode()}
    lab.arrive(raw(QUESTION, sender=sender, subject="Ещё", message_id="<2@x>", headers=child))
    assert parts(lab) == joined


def test_an_answer_without_any_id_finds_its_case_by_the_mangled_tag(lab: Lab) -> None:
    tag = lab.cases()[0].tag.replace("KM", "КМ").replace("-", " – ")
    lab.arrive(raw(QUESTION, subject=f"回复: [EXT] HA: Калибровка ({tag}) СРОЧНО", message_id="<2@x>"))
    assert parts(lab) == [2]


@pytest.mark.req("C45")
def test_a_tag_in_the_first_line_is_found_and_one_further_down_is_not(lab: Lab) -> None:
    tag = lab.cases()[0].tag
    lab.arrive(raw(f"По № {tag}:\n{QUESTION}", subject="Вопрос", message_id="<2@x>"))
    assert parts(lab) == [2]
    lab.arrive(raw(f"Добрый день!\nПросим КП на весы, прежнее было {tag}.", subject="Запрос", message_id="<3@x>"))
    assert parts(lab) == [2, 1]


@pytest.mark.req("C50")
@pytest.mark.parametrize(("days", "cases"), [(29, 1), (32, 2)])
def test_an_answer_after_closing_opens_the_case_again_or_another_beside_it(lab: Lab, days: int, cases: int) -> None:
    lab.arrive(reply_to_notice(lab, "!закрыть ответ дан по телефону"))
    ack = lab.to(CLIENT)[0]
    lab.later(days=days)
    mail_id = lab.arrive(raw(QUESTION, message_id="<2@x>", in_reply_to=ack.id, subject=f"Re: {ack.subject}"))
    found = lab.cases()
    assert len(found) == cases
    assert found[-1].status == "open"
    assert lab.mail(mail_id).case_id == found[-1].id
    with lab.app.db.read() as view:
        links = view.exec_driver_sql("SELECT case_id, other_id, why FROM link ORDER BY case_id").fetchall()
    assert [tuple(link) for link in links] == ([(1, 2, "after_closing"), (2, 1, "after_closing")] if cases == 2 else [])


@pytest.mark.req("C18")
def test_a_letter_that_does_not_name_us_is_a_case_and_its_assignee_decides(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw(to="boss@romashka.example.ru"))
    assert len(lab.cases()) == 1
    assert lab.to(CLIENT) == []
    assert "не названа в полях" in lab.to(PETROVA)[0].text


@pytest.mark.req("C21")
def test_a_program_that_asks_for_silence_gets_a_case_and_a_persons_answer(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw(headers={"X-Auto-Response-Suppress": "All"}))
    assert lab.to(CLIENT) == []
    lab.arrive(reply_to_notice(lab, ANSWER))
    lab.later(minutes=11)
    assert len(lab.to(CLIENT)) == 1


@pytest.mark.req("C19")
def test_a_complaint_about_an_answering_machine_is_a_complaint(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    text = "Звонили три раза, отвечает автоответчик. Это безобразие, жалуемся на вашу работу, примите меры."
    mail_id = lab.arrive(raw(text, subject="Автоответчик на вашем сайте не работает"))
    assert lab.mail(mail_id).outcome == "new_case"


@pytest.mark.req("C44")
def test_a_client_who_writes_in_an_old_thread_with_another_number_is_asked_about(lab: Lab) -> None:
    lab.arrive(raw("Просим КП на весы.", subject="Весы", message_id="<w@x>"))
    (first, second), ack = lab.cases(), lab.to(CLIENT)[0]
    lab.arrive(raw(QUESTION, subject=f"Re: [{second.tag}]", in_reply_to=ack.id, message_id="<2@x>"))
    assert parts(lab) == [2, 1]
    assert f"отвечает на № {first.number}, а в теме указан № {second.number}" in lab.to(PETROVA)[-1].text
