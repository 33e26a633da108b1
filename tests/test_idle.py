"""Waiting for mail: however the lines are cut, news is heard once and soon, and a dead connection is no silence."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from mailcase.mail.mailbox import Mailbox, MailboxDown
from tests.fake_imap import FakeImap, Handler, Session
from tests.mailboxes import deliver, mailbox

LONG, SHORT = timedelta(seconds=30), timedelta(seconds=0.3)


@pytest.fixture(params=["none", "tls"])
def opened(request, certificate):
    """Opens INBOX on a fake whose IDLE is answered by a handler; unencrypted, then with TLS."""

    @contextmanager
    def opened(idle: Handler, timeout: str = "10s", **handlers: Handler) -> Iterator[tuple[Mailbox, FakeImap]]:
        tls = certificate.server_context() if request.param == "tls" else None
        with (
            FakeImap({"IDLE": idle, **handlers}, tls=tls) as fake,
            mailbox(fake.port, tls=request.param, ca_file=certificate.ca, timeout=timeout) as box,
        ):
            box.select("INBOX")
            yield box, fake

    return opened


def until_done(*pieces: bytes) -> Handler:
    """Goes into IDLE, says pieces with pauses, waits for DONE."""

    def idle(session: Session, _: str) -> str:
        session.say_slowly(b"+ idling\r\n", *pieces)
        assert session.hear() == "DONE"
        return "OK done"

    return idle


def hears(box: Mailbox, timeout: timedelta = LONG) -> tuple[bool, float]:
    """What idle says, and after how many seconds."""
    start = time.monotonic()
    return box.idle(timeout, threading.Event()), time.monotonic() - start


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param((b"* 4 EXISTS\r\n",), id="one line"),
        pytest.param((b"* 4 EX", b"ISTS\r\n"), id="a line cut in two"),
        pytest.param((b"* 4 EXISTS", b"\r", b"\n"), id="a line end cut in two"),
        pytest.param((b"* OK Still here\r\n* FLAGS (\\Seen)\r\n* 4 EXISTS\r\n* 1 RECENT\r\n",), id="a burst"),
        pytest.param((b"* OK Still here\r\n* 4 EX", b"ISTS\r\n"), id="a burst cut in its last line"),
    ],
)
def test_news_is_heard_however_its_lines_arrive(opened, pieces):
    with opened(until_done(*pieces)) as (box, _):
        news, seconds = hears(box)
        assert news
        assert seconds < 10
        assert box.folders() == ["INBOX"]


def test_signs_of_life_and_changed_flags_are_no_news(opened):
    quiet = until_done(b"* OK Still here\r\n", b"* 2 FETCH (FLAGS (\\Seen))\r\n", b"* 2 EXPUNGE\r\n")
    with opened(quiet) as (box, _):
        assert hears(box, SHORT)[0] is False


def test_news_told_before_the_server_is_ready_to_idle_is_heard(opened):
    def idle(session: Session, _: str) -> str:
        session.say(b"* 4 EXISTS\r\n+ idling\r\n")
        session.hear()
        return "OK done"

    with opened(idle) as (box, _):
        assert hears(box)[0]


def test_news_told_after_done_is_heard(opened):
    def idle(session: Session, _: str) -> str:
        session.say(b"+ idling\r\n")
        session.hear()
        session.say(b"* 4 EXISTS\r\n")
        return "OK done"

    with opened(idle) as (box, _):
        assert hears(box, SHORT)[0]


def test_news_told_during_the_fetch_before_ends_the_wait_at_once_and_only_once(opened):
    def fetch(session: Session, _: str) -> str:
        session.say(b"* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n* 4 EXISTS\r\n")
        return "OK done"

    with opened(until_done(), FETCH=fetch) as (box, fake):
        box.uids(1, 100)
        assert box.fetch([1]) == {1: b"abc"}
        assert hears(box)[0]
        assert not fake.commands("IDLE")
        box.uids(1, 100)
        assert not hears(box, SHORT)[0]


@pytest.mark.req("C82")
def test_every_idle_ends_with_done_before_the_next_command(opened):
    with opened(until_done()) as (box, fake):
        for _ in range(2):
            assert not hears(box, SHORT)[0]
        box.uids(1, 100)
        said = [line if line == "DONE" else line.split()[1] for line in fake.heard]
        idle = said.index("IDLE")
        assert said[idle : idle + 4] == ["IDLE", "DONE", "IDLE", "DONE"]
        assert said[-1] == "UID"


def test_an_idle_that_the_server_ends_by_itself_gets_no_done_and_is_no_reason_to_hurry(opened):
    def idle(session: Session, _: str) -> str:
        session.say(b"+ idling\r\n")
        return "OK that was long enough"

    with opened(idle) as (box, fake):
        news, seconds = hears(box, SHORT)
        assert not news
        assert seconds >= SHORT.total_seconds()
        assert "DONE" not in fake.heard
        assert box.folders() == ["INBOX"]


def test_a_stop_ends_the_wait_within_about_a_second(opened):
    stop = threading.Event()
    with opened(until_done()) as (box, _):
        threading.Timer(0.2, stop.set).start()
        start = time.monotonic()
        assert not box.idle(LONG, stop)
        assert time.monotonic() - start < 3


@pytest.mark.parametrize("last_words", [b"", b"* 4 EX", b"* BYE shutting down\r\n"])
def test_a_connection_that_ends_is_down_at_once_and_no_silence(opened, last_words):
    def idle(session: Session, _: str) -> None:
        session.say(b"+ idling\r\n" + last_words)
        session.hang_up()

    with opened(idle) as (box, _):
        start = time.monotonic()
        with pytest.raises(MailboxDown):
            hears(box)
        assert time.monotonic() - start < 10
        assert not box.connected


@pytest.mark.req("C82")
def test_a_half_open_connection_is_noticed_and_the_next_pass_sees_the_new_letter(opened):
    def idle(session: Session, _: str) -> None:
        session.say(b"+ idling\r\n")
        session.hear()

    def search(session: Session, _: str) -> str:
        session.say(b"* SEARCH 1 2\r\n" if session.server.sessions > 1 else b"* SEARCH 1\r\n")
        return "OK done"

    with opened(idle, timeout="1s", SEARCH=search) as (box, _):
        assert box.uids(1, 100) == [1]
        with pytest.raises(MailboxDown, match=r"waiting for mail: .*timed out"):
            hears(box, SHORT)
        box.connect()
        box.select("INBOX")
        assert box.uids(1, 100) == [1, 2]


@pytest.mark.req("C82")
def test_a_server_that_does_not_offer_idle_is_never_asked_to():
    with FakeImap(capability="IMAP4rev1") as fake, mailbox(fake.port) as box:
        box.select("INBOX")
        assert not hears(box, SHORT)[0]
        assert not fake.commands("IDLE")


@pytest.mark.live
@pytest.mark.parametrize("tls", ["none", "tls", "starttls"])
def test_a_real_server_wakes_us_and_the_letter_is_there(dovecot, account, tls):
    port = dovecot.imaps_port if tls == "tls" else dovecot.imap_port
    with mailbox(port, user=account, tls=tls, ca_file=dovecot.ca_file) as box:
        assert "IDLE" in box.capabilities
        state = box.select("INBOX")
        assert box.uids(1, state.uidnext) == []
        threading.Timer(0.3, deliver, (dovecot, account, 1)).start()
        assert hears(box)[0]
        assert box.uids(1, state.uidnext) == [1]
