"""No secret leaves before the server has proved who it is; a wrong password is told from a bad moment."""

from __future__ import annotations

import base64
import logging
import socket

import pytest

from mailcase.config import OAuth
from mailcase.mail.mailbox import Mailbox, MailboxDown, MailboxRefused
from mailcase.mail.oauth import TokenDown, TokenRefused, TokenSource
from tests.fake_imap import FakeImap, Session
from tests.letters import MONDAY
from tests.mailboxes import mailbox, settings
from tests.servers.dovecot import WRONG_NAME
from tests.servers.fixtures import PASSWORD
from tests.servers.postgres import free_port
from tests.servers.tokens import CLIENT_ID, CLIENT_SECRET


def port_of(dovecot, tls: str) -> int:
    return dovecot.imaps_port if tls == "tls" else dovecot.imap_port


encrypted = pytest.mark.parametrize("tls", ["tls", "starttls"])


@pytest.mark.live
@pytest.mark.req("C91")
@encrypted
def test_a_good_certificate_of_our_own_authority_is_taken(dovecot, account, tls):
    with mailbox(port_of(dovecot, tls), user=account, tls=tls, ca_file=dovecot.ca_file, host="localhost") as box:
        assert box.connected
        assert box.select("INBOX").exists == 0


@pytest.mark.live
@pytest.mark.req("C91")
@encrypted
@pytest.mark.parametrize("fault", ["another name", "an unknown authority"])
def test_a_wrong_certificate_is_refused_and_the_remedy_named(dovecot, account, tls, fault):
    wrong = {"host": WRONG_NAME, "ca_file": dovecot.ca_file} if fault == "another name" else {}
    box = Mailbox(settings(port_of(dovecot, tls), user=account, tls=tls, **wrong))
    with pytest.raises(MailboxRefused, match=r"the certificate is refused .*ca_file") as refused:
        box.connect()
    assert account in str(refused.value)
    assert not box.connected
    assert f"user=<{account}>" not in dovecot.log.read_text()


@pytest.mark.req("C91")
def test_a_server_that_offers_no_starttls_gets_no_password():
    with FakeImap(capability="IMAP4rev1") as fake:
        with pytest.raises(MailboxRefused, match="offers no STARTTLS"):
            Mailbox(settings(fake.port, tls="starttls")).connect()
        assert not fake.commands("LOGIN")


@pytest.mark.req("C91")
def test_a_server_that_refuses_starttls_gets_no_password():
    with FakeImap({"STARTTLS": lambda *_: "NO not today"}, "IMAP4rev1 STARTTLS") as fake:
        with pytest.raises(MailboxDown):
            Mailbox(settings(fake.port, tls="starttls")).connect()
        assert not fake.commands("LOGIN")


@pytest.mark.req("C91")
def test_without_encryption_only_this_machine_is_spoken_to():
    foreign = settings(143).model_copy(update={"host": "imap.example.org"})
    with pytest.raises(MailboxRefused, match="this machine only"):
        Mailbox(foreign).connect()


def test_a_ca_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MailboxRefused, match=r"ca_file = .*missing\.pem"):
        Mailbox(settings(993, tls="tls", ca_file=tmp_path / "missing.pem")).connect()


@pytest.mark.live
def test_a_wrong_password_is_refused_naming_host_user_and_remedy_but_no_password(dovecot, account, caplog):
    caplog.set_level(logging.DEBUG)
    box = Mailbox(settings(dovecot.imap_port, user=account, password="wrong-secret"))
    with pytest.raises(MailboxRefused) as refused:
        box.connect()
    assert str(refused.value).startswith(f"mailbox lab ({account} at 127.0.0.1:{dovecot.imap_port}): login refused")
    assert "check user and password" in str(refused.value)
    assert "wrong-secret" not in str(refused.value) + caplog.text
    assert not box.connected


def test_a_password_that_the_server_repeats_is_not_shown(caplog):
    caplog.set_level(logging.DEBUG)
    with FakeImap({"LOGIN": lambda _session, rest: f"BAD cannot parse {rest}"}) as fake:
        with pytest.raises(MailboxRefused) as refused:
            Mailbox(settings(fake.port)).connect()
        assert PASSWORD in fake.commands("LOGIN")[0]
    assert PASSWORD not in str(refused.value) + caplog.text


@pytest.mark.parametrize(
    "answer", ["NO [UNAVAILABLE] LOGIN internal server error", "NO [ALERT] Too many simultaneous connections"]
)
def test_a_bad_moment_is_no_wrong_password(answer):
    with FakeImap({"LOGIN": lambda *_: answer}) as fake, pytest.raises(MailboxDown, match="no login now"):
        Mailbox(settings(fake.port)).connect()


@pytest.mark.req("C83")
@pytest.mark.parametrize("last_words", [b"", b"* BYE overloaded\r\n"])
def test_a_connection_that_ends_at_login_is_no_wrong_password(last_words):
    def login(session: Session, _: str) -> None:
        session.say(last_words)
        session.hang_up()

    with FakeImap({"LOGIN": login}) as fake, pytest.raises(MailboxDown):
        Mailbox(settings(fake.port)).connect()


@pytest.mark.req("C83")
def test_a_goodbye_instead_of_a_greeting_is_down():
    with FakeImap(greeting=b"* BYE too many connections\r\n") as fake, pytest.raises(MailboxDown, match="too many"):
        Mailbox(settings(fake.port)).connect()


def test_a_server_that_is_not_there_or_silent_is_down():
    with pytest.raises(MailboxDown, match="no connection"):
        Mailbox(settings(free_port())).connect()
    with FakeImap(greeting=b"") as fake, pytest.raises(MailboxDown, match="timed out"):
        Mailbox(settings(fake.port, timeout="1s")).connect()


def test_a_russian_password_is_said_in_utf_8():
    heard: list[bytes] = []

    def authenticate(session: Session, rest: str) -> str:
        session.say(b"+ \r\n")
        heard.append(base64.b64decode(session.hear()))
        return "OK welcome" if rest == "PLAIN" else "NO"

    with FakeImap({"AUTHENTICATE": authenticate}) as fake, mailbox(fake.port, password="пароль \"'\\") as box:
        assert box.connected
    assert heard == ["\0lab@example.org\0пароль \"'\\".encode()]


def test_small_packets_leave_at_once_and_a_silent_connection_is_probed():
    with FakeImap() as fake, mailbox(fake.port) as box, box._speaking("looking") as client:
        sock = client.socket()
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert sock.gettimeout() == 10


def test_connecting_twice_is_one_connection():
    with FakeImap() as fake, mailbox(fake.port) as box:
        box.connect()
        assert fake.sessions == 1


def by_token(dovecot, tokens, account: str) -> tuple[Mailbox, TokenSource]:
    oauth = OAuth(
        token_url=tokens.token_url,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        refresh_token=tokens.issue(account),
    )
    stored: dict[str, str] = {}
    source = TokenSource(
        oauth,
        "mailbox:lab",
        (lambda: stored.get("token", ""), lambda value: stored.update(token=value)),
        lambda: MONDAY,
    )
    box = settings(dovecot.imaps_port, user=account, auth="xoauth2", oauth=oauth, tls="tls", ca_file=dovecot.ca_file)
    return Mailbox(box, source), source


@pytest.mark.live
def test_a_real_server_takes_an_access_token(dovecot, tokens, account):
    box, _ = by_token(dovecot, tokens, account)
    box.connect()
    assert box.select("INBOX").exists == 0
    box.close()


@pytest.mark.live
def test_an_access_token_withdrawn_before_its_time_is_replaced_once(dovecot, tokens, account):
    box, source = by_token(dovecot, tokens, account)
    withdrawn = source()
    del tokens.access[withdrawn]
    grants = tokens.grants
    box.connect()
    assert box.connected
    assert source() != withdrawn
    assert tokens.grants == grants + 1
    box.close()


@pytest.mark.live
def test_a_token_of_another_account_is_refused_after_one_refresh(dovecot, tokens, account):
    box, _ = by_token(dovecot, tokens, account)
    other = Mailbox(settings(dovecot.imap_port, user="boss@example.org", auth="xoauth2"), box._token)
    grants = tokens.grants
    with pytest.raises(MailboxRefused, match="login refused") as refused:
        other.connect()
    assert tokens.grants == grants + 2
    assert not [token for token in tokens.access if token in str(refused.value)]


@pytest.mark.parametrize(
    ("trouble", "told"), [(TokenDown("provider busy"), MailboxDown), (TokenRefused("consent gone"), MailboxRefused)]
)
def test_trouble_with_the_token_is_trouble_of_the_mailbox(trouble, told):
    def token() -> str:
        raise trouble

    with FakeImap() as fake:
        with pytest.raises(told, match=str(trouble)):
            Mailbox(settings(fake.port, auth="xoauth2"), token).connect()
        assert fake.sessions == 0
