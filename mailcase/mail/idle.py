"""Waits on an open IMAP connection until the server tells of new mail (RFC 2177).

Promises: a line is always read whole, however it is cut into packets; an ended connection is an error at once, not
a quiet end; no command is sent before the server has closed the IDLE. Written by hand because the library's own
`idle_check` cuts lines and takes an ended connection for silence; it uses private names of imapclient 4.
"""

from __future__ import annotations

import imaplib
import select
import ssl
import threading
import time
from typing import Any

from imapclient import IMAPClient

_NEWS = ("EXISTS", "RECENT")
_LOOK = 0.5
"""Seconds between looks at the stop event."""


class Client(IMAPClient):  # type: ignore[misc]
    """An IMAPClient that can wait for news and tells what came unasked for."""

    def __init__(self, *where: Any, **how: Any) -> None:
        super().__init__(*where, **how)
        # The library makes imaplib write out every answer for its debug log, whose level it does not ask: twice the
        # text of each letter, up to four characters a byte.
        self._imap.debug = 0

    def forget_news(self) -> None:
        """What the server told of new mail is known; what it tells from now on is news."""
        for name in _NEWS:
            self._imap.untagged_responses.pop(name, None)

    def heard(self) -> bool:
        """Whether the server has told of new mail since `forget_news`."""
        return any(name in self._imap.untagged_responses for name in _NEWS)

    def _raw_command_untagged(self, command: bytes, *args: Any, **more: Any) -> Any:
        """As the library's, but a server may tell what it found in several lines, and no mail may stop for that."""
        told = super()._raw_command_untagged(command, *args, **more)
        return [b" ".join(line for line in told if line)] if command == b"SEARCH" else told

    def copied(self, uids: list[int], target: str) -> list[int]:
        """Copy letters; those of them that have arrived, which COPYUID names (RFC 4315, 3)."""
        self._imap.untagged_responses.pop("COPYUID", None)
        self.copy(uids, target)
        told = self._imap.untagged_responses.pop("COPYUID", [])
        # Without it the OK speaks for all: a server copies everything or nothing (RFC 3501, 6.4.7).
        return [uid for uid in uids if _named(uid, told[-1].split()[1].decode())] if told else uids

    def watch(self, seconds: float, stop: threading.Event) -> bool:
        """IDLE until news, `stop` or the time is over; whether there is news.

        Raises imaplib's errors and OSError for a refused IDLE and for a connection that ended or is half-open.
        """
        if self.heard():
            return True
        end = time.monotonic() + seconds
        tag = self._imap._command("IDLE")
        # Untagged lines may come before the continuation, and the server may end the IDLE whenever it likes.
        open_ = self._until_continued(tag)
        while open_ and not self.heard() and not stop.is_set():
            left = end - time.monotonic()
            if left <= 0:
                break
            if self._line_waits(min(left, _LOOK)):
                self._imap._get_response()
                self._imap._check_bye()
                open_ = self._imap.tagged_commands[tag] is None
        if open_:
            self._imap.send(b"DONE\r\n")
        self._checkok("idle", *self._imap._command_complete("IDLE", tag))
        if not open_ and not self.heard():
            # A server that ends every IDLE at once must not make us turn in circles.
            stop.wait(max(end - time.monotonic(), 0))
        return self.heard()

    def _until_continued(self, tag: bytes) -> bool:
        """Whether the server has said `+`; False where it has ended the command instead."""
        while self._imap._get_response() is not None:
            self._imap._check_bye()
            if self._imap.tagged_commands[tag] is not None:
                return False
        return True

    def _line_waits(self, seconds: float) -> bool:
        """Whether a line has begun, or the connection has ended, within some seconds; reads nothing off."""
        if self._peek(at_end=False):
            return True
        poll = select.poll()
        poll.register(self.socket(), select.POLLIN)
        return bool(poll.poll(seconds * 1000)) and self._peek(at_end=True)

    def _peek(self, *, at_end: bool) -> bool:
        """Whether bytes are there; `at_end` is the answer where the socket has none and does not ask for patience.

        A plain socket shows nothing for "not yet" as for "ended"; after poll has said that it is readable it can
        only be the end. A TLS socket says "not yet" by SSLWantReadError, as for half a record.
        """
        connection, file = self.socket(), _file(self._imap)
        connection.setblocking(False)
        try:
            return bool(file.peek(1)) or at_end
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            self._set_read_timeout()


def _named(uid: int, uid_set: str) -> bool:
    for piece in uid_set.split(","):
        first, _, last = piece.partition(":")
        ends = sorted((int(first), int(last or first)))
        if ends[0] <= uid <= ends[1]:
            return True
    return False


def _file(imap: imaplib.IMAP4) -> Any:
    # Python 3.14 made the attribute private.
    return getattr(imap, "_file", None) or imap.file
