"""Guesses the language of a letter by its letters, which is enough to answer in Russian or in English."""

from __future__ import annotations

_SAMPLE = 4000
_UKRAINIAN = frozenset("іїєґ")
_KAZAKH = frozenset("қғңөұүһә")


def of(text: str) -> str:
    """`ru`, `en`, `uk` or `kk`; a letter without letters counts as Russian, for that is who writes here."""
    letters = [c for c in text[:_SAMPLE].lower() if c.isalpha()]
    cyrillic = sum("Ѐ" <= c <= "ӿ" for c in letters)
    if not letters or cyrillic * 3 >= len(letters):
        # Kazakh shares the letter «і» with Ukrainian, so its own letters are asked for first.
        if sum(c in _KAZAKH for c in letters) * 50 > len(letters):
            return "kk"
        return "uk" if sum(c in _UKRAINIAN for c in letters) * 50 > len(letters) else "ru"
    return "en"
