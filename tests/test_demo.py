"""The demo shows the whole product, and its mail server behaves as servers do."""

from __future__ import annotations

import imaplib
import io
import smtplib
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes

import pytest
from rich.console import Console

pytest.importorskip("pymap", reason="the extra `demo` is not installed")

from mailcase import config, demo
from mailcase.demo import letters, people, replies
from mailcase.demo.checklist import checks
from mailcase.demo.mime_forms import Stamp
from mailcase.demo.narrator import Narrator
from mailcase.demo.servers import HOST, DemoServers
from mailcase.demo.stage import open_stage
from mailcase.demo.story import Story
from mailcase.demo.watch import Watch, guide
from mailcase.mail.letter import parse
from mailcase.mail.mailbox import Mailbox
from mailcase.words import MailcaseError

PLAIN = b"From: you@example.org\r\nSubject: Hello\r\nMessage-ID: <1@example.org>\r\n\r\nHello\r\n"
STAMP = Stamp(1, datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
SECONDS = 10.0


@pytest.fixture
def servers() -> Iterator[DemoServers]:
    with DemoServers(people.MAILBOXES, people.PASSWORD) as running:
        yield running


def deliver(servers: DemoServers, sender: str, recipient: str, raw: bytes = PLAIN, *, login: str = "") -> None:
    with smtplib.SMTP(HOST, servers.smtp_port, timeout=SECONDS) as client:
        if login:
            client.login(login, people.PASSWORD)
        client.sendmail(sender, [recipient], raw)


def inbox(servers: DemoServers, address: str) -> list[bytes]:
    """What the owner of that mailbox sees by IMAP."""
    client = imaplib.IMAP4(HOST, servers.imap_port, timeout=SECONDS)
    try:
        client.login(address, people.PASSWORD)
        client.select("INBOX", readonly=True)
        _, (found,) = client.search(None, "ALL")
        return [client.fetch(number.decode(), "(BODY.PEEK[])")[1][0][1] for number in found.split()]
    finally:
        client.logout()


def test_a_letter_sent_by_smtp_lies_in_the_imap_mailbox_with_its_trace(servers: DemoServers) -> None:
    deliver(servers, people.YOU.address, people.LAB, login=people.YOU.address)
    (raw,) = inbox(servers, people.LAB)
    assert raw.startswith(b"Return-Path: <you@example.org>\r\nDelivered-To: lab@cleanmet.ru\r\nReceived: from ")
    assert raw.endswith(PLAIN)


@pytest.mark.req("C86")
def test_a_server_without_condstore_is_read_like_any_other(servers: DemoServers) -> None:
    """No flag state is read, so nothing of RFC 7162 is needed."""
    deliver(servers, people.YOU.address, people.LAB)
    box = {"host": HOST, "port": servers.imap_port, "user": people.LAB, "password": people.PASSWORD, "tls": "none"}
    mailbox = Mailbox(config.Mailbox(name="lab", **box))
    mailbox.connect()
    assert "CONDSTORE" not in mailbox.capabilities
    state = mailbox.select("INBOX")
    (uid,) = mailbox.uids(1, state.uidnext)
    assert mailbox.fetch([uid])[uid].endswith(PLAIN)
    mailbox.close()


def test_an_automatic_letter_keeps_its_null_path(servers: DemoServers) -> None:
    deliver(servers, "", people.YOU.address)
    assert inbox(servers, people.YOU.address)[0].startswith(b"Return-Path: <>\r\n")


def test_a_letter_to_nobody_comes_back_as_a_report_that_names_it(servers: DemoServers) -> None:
    """RFC 3464; the report goes to the envelope sender, whatever detail stands behind the plus sign."""
    deliver(servers, "lab+a1b2@cleanmet.ru", people.BELOV.address)
    report = parse(inbox(servers, people.LAB)[0])
    assert report.return_path == ""
    assert report.report_type == "delivery-status"
    assert report.bounce is not None
    assert report.bounce.permanent is True
    assert report.bounce.original_message_id == "<1@example.org>"
    assert report.bounce.recipients == (people.BELOV.address,)


def test_a_lost_automatic_letter_makes_no_report(servers: DemoServers) -> None:
    deliver(servers, "", people.BELOV.address)
    deliver(servers, people.YOU.address, people.LAB)
    assert [letter.mailbox for letter in servers.delivered()] == [people.LAB]


def test_a_wrong_password_is_refused_by_both_servers(servers: DemoServers) -> None:
    with (
        smtplib.SMTP(HOST, servers.smtp_port, timeout=SECONDS) as client,
        pytest.raises(smtplib.SMTPAuthenticationError),
    ):
        client.login(people.LAB, "wrong")
    imap = imaplib.IMAP4(HOST, servers.imap_port, timeout=SECONDS)
    with pytest.raises(imaplib.IMAP4.error):
        imap.login(people.LAB, "wrong")
    imap.logout()


def test_stopping_frees_the_ports_and_leaves_no_thread() -> None:
    servers = DemoServers(people.MAILBOXES, people.PASSWORD)
    servers.start()
    client = imaplib.IMAP4(HOST, servers.imap_port, timeout=SECONDS)
    servers.stop()
    client.shutdown()
    for port in (servers.imap_port, servers.smtp_port):
        with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
            probe.connect((HOST, port))
    assert not [thread for thread in threading.enumerate() if thread.name == "demo-servers"]


def test_a_taken_port_is_named(servers: DemoServers) -> None:
    second = DemoServers(people.MAILBOXES, people.PASSWORD, smtp_port=servers.smtp_port)
    with pytest.raises(MailcaseError, match=f"port {servers.smtp_port} "):
        second.start()
    second.stop()


@pytest.mark.parametrize(
    ("write", "charset", "encoding"),
    [
        (letters.question, "koi8-r", "quoted-printable"),
        (letters.change, "windows-1251", "8bit"),
        (letters.html_only, "utf-8", "quoted-printable"),
    ],
)
def test_the_demos_letters_have_the_forms_they_claim(write, charset: str, encoding: str) -> None:
    raw = write(STAMP)
    message = message_from_bytes(raw)
    assert message.get_content_charset() == charset
    assert message["Content-Transfer-Encoding"] == encoding
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert "Здравствуйте" in parse(raw).text or "Добрый день" in parse(raw).text


def test_the_orders_files_have_cyrillic_names() -> None:
    files = parse(letters.request(STAMP)).attachments
    assert [file.name for file in files] == ["Заявка на калибровку манометров.pdf", "Реквизиты ООО «Ромашка».docx"]


def test_a_reply_continues_its_thread_and_quotes() -> None:
    parent = replies.Parent.of(letters.question(STAMP))
    reply = parse(replies.thanks(Stamp(2, STAMP.at), parent))
    assert reply.in_reply_to == (parent.message_id,)
    assert reply.subject == "Re: Сроки поверки штангенциркулей"
    assert "штангенциркулей" in reply.quoted
    assert reply.reply.strip() == "Спасибо, получили!"


def test_a_letter_of_ones_own_is_told_as_it_comes() -> None:
    """After the story the stage belongs to whoever watches: the hint works, and each letter's fate is shown."""
    shown = io.StringIO()
    with open_stage() as stage:
        narrator = Narrator(Console(file=shown, width=200), stage.app.config)
        watch = Watch(stage, narrator)
        assert str(stage.servers.smtp_port) in guide(stage)
        stage.mail(people.GUSEV.address, letters.question(STAMP))

        def told() -> bool | None:
            watch.look()
            return (
                all(line in shown.getvalue() for line in ("a new case", "the client got the acknowledgement")) or None
            )

        assert stage.until(told), shown.getvalue()
        assert any(check.missing for check in checks(Story(stage, narrator)))


def test_the_demo_shows_everything_and_ends_by_itself() -> None:
    """`make demo ONCE=1`: the exit code is 0 only where every claim of its list holds."""
    shown = io.StringIO()
    code = demo.run(once=True, console=Console(file=shown, width=200))
    told = shown.getvalue()
    assert code == 0, told
    assert "✗" not in told
    assert "Ответит Петрова Наталья Викторовна" in told
    assert "Просрочено" in told
    # What it names is gone afterwards, and its notice says «через 1 минуту».
    assert "it is deleted at the end" in told
    assert "rounds up to a minute" in told
