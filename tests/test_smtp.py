"""Every letter ends as taken, as "later" or as "never"; with a server that obeys the test."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from mailcase.mail.smtp import Accepted, Deferred, Refused, Smtp
from tests.letters import LAB, raw
from tests.servers.sink import DROP, DROP_AFTER, HOST, Sink
from tests.smtp_clients import LETTER, TO, client, settings

COLLEAGUE = "buh@romashka.example.ru"


@pytest.fixture
def smtp(sink: Sink) -> Iterator[Smtp]:
    with client(sink) as smtp:
        yield smtp


# A letter that is taken


def test_a_letter_arrives_byte_by_byte_with_its_envelope(sink, smtp):
    assert smtp.send(LAB, [TO, COLLEAGUE, TO], LETTER) == Accepted("250 2.0.0 Ok: kept")
    [taken] = sink.letters
    assert (taken.envelope_from, taken.to, taken.raw) == (LAB, (TO, COLLEAGUE), LETTER)


def test_lines_that_begin_with_a_dot_arrive_as_they_were(sink, smtp):
    letter = b".first\r\n\r\n.\r\n..two\r\n." + b"x" * 997 + b"\r\n" + b"y" * 998 + b"\r\n"
    assert isinstance(smtp.send(LAB, [TO], letter), Accepted)
    assert sink.letters[0].raw == letter


def test_a_letter_of_many_pieces_arrives_whole(sink, smtp):
    letter = b"Subject: x\r\n\r\n" + b"".join(b".%074d\r\n" % n for n in range(30_000))
    assert isinstance(smtp.send(LAB, [TO], letter), Accepted)
    assert sink.letters[0].raw == letter


def test_an_automatic_letter_leaves_under_the_null_path(sink, smtp):
    assert isinstance(smtp.send("", [TO], LETTER), Accepted)
    assert sink.said("MAIL")[0].startswith("MAIL FROM:<>")
    assert sink.letters[0].envelope_from == ""


@pytest.mark.parametrize("broken", [b"a\nb\r\n", b"a\rb\r\n", b"a\r\n\nb", b"x" * 999 + b"\r\n", b"a\r\n" + b"x" * 999])
def test_bytes_that_are_no_letter_are_a_fault_of_who_made_them(sink, smtp, broken):
    with pytest.raises(ValueError, match="the letter has"):
        smtp.send(LAB, [TO], broken)
    assert sink.connections == 0


# Later, never, and "the server is away"


@pytest.mark.req("C90")
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "END"])
def test_a_temporary_reply_is_later_and_a_permanent_one_is_never(sink, smtp, command):
    sink.answer(command, "451 4.3.2 try again", times=1)
    sink.answer(command, "554 5.7.1 no", times=1)
    later, never = smtp.send(LAB, [TO], LETTER), smtp.send(LAB, [TO], LETTER)
    assert isinstance(later, Deferred)
    assert (later.code, later.connection) == (451, False)
    assert later.why.endswith(": 451 4.3.2 try again")
    assert isinstance(never, Refused)
    assert never.code == 554
    assert never.why.endswith(": 554 5.7.1 no")
    assert sink.letters == []
    assert isinstance(smtp.send(LAB, [TO], LETTER), Accepted)
    assert sink.connections == 1


@pytest.mark.req("C91")
def test_a_rate_limit_is_later_in_the_words_of_the_provider(sink, smtp):
    sink.answer("RCPT", "451 4.7.1 You have exceeded your message rate limit; \x1b[31msee http://example.org", times=1)
    result = smtp.send(LAB, [TO], LETTER)
    assert isinstance(result, Deferred)
    assert not result.connection
    assert "451 4.7.1 You have exceeded your message rate limit" in result.why
    assert result.why.isprintable()


@pytest.mark.parametrize(
    ("replies", "expected", "code"),
    [
        (("550 5.1.1 no such user", ""), Refused, 550),
        (("", "550 5.1.1 no such user"), Refused, 550),
        (("450 4.2.1 busy", ""), Deferred, 450),
        (("450 4.2.1 busy", "550 5.1.1 no such user"), Refused, 550),
    ],
)
def test_a_letter_that_one_recipient_cannot_get_goes_to_nobody(sink, smtp, replies, expected, code):
    for address, reply in zip((TO, COLLEAGUE), replies, strict=True):
        if reply:
            sink.answer("RCPT", reply, about=address)
    result = smtp.send(LAB, [TO, COLLEAGUE], LETTER)
    assert isinstance(result, expected)
    assert result.code == code
    assert result.why.startswith(COLLEAGUE if replies[1] else TO)
    assert (sink.letters, sink.said("DATA")) == ([], [])
    # Nothing of it stays behind for the next letter.
    assert isinstance(smtp.send(LAB, ["other@example.ru"], LETTER), Accepted)
    assert sink.letters[0].to == ("other@example.ru",)


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("CONNECT", "554 5.3.2 not now"),
        ("CONNECT", "421 4.3.2 too busy"),
        ("CONNECT", "HTTP/1.1 400 Bad Request"),
        ("EHLO", "550 5.7.1 who are you"),
        ("MAIL", "421 4.7.0 too many letters"),
        ("MAIL", "530 5.7.0 authentication required"),
        ("RCPT", "421 4.7.0 too many letters"),
        ("MAIL", DROP),
        ("RCPT", DROP),
        ("DATA", "421 4.7.0 too many letters"),
        ("DATA", "250 what"),
        ("DATA", DROP),
        ("END", "421 4.3.2 shutting down"),
        ("END", DROP),
    ],
)
def test_a_server_that_cannot_be_used_says_nothing_against_the_letter(sink, smtp, command, reply):
    sink.answer(command, reply, times=1)
    result = smtp.send(LAB, [TO], LETTER)
    assert isinstance(result, Deferred)
    assert result.connection
    assert f"{HOST}:{sink.port}" in result.why
    assert isinstance(smtp.send(LAB, [TO], LETTER), Accepted)


def test_a_server_that_is_not_there_defers_until_it_is_back(sink, smtp):
    sink.stop()
    result = smtp.send(LAB, [TO], LETTER)
    assert isinstance(result, Deferred)
    assert result.connection
    sink.resume()
    assert isinstance(smtp.send(LAB, [TO], LETTER), Accepted)


def test_a_silent_server_is_given_up_after_the_timeout():
    with socket.create_server((HOST, 0)) as silent:
        result = Smtp(settings(silent.getsockname()[1], timeout="1s")).send(LAB, [TO], LETTER)
    assert isinstance(result, Deferred)
    assert result.connection


@pytest.mark.req("C90")
def test_a_letter_whose_receipt_was_lost_is_unknown_and_comes_twice_under_one_id(sink, smtp):
    sink.answer("END", DROP, times=1)
    assert smtp.send(LAB, [TO], LETTER) == Deferred(
        f"{HOST}:{sink.port}: no connection (the letter): Connection unexpectedly closed", connection=True, unknown=True
    )
    assert isinstance(smtp.send(LAB, [TO], LETTER), Accepted)
    assert [t.raw for t in sink.letters] == [LETTER, LETTER]


@pytest.mark.req("C90")
def test_a_server_that_thinks_long_about_a_letter_gets_it_once():
    """RFC 1047: who hangs up too early sends twins."""
    with Sink.start(slow=0.5) as sink, client(sink, timeout=timedelta(seconds=0.2)) as smtp:
        assert isinstance(smtp.send(LAB, [TO], LETTER), Accepted)
        assert (len(sink.letters), sink.connections) == (1, 1)


def test_a_letter_over_the_limit_of_the_server_is_refused_before_it_is_sent():
    with Sink.start(size_limit=1000) as sink, client(sink) as smtp:
        result = smtp.send(LAB, [TO], raw("x " * 2000))
        assert isinstance(result, Refused)
        assert result.code == 552
        assert sink.said("RCPT") == []


# The connection that is kept open


def test_letters_share_one_connection(sink, smtp):
    for _ in range(3):
        assert isinstance(smtp.send(LAB, [TO], LETTER), Accepted)
    assert (len(sink.letters), sink.connections) == (3, 1)


@pytest.mark.parametrize("farewell", ["", "421 4.4.2 idle for too long"])
def test_a_connection_that_the_server_closed_while_idle_costs_no_try(sink, smtp, farewell):
    assert isinstance(smtp.send(LAB, [TO], LETTER), Accepted)
    sink.hang_up(farewell)
    assert isinstance(smtp.send(LAB, [TO], LETTER), Accepted)
    assert (len(sink.letters), sink.connections) == (2, 2)


def test_a_server_that_hangs_up_after_each_letter_gets_them_all_once(sink, smtp):
    sink.answer("END", DROP_AFTER)
    for _ in range(3):
        assert isinstance(smtp.send(LAB, [TO], LETTER), Accepted)
    assert (len(sink.letters), sink.connections) == (3, 3)


def test_a_connection_is_renewed_once_and_then_the_server_is_away(sink, smtp):
    assert isinstance(smtp.send(LAB, [TO], LETTER), Accepted)
    sink.answer("MAIL", "421 4.7.0 go away")
    result = smtp.send(LAB, [TO], LETTER)
    assert isinstance(result, Deferred)
    assert (result.code, result.connection) == (421, True)
    assert sink.connections == 2


def test_an_unused_connection_is_closed_after_its_time(sink):
    with client(sink, keep_open="30s") as smtp:
        smtp.idle_close(time.monotonic() + 3600)
        smtp.send(LAB, [TO], LETTER)
        smtp.idle_close(time.monotonic() + 20)
        smtp.send(LAB, [TO], LETTER)
        assert sink.connections == 1
        smtp.idle_close(time.monotonic() + 31)
        smtp.send(LAB, [TO], LETTER)
        assert sink.connections == 2


def test_closing_never_raises(sink, smtp):
    smtp.close()
    smtp.send(LAB, [TO], LETTER)
    sink.hang_up()
    smtp.close()
    smtp.close()
    smtp.send(LAB, [TO], LETTER)
    sink.stop()
    smtp.close()


# Addresses


@pytest.mark.parametrize(
    "address",
    [
        "a@example.ru\r\nRCPT TO:<b@example.ru>",
        "a@example.ru>\nDATA",
        "a@example.ru> SIZE=1",
        "<a@example.ru>",
        "a b@example.ru",
        "a@exam\x00ple.ru",
        "a\u202e@example.ru",
        "a\udcff@example.ru",
        "a,b@example.ru",
        "no-at-sign",
        "@example.ru",
        "a@",
        f"a@{'ж' * 70}.рф",
        f"{'a' * 250}@example.ru",
    ],
)
def test_an_address_that_is_none_is_refused_and_never_reaches_the_server(sink, smtp, address):
    for result in (smtp.send(LAB, [TO, address], LETTER), smtp.send(address, [TO], LETTER)):
        assert isinstance(result, Refused)
        assert result.code == 0
        assert result.why.isprintable()
    assert sink.connections == 0


def test_a_letter_to_nobody_is_refused(sink, smtp):
    assert smtp.send(LAB, [], LETTER) == Refused("the letter has no recipient", 0)


@pytest.mark.req("C67")
def test_a_russian_domain_needs_nothing_of_the_server(sink, smtp):
    assert isinstance(smtp.send(LAB, ["info@ромашка.рф"], LETTER), Accepted)
    assert sink.letters[0].to == ("info@xn--80aa3agjl3d.xn--p1ai",)
    assert not sink.letters[0].smtputf8


@pytest.mark.req("C67")
def test_a_russian_local_part_goes_only_to_a_server_that_takes_it(sink, smtp):
    """With SMTPUTF8 unchanged, without it not at all, and the connection serves the next letter."""
    result = smtp.send(LAB, ["почта@ромашка.рф"], LETTER)
    assert isinstance(result, Refused)
    assert result.why.startswith("почта@xn--80aa3agjl3d.xn--p1ai: ")
    assert sink.said("MAIL") == []
    assert isinstance(smtp.send(LAB, [TO], LETTER), Accepted)
    with Sink.start(smtputf8=True) as modern, client(modern) as smtp:
        assert isinstance(smtp.send(LAB, ["почта@ромашка.рф"], LETTER), Accepted)
        assert modern.letters[0].to == ("почта@xn--80aa3agjl3d.xn--p1ai",)
        assert modern.letters[0].smtputf8
