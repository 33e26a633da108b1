"""A change of an order is linked to it, with what was agreed before, what is asked now, and who agreed (A61)."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mailcase import lists
from mailcase.rules.change import agreed, before, numbers
from mailcase.store import events
from mailcase.store import tables as t
from tests.lab import Lab
from tests.letters import letter, raw
from tests.test_flow import CLIENT, PETROVA, reply_to_notice

ORDER = "Добрый день! Просим выставить КП на калибровку 12 манометров МП3-У. Выезд нужен 3 декабря в Подольск."
CHANGE = "Добрый день! Перенесите, пожалуйста, выезд на 5-е."
AFTER = "Перенесите, пожалуйста, выезд на 5-е."
BEFORE = "Выезд нужен 3 декабря в Подольск."


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path)
    lab.arrive(raw(ORDER))
    return lab


def writes(lab: Lab, text: str, n: int = 2, **more: Any) -> int:
    """The client writes a new letter, in no thread."""
    return lab.arrive(raw(text, **{"subject": "Выезд", "message_id": f"<{n}@romashka.example.ru>", **more}))


def changes(lab: Lab, case_id: int = 1) -> list[dict[str, Any]]:
    case = next(case for case in lab.cases() if case.id == case_id)
    found: list[dict[str, Any]] = json.loads(case.changes)
    return found


def linked(lab: Lab) -> set[tuple[int, int, str]]:
    with lab.app.db.read() as view:
        return {(row.case_id, row.other_id, row.why) for row in view.execute(sa.select(t.link))}


@pytest.mark.req("A61")
def test_a_change_in_a_new_letter_is_linked_to_the_senders_only_order_and_says_what_was_before(lab: Lab) -> None:
    writes(lab, CHANGE)
    order, change = lab.cases()
    assert (change.kind, change.assignee, order.status) == ("order_change", "petrova", "open")
    assert linked(lab) == {(1, 2, "order_change"), (2, 1, "order_change")}
    (kept,) = changes(lab)
    assert (kept["before"], kept["after"], kept["case"], kept["agreed_by"]) == (BEFORE, AFTER, 2, "")
    notice = " ".join(lab.to(PETROVA)[-1].text.split())
    assert f"Клиент меняет заявку № 1: «{AFTER[:-1]}», раньше: «{BEFORE[:-1]}»." in notice
    assert notice.lower().count("меняет заявку № 1") == 1
    assert [e.type for e in lab.events(1)][-2:] == ["linked", "changed"]


@pytest.mark.req("A61")
def test_the_answer_that_left_records_who_agreed_and_show_tells_it(lab: Lab) -> None:
    writes(lab, CHANGE)
    lab.arrive(reply_to_notice(lab, "Добрый день! Хорошо, приедем 5 декабря."))
    assert changes(lab)[0]["agreed_by"] == ""
    lab.later(minutes=11)
    (kept,) = changes(lab)
    assert (kept["agreed_by"], kept["agreed"], kept["agreed_at"] is not None) == ("petrova", "yes", True)
    (event,) = [e for e in lab.events(1) if e.type == "agreed"]
    assert (event.actor, json.loads(event.detail)["agreed"]) == ("petrova", "yes")
    shown = lists.trail(lab.app, lab.cases()[0].tag)
    assert shown is not None
    (step,) = [step for step in shown["trail"] if step["entry"] == "change"]
    assert (step["before"], step["after"], step["agreed_by"]) == (BEFORE, AFTER, "petrova")
    with lab.app.db.read() as view:
        assert events.verify(view) == []


def test_one_word_to_the_notice_records_who_agreed_and_reaches_no_client(lab: Lab) -> None:
    writes(lab, CHANGE)
    heard = len(lab.to(CLIENT))
    lab.arrive(reply_to_notice(lab, "Согласовано"))
    assert "№ 1: изменение согласовано, Петрова Н. В., 23.11.2026. Клиенту не писали." in lab.to(PETROVA)[-1].text
    assert changes(lab)[0]["agreed_by"] == "petrova"
    lab.later(minutes=11)
    assert len(lab.to(CLIENT)) == heard


def test_a_change_in_the_thread_of_its_order_is_kept_there(lab: Lab) -> None:
    writes(lab, CHANGE, in_reply_to="<1@romashka.example.ru>")
    assert len(lab.cases()) == 1
    assert (changes(lab)[0]["before"], changes(lab)[0]["after"]) == (BEFORE, AFTER)
    assert "клиент меняет заявку № 1" in lab.to(PETROVA)[-1].text.lower()
    lab.arrive(reply_to_notice(lab, "Добрый день! Перенесли на 5 декабря."))
    lab.later(minutes=11)
    assert changes(lab)[0]["agreed_by"] == "petrova"


def test_an_answer_past_us_records_who_agreed_as_well(lab: Lab) -> None:
    writes(lab, CHANGE)
    past = {"to": CLIENT, "cc": "lab@cleanmet.ru", "subject": "Re: Выезд", "message_id": "<past@cleanmet.ru>"}
    lab.arrive(raw("Хорошо, приедем 5 декабря.", sender=PETROVA, in_reply_to="<2@romashka.example.ru>", **past))
    assert (changes(lab)[0]["agreed_by"], lab.cases()[1].status) == ("petrova", "answered")


def test_what_we_answered_last_is_what_was_agreed_before(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "Добрый день! Выезд возможен только 4 декабря. Стоимость 12 000 руб."))
    lab.later(minutes=11)
    writes(lab, CHANGE)
    assert changes(lab)[0]["before"] == "Выезд возможен только 4 декабря."


def test_by_its_number_the_change_finds_its_order_among_several(lab: Lab) -> None:
    lab.arrive(raw("Просим КП на поверку весов, 3 шт.", subject="Весы", message_id="<w@romashka.example.ru>"))
    writes(lab, "Добрый день! По заявке № 1 перенесите, пожалуйста, выезд на 5-е.")
    assert (3, 1, "order_change") in linked(lab)
    writes(lab, "Отмените, пожалуйста, заявку вх. № 2.", 3)
    assert (4, 2, "order_change") in linked(lab)


def test_where_several_orders_are_open_and_none_is_named_nobody_guesses(lab: Lab) -> None:
    lab.arrive(raw("Просим КП на поверку весов, 3 шт.", subject="Весы", message_id="<w@romashka.example.ru>"))
    mail_id = writes(lab, CHANGE)
    assert linked(lab) == set()
    assert "неясно, какую заявку меняет клиент: открыты № 2, № 1" in lab.mail(mail_id).reasons
    assert changes(lab, 3)[0]["after"] == AFTER


def test_nobody_gets_into_anothers_order_by_its_number(lab: Lab) -> None:
    writes(lab, "По заявке № 1 перенесите выезд на 5-е.", sender="Чужой <x@else.example.org>")
    assert (linked(lab), changes(lab, 1)) == (set(), [])


def test_the_last_order_counts_where_all_are_closed(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!закрыть ответ дан по телефону"))
    writes(lab, CHANGE)
    assert (2, 1, "order_change") in linked(lab)


def test_a_refusal_is_on_record_as_one_and_a_question_settles_nothing(lab: Lab) -> None:
    writes(lab, CHANGE)
    lab.arrive(reply_to_notice(lab, "Добрый день! В котором часу Вам удобно 5-го?"))
    lab.later(minutes=11)
    assert changes(lab)[0]["agreed_by"] == ""
    lab.arrive(reply_to_notice(lab, "!ответ\nК сожалению, 5 декабря приехать не сможем, все бригады заняты."))
    lab.later(minutes=11)
    assert (changes(lab)[0]["agreed_by"], changes(lab)[0]["agreed"]) == ("petrova", "no")


def test_a_changed_order_is_to_be_reviewed_anew(tmp_path: Path) -> None:
    lab = Lab(tmp_path, request={"review": "ask"})
    lab.arrive(raw(ORDER))
    lab.arrive(reply_to_notice(lab, "анализ"))
    writes(lab, CHANGE, in_reply_to="<1@romashka.example.ru>")
    held = lab.arrive(reply_to_notice(lab, "Добрый день! КП во вложении.", attachments=[("КП.pdf", b"%PDF-1.4")]))
    assert lab.mail(held).outcome == "held"


def test_where_nothing_waits_the_word_says_so(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!согласовано"))
    assert "согласия не ждут" in lab.to(PETROVA)[-1].text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("По заявке № 12 перенесите выезд", {12}),
        ("вх. № 412 от 20.11.2026", {412}),
        ("Заказ 7: отмените", {7}),
        ("№ 3", {3}),
        ("Договор № 12, протокол № 145-К/26, счёт 77, 12 манометров", set()),
        ("тел. +7 495 000-00-00, доб. 214", set()),
    ],
)
def test_only_our_own_numbers_name_an_order(text: str, found: set[int]) -> None:
    assert numbers(letter(text=text, subject="Выезд")) == found


def test_earlier_words_are_found_by_the_thing_and_its_day() -> None:
    earlier = ["Спасибо! Ждём вас.", "Нужна поверка 5 весов. Бригада приедет в четверг. Оплата по счёту.", "Бригада 1"]
    assert before("Отмените бригаду, пожалуйста", earlier) == "Бригада приедет в четверг."
    assert before("Измените реквизиты", earlier) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Хорошо, перенесли.", "yes"),
        ("К сожалению, не сможем.", "no"),
        ("Уточним у бригады и сообщим.", ""),
        ("Письмо получили, перенос пока не подтверждаем.", ""),
        ("Передам руководителю.", ""),
    ],
)
def test_an_answer_agrees_refuses_or_settles_nothing(text: str, said: str) -> None:
    assert agreed(text) == said


def test_numbers_are_sought_quickly_in_any_text() -> None:
    begun = time.perf_counter()
    assert numbers(letter(reply="заявка" + " " * 5_000 + "x", subject="заявка" + "\t" * 5_000)) == frozenset()
    assert time.perf_counter() - begun < 5
