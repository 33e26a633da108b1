"""Does this letter tell that one of ours could not be delivered?"""

from __future__ import annotations

import re

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.decision import Reason
from mailcase.rules.facts import Facts
from mailcase.rules.screens import Hit, screen
from mailcase.words import Verdict


@screen("bounce")
def bounce(letter: Letter, _facts: Facts, config: Config) -> Hit | None:
    """BOUNCE for a delivery report (C30, C33) and for mail to the envelope address of automatic letters (C12)."""
    if letter.bounce is not None:
        return Hit(Verdict.BOUNCE, Reason("bounce", "сообщение почтового сервера о доставке нашего письма"))
    if _at_auto_envelope(letter, config.smtp.auto_envelope):
        why = "письмо на служебный адрес, с которого уходят автоматические подтверждения: туда пишут только серверы"
        return Hit(Verdict.BOUNCE, Reason("bounce", why))
    return None


def _at_auto_envelope(letter: Letter, envelope: str) -> bool:
    """True where a recipient is `lab+ack@…` or that with a token: `lab+ack-3f2a@…`, or as `{token}` tells (C12)."""
    local, at, domain = envelope.strip("<> ").lower().rpartition("@")
    if not at:
        return False
    before, token, after = local.partition("{token}")
    # Nothing but a token of `post`: `lab+km-26-0412-7351@` is where clients answer (C47).
    wanted = rf"{re.escape(before)}[0-9a-f]+{re.escape(after)}" if token else rf"{re.escape(local)}(-[^@]*)?"
    pattern = re.compile(rf"{wanted}@{re.escape(domain)}", re.IGNORECASE)
    return any(pattern.fullmatch(a.strip("<> ")) for a in (*letter.delivered_to, *letter.recipients))
