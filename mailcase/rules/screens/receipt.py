"""Is this the note that somebody's program opened our letter?"""

from __future__ import annotations

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.decision import Reason
from mailcase.rules.facts import Facts
from mailcase.rules.screens import Hit, screen
from mailcase.words import Verdict


@screen("receipt")
def receipt(letter: Letter, _facts: Facts, _config: Config) -> Hit | None:
    """RECEIPT for a message disposition notification (RFC 8098 section 3, C36)."""
    if letter.report_type != "disposition-notification":
        return None
    return Hit(Verdict.RECEIPT, Reason("receipt", "уведомление о прочтении нашего письма"))
