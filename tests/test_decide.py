"""The table of decisions: small letters and facts in, one of the outcomes out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mailcase.mail.letter import BounceReport, Forwarded
from mailcase.rules.decide import decide
from mailcase.rules.decision import Bounce, Command, Decided, Decision, Drop, FollowUp, Held, NewCase, Notice
from mailcase.rules.facts import Facts, OutboxFact
from mailcase.words import Audience, DropReason, FolderRole, Kind, Register, Status
from tests.letters import LAB, config, facts, letter
from tests.test_staff import ANSWER, SUBJECT, known
from tests.test_thread import CLIENT, ID, case, hit

STAFF = "petrova@cleanmet.ru"
OWN = OutboxFact(7, "<own@cleanmet.ru>", "f" * 32, 1, Audience.CLIENT, CLIENT)
REPORT = BounceReport((CLIENT,), True, "<own@cleanmet.ru>", "5.1.1")
CASINO = {
    "sender": "promo@casino.example",
    "subject": "Вы выиграли: только сегодня",
    "text": "Продвижение сайтов в топ-10, база e-mail адресов. Кредит без отказа. Казино, бонус новым!",
}
EDO = {
    "sender": "noreply@edo.example",
    "subject": "Новый документ на подпись",
    "text": "Вам поступил документ на подпись. Подпишите его в сервисе ЭДО. Письмо сформировано автоматически.",
}


def decided(given: Facts | None = None, settings: dict[str, Any] | None = None, **mail: Any) -> Decided:
    return decide(letter(**mail), given or facts(), config(**(settings or {})))


def becomes(given: Facts | None = None, **mail: Any) -> Decision:
    return decided(given, **mail).decision


def opened(given: Facts | None = None, **mail: Any) -> NewCase:
    decision = becomes(given, **mail)
    assert isinstance(decision, NewCase)
    return decision


@pytest.mark.req("A36", "A37")
def test_a_clients_letter_is_a_case_with_a_person_a_term_and_an_acknowledgement():
    case_ = opened()
    assert case_.judgement.kind is Kind.REQUEST
    assert (case_.assignee, case_.acknowledge, case_.silence) == ("petrova", True, "")
    assert case_.contact == (CLIENT, "Анна Ковалёва")
    assert case_.due_at == datetime(2026, 11, 26, 14, 30, tzinfo=UTC)
    assert case_.target_at == datetime(2026, 11, 25, 14, 30, tzinfo=UTC)


def test_every_decision_tells_its_reasons():
    rules = [r.rule for r in decided().reasons]
    assert any(r.startswith("classify") for r in rules)
    assert any(r.startswith("assign") for r in rules)
    assert all(r.why for r in decided(return_path=None).reasons)
    assert "answer.silence" in [r.rule for r in decided(return_path=None).reasons]


@pytest.mark.req("C74")
def test_the_term_counts_from_arrival_and_not_from_the_date_header():
    far = decided(date=datetime(2035, 1, 1, tzinfo=UTC))
    assert isinstance(far.decision, NewCase)
    assert far.decision.due_at == opened().due_at
    assert "deadline.date" in [r.rule for r in far.reasons]


@pytest.mark.parametrize(
    ("given", "mail", "expected"),
    [
        (facts(original_mail_id=3), {}, Drop(DropReason.DUPLICATE)),
        (facts(own=OWN), {"fingerprint": "f" * 32, "message_id": OWN.message_id}, Drop(DropReason.OWN, 1)),
        (facts(), {"headers": {"Auto-Submitted": "auto-replied"}}, Drop(DropReason.AUTO_REPLY)),
        (facts(), {"return_path": ""}, Drop(DropReason.AUTO_REPLY)),
        (facts(), {"report_type": "disposition-notification"}, Drop(DropReason.RECEIPT)),
        (facts(role=FolderRole.SPAM), {}, Drop(DropReason.SPAM)),
        (facts(), {"received": 60}, Drop(DropReason.LOOP)),
        (facts(role=FolderRole.SENT), {"sender": LAB, "to": CLIENT}, Drop(DropReason.SENT)),
        (facts(bounced=OWN), {"bounce": REPORT, "return_path": ""}, Bounce(OWN, True, (CLIENT,), "5.1.1")),
        (facts(), {"bounce": REPORT, "return_path": ""}, Bounce(None, True, (CLIENT,), "5.1.1")),
    ],
)
def test_what_nobody_wrote_to_us_is_no_case(given: Facts, mail: dict[str, Any], expected: Decision):
    assert becomes(given, **mail) == expected


def test_a_newsletter_is_a_line_of_the_ledger():
    news = {"sender": "news@shop.example", "text": "Новости недели. Отписаться от рассылки.", "subject": "Дайджест"}
    assert becomes(**news, headers={"List-Id": "<news.shop.example>"}) == Drop(DropReason.BULK)


def test_our_own_address_alone_is_a_case_without_an_answer_to_ourselves():
    case_ = opened(sender=LAB)
    assert not case_.acknowledge


@pytest.mark.parametrize(
    ("given", "mail"),
    [
        (facts(role=FolderRole.SPAM), {}),
        (facts(), {"headers": {"Auto-Submitted": "auto-replied"}}),
        (facts(), CASINO),
        (facts(bounced=OWN), {"bounce": REPORT, "return_path": ""}),
        (facts(role=FolderRole.SENT), {"sender": LAB, "to": CLIENT}),
    ],
)
def test_what_a_person_called_a_case_is_never_dropped(given: Facts, mail: dict[str, Any]):
    assert isinstance(becomes(replace(given, forced=True), **mail), NewCase)


def test_a_copy_is_no_second_case_even_by_a_persons_word():
    assert becomes(facts(original_mail_id=3, forced=True)) == Drop(DropReason.DUPLICATE)


@pytest.mark.req("A36")
def test_a_copy_of_what_was_dropped_as_spam_is_judged_anew():
    assert isinstance(becomes(facts(original_mail_id=3, original_spam=True)), NewCase)


def test_machine_mail_never_changes_a_case():
    given = facts(cases=(case(status=Status.ANSWERED),), thread=(hit(),))
    answered = {"in_reply_to": (ID,), "headers": {"Auto-Submitted": "auto-replied"}}
    assert becomes(given, **answered) == Drop(DropReason.AUTO_REPLY, 1)


def test_a_machines_letter_that_demands_an_act_is_told_to_the_duty_person():
    for headers in ({}, {"Auto-Submitted": "auto-generated"}):
        notice = becomes(**EDO, headers=headers)
        assert isinstance(notice, Notice)
        assert notice.person == "smirnova"


def test_advertising_is_dropped_only_from_strangers():
    assert becomes(**CASINO) == Drop(DropReason.SPAM)
    for given in (facts(known_client=True), facts(cases=(case(),), tag_case_id=1)):
        assert not isinstance(becomes(given, **CASINO), Drop)


def test_what_only_sounds_like_a_machine_becomes_a_case_to_check():
    case_ = opened(facts(known_client=True), **CASINO)
    assert case_.judgement.kind is Kind.CORRESPONDENCE
    assert case_.judgement.check
    assert not case_.acknowledge


@pytest.mark.req("C80")
def test_a_late_letter_is_a_case_without_an_acknowledgement():
    case_ = opened(facts(late=True))
    assert not case_.acknowledge
    assert case_.silence


@pytest.mark.req("C3", "C5", "C6", "C18", "C101")
@pytest.mark.parametrize(
    "mail",
    [
        {"return_path": None},
        {"senders": [f"А <{CLIENT}>", "b@other.example"]},
        {"sender": "no-reply@authority.example"},
        {"to": "somebody@other.example"},
    ],
)
def test_silence_is_never_the_loss_of_a_letter(mail: dict[str, Any]):
    case_ = opened(**mail)
    assert not case_.acknowledge
    assert case_.silence


@pytest.mark.req("C4")
def test_the_acknowledgement_goes_to_from_and_a_foreign_reply_to_is_shown():
    case_ = opened(reply_to="list@lists.example.org")
    assert case_.acknowledge
    assert case_.contact[0] == CLIENT
    assert "list@lists.example.org" in case_.remark


def test_a_client_adds_to_his_case():
    given = facts(cases=(case(status=Status.ANSWERED),), thread=(hit(),))
    assert becomes(given, in_reply_to=(ID,)) == FollowUp(1, reopens=True)


@pytest.mark.req("C46")
def test_a_strangers_letter_is_linked_and_given_to_the_same_person():
    given = facts(cases=(case(assignee="sidorov"),), tag_case_id=1)
    case_ = opened(given, sender="stranger@other.example")
    assert (case_.linked_case_id, case_.link, case_.assignee) == (1, "third_party", "sidorov")
    assert case_.acknowledge


def test_an_addition_to_a_complaint_is_not_confirmed_where_no_robot_may_answer():
    complaint = facts(cases=(case(register=Register.COMPLAINT, kind=Kind.COMPLAINT),), open_complaint_id=1)
    assert becomes(complaint, text="Прошу приобщить акт.") == FollowUp(1, added_ack=True)
    assert becomes(complaint, text="Прошу приобщить акт.", return_path=None) == FollowUp(1)


def test_a_letter_too_large_is_a_case_that_says_so():
    case_ = opened(truncated=True, text="")
    assert "больше допустимого размера" in case_.remark
    assert case_.judgement.check


def forward(**given: Any) -> dict[str, Any]:
    fields = {"from_addr": CLIENT, "from_name": "Анна", "subject": "", "date": "", "text": ANSWER, "certain": True}
    original = Forwarded(**{**fields, **given})
    return {"sender": STAFF, "subject": "Fwd: Калибровка", "forwarded": original}


@pytest.mark.req("A35")
def test_a_forward_by_staff_is_a_case_of_the_original_sender_without_acknowledgement():
    case_ = opened(**forward())
    assert case_.contact == (CLIENT, "Анна")
    assert not case_.acknowledge
    assert "переслал" in case_.remark
    assert "проверьте адрес" not in case_.remark
    assert "проверьте адрес" in opened(**forward(certain=False)).remark
    assert opened(**forward(from_addr="")).contact == ("", "Анна")


def test_a_letter_of_an_employee_is_never_acknowledged():
    case_ = opened(sender=STAFF, text="Прошу оформить заявку на калибровку весов")
    assert not case_.acknowledge


def test_an_employee_answers_the_client():
    decision = becomes(known(), sender=STAFF, subject=SUBJECT, in_reply_to=("<notice@cleanmet.ru>",), text=ANSWER)
    assert isinstance(decision, Command)
    assert decision.acts[0].command == "answer"


@pytest.mark.req("C102")
def test_a_forged_order_is_held_and_asked_about():
    given = facts(cases=(case(),), tag_case_id=1)
    decision = becomes(given, sender=STAFF, subject=SUBJECT, text="!закрыть дубль")
    assert isinstance(decision, Held)
    assert decision.question == "Это Вы писали?"


@pytest.mark.parametrize(
    "mail",
    [
        {"headers": {"Auto-Submitted": "auto-replied"}, "text": "Я в отпуске до понедельника, пишите Сидорову"},
        {"report_type": "disposition-notification"},
        {"return_path": ""},
    ],
)
def test_an_employees_own_robot_never_acts(mail: dict[str, Any]):
    fields = {"sender": STAFF, "subject": SUBJECT, "in_reply_to": ("<notice@cleanmet.ru>",), "text": ANSWER, **mail}
    decision = becomes(known(), **fields)
    assert isinstance(decision, Drop)
    assert decision.case_id == 1


def test_an_out_of_office_subject_without_a_header_is_asked_about():
    fields = {"sender": STAFF, "in_reply_to": ("<notice@cleanmet.ru>",), "text": ANSWER}
    assert isinstance(becomes(known(), subject="Автоматический ответ: " + SUBJECT, **fields), Held)
