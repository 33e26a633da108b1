"""Is this a newsletter or mailing-list mail, and not a letter to us?

Clients' CRM and mail services put List-Unsubscribe on personal letters too: what is written *to the laboratory*
is registered, only without an acknowledgement (C7).
"""

from __future__ import annotations

import re

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.classify import classify
from mailcase.rules.decision import Judgement, Reason
from mailcase.rules.facts import Facts
from mailcase.rules.people import plain
from mailcase.rules.screens import Hit, screen
from mailcase.words import Kind, Register, Verdict

_BULK = frozenset({"bulk", "junk", "list"})
# What a newsletter's own text gives away; a footer alone convicts nobody who asks us for something.
_NEWSLETTER = re.compile(
    r"отпис(ать|ка)|рассылк|в браузере|дайджест|вебинар|новости|подборк"
    r"|unsubscribe|newsletter|view (it )?in (your )?browser",
    re.IGNORECASE,
)
_FOR_US = frozenset({Kind.REQUEST, Kind.ORDER_CHANGE, Kind.COMPLAINT, Kind.CLAIM})


@screen("bulk")
def bulk(letter: Letter, facts: Facts, config: Config) -> Hit | None:
    """BULK for a newsletter, SILENT for a letter to us that bears such headers (C7, RFC 2369, RFC 2919)."""
    sign = _bulk_sign(letter)
    if not sign:
        return None
    if facts.thread or facts.tag_case_id is not None or _written_to_us(letter, config):
        why = f"письмо отправлено через программу рассылок ({sign}), но написано нам: без автоматического ответа"
        return Hit(Verdict.SILENT, Reason("bulk", why))
    return Hit(Verdict.BULK, Reason("bulk", f"рассылка ({sign})"))


def _bulk_sign(letter: Letter) -> str:
    listed = next((name for name, _ in letter.headers if name.startswith("list-")), "")
    if listed:
        return listed
    named = ((h, letter.header(h).strip().lower()) for h in ("precedence", "x-precedence"))
    return next((f"{h}: {value}" for h, value in named if value in _BULK), "")


def _written_to_us(letter: Letter, config: Config) -> bool:
    if not config.own_addresses & {plain(a) for a in letter.recipients}:
        return False
    judged = classify(letter, config)
    if judged.register is Register.NONE:
        return False
    return _asks_us(judged) or not _NEWSLETTER.search(letter.reply or letter.text)


def _asks_us(judged: Judgement) -> bool:
    return judged.kind in _FOR_US and not judged.check
