"""Does the mail provider hold this letter for spam?

A verdict leads to the ledger, never to deletion; people may say «это обращение» (C105).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.decision import Reason
from mailcase.rules.facts import Facts
from mailcase.rules.screens import Hit, screen
from mailcase.words import FolderRole, Verdict


def _yes(value: str) -> bool:
    return value.lower().startswith(("yes", "true"))


def _scl(value: str) -> bool:
    # Exchange: -1 is trusted, 5 and 6 are spam, 7 to 9 high-confidence spam.
    return value.isdecimal() and int(value) >= 5


# What the well-known filters write; only their word for "spam" counts, never a score that we would have to weigh.
_VERDICTS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("x-spam-flag", _yes),
    ("x-spam-status", _yes),
    ("x-spam", _yes),
    ("x-barracuda-spam-flag", _yes),
    ("x-drweb-spamstate", _yes),
    ("x-yandex-spam", lambda v: v == "4"),
    ("x-klms-antispam-status", lambda v: v.lower().startswith("spam")),
    ("x-ksmg-antispam-status", lambda v: v.lower().startswith("spam")),
    ("x-dspam-result", lambda v: v.lower() == "spam"),
    ("x-ms-exchange-organization-scl", _scl),
    ("x-forefront-antispam-report", lambda v: bool(re.search(r"\bSFV:SPM\b|\bSCL:[5-9]\b", v, re.IGNORECASE))),
)


@screen("spam")
def spam(letter: Letter, facts: Facts, _config: Config) -> Hit | None:
    """SPAM by the provider's header or folder, unless a person waived it or the letter names a case of ours."""
    if facts.spam_waived:
        return None
    header = next((h for h, says in _VERDICTS if says(letter.header(h).strip())), "")
    if not header and facts.role is not FolderRole.SPAM:
        return None
    where = f"заголовок {header}" if header else "папка «Спам»"
    if facts.thread or facts.tag_case_id is not None:
        why = f"почтовый сервер считает письмо спамом ({where}), но оно отвечает на наше обращение"
        return Hit(Verdict.SILENT, Reason("spam", why))
    return Hit(Verdict.SPAM, Reason("spam", f"почтовый сервер считает письмо спамом ({where})"))
