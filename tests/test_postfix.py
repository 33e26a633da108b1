"""A real Postfix takes our letters, delivers them, and reports those that it cannot deliver."""

from __future__ import annotations

import email
import imaplib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from typing import Any

import pytest

from mailcase.mail.smtp import Accepted, Deferred, Smtp
from tests.letters import LAB, raw
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import PASSWORD
from tests.servers.postfix import UNKNOWN, Postfix
from tests.smtp_clients import LETTER, TO, settings

pytestmark = pytest.mark.live


@contextmanager
def postfix_client(postfix: Postfix, user: str, **given: Any) -> Iterator[Smtp]:
    values = {"tls": "starttls", "user": user, "password": PASSWORD, "ca_file": postfix.ca_file, **given}
    port = postfix.smtps_port if values["tls"] == "tls" else postfix.submission_port
    smtp = Smtp(settings(port, **values))
    try:
        yield smtp
    finally:
        smtp.close()


def arrived(dovecot: Dovecot, account: str) -> Message:
    """The first letter of a mailbox, waited for."""
    end = time.monotonic() + 20
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port, timeout=10) as program:
        program.login(account, PASSWORD)
        while int(program.select("INBOX")[1][0] or 0) == 0:
            assert time.monotonic() < end, "no letter came"
            time.sleep(0.05)
        [(_, letter), *_] = program.fetch("1", "(BODY.PEEK[])")[1]
    return email.message_from_bytes(letter)


@pytest.mark.req("C91")
@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_postfix_takes_our_letters_and_they_arrive(postfix, dovecot, account, tls):
    with postfix_client(postfix, account, tls=tls) as smtp:
        assert smtp.check(["", account]) == []
        result = smtp.send(f"bounce+t1@{LAB.partition('@')[2]}", [account], raw(to=account))
    assert isinstance(result, Accepted)
    letter = arrived(dovecot, account)
    assert letter["Return-Path"] == "<bounce+t1@cleanmet.ru>"
    assert letter["Message-ID"] == "<1@romashka.example.ru>"
    # RFC 3848: E for EHLO, S for TLS, A for a login.
    assert "with ESMTPSA" in str(letter.get_all("Received"))


def test_an_unknown_user_comes_back_as_a_report_to_the_sender(postfix, dovecot, account):
    with postfix_client(postfix, account) as smtp:
        assert isinstance(smtp.send(account, [f"{UNKNOWN}@romashka.example.ru"], raw(sender=account)), Accepted)
    report = arrived(dovecot, account)
    assert report["Return-Path"] == "<>"
    assert (report.get_content_type(), report.get_param("report-type")) == ("multipart/report", "delivery-status")
    assert f"{UNKNOWN}@romashka.example.ru" in str(report)


def test_postfix_refuses_a_wrong_password_and_we_name_the_user(postfix):
    with postfix_client(postfix, LAB, password="wrong") as smtp:
        result = smtp.send(LAB, [TO], LETTER)
    assert isinstance(result, Deferred)
    assert result.connection
    assert LAB in result.why
    assert "535 5.7.8" in result.why
