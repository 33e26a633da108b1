"""No letter, address or password leaves in clear, and what keeps us out is said in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from mailcase.app import clock
from mailcase.config import OAuth
from mailcase.config import Smtp as Settings
from mailcase.mail.oauth import TokenSource
from mailcase.mail.smtp import Accepted, Deferred, Smtp
from mailcase.words import MailcaseError
from tests.letters import LAB
from tests.servers.certificate import Certificate
from tests.servers.sink import HOST, Sink
from tests.smtp_clients import LETTER, TO, USERS, client, secure

# Encryption


@pytest.mark.req("C91")
@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_letters_and_logins_are_encrypted(certificate, tls):
    with secure(certificate, tls) as sink, client(sink) as smtp:
        assert isinstance(smtp.send(LAB, [TO], LETTER), Accepted)
        assert isinstance(smtp.send(LAB, [TO], LETTER), Accepted)
        assert [(t.encrypted, t.user) for t in sink.letters] == [(True, LAB)] * 2
        assert sink.connections == 1


@pytest.mark.req("C91")
@pytest.mark.parametrize("reply", ["", "454 4.7.0 TLS not available", "220 go ahead"])
def test_a_server_without_starttls_learns_neither_password_nor_address(certificate, reply):
    """Not offered, refused, or promised and not done."""
    offered = {"tls": "starttls", "certificate": certificate} if reply else {}
    with Sink.start(users=USERS, **offered) as sink:
        if reply:
            sink.answer("STARTTLS", reply)
        with client(sink, tls="starttls", ca_file=certificate.ca, timeout="1s") as smtp:
            result = smtp.send(LAB, [TO], LETTER)
        assert isinstance(result, Deferred)
        assert result.connection
        assert sink.said("MAIL") + sink.said("AUTH") + sink.letters == []


@pytest.mark.req("C91")
@pytest.mark.parametrize("tls", ["tls", "starttls"])
@pytest.mark.parametrize("wrong", ["authority", "name", "system"])
def test_a_certificate_that_does_not_fit_ends_the_attempt(certificate, tmp_path, tls, wrong):
    given: dict[str, Any] = {"ca_file": certificate.ca}
    if wrong == "authority":
        given["ca_file"] = Certificate.make(tmp_path).ca
    elif wrong == "system":
        given["ca_file"] = None
    else:
        # The whole of 127/8 is this machine; the certificate names only its first address.
        given["host"] = "127.0.0.2"
    with secure(certificate, tls, host="127.0.0.2" if wrong == "name" else HOST) as sink, client(sink, **given) as smtp:
        result = smtp.send(LAB, [TO], LETTER)
        [problem] = smtp.check([LAB])
        assert isinstance(result, Deferred)
        assert result.connection
        assert "is not trusted" in result.why
        assert "set ca_file" in problem
        assert set(sink.commands) <= {"EHLO [127.0.0.1]", "STARTTLS"}
        assert sink.letters == []


@pytest.mark.req("C91")
def test_no_encryption_is_for_this_machine_only():
    """The configuration refuses it too; here a setting that came another way."""
    elsewhere = Settings(host=HOST, tls="none").model_copy(update={"host": "smtp.example.org"})
    with pytest.raises(MailcaseError, match=r'smtp\.tls = "none": smtp\.example\.org is another machine'):
        Smtp(elsewhere)


# Login


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_a_russian_password_logs_in(certificate, mechanism):
    with secure(certificate, mechanisms=(mechanism,)) as sink, client(sink) as smtp:
        assert isinstance(smtp.send(LAB, [TO], LETTER), Accepted)
        assert sink.letters[0].user == LAB


def test_an_access_token_logs_in(certificate):
    tokens = iter(["stale", "пароль лаборатории"])
    with secure(certificate) as sink, client(sink, lambda: next(tokens), auth="xoauth2", password="") as smtp:
        result = smtp.send(LAB, [TO], LETTER)
        assert isinstance(result, Deferred)
        assert result.connection
        assert "stale" not in result.why
        assert isinstance(smtp.send(LAB, [TO], LETTER), Accepted)
        assert sink.letters[0].user == LAB


def test_a_token_that_was_withdrawn_is_replaced_within_the_same_send(certificate, tmp_path):
    printed = tmp_path / "token"
    printed.write_text("withdrawn")
    command = f"cat '{printed}'; echo good > '{printed}'"
    source = TokenSource(OAuth(token_command=("sh", "-c", command)), "smtp", (str, lambda _: None), clock)
    with Sink.start(tls="starttls", certificate=certificate, users={LAB: "good"}) as sink:
        with client(sink, source, auth="xoauth2") as smtp:
            assert isinstance(smtp.send(LAB, [TO], LETTER), Accepted)
        assert sink.connections == 2


def test_a_relay_on_this_machine_that_knows_no_logins_is_used_without_one(certificate):
    with Sink.start(mechanisms=()) as sink, client(sink, user=LAB, password="hunter-two") as smtp:
        assert isinstance(smtp.send(LAB, [TO], LETTER), Accepted)
    with secure(certificate, mechanisms=()) as sink, client(sink) as smtp:
        assert isinstance(smtp.send(LAB, [TO], LETTER), Deferred)
        assert sink.said("MAIL") == []


def test_a_token_that_cannot_be_had_defers_without_a_connection(certificate):
    def none() -> str:
        raise MailcaseError("the provider is down")

    with secure(certificate) as sink, client(sink, none, auth="xoauth2") as smtp:
        result = smtp.send(LAB, [TO], LETTER)
        assert isinstance(result, Deferred)
        assert result.connection
        assert "the provider is down" in result.why
        assert sink.connections == 0


@pytest.mark.parametrize("reply", ["", "454 4.7.0 not now", "535 5.7.8 hunter-two is wrong"])
def test_a_refused_login_names_host_and_user_and_never_the_password(certificate, reply):
    with secure(certificate) as sink, client(sink, password="hunter-two") as smtp:
        if reply:
            sink.answer("AUTH", reply)
        result = smtp.send(LAB, [TO], LETTER)
        assert isinstance(result, Deferred)
        assert result.connection
        assert HOST in result.why
        assert LAB in result.why
        assert "hunter-two" not in result.why
        assert sink.said("MAIL") == []


def test_a_login_that_the_server_does_not_offer_is_not_left_out(certificate):
    with secure(certificate, mechanisms=("XOAUTH2",)) as sink, client(sink) as smtp:
        result = smtp.send(LAB, [TO], LETTER)
        assert isinstance(result, Deferred)
        assert result.connection
        assert "no login by PLAIN or LOGIN, but XOAUTH2" in result.why
        assert sink.said("MAIL") + sink.said("AUTH") == []


# What `mailcase check` says


def test_a_server_that_takes_everything_has_no_problem(certificate):
    with secure(certificate) as sink, client(sink) as smtp:
        assert smtp.check(["", LAB]) == []
        assert len(sink.said("MAIL")) == 2
        assert sink.letters == []


def test_each_sender_that_the_server_refuses_is_a_sentence_with_its_key(sink):
    sink.answer("MAIL", "550 5.7.1 no empty sender", about="FROM:<>")
    sink.answer("MAIL", "553 5.7.1 not yours", about="cleanmet.ru")
    with client(sink, auto_envelope="bounce+{token}@cleanmet.ru") as smtp:
        empty, own, automatic, whole = smtp.check(["", LAB, "bounce+x1@cleanmet.ru", "ж@cleanmet.ru"])
    assert empty.startswith('smtp.auto_envelope = "<>": sender <>: 550 5.7.1 no empty sender; set ')
    assert own.startswith(f'lab.address = "{LAB}": sender <{LAB}>: 553 5.7.1 not yours; use ')
    assert automatic.startswith('smtp.auto_envelope = "bounce+{token}@cleanmet.ru": ')
    assert whole.startswith('lab.address = "ж@cleanmet.ru": ')
    assert sink.connections == 1


def test_what_keeps_us_out_is_one_sentence_with_key_value_and_remedy(certificate, tmp_path):
    with secure(certificate) as sink:
        with client(sink, password="wrong") as smtp:
            [problem] = smtp.check(["", LAB])
        assert problem.startswith(f'smtp.user = "{LAB}": {HOST}:{sink.port} refuses the login of {LAB}: 535 5.7.8')
        assert problem.endswith("; check MAILCASE_SMTP_PASSWORD")
        with client(sink, ca_file=tmp_path / "none.pem") as smtp:
            [problem] = smtp.check([LAB])
        assert problem.startswith(f'smtp.ca_file = "{tmp_path}/none.pem": ')
        with client(sink, tls="tls") as smtp:
            [problem] = smtp.check([LAB])
        assert problem.startswith('smtp.tls = "tls": no encryption with ')
        with client(sink, auth="xoauth2") as smtp:
            [problem] = smtp.check([LAB])
        assert problem.startswith('smtp.auth = "xoauth2": ')
    with client(sink) as smtp:
        [problem] = smtp.check([LAB])
    assert problem.startswith(f'smtp.host = "{HOST}": ')
