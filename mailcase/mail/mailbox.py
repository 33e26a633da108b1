"""The laboratory's mailbox at the mail server: what is new in it, the letters themselves, and their tidying.

Promises: reading changes nothing, no flag and no letter; only UIDs name letters; flags and dates choose none;
nothing is expunged but by its UID; after any fault the connection is dropped and MailboxDown raised, so that the
next `connect` starts clean. One connection, one thread.
"""

from __future__ import annotations

import contextlib
import imaplib
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mailcase import config
from mailcase.mail import imap_folders, imap_uids
from mailcase.mail.idle import Client
from mailcase.mail.imap_login import MailboxDown, MailboxRefused, Trouble, open_client, said, where
from mailcase.mail.imap_uids import chunks
from mailcase.mail.letter import header_ids
from mailcase.mail.outline import short_letter

__all__ = ["FolderState", "Glance", "Mailbox", "MailboxDown", "MailboxRefused"]

log = logging.getLogger(__name__)

KEYWORD = "$Mailcase"
# Python's timeout of a send is for the whole of it; a slow line needs longer for a large letter.
_SLOWEST = 50_000


@dataclass(frozen=True)
class FolderState:
    """A folder when it was opened; under another `uidvalidity` the same UIDs are other letters (RFC 3501, 2.3.1.1)."""

    name: str
    uidvalidity: int
    uidnext: int
    exists: int


@dataclass(frozen=True)
class Glance:
    """A letter from outside: bytes, when the server got it (aware, UTC), Message-ID ("" for none)."""

    size: int
    internal_date: datetime
    message_id: str


class Mailbox:
    """One connection to one account, used by one thread.

    Every method but `close` raises MailboxDown; `connect` raises MailboxRefused too.
    """

    def __init__(self, settings: config.Mailbox, token: Callable[[], str] | None = None) -> None:
        self._settings, self._token = settings, token
        self._client: Client | None = None
        self._folder: FolderState | None = None
        self._keeps: frozenset[str] = frozenset()
        self._sent = ""

    def connect(self) -> None:
        """Connect, check the certificate and log in; nothing where this is done already."""
        if self._client is None:
            self._client = open_client(self._settings, self._token)

    @property
    def connected(self) -> bool:
        """Whether there is a connection, as far as we know without asking."""
        return self._client is not None

    def close(self) -> None:
        """Log out and hang up; never raises and never waits long."""
        client = self._client
        if client is None:
            return
        with contextlib.suppress(*Trouble):
            client.socket().settimeout(3)
            client.logout()
        self._drop()

    def _drop(self) -> None:
        client, self._client, self._folder, self._sent = self._client, None, None, ""
        if client is not None:
            with contextlib.suppress(*Trouble):
                client.shutdown()

    @contextlib.contextmanager
    def _speaking(self, doing: str) -> Iterator[Client]:
        """The connection for one task; whatever goes wrong with it ends it."""
        if self._client is None:
            raise MailboxDown(f"{where(self._settings)}: {doing}: not connected")
        try:
            yield self._client
        except Trouble as error:
            self._drop()
            raise MailboxDown(f"{where(self._settings)}: {doing}: {said(error)}") from error

    @property
    def capabilities(self) -> frozenset[str]:
        """What the server offers after login, in capitals."""
        with self._speaking("asking for capabilities") as client:
            return frozenset(c.decode("ascii", "replace").upper() for c in client.capabilities())

    def folders(self) -> list[str]:
        """The names of all folders that can be opened."""
        with self._speaking("listing folders") as client:
            return [name for _, _, name in imap_folders.openable(client)]

    def sent_folder(self) -> str:
        """The folder of sent letters: as configured, or found by its special use, then by its name; "" for none."""
        if self._settings.sent_folder != "auto":
            return self._settings.sent_folder
        if not self._sent:
            with self._speaking("looking for the folder of sent letters") as client:
                self._sent = imap_folders.sent_among(imap_folders.openable(client))
        return self._sent

    def select(self, folder: str, *, readonly: bool = True) -> FolderState:
        """Open a folder, for reading only unless letters are to be marked or moved."""
        with self._speaking(f"opening folder {folder!r}") as client:
            self._folder = None
            told = client.select_folder(folder, readonly=readonly)
            uidnext = told.get(b"UIDNEXT") or client.folder_status(folder, ["UIDNEXT"]).get(b"UIDNEXT")
            client.forget_news()
            if not told.get(b"UIDVALIDITY") or not uidnext:
                raise MailboxDown(f"{where(self._settings)}: folder {folder!r} has no UIDVALIDITY or UIDNEXT")
            self._keeps = frozenset(f.decode("ascii", "replace").lower() for f in told.get(b"PERMANENTFLAGS", ()))
            self._folder = FolderState(folder, told[b"UIDVALIDITY"], uidnext, told.get(b"EXISTS", 0))
            return self._folder

    @property
    def keeps_mark(self) -> bool:
        """Whether the open folder keeps our keyword; opened for reading only, servers say no."""
        return bool(self._keeps & {r"\*", KEYWORD.lower()})

    def uids(self, low: int, uidnext: int) -> list[int]:
        """Every UID of the open folder from `low` on, ascending, also such as came after `uidnext` was told."""
        with self._speaking("listing letters") as client:
            client.forget_news()
            return imap_uids.listed(client, low, uidnext, self._folder.exists if self._folder else 0)

    def present(self, uids: Sequence[int]) -> list[int]:
        """Those of the letters that are in the open folder now."""
        with self._speaking("looking for letters") as client:
            return imap_uids.present(client, uids)

    def glance(self, uids: Sequence[int]) -> dict[int, Glance]:
        """Size, arrival and Message-ID of letters; what the server does not deliver is absent."""
        what = ["RFC822.SIZE", "INTERNALDATE", "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]
        with self._speaking("looking at letters") as client:
            found = _delivered(client, uids, what)
        return {uid: _glance(told) for uid, told in found.items() if told.get(b"RFC822.SIZE") is not None}

    def fetch(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The letters, byte by byte and left unread; one that is gone or that the server cannot read is absent."""
        with self._speaking("fetching letters") as client:
            found = _delivered(client, uids, ["BODY.PEEK[]"])
        return {uid: told[b"BODY[]"] for uid, told in found.items() if told.get(b"BODY[]")}

    def fetch_top(self, uid: int) -> bytes:
        """A letter too large to fetch: its header, and the list of its parts in Russian as a plain text."""
        with self._speaking("fetching the top of a letter") as client:
            top = _delivered(client, [uid], ["RFC822.SIZE", "BODY.PEEK[HEADER]"]).get(uid, {})
            if not top.get(b"BODY[HEADER]"):
                raise MailboxDown(f"{where(self._settings)}: letter with UID {uid} is listed but not delivered")
            structure = _structure(client, uid)
        return short_letter(top[b"BODY[HEADER]"], top.get(b"RFC822.SIZE", 0), structure)

    def idle(self, timeout: timedelta, stop: threading.Event) -> bool:
        """Wait until the server tells of new mail in the open folder: True; False at the timeout, or soon after stop.

        A hint and no more: what is new is asked by `uids`. Where IDLE is not offered it only waits (C82).
        """
        with self._speaking("waiting for mail") as client:
            if not client.has_capability("IDLE"):
                stop.wait(timeout.total_seconds())
                return client.heard()
            return client.watch(timeout.total_seconds(), stop)

    def append(self, folder: str, raw: bytes, when: datetime) -> None:
        """File a copy as read, with its date (aware); makes the folder if it is missing."""
        with self._speaking(f"filing a letter in {folder!r}") as client:
            imap_folders.make(client, folder)
            client.socket().settimeout(self._settings.timeout.total_seconds() + len(raw) / _SLOWEST)
            client.append(folder, raw, flags=(rb"\Seen",), msg_time=when)
            client.socket().settimeout(self._settings.timeout.total_seconds())

    def has_message(self, folder: str, message_id: str) -> bool:
        """Whether a folder holds a letter of that Message-ID; opens the folder, if there is one, for reading."""
        with self._speaking(f"searching folder {folder!r}") as client:
            if not client.folder_exists(folder):
                return False
            self.select(folder)
            return bool(client.search(["HEADER", "Message-ID", message_id]))

    def mark(self, uids: Sequence[int]) -> None:
        """Set the keyword $Mailcase in the open folder, where the server keeps such keywords; else nothing."""
        if not self.keeps_mark:
            return
        with self._speaking("marking letters") as client:
            for chunk in chunks(uids):
                client.add_flags(chunk, [KEYWORD.encode()], silent=True)

    def move(self, uids: Sequence[int], target: str) -> bool:
        """Move letters of the open folder to another, made if missing; whether all of them have left.

        Without MOVE (RFC 6851) a letter is copied, and then expunged by its UID (RFC 4315), so that at every moment
        it is in one folder at least; where neither can be had, it stays where it is, marked.
        """
        if not uids or (self._folder is not None and self._folder.name == target):
            return True
        with self._speaking(f"moving letters to {target!r}") as client:
            # One letter that a colleague took meanwhile makes Dovecot refuse the whole MOVE: name only those there.
            for chunk in chunks(imap_uids.present(client, uids)):
                try:
                    _relocate(client, chunk, target)
                except imaplib.IMAP4.abort:
                    raise
                except imaplib.IMAP4.error as refused:
                    log.warning("%s: not moved to %r: %s", where(self._settings), target, said(refused))
            # Other servers say OK for letters that did not move (trap 12): only a second look tells.
            left = imap_uids.present(client, uids)
        self.mark(left)
        return not left


def _delivered(client: Client, uids: Sequence[int], what: list[str]) -> dict[int, dict[bytes, Any]]:
    """What the server tells of letters. One that it cannot read is left out and costs the others nothing."""
    found: dict[int, dict[bytes, Any]] = {}
    for chunk in chunks(uids):
        try:
            found.update(client.fetch(chunk, what))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as refused:
            if len(chunk) == 1:
                log.warning("the server does not deliver the letter with UID %d: %s", chunk[0], said(refused))
                continue
            for uid in chunk:
                found.update(_delivered(client, [uid], what))
    return found


def _glance(told: dict[bytes, Any]) -> Glance:
    header = next((v for k, v in told.items() if k.startswith(b"BODY[HEADER.FIELDS")), b"")
    # A date that the server got wrong must not hold up the letter: it is new to us now.
    arrived = told.get(b"INTERNALDATE") or datetime.now(UTC)
    return Glance(told[b"RFC822.SIZE"], arrived.astimezone(UTC), header_ids(header or b"")[0])


def _structure(client: Client, uid: int) -> Any:
    """BODYSTRUCTURE as nested tuples; None where the server or the library's parser cannot make one."""
    try:
        return _delivered(client, [uid], ["BODYSTRUCTURE"]).get(uid, {}).get(b"BODYSTRUCTURE")
    except (LookupError, TypeError, AttributeError):
        return None


def _relocate(client: Client, uids: list[int], target: str) -> None:
    if client.has_capability("MOVE"):
        imap_folders.make(client, target)
        client.move(uids, target)
    elif client.has_capability("UIDPLUS"):
        imap_folders.make(client, target)
        copied = client.copied(uids, target)
        if copied:
            client.add_flags(copied, [rb"\Deleted"], silent=True)
            client.uid_expunge(copied)
