"""What an answer settles beside the clock: who agreed to a change (A61), what was said of each remedy (A85).

And who answered a complaint though he is involved in what it is about and does not have it is on record (A25).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from mailcase.app import App
from mailcase.involved import acted
from mailcase.rules.change import agreed
from mailcase.rules.remedy import answers
from mailcase.store import asked
from mailcase.store.cases import Actor
from mailcase.store.involved import How
from mailcase.words import Register, Remedy

_SAID = ("yes", "no")


def answered(app: App, tx: Connection, case: Row[Any], text: str, actor: Actor) -> None:
    """These words have left for the client of the case."""
    if case.register == Register.COMPLAINT:
        _remedies(tx, case, text, actor)
        acted(app, tx, case, actor, How.ANSWERED)
        return
    order = asked.order_changed(tx, case)
    said = agreed(text) if order is not None else ""
    if order is not None and said:
        asked.agree(tx, order, actor, said)


def _remedies(tx: Connection, case: Row[Any], text: str, actor: Actor) -> None:
    """Whatever the letter speaks of is settled; the rest goes on waiting for a word."""
    wanted = asked.remedies(case)
    settled = [
        one if one["answer"] in _SAID else {**one, "answer": answers(text, Remedy(one["remedy"])) or one["answer"]}
        for one in wanted
    ]
    if settled != wanted:
        asked.want(tx, case, actor, settled)
