"""`!анализ`, or «анализ» to a held offer: the order was reviewed before the laboratory commits itself (A65).

Capability, scope, method and term: whoever says the word answers for it, and his name and the date are the record.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from mailcase.commands import Desk, command, line_of
from mailcase.commands.confirm import confirm
from mailcase.mail.russian import short_name
from mailcase.rules.decision import Act
from mailcase.rules.offer import ORDERS, POINTS, offered
from mailcase.store import cases, known, queries
from mailcase.words import EventType, MailcaseError


@command("review")
def review(desk: Desk, act: Act) -> str:
    """Record the review of the case's order; with the id of a held letter, release that letter as well."""
    if act.args.strip().isdigit():
        return _released(desk, act)
    case = desk.the_case()
    if case.kind not in ORDERS:
        raise MailcaseError(f"№ {case.number} — не заявка: анализировать нечего")
    return _record(desk, "word")


def by_offer(desk: Desk, text: str, files: Iterable[str]) -> str:
    """An offer leaves: where no review is on record, whoever sends it has made one; the line about it, or nothing."""
    how, case = desk.config.request.review, desk.the_case()
    if how == "off" or case.kind not in ORDERS or not offered(text, files) or known.reviewed(desk.tx, case.id):
        return ""
    return _record(desk, "word" if how == "ask" else "implied")


def _record(desk: Desk, how: str) -> str:
    case = desk.the_case()
    cases.note(desk.tx, case.id, desk.actor, EventType.REVIEWED, how=how, points=list(POINTS))
    return f"№ {case.number}: анализ заявки записан, {short_name(desk.person.name)}, {desk.today:%d.%m.%Y}."


def _released(desk: Desk, act: Act) -> str:
    number = line_of(act.args)
    row = queries.mail(desk.tx, number) if number is not None else None
    held = json.loads(row.held) if row is not None and row.held is not None else {}
    if held and not any(order["command"] == "review" for order in held["proposal"]):
        raise MailcaseError("Об анализе заявки не спрашивали: ответьте «да», «стоп» или «клиенту»")
    return confirm(desk, act)
