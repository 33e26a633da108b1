"""How a Russian name is written to those who wrote in English: as in a passport for travel, in English order.

Letters as in ICAO Doc 9303, part 3, section 6; a name that is already in Latin letters stays as it is.
"""

from __future__ import annotations

_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "i",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "ie", "ы": "y", "ь": "", "э": "e", "ю": "iu",
    "я": "ia", "«": "“", "»": "”",
}  # fmt: skip
_PARTS = 3
"""Surname, name and patronymic."""


def latin(text: str) -> str:
    """The text in Latin letters and quotation marks; what else is no Russian letter stays."""
    return "".join(map(_letter, text))


def english_name(name: str) -> str:
    """«Петрова Наталья Викторовна» -> `Natalia Viktorovna Petrova`; of other forms only the letters change."""
    words = latin(name).split()
    if name.isascii() or len(words) != _PARTS:
        return " ".join(words)
    surname, *given = words
    return " ".join((*given, surname))


def _letter(letter: str) -> str:
    written = _LATIN.get(letter.lower(), letter)
    return written.capitalize() if letter.isupper() else written
