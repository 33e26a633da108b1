"""Rules at work in the whole program: whom an answer reaches, and which letters open no second case."""

from __future__ import annotations

import email.policy
from datetime import timedelta
from pathlib import Path

import pytest

from mailcase.rules.answer import answer_address
from mailcase.rules.decide import decide
from mailcase.rules.decision import FollowUp, NewCase
from mailcase.words import Kind, Register, Status
from tests.lab import Lab, Sent
from tests.letters import LAB, MONDAY, config, facts, letter, raw
from tests.test_answer import BOX
from tests.test_flow import CLIENT, PETROVA, reply_to_notice
from tests.test_thread import ID, case, hit

ANSWER = "Добрый день! Калибровка 12 манометров стоит 12 000 руб., срок 5 рабочих дней."
COMPLAINT = "Жалоба! Вы испортили наш прибор, протокол неверный. Это претензия."
SMIRNOVA = "smirnova@cleanmet.ru"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory with one open case of Petrova's."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    return lab


def reply(lab: Lab, to: Sent, text: str, **more: object) -> bytes:
    """An employee's reply to a letter of ours, whoever the employee is."""
    lab.arrived += 1
    given = {"sender": f"X <{to.to[0]}>", "subject": "Re: " + to.subject, "message_id": f"<r{lab.arrived}@cleanmet.ru>"}
    return raw(text, **{**given, "in_reply_to": to.id, "references": to.id, **more})  # type: ignore[arg-type]


def form(**headers: str) -> bytes:
    text = "Имя: Иван\nПрошу выставить счет на поверку 3 манометров"
    return raw(text, sender=LAB, subject="Заявка с сайта", message_id="<form@site.example>", headers=headers)


@pytest.mark.req("C15")
def test_the_answer_to_a_form_of_our_site_reaches_the_client_whom_it_names(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(form(**{"Reply-To": "ivan@client.example.org"}))
    assert lab.cases()[0].contact_address == "ivan@client.example.org"
    lab.arrive(reply(lab, lab.postman.sent[-1], ANSWER))
    lab.later(minutes=11)
    assert len(lab.to("ivan@client.example.org")) == 1
    assert lab.to(LAB) == []


@pytest.mark.parametrize("headers", [{}, {"Reply-To": LAB}, {"Reply-To": PETROVA}])
def test_a_form_that_names_no_client_is_answered_to_nobody(tmp_path: Path, headers: dict[str, str]) -> None:
    lab = Lab(tmp_path)
    lab.arrive(form(**headers))
    assert not lab.cases()[0].contact_address
    lab.arrive(reply(lab, lab.postman.sent[-1], ANSWER))
    lab.later(minutes=11)
    assert lab.to(LAB) == []
    assert "нет адреса клиента" in lab.postman.sent[-1].text


@pytest.mark.parametrize(
    ("sender", "wanted", "foreign"),
    [
        ("ivan@gmail.com", "evil@gmail.com", True),
        ("ivan@gmail.com", "Ivan@gmail.com", False),
        ("ivan@plant.example.ru", "sales@plant.example.ru", False),
        ("ivan@plant.example.ru", "ivan@gmail.com", True),
    ],
)
def test_a_reply_to_is_the_writers_own_only_within_his_own_domain(sender: str, wanted: str, foreign: bool) -> None:
    assert answer_address(letter(sender=sender, reply_to=wanted), config()).foreign is foreign


def test_a_strangers_reply_to_at_the_same_provider_never_gets_the_answer(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    ivan = "Иван <ivan@gmail.com>"
    lab.arrive(raw(COMPLAINT, sender=ivan, subject="Жалоба"))
    lab.arrive(raw("Пришлите копии.", sender=ivan, message_id="<2@x>", headers={"Reply-To": "evil@gmail.com"}))
    lab.arrive(reply(lab, lab.to(SMIRNOVA)[-1], ANSWER))
    lab.later(minutes=11)
    assert lab.to("evil@gmail.com") == []
    assert "12 000 руб." in lab.to("ivan@gmail.com")[-1].text


def test_a_letter_that_our_server_calls_forged_joins_no_complaint_by_its_from() -> None:
    complaint = case(register=Register.COMPLAINT, kind=Kind.COMPLAINT)
    given = facts(cases=(complaint,), open_complaint_id=1)
    stamp = "mx.cleanmet.ru; dmarc={} header.from=romashka.example.ru"
    forged, honest = (
        decide(letter(headers={"Authentication-Results": stamp.format(r)}), given, config(mailbox=BOX)).decision
        for r in ("fail", "pass")
    )
    assert isinstance(honest, FollowUp)
    assert isinstance(forged, NewCase)
    assert (forged.linked_case_id, "DMARC" in forged.remark) == (1, True)


def with_footer(sent: Sent) -> bytes:
    """Our own letter as another server returns it: the words changed, the id and the sender kept."""
    message = sent.message
    body = message.get_body(("plain",))
    assert body is not None
    body.set_content(body.get_content() + "\n--\nПроверено антивирусом")  # type: ignore[attr-defined]
    return b"Return-Path: <petrova@cleanmet.ru>\r\n" + message.as_bytes(policy=email.policy.SMTP)


@pytest.mark.req("C15")
def test_our_notice_that_comes_back_with_a_footer_opens_nothing(lab: Lab) -> None:
    sent = len(lab.postman.sent)
    for _ in range(2):
        mail_id = lab.arrive(with_footer(lab.to(PETROVA)[-1]))
        assert lab.mail(mail_id).drop_reason == "own"
    assert (len(lab.cases()), len(lab.postman.sent)) == (1, sent)


def test_a_copy_called_a_case_is_handled_once_and_opens_no_second_case(lab: Lab) -> None:
    copy = lab.arrive(raw(headers={"X-Other": "1"}))
    lab.arrive(reply_to_notice(lab, f"!обращение {copy}"))
    row = lab.mail(copy)
    assert (row.status, row.drop_reason, row.tries) == ("done", "duplicate", 0)
    assert "уже зарегистрировано" in row.reasons
    assert len(lab.cases()) == 1


@pytest.mark.req("C12")
@pytest.mark.parametrize("headers", [{"Auto-Submitted": "auto-replied"}, {}])
def test_a_note_to_the_envelope_address_is_no_failed_delivery(tmp_path: Path, headers: dict[str, str]) -> None:
    smtp = {"host": "127.0.0.1", "tls": "none", "auto_envelope": "bounce+{token}@cleanmet.ru"}
    lab = Lab(tmp_path, smtp=smtp)
    lab.arrive(raw())
    envelope = lab.to(CLIENT)[0].envelope_from
    note = raw("Я в отпуске", to=envelope, subject="Вх. № 1", message_id="<v@x.example>", headers=headers)
    told = len(lab.postman.sent)
    row = lab.mail(lab.arrive(note))
    assert row.case_id == lab.cases()[0].id
    assert (row.outcome, row.drop_reason) == (("drop", "auto_reply") if headers else ("bounce", None))
    assert len(lab.postman.sent) == told


def test_two_letters_to_a_long_closed_case_open_one_new_case(lab: Lab) -> None:
    lab.arrive(reply_to_notice(lab, "!закрыть ответ дан по телефону"))
    ack = lab.to(CLIENT)[0]
    lab.later(days=90)
    for n in (1, 2):
        more = {"in_reply_to": ack.id, "references": ack.id, "message_id": f"<n{n}@x.example>"}
        lab.arrive(raw(f"Просим ещё раз КП, пункт {n}", **more))  # type: ignore[arg-type]
    old, new = lab.cases()
    assert (old.status, new.status, new.parts) == ("closed", "open", 2)


def test_two_letters_to_the_archive_open_one_new_case(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.arrive(raw(), history=True)
    root = "<1@romashka.example.ru>"
    for n in (1, 2):
        lab.arrive(raw(f"Ещё вопрос {n}: просим КП", message_id=f"<y{n}@x.example>", in_reply_to=root, references=root))
    assert [(c.history, c.parts) for c in lab.cases()] == [(True, 1), (False, 2)]


@pytest.mark.req("C46")
def test_who_has_no_part_in_the_new_case_is_not_led_into_it_by_the_old_one() -> None:
    old = case(status=Status.CLOSED, closed_at=MONDAY - timedelta(days=90), live_successor=2)
    for parties, expected in ((old.parties, FollowUp), (frozenset({"other@example.org"}), NewCase)):
        given = facts(cases=(old, case(2, parties=parties)), thread=(hit(),))
        assert isinstance(decide(letter(in_reply_to=(ID,)), given, config()).decision, expected)


def test_a_letter_that_its_own_reply_overtook_joins_the_case_of_the_reply(tmp_path: Path) -> None:
    """Two servers on the way, or two deliveries in one second: mail keeps no order."""
    lab = Lab(tmp_path)
    lab.arrive(
        raw("Забыли приложить схему.", message_id="<2@romashka.example.ru>", in_reply_to="<1@romashka.example.ru>")
    )
    first = lab.arrive(raw())
    (case,) = lab.cases()
    assert (lab.mail(first).outcome, lab.mail(first).case_id) == ("follow_up", case.id)
    assert len(lab.to(CLIENT)) == 1


def test_whoever_takes_the_id_that_another_named_joins_nothing(tmp_path: Path) -> None:
    """Neither a stranger under the id of a letter that never came, nor anybody under the id of one of our notices."""
    lab = Lab(tmp_path)
    lab.arrive(raw(message_id="<2@romashka.example.ru>", in_reply_to="<1@romashka.example.ru>"))
    stranger = lab.arrive(raw("Просим КП на весы.", sender="Х <x@evil.example.net>"))
    (notice,) = lab.to(PETROVA)[:1]
    forged = lab.arrive(raw("Просим КП на гири.", sender="Х <x@evil.example.net>", message_id=notice.id))
    first, second, third = lab.cases()
    assert [lab.mail(stranger).case_id, lab.mail(forged).case_id] == [second.id, third.id]
    assert lab.mail(2).outcome == "new_case"
    assert first.parts == 1
