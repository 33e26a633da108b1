"""Guesses the language of a letter by its letters, which is enough to answer in Russian or in English."""

from __future__ import annotations

from collections import Counter

_SAMPLE = 4000
_UKRAINIAN = frozenset("іїєґ")
_KAZAKH = frozenset("қғңөұүһә")


def of(text: str) -> str:
    """`ru`, `en`, `uk` or `kk`; a letter without letters counts as Russian, for that is who writes here."""
    letters = {c: n for c, n in Counter(text[:_SAMPLE].lower()).items() if c.isalpha()}
    many = sum(letters.values())
    cyrillic = sum(n for c, n in letters.items() if "Ѐ" <= c <= "ӿ")
    if not many or cyrillic * 3 >= many:
        # Kazakh shares the letter «і» with Ukrainian, so its own letters are asked for first.
        if sum(letters.get(c, 0) for c in _KAZAKH) * 50 > many:
            return "kk"
        return "uk" if sum(letters.get(c, 0) for c in _UKRAINIAN) * 50 > many else "ru"
    return "en"
