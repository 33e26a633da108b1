"""Addresses that wrote to us: the name and phone number they gave, and whether our letters reach them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from mailcase.store import tables as t
from mailcase.store.db import insert_once

_HIS = t.contact.c.address == sa.bindparam("his")
_REFRESH = sa.update(t.contact).where(_HIS)
_UNREACHABLE = sa.select(t.contact.c.undeliverable_since).where(_HIS)


def remember(tx: Connection, address: str, name: str, phone: str) -> None:
    """Keep the newest name and phone number; an empty one overwrites nothing. A letter that came proves the address."""
    if not address or insert_once(tx, t.contact, {"address": address, "name": name, "phone": phone}):
        return
    fresh = {key: value for key, value in {"name": name, "phone": phone}.items() if value}
    tx.execute(_REFRESH, {"his": address, "undeliverable_since": None, **fresh})


def unreachable(tx: Connection, address: str, at: datetime) -> None:
    """A permanent bounce came back from this address."""
    tx.execute(sa.update(t.contact).where(t.contact.c.address == address).values(undeliverable_since=at))


def is_unreachable(view: Connection, address: str) -> bool:
    """Whether letters to this address came back and none has come from it since."""
    return view.execute(_UNREACHABLE, {"his": address}).scalar() is not None
