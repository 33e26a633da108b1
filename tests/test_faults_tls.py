"""Somebody in the middle of the line, or access that was withdrawn: nothing goes in clear, and all comes back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fake_imap import FakeImap
from tests.letters import LAB
from tests.remote_lab import DUTY, RemoteLab, Wires, laboratory
from tests.servers.certificate import Certificate
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import PASSWORD
from tests.servers.proxy import Proxy, replaced
from tests.servers.sink import Sink
from tests.servers.tokens import CLIENT_ID, CLIENT_SECRET, Tokens
from tests.town import wait_for

pytestmark = pytest.mark.live
SMTP_PASSWORD = "a password of the sink"


@pytest.fixture
def secured(dovecot: Dovecot, account: str, certificate: Certificate) -> Iterator[Wires]:
    """The sink wants STARTTLS and a login."""
    with (
        Sink.start(tls="starttls", certificate=certificate, users={LAB: SMTP_PASSWORD}) as sink,
        Proxy(dovecot.imap_port) as imap,
        Proxy(sink.port) as smtp,
    ):
        yield Wires(dovecot, account, sink, imap, smtp)


@pytest.fixture
def submission(certificate: Certificate) -> dict[str, object]:
    return {"tls": "starttls", "ca_file": certificate.ca, "user": LAB, "password": SMTP_PASSWORD, "keep_open": "0s"}


def dialled(wire: Proxy, more: int) -> Callable[[], bool]:
    goal = wire.dials + more
    return lambda: wire.dials >= goal


def said(wire: Proxy) -> set[bytes]:
    """The verbs that went over the wire, in clear where they are words."""
    return {
        re.sub(rb"(?i)^(mc|[a-z]{4})\d+ ", b"", line).partition(b" ")[0].upper() for line in wire.heard.split(b"\r\n")
    }


@pytest.mark.req("C91")
@pytest.mark.parametrize(
    ("side", "old", "new"),
    [
        pytest.param("down", b"STARTTLS", b"XXXXXXXX", id="the offer is cut out"),
        pytest.param("up", b"STARTTLS", b"XXXXXXXX", id="the command is refused"),
        pytest.param("down", b"* OK", b"* PREAUTH", id="we are told that we are logged in"),
    ],
)
def test_a_mailbox_whose_encryption_is_taken_away_gets_no_word_of_ours_and_somebody_is_told_once(
    wires: Wires, tmp_path: Path, side: str, old: bytes, new: bytes
) -> None:
    with laboratory(tmp_path, wires, "starttls") as lab:
        setattr(wires.imap, side, replaced(old, new))
        wires.imap.hang_up()
        lab.deliver()
        wait_for(dialled(wires.imap, 3), "three tries")
        lab.later(minutes=16)
        wait_for(dialled(wires.imap, 5), "five more")
        assert said(wires.imap) <= {b"CAPABILITY", b"STARTTLS", b"LOGOUT", b""}
        assert PASSWORD.encode() not in wires.imap.heard
        wait_for(lambda: told(lab) == 1, "the duty person is told")
        wires.imap.fair()
        lab.complete()
        assert told(lab) == len(lab.alarms()) == 1


def told(lab: RemoteLab) -> int:
    """How many letters the duty person has got; he is responsible for no case."""
    return sum(DUTY in letter.to for letter in lab.wires.sink.letters)


@pytest.mark.req("C91")
@pytest.mark.parametrize(
    ("side", "old"),
    [
        pytest.param("down", b"250-STARTTLS\r\n", id="the offer is cut out"),
        pytest.param("up", b"STARTTLS", id="the command is refused"),
    ],
)
def test_a_server_whose_encryption_is_taken_away_gets_no_letter_and_no_password(
    secured: Wires, submission: dict[str, object], tmp_path: Path, side: str, old: bytes
) -> None:
    with laboratory(tmp_path, secured, smtp=submission) as lab:
        lab.deliver()
        lab.complete()
        secured.smtp.hang_up()
        setattr(secured.smtp, side, replaced(old, b"XXXXXXXX" if side == "up" else b""))
        lab.deliver(3)
        for _ in range(3):
            wait_for(dialled(secured.smtp, 1), "a try")
            lab.later(minutes=6)
        assert said(secured.smtp) <= {b"EHLO", b"STARTTLS", b"QUIT", b""}
        assert len(lab.taken()) == 1
        secured.smtp.fair()
        lab.complete(minutes=6)


@pytest.mark.req("C91")
def test_a_server_with_a_foreign_certificate_learns_nothing_and_the_right_one_is_used_again(
    wires: Wires, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The line is led to somebody else's machine, who shows a certificate that our authority did not sign."""
    foreign = Certificate.make(tmp_path_factory.mktemp("foreign"))
    with FakeImap(tls=foreign.server_context()) as fake, laboratory(tmp_path, wires, "tls") as lab:
        wires.imap.target = fake.port
        wires.imap.hang_up()
        lab.deliver()
        wait_for(lambda: fake.sessions >= 4, "four tries")
        assert fake.heard == []
        wires.imap.target = wires.dovecot.imaps_port
        lab.complete()
        wait_for(lambda: told(lab) == 1, "the duty person is told")
        assert lab.alarms("fetch") == lab.alarms()


@pytest.mark.req("C91")
def test_a_mail_server_with_a_foreign_certificate_gets_no_letter(
    secured: Wires, submission: dict[str, object], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    foreign = Certificate.make(tmp_path_factory.mktemp("foreign"))
    with (
        Sink.start(tls="starttls", certificate=foreign, users={LAB: SMTP_PASSWORD}) as other,
        laboratory(tmp_path, secured, smtp=submission) as lab,
    ):
        secured.smtp.target = other.port
        lab.deliver(2)
        wait_for(lambda: other.connections >= 1, "a try")
        lab.later(minutes=6)
        wait_for(lambda: other.connections >= 2, "another try")
        assert {command.partition(" ")[0] for command in other.commands} <= {"EHLO", "STARTTLS"}
        secured.smtp.target = secured.sink.port
        lab.complete(minutes=6)


class Valid(dict[str, object]):
    """Users as the sink asks for them: whoever comes with a token that the provider would confirm is let in."""

    def __init__(self, provider: Tokens, user: str) -> None:
        super().__init__({user: self})
        self.provider, self.user = provider, user

    def __eq__(self, token: object) -> bool:
        return self.provider.access.get(str(token)) == self.user

    __hash__ = None  # type: ignore[assignment]


def test_tokens_that_expire_while_the_daemon_runs_are_refreshed_for_both_servers(
    dovecot: Dovecot, account: str, tokens: Tokens, tmp_path: Path
) -> None:
    """Twice: the second time with the refresh token that the provider gave the first time."""
    users = Valid(tokens, account)
    with Sink.start(users=users) as sink, Proxy(dovecot.imap_port) as imap, Proxy(sink.port) as smtp:
        wires = Wires(dovecot, account, sink, imap, smtp)
        oauth = {"token_url": tokens.token_url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        oauth["refresh_token"] = tokens.issue(account)
        way = {"user": account, "auth": "xoauth2", "oauth": oauth}
        with laboratory(tmp_path, wires, mailbox=way, smtp={**way, "keep_open": "0s"}) as lab:
            for _ in range(2):
                lab.deliver()
                lab.complete()
                tokens.access.clear()
                imap.hang_up()
            lab.deliver()
            lab.complete()
            assert lab.alarms() == []


def test_a_provider_that_is_away_is_asked_again_until_it_is_back(
    dovecot: Dovecot, account: str, sink: Sink, tokens: Tokens, tmp_path: Path
) -> None:
    with Proxy(dovecot.imap_port) as imap, Proxy(sink.port) as smtp:
        oauth = {"token_url": tokens.token_url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        way = {"auth": "xoauth2", "oauth": {**oauth, "refresh_token": tokens.issue(account)}}
        with laboratory(tmp_path, Wires(dovecot, account, sink, imap, smtp), mailbox=way) as lab:
            tokens.access.clear()
            tokens.failures[:] = [503] * 8
            imap.hang_up()
            lab.deliver()
            lab.complete()
            assert tokens.failures == []
            assert lab.alarms() == []
