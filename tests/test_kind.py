"""What the program took a letter for is corrected: upward by one word, downward with the quality manager's word."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from mailcase.rules.decision import Act
from mailcase.rules.orders import parse_orders
from mailcase.store import tables as t
from tests.lab import Lab
from tests.letters import raw
from tests.test_assign import staff
from tests.test_flow import CLIENT, PETROVA, reply_to_notice

SMIRNOVA = "smirnova@cleanmet.ru"
COMPLAINT = "К сожалению, в протоколе № 145 снова ошибка, прошу исправить и объяснить причину."


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint", "claim")}))


def journal(lab: Lab) -> list[tuple[Any, ...]]:
    j = t.journal.c
    with lab.app.db.read() as view:
        rows = view.execute(sa.select(j.register, j.seq, j.moved_to).order_by(j.entered_at, j.register))
        return [tuple(row) for row in rows]


def detail(lab: Lab, kind: str) -> str:
    return next(event.detail for event in lab.events(1) if event.type == kind)


@pytest.mark.parametrize(
    ("line", "args"),
    [("!жалоба", "complaint"), ("!претензия до 1 декабря", "claim до 1 декабря"), ("!вид вопрос", "вопрос")],
)
def test_a_kind_is_an_order_of_one_word(line: str, args: str) -> None:
    assert parse_orders("", line)[0] == (Act("kind", args),)


@pytest.mark.req("A36", "A25")
def test_a_missed_complaint_is_registered_at_once_and_comes_to_somebody_else(lab: Lab) -> None:
    lab.arrive(raw())
    before = lab.cases()[0]
    assert (before.register, before.assignee) == ("inquiry", "petrova")
    lab.arrive(reply_to_notice(lab, "!жалоба"))
    case = lab.cases()[0]
    assert (case.register, case.kind, case.assignee, case.check) == ("complaint", "complaint", "smirnova", False)
    assert journal(lab) == [("inquiry", 1, f"complaint:{lab.now.year}:1"), ("complaint", 1, None)]
    assert case.due_at <= before.due_at
    assert '"before":"request"' in detail(lab, "reclassified")
    assert "Рассмотрит: Смирнова О. И." in lab.to(PETROVA)[-1].text
    assert ".." not in lab.to(PETROVA)[-1].text
    assert "Просим выставить" in lab.to(SMIRNOVA)[-1].text
    assert len(lab.to(CLIENT)) == 1


def test_a_correction_within_a_register_changes_neither_journal_nor_person(lab: Lab) -> None:
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, "!вид вопрос"))
    case = lab.cases()[0]
    assert (case.kind, case.assignee) == ("consultation", "petrova")
    assert journal(lab) == [("inquiry", 1, None)]


@pytest.mark.req("C102")
def test_a_complaint_is_made_none_only_by_the_quality_manager_and_with_a_reason(tmp_path: Path) -> None:
    people = staff(smirnova={"kinds": ()}, petrova={"kinds": ("complaint", "request")}, sidorov={"kinds": ()})
    lab = Lab(tmp_path, employee=people, lab={"quality_manager": "smirnova", "duty": "sidorov"})
    lab.arrive(raw(COMPLAINT))
    assert lab.cases()[0].assignee == "petrova"
    lab.arrive(reply_to_notice(lab, "!вид вопрос"))
    assert "только с причиной" in lab.to(PETROVA)[-1].text
    lab.arrive(reply_to_notice(lab, "!вид вопрос клиент спрашивает о протоколе другой лаборатории"))
    assert "остаётся жалобой" in lab.to(PETROVA)[-1].text
    assert lab.cases()[0].register == "complaint"
    asked = lab.to(SMIRNOVA)[-1]
    assert "клиент спрашивает о протоколе другой лаборатории" in asked.text
    lab.arrive(raw("да", sender=f"Смирнова <{SMIRNOVA}>", message_id="<yes@cleanmet.ru>", in_reply_to=asked.id))
    case = lab.cases()[0]
    assert (case.register, case.kind) == ("inquiry", "consultation")
    assert journal(lab) == [("complaint", 1, f"inquiry:{lab.now.year}:1"), ("inquiry", 1, None)]


def test_nobody_else_can_say_yes_and_a_no_leaves_it(tmp_path: Path) -> None:
    people = staff(smirnova={"kinds": ()}, petrova={"kinds": ("complaint", "request")}, sidorov={"kinds": ()})
    lab = Lab(tmp_path, employee=people, lab={"quality_manager": "smirnova", "duty": "sidorov"})
    lab.arrive(raw(COMPLAINT))
    lab.arrive(reply_to_notice(lab, "!вид вопрос так проще"))
    asked = lab.to(SMIRNOVA)[-1]
    lab.arrive(raw("да", sender=f"Петрова <{PETROVA}>", message_id="<me@cleanmet.ru>", in_reply_to=asked.id))
    assert lab.cases()[0].register == "complaint"
    lab.arrive(raw("стоп", sender=f"Смирнова <{SMIRNOVA}>", message_id="<no@cleanmet.ru>", in_reply_to=asked.id))
    lab.arrive(raw("да", sender=f"Смирнова <{SMIRNOVA}>", message_id="<late@cleanmet.ru>", in_reply_to=asked.id))
    assert lab.cases()[0].register == "complaint"


def test_the_quality_manager_herself_gets_one_question_and_no_receipt_about_herself(tmp_path: Path) -> None:
    people = staff(smirnova={"kinds": ("complaint",)}, petrova={"kinds": ("request",)}, sidorov={"kinds": ()})
    lab = Lab(tmp_path, employee=people, lab={"quality_manager": "smirnova", "duty": "sidorov"})
    lab.arrive(raw(COMPLAINT))
    notice = lab.to(SMIRNOVA)[-1]
    order = {"sender": f"Смирнова <{SMIRNOVA}>", "message_id": "<none@cleanmet.ru>", "in_reply_to": notice.id}
    lab.arrive(raw("!вид вопрос спрашивает о чужом протоколе", **order))
    _, asked = lab.to(SMIRNOVA)
    assert "Вы пишете: № 1 не жалоба, а вопрос." in asked.text
    lab.at(lab.now.replace(hour=6, minute=5) + timedelta(days=1))
    assert "№ 1 · Ваше письмо ждёт слова" in lab.to(SMIRNOVA)[-1].text.replace("\xa0", " ")
    lab.arrive(raw("да", sender=f"Смирнова <{SMIRNOVA}>", message_id="<yes@cleanmet.ru>", in_reply_to=asked.id))
    assert lab.cases()[0].register == "inquiry"


def test_an_order_that_only_a_question_gives_cannot_be_written(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=staff(petrova={"kinds": ("complaint", "request")}))
    lab.arrive(raw(COMPLAINT))
    lab.arrive(reply_to_notice(lab, "!downgrade consultation мне так удобнее"))
    assert lab.cases()[0].register == "complaint"


def test_an_unknown_kind_is_told_with_those_there_are(lab: Lab) -> None:
    lab.arrive(raw())
    lab.arrive(reply_to_notice(lab, "!вид чепуха"))
    assert "Есть: заявка, изменение, вопрос" in lab.to(PETROVA)[-1].text


def test_an_unproven_order_waits_for_the_quality_managers_word_after_the_writers(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint", "claim")}))
    lab.arrive(raw(COMPLAINT))
    order = {"sender": PETROVA, "subject": f"Re: [{lab.cases()[0].tag}]", "message_id": "<p@cleanmet.ru>"}
    mail_id = lab.arrive(raw("!вид вопрос клиент спрашивал о сроках", **order))
    for login in ("petrova", "smirnova"):
        address = f"{login}@cleanmet.ru"
        yes = {"message_id": f"<{login}@cleanmet.ru>", "in_reply_to": lab.to(address)[-1].id}
        lab.arrive(raw("да", sender=address, **yes))
    assert lab.cases()[0].register == "inquiry"
    assert lab.mail(mail_id).held is None
