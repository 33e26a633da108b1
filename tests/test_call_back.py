"""Who asks to be called is called, and what was said on the phone is the answer (A13)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from mailcase import lists
from mailcase.rules.wishes import preferred_channel
from mailcase.words import Channel
from tests.lab import Lab
from tests.letters import letter, raw
from tests.test_flow import CLIENT, PETROVA, reply_to_notice

CALL = "Добрый день! Просим КП на калибровку 12 манометров. Прошу перезвонить: +7 916 000-00-16.\n\nАнна Ковалёва"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path)
    lab.arrive(raw(CALL))
    return lab


def answered(lab: Lab) -> dict[str, object]:
    """What the record holds of the answer."""
    (event,) = (event for event in lab.events(1) if event.type == "answered")
    return json.loads(event.detail)


@pytest.mark.req("A13")
def test_who_asks_to_be_called_is_a_task_and_the_call_is_his_answer(lab: Lab) -> None:
    case, notice = lab.cases()[0], lab.to(PETROVA)[0]
    assert (case.preferred_channel, case.contact_phone) == ("phone", "+7 916 000-00-16")
    assert "Позвонить: +7 (916) 000-00-16." in notice.text
    lab.at(lab.now.replace(hour=6, minute=5) + timedelta(days=1))
    morning = lab.to(PETROVA)[-1]
    assert "позвонить: +7 (916) 000-00-16" in morning.text
    before = len(lab.postman.sent)
    lab.arrive(reply_to_notice(lab, "!звонок договорились на среду, КП пришлю", in_reply_to=notice.id))
    case = lab.cases()[0]
    assert (case.status, case.answered_at) == ("answered", lab.now)
    assert (answered(lab)["channel"], answered(lab)["how"]) == ("phone", "телефон")
    assert len(lab.postman.sent) == before, "no letter is needed for what went well"
    lab.at(lab.now.replace(hour=5, minute=30) + timedelta(days=14))
    assert lab.cases()[0].status == "closed"
    assert len(lab.to(CLIENT)) == 1


@pytest.mark.req("A13")
def test_after_the_call_the_case_may_be_closed_at_once_without_a_reason(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!отвечено телефон\n!закрыть"))
    assert lab.cases()[0].status == "closed"


@pytest.mark.req("A13")
def test_who_asks_for_a_call_in_a_later_letter_is_called_too(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw())
    later = "Прошу перезвонить по этому заказу: 8 (916) 000-00-16"
    lab.arrive(raw(later, message_id="<2@romashka.example.ru>", in_reply_to="<1@romashka.example.ru>"))
    assert (lab.cases()[0].preferred_channel, lab.cases()[0].contact_phone) == ("phone", "8 (916) 000-00-16")
    assert "Позвонить: +7 (916) 000-00-16." in lab.to(PETROVA)[-1].text


def test_the_number_that_he_gave_first_stands_in_his_later_letters_too(lab: Lab) -> None:
    lab.arrive(raw("Перезвоните ещё раз.", message_id="<2@romashka.example.ru>", in_reply_to="<1@romashka.example.ru>"))
    assert "Позвонить: +7 (916) 000-00-16." in lab.to(PETROVA)[-1].text


def test_a_number_of_ours_in_the_letter_is_not_the_clients(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw("Просим КП на калибровку 12 манометров. Ваш номер +7 495 000-00-00 занят, прошу перезвонить."))
    assert lab.cases()[0].contact_phone == ""
    assert "Клиент просит позвонить, номера в письме нет." in lab.to(PETROVA)[0].text


def test_who_was_not_reached_may_be_said_below_the_order(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!звонок\nНе дозвонился, номер занят"))
    assert lab.cases()[0].status == "open"


@pytest.mark.parametrize("said", ["не дозвонился", "не берёт трубку", "занято, перезвоню завтра", "абонент недоступен"])
def test_who_was_not_reached_is_not_answered(lab: Lab, said: str) -> None:
    lab.arrive(reply_to_notice(lab, f"!звонок {said}"))
    assert lab.cases()[0].status == "open"
    assert "звонок записан, но не как ответ, ответить до чт 26.11" in lab.to(PETROVA)[-1].text


@pytest.mark.req("A13")
@pytest.mark.parametrize(
    ("order", "record"),
    [
        (
            "!отвечено почтой РПО 80080000000016 исх. 218 от 24.11.2026",
            {"channel": "post", "number": "218", "dated": "2026-11-24", "track": "80080000000016"},
        ),
        ("!отвечено через ЭДО, исх. № 12/К", {"channel": "edo", "number": "12/К"}),
        ("!отвечено нарочно", {"channel": "courier"}),
        ("!отвечено по телефону, всё уточнили", {"channel": "phone"}),
        ("!отвечено эл. почтой с личного ящика", {"channel": "email"}),
        ("!отвечено в мессенджере", {"channel": "messenger"}),
        ("!отвечено лично", {"channel": "visit"}),
    ],
)
def test_an_answer_outside_mail_is_recorded_with_number_date_and_way(
    lab: Lab, order: str, record: dict[str, str]
) -> None:
    lab.arrive(reply_to_notice(lab, order))
    assert lab.cases()[0].status == "answered"
    found = answered(lab)
    assert {name: found[name] for name in ("channel", "number", "dated", "track") if name in found} == record


def test_a_way_that_nobody_knows_is_asked_about_and_the_clock_runs(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!отвечено голубиной почтой"))
    assert lab.cases()[0].status == "open"
    assert "Не понятно, как ответили: «голубиной почтой»" in lab.to(PETROVA)[-1].text


def test_the_record_holds_no_word_of_what_was_said(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!звонок Ковалёва согласна на среду"))
    assert not any("Ковалёва" in event.detail for event in lab.events(1))


@pytest.mark.req("A13")
def test_show_tells_the_way_of_service_and_the_department(tmp_path: Path) -> None:
    lab = Lab(tmp_path, lab={"in_person": ["phone"]})
    lab.arrive(raw(CALL))
    found = lists.trail(lab.app, "1")
    assert found is not None
    shown = {name: found["case"][name] for name in ("channel", "service", "preferred_channel", "department")}
    assert shown == {"channel": "email", "service": "remote", "preferred_channel": "phone", "department": "Дирекция"}


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("Прошу перезвонить мне.", Channel.PHONE),
        ("Свяжитесь со мной по телефону 8 916 000-00-16", Channel.PHONE),
        ("Жду Вашего звонка", Channel.PHONE),
        ("Please call me back.", Channel.PHONE),
        ("Ответ просим направить почтой России по адресу: Москва", Channel.POST),
        ("Если будут вопросы, звоните.", None),
        ("По всем вопросам звоните по тел. +7 916 000-00-16", None),
        ("Не звоните, пишите на почту.", None),
        ("Просьба позвонить за час до приезда.", None),
        ("Звонил вам вчера.", None),
    ],
)
def test_only_a_plain_wish_counts(text: str, channel: Channel | None) -> None:
    assert preferred_channel(letter(text=text)) is channel


def test_who_was_called_and_writes_again_is_not_said_to_want_a_call(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!звонок договорились"))
    again = {"in_reply_to": "<1@romashka.example.ru>", "message_id": "<2@romashka.example.ru>"}
    lab.arrive(raw("Добрый день! Пришлите, пожалуйста, реквизиты.", **again))
    assert "позвонить" not in lab.to(PETROVA)[-1].text.lower()
    lab.arrive(raw("Добрый день! Прошу перезвонить.", **{**again, "message_id": "<3@romashka.example.ru>"}))
    assert "Позвонить: +7 (916) 000-00-16." in lab.to(PETROVA)[-1].text
