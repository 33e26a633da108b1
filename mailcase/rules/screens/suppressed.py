"""Does the sender's program ask us not to answer automatically?

It asks for silence and is no sign of a machine: the letter is registered, a person answers it (C21).
"""

from __future__ import annotations

import re

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.decision import Reason
from mailcase.rules.facts import Facts
from mailcase.rules.screens import Hit, screen
from mailcase.words import Verdict

# MS-OXCMAIL 2.1.3.2.20; DR, NDR, RN and NRN speak of reports and leave acknowledgements free.
_SILENCE = frozenset({"oof", "autoreply", "all"})


@screen("suppressed")
def suppressed(letter: Letter, _facts: Facts, _config: Config) -> Hit | None:
    """SILENT for X-Auto-Response-Suppress with OOF, AutoReply or All."""
    asked = {w.lower() for v in letter.all_headers("x-auto-response-suppress") for w in re.split(r"[\s,;]+", v)}
    if not asked & _SILENCE:
        return None
    why = "отправитель просит не присылать автоматических ответов (X-Auto-Response-Suppress)"
    return Hit(Verdict.SILENT, Reason("suppressed", why))
