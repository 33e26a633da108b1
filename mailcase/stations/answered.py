"""What an answer that has left settles beside the clock: who agreed to the change of an order (A61)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from mailcase import post
from mailcase.rules.change import agreed
from mailcase.store import asked
from mailcase.store.cases import Actor


def answered(tx: Connection, case: Row[Any], row: Row[Any], actor: Actor) -> None:
    """The employee whose answer it is agreed, or refused; an answer that asks back settles nothing."""
    order = asked.order_changed(tx, case)
    said = agreed(str(post.draft_of(row).values.get("text") or "")) if order is not None else ""
    if order is not None and said:
        asked.agree(tx, order, actor, said)
