"""`!внутр текст`: kept with the case, read by colleagues only; nothing leaves."""

from __future__ import annotations

from mailcase.commands import Desk, command
from mailcase.rules.decision import Act
from mailcase.store import cases


@command("note")
def note(desk: Desk, act: Act) -> str:
    """File the letter as an internal note; the text itself stays in the stored letter."""
    cases.note(desk.tx, desk.the_case().id, desk.actor)
    return ""
