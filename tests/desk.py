"""A mailbox and the station that fetches from it: an account in memory, a fresh database, a clock that tests move."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from mailcase.app import App
from mailcase.stations.fetch import fetch, fetch_whole
from mailcase.store import tables as t
from mailcase.words import FolderRole
from tests.fake_mailbox import START, FakeMailbox
from tests.letters import config, raw


def letter(n: int) -> bytes:
    return raw(f"Письмо номер {n}", message_id=f"<{n}@romashka.example.ru>")


class Desk:
    """An App on a fresh database, with a clock that tests move."""

    def __init__(self, folder: Path, **mailbox: object) -> None:
        box = {"name": "lab", "host": "127.0.0.1", "user": "lab", "tls": "none", "password": "x", **mailbox}
        self.now = START
        store = {"url": f"sqlite:///{folder}/test.db", "raw": folder / "raw"}
        self.app = App.build(config(mailbox=[box], store=store), now=lambda: self.now)
        self.app.prepare()
        self.mailbox = FakeMailbox()

    def fetch(self, *, whole: bool = False) -> int:
        self.now += timedelta(minutes=1)
        of = (self.app, self.mailbox, self.app.config.mailbox[0])
        return fetch(*of) + sum(fetch_whole(*of, role) for role in FolderRole if whole)

    def rows(self, table: sa.Table) -> list[sa.Row]:
        with self.app.db.read() as view:
            return list(view.execute(sa.select(table).order_by(table.c.id)))


def alarms(desk: Desk, about: str) -> list[str]:
    return [o.key for o in desk.rows(t.outbox) if o.key.startswith(f"alarm:{about}:")]


def hide_one(desk: Desk, stored: bytes, before: int = 0) -> int:
    """A letter whose UID is not listed while that of a later one is taken; its UID."""
    inbox = desk.mailbox.boxes["INBOX"]
    for n in range(before):
        inbox.add(letter(100 + n))
    desk.fetch()
    hidden = inbox.add(stored)
    desk.mailbox.hidden_uids = {hidden}
    inbox.add(letter(2))
    assert desk.fetch() == 1
    desk.mailbox.hidden_uids = set()
    assert desk.fetch() == 0
    return hidden
