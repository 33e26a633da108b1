"""Does a client confirm the requirements that we wrote down, and nothing else (A66)? Whose order did a colleague note?

Silence, thanks and «получили» confirm nothing; whoever confirms with a reservation is read by a person. Pure.
"""

from __future__ import annotations

import re

from mailcase.config import Config
from mailcase.mail.letter import Letter
from mailcase.rules.people import ours
from mailcase.rules.people import plain as box
from mailcase.rules.staff_words import GREETING, own, unsigned
from mailcase.rules.surname import plain

_MOST = 2_000
"""Characters, signature and all."""
_LONGEST = 20
"""Words; a longer letter says more than yes."""
_CORE = re.compile(
    r"подтвержд(аю|аем|ено|ена|ены)|соглас(ен|на|ны|овано|ован|овываю|овываем)|все верно|верно|правильно|correct"
    r"|confirm(ed)?|agreed?"
)
_SAID = re.compile(
    r"подтвержд(аю|аем|ено|ена|ены)|соглас(ен|на|ны|овано|ован|овываю|овываем)|(все )?(верно|правильно)|да|ваш\w*"
    r"|требовани\w+|услови\w+|заявк\w+|все|с|и|я|мы|это|по|к|работе|работам|работ|сказанное|написанное|указанн\w+|изложенн\w+"
    r"|спасибо|благодар\w+|большое|пожалуйста|можно|приступать|приступайте|начинать|начинайте|полностью"
    r"|yes|we|i|it|is|the|all|requirements?|order|everything|correct|confirm(ed)?|agreed?|thanks?|thank|you"
)
_REGARDS = re.compile(r"\b(с уважением|с наилучшими|(best|kind) regards)\b.*", re.DOTALL)
_RECEIPT = re.compile(r"получени|received|receipt")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def confirms(letter: Letter, config: Config) -> bool:
    """Whether every new word says yes: no question, no file, no figure, no reservation."""
    if letter.truncated or letter.forwarded is not None or any(not file.inline for file in letter.attachments):
        return False
    if len(letter.reply) > _MOST:
        return False
    text = _REGARDS.sub("", GREETING.sub("", plain(own(unsigned(letter.reply, letter.signature)))))
    if "?" in text or not _CORE.search(text) or _RECEIPT.search(text):
        return False
    said = re.findall(r"\w+", text)
    names = {part for person in config.employee for part in plain(person.name).split()}
    return len(said) <= _LONGEST and all(word in names or _SAID.fullmatch(word) for word in said)


def dictated_by(letter: Letter, config: Config) -> str:
    """The client's address in what an employee wrote down of a call; empty where he names none, or several."""
    us = ours(config)
    text = own(unsigned(letter.reply[:_MOST], letter.signature))
    found = {address.lower().rstrip(".") for address in _ADDRESS.findall(f"{letter.subject}\n{text}")}
    outside = {address for address in found if box(address) not in us}
    return next(iter(outside)) if len(outside) == 1 else ""
