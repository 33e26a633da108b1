"""Takes old letters into the ledger from files: each becomes what it becomes, in a closed series of its own, silently.

Promises: idempotent (known bytes are counted and passed over); history writes to nobody; a path that cannot be read
costs no other. `live` letters come in as new mail instead, and a running daemon answers them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import sqlalchemy as sa

from mailcase.app import App
from mailcase.mail.disk import Broken, Found, OnDisk
from mailcase.mail.letter import header_ids
from mailcase.stations.handle import handle
from mailcase.store import intake
from mailcase.store import tables as t
from mailcase.store.intake import Arrival
from mailcase.words import FolderRole

SOURCE = "file:"
"""Begins the ledger's `source` of a letter that came from a file; the path as it was given follows."""
_BATCH = 50


@dataclass
class Taken:
    """What became of the paths so far; `outcomes` counts the letters that are new in the ledger."""

    imported: int = 0
    known: int = 0
    failed: list[Broken] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)


def take(app: App, found: Iterable[Found], *, live: bool = False, told: Callable[[Found], None] | None = None) -> Taken:
    """Enter and handle letters in their order; `told` hears of each one that is through."""
    taken = Taken()
    for batch in _batches(found):
        entered = _enter(app, [one for one in batch if isinstance(one, OnDisk)], live, taken)
        while handle(app, only=entered):
            pass
        _count(app, entered, taken)
        for one in batch:
            if isinstance(one, Broken):
                taken.failed.append(one)
            if told is not None:
                told(one)
    return taken


def _batches(found: Iterable[Found]) -> Iterator[list[Found]]:
    source = iter(found)
    while batch := list(islice(source, _BATCH)):
        yield batch


def _enter(app: App, letters: list[OnDisk], live: bool, taken: Taken) -> list[int]:
    """T1 for a batch; ids of the letters that are new."""
    arrivals = [_arrival(app, letter, live) for letter in letters]
    entered = []
    with app.db.tx() as tx:
        for arrival in arrivals:
            mail_id, new = intake.enter(tx, arrival)
            if new:
                entered.append(mail_id)
    taken.imported += len(entered)
    taken.known += len(letters) - len(entered)
    return entered


def _arrival(app: App, letter: OnDisk, live: bool) -> Arrival:
    message_id, ids = header_ids(letter.raw)
    now = app.now()
    # A file name may be in any encoding; a database takes only text.
    name = letter.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return Arrival(
        sha256=app.raw.put(letter.raw),
        size=len(letter.raw),
        source=f"{SOURCE}{name}",
        role=FolderRole.INBOX,
        received_at=now if live else min(letter.at, now),
        entered_at=now,
        message_id=message_id,
        ids=ids,
        history=not live,
    )


def _count(app: App, entered: list[int], taken: Taken) -> None:
    with app.db.read() as view:
        rows = view.execute(sa.select(t.mail.c.outcome, t.mail.c.drop_reason).where(t.mail.c.id.in_(entered)))
        for outcome, reason in rows:
            taken.outcomes["not yet handled" if outcome is None else reason or outcome] += 1
