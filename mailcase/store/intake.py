"""Folders, UIDs and letters as they come in: what was listed, what was stored, what is still pending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from mailcase.store import tables as t
from mailcase.store.db import insert_once
from mailcase.words import DropReason, FolderRole, MailcaseError, MailStatus, Outcome, SightingState


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
    known = tx.execute(sa.select(t.mail).where(t.mail.c.sha256 == arrival.sha256)).one()
    if new:
        for message_id in arrival.ids:
            insert_once(tx, t.mail_ref, {"mail_id": known.id, "message_id": message_id})
    elif known.drop_reason == DropReason.SPAM and arrival.role is FolderRole.INBOX:
        _revive(tx, known.id)
    return int(known.id), new


def _revive(tx: Connection, mail_id: int) -> None:
    """Somebody moved the letter out of the spam folder: it is judged anew, with its first arrival."""
    again = {"status": MailStatus.NEW, "spam_waived": True, "role": FolderRole.INBOX, "next_try_at": None}
    tx.execute(sa.update(t.mail).where(t.mail.c.id == mail_id).values(**again))


def promote(tx: Connection, mail_id: int) -> bool:
    """A person says of a ledger line «это обращение»: the letter is judged anew and never dropped."""
    line = sa.and_(t.mail.c.id == mail_id, t.mail.c.status == MailStatus.DONE, t.mail.c.case_id.is_(None))
    again = {"status": MailStatus.NEW, "forced": True, "next_try_at": None}
    return tx.execute(sa.update(t.mail).where(line).values(**again)).rowcount == 1


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


def set_folder(tx: Connection, folder_id: int, **values: Any) -> None:
    """Change the folder's marks."""
    tx.execute(sa.update(t.folder).where(t.folder.c.id == folder_id).values(**values))


def settled(view: Connection, box: Row[Any]) -> dict[int, str]:
    """State of every UID at or above the low-water mark, under the folder's present UIDVALIDITY."""
    s = t.sighting.c
    here = sa.and_(s.folder_id == box.id, s.uidvalidity == box.uidvalidity, s.uid >= box.low_water)
    return {row.uid: row.state for row in view.execute(sa.select(s.uid, s.state).where(here))}


def was_before_start(view: Connection, box: Row[Any], message_id: str, size: int, at: datetime) -> bool:
    """Whether a letter of a renumbered folder is one that lay there before the first start."""
    s = t.sighting.c
    same = sa.and_(s.folder_id == box.id, s.state == SightingState.BEFORE_START, s.size == size)
    twin = sa.and_(same, s.message_id == message_id, s.internal_date == at, s.uidvalidity != box.uidvalidity)
    return view.execute(sa.select(sa.func.count()).where(twin)).scalar_one() > 0


def sight(tx: Connection, box: Row[Any], uid: int, state: SightingState, now: datetime, **values: Any) -> None:
    """Record what became of a UID; a pending one may settle, a settled one stays what it is."""
    key = {"folder_id": box.id, "uidvalidity": box.uidvalidity, "uid": uid}
    if insert_once(tx, t.sighting, {**key, "state": state, "seen_at": now, **values}):
        return
    pending = sa.and_(
        *(t.sighting.c[name] == value for name, value in key.items()),
        t.sighting.c.state == SightingState.PENDING,
    )
    again = {"state": state, "tries": t.sighting.c.tries + 1, **values}
    tx.execute(sa.update(t.sighting).where(pending).values(**again))


def pending(view: Connection, box: Row[Any]) -> list[Row[Any]]:
    """UIDs that the server lists and does not deliver."""
    s = t.sighting.c
    here = sa.and_(s.folder_id == box.id, s.uidvalidity == box.uidvalidity, s.state == SightingState.PENDING)
    return list(view.execute(sa.select(t.sighting).where(here)))


def untidied(view: Connection, mailbox: str, limit: int = 200) -> list[Row[Any]]:
    """Handled letters of that mailbox's INBOX that still lie where they came in: sighting id, folder, UIDs."""
    s, m, f = t.sighting.c, t.mail.c, t.folder.c
    waits = sa.and_(
        f.mailbox == mailbox,
        f.role == FolderRole.INBOX,
        f.uidvalidity == s.uidvalidity,
        s.tidied_at.is_(None),
        s.mail_id.is_not(None),
        m.status == MailStatus.DONE,
    )
    joined = t.sighting.join(t.mail, s.mail_id == m.id).join(t.folder, s.folder_id == f.id)
    wanted = sa.select(s.id, s.uid, s.uidvalidity, f.name).select_from(joined).where(waits)
    return list(view.execute(wanted.order_by(s.id).limit(limit)))


def tidied(tx: Connection, sighting_ids: list[int], now: datetime) -> None:
    """T4: these letters were marked or moved."""
    tx.execute(sa.update(t.sighting).where(t.sighting.c.id.in_(sighting_ids)).values(tidied_at=now))
