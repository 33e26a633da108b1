"""One word of an employee, his orders, and what is no matter of his at all."""

from __future__ import annotations

import pytest

from mailcase.rules.decision import Act, Command, Drop, Held
from mailcase.words import DropReason, Template, Trust
from tests.letters import facts
from tests.test_staff import DOMAIN, NOTICE, QUESTION, SUBJECT, becomes, forward, goes_out, hit, known


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("да", Act("confirm", "77")),
        ("Да!", Act("confirm", "77")),
        ("!да", Act("confirm", "77")),
        ("Клиенту, пожалуйста", Act("client", "77")),
        ("стоп", Act("stop", "77")),
        ("нет", Act("stop", "77")),
        ("Отмена.\n\n> Похоже, это письмо коллеге", Act("stop", "77")),
    ],
)
def test_a_word_answers_our_question(text: str, act: Act):
    decision = becomes(text, known(thread=QUESTION), in_reply_to=("<held@cleanmet.ru>",))
    assert decision == Command(1, "petrova", Trust.ANSWERING, (act,))


def test_more_than_a_word_to_our_question_is_never_sent_to_the_client():
    text = "да, и скажи ему, чтобы поторопился с этим"
    assert isinstance(becomes(text, known(thread=QUESTION), in_reply_to=("<held@cleanmet.ru>",)), Held)


def test_a_question_further_up_the_thread_is_not_what_is_answered():
    given = known(thread=(*QUESTION, hit()))
    assert goes_out(becomes(given=given, references=("<held@cleanmet.ru>", NOTICE)))


def test_stop_holds_a_pending_answer():
    given = known(thread=(hit(template=Template.RECEIPT),))
    assert becomes("стоп", given) == Command(1, "petrova", Trust.ANSWERING, (Act("stop"),))
    assert becomes("Отмена", cc="sidorov@cleanmet.ru").acts == (Act("stop"),)


def test_words_beside_an_order_stay_inside():
    decision = becomes("!назначить Сидоров\n\nДобрый день! Прошу заняться.")
    assert decision.acts == (Act("assign", "Сидоров"), Act("note", text="Добрый день! Прошу заняться."))


def test_an_order_in_the_subject():
    assert becomes("", subject=SUBJECT + " !закрыть дубль").acts == (Act("close", "дубль"),)


def test_an_order_that_is_not_understood_does_nothing_and_proposes_the_nearest():
    decision = becomes("!закрыт дубль")
    assert isinstance(decision, Held)
    assert decision.proposal == (Act("close", "дубль"),)
    assert "!закрыть дубль" in decision.question
    more = becomes("!закрыт дубль\nи ещё слова")
    assert (more.acts, "!закрыть дубль" in more.mistakes[0], len(more.mistakes)) == ((), True, 2)


def test_a_ledger_line_is_promoted_from_the_digest():
    digest = known(cases=(), thread=(hit(case_id=None, template=Template.DIGEST),))
    assert becomes("!обращение 812", digest) == Command(None, "petrova", Trust.ANSWERING, (Act("promote", "812"),))
    by_link = becomes("", facts(), DOMAIN, in_reply_to=(), subject="!обращение 812")
    assert by_link == Command(None, "petrova", Trust.VERIFIED, (Act("promote", "812"),))


def test_a_word_about_a_machines_notice_stays_a_line_of_the_ledger():
    given = known(cases=(), thread=(hit(case_id=None, template=Template.MACHINE_NOTICE),))
    assert becomes("Забрал груз, спасибо", given) == Drop(DropReason.RECEIPT)
    assert becomes("Прошу принять", given, cc="client@other.example") is None


@pytest.mark.req("A35")
def test_without_case_and_thread_it_is_a_letter_like_any_other():
    assert becomes(given=facts(), in_reply_to=()) is None
    assert becomes(given=facts(), in_reply_to=(), forwarded=forward()) is None
