"""An honest IMAP account in memory: UIDs that never come back, UIDVALIDITY, flags, folders. No network."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mailcase.mail.letter import header_ids
from mailcase.mail.mailbox import FolderState, Glance, MailboxDown

START = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


@dataclass
class Stored:
    """One letter as the server keeps it."""

    raw: bytes
    at: datetime
    flags: set[str] = field(default_factory=set)


@dataclass
class Box:
    """One folder."""

    uidvalidity: int = 1
    uidnext: int = 1
    letters: dict[int, Stored] = field(default_factory=dict)

    def add(self, raw: bytes, at: datetime = START) -> int:
        """Append a letter; its UID."""
        uid = self.uidnext
        self.letters[uid] = Stored(raw, at)
        self.uidnext += 1
        return uid

    def renumber(self) -> None:
        """The server makes the folder anew: same letters, new UIDs, new UIDVALIDITY."""
        kept = list(self.letters.values())
        self.uidvalidity += 1
        self.letters = dict(enumerate(kept, start=1))
        self.uidnext = len(kept) + 1


class FakeMailbox:
    """What `Mailbox` does, on `boxes`; `broken_uids` are listed and never delivered; `cut_after` fetches, it dies.
    `hidden_uids` are there and not listed.

    The server hangs up when one of the `broken_folders` is opened, at the top of one of the `broken_tops`, and where
    one of the `deadly_uids` is fetched.
    """

    capabilities = frozenset({"IDLE", "MOVE", "UIDPLUS"})

    def __init__(self, **boxes: Box) -> None:
        self.boxes = {"INBOX": Box(), "Sent": Box(), **boxes}
        self.broken_uids: set[int] = set()
        self.hidden_uids: set[int] = set()
        self.broken_folders: set[str] = set()
        self.broken_tops: set[int] = set()
        self.deadly_uids: set[int] = set()
        self.cut_after: int | None = None
        self.selected = ""
        self.sent_name = "Sent"
        self.after_fetch: Callable[[], None] = lambda: None
        self.connected = False
        self.logins = 0

    def connect(self) -> None:
        """Always there; counts the logins."""
        self.logins += not self.connected
        self.connected = True

    def close(self) -> None:
        self.connected, self.selected = False, ""

    def _hang_up(self, why: str) -> MailboxDown:
        self.close()
        return MailboxDown(why)

    def sent_folder(self) -> str:
        return self.sent_name

    def select(self, folder: str, *, readonly: bool = True) -> FolderState:
        if folder in self.broken_folders:
            raise self._hang_up(f"opening folder {folder}: BYE")
        self.selected = folder
        box = self.boxes.setdefault(folder, Box())
        return FolderState(folder, box.uidvalidity, box.uidnext, len(box.letters))

    @property
    def box(self) -> Box:
        return self.boxes[self.selected]

    def uids(self, low: int, uidnext: int) -> list[int]:
        return sorted(uid for uid in self.box.letters if low <= uid and uid not in self.hidden_uids)

    def present(self, uids: list[int]) -> list[int]:
        return [uid for uid in self.uids(1, self.box.uidnext) if uid in uids]

    def glance(self, uids: list[int]) -> dict[int, Glance]:
        there = {uid: self.box.letters[uid] for uid in uids if uid in self.box.letters and uid not in self.broken_uids}
        return {uid: Glance(len(s.raw), s.at, header_ids(s.raw)[0]) for uid, s in there.items()}

    def fetch(self, uids: list[int]) -> dict[int, bytes]:
        if self.cut_after is not None:
            if self.cut_after == 0:
                raise self._hang_up("connection cut")
            self.cut_after -= 1
        if self.deadly_uids & set(uids):
            raise self._hang_up("BYE internal error")
        self.after_fetch()
        return {uid: self.box.letters[uid].raw for uid in uids if uid in self.box.letters}

    def fetch_top(self, uid: int) -> bytes:
        if uid in self.broken_tops:
            raise self._hang_up(f"the top of {uid}: BYE")
        return self.box.letters[uid].raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n(too large)\r\n"

    def idle(self, timeout: timedelta, stop: threading.Event) -> bool:
        return stop.wait(0.01)

    def append(self, folder: str, raw: bytes, when: datetime) -> None:
        if folder in self.broken_folders:
            raise self._hang_up(f"filing a letter in {folder}: NO")
        self.boxes.setdefault(folder, Box()).add(raw, when)

    def has_message(self, folder: str, message_id: str) -> bool:
        there = self.boxes[folder].letters.values() if folder in self.boxes else ()
        return any(header_ids(s.raw)[0] == message_id for s in there)

    def mark(self, uids: list[int]) -> None:
        for uid in uids:
            # A UID that is not there any more is no error (RFC 3501 6.4.8).
            if uid in self.box.letters:
                self.box.letters[uid].flags.add("$Mailcase")

    def move(self, uids: list[int], target: str) -> bool:
        into = self.boxes.setdefault(target, Box())
        for uid in [uid for uid in uids if uid in self.box.letters]:
            stored = self.box.letters.pop(uid)
            into.add(stored.raw, stored.at)
        return True
