"""Did a machine write this letter by itself: an out-of-office note, a notification, a robot's answer?"""

from __future__ import annotations

import re

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.decision import Reason
from mailcase.rules.facts import Facts
from mailcase.rules.form import form
from mailcase.rules.screens import Hit, screen
from mailcase.words import Verdict

# Headers of responders of their own making (C19, C20): each vendor has one, and they are named alike. A value that says
# "no" is no sign, and asking for silence is none (C21).
_RESPONDER_HEADER = re.compile(
    r"x-(?:[a-z0-9]+-){0,3}(?:auto-?(?:reply|respond|responder|response|answer|generated)|vacation|fc-machinegenerated)"
    r"(?:-(?:from|domain|to|id))?"
)
# Responders that say in another header what they are.
_NAMED = {"delivered-to": "autoresponder", "x-mailer": "autorespon", "x-post-messageclass": "autoresponder"}
_VACATION_PROGRAM = re.compile(r"^\s*vacation\b", re.IGNORECASE)
_NO = frozenset({"", "no", "false", "0", "none"})


@screen("auto_reply")
def auto_reply(letter: Letter, _facts: Facts, config: Config) -> Hit | None:
    """AUTO_REPLY by headers alone (C1, C19, C20); words of the subject are the screen `auto_subject`."""
    submitted = auto_submitted(letter)
    ours = letter.sender.addr.lower() in config.own_addresses
    if submitted == "auto-generated" and not _exchange(letter) and (ours or form(letter, config) is not None):
        # A form of our own site may say so truthfully, and a client wrote what is in it: a case, no answer (C15).
        return Hit(
            Verdict.SILENT, Reason("auto_reply", "отправлено программой с нашего адреса: форма сайта или сканер")
        )
    if submitted:
        return Hit(
            Verdict.AUTO_REPLY, Reason("auto_reply", f"письмо составила программа (Auto-Submitted: {submitted})")
        )
    named = _responder(letter)
    if named:
        return Hit(Verdict.AUTO_REPLY, Reason("auto_reply", f"письмо составил автоответчик (заголовок {named})"))
    if _exchange(letter) or _vacation(letter):
        return Hit(Verdict.AUTO_REPLY, Reason("auto_reply", "автоматический ответ об отсутствии"))
    # Exchange marks by this header what a rule *redirected* too, so a person's letter may bear it: only silence (C20).
    if letter.header("x-ms-exchange-inbox-rules-loop"):
        return Hit(Verdict.SILENT, Reason("auto_reply", "письмо прошло через правило почтового ящика"))
    return None


def _responder(letter: Letter) -> str:
    """The name of the header by which a responder gives itself away; empty where there is none."""
    for name, value in letter.headers:
        if name.startswith("x-") and value.strip().lower() not in _NO and _RESPONDER_HEADER.fullmatch(name):
            return name
        if name in _NAMED and _NAMED[name] in value.lower():
            return name
        if name in ("x-mailer", "user-agent") and _VACATION_PROGRAM.match(value):
            return name
    return ""


def auto_submitted(letter: Letter) -> str:
    """The keyword of Auto-Submitted, lower-case; empty for `no` or no header.

    Comments and parameters are allowed, unknown keywords count as automatic (RFC 3834 section 5).
    """
    for value in letter.all_headers("auto-submitted"):
        keyword = re.sub(r"\([^()]*\)", " ", value).partition(";")[0].strip().lower()
        if keyword and keyword != "no":
            return keyword
    return ""


def _exchange(letter: Letter) -> bool:
    return "mailbox rules agent" in letter.header("x-ms-exchange-generated-message-source").lower()


def _vacation(letter: Letter) -> bool:
    precedence = {letter.header(h).strip().lower().replace("-", "_") for h in ("precedence", "x-precedence")}
    return "auto_reply" in precedence or letter.header("x-apple-action").strip().lower() == "vacation"
