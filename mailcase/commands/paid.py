"""`!оплачено`, `!оплачено 123`: the invoice is paid, and nobody is reminded of it any more (A19, A42)."""

from __future__ import annotations

from mailcase.commands import Desk, command
from mailcase.rules.decision import Act
from mailcase.store import papers
from mailcase.words import MailcaseError


@command("paid")
def paid(desk: Desk, act: Act) -> str:
    """All unpaid invoices of the case, or the one of that number; silent where it is a single one."""
    case = desk.the_case()
    found = papers.unpaid(desk.tx, case.id)
    words = act.args.lower().replace("№", " ").split()
    meant = [paper for paper in found if paper.number.lower() in words]
    if not meant and (len(found) == 1 or not words):
        meant = found
    if not meant:
        known = ", ".join(paper.number or paper.name for paper in found)
        said = f"какой из счетов оплачен? Есть: {known}" if found else "счетов к оплате нет"
        raise MailcaseError(f"№ {case.number}: {said}")
    for paper in meant:
        papers.pay(desk.tx, desk.actor, paper)
    if len(meant) == 1:
        return ""
    return f"№ {case.number}: оплачены счета {', '.join(paper.number or paper.name for paper in meant)}."
