"""The mark that ties a letter to its case, `[KM-26-0412-7351]`: made, found again, and taken off a subject.

The last four digits are keyed (C45), so a slip of a finger and a foreign system's number are told from ours.
A tag alone discloses nothing: whoever bears one must still be a party of the case (C46).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

# What stands in a Latin letter's place: its Cyrillic and Greek twins, and what a transliterating program writes for it.
_LOOKALIKES = {
    "A": "AАΑ", "B": "BВБΒ", "C": "CСЦ", "D": "DД", "E": "EЕЭΕ", "F": "FФ", "G": "GГ", "H": "HНХΗ", "I": "IІИΙ",
    "J": "JЙЈ", "K": "KКΚ", "L": "LЛ", "M": "MМΜ", "N": "NНΝ", "O": "OОΟ0", "P": "PРПΡ", "Q": "QК", "R": "RР",
    "S": "SСЅ", "T": "TТΤ", "U": "UУ", "V": "VВ", "W": "WВ", "X": "XХΧ", "Y": "YУЫΥ", "Z": "ZЗΖ",
}  # fmt: skip
# Letters that people read off paper, and programs put, for a digit.
_AS_DIGITS = {"OoОо": "0", "IiІіLl": "1", "Зз": "3", "Бб": "6"}
_DIGIT = rf"[0-9{''.join(_AS_DIGITS)}]"
_VALUES = str.maketrans({letter: digit for letters, digit in _AS_DIGITS.items() for letter in letters})
_DASHES = "\\-‐-―⁃−⸺⸻"
# File names and forms put these for a dash; only a tag whose check is right may have them.
_BETWEEN = re.compile(rf"[\s_./·{_DASHES}]")
_GAP = rf"[\s_{_DASHES}]{{0,3}}"
# A number of ours has one digit (people leave zeroes out) to seven, between two of the year and four of the check.
_LEAST, _MOST = 7, 13
_LONGEST = 10_000
"""More of a text than this is not searched: a tag stands in a subject or a first line."""

# Reply and forward marks of the clients people write with, Latin and Cyrillic «HA» mixed as Outlook does (pain 30).
_REPLY = re.compile(
    r"^\s*(?:re|fwd?|aw|wg|antw|sv|vs|rv|tr|res|enc|rif|odp|pd|ynt|ilt|doorst|bls|[hн][aа]|отв(?:ет)?"
    r"|пер(?:есл(?:ано)?)?|пересылка|回复|回覆|答复|转发|返信|転送|σχετ|απ|πρθ|השב|הועבר)\.?"
    r"\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*[:：]\s*",
    re.IGNORECASE,
)
_SHAPED = re.compile(rf"[\[(]\s*[A-ZА-Я]{{2,6}}{_GAP}\d\d{_GAP}\d{{4,7}}{_GAP}\d{{4}}\s*[\])]")


# Fillers, and what makes a picture of a digit.
_UNSEEN = frozenset({0x115F, 0x20E3, 0x2800, 0x3164, *range(0xFE00, 0xFE10)})


class _Plain(dict[int, int | None]):
    """For `str.translate`: every character as people read it, so that places in the text stay what they were.

    Full-width and styled letters and digits become plain ones, digits of any script Latin ones; invisible characters
    (zero widths, soft hyphens, marks of direction) that editors and mobile clients leave go away.
    """

    def __missing__(self, code: int) -> int | None:
        char = chr(code)
        plain: int | None = code
        if code > 0x7F:
            folded = unicodedata.normalize("NFKC", char)
            # «№» would become two letters.
            plain = ord(folded) if len(folded) == 1 else code
            value = unicodedata.decimal(char, None)
            plain = ord(str(value)) if value is not None else plain
            plain = None if unicodedata.category(char) == "Cf" or code in _UNSEEN else plain
        self[code] = plain
        return plain


_PLAIN = _Plain()


@dataclass(frozen=True, slots=True)
class Found:
    """A tag of ours: the year in four digits and the case's number in it."""

    year: int
    number: int


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that looks like our tag, but its keyed digits are not ours."""

    text: str


def make(prefix: str, year: int, number: int, secret: str) -> str:
    """The tag without brackets, `KM-26-0412-7351`; the number has at least four digits."""
    return f"{prefix}-{year % 100:02d}-{number:04d}-{_check(prefix, year % 100, number, secret)}"


def bracketed(tag: str) -> str:
    """The tag as it stands in a subject."""
    return f"[{tag}]"


def find(text: str, prefix: str, secret: str) -> Found | Wrong | None:
    """The first right tag of a text, else the first wrong one, else None (C45).

    Cyrillic look-alikes, lower case, lost brackets and other dashes are forgiven; other prefixes are not ours.
    """
    wrong: Wrong | None = None
    text = text[:_LONGEST]
    # A button of ours that a program opened without decoding its subject.
    plain = (unquote(text) if "%5B" in text.upper() else text).translate(_PLAIN)
    for match in _loose(prefix).finditer(plain):
        for digits in _readings(match[1]):
            year, number, check = int(digits[:2]), int(digits[2:-4]), digits[-4:]
            if hmac.compare_digest(check, _check(prefix, year, number, secret)):
                return Found(2000 + year, number)
        shaped = _strict(prefix).match(plain, match.start())
        # The prefix before any dozen digits is no slip of a finger.
        wrong = wrong or (Wrong(shaped[0]) if shaped else None)
    return wrong


def _readings(run: str) -> Iterator[str]:
    """The digits of the whole run, and of what ends before a blank in it: «7351 12 манометров», «7351 ООО»."""
    for end in (len(run), *(blank.start() for blank in re.finditer(r"(?<!\s)\s", run))):
        digits = _BETWEEN.sub("", run[:end]).translate(_VALUES)
        if len(digits) >= _LEAST and digits.isascii():
            yield digits


def strip(subject: str, prefix: str = "") -> str:
    """The client's own subject: no tag, no reply or forward marks.

    Without `prefix` only bracketed marks of a tag's shape go; with it bare ones of that prefix go too.
    """
    bare = _without(_SHAPED, _visible(subject))
    if prefix:
        bare = _without(re.compile(rf"[\[(]?\s*(?:{_strict(prefix).pattern})\s*[\])]?", re.IGNORECASE), bare)
    bare = " ".join(bare.split())
    while mark := _REPLY.match(bare):
        bare = bare[mark.end() :]
    return bare.strip()


def _visible(text: str) -> str:
    return text if text.isascii() else "".join(c for c in text if _PLAIN[ord(c)] is not None)


def _without(pattern: re.Pattern[str], text: str) -> str:
    """The text without what matches once it is made plain; all other characters stay as they are."""
    cuts = [match.span() for match in pattern.finditer(text.translate(_PLAIN))]
    for start, end in reversed(cuts):
        text = f"{text[:start]} {text[end:]}"
    return text


def after(subject: str, prefix: str) -> str:
    """What stands after the last tag, where orders may be written; the whole bare subject where there is none."""
    text = _visible(subject)
    ends = [match.end() for match in _loose(prefix).finditer(text.translate(_PLAIN))]
    return text[ends[-1] :].lstrip(" ])") if ends else strip(subject)


# Neither side may go on: «ТУ-KM-26-…» and «KM-26-0412-7351-89» are somebody else's numbers. An underscore may:
# programs put it for a bracket.
_BEGIN, _END = r"(?<![^\W_])(?<!\w[-–])", r"(?![^\W_])(?![-–/.]\d)"


@lru_cache(maxsize=8)
def _strict(prefix: str) -> re.Pattern[str]:
    """What nobody would write but for a tag of ours, right or wrong."""
    shape = rf"{_letters(prefix)}{_GAP}{_DIGIT}{{2}}{_GAP}{_DIGIT}{{4,7}}{_GAP}{_DIGIT}{{4}}"
    return re.compile(f"{_BEGIN}{shape}{_END}", re.IGNORECASE)


@lru_cache(maxsize=8)
def _loose(prefix: str) -> re.Pattern[str]:
    """The prefix and so many digits, blanks and dashes anywhere between them: only the right check makes it a tag."""
    gap = f"{_BETWEEN.pattern}{{0,3}}"
    shape = rf"{_letters(prefix)}{gap}({_DIGIT}(?:{gap}{_DIGIT}){{{_LEAST - 1},{_MOST - 1}}})"
    return re.compile(f"{_BEGIN}{shape}{_END}", re.IGNORECASE)


def _letters(prefix: str) -> str:
    return _GAP.replace("3", "1").join(f"[{_LOOKALIKES.get(c, c)}]" for c in prefix)


def _check(prefix: str, year: int, number: int, secret: str) -> str:
    digest = hmac.new(secret.encode(), f"tag:{prefix}-{year:02d}-{number}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10_000:04d}"
