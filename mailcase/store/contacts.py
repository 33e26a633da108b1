"""Addresses that wrote to us: the name and phone number they gave, and whether our letters reach them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from mailcase.store import tables as t
from mailcase.store.db import insert_once


def remember(tx: Connection, address: str, name: str, phone: str) -> None:
    """Keep the newest name and phone number; an empty one overwrites nothing. A letter that came proves the address."""
    if not address or insert_once(tx, t.contact, {"address": address, "name": name, "phone": phone}):
        return
    known = {"name": name, "phone": phone}
    fresh = {key: value for key, value in known.items() if value}
    his = t.contact.c.address == address
    tx.execute(sa.update(t.contact).where(his).values(undeliverable_since=None, **fresh))


def unreachable(tx: Connection, address: str, at: datetime) -> None:
    """A permanent bounce came back from this address."""
    tx.execute(sa.update(t.contact).where(t.contact.c.address == address).values(undeliverable_since=at))


def is_unreachable(view: Connection, address: str) -> bool:
    """Whether letters to this address came back and none has come from it since."""
    known = t.contact.c
    since = view.execute(sa.select(known.undeliverable_since).where(known.address == address)).scalar()
    return since is not None
