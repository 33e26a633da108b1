"""Station 1: from the mailbox to the disk and the ledger. Raw first, flags last; no letter is skipped or taken twice.

Which UIDs: at the first connect everything there is `before_start`; afterwards every UID is taken, whatever its
flags or date, and where the folder is listed whole also those that appear below others. Nothing is decided here, and
nothing is changed in the mailbox. A folder of spam or of sent letters that cannot be read costs the INBOX nothing,
and a letter that cannot be read costs the others nothing.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Row

from mailcase import config
from mailcase.app import App
from mailcase.mail.letter import header_ids
from mailcase.mail.mailbox import FolderState, Glance, Mailbox, MailboxDown
from mailcase.stations import mailbox_alarms, numbering
from mailcase.store import intake
from mailcase.store.intake import Arrival
from mailcase.words import FolderRole, SightingState

log = logging.getLogger(__name__)
_BATCH = 50
# A stop waits for the batch that is under way, so it is small enough for a slow line.
_BATCH_BYTES = 4_000_000
_GLANCE = 500
_PENDING_ALARM = 5
_HANG_UPS = 16
"""After so many in one pass it is the server and not a letter; halving finds one of hundreds with fewer."""
_TURNS = 5
"""So many letters may fail again in one pass; they cause fewer hang-ups than end it."""
_FOLDER_ALARM = timedelta(minutes=15)
_GONE_FOR_GOOD = timedelta(days=7)
"""So long a letter that was never had and is listed no longer may come back: one listing may be wrong."""

Told = TypeVar("Told")


def fetch(app: App, mailbox: Mailbox, settings: config.Mailbox) -> int:
    """Take every new letter of one mailbox; how many letters are new in the ledger. Ends early at `app.wake.stop`.

    INBOX comes last, so that the connection then idles on it. Raises MailboxDown and MailboxRefused for it alone;
    what was committed before stays, and LeaseLost where another process watches this mailbox now.
    """
    if not app.leases.take(lease_name(settings)):
        return 0
    mailbox.connect()
    new = 0
    faults: dict[FolderRole, MailboxDown] = {}
    for role in (FolderRole.SPAM, FolderRole.SENT):
        try:
            new += _look(app, mailbox, settings, role)
        except MailboxDown as fault:
            log.warning("fetch %s: the folder of %s letters: %s", settings.name, role, fault)
            faults[role] = fault
    new += _look(app, mailbox, settings, FolderRole.INBOX)
    _tell_faults(app, settings, faults)
    return new


def fetch_whole(app: App, mailbox: Mailbox, settings: config.Mailbox, role: FolderRole) -> int:
    """List one folder from its first UID on, for letters that earlier lists left out; how many are new.

    For a mailbox that `fetch` has just read: what is new does not wait for the long list. Raises as `fetch` for INBOX.
    """
    return _look(app, mailbox, settings, role, whole=True)


def _look(app: App, mailbox: Mailbox, settings: config.Mailbox, role: FolderRole, *, whole: bool = False) -> int:
    mailbox.connect()
    name = settings.inbox if role is FolderRole.INBOX else _beside(mailbox, settings, role)
    return _Pass(app, mailbox, settings, role, whole).run(name) if name else 0


def lease_name(settings: config.Mailbox) -> str:
    """Which process watches this mailbox, over one connection for all its folders."""
    return f"fetch:{settings.name}"


def _beside(mailbox: Mailbox, settings: config.Mailbox, role: FolderRole) -> str:
    """The folder of that role that is watched beside INBOX; "" for none."""
    if role is FolderRole.SPAM:
        return settings.spam_folder
    return mailbox.sent_folder() if settings.watch_sent else ""


def _tell_faults(app: App, settings: config.Mailbox, faults: dict[FolderRole, MailboxDown]) -> None:
    """INBOX could be read, so it is the other folder that a person must look at: once a day, and not for one blip."""
    now = app.now()
    for role, fault in faults.items():
        with app.db.tx() as tx:
            app.leases.fence(tx, lease_name(settings))
            last = intake.last_pass(tx, settings.name, role)
            if last is not None and now - last <= max(_FOLDER_ALARM, 2 * settings.poll):
                continue
            mailbox_alarms.unread(tx, app, settings, role, fault)


@dataclass
class _Pass:
    """One look at one folder."""

    app: App
    mailbox: Mailbox
    settings: config.Mailbox
    role: FolderRole
    whole: bool
    hang_ups: int = 0
    missed: set[int] = field(default_factory=set)

    @contextlib.contextmanager
    def _tx(self) -> Iterator[Connection]:
        """A transaction that changes nothing where another process has taken the mailbox over meanwhile."""
        with self.app.db.tx() as tx:
            self.app.leases.fence(tx, lease_name(self.settings))
            yield tx

    def run(self, name: str) -> int:
        state = self.mailbox.select(name)
        box = self._meet(state)
        listed = self._listed(box, state)
        with self.app.db.read() as view:
            fresh, waiting = intake.unsettled(view, box, listed)
        if left_out := [uid for uid in fresh if uid < box.low_water]:
            log.warning("fetch %s: %s: earlier lists left out %d letters", box.mailbox, box.name, len(left_out))
        new = self._take(box, fresh)
        # What could not be had before comes last and ends no pass: it must not stand in the way of the others again.
        new += self._take_in_turn(box, [uid for uid in waiting if uid not in self.missed])
        if not self.app.wake.stop.is_set():
            self._finish(box, listed)
        return new

    def _listed(self, box: Row[Any], state: FolderState) -> list[int]:
        """UIDs to look at: from the low-water mark on, and those below it that are withheld since a whole list."""
        low = 1 if self.whole else box.low_water
        with self.app.db.read() as view:
            below = [row.uid for row in intake.pending(view, box) if row.uid < low]
        return [*(self.mailbox.present(below) if below else ()), *self.mailbox.uids(low, state.uidnext)]

    def _take(self, box: Row[Any], uids: Sequence[int]) -> int:
        new = 0
        for batch in self._batches(box, uids):
            if self.app.wake.stop.is_set():
                break
            new += self._store(box, batch)
        return new

    def _take_in_turn(self, box: Row[Any], waiting: Sequence[int]) -> int:
        """One by one, so that no readable letter fails with another; the next pass begins with those not reached."""
        self.hang_ups = new = failed = 0
        for uid in waiting:
            if failed == _TURNS or self.app.wake.stop.is_set():
                break
            new += self._take(box, [uid])
            failed += uid in self.missed
        return new

    def _meet(self, state: FolderState) -> Row[Any]:
        with self._tx() as tx:
            return numbering.meet(tx, self.app, self.settings, self.role, state)

    def _batches(self, box: Row[Any], uids: Sequence[int]) -> Iterator[dict[int, Glance]]:
        """Letters to fetch, oldest first, in batches bounded by number and bytes; the others are settled here."""
        batch: dict[int, Glance] = {}
        weight = 0
        for start in range(0, len(uids), _GLANCE):
            if self.app.wake.stop.is_set():
                # Asked between looks too: a first start may settle a hundred thousand letters and fetch none.
                yield {}
            chunk = uids[start : start + _GLANCE]
            seen = self._asked(box, chunk, self.mailbox.glance)
            self._miss(box, [uid for uid in chunk if uid not in seen])
            for uid, glance in self._after_start(box, seen):
                if batch and (len(batch) >= _BATCH or weight + glance.size > _BATCH_BYTES):
                    yield batch
                    batch, weight = {}, 0
                batch[uid] = glance
                weight += min(glance.size, self.settings.max_size)
        if batch:
            yield batch

    def _after_start(self, box: Row[Any], seen: dict[int, Glance]) -> list[tuple[int, Glance]]:
        """Leave out, and settle, what lay in the folder before the first start."""
        with self.app.db.read() as view:
            old = numbering.before_start(view, box, seen)
        with self._tx() as tx:
            for uid, g in old.items():
                about = {"message_id": g.message_id, "size": g.size, "internal_date": g.internal_date}
                intake.sight(tx, box, uid, SightingState.BEFORE_START, self.app.now(), **about)
        return sorted((uid, glance) for uid, glance in seen.items() if uid not in old)

    def _store(self, box: Row[Any], batch: dict[int, Glance]) -> int:
        """Raw files first, then one commit for the whole batch (T1)."""
        small = [uid for uid, glance in batch.items() if glance.size <= self.settings.max_size]
        raws = self._asked(box, small, self.mailbox.fetch)
        large = {uid for uid in batch if uid not in small}
        for uid in sorted(large):
            raws |= self._asked(box, [uid], self._top)
        arrivals = {uid: self._arrival(box, uid, batch[uid], raw, uid in large) for uid, raw in raws.items()}
        new = 0
        with self._tx() as tx:
            for uid, arrival in arrivals.items():
                mail_id, fresh = intake.enter(tx, arrival)
                state = SightingState.TOO_LARGE if uid in large else SightingState.FETCHED
                dated = {"mail_id": mail_id, "internal_date": batch[uid].internal_date, "size": batch[uid].size}
                intake.sight(tx, box, uid, state, self.app.now(), message_id=arrival.message_id, **dated)
                new += fresh
        self._miss(box, [uid for uid in batch if uid not in arrivals])
        self.app.wake.handle.set()
        return new

    def _top(self, uids: Sequence[int]) -> dict[int, bytes]:
        return {uid: self.mailbox.fetch_top(uid) for uid in uids}

    def _asked(
        self, box: Row[Any], uids: Sequence[int], ask: Callable[[Sequence[int]], dict[int, Told]]
    ) -> dict[int, Told]:
        """What the server tells of letters. One at which it hangs up twice is left out: it is a missed letter.

        Dovecot hangs up where it cannot open the file of one of them; halving finds which.
        """
        for _ in range(2):
            try:
                return ask(uids) if uids else {}
            except MailboxDown as fault:
                self._dial_again(box, fault)
            if len(uids) > 1:
                half = len(uids) // 2
                return self._asked(box, uids[:half], ask) | self._asked(box, uids[half:], ask)
        self._miss(box, uids)
        return {}

    def _dial_again(self, box: Row[Any], fault: MailboxDown) -> None:
        """Go on after a hang-up; raises where it is the line or the server, and not the letters asked for."""
        self.hang_ups += 1
        if self.hang_ups > _HANG_UPS or self.app.wake.stop.is_set():
            raise fault
        log.warning("fetch %s: %s", self.settings.name, fault)
        self.mailbox.connect()
        if self.mailbox.select(box.name).uidvalidity != box.uidvalidity:
            raise fault

    def _arrival(self, box: Row[Any], uid: int, glance: Glance, raw: bytes, large: bool) -> Arrival:
        message_id, ids = header_ids(raw)
        return Arrival(
            sha256=self.app.raw.put(raw),
            size=glance.size,
            source=f"{box.mailbox}/{box.name}/{box.uidvalidity}/{uid}",
            role=self.role,
            # A server's clock that runs ahead must not move a term into the future.
            received_at=min(glance.internal_date, self.app.now()),
            entered_at=self.app.now(),
            message_id=message_id,
            ids=ids,
            late=numbering.found_late(box, uid, raw),
            truncated=large,
        )

    def _miss(self, box: Row[Any], uids: Sequence[int]) -> None:
        """Listed, not delivered: tried again at later passes, and in the end somebody is told."""
        missed = [uid for uid in uids if uid not in self.missed]
        if not missed:
            return
        self.missed.update(missed)
        with self._tx() as tx:
            for uid in missed:
                intake.sight(tx, box, uid, SightingState.PENDING, self.app.now())

    def _finish(self, box: Row[Any], listed: Sequence[int]) -> None:
        """Raise the low-water mark over the settled prefix; note the good pass; tell what the server withholds."""
        now, there = self.app.now(), set(listed)
        with self._tx() as tx:
            withheld = intake.pending(tx, box)
            intake.lose(tx, [row.id for row in withheld if row.uid not in there], now)
            withheld = [row for row in withheld if row.uid in there]
            top = max([box.low_water - 1, *listed]) + 1
            waiting = [*(row.uid for row in withheld), *intake.gone(tx, box, now - _GONE_FOR_GOOD)]
            # Never lowered: whatever else appears below it was left out by an earlier list too (numbering).
            low_water = min([top, *(uid for uid in waiting if uid >= box.low_water)])
            intake.set_folder(tx, box.id, low_water=low_water, last_pass=now)
            if stuck := [row.uid for row in withheld if row.tries >= _PENDING_ALARM]:
                mailbox_alarms.withheld(tx, self.app, box, sorted(stuck))
