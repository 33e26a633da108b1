"""Repairs text that was decoded in a wrong code page once and sent so: «РџСЂРѕСЃРёРј», «Ïðîñèì», «оПНЯХЛ» are «Просим».

Pure. A text is changed only where it shows the pattern of such an accident and the repaired one looks Russian; each
test costs a few counts for an ordinary letter.
"""

from __future__ import annotations

import re

from mailcase.mail.russian_letters import likelihood

_SAMPLE = 3000
# The two first bytes of Russian letters in UTF-8 (D0, D1), as each code page shows them.
_LEADS = {"cp1251": "РС", "cp1252": "ÐÑ", "koi8-r": "пя", "cp866": "╨╤", "mac-cyrillic": "–—"}
_WESTERN = re.compile("[À-ÿ]")
_LETTERS = re.compile(r"[^\W\d_]")
# Windows and KOI-8 have small letters where the other has capitals: «оПНЯХЛ БЯЕУ».
_INVERTED = re.compile(r"\b[а-яё][А-ЯЁ]{2,}")
_ENOUGH = 0.5
_BETTER = 0.2


def repaired(text: str) -> str:
    """The text as it was written; itself where nothing shows that it was ever misread."""
    if text.isascii():
        return text
    sample = text[:_SAMPLE]
    for page, leads in _LEADS.items():
        count = sample.count(leads[0]) + sample.count(leads[1])
        if count > 3 and count * 5 > len(sample) - sum(map(sample.count, " \n")) - _ascii(sample):
            found = _as_utf8(text, page)
            if found:
                return found
    western = len(_WESTERN.findall(sample))
    if western and western * 2 > len(_LETTERS.findall(sample)):
        return _best(text, (("cp1252", "cp1251"), ("cp1252", "koi8-r")))
    if len(_INVERTED.findall(sample)) > 1 and _capitals(sample):
        return _best(text, (("koi8-r", "cp1251"), ("cp1251", "koi8-r")))
    return text


def _capitals(sample: str) -> bool:
    """«мРНК» among small letters is a word of its own; text whose cases are swapped has mostly capitals."""
    return sum(map(str.isupper, sample)) > 2 * sum(map(str.islower, sample))


def _ascii(sample: str) -> int:
    return len(sample.encode("ascii", "ignore"))


def _as_utf8(text: str, page: str) -> str:
    """The text that was UTF-8 and read as `page`; empty where it was not."""
    # One letter in ten may have been lost by a program that had no sign for it.
    found = _bytes(text, page).decode("utf-8", "replace")
    if found.count("\ufffd") * 10 > len(found) or likelihood(found[:_SAMPLE]) < _ENOUGH:
        return ""
    return found


def _best(text: str, ways: tuple[tuple[str, str], ...]) -> str:
    """The likeliest of the texts that were read as the first page and meant in the second; else the text itself."""
    best, most = text, max(_ENOUGH, likelihood(text[:_SAMPLE]) + _BETTER)
    for read, meant in ways:
        found = _bytes(text, read).decode(meant, "replace")
        score = likelihood(found[:_SAMPLE])
        if score > most:
            best, most = found, score
    return best


def _bytes(text: str, page: str) -> bytes:
    """The bytes behind the text; a code page's holes are filled by the numbers of the letters."""
    try:
        return text.encode(page)
    except UnicodeEncodeError:
        return b"".join(_byte(character, page) for character in text)


def _byte(character: str, page: str) -> bytes:
    try:
        return character.encode(page)
    except UnicodeEncodeError:
        return bytes([ord(character)]) if ord(character) < 256 else b"?"
