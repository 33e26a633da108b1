"""A delivery report is recognised in every form, and nothing else is taken for one."""

from __future__ import annotations

import base64

import pytest

from mailcase.mail.letter import BounceReport, parse

OURS = "<ack-412@lab.example.org>"
RETURNED = f"From: lab@example.org\nTo: anna@example.ru\nSubject: x\nMessage-ID: {OURS}\n\nhello\n"


def dsn(
    *fields: str, kind: str = "delivery-status", returned: str = "message/rfc822", words: str = "See below."
) -> bytes:
    return (
        "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.ru>\nTo: lab@example.org\n"
        "Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=r\n\n"
        f"--r\nContent-Type: text/plain; charset=utf-8\n\n{words}\n\n"
        f"--r\nContent-Type: message/{kind}\n\nReporting-MTA: dns; mx.example.ru\n\n" + "\n".join(fields) + "\n\n"
        f"--r\nContent-Type: {returned}\n\n{RETURNED}\n--r--\n"
    ).encode()


@pytest.mark.req("C30", "C31")
@pytest.mark.parametrize(
    "returned", ["message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"]
)
def test_a_failed_report_names_recipient_code_and_our_letter(returned: str) -> None:
    raw = dsn("Final-Recipient: rfc822; anna@example.ru", "Action: failed", "Status: 5.1.1", returned=returned)
    assert parse(raw).bounce == BounceReport(("anna@example.ru",), True, OURS, "5.1.1")


@pytest.mark.req("C30")
def test_a_delayed_letter_is_still_being_tried() -> None:
    found = parse(dsn("Final-Recipient: rfc822; anna@example.ru", "Action: delayed", "Status: 4.4.1")).bounce
    assert found is not None
    assert found.permanent is False


@pytest.mark.req("C30")
@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_report_of_success_is_no_bounce(action: str) -> None:
    letter = parse(dsn("Final-Recipient: rfc822; anna@example.ru", f"Action: {action}", "Status: 2.0.0"))
    assert letter.bounce is None
    assert letter.report_type == "delivery-status"


def test_of_several_recipients_only_the_failed_ones_are_named() -> None:
    good = ("Final-Recipient: rfc822; b@example.ru", "Action: relayed", "Status: 2.0.0", "")
    bad = (
        "Original-Recipient: rfc822; c@example.ru",
        "Final-Recipient: rfc822; inner@x.ru",
        "Action: failed",
        "Status: 5.2.2",
    )
    found = parse(dsn(*good, *bad)).bounce
    assert found is not None
    assert found.recipients == ("c@example.ru",)


@pytest.mark.req("C32")
@pytest.mark.parametrize("address", ["utf-8; иван@пример.рф", r"utf-8; \x{438}\x{432}\x{430}\x{43D}@пример.рф"])
def test_a_russian_address_is_read_from_its_report(address: str) -> None:
    raw = dsn(f"Final-Recipient: {address}", "Action: failed", "Status: 5.1.1", kind="global-delivery-status")
    found = parse(raw).bounce
    assert found is not None
    assert found.recipients == ("иван@xn--e1afmkfd.xn--p1ai",)


def test_an_encoded_report_is_read_too() -> None:
    status = "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; anna@example.ru\nAction: failed\nStatus: 5.1.1\n"
    raw = (
        "From: postmaster@example.ru\nContent-Type: multipart/report; report-type=delivery-status; boundary=r\n\n"
        "--r\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n"
        f"{base64.b64encode(status.encode()).decode()}\n--r--\n"
    )
    found = parse(raw.encode()).bounce
    assert found is not None
    assert (found.recipients, found.code) == (("anna@example.ru",), "5.1.1")


def plain(sender: str, subject: str, text: str, *headers: str) -> bytes:
    head = "\n".join((f"From: {sender}", "To: lab@example.org", f"Subject: {subject}", *headers))
    return f"{head}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n".encode()


OLD_FORMS = {
    "qmail": plain(
        "MAILER-DAEMON@mx.example.ru",
        "failure notice",
        "Hi. This is the qmail-send program at mx.example.ru.\nI'm afraid I wasn't able to deliver"
        " your message to the following"
        " addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<anna@example.ru>:\n"
        f"Sorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n{RETURNED}",
    ),
    "exim": plain(
        "Mail Delivery System <Mailer-Daemon@mx.example.ru>",
        "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nA message that you"
        " sent could not be delivered"
        " to one or more of its\nrecipients. This is a permanent error. The following address(es)"
        " failed:\n\n  anna@example.ru\n"
        f"    550 5.1.1 User unknown\n\n------ This is a copy of the message ------\n\n{RETURNED}",
        "X-Failed-Recipients: anna@example.ru",
    ),
    "exchange": plain(
        "System Administrator <postmaster@example.ru>",
        "Undeliverable: x",
        "Your message did not reach some or all of the intended recipients.\n\nThe following"
        " recipient(s) cannot be reached:\n\n"
        f"      anna@example.ru on 20.11.2026 15:02\n            550 5.1.1 user unknown\n\n{RETURNED}",
    ),
    "russian": plain(
        "Почтовая служба <mailer-daemon@example.ru>",
        "Недоставленное сообщение",
        "Это письмо создано автоматически сервером. Отвечать на него не нужно.\n\nК сожалению, Ваше"
        " письмо не может быть доставлено"
        f" получателю:\n\nanna@example.ru\n\nПричина: 550 5.1.1 такого адреса не существует\n"
        f"\nИсходное письмо:\n{RETURNED}",
    ),
    "exchange_ru": plain(
        "postmaster@example.ru",
        "Не удается доставить: Вх. № 412",
        "Не удалось доставить сообщение следующим получателям:\n\nanna@example.ru\nАдрес электронной почты не найден.\n"
        f"Удалённый сервер вернул '550 5.1.1 RESOLVER.ADR.RecipNotFound'\n\nЗаголовки исходного сообщения:\n{RETURNED}",
    ),
}


@pytest.mark.req("C31", "C33")
@pytest.mark.parametrize("form", OLD_FORMS)
def test_plain_words_of_servers_are_understood(form: str) -> None:
    assert parse(OLD_FORMS[form]).bounce == BounceReport(("anna@example.ru",), True, OURS, "5.1.1")


@pytest.mark.req("C33")
@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Warning: message 1abc delayed 24 hours", "anna@example.ru\n\nNo action is required on your part."),
        (
            "Задержка доставки",
            "Доставка письма на адрес anna@example.ru задерживается. Попытки доставки будут продолжены.",
        ),
    ],
)
def test_plain_words_of_delay_are_no_failure(subject: str, text: str) -> None:
    found = parse(plain("Mailer-Daemon@mx.example.ru", subject, text)).bounce
    assert found is not None
    assert (found.permanent, found.recipients) == (False, ("anna@example.ru",))


@pytest.mark.parametrize(
    "raw",
    [
        plain(
            "anna@example.ru",
            "Не доставлено письмо",
            "Здравствуйте! Ваше письмо не доставлено, ошибка 550 5.1.1 user unknown.",
        ),
        plain("anna@example.ru", "Re: failure notice", "Нам пришло: This is the qmail-send program. Что делать?"),
        plain(
            "Анна <anna@example.ru>",
            "Fwd: Undelivered Mail Returned to Sender",
            "Посмотрите.\n\n> This is the mail system at host mx",
        ),
        plain(
            "anna@example.ru",
            "Автоответ: нет на месте",
            "Я в отпуске.",
            "Return-Path: <>",
            "Auto-Submitted: auto-replied",
        ),
        plain("anna@example.ru", "Out of office", "Mailbox is full of letters; I am away.", "Return-Path: <>"),
        plain("postmaster@example.ru", "Заявка на поверку", "Просим поверить весы."),
        plain(
            "site@example.ru",
            "Не доставлены весы",
            "Жалоба: весы не доставлены, телефон недоступен.",
            "Return-Path: <>",
        ),
        plain("anna@example.ru", "Доставка весов", "Не удалось доставить весы в срок: курьер не найден."),
    ],
)
def test_what_people_and_responders_write_is_no_bounce(raw: bytes) -> None:
    assert parse(raw).bounce is None


@pytest.mark.req("C36")
def test_a_read_receipt_is_no_bounce() -> None:
    raw = (
        "From: anna@example.ru\nReturn-Path: <>\nSubject: Прочитано: Вх. № 412\n"
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=r\n\n--r\n\nread\n"
        "--r\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; anna@example.ru\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n\n--r--\n"
    )
    letter = parse(raw.encode())
    assert letter.bounce is None
    assert letter.report_type == "disposition-notification"


def test_a_complaint_of_a_feedback_loop_is_no_bounce() -> None:
    raw = dsn("Final-Recipient: rfc822; a@b.ru").replace(b"delivery-status", b"feedback-report")
    assert parse(raw).bounce is None


@pytest.mark.req("C33")
@pytest.mark.parametrize(("kind", "permanent"), [("Permanent", True), ("Transient", False), ("Undetermined", None)])
def test_a_service_that_notifies_in_json_is_understood(kind: str, permanent: bool | None) -> None:
    people = '[{"emailAddress":"Petrov@Example.com","status":"5.1.1","action":"failed"}]'
    told = f'{{"notificationType":"Bounce","bounce":{{"bounceType":"{kind}","bouncedRecipients":{people}}},'
    told += '"mail":{"destination":["petrov@example.com"],"common!\n Headers":{"messageId":"<1@lab.example.org>"}}}'
    head = "From: no-reply@sns.example.com\nSubject: Notification\n\n"
    report = parse(f"{head}{told}\n\n--\nTo stop receiving this, follow the link.\n".encode()).bounce
    assert report is not None
    assert (report.recipients, report.permanent) == (("Petrov@example.com",), permanent)
    assert (report.original_message_id, report.code) == ("<1@lab.example.org>", "5.1.1")


@pytest.mark.parametrize(
    "told", ['{"notificationType":"Complaint"}', '{"notificationType":"Bounce"', "{" * 5000 + '"eventType":"Bounce"']
)
def test_other_json_is_no_report(told: str) -> None:
    assert parse(f"From: no-reply@sns.example.com\nSubject: Notification\n\n{told}\n".encode()).bounce is None


def test_mail_to_a_postmaster_comes_back_as_well() -> None:
    text = "There was an error delivering your mail to <postmaster@example.com>.\n\nhost example.com not found\n"
    head = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.ru\nTo: lab@example.org\nSubject: Mail delivery failed\n\n"
    report = parse(f"{head}{text}".encode()).bounce
    assert report is not None
    assert report.recipients == ("postmaster@example.com",)


@pytest.mark.req("C32")
@pytest.mark.parametrize(
    "raw",
    [
        dsn("Final-Recipient: utf-8; егор@пример.рф", "Action: failed", "Status: 5.1.1"),
        plain("MAILER-DAEMON@mx.example.ru", "Returned mail", "See below.", "X-Failed-Recipients: егор@пример.рф"),
    ],
    ids=["in the report", "in a header"],
)
def test_a_russian_address_in_raw_8_bit_is_whole(raw: bytes) -> None:
    found = parse(raw).bounce
    assert found is not None
    assert found.recipients == ("егор@xn--e1afmkfd.xn--p1ai",)
