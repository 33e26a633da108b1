"""Opens the door of a mailbox: a checked, encrypted connection, then the password or the access token.

Promises: a certificate that does not fit and a missing STARTTLS end the attempt before any secret is sent; what a
person must mend (MailboxRefused) is told from what passes by itself (MailboxDown); secrets are in no message.
"""

from __future__ import annotations

import contextlib
import imaplib
import logging
import re
import socket
import ssl
from collections.abc import Callable, Iterator

from imapclient import SocketTimeout
from imapclient.exceptions import CapabilityError, LoginError

from mailcase import config
from mailcase.config_values import loopback
from mailcase.mail.idle import Client
from mailcase.mail.oauth import TokenDown, TokenRefused, TokenSource
from mailcase.words import MailcaseError

# The library logs the dialogue, with addresses and subjects in it, as debugging.
logging.getLogger("imapclient").setLevel(logging.WARNING)

Trouble = (imaplib.IMAP4.error, OSError, ValueError)
"""What imaplib, imapclient and the network raise; ValueError is an answer that no parser understands."""

# RFC 5530: the account is right, the moment is wrong. Big providers say the same in words.
_PASSING = re.compile(r"\[(UNAVAILABLE|INUSE|SERVERBUG|LIMIT|THROTTLED)\b|too many|try again|temporar", re.IGNORECASE)
# A firewall forgets a silent connection within minutes: (first probe after s, then every s, how often).
_KEEPALIVE = {"TCP_KEEPIDLE": 120, "TCP_KEEPINTVL": 30, "TCP_KEEPCNT": 4}


class MailboxDown(MailcaseError):
    """The mailbox cannot be used now: network, BYE, timeout, a busy server. Reconnect, with growing pauses."""


class MailboxRefused(MailcaseError):
    """Login or certificate refused: a person must act; names host, user and remedy. Trying at once does harm."""


class _LoginRefused(MailboxRefused):
    """The server knows us not by this password or token."""


def open_client(settings: config.Mailbox, token: Callable[[], str] | None) -> Client:
    """A connection that is logged in. Raises MailboxDown, MailboxRefused, and what storing a token raises.

    An access token that the server refuses is replaced once: it may have been withdrawn before its time.
    """
    if settings.tls == "none" and not loopback(settings.host):
        raise MailboxRefused(f'{where(settings)}: tls = "none" is for this machine only; set "tls" or "starttls"')
    try:
        return _open(settings, _secret(settings, token))
    except _LoginRefused:
        if settings.auth != "xoauth2" or not isinstance(token, TokenSource):
            raise
        token.invalidate()
        return _open(settings, _secret(settings, token))


def where(settings: config.Mailbox) -> str:
    """How errors name a mailbox."""
    return f"mailbox {settings.name} ({settings.user} at {settings.host}:{settings.port})"


def said(error: BaseException) -> str:
    """What a server or the network said, on one line of at most 300 characters."""
    first = error.args[0] if error.args and not isinstance(error, OSError) else str(error)
    text = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
    return "".join(c if c.isprintable() else " " for c in text)[:300] or type(error).__name__


def _secret(settings: config.Mailbox, token: Callable[[], str] | None) -> str:
    if settings.auth == "password":
        return settings.password.get_secret_value()
    if token is None:
        raise MailboxRefused(f'{where(settings)}: auth = "xoauth2" needs a section oauth')
    try:
        return token()
    except TokenDown as down:
        raise MailboxDown(str(down)) from down
    except TokenRefused as refused:
        raise MailboxRefused(str(refused)) from refused


def _open(settings: config.Mailbox, secret: str) -> Client:
    try:
        client = _dial(settings, _context(settings))
        try:
            _log_in(client, settings, secret)
        except BaseException:
            _hang_up(client)
            raise
    except ssl.SSLCertVerificationError as wrong:
        remedy = "check host, the server's certificate, and ca_file for a certificate of your own"
        text = f"{where(settings)}: the certificate is refused ({wrong.verify_message}); {remedy}"
        raise MailboxRefused(text) from wrong
    except Trouble as error:
        raise MailboxDown(f"{where(settings)}: no connection: {said(error).replace(secret or ' ', '***')}") from None
    return client


def _context(settings: config.Mailbox) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        text = f"{where(settings)}: ca_file = {str(settings.ca_file)!r} cannot be used ({error}); expected PEM"
        raise MailboxRefused(text) from error


def _dial(settings: config.Mailbox, context: ssl.SSLContext) -> Client:
    seconds = settings.timeout.total_seconds()
    client = Client(
        settings.host,
        settings.port,
        ssl=settings.tls == "tls",
        ssl_context=context,
        timeout=SocketTimeout(seconds, seconds),
    )
    client.normalise_times = False
    try:
        if settings.tls == "starttls":
            client.starttls(context)
    except CapabilityError as missing:
        _hang_up(client)
        # Somebody in between may have cut the offer out, to read the password.
        remedy = 'use tls = "tls" with port 993, or another server'
        raise MailboxRefused(f"{where(settings)}: the server offers no STARTTLS; {remedy}") from missing
    except BaseException:
        _hang_up(client)
        raise
    _tune(client.socket())
    return client


def _tune(connection: socket.socket) -> None:
    # Nagle's delay costs 40 ms a command with some servers (dependencies.md, 1).
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _log_in(client: Client, settings: config.Mailbox, secret: str) -> None:
    try:
        if settings.auth == "xoauth2":
            client.sasl_login("XOAUTH2", _xoauth2(settings.user, secret))
        elif (settings.user + secret).isascii() and secret.isprintable():
            client.login(settings.user, secret)
        else:
            # LOGIN has no way to say a Russian password; SASL speaks UTF-8 (RFC 4616).
            client.plain_login(settings.user, secret)
    except LoginError as error:
        cause = error.__context__ or error
        text = said(cause).replace(secret or " ", "***")
        # The library calls an ended connection a refused login, too.
        if isinstance(cause, imaplib.IMAP4.abort) or _PASSING.search(text):
            raise MailboxDown(f"{where(settings)}: no login now: {text}") from None
        remedy = "check user and password" if settings.auth == "password" else "grant access again"
        raise _LoginRefused(f"{where(settings)}: login refused: {text}; {remedy}, then mailcase check") from None


def _xoauth2(user: str, token: str) -> Callable[[bytes], str]:
    """The client's side of XOAUTH2: the token, then an empty line for the reason that a refusal comes with."""
    lines: Iterator[str] = iter((f"user={user}\1auth=Bearer {token}\1\1",))
    return lambda _challenge: next(lines, "")


def _hang_up(client: Client) -> None:
    with contextlib.suppress(*Trouble):
        client.shutdown()
