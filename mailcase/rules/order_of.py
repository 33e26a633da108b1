"""Which order does a change belong to that came in no thread of ours (A61)? By its number, or because there is but one.

Only orders of the sender's own count, so that nobody gets into another's case.
"""

from __future__ import annotations

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.change import numbers
from mailcase.rules.decision import Judgement, Reason
from mailcase.rules.facts import CaseFact, Facts
from mailcase.rules.thread import Link, Place
from mailcase.rules.trust import authentication, servers
from mailcase.words import Kind, Status

LINK = "order_change"
"""Why the two cases are linked."""


def order_of(letter: Letter, facts: Facts, config: Config, judgement: Judgement) -> Place | None:
    """Beside which order the change stands; None for any other letter and where no order of the sender's fits."""
    if judgement.kind is not Kind.ORDER_CHANGE or not facts.orders or facts.history:
        return None
    if authentication(letter, *servers(config)).dmarc == "fail":
        return None
    order = _meant(letter, facts)
    if order is None:
        open_ones = ", ".join(f"№ {case.number}" for case in facts.orders if case.status is not Status.CLOSED)
        why = f"неясно, какую заявку меняет клиент: открыты {open_ones}"
        return Place(reasons=(Reason("thread.orders", why),))
    why = f"меняет заявку № {order.number}"
    # The line about it quotes the change (`stations/changes.py`).
    return Place(link=Link(order.id, LINK, order.assignee), reasons=(Reason("thread.order", why),))


def _meant(letter: Letter, facts: Facts) -> CaseFact | None:
    named = numbers(letter)
    by_number = [case for case in facts.orders if case.number in named]
    if by_number:
        return by_number[0]
    running = [case for case in facts.orders if case.status is not Status.CLOSED]
    if running:
        return running[0] if len(running) == 1 else None
    return facts.orders[0]
