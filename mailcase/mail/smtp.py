"""Hands letters to the mail server that sends them on, all over one connection that is kept open for a while.

Promises: no letter, address or password crosses a connection that is not encrypted to a checked certificate, but for
this very machine (C91); every reply of the server is looked at, so that each letter ends as taken, as "later" or as
"never" (C90); a letter goes to all its recipients or to none; no password stands in any text given out.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence

from mailcase import config
from mailcase.config_values import loopback
from mailcase.mail import sasl
from mailcase.mail.envelope import BadAddress, Envelope, literal, stuffed
from mailcase.mail.oauth import TokenSource
from mailcase.mail.smtp_replies import Accepted, Deferred, Refused, Reply, SendResult, Unusable, judge, sender_problem
from mailcase.words import MailcaseError

__all__ = ["Accepted", "Deferred", "Refused", "SendResult", "Smtp"]

# RFC 5321, 4.5.3.2.6: a server may need ten minutes for the last reply, ten times what it gets for others here. Who
# gives up earlier sends the letter twice, and again at every try (RFC 1047).
_LAST_REPLY = 10
_GOODBYE = 2.0
_CHUNK = 65536
_LETTER = "the letter"


class Smtp:
    """One kept-open connection, for one thread. Raises MailcaseError where the settings would send in clear."""

    def __init__(self, settings: config.Smtp, token: Callable[[], str] | None = None) -> None:
        if settings.tls == "none" and not loopback(settings.host):
            raise MailcaseError(f'smtp.tls = "none": {settings.host} is another machine; set "tls" or "starttls"')
        self._settings, self._token = settings, token
        self._where = f"{settings.host}:{settings.port}"
        self._seconds = settings.timeout.total_seconds()
        self._open: smtplib.SMTP | None = None
        self._used = 0.0

    def send(self, envelope_from: str, to: Sequence[str], raw: bytes) -> SendResult:
        """Send one letter of CRLF lines; `envelope_from` "" is the null path <> of automatic letters.

        A connection lost before the last reply is `Deferred(connection=True)`: the letter may have left, and goes again
        under the same Message-ID (C90). Raises ValueError for bytes that are no letter, and what storing a token does.
        """
        data = stuffed(raw)
        try:
            envelope = Envelope.of(envelope_from, to)
        except BadAddress as bad:
            return Refused(str(bad), 0)
        if not envelope.to:
            return Refused("the letter has no recipient", 0)
        try:
            return self._transact(envelope, data)
        except Unusable as down:
            self._drop()
            return Deferred(down.why, down.code, connection=True, unknown=down.unknown)
        finally:
            self._used = time.monotonic()

    def close(self) -> None:
        """Say goodbye and hang up; never raises."""
        if self._open is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                _patience(self._open, min(_GOODBYE, self._seconds))
                self._open.quit()
        self._drop()

    def idle_close(self, now: float) -> None:
        """Close a connection that nobody used for `smtp.keep_open`; `now` as of `time.monotonic()`."""
        if self._open is not None and now - self._used >= self._settings.keep_open.total_seconds():
            self.close()

    def check(self, senders: Sequence[str]) -> list[str]:
        """Log in and offer each envelope sender ("" too): what is wrong, as sentences of key, value and remedy.

        Known limit: some servers, Postfix among them, judge the sender only with a recipient, and we offer none.
        """
        self.close()
        problems: list[str] = []
        try:
            self._open = self._dial()
            for sender in senders:
                problems += self._sender_problem(sender)
        except Unusable as down:
            problems.append(f'smtp.{down.key} = "{getattr(self._settings, down.key)}": {down.why}; {down.remedy}')
        finally:
            self.close()
        return problems

    def _sender_problem(self, sender: str) -> list[str]:
        try:
            fault = self._begin(Envelope.of(sender, ()), 0)
        except BadAddress as bad:
            fault = Refused(str(bad), 0)
        self._reset()
        return [sender_problem(sender, fault.why, self._settings)] if fault else []

    def _transact(self, envelope: Envelope, data: bytes) -> SendResult:
        fault = self._begin(envelope, len(data)) or self._recipients(envelope)
        if fault is None:
            reply = self._command("DATA")
            if reply.code == 354:
                return self._data(data)
            fault = judge(reply, "DATA", self._where)
        self._reset()
        return fault or Deferred(f"{self._where} does not let the letter begin: {reply}", connection=True)

    def _begin(self, envelope: Envelope, size: int) -> Deferred | Refused | None:
        """MAIL; over a new connection where the server has closed the kept one meanwhile. None is "go on"."""
        if self._open is not None:
            try:
                return self._mail(envelope, size)
            except Unusable:
                # Often a 421 that was said when the idle time was over; no letter is under way yet.
                self._drop()
        self._open = self._dial()
        return self._mail(envelope, size)

    def _mail(self, envelope: Envelope, size: int) -> Deferred | Refused | None:
        offers = self._connection.esmtp_features
        line = f"FROM:<{envelope.sender}>"
        if "size" in offers and size:
            # A letter over the limit is refused now (RFC 1870), not by a hang-up after twenty megabytes.
            line += f" SIZE={size}"
        if envelope.international:
            if "smtputf8" not in offers:
                who = ", ".join(envelope.international)
                return Refused(f"{who}: {self._where} takes only ASCII before the @; answer in another way", 0)
            line += " SMTPUTF8"
        return judge(self._command("MAIL", line), f"sender <{envelope.sender}>", self._where)

    def _recipients(self, envelope: Envelope) -> Deferred | Refused | None:
        """RCPT for each one; any that is refused ends the letter for all, and "never" outweighs "later"."""
        replies = ((address, self._command("RCPT", f"TO:<{address}>")) for address in envelope.to)
        faults = [fault for address, reply in replies if (fault := judge(reply, address, self._where))]
        return next((f for f in faults if isinstance(f, Refused)), faults[0] if faults else None)

    def _data(self, data: bytes) -> SendResult:
        connection = self._connection
        with self._talking(_LETTER):
            # In pieces, as one timeout would be for all the bytes, and twenty megabytes may take minutes.
            for start in range(0, len(data), _CHUNK):
                connection.send(data[start : start + _CHUNK])
            _patience(connection, self._seconds * _LAST_REPLY)
            reply = Reply.of(*connection.getreply())
            _patience(connection, self._seconds)
        return judge(reply, _LETTER, self._where) or Accepted(str(reply))

    def _reset(self) -> None:
        """Nothing of this letter stays behind: RSET, or else a new connection for the next one."""
        with contextlib.suppress(Unusable):
            if self._open is not None and self._command("RSET").code == 250:
                return
        self._drop()

    @property
    def _connection(self) -> smtplib.SMTP:
        if self._open is None:
            raise Unusable("host", f"{self._where}: no connection", "try again")
        return self._open

    def _command(self, verb: str, rest: str = "") -> Reply:
        # The library's mail() and rcpt() take addresses apart and write them anew; ours are checked and stay.
        with self._talking(verb):
            return Reply.of(*self._connection.docmd(verb, rest))

    def _drop(self) -> None:
        connection, self._open = self._open, None
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.close()

    def _dial(self) -> smtplib.SMTP:
        """A connection that is encrypted, checked and logged in."""
        try:
            return self._attempt()
        except Unusable as refused:
            if refused.key != "user" or not isinstance(self._token, TokenSource):
                raise
            # An access token may have been withdrawn before its time: it is replaced once.
            self._token.invalidate()
        return self._attempt()

    def _attempt(self) -> smtplib.SMTP:
        secret = self._secret()
        context = self._context()
        with self._talking("connecting"):
            connection = self._greeted(context)
        try:
            with self._talking("EHLO"):
                self._introduce(connection, context)
            with self._talking("AUTH"):
                self._log_in(connection, secret)
        except BaseException:
            with contextlib.suppress(OSError):
                connection.close()
            raise
        return connection

    def _secret(self) -> str:
        s = self._settings
        if s.auth == "password" or not s.user:
            return s.password.get_secret_value()
        try:
            if self._token is None:
                raise MailcaseError("nobody said where it comes from")
            return self._token()
        except MailcaseError as none:
            raise Unusable("auth", f"{self._where}, {s.user}: no access token: {none}", "see [smtp.oauth]") from none

    def _context(self) -> ssl.SSLContext:
        path = self._settings.ca_file
        try:
            return ssl.create_default_context(cafile=path)
        except OSError as wrong:
            raise Unusable("ca_file", f"{path} cannot be used ({wrong})", "expected a PEM file") from wrong

    def _greeted(self, context: ssl.SSLContext) -> smtplib.SMTP:
        # A name is given, as the library would look up its own, which takes seconds where names are not served.
        s, name = self._settings, "localhost"
        host = s.host.strip("[]")
        if s.tls == "tls":
            return smtplib.SMTP_SSL(host, s.port, name, timeout=self._seconds, context=context)
        return smtplib.SMTP(host, s.port, name, timeout=self._seconds)

    def _introduce(self, connection: smtplib.SMTP, context: ssl.SSLContext) -> None:
        connection.command_encoding = "utf-8"
        if connection.sock is not None:
            # Without this the end of each letter waits for the other side's delayed acknowledgement, some 40 ms.
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # Our own address, as the names of office machines are made up or not ASCII.
            connection.local_hostname = literal(connection.sock.getsockname()[0])
        _hello(connection)
        if self._settings.tls == "starttls":
            connection.starttls(context=context)
            _hello(connection)

    def _log_in(self, connection: smtplib.SMTP, secret: str) -> None:
        s = self._settings
        if not s.user:
            return
        offered = connection.esmtp_features.get("auth", "").upper().split()
        if not offered and s.tls == "none":
            # A relay on this very machine that knows no logins is used without one.
            return
        reply = Reply(0, "")
        for line in sasl.lines(s.auth, offered, s.user, secret):
            reply = Reply.of(*connection.docmd(line))
            if reply.code != 334:
                break
        if reply.code == 235:
            return
        if not reply.code:
            wanted, found = " or ".join(sasl.WAYS[s.auth]), " ".join(offered) or "none at all"
            why = f"{self._where} offers {s.user} no login by {wanted}, but {found}"
            raise Unusable("auth", why, "set the other way, or no user where the server wants none")
        said = str(reply).replace(secret or "\0", "***")
        remedy = "check MAILCASE_SMTP_PASSWORD" if s.auth == "password" else "grant access again"
        raise Unusable("user", f"{self._where} refuses the login of {s.user}: {said}", remedy, reply.code)

    @contextlib.contextmanager
    def _talking(self, what: str) -> Iterator[None]:
        """Turn what smtplib and the network raise into Unusable, with the setting to look at first."""
        try:
            yield
        except ssl.SSLCertVerificationError as wrong:
            why = f"the certificate of {self._where} is not trusted: {wrong.verify_message}"
            raise Unusable("host", why, "check the name; set ca_file where the authority is your own") from wrong
        except ssl.SSLError as wrong:
            why = f"no encryption with {self._where}: {wrong.reason or wrong}"
            raise Unusable("tls", why, 'usual are "tls" with port 465, "starttls" with 587') from wrong
        except smtplib.SMTPNotSupportedError as missing:
            # Somebody in between may have cut the offer out, to read the password.
            raise Unusable("tls", f"{self._where} offers no STARTTLS", 'set "tls" with port 465') from missing
        except smtplib.SMTPResponseException as refused:
            said = Reply.of(refused.smtp_code, refused.smtp_error)
            why = f"{self._where} cannot be used now: {said} (to {what})"
            raise Unusable("host", why, "check smtp.host, smtp.port and smtp.tls", said.code) from refused
        except (smtplib.SMTPException, OSError, UnicodeError) as broken:
            why = f"{self._where}: no connection ({what}): {broken}"
            raise Unusable("host", why, "check host, port, tls, the network", unknown=what == _LETTER) from broken


def _hello(connection: smtplib.SMTP) -> None:
    code, text = connection.ehlo()
    if code != 250:
        raise smtplib.SMTPHeloError(code, text)


def _patience(connection: smtplib.SMTP, seconds: float) -> None:
    if connection.sock is not None:
        connection.sock.settimeout(seconds)
