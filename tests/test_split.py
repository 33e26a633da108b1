"""A complaint in the thread of an inquiry becomes a case of its own, and so does a letter by an employee's order."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from mailcase.store import cases, known
from mailcase.store import tables as t
from mailcase.store.cases import Actor
from tests.lab import Lab
from tests.letters import raw
from tests.test_assign import staff
from tests.test_flow import CLIENT, PETROVA, reply_to_notice

SMIRNOVA = "smirnova@cleanmet.ru"
COMPLAINT = "К сожалению, в протоколе № 145 снова ошибка, прошу исправить и объяснить причину."
ROOT = "<1@romashka.example.ru>"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint", "claim")}))
    lab.arrive(raw())
    return lab


def writes(lab: Lab, text: str, n: int = 2, **more: str) -> int:
    """The client writes again in the thread of his inquiry."""
    return lab.arrive(raw(text, message_id=f"<{n}@romashka.example.ru>", in_reply_to=ROOT, **more))


def links(lab: Lab) -> set[tuple[int, int]]:
    with lab.app.db.read() as view:
        return {(row.case_id, row.other_id) for row in view.execute(sa.select(t.link))}


@pytest.mark.req("A10", "A25")
def test_a_complaint_hidden_in_a_thread_is_registered_at_once_and_the_inquiry_goes_on(lab: Lab) -> None:
    mail_id = writes(lab, COMPLAINT)
    inquiry, complaint = lab.cases()
    assert (lab.mail(mail_id).outcome, lab.mail(mail_id).case_id) == ("new_case", complaint.id)
    assert (inquiry.register, inquiry.status, inquiry.parts) == ("inquiry", "open", 2)
    assert (complaint.register, complaint.assignee) == ("complaint", "smirnova")
    assert complaint.assignee != inquiry.assignee
    assert links(lab) == {(1, 2), (2, 1)}
    assert COMPLAINT in " ".join(lab.to(SMIRNOVA)[-1].text.split())
    assert "жалоба из этого письма зарегистрирована отдельно, № 2" in lab.to(PETROVA)[-1].text.lower()
    acks = [sent for sent in lab.to(CLIENT) if f"[{complaint.tag}]" in sent.subject]
    assert (len(acks), len(lab.to(CLIENT))) == (1, 2)


def test_what_else_the_letter_asks_for_has_a_clock_though_the_inquiry_was_answered(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!ответ\nДобрый день! Стоимость работ 12 000 руб."))
    lab.later(minutes=11)
    assert lab.cases()[0].status == "answered"
    writes(lab, f"{COMPLAINT} И ещё выставьте, пожалуйста, счёт на 3 датчика давления.")
    inquiry, complaint = lab.cases()
    assert (inquiry.status, complaint.register) == ("open", "complaint")
    assert inquiry.due_at > lab.now
    assert ".." not in lab.to(PETROVA)[-1].text


def test_who_complains_already_adds_to_it_and_whoever_has_the_inquiry_is_told(lab: Lab) -> None:
    lab.arrive(raw(f"Жалоба. {COMPLAINT}", message_id="<2@romashka.example.ru>"))
    mail_id = writes(lab, COMPLAINT, 3)
    inquiry, complaint = lab.cases()
    assert (lab.mail(mail_id).outcome, lab.mail(mail_id).case_id) == ("follow_up", complaint.id)
    assert (inquiry.parts, complaint.parts) == (2, 2)
    assert links(lab) == {(1, 2), (2, 1)}
    assert "приобщена к открытой жалобе № 2, рассмотрит Смирнова" in lab.to(PETROVA)[-1].text
    told = " ".join(lab.to(SMIRNOVA)[-1].text.split()).lower()
    assert "письмо пришло в переписке по № 1" in told
    assert "исполнитель вы" not in told
    # The next letter of the thread is the inquiry's again.
    assert lab.mail(writes(lab, "Когда можно привезти датчик?", 4)).case_id == inquiry.id


def test_an_addition_about_his_own_work_is_said_to_whoever_has_both(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint", "claim")}))
    lab.arrive(raw())
    lab.arrive(raw(f"Жалоба. {COMPLAINT}", message_id="<2@romashka.example.ru>"))
    with lab.app.db.tx() as tx:
        cases.assign(tx, 1, Actor(lab.now), "smirnova", "проверка")
    writes(lab, COMPLAINT, 3)
    assert "где исполнитель Вы: если это жалоба на Вашу работу" in " ".join(
        " ".join(sent.text.split()) for sent in lab.to(SMIRNOVA)
    )


def finished(lab: Lab) -> None:
    """The inquiry was answered and, after five silent days, is closed."""
    lab.arrive(reply_to_notice(lab, "!ответ\nДобрый день! Стоимость работ 12 000 руб."))
    lab.later(minutes=11)
    lab.arrive(reply_to_notice(lab, "!закрыть работа сделана"))
    assert lab.cases()[0].status == "closed"


def test_what_else_the_letter_asks_for_has_a_clock_though_the_inquiry_was_closed(lab: Lab) -> None:
    finished(lab)
    writes(lab, f"{COMPLAINT} И ещё выставьте, пожалуйста, счёт на 3 датчика давления.")
    inquiry, complaint = lab.cases()
    assert (inquiry.status, inquiry.closed_at, complaint.register) == ("open", None, "complaint")
    assert inquiry.due_at > lab.now
    assert "ответьте только на остальное" in lab.to(PETROVA)[-1].text


def test_a_mere_complaint_about_finished_work_is_no_new_work_for_whoever_did_it(lab: Lab) -> None:
    finished(lab)
    told = len(lab.to(PETROVA))
    writes(lab, COMPLAINT)
    inquiry, complaint = lab.cases()
    assert (inquiry.status, complaint.assignee, len(lab.to(PETROVA))) == ("closed", "smirnova", told)
    assert links(lab) == {(1, 2), (2, 1)}


def test_whoever_considered_the_complaint_does_not_get_the_clients_next_order(lab: Lab) -> None:
    writes(lab, COMPLAINT)
    with lab.app.db.tx() as tx:
        cases.answer(tx, 2, Actor(lab.now, "smirnova"), "письмом")
        cases.close(tx, 2, Actor(lab.now, "smirnova"), "обоснованна, протокол исправлен")
    lab.arrive(raw("Просим КП на поверку весов, 3 шт.", subject="Весы", message_id="<9@romashka.example.ru>"))
    assert (lab.cases()[2].register, lab.cases()[2].assignee) == ("inquiry", "petrova")


def test_who_only_ever_complained_is_known_and_his_order_goes_where_the_rules_send_it(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint", "claim")}))
    lab.arrive(raw(COMPLAINT))
    with lab.app.db.tx() as tx:
        cases.close(tx, 1, Actor(lab.now, "smirnova"), "обоснованна, протокол исправлен")
        assert known.client(tx, CLIENT) == (True, "")
    lab.arrive(raw("Просим КП на поверку весов, 3 шт.", subject="Весы", message_id="<9@romashka.example.ru>"))
    assert lab.cases()[1].assignee in ("petrova", "sidorov")


def test_an_answer_on_its_way_does_not_stop_the_clock_of_what_else_the_letter_asks_for(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!ответ\nДобрый день! Стоимость работ 12 000 руб."))
    writes(lab, f"{COMPLAINT} И ещё выставьте, пожалуйста, счёт на 3 датчика давления.")
    lab.later(minutes=11)
    assert lab.cases()[0].status == "open"


def test_what_answers_the_complaint_goes_to_it_and_the_rest_to_the_inquiry(lab: Lab) -> None:
    writes(lab, COMPLAINT)
    acked = next(sent for sent in lab.to(CLIENT) if f"[{lab.cases()[1].tag}]" in sent.subject)
    lab.arrive(raw("Прилагаю фото.", message_id="<3@romashka.example.ru>", in_reply_to=acked.id))
    writes(lab, "И ещё два термометра, пожалуйста.", 4)
    inquiry, complaint = lab.cases()
    assert (inquiry.parts, complaint.parts) == (3, 2)


def test_a_second_angry_letter_in_the_thread_adds_to_the_complaint(lab: Lab) -> None:
    writes(lab, COMPLAINT)
    writes(lab, "Повторяю: в протоколе № 145 ошибка, это безобразие, требую исправить.", 3)
    assert [case.parts for case in lab.cases()] == [2, 2]


def test_by_one_word_an_overlooked_complaint_is_split_out_and_the_inquiry_stays_one(lab: Lab) -> None:
    writes(lab, "Добавьте, пожалуйста, ещё два термометра к нашей заявке.")
    assert len(lab.cases()) == 1
    lab.arrive(reply_to_notice(lab, "!жалоба"))
    inquiry, complaint = lab.cases()
    assert (inquiry.register, complaint.register, complaint.assignee) == ("inquiry", "complaint", "smirnova")
    assert links(lab) == {(1, 2), (2, 1)}
    assert len([sent for sent in lab.to(CLIENT) if f"[{complaint.tag}]" in sent.subject]) == 1


def test_said_twice_the_word_makes_no_complaint_of_the_innocent_inquiry(lab: Lab) -> None:
    writes(lab, "Добавьте, пожалуйста, ещё два термометра к нашей заявке.")
    for letter in [reply_to_notice(lab, "!жалоба", message_id=f"<{n}@cleanmet.ru>") for n in (71, 72)]:
        lab.arrive(letter)
    assert "уже зарегистрировано отдельно, № 2" in lab.to(PETROVA)[-1].text
    assert [case.register for case in lab.cases()] == ["inquiry", "complaint"]


def test_a_claim_that_is_only_a_covering_line_is_not_left_to_whom_it_may_be_about(lab: Lab) -> None:
    writes(lab, "Направляем претензию во вложении.")
    inquiry, claim = lab.cases()
    assert (inquiry.register, claim.kind, claim.assignee) == ("inquiry", "claim", "smirnova")


def test_a_plain_order_that_joined_an_open_complaint_is_split_off_by_one_word(tmp_path: Path) -> None:
    lab = Lab(tmp_path, employee=staff(smirnova={"kinds": ("complaint", "claim")}))
    lab.arrive(raw(COMPLAINT))
    lab.arrive(raw("Просим выставить КП на поверку весов ВЛ-210.", subject="Весы", message_id="<2@x.example.ru>"))
    assert [case.parts for case in lab.cases()] == [2]
    told = lab.to(SMIRNOVA)[-1]
    assert "«!отдельно»" in told.text
    mine = {"sender": f"Смирнова <{SMIRNOVA}>", "in_reply_to": told.id, "subject": f"Re: {told.subject}"}
    lab.arrive(raw("!отдельно", message_id="<s@cleanmet.ru>", **mine))
    complaint, order = lab.cases()
    assert (complaint.register, order.register, order.kind) == ("complaint", "inquiry", "request")
    lab.arrive(raw("Весов будет двое.", message_id="<3@x.example.ru>", in_reply_to="<2@x.example.ru>"))
    assert lab.cases()[1].parts == 2
    lab.arrive(raw("!отдельно", message_id="<s2@cleanmet.ru>", **mine))
    assert "нельзя отделить" in lab.to(SMIRNOVA)[-1].text
    assert len(lab.cases()) == 2


def test_the_letter_that_opened_a_case_cannot_leave_it(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!отдельно 1"))
    assert "нельзя отделить" in lab.to(PETROVA)[-1].text
    assert len(lab.cases()) == 1


@pytest.mark.parametrize("words", ["99999999999", "12345678901234567890123", "8 495 000-00-02"])
def test_a_number_that_is_no_part_of_the_case_separates_nothing(lab: Lab, words: str) -> None:
    writes(lab, "Добавьте, пожалуйста, ещё два термометра к нашей заявке.")
    lab.arrive(reply_to_notice(lab, f"!отдельно {words}"))
    assert "Не понятно, какое письмо отделить" in lab.to(PETROVA)[-1].text
    assert [case.parts for case in lab.cases()] == [3]


def test_a_colleagues_own_answer_is_made_no_case(lab: Lab) -> None:
    """His answer past us, with the laboratory in copy, is part of the case; nobody is to answer him."""
    more = {"sender": "Сидоров <sidorov@cleanmet.ru>", "to": CLIENT, "cc": "lab@cleanmet.ru"}
    answered = writes(lab, "Добрый день! Калибровка стоит 12 000 руб., срок 5 дней.", 2, **more)
    lab.arrive(reply_to_notice(lab, f"!отдельно {lab.mail(answered).part}"))
    assert "написал не клиент" in lab.to(PETROVA)[-1].text
    assert lab.mail(answered).outcome == "follow_up"
    assert len(lab.cases()) == 1
