"""Proof that no number of the register is missing or given twice (A36)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from mailcase.store import tables as t


def gaps(view: Connection) -> list[str]:
    """Every series that is not dense, as sentences; empty where no number is missing."""
    return [*_of_cases(view), *_of_journal(view)]


def _of_cases(view: Connection) -> Iterator[str]:
    c = t.cases.c
    for history, year in view.execute(sa.select(c.history, c.year).distinct().order_by(c.history, c.year)).all():
        mine = sa.and_(c.history == history, c.year == year)
        numbers = view.execute(sa.select(c.number).where(mine).order_by(c.number)).scalars().all()
        counter = f"{'history' if history else 'case'}:{year}"
        yield from _not_dense(view, counter, numbers)


def _of_journal(view: Connection) -> Iterator[str]:
    j = t.journal.c
    for register, year in view.execute(sa.select(j.register, j.year).distinct().order_by(j.register, j.year)).all():
        mine = sa.and_(j.register == register, j.year == year)
        numbers = view.execute(sa.select(j.seq).where(mine).order_by(j.seq)).scalars().all()
        yield from _not_dense(view, f"{register}:{year}", numbers)


def _not_dense(view: Connection, counter: str, numbers: Sequence[int]) -> Iterator[str]:
    """A series runs from 1 to its counter: a line cut off at the end shows, too."""
    last = view.execute(sa.select(t.counter.c.value).where(t.counter.c.name == counter)).scalar() or 0
    missing = sorted(set(range(1, max(last, numbers[-1]) + 1)) - set(numbers))
    if missing:
        named = ", ".join(map(str, missing[:10])) + (", …" if len(missing) > 10 else "")
        yield f"series {counter}: missing {named}"
