"""Hands one letter to the SMTP server and says which of three things happened: accepted, not now, never.

One kept-open connection, one thread. Encryption is never skipped; a letter goes to all its recipients or to none;
a connection lost after DATA is "not now": the caller sends again under the same Message-ID.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mailcase import config
from mailcase.config_values import loopback
from mailcase.mail.oauth import TokenSource
from mailcase.words import MailcaseError

_LINE_LIMIT = 998
_ADDRESS = re.compile(r"[^\s<>\x00-\x1f]+@[^\s<>\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server has taken the letter over."""

    reply: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now (4xx); `connection`: the server could not be used at all, nothing is wrong with this letter."""

    why: str
    code: int = 0
    connection: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Never (5xx)."""

    why: str
    code: int


SendResult = Accepted | Deferred | Refused


class _Unusable(MailcaseError):
    """The server cannot be used: names host and remedy, never a secret."""


class _Reply(Exception):  # an answer of the server, not a fault of ours
    """A reply that ends the letter."""

    def __init__(self, code: int, text: bytes) -> None:
        self.code, self.why = code, f"{code} {text.decode('utf-8', 'replace')}"


class Smtp:
    """A connection to the configured server, opened when first needed and kept for `keep_open`."""

    def __init__(self, settings: config.Smtp, token: Callable[[], str] | None = None) -> None:
        self._settings, self._token = settings, token
        self._server: smtplib.SMTP | None = None
        self._used = 0.0

    def send(self, envelope_from: str, to: Sequence[str], raw: bytes) -> SendResult:
        """Send to all of `to` or to none; `envelope_from` "" is the null path. Raises ValueError for bad bytes."""
        _check_bytes(raw)
        if not to or any(not _ADDRESS.fullmatch(a) for a in (*to, *([envelope_from] if envelope_from else []))):
            return Refused(f"no usable address among {', '.join(to) or 'none'}", 553)
        self.idle_close(time.monotonic())
        try:
            try:
                return self._transact(envelope_from, to, raw)
            except smtplib.SMTPServerDisconnected:
                # A kept connection that the server closed meanwhile: the first command noticed, nothing was sent.
                if not self._stale:
                    raise
                return self._transact(envelope_from, to, raw)
        except _Unusable as unusable:
            return self._lost(str(unusable))
        except (smtplib.SMTPException, OSError) as broken:
            return self._lost(f"{self._where}: {broken or type(broken).__name__}")

    def _transact(self, envelope_from: str, to: Sequence[str], raw: bytes) -> SendResult:
        server, self._stale = self._connected()
        try:
            options = self._options(server, (envelope_from, *to))
            _expect(server.mail(_a_label(envelope_from), options), 250)
            self._stale = False
            for address in to:
                _expect(server.rcpt(_a_label(address)), 250, 251)
            code, text = server.data(raw)
            if code != 250:
                raise _Reply(code, text)
        except _Reply as reply:
            return self._ended(server, reply)
        self._used = time.monotonic()
        return Accepted(f"{code} {text.decode('utf-8', 'replace')}")

    def _ended(self, server: smtplib.SMTP, reply: _Reply) -> SendResult:
        if reply.code == 421:
            return self._lost(reply.why)
        self._stale = False
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.rset()
        self._used = time.monotonic()
        return Refused(reply.why, reply.code) if reply.code >= 500 else Deferred(reply.why, reply.code)

    def _options(self, server: smtplib.SMTP, addresses: Sequence[str]) -> list[str]:
        if all(a.rpartition("@")[0].isascii() for a in addresses):
            return []
        if not server.has_extn("smtputf8"):
            raise _Reply(553, b"the server takes no addresses beyond ASCII (SMTPUTF8)")
        return ["SMTPUTF8"]

    _stale = False

    def _connected(self) -> tuple[smtplib.SMTP, bool]:
        """The server, and whether the connection was there before."""
        if self._server is not None:
            return self._server, True
        self._server = self._open()
        return self._server, False

    def _open(self) -> smtplib.SMTP:
        s = self._settings
        if s.tls == "none" and not loopback(s.host):
            raise _Unusable(f'smtp.tls = "none" is for this machine only; set "tls" or "starttls" for {s.host}')
        timeout = s.timeout.total_seconds()
        context = ssl.create_default_context(cafile=str(s.ca_file) if s.ca_file else None)
        try:
            if s.tls == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(s.host, s.port, timeout=timeout, context=context)
            else:
                server = smtplib.SMTP(s.host, s.port, timeout=timeout)
        except ssl.SSLCertVerificationError as wrong:
            raise _Unusable(f"{self._where}: its certificate is not to be trusted: {wrong.verify_message}") from wrong
        try:
            self._greet(server, context)
        except BaseException:
            server.close()
            raise
        return server

    def _greet(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        s = self._settings
        server.ehlo_or_helo_if_needed()
        if s.tls == "starttls":
            try:
                server.starttls(context=context)
            except smtplib.SMTPNotSupportedError as missing:
                raise _Unusable(f"{self._where}: it offers no STARTTLS, so nothing was sent") from missing
            except ssl.SSLCertVerificationError as wrong:
                why = wrong.verify_message
                raise _Unusable(f"{self._where}: its certificate is not to be trusted: {why}") from wrong
            except smtplib.SMTPResponseException as refused:
                raise _Unusable(
                    f"{self._where}: it refused STARTTLS ({refused.smtp_code}), nothing was sent"
                ) from refused
            server.ehlo()
        if s.user:
            self._log_in(server)

    def _log_in(self, server: smtplib.SMTP) -> None:
        s = self._settings
        if not server.has_extn("auth"):
            # A relay on this very machine that asks for no login is used without one.
            if s.tls == "none":
                return
            raise _Unusable(f"{self._where}: it offers no login; leave smtp.user empty if none is needed")
        try:
            if s.auth == "xoauth2":
                self._with_token(server)
            else:
                server.login(s.user, s.password.get_secret_value())
        except smtplib.SMTPAuthenticationError as refused:
            raise _Unusable(
                f"{self._where}: login of {s.user} refused ({refused.smtp_code}); check MAILCASE_SMTP_PASSWORD"
            ) from refused

    def _with_token(self, server: smtplib.SMTP) -> None:
        """XOAUTH2; a token that is refused is replaced once, for it may have been withdrawn before its time."""
        if self._token is None:
            raise _Unusable(f"{self._where}: xoauth2 without a token source; fill [smtp.oauth]")
        for last in (False, True):
            answer = f"user={self._settings.user}\1auth=Bearer {self._token()}\1\1"
            try:
                server.auth("XOAUTH2", lambda challenge=None, a=answer: "" if challenge else a)
            except smtplib.SMTPAuthenticationError:
                if last or not isinstance(self._token, TokenSource):
                    raise
                self._token.invalidate()
            else:
                return

    @property
    def _where(self) -> str:
        return f"smtp server {self._settings.host}:{self._settings.port}"

    def _lost(self, why: str) -> Deferred:
        self.close()
        return Deferred(why, connection=True)

    def idle_close(self, now: float) -> None:
        """Close a connection that was not used for `keep_open`; `now` in monotonic seconds."""
        if self._server is not None and now - self._used > self._settings.keep_open.total_seconds():
            self.close()

    def close(self) -> None:
        """End the connection; never raises."""
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def check(self, senders: Sequence[str]) -> list[str]:
        """Log in and offer each sender (MAIL FROM, RSET); problems as sentences, empty where all is well."""
        problems = []
        try:
            server, _ = self._connected()
            for sender in senders:
                code, text = server.mail(sender)
                server.rset()
                if code != 250:
                    shown, said = f"<{sender}>", text.decode("utf-8", "replace")
                    remedy = "set smtp.auto_envelope to an address of yours" if not sender else "check smtp.user"
                    problems.append(f"{self._where} refuses the sender {shown}: {code} {said}; {remedy}")
        except (MailcaseError, smtplib.SMTPException, OSError) as broken:
            problems.append(str(broken) if isinstance(broken, MailcaseError) else f"{self._where}: {broken}")
        self.close()
        return problems


def _expect(reply: tuple[int, bytes], *good: int) -> None:
    if reply[0] not in good:
        raise _Reply(*reply)


def _a_label(address: str) -> str:
    """The domain as an A-label, so that a Russian domain needs no SMTPUTF8 (C67)."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain if domain.isascii() else domain.encode('idna').decode()}"


def _check_bytes(raw: bytes) -> None:
    if b"\n" in raw.replace(b"\r\n", b"") or b"\r" in raw.replace(b"\r\n", b""):
        raise ValueError("the letter has line ends other than CRLF")
    if max(map(len, raw.split(b"\r\n"))) > _LINE_LIMIT:
        raise ValueError(f"the letter has a line over {_LINE_LIMIT} octets")
