"""Folders, UIDs and letters as they come in: what was listed, what was stored, what is still pending."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.store.db import insert_once
from mailcase.store.events import SYSTEM
from mailcase.store.indexes import BEFORE_START, NEW_MAIL, PENDING, UNTIDIED
from mailcase.words import DropReason, EventType, FolderRole, MailcaseError, MailStatus, Outcome, SightingState


@dataclass(frozen=True, slots=True)
class Arrival:
    """A stored letter to enter in the ledger: `ids` are those its headers name, `received_at` is the server's."""

    sha256: str
    size: int
    source: str
    role: FolderRole
    received_at: datetime
    entered_at: datetime
    message_id: str = ""
    ids: tuple[str, ...] = ()
    late: bool = False
    truncated: bool = False
    history: bool = False


_KNOWN = sa.select(t.mail.c.id).where(t.mail.c.sha256 == sa.bindparam("sha"))
_REFER = sa.insert(t.mail_ref)
_NEVER_HAD = (SightingState.PENDING, SightingState.GONE)
_ASKED = 500
"""UIDs in one question: a folder of a hundred thousand letters is compared with the ledger piece by piece."""
_SEEN = sa.select(t.sighting.c.uid, t.sighting.c.state, t.sighting.c.tries).where(
    t.sighting.c.folder_id == sa.bindparam("folder"),
    t.sighting.c.uidvalidity == sa.bindparam("era"),
    t.sighting.c.uid.in_(sa.bindparam("uids", expanding=True)),
)


def enter(tx: Connection, arrival: Arrival) -> tuple[int, bool]:
    """T1: write the mail row; (its id, whether it is new). Known bytes are known whatever way they come (C49)."""
    row = {
        "sha256": arrival.sha256,
        "size": arrival.size,
        "source": arrival.source,
        "role": arrival.role,
        "received_at": arrival.received_at,
        "entered_at": arrival.entered_at,
        "status": MailStatus.NEW,
        "message_id": arrival.message_id,
        "late": arrival.late,
        "truncated": arrival.truncated,
        "history": arrival.history,
    }
    new = insert_once(tx, t.mail, row)
    if new is None:
        known = int(tx.execute(_KNOWN, {"sha": arrival.sha256}).scalar_one())
        if arrival.role is FolderRole.INBOX:
            _revive(tx, known, late=arrival.late)
        return known, False
    if arrival.ids:
        tx.execute(_REFER, [{"mail_id": new.id, "message_id": message_id} for message_id in arrival.ids])
    return int(new.id), True


def _revive(tx: Connection, mail_id: int, *, late: bool) -> None:
    """What was met elsewhere first lies in the INBOX now: it is judged anew, with its first arrival.

    Somebody moved it out of the spam folder, or a web form wrote with our own account, whose copy in Sent came first.
    `late`: the INBOX was renumbered, so the letter may have lain there all the time; then its spam stays spam.
    """
    m = t.mail.c
    elsewhere = m.role.in_((FolderRole.SPAM, FolderRole.SENT))
    unjudged = sa.and_(elsewhere, m.status == MailStatus.NEW)
    copy = sa.and_(m.role == FolderRole.SENT, m.drop_reason == DropReason.SENT)
    moved = sa.and_(m.drop_reason == DropReason.SPAM, m.role == FolderRole.SPAM if late else sa.true())
    spam = sa.or_(m.drop_reason == DropReason.SPAM, m.role == FolderRole.SPAM)
    again = {"status": MailStatus.NEW, "spam_waived": sa.or_(m.spam_waived, sa.func.coalesce(spam, sa.false()))}
    again |= {"role": FolderRole.INBOX, "next_try_at": None}
    # Whoever judges it at this moment as a letter of the other folder loses his claim, and nothing of it stays.
    again |= {"claim_no": m.claim_no + 1, "leased_until": None, "deaths": 0}
    tx.execute(sa.update(t.mail).where(m.id == mail_id, sa.or_(unjudged, copy, moved)).values(**again))


def oldest_new(view: Connection, now: datetime) -> Row[Any, Any] | None:
    """(id, since) of the first letter that may be handled now."""
    m = t.mail.c
    due = sa.and_(NEW_MAIL, sa.or_(m.next_try_at.is_(None), m.next_try_at <= now))
    return view.execute(sa.select(m.id, m.entered_at.label("since")).where(due).order_by(m.id).limit(1)).first()


def promote(tx: Connection, mail_id: int) -> bool:
    """A person says of a ledger line «это обращение»: the letter is judged anew and never dropped."""
    line = sa.and_(t.mail.c.id == mail_id, t.mail.c.status == MailStatus.DONE, t.mail.c.case_id.is_(None))
    again = {"status": MailStatus.NEW, "forced": True, "next_try_at": None}
    return tx.execute(sa.update(t.mail).where(line).values(**again)).rowcount == 1


def separate(tx: Connection, mail_id: int) -> bool:
    """A person says that a letter which joined a case is one of its own: it is judged anew and joins nothing."""
    joined = sa.and_(t.mail.c.id == mail_id, t.mail.c.status == MailStatus.DONE)
    joined = sa.and_(joined, t.mail.c.outcome == Outcome.FOLLOW_UP)
    again = {"status": MailStatus.NEW, "forced": True, "next_try_at": None}
    return tx.execute(sa.update(t.mail).where(joined).values(**again)).rowcount == 1


_NO_CASE = (Outcome.DROP, Outcome.BOUNCE, Outcome.NOTICE, Outcome.QUARANTINE)


def judge_again(tx: Connection, mail_id: int) -> None:
    """A letter that is no case, or could not be handled, is new once more; raises MailcaseError for any other."""
    row = tx.execute(sa.select(t.mail).where(t.mail.c.id == mail_id)).one_or_none()
    if row is None:
        raise MailcaseError(f"letter {mail_id} does not exist; `mailcase mail` lists all")
    if row.status == MailStatus.ERASED:
        raise MailcaseError(f"letter {mail_id} was erased and cannot be read any more")
    if row.status == MailStatus.DONE and row.outcome not in _NO_CASE:
        raise MailcaseError(f"letter {mail_id} became {row.outcome} and stays so; `mailcase show` tells about its case")
    # A quarantined letter keeps its outcome until it is handled: by it the station knows that there is a case.
    again = {"status": MailStatus.NEW, "next_try_at": None, "tries": 0, "deaths": 0, "error": None}
    tx.execute(sa.update(t.mail).where(t.mail.c.id == mail_id).values(**again))


def hold(tx: Connection, mail_id: int, waits: str) -> None:
    """A held letter waits for another word: `waits` is the JSON of the new question."""
    tx.execute(sa.update(t.mail).where(t.mail.c.id == mail_id).values(held=waits))


def release(tx: Connection, mail_id: int) -> None:
    """A held letter waits no longer."""
    tx.execute(sa.update(t.mail).where(t.mail.c.id == mail_id).values(held=None))


def folder(tx: Connection, mailbox: str, name: str, role: FolderRole) -> Row[Any]:
    """The folder's row, made where it is new (then without a UIDVALIDITY)."""
    insert_once(tx, t.folder, {"mailbox": mailbox, "name": name, "role": role})
    own = sa.and_(t.folder.c.mailbox == mailbox, t.folder.c.name == name)
    return tx.execute(sa.select(t.folder).where(own)).one()


def first_met(view: Connection, folder_id: int) -> datetime | None:
    """When that folder was watched for the first time, by the record of events; None where it does not tell."""
    e = t.event.c
    watched = sa.select(e.at, e.detail).where(e.stream == SYSTEM, e.type == EventType.WATCHED).order_by(e.seq)
    return next((row.at for row in view.execute(watched) if json.loads(row.detail)["folder"] == folder_id), None)


def last_pass(view: Connection, mailbox: str, role: FolderRole) -> datetime | None:
    """When the mailbox's folder of that role was last read to the end; None for never."""
    f = t.folder.c
    own = sa.and_(f.mailbox == mailbox, f.role == role)
    found = view.execute(sa.select(f.last_pass).where(own, f.last_pass.is_not(None)).order_by(f.last_pass.desc()))
    return found.scalars().first()


def set_folder(tx: Connection, folder_id: int, **values: Any) -> None:
    """Change the folder's marks."""
    tx.execute(sa.update(t.folder).where(t.folder.c.id == folder_id).values(**values))


def unsettled(view: Connection, box: Row[Any], listed: Sequence[int]) -> tuple[list[int], list[int]]:
    """Of the UIDs listed under the present UIDVALIDITY: those never seen, and those seen and never had.

    The first in the order given, the others (pending, or gone and now back) the least tried first.
    """
    fresh: list[int] = []
    waiting: list[tuple[int, int]] = []
    for start in range(0, len(listed), _ASKED):
        part = listed[start : start + _ASKED]
        seen = {row.uid: row for row in view.execute(_SEEN, {"folder": box.id, "era": box.uidvalidity, "uids": part})}
        fresh += [uid for uid in part if uid not in seen]
        waiting += [(row.tries, row.uid) for row in seen.values() if row.state in _NEVER_HAD]
    return fresh, [uid for _, uid in sorted(waiting)]


def was_before_start(view: Connection, box: Row[Any], message_id: str, size: int, at: datetime) -> bool:
    """Whether a letter of a renumbered folder is one that lay there before the first start.

    Its date tells only where it has no Message-ID: a folder that was copied to another server has new dates.
    """
    s = t.sighting.c
    same = sa.and_(s.folder_id == box.id, BEFORE_START, s.size == size)
    known = sa.and_(s.message_id == message_id, sa.true() if message_id else s.internal_date == at)
    twin = sa.and_(same, known, s.uidvalidity != box.uidvalidity)
    return view.execute(sa.select(sa.func.count()).where(twin)).scalar_one() > 0


def sight(tx: Connection, box: Row[Any], uid: int, state: SightingState, now: datetime, **values: Any) -> None:
    """Record what became of a UID; one that is pending or gone may settle, a settled one stays what it is."""
    key = {"folder_id": box.id, "uidvalidity": box.uidvalidity, "uid": uid}
    if insert_once(tx, t.sighting, {**key, "state": state, "seen_at": now, **values}):
        return
    unsettled = sa.and_(
        *(t.sighting.c[name] == value for name, value in key.items()),
        t.sighting.c.state.in_(_NEVER_HAD),
    )
    again = {"state": state, "tries": t.sighting.c.tries + 1, **values}
    tx.execute(sa.update(t.sighting).where(unsettled).values(**again))


def lose(tx: Connection, sighting_ids: list[int], now: datetime) -> None:
    """These pending UIDs are listed no longer; `seen_at` becomes the time from which they are missed."""
    if not sighting_ids:
        return
    gone = {"state": SightingState.GONE, "seen_at": now}
    tx.execute(sa.update(t.sighting).where(t.sighting.c.id.in_(sighting_ids), PENDING).values(**gone))


def gone(view: Connection, box: Row[Any], since: datetime) -> list[int]:
    """UIDs from the low-water mark on that are listed no longer, were never had, and may come back."""
    s = t.sighting.c
    here = sa.and_(s.folder_id == box.id, s.uidvalidity == box.uidvalidity, s.uid >= box.low_water)
    wanted = sa.select(s.uid).where(here, s.state == SightingState.GONE, s.seen_at > since)
    return list(view.execute(wanted).scalars())


def pending(view: Connection, box: Row[Any]) -> list[Row[Any]]:
    """UIDs that the server lists and does not deliver."""
    s = t.sighting.c
    here = sa.and_(s.folder_id == box.id, s.uidvalidity == box.uidvalidity, PENDING)
    return list(view.execute(sa.select(t.sighting).where(here)))


def untidied(view: Connection, mailbox: str, limit: int = 200) -> list[Row[Any]]:
    """Handled letters of that mailbox's INBOX that still lie where they came in: sighting id, folder, UIDs."""
    s, m, f = t.sighting.c, t.mail.c, t.folder.c
    waits = sa.and_(
        f.mailbox == mailbox,
        f.role == FolderRole.INBOX,
        f.uidvalidity == s.uidvalidity,
        UNTIDIED,
        m.status == MailStatus.DONE,
    )
    joined = t.sighting.join(t.mail, s.mail_id == m.id).join(t.folder, s.folder_id == f.id)
    wanted = sa.select(s.id, s.uid, s.uidvalidity, f.name).select_from(joined).where(waits)
    return list(view.execute(wanted.order_by(s.id).limit(limit)))


def tidied(tx: Connection, sighting_ids: list[int], now: datetime) -> None:
    """T4: these letters were marked or moved."""
    tx.execute(sa.update(t.sighting).where(t.sighting.c.id.in_(sighting_ids)).values(tidied_at=now))
