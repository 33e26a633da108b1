"""A complaint is given to somebody involved only by a word more, on record, and not behind anybody's back (A25)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab
from tests.letters import raw
from tests.test_assign import staff
from tests.test_involved import COMPLAINT, HERS, WORKED, lab_of, orders, said, writes


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """Petrova has an inquiry, and Smirnova the complaint that came in its thread; Orlov is the head."""
    lab = lab_of(tmp_path)
    writes(lab, COMPLAINT)
    return lab


def held(lab: Lab) -> list[str]:
    """Who is to say a word about a letter that waits."""
    found = [lab.mail(mail_id).held for mail_id in range(1, lab.arrived + 1)]
    return [json.loads(waits)["person"] for waits in found if waits]


def recorded(lab: Lab, kind: str, case_id: int = 2) -> list[dict[str, Any]]:
    return [json.loads(event.detail) for event in lab.events(case_id) if event.type == kind]


def morning(lab: Lab, days: int = 1) -> None:
    lab.at(lab.now.replace(hour=6, minute=5) + timedelta(days=days))


@pytest.mark.req("A25")
def test_a_complaint_for_who_did_the_work_is_asked_about_and_the_attempt_is_on_record(lab: Lab) -> None:
    asked = orders(lab, "smirnova", "!назначить Петрова")
    assert asked.subject.startswith("Нужно Ваше слово: № 2")
    text = " ".join(asked.text.split())
    assert f"№ 2, жалоба: Петрова Н. В. — {WORKED}. Назначить всё равно?" in text
    assert "Не связаны с ней: Смирнова О. И., Сидоров А. П., Орлов Д. С." in text
    assert "«да» — передать: Петрова Наталья Викторовна" in text
    assert (lab.cases()[1].assignee, held(lab)) == ("smirnova", ["smirnova"])
    assert recorded(lab, "held") == [{"to": "petrova", "wanted": "assign"}]
    orders(lab, "smirnova", "стоп")
    assert (lab.cases()[1].assignee, held(lab)) == ("smirnova", [])


def test_another_name_in_reply_to_the_question_does_it_at_once(lab: Lab) -> None:
    orders(lab, "smirnova", "!назначить Петрова")
    assert "№ 2 → Сидоров А. П." in orders(lab, "smirnova", "!назначить Сидоров").text
    assert (lab.cases()[1].assignee, recorded(lab, "involved")) == ("sidorov", [])


@pytest.mark.req("A25")
def test_yes_does_it_and_the_head_reads_of_it_once(lab: Lab) -> None:
    orders(lab, "smirnova", "!назначить Петрова")
    assert "№ 2 → Петрова Н. В." in orders(lab, "smirnova", "да").text
    assert (lab.cases()[1].assignee, held(lab)) == ("petrova", [])
    assert COMPLAINT in said(lab, "petrova")
    assert recorded(lab, "involved") == [{"how": "ordered", "person": "petrova"}]
    line = f"№ 2 · жалобу рассматривает Петрова Н. В.: {WORKED} (передать — «!назначить»)"
    morning(lab)
    morning(lab)
    assert [said(lab, who).count(line) for who in ("orlov", "smirnova", "petrova")] == [1, 0, 0]


def test_who_gave_it_back_by_the_morning_is_told_of_to_nobody(lab: Lab) -> None:
    orders(lab, "smirnova", "!назначить Петрова")
    orders(lab, "smirnova", "да")
    orders(lab, "petrova", "!назначить Сидоров")
    morning(lab)
    assert "жалобу рассматривает" not in said(lab, "orlov")


@pytest.mark.req("A25")
def test_who_is_involved_himself_does_not_say_the_word(lab: Lab) -> None:
    """He takes the complaint about his work: the quality manager is asked, and in her absence the head."""
    order = {"sender": "petrova@cleanmet.ru", "subject": f"Re: [{lab.cases()[1].tag}]"}
    lab.arrive(raw("!назначить Петрова", message_id="<mine@cleanmet.ru>", **order))
    assert "Это писали Вы?" in said(lab, "petrova")
    assert "№ 2 не передано, пока не согласится Смирнова О. И." in orders(lab, "petrova", "да").text
    assert (lab.cases()[1].assignee, held(lab)) == ("smirnova", ["smirnova"])
    assert "Петрова Наталья Викторовна: № 2, жалоба: Петрова Н. В. — исполнитель" in said(lab, "smirnova")
    orders(lab, "smirnova", "да")
    assert (lab.cases()[1].assignee, held(lab)) == ("petrova", [])


def test_a_word_that_needs_another_one_is_followed_by_that_question(lab: Lab) -> None:
    """«Отдай Петровой» is asked about as words to a colleague; her part in it is the second question."""
    notice = lab.to("smirnova@cleanmet.ru")[-1]
    lab.arrive(raw("Это не моё, отдай Петровой.", sender="smirnova@cleanmet.ru", in_reply_to=notice.id,
                   message_id="<s@cleanmet.ru>"))  # fmt: skip
    assert "Похоже, это письмо коллеге" in said(lab, "smirnova")
    assert WORKED in orders(lab, "smirnova", "да").text
    assert (lab.cases()[1].assignee, held(lab)) == ("smirnova", ["smirnova"])
    orders(lab, "smirnova", "да")
    assert lab.cases()[1].assignee == "petrova"


ALONE = "это письмо уже ждёт слова о другом распоряжении: пришлите это распоряжение отдельным письмом"


@pytest.mark.req("A25")
def test_of_two_orders_that_need_a_word_one_is_asked_about_and_the_other_told(lab: Lab) -> None:
    """«Да» to «Назначить всё равно?» takes no complaint off the register."""
    orders(lab, "smirnova", "!назначить Петрова\n!вид вопрос клиент спрашивал о сроках")
    question, told = lab.to("smirnova@cleanmet.ru")[-2:]
    assert f"Не сделано: - № 2, снять с учёта жалоб — {ALONE}" in " ".join(told.text.replace("*", "").split())
    assert "Снять с учёта" not in question.text
    assert len(held(lab)) == 1
    yes = raw("да", sender="smirnova@cleanmet.ru", in_reply_to=question.id, message_id="<yes@cleanmet.ru>")
    lab.arrive(yes)
    assert (lab.cases()[1].assignee, lab.cases()[1].register, held(lab)) == ("petrova", "complaint", [])
    assert "Снять с учёта жалоб?" in orders(lab, "smirnova", "!вид вопрос клиент спрашивал о сроках").text


def test_so_it_is_after_his_word_that_he_wrote_them(lab: Lab) -> None:
    order = {"sender": "smirnova@cleanmet.ru", "subject": f"Re: [{lab.cases()[1].tag}]", "message_id": "<two@x>"}
    lab.arrive(raw("!вид вопрос клиент спрашивал о сроках\n!назначить Петрова", **order))
    told = orders(lab, "smirnova", "да").text
    assert f"№ 2, передать: Петрова Наталья Викторовна — {ALONE}" in " ".join(told.split())
    assert "Снять с учёта жалоб?" in lab.to("smirnova@cleanmet.ru")[-2].text
    assert (lab.cases()[1].assignee, held(lab)) == ("smirnova", ["smirnova"])


def test_nobody_can_order_it_in_words(lab: Lab) -> None:
    orders(lab, "smirnova", "!entrust petrova")
    assert lab.cases()[1].assignee == "smirnova"


def test_an_inquiry_goes_to_whoever_is_named_without_a_question(lab: Lab) -> None:
    lab.arrive(raw("Прошу Орлова подготовить КП.", sender="b@x.example", message_id="<b@x.example>"))
    assert "№ 3 → Орлов Д. С." in orders(lab, lab.cases()[2].assignee, "!назначить Орлов").text


@pytest.mark.req("A25")
def test_a_complaint_that_nobody_else_can_take_is_told_to_who_answers_for_all(tmp_path: Path) -> None:
    """The head is named, and all others are away: it is his all the same, and the quality manager reads of it."""
    away = {name: {"active": False} for name in ("petrova", "sidorov")}
    roles = {"quality_manager": "smirnova", "duty": "smirnova", "head": "orlov"}
    lab = Lab(tmp_path, employee=staff(**away), lab=roles)
    lab.arrive(raw(f"{COMPLAINT} Смирнова и Орлов мне нагрубили."))
    assert lab.cases()[0].assignee == "orlov"
    assert recorded(lab, "involved", 1) == [{"how": "nobody_else", "person": "orlov"}]
    morning(lab)
    assert "№ 1 · жалобу рассматривает Орлов Д. С.: имя названо в жалобе" in said(lab, "smirnova")


@pytest.mark.req("A25")
def test_an_addition_from_his_own_work_is_told_to_the_head_too(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=staff(**HERS))
    lab.arrive(raw())
    lab.arrive(raw(f"Жалоба. {COMPLAINT}", message_id="<2@romashka.example.ru>"))
    inquiry, complaint = lab.cases()
    orders(lab, inquiry.assignee, "!назначить Смирнова")
    assert (lab.cases()[0].assignee, complaint.assignee) == ("smirnova", "smirnova")
    writes(lab, COMPLAINT, 3)
    assert recorded(lab, "involved") == [{"how": "joined", "person": "smirnova"}]
    morning(lab)
    assert f"№ 2 · жалобу рассматривает Смирнова О. И.: {WORKED}" in said(lab, "orlov")


@pytest.mark.req("A25")
def test_who_closes_a_complaint_about_his_own_work_is_on_record(lab: Lab) -> None:
    tag = lab.cases()[1].tag
    close = {"sender": "petrova@cleanmet.ru", "subject": f"Re: [{tag}]", "message_id": "<c@cleanmet.ru>"}
    lab.arrive(raw("!закрыть необоснованна", **close))
    orders(lab, "petrova", "да")
    assert (lab.cases()[1].status, recorded(lab, "involved")) == (
        "closed",
        [{"how": "closed", "person": "petrova"}],
    )
    morning(lab)
    for who in ("orlov", "smirnova"):
        assert f"№ 2 · жалобу закрыл(а) Петрова Н. В.: {WORKED}" in said(lab, who)


@pytest.mark.req("A25")
def test_who_answers_a_complaint_about_his_own_work_is_on_record(lab: Lab) -> None:
    """He writes with the number of the complaint, which is not his."""
    order = {"sender": "petrova@cleanmet.ru", "subject": f"Re: [{lab.cases()[1].tag}]", "message_id": "<a@x>"}
    lab.arrive(raw("!ответ\nДобрый день! Ошибки в протоколе мы не нашли.", **order))
    assert "Отправить так?" in orders(lab, "petrova", "да").text
    orders(lab, "petrova", "да")
    assert recorded(lab, "involved") == [], "it has not left yet"
    lab.later(minutes=11)
    assert recorded(lab, "involved") == [{"how": "answered", "person": "petrova"}]
    morning(lab)
    assert f"№ 2 · на жалобу ответил(а) Петрова Н. В.: {WORKED}" in said(lab, "orlov")
