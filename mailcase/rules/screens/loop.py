"""Has this letter been going round between servers?"""

from __future__ import annotations

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.decision import Reason
from mailcase.rules.facts import Facts
from mailcase.rules.screens import Hit, screen
from mailcase.words import Verdict

# RFC 5321 section 6.3 asks for a large threshold (about 100) before mail is refused; ours only keeps silent (C16).
_HOPS = 50


@screen("loop")
def loop(letter: Letter, _facts: Facts, _config: Config) -> Hit | None:
    """LOOP where more than 50 servers handled the letter (C16)."""
    if letter.received <= _HOPS:
        return None
    return Hit(Verdict.LOOP, Reason("loop", f"письмо прошло {letter.received} серверов: похоже, пересылки замкнулись"))
