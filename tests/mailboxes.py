"""What tests of the mailbox share: settings for a test server, letters put into it, and a second mail program."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mailcase.config import Mailbox as Settings
from mailcase.mail.mailbox import Mailbox
from tests.letters import raw
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import PASSWORD


def settings(port: int, **given: Any) -> Settings:
    """Settings of a mailbox on loopback, unencrypted unless a test says otherwise."""
    values = {"name": "lab", "host": "127.0.0.1", "port": port, "user": "lab@example.org", "tls": "none"}
    return Settings.model_validate({**values, "password": PASSWORD, "timeout": "10s", **given})


@contextmanager
def mailbox(port: int, **given: Any) -> Iterator[Mailbox]:
    """A connected mailbox."""
    box = Mailbox(settings(port, **given))
    try:
        box.connect()
        yield box
    finally:
        box.close()


@contextmanager
def other_program(dovecot: Dovecot, account: str) -> Iterator[imaplib.IMAP4]:
    """A colleague's mail program on the same account, with INBOX open."""
    program = imaplib.IMAP4(dovecot.host, dovecot.imap_port, timeout=10)
    try:
        program.login(account, PASSWORD)
        program.select("INBOX")
        yield program
    finally:
        program.logout()


def deliver(dovecot: Dovecot, account: str, *numbers: int) -> None:
    """Letters with the Message-IDs <number@romashka.example.ru>, in this order."""
    for number in numbers:
        dovecot.deliver(account, raw(message_id=f"<{number}@romashka.example.ru>", return_path="a@example.ru"))


def uids_of(box: Mailbox, folder: str = "INBOX") -> list[int]:
    """Every UID of a folder."""
    return box.uids(1, box.select(folder).uidnext)


def flags_of(program: imaplib.IMAP4, uid: int) -> str:
    """The flags of a letter, as the other program sees them."""
    program.noop()
    _, answer = program.uid("FETCH", str(uid), "(FLAGS)")
    return next((part.decode() for part in answer if isinstance(part, bytes)), "")
