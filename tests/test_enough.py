"""«Достаточно»: the employee says in one word that the approved texts were the answer (A41, A20)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mailcase.mail.smtp import Refused
from mailcase.store import outbox
from tests.lab import Lab
from tests.letters import raw
from tests.test_enclosed_flow import PROVEN, QUESTION, ask, laboratory
from tests.test_flow import CLIENT, FROM_PETROVA, PETROVA, reply_to_notice


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory whose client has both texts."""
    lab = laboratory(tmp_path)
    ask(lab)
    return lab


def tap(lab: Lab, **more: Any) -> bytes:
    """What the button of the notice writes."""
    case = lab.cases()[0]
    stamp = {"Authentication-Results": "mx.cleanmet.ru; dmarc=pass header.from=cleanmet.ru"}
    given = {"sender": FROM_PETROVA, "subject": f"[{case.tag}] !достаточно", "message_id": "<t@cleanmet.ru>"}
    return raw("", **{**given, "headers": stamp, **more})


@pytest.mark.req("A20", "A41")
@pytest.mark.parametrize("word", ["Достаточно", "этого достаточно, спасибо", "!достаточно"])
def test_one_word_stops_the_clock_and_nothing_more_leaves(lab: Lab, word: str) -> None:
    before = len(lab.postman.sent)
    lab.arrive(reply_to_notice(lab, word))
    lab.later(minutes=11)
    assert lab.cases()[0].status == "answered"
    assert len(lab.postman.sent) == before
    (event,) = (e for e in lab.events(1) if e.type == "answered")
    assert (event.actor, event.trust is not None) == ("petrova", True)
    detail = json.loads(event.detail)
    assert "утверждёнными текстами" in detail["how"]
    assert {"approved": "2026-01-15", "text": "hours"} in detail["enclosed"]


def test_the_button_does_the_same(lab: Lab) -> None:
    lab.arrive(tap(lab))
    assert lab.cases()[0].status == "answered"


def test_the_case_closes_after_silence_and_opens_again_with_the_clients_next_word(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "достаточно"))
    ack = lab.to(CLIENT)[0].id
    lab.arrive(raw("А где у вас вход?", message_id="<2@romashka.example.ru>", in_reply_to=ack, headers=PROVEN))
    assert lab.cases()[0].status == "open"


def test_it_does_not_answer_what_the_client_asked_since(lab: Lab) -> None:
    notice, ack = lab.to(PETROVA)[0], lab.to(CLIENT)[0].id
    lab.arrive(raw("А где у вас вход?", message_id="<2@romashka.example.ru>", in_reply_to=ack, headers=PROVEN))
    lab.arrive(reply_to_notice(lab, "достаточно", in_reply_to=notice.id, references=notice.id))
    assert lab.cases()[0].status == "open"
    assert "написал ещё" in lab.to(PETROVA)[-1].text


def test_after_an_answer_there_is_nothing_to_say(lab: Lab) -> None:
    notice = lab.to(PETROVA)[0]
    lab.arrive(reply_to_notice(lab, "Добрый день! Вход со двора, домофон у ворот."))
    lab.arrive(reply_to_notice(lab, "достаточно", in_reply_to=notice.id, message_id="<w@cleanmet.ru>"))
    assert "ответ уже отправлен" in lab.to(PETROVA)[-1].text


def test_where_no_text_went_the_word_is_asked_about_and_the_order_refused(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    lab.arrive(raw("Достаточно ли двух экземпляров договора?", subject="Договор"))
    lab.arrive(reply_to_notice(lab, "Достаточно."))
    assert "почти нет текста" in lab.to(PETROVA)[-1].text
    lab.arrive(tap(lab))
    assert "не отправлены" in lab.to(PETROVA)[-1].text
    lab.later(minutes=11)
    assert (lab.cases()[0].status, len(lab.to(CLIENT))) == ("open", 1)


def test_what_became_a_complaint_wants_more(lab: Lab) -> None:
    notice = lab.to(PETROVA)[0]
    lab.arrive(reply_to_notice(lab, "!жалоба"))
    handed = lab.to(f"{lab.cases()[0].assignee}@cleanmet.ru")[-1].text
    assert "отправлено справочно" in handed
    assert "достаточно" not in handed
    lab.arrive(reply_to_notice(lab, "достаточно", in_reply_to=notice.id, message_id="<w@cleanmet.ru>"))
    assert lab.cases()[0].status == "open"
    assert "жалоба" in lab.to(PETROVA)[-1].text


def test_texts_that_came_back_were_read_by_nobody(lab: Lab) -> None:
    (row,) = (row for row in lab.outbox() if row.template == "acknowledgement")
    with lab.app.db.tx() as tx:
        outbox.bounced(tx, row.id, lab.now)
    lab.arrive(reply_to_notice(lab, "достаточно"))
    assert lab.cases()[0].status == "open"
    assert "не отправлены" in lab.to(PETROVA)[-1].text


def test_the_task_about_an_acknowledgement_that_failed_names_them(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    lab.postman.answers.append(Refused("550 no such user", 550))
    assert ask(lab) == []
    (task,) = (sent.text for sent in lab.to(PETROVA) if "Не дошло" in sent.subject)
    assert "С ним справочно: «Тема documents», «Тема hours»" in task


def test_whoever_is_not_told_about_them_gives_his_word_to_nothing(lab: Lab) -> None:
    """A stranger's «достаточно» is a client's letter like any other."""
    lab.arrive(raw("достаточно", sender="Х <x@evil.example.net>", subject="Re: " + lab.to(CLIENT)[0].subject))
    assert lab.cases()[0].status == "open"


def test_the_same_question_of_two_clients_gives_each_his_own(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    ask(lab)
    proven = {"Authentication-Results": "mx.cleanmet.ru; dmarc=pass header.from=vega.example.org"}
    other = {"sender": "Иван <ivan@vega.example.org>", "message_id": "<i@vega.example.org>"}
    lab.arrive(raw(QUESTION, subject="Вопрос", headers=proven, **other))  # type: ignore[arg-type]
    assert ["Справочно" in sent.text for sent in lab.to("ivan@vega.example.org")] == [True]
