"""Does the subject sound like an out-of-office note, though no header says so?

A subject proves nothing (RFC 3834 section 3.1.5): «Автоответчик на вашем сайте не работает» is a client's letter.
So the letter stays a letter and only our acknowledgement is held back (C19).
"""

from __future__ import annotations

import re

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.decision import Reason
from mailcase.rules.facts import Facts
from mailcase.rules.screens import Hit, screen
from mailcase.words import Verdict

_PREFIXES = re.compile(r"^(\s*(\[[^\]]*\]|(re|fwd?|aw|wg|ha|на|отв|ответ|пересл|пер)(\[\d+\])?\s*:))+", re.IGNORECASE)

# Anchored, and followed by the end, a date or a stop, so that a sentence beginning with the same word is not taken.
_STOP = r"(?=\s*($|[:;,.!(\[–—-]|(с|до|по|from|until|till)\b|\d))"
_PHRASES = re.compile(
    r"^\s*(?:я\s+)?(?:"
    r"автоматический ответ|автоответ|автоответчик|автоуведомление"
    r"|вне офиса|нет на месте|отсутствую(?: в офисе| на работе| на рабочем месте)?"
    r"|(?:нахожусь )?в отпуске|(?:нахожусь )?в командировке|на больничном|больничный"
    r"|automatic reply|auto[- ]?reply|auto[- ]?response|out of (?:the )?office(?: reply)?|away from (?:the )?office"
    r"|abwesenheit(?:snotiz)?"
    r")" + _STOP,
    re.IGNORECASE,
)


@screen("auto_subject")
def auto_subject(letter: Letter, _facts: Facts, _config: Config) -> Hit | None:
    """SILENT where the subject, without its prefixes, begins like a responder's (C19)."""
    found = responder(letter.subject)
    if not found:
        return None
    why = f"тема похожа на автоответ («{found}»): подтверждение не отправляем, посмотрите, кто пишет"
    return Hit(Verdict.SILENT, Reason("auto_subject", why))


def responder(subject: str) -> str:
    """The words with which this subject begins like a responder's; empty where it does not."""
    found = _PHRASES.match(_PREFIXES.sub("", subject))
    return found[0].strip() if found else ""
