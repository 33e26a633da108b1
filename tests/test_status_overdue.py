"""«Статус» about what is overdue: the robot answers, and whoever has the case learns that its client asks (A43)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mailcase.store import outbox
from mailcase.words import HoldReason
from tests.lab import Lab
from tests.letters import raw
from tests.servers.postgres import Postgres
from tests.test_assign import staff
from tests.test_escalation import nine
from tests.test_flow import CLIENT, PETROVA
from tests.test_pressing import at, orders, read
from tests.test_status_flow import ask, in_thread
from tests.test_wait import SMIRNOVA, complain

SIDOROV = "sidorov@cleanmet.ru"
LATE = nine(30, 11)
"""Of a request of Monday, 23 November: its three working days ended on the 26th."""
ASKS = "Клиент спрашивает, как обстоят дела; автоматически ему сообщено только состояние, ответа он ждёт от Вас."


def late_lab(folder: Path, **more: object) -> Lab:
    """A laboratory with one overdue case of Petrova's."""
    lab = Lab(folder, employee=staff(sidorov={"kinds": ("suggestion",)}), **more)
    lab.arrive(raw())
    lab.now = LATE
    return lab


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return late_lab(tmp_path)


def asked(lab: Lab, address: str = PETROVA) -> list[str]:
    """The letters that say that the client asks, each as one line."""
    texts = (" ".join(sent.text.split()) for sent in lab.to(address))
    return [text for text in texts if "Клиент спрашивает" in text]


@pytest.mark.req("A43")
def test_who_has_the_overdue_case_learns_that_its_client_asks(lab: Lab) -> None:
    ask(lab, **in_thread(lab))
    assert "он задерживается" in lab.to(CLIENT)[-1].text
    assert lab.to(PETROVA)[-1].subject.startswith("Пишет снова: Анна Ковалёва")
    (told,) = asked(lab)
    assert told.startswith(f"№ 1/2, ответить до чт 26.11 Срок прошёл 26.11. {ASKS} Анна Ковалёва > Статус?")
    orders(lab, "Добрый день! Калибровка 12 манометров стоит 12 000 руб., срок 5 рабочих дней.")
    lab.later(minutes=11)
    assert "12 000" in lab.to(CLIENT)[-1].text
    assert lab.cases()[0].status == "answered"


def test_once_a_day_and_again_the_next(lab: Lab) -> None:
    for n, moment in enumerate((LATE, LATE + timedelta(hours=1), LATE + timedelta(days=1))):
        at(lab, moment)
        ask(lab, message_id=f"<s{n}@romashka.example.ru>", **in_thread(lab))
    assert len(asked(lab)) == 2
    said = [sent for sent in lab.to(PETROVA) if sent.subject.startswith("Пишет снова")]
    assert len(said) == 3, "what no robot answered is passed on as ever"


def test_who_read_a_letter_of_his_today_gets_no_second_one(lab: Lab) -> None:
    lab.arrive(raw("Добрый день! Где же КП?", subject="КП", message_id="<2@romashka.example.ru>", **{
        "in_reply_to": "<1@romashka.example.ru>"}))  # fmt: skip
    assert "Срок прошёл 26.11" in read(lab, PETROVA)
    before = len(lab.to(PETROVA))
    ask(lab, **in_thread(lab))
    assert "он задерживается" in lab.to(CLIENT)[-1].text
    assert len(lab.to(PETROVA)) == before


@pytest.mark.parametrize("moment", [nine(24, 11), nine(26, 11)])
def test_as_long_as_there_is_time_nobody_is_told(lab: Lab, moment: datetime) -> None:
    at(lab, moment)
    ask(lab, **in_thread(lab))
    assert "Состояние" in lab.to(CLIENT)[-1].subject
    assert len(lab.to(PETROVA)) == 1


def test_of_several_each_overdue_case_is_told_to_whoever_has_it(lab: Lab) -> None:
    at(lab, nine(24, 11))
    lab.arrive(raw("Просим КП на поверку весов.", subject="Весы", message_id="<2@x>"))
    orders(lab, "!назначить Сидоров")
    at(lab, LATE)
    lab.arrive(raw("Просим КП на поверку гирь.", subject="Гири", message_id="<3@x>"))
    assert [case.assignee for case in lab.cases()] == ["petrova", "sidorov", "sidorov"]
    ask(lab)
    assert "Срок прошёл 26.11" in asked(lab)[0]
    assert "№ 2/3, ответить до пт 27.11 Срок прошёл 27.11." in asked(lab, SIDOROV)[0]
    assert (len(asked(lab)), len(asked(lab, SIDOROV))) == (1, 1), "№ 3 has time"


def more_late(lab: Lab, *numbers: int) -> None:
    """More overdue cases of the same client, all Petrova's."""
    at(lab, nine(24, 11))
    for n in numbers:
        lab.arrive(raw(f"Просим КП на поверку весов № {n}.", subject=f"Весы {n}", message_id=f"<{n}@x>"))
    at(lab, LATE)
    assert {case.assignee for case in lab.cases()} == {"petrova"}


@pytest.mark.req("A43")
def test_several_overdue_cases_of_one_client_are_one_letter(lab: Lab) -> None:
    """A second «статус» that day, about all or about one of them, tells nothing new."""
    more_late(lab, 2, 3, 4)
    ask(lab)
    (told,) = asked(lab)
    assert told.startswith("№ 1/")
    assert f"{ASKS} Задерживаются и другие его обращения: № 2, № 3, № 4." in told
    assert all("follow_up" in [event.type for event in lab.events(n)] for n in (1, 2, 3, 4))
    ask(lab)
    ask(lab, subject=f"Re: [{lab.cases()[2].tag}]")
    assert len(asked(lab)) == 1


def test_of_what_he_read_today_the_letter_says_nothing(lab: Lab) -> None:
    more_late(lab, 2, 3)
    ask(lab, subject=f"Re: [{lab.cases()[1].tag}]")
    assert "Задерживаются" not in asked(lab)[0]
    ask(lab)
    assert "Задерживаются и другие его обращения: № 3." in asked(lab)[1]
    assert len(asked(lab)) == 2


def test_a_letter_that_a_budget_held_was_read_by_nobody(lab: Lab) -> None:
    with lab.app.db.tx() as tx:
        since = LATE - timedelta(days=30)
        assert outbox.told_since(tx, 1, "petrova", since)
        for row in lab.outbox():
            outbox.hold(tx, row.id, HoldReason.DIGEST)
        assert not outbox.told_since(tx, 1, "petrova", since)


def test_who_stands_in_is_told(lab: Lab) -> None:
    orders(lab, "!отсутствую до 04.12, замещает Сидоров")
    ask(lab, **in_thread(lab))
    assert (len(asked(lab)), len(asked(lab, SIDOROV))) == (0, 1)


def test_of_a_complaint_the_promised_news_counts_as_well(tmp_path: Path) -> None:
    lab = complain(tmp_path)
    at(lab, nine(1))
    ask(lab, **in_thread(lab))
    assert "Состояние" in lab.to(CLIENT)[-1].subject
    (told,) = asked(lab, SMIRNOVA)
    assert f"ответить до пн 07.12 О ходе рассмотрения обещано было сообщить до 30.11. {ASKS}" in told


def test_where_no_robot_answers_the_letter_itself_is_enough(tmp_path: Path) -> None:
    """In the mode `staff` the answer to the client is held."""
    lab = late_lab(tmp_path, mode="staff")
    ask(lab, in_reply_to="<1@romashka.example.ru>")
    said = [sent for sent in lab.to(PETROVA) if sent.subject.startswith("Пишет снова")]
    assert len(said) == 1
    assert "Срок прошёл 26.11" in read(lab, PETROVA)
    assert asked(lab) == []


def test_where_no_robot_answers_the_others_learn_that_he_asks_about_all(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=staff(sidorov={"kinds": ("suggestion",)}), mode="staff")
    lab.arrive(raw())
    lab.arrive(raw("Просим КП на поверку весов.", subject="Весы", message_id="<2@x>"))
    orders(lab, "!назначить Сидоров")
    at(lab, LATE)
    ask(lab)
    (told,) = asked(lab, SIDOROV)
    assert "Клиент спрашивает, как обстоят дела со всеми его письмами; ответа он ждёт от Вас." in told
    assert "Статус?" in read(lab, PETROVA)


@pytest.mark.postgres
def test_the_same_on_postgresql(tmp_path: Path, postgres: Postgres) -> None:
    lab = late_lab(tmp_path, store={"url": postgres.url(), "raw": tmp_path / "raw"})
    ask(lab, **in_thread(lab))
    assert len(asked(lab)) == 1
