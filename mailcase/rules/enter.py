"""May this employee's entry be registered at once (A46)? As far as any order of his is believed; else he is asked."""

from __future__ import annotations

from mailcase.rules.decision import Act, Command, Held
from mailcase.rules.entry import Entry
from mailcase.rules.staff_letter import StaffLetter

ENTER = Act("enter")
"""A «да» registers the entry that was asked about; an empty one is answered with how it is written."""


def staff_entry(given: StaffLetter, entered: Entry) -> Command | Held | None:
    """What keeps the entry from being registered now; None where nothing does.

    What he only forwards is registered like any forward: nobody outside is written to because of it.
    """
    said = entered.text or entered.subject or entered.contact != ("", "") or given.letter.attachments
    return given.command(ENTER) if not said or (entered.marked and isinstance(given.command(ENTER), Held)) else None
