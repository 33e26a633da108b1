"""Which term a letter has: its kind's, or that of who asks for what where B.8 gives it one of its own.

A citizen's question is answered on first demand like anybody's (rules, 10.4), and his complaint has the term of a
complaint, which is the sooner one. Pure.
"""

from __future__ import annotations

import re

from mailcase.mail.letter import Letter
from mailcase.rules.classify_words import load, plain
from mailcase.words import Kind, Register, Sender, Standing

_OF_CITIZENS = (Kind.SUGGESTION, Kind.CORRESPONDENCE)
_AUTHORITY = load("kinds").patterns["authority"]
# Articles 14, 20 and 21 of 152-ФЗ: to learn what is kept, to have it mended or destroyed, to take consent back.
_SUBJECTS_WISH = re.compile(
    r"(отзыва|отозва|удал|уничтож|прекрат|уточн|исправ|заблокир|предостав\w+ (сведени|информац)|как\w+ (мои )?)"
    r"[^.!?]{0,80}персональн\w+ данн\w+|персональн\w+ данн\w+[^.!?]{0,60}(удал|уничтож|прекрат|исправ)"
)
_LONGEST = 20_000


def of_letter(letter: Letter, kind: Kind, sender: str, *, consumer_service: bool) -> Kind | Standing:
    """The name of the term of a new letter, judged as that kind by that sender."""
    if _AUTHORITY.search(plain(f"{letter.sender.name} <{letter.sender.addr}>")):
        return Standing.AUTHORITY
    if kind.register is Register.INQUIRY and _about_his_data(letter):
        return Standing.PERSONAL_DATA
    return of_case(kind, sender, consumer_service=consumer_service)


def of_case(kind: Kind, sender: str, *, consumer_service: bool) -> Kind | Standing:
    """As `of_letter`, as far as a case remembers it."""
    if kind.register is Register.INQUIRY and consumer_service:
        return Standing.CONSUMER
    return Standing.CITIZEN if kind in _OF_CITIZENS and sender == Sender.CITIZEN else kind


def _about_his_data(letter: Letter) -> bool:
    text = f"{letter.subject}. {(letter.reply or letter.text)[:_LONGEST]}".lower()
    return "персональн" in text and bool(_SUBJECTS_WISH.search(plain(text)))
