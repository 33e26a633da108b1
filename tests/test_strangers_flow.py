"""Hostile and odd letters through the whole program: what they cause, and what their writer gets."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from pathlib import Path

import pytest

from mailcase.demo.bounce import bounce
from mailcase.store import contacts
from tests.lab import Lab, Sent
from tests.letters import LAB, raw
from tests.test_flow import CLIENT, PETROVA

STRANGER = "x@evil.example.net"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A laboratory with one open case of Petrova's."""
    lab = Lab(tmp_path)
    lab.arrive(raw())
    return lab


def state(lab: Lab) -> list[tuple[object, ...]]:
    return [(c.id, c.status, c.parts, c.assignee, c.due_at) for c in lab.cases()]


def unreachable(lab: Lab, address: str) -> bool:
    with lab.app.db.read() as view:
        return contacts.is_unreachable(view, address)


def report(lab: Lab, about: bytes, to: str = CLIENT) -> int:
    """A server's report about that letter comes in."""
    return lab.arrive(b"Return-Path: <>\r\n" + bounce("mx.client.example.ru", LAB, [to], about))


@pytest.mark.req("C30", "C31")
def test_a_report_finds_its_letter_marks_the_address_and_tells_the_assignee(lab: Lab) -> None:
    mail_id = report(lab, lab.to(CLIENT)[0].raw)
    assert (lab.mail(mail_id).outcome, lab.mail(mail_id).case_id) == ("bounce", lab.cases()[0].id)
    assert unreachable(lab, CLIENT)
    assert "не принимает" in lab.to(PETROVA)[-1].text
    lab.arrive(raw("Просим ответить.", message_id="<2@romashka.example.ru>", subject="Ещё вопрос"))
    assert not unreachable(lab, CLIENT)


@pytest.mark.req("C34")
def test_a_report_about_a_letter_that_we_never_sent_changes_nothing(lab: Lab) -> None:
    before, sent = state(lab), len(lab.postman.sent)
    forged = raw("Здравствуйте", sender=LAB, to=CLIENT, message_id="<0123456789abcdef0123456789abcdef@cleanmet.ru>")
    mail_id = report(lab, forged)
    assert (lab.mail(mail_id).outcome, lab.mail(mail_id).case_id) == ("bounce", None)
    assert (state(lab), len(lab.postman.sent)) == (before, sent)
    assert not unreachable(lab, CLIENT)


@pytest.mark.req("C35", "C72")
def test_no_letter_however_broken_is_ever_answered_with_a_report(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    broken = [
        b"",
        b"\0" * 500,
        b"From: " + b"x@evil.example.net," * 2000 + b"\r\n\r\n",
        b"Return-Path: <x@evil.example.net>\r\nFrom: x@evil.example.net\r\nTo: lab@cleanmet.ru\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b",
        b"\xff\xfe" + "From: x@evil.example.net\r\nSubject: Жалоба\r\n\r\n".encode("utf-16-le"),
    ]
    for data in broken:
        assert lab.mail(lab.arrive(data)).status in ("done", "quarantined")
    for sent in lab.postman.sent:
        assert sent.message.get_content_type() != "multipart/report"
        assert sent.to != ("",)


@pytest.mark.req("C37")
def test_a_wish_for_a_receipt_is_told_to_the_assignee_and_never_granted(lab: Lab) -> None:
    wish = {"Disposition-Notification-To": STRANGER, "Return-Receipt-To": STRANGER, "X-Confirm-Reading-To": STRANGER}
    lab.arrive(raw("Просим КП на весы.", message_id="<2@romashka.example.ru>", headers=wish))
    assert lab.to(STRANGER) == []
    assert "просит подтвердить прочтение" in lab.to(PETROVA)[-1].text
    for sent in lab.postman.sent:
        assert sent.message["Disposition-Notification-To"] is None
        assert sent.message.get_content_type() != "multipart/report"


@pytest.mark.req("C36")
def test_a_receipt_is_noted_at_its_case_and_changes_nothing_else(lab: Lab) -> None:
    before, sent, ack = state(lab), len(lab.postman.sent), lab.to(CLIENT)[0]
    mail_id = lab.arrive(receipt(ack, "displayed"))
    assert (lab.mail(mail_id).drop_reason, lab.mail(mail_id).case_id) == ("receipt", lab.cases()[0].id)
    assert (state(lab), len(lab.postman.sent)) == (before, sent)
    assert "read" in happened(lab)


def receipt(sent: Sent, disposition: str) -> bytes:
    """What a mail program sends when its owner opened that letter of ours (RFC 8098)."""
    return (
        f"Return-Path: <>\r\nFrom: {CLIENT}\r\nTo: {LAB}\r\nSubject: =?utf-8?B?0J/RgNC+0YfRgtC10L3Qvg==?=\r\n"
        "Message-ID: <mdn@romashka.example.ru>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThe message was displayed.\r\n"
        "--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
        f"Reporting-UA: pc; X\r\nFinal-Recipient: rfc822;{CLIENT}\r\nOriginal-Message-ID: {sent.id}\r\n"
        f"Disposition: manual-action/MDN-sent-manually; {disposition}\r\n\r\n--b--\r\n"
    ).encode()


def happened(lab: Lab) -> list[str]:
    with lab.app.db.read() as view:
        return list(view.exec_driver_sql("SELECT type FROM event WHERE stream = 'case:1' ORDER BY seq").scalars())


@pytest.mark.req("C39")
def test_an_invitation_is_a_case_with_its_file_and_is_never_accepted(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    calendar = (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@romashka.example.ru\r\nDTSTART:20261201T090000Z\r\n"
        f"SUMMARY:Calibration\r\nORGANIZER:mailto:{CLIENT}\r\nATTENDEE;RSVP=TRUE:mailto:{LAB}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    head = f"Return-Path: <{CLIENT}>\r\nFrom: {CLIENT}\r\nTo: {LAB}\r\nMessage-ID: <i@romashka.example.ru>\r\n"
    body = "Приглашаем Вас на совещание о калибровке манометров."
    mime = (
        'Subject: Calibration\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
        f"--b\r\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\n{calendar}--b--\r\n"
    )
    mail_id = lab.arrive((head + mime).encode())
    assert lab.mail(mail_id).outcome == "new_case"
    notice = lab.postman.sent[-1]
    assert notice.to[0].endswith("@cleanmet.ru")
    (file,) = notice.message.iter_attachments()
    assert b"METHOD:REQUEST" in file.get_payload(decode=True)
    for sent in lab.to(CLIENT):
        assert b"METHOD:" not in sent.raw
        assert b"text/calendar" not in sent.raw


@pytest.mark.req("C65", "C66")
def test_a_cyrillic_address_in_either_spelling_is_one_correspondent(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    local = "ййй"
    for n, (name, domain) in enumerate(
        ((unicodedata.normalize("NFD", local), "пример.рф"), (local, "xn--e1afmkfd.xn--p1ai"))
    ):
        sender = f"Иван <{name}@{domain}>"
        more = {"message_id": f"<{n}@x.example.ru>", "subject": f"Запрос {n}"}
        data = raw(f"Просим КП, вариант {n}.", sender="I <i@i.example>", **more)
        lab.arrive(data.replace(b"I <i@i.example>", sender.encode()))
    assert [c.contact_address for c in lab.cases()] == [f"{local}@xn--e1afmkfd.xn--p1ai"] * 2


@pytest.mark.req("C68")
def test_a_sender_whose_address_the_server_hid_is_a_case_that_nobody_is_written_to(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    data = raw(sender="I <i@i.example>").replace(b"From: I <i@i.example>", b"From: =?utf-8?B?0JjQstCw0L0=?= :;")
    assert b":;" in data
    mail_id = lab.arrive(data)
    (case,) = lab.cases()
    assert (lab.mail(mail_id).outcome, case.contact_address) == ("new_case", "")
    (notice,) = lab.postman.sent
    assert notice.to == (PETROVA,)
    assert "Адреса клиента в письме нет" in notice.text


@pytest.mark.req("C69")
def test_a_twin_of_our_domain_orders_nothing_and_is_told_nothing(lab: Lab) -> None:
    before = state(lab)
    notice = lab.to(PETROVA)[0]
    twin = "petrova@cl\u0435anmet.ru"
    more = {"in_reply_to": notice.id, "references": notice.id, "message_id": "<t@x.example>"}
    data = raw("!закрыть дубль", sender="P <p@p.example>", subject=f"Re: {notice.subject}", **more)
    lab.arrive(data.replace(b"p@p.example", twin.encode()))
    assert state(lab)[0] == before[0]
    assert [s for s in lab.postman.sent if any("xn--" in a or "\u0435" in a for a in s.to)] == []
    told = lab.to(PETROVA)[-1].text
    assert "третьего лица" in told
    assert "возможна подделка" in told


@pytest.mark.req("C46")
@pytest.mark.parametrize("what", ["tag", "reference", "both", "plus"])
def test_a_stranger_who_knows_number_and_ids_learns_nothing(lab: Lab, what: str) -> None:
    ack, case = lab.to(CLIENT)[0], lab.cases()[0]
    given: dict[str, str] = {"subject": f"Re: {ack.subject}" if what in ("tag", "both") else "Re: вопрос"}
    if what in ("reference", "both"):
        given |= {"in_reply_to": ack.id, "references": ack.id}
    if what == "plus":
        given |= {"to": f"lab+{case.tag.lower()}@cleanmet.ru"}
    lab.arrive(raw("В каком состоянии обращение?", sender=f"X <{STRANGER}>", message_id="<s@x.example>", **given))
    first, second = lab.cases()
    assert (first.parts, first.status, first.due_at) == (1, "open", case.due_at)
    secrets = (case.tag, "Романшка", "a.kovaleva", "12 манометров", "МП3-У", "Анна")
    for sent in lab.to(STRANGER):
        seen = sent.subject + sent.text + sent.html
        assert [word for word in secrets if word in seen.replace(given["subject"][4:], "")] == []
        assert second.tag in sent.subject
    for sent in lab.to(CLIENT):
        assert STRANGER not in sent.raw.decode("utf-8", "replace")
    with lab.app.db.read() as view:
        people = list(view.exec_driver_sql("SELECT address FROM party WHERE case_id = 1").scalars())
    assert people == [CLIENT]


def words(subject: str, recipient: str) -> bytes:
    """The report of an old server: words, the subject, and not one header of the letter."""
    text = (
        "Ваше сообщение не доставлено указанным ниже получателям:\r\n\r\n"
        f"    <{recipient}>: 550 5.1.1 Пользователь не найден\r\n\r\nТема: {subject}\r\n"
    )
    return raw(
        text,
        sender="MAILER-DAEMON@mx.example.ru",
        subject="Недоставленное сообщение",
        message_id="<d@mx>",
        return_path="",
    )


@pytest.mark.req("C31", "C33")
def test_a_report_of_words_alone_finds_its_letter_by_tag_and_recipient(lab: Lab) -> None:
    mail_id = lab.arrive(words(lab.to(CLIENT)[0].subject, CLIENT))
    assert (lab.mail(mail_id).outcome, lab.mail(mail_id).case_id) == ("bounce", 1)
    assert unreachable(lab, CLIENT)


@pytest.mark.req("C34")
@pytest.mark.parametrize("what", ["no such recipient", "wrong tag", "long ago"])
def test_words_alone_that_do_not_fit_change_nothing(lab: Lab, what: str) -> None:
    subject, tag = lab.to(CLIENT)[0].subject, lab.cases()[0].tag
    sent = len(lab.postman.sent)
    if what == "long ago":
        lab.now += timedelta(days=11)
    wrong = f"{tag[:-4]}{(int(tag[-4:]) + 1) % 10_000:04d}"
    subject = subject.replace(tag, wrong) if what == "wrong tag" else subject
    lab.arrive(words(subject, "boss@romashka.example.ru" if what == "no such recipient" else CLIENT))
    assert not unreachable(lab, CLIENT)
    assert len(lab.postman.sent) == sent


PLUS = {"smtp": {"host": "127.0.0.1", "tls": "none", "auto_envelope": "lab+{token}@cleanmet.ru"}}


@pytest.mark.req("C47")
@pytest.mark.parametrize("to", ["as it is", "in capitals", "stripped", "forged", "off"])
def test_an_answer_to_the_cases_own_address_joins_it_and_the_tag_is_the_belt(tmp_path: Path, to: str) -> None:
    lab = Lab(tmp_path, lab={"subaddress": to != "off"}, **PLUS)
    lab.arrive(raw())
    ack, tag = lab.to(CLIENT)[0], lab.cases()[0].tag
    wanted = str(ack.message["Reply-To"] or "")
    assert wanted == ("" if to == "off" else f"lab+{tag.lower()}@cleanmet.ru")
    address = {"as it is": wanted, "in capitals": wanted.upper(), "forged": f"lab+{tag[:-4].lower()}0000@cleanmet.ru"}
    assert tag[-4:] != "0000"
    subject = "Ещё вопрос" if to in address and to != "forged" else f"Re: вопрос [{tag}]"
    lab.arrive(raw("Когда забрать приборы?", to=address.get(to, LAB), subject=subject, message_id="<2@x.example>"))
    (case,) = lab.cases()
    assert case.parts == 2


@pytest.mark.req("C47")
def test_a_forged_subaddress_alone_joins_nothing(tmp_path: Path) -> None:
    lab = Lab(tmp_path, lab={"subaddress": True}, **PLUS)
    lab.arrive(raw())
    tag = lab.cases()[0].tag
    for n in (1, 2):
        forged = f"lab+{tag[:-4]}{(int(tag[-4:]) + n) % 10_000:04d}@cleanmet.ru"
        many = [forged, f"lab+{tag}@cleanmet.ru"]
        more = {"subject": "Вопрос", "message_id": f"<{n}@y.example>"}
        lab.arrive(raw(f"Вопрос {n}", sender="Y <y@y.example>", to=many, **more))
    assert [(c.parts, c.contact_address) for c in lab.cases()] == [(1, CLIENT), (1, "y@y.example"), (1, "y@y.example")]


def test_no_letter_to_an_employee_names_the_subaddress(tmp_path: Path) -> None:
    lab = Lab(tmp_path, lab={"subaddress": True})
    lab.arrive(raw())
    assert lab.to(PETROVA)[0].message["Reply-To"] is None
