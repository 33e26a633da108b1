"""What a complainant was promised, «О ходе рассмотрения сообщим до …»: named in the notice and not forgotten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailcase.jobs import Slot
from mailcase.jobs.digest import digest
from mailcase.mail.compose import packaged
from mailcase.mail.smtp import Refused
from mailcase.store import cases
from mailcase.store.cases import Actor
from tests.lab import Lab
from tests.letters import raw
from tests.servers.postgres import Postgres
from tests.test_assign import staff
from tests.test_escalation import nine
from tests.test_flow import CLIENT
from tests.test_send import bounce_of
from tests.test_wait import COMPLAINT, ORLOV, SMIRNOVA, complain, more, order

NEWS = "сообщить о ходе рассмотрения"
ANSWER = "!ответ\nДобрый день! Мы разбираемся, протокол проверяет инженер."
BEFORE, DAY, AFTER = nine(27, 11), nine(30, 11), nine(1)
"""Of a complaint of Monday, 23 November: news after five working days, the answer after ten, on 7 December."""


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = complain(tmp_path)
    assert "сообщим до понедельника, 30 ноября" in lab.to(CLIENT)[0].text
    return lab


def morning(lab: Lab, moment: Any, address: str = SMIRNOVA) -> str:
    """The morning letter of that day, as one line."""
    assert "digest" in lab.at(moment)
    return " ".join(lab.to(address)[-1].text.split())


def answers(lab: Lab, text: str = ANSWER) -> None:
    order(lab, text, len(lab.postman.sent))
    lab.later(minutes=11)


def test_the_notice_names_the_day_beside_the_term(lab: Lab) -> None:
    notice = lab.to(SMIRNOVA)[0]
    assert notice.subject.startswith("До пн 07.12 · ")
    assert "жалоба, сообщить о ходе до пн 30.11, ответить до пн 07.12" in notice.text


def test_the_morning_letter_reminds_the_day_before_on_the_day_and_after_it(lab: Lab) -> None:
    line = f"{NEWS} · А. К., romashka.example.ru"
    assert NEWS not in morning(lab, nine(26, 11))
    assert f"Пн 30.11 - № 1 · до 17:30 · {line}" in morning(lab, BEFORE)
    assert f"Сегодня - № 1 · до 17:30 · {line}" in morning(lab, DAY)
    assert "просрочено 0, сегодня 1" in lab.to(SMIRNOVA)[-1].subject
    assert f"Просрочено - № 1 · 1 раб. день (срок 30.11) · {line}" in morning(lab, AFTER)
    assert "просрочено 1, сегодня 0" in lab.to(SMIRNOVA)[-1].subject


def test_once_the_term_is_over_the_case_has_one_line(lab: Lab) -> None:
    assert NEWS in morning(lab, nine(7))
    assert NEWS not in morning(lab, nine(8))
    assert "просрочено 1, сегодня 0" in lab.to(SMIRNOVA)[-1].subject


def test_it_is_no_overdue_term_for_the_head(lab: Lab) -> None:
    for day in (1, 2, 3, 4):
        lab.at(nine(day))
    assert lab.to(ORLOV) == []
    assert "escalated" not in [event.type for event in lab.events(1)]


@pytest.mark.parametrize("said", [ANSWER, "!звонок поговорили", "!отвечено почтой исх. 218"])
def test_any_answer_is_the_news_even_where_the_client_writes_again(lab: Lab, said: str) -> None:
    answers(lab, said)
    assert NEWS not in morning(lab, BEFORE)
    more(lab, "Добрый день! Когда будет исправленный протокол?")
    assert lab.cases()[0].status == "open"
    assert NEWS not in morning(lab, AFTER)


def test_nobody_reached_by_phone_and_an_answer_that_came_back_are_no_news(lab: Lab) -> None:
    answers(lab, "!звонок не дозвонились")
    answers(lab)
    lab.arrive(bounce_of(lab.to(CLIENT)[-1].id))
    assert lab.cases()[0].status == "open"
    assert NEWS in morning(lab, AFTER)


def test_a_complaint_that_waits_for_its_client_is_not_reminded_of_and_the_day_does_not_move(lab: Lab) -> None:
    actor = Actor(lab.now, login="smirnova")
    with lab.app.db.tx() as tx:
        cases.pause(tx, 1, actor, lab.now, "фото протокола")
    assert NEWS not in morning(lab, DAY)
    with lab.app.db.tx() as tx:
        cases.resume(tx, 1, actor, (lab.cases()[0].target_at + timedelta(days=3), lab.cases()[0].due_at))
    assert f"(срок 30.11) · {NEWS}" in morning(lab, AFTER)


def test_whoever_gets_the_case_later_is_told_as_long_as_it_is_owed(lab: Lab) -> None:
    answers(lab, "!назначить Сидоров")
    assert "сообщить о ходе до пн 30.11" in lab.to("sidorov@cleanmet.ru")[-1].text
    assert NEWS in morning(lab, AFTER, "sidorov@cleanmet.ru")
    assert NEWS not in " ".join(lab.to(SMIRNOVA)[-1].text.split())
    answers(lab)
    more(lab, "Добрый день! Когда будет исправленный протокол?")
    answers(lab, "!назначить Петрова")
    handed = lab.to("petrova@cleanmet.ru")[-1].text
    assert "ответить до" in handed
    assert "сообщить о ходе" not in handed


def test_who_asked_to_be_called_is_called_with_the_news(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint", "claim")}))
    lab.arrive(raw(f"{COMPLAINT} Позвоните мне по телефону +7 (495) 000-00-16, письмом не отвечайте."))
    assert lab.cases()[0].preferred_channel == "phone"
    assert f"{NEWS}, позвонить: +7" in morning(lab, BEFORE)
    assert f"{NEWS}, позвонить: +7" in morning(lab, AFTER)


@pytest.mark.parametrize("mode", ["staff", "shadow"])
def test_what_the_mode_held_promised_nothing(tmp_path: Path, mode: str) -> None:
    """As long as nobody releases it, also in the live mode later."""
    lab = Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint", "claim")}), mode=mode)
    lab.arrive(raw(COMPLAINT))
    nothing_was_promised(Lab(tmp_path, **{**lab.overrides, "mode": "live"}), lab)


def test_an_acknowledgement_that_did_not_reach_the_client_promised_nothing(lab: Lab) -> None:
    lab.arrive(bounce_of(lab.to(CLIENT)[0].id))
    assert NEWS not in morning(lab, AFTER)


def test_an_acknowledgement_that_no_server_took_promised_nothing(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint", "claim")}))
    lab.postman.answers = [Refused("550 no such user", "5.1.1")]
    lab.arrive(raw(COMPLAINT))
    assert lab.to(CLIENT) == []
    assert NEWS not in morning(lab, AFTER)


def test_what_became_a_complaint_later_promised_nothing(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=staff(smirnova={"kinds": ("request", "complaint")}, petrova={"kinds": ()}))
    lab.arrive(raw())
    owner = lab.cases()[0].assignee
    notice = lab.to(f"{owner}@cleanmet.ru")[0]
    given = {"sender": f"{owner}@cleanmet.ru", "in_reply_to": notice.id, "message_id": "<k@cleanmet.ru>"}
    lab.arrive(raw("!жалоба", subject=f"Re: {notice.subject}", **given))
    assert lab.cases()[0].register == "complaint"
    # That job alone: what was corrected would be learned from at night.
    lab.now = AFTER
    digest(lab.app, Slot(AFTER, DAY, AFTER))
    lab.work()
    assert "№ 1" in lab.to("smirnova@cleanmet.ru")[-1].text
    assert not any("о ходе" in " ".join(sent.text.split()) for sent in lab.postman.sent)


def test_a_template_of_the_laboratorys_own_may_promise_nothing(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for lang in ("", ".en"):
        name = f"acknowledgement_complaint{lang}.txt.j2"
        whole = (packaged() / name).read_text(encoding="utf-8").replace("{% if progress %}", "{% if false %}")
        kept = (line for line in whole.splitlines(keepends=True) if "{{ progress" not in line)
        (own / name).write_text("".join(kept), encoding="utf-8")
    lab = Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint",)}), templates=own)
    lab.arrive(raw(COMPLAINT))
    assert "Вх. № 1" in lab.to(CLIENT)[0].subject
    nothing_was_promised(lab, lab)


def nothing_was_promised(now: Lab, then: Lab) -> None:
    assert now.cases()[0].target_at is not None
    told = [*then.to(SMIRNOVA)]
    for moment in (BEFORE, DAY, AFTER):
        now.at(moment)
    assert not any("о ходе" in " ".join(sent.text.split()) for sent in (*told, *now.to(SMIRNOVA)))


@pytest.mark.postgres
def test_the_reminder_is_the_same_on_postgresql(tmp_path: Path, postgres: Postgres) -> None:
    given = {"employee": staff(smirnova={"kinds": ("complaint",)}), "store": {"url": postgres.url(), "raw": tmp_path}}
    lab = Lab(tmp_path, **given)
    lab.arrive(raw(COMPLAINT))
    assert NEWS in morning(lab, DAY)
    answers(lab, "!звонок поговорили")
    assert NEWS not in morning(lab, AFTER)
