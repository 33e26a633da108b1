"""Is this a letter that we sent ourselves and that came back to us?

Our address in From proves nothing: a form of the site, a scanner or a colleague writes so too (C15).
"""

from __future__ import annotations

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.decision import Reason
from mailcase.rules.facts import Facts
from mailcase.rules.screens import Hit, screen
from mailcase.words import FolderRole, Verdict


@screen("own_mail")
def own_mail(letter: Letter, facts: Facts, config: Config) -> Hit | None:
    """OWN where the Message-ID is of our outbox and the sender or the content is ours (C15).

    Servers on the way back add a footer; but nobody guesses our ids, and none of ours leaves under another From.
    """
    if facts.own is None:
        return None
    # Some servers rewrite what they file in Sent (Date, line ends); nobody but us writes there.
    if facts.role is FolderRole.SENT:
        return Hit(Verdict.OWN, Reason("own_mail", "копия нашего письма в папке отправленных"))
    ours = letter.sender.addr.lower() in config.own_addresses
    if not ours and facts.own.fingerprint != letter.fingerprint:
        return None
    return Hit(Verdict.OWN, Reason("own_mail", "вернулось письмо, которое отправили мы сами"))
