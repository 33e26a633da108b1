"""The mark that ties a letter to its case, `[KM-26-0412-7351]`: made, found again, and taken off a subject.

The last four digits are keyed (C45), so a slip of a finger and a foreign system's number are told from ours.
A tag alone discloses nothing: whoever bears one must still be a party of the case (C46).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from functools import lru_cache

# Latin capitals and what people type in their place on a Russian keyboard.
_LOOKALIKES = {
    "A": "AА", "B": "BВ", "C": "CС", "E": "EЕ", "H": "HН", "K": "KК", "M": "MМ", "O": "OО0", "P": "PР", "T": "TТ",
    "X": "XХ", "Y": "YУ",
}  # fmt: skip
_DIGIT = "[0-9OoОо]"
_ZEROES = str.maketrans("OoОо", "0000")
_GAP = r"[\s_\-‐-―−]{0,3}"
# Invisible characters that editors and mobile clients leave between digits.
_INVISIBLE = dict.fromkeys([0xAD, 0x2060, 0xFEFF, *range(0x200B, 0x2010)])
_LONGEST = 10_000
"""More of a text than this is not searched: a tag stands in a subject or a first line."""

# Reply and forward marks of the clients people write with, Latin and Cyrillic «HA» mixed as Outlook does (pain 30).
_REPLY = re.compile(
    r"^\s*(?:re|fwd?|aw|wg|antw|sv|vs|rv|tr|[hн][aа]|отв(?:ет)?|пер(?:есл(?:ано)?)?|пересылка)\.?"
    r"\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*:\s*",
    re.IGNORECASE,
)
_SHAPED = re.compile(rf"[\[(]\s*[A-ZА-Я]{{2,6}}{_GAP}\d\d{_GAP}\d{{4,7}}{_GAP}\d{{4}}\s*[\])]")


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
    for match in _pattern(prefix).finditer(text[:_LONGEST].translate(_INVISIBLE)):
        year, number, check = (part.translate(_ZEROES) for part in match.groups())
        if hmac.compare_digest(check, _check(prefix, int(year), int(number), secret)):
            return Found(2000 + int(year), int(number))
        wrong = wrong or Wrong(match[0])
    return wrong


def strip(subject: str, prefix: str = "") -> str:
    """The client's own subject: no tag, no reply or forward marks.

    Without `prefix` only bracketed marks of a tag's shape go; with it bare ones of that prefix go too.
    """
    bare = _SHAPED.sub(" ", subject.translate(_INVISIBLE))
    if prefix:
        bare = re.sub(rf"[\[(]?\s*(?:{_pattern(prefix).pattern})\s*[\])]?", " ", bare, flags=re.IGNORECASE)
    bare = " ".join(bare.split())
    while mark := _REPLY.match(bare):
        bare = bare[mark.end() :]
    return bare.strip()


def after(subject: str, prefix: str) -> str:
    """What stands after the last tag, where orders may be written; the whole bare subject where there is none."""
    text = subject.translate(_INVISIBLE)
    ends = [match.end() for match in _pattern(prefix).finditer(text)]
    return text[ends[-1] :].lstrip(" ])") if ends else strip(subject)


@lru_cache(maxsize=8)
def _pattern(prefix: str) -> re.Pattern[str]:
    letters = "".join(f"[{_LOOKALIKES.get(c, c)}]" for c in prefix)
    # Neither side may go on: «ТУ-KM-26-…» and «KM-26-0412-7351-89» are somebody else's numbers.
    return re.compile(
        rf"(?<!\w)(?<!\w[-–]){letters}{_GAP}({_DIGIT}{{2}}){_GAP}({_DIGIT}{{4,7}}){_GAP}({_DIGIT}{{4}})(?!\w)(?![-–/.]\w)",
        re.IGNORECASE,
    )


def _check(prefix: str, year: int, number: int, secret: str) -> str:
    digest = hmac.new(secret.encode(), f"tag:{prefix}-{year:02d}-{number}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10_000:04d}"
