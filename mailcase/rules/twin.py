"""Is this a letter that came already, by another route that wrote something on it? (C49)

A redirect, a list or a filter adds its footer or marks the subject, so that the fingerprints differ; Message-ID, Date,
sender, files and the words themselves stay. Another text under the same Message-ID is another letter. Pure.
"""

from __future__ import annotations

from mailcase.mail.letter import Letter

_FOOTER = 1000
"""Characters that a server on the way may add."""
_WORDS = 20
"""Characters that say enough to be known again."""


def twin(letter: Letter, other: Letter) -> bool:
    """Whether the two are one letter by two routes; both bear the same Message-ID."""
    if letter.date is None or letter.date != other.date or letter.sender.addr.lower() != other.sender.addr.lower():
        return False
    if _files(letter) != _files(other):
        return False
    short, long = sorted((_said(letter), _said(other)), key=len)
    return len(short) >= _WORDS and short in long and len(long) - len(short) <= _FOOTER


def _said(letter: Letter) -> str:
    return " ".join(letter.text.split())


def _files(letter: Letter) -> list[str]:
    return sorted(file.md5 for file in letter.attachments if not file.inline)
