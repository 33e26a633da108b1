"""What a client himself calls his letter: outgoing texts say «жалоба» or «претензия» only after him (users.md 1.3)."""

from __future__ import annotations

import re

from mailcase.mail.letter import Letter
from mailcase.rules.surname import plain
from mailcase.words import Kind

_WORDS = {
    Kind.CLAIM: r"претензи\w*|рекламаци\w*|(?:formal )?claim",
    Kind.COMPLAINT: r"жалоб\w*|жалу[юе]\w*|пожаловаться|complain\w*",
}
_CALLED = {kind: re.compile(rf"\b(?:{words})\b") for kind, words in _WORDS.items()}
# «Это не жалоба», «претензий нет», «без претензий», «жаловаться не хотим»: the word is there, and not meant.
_ANY = "|".join(_WORDS.values())
_DENIED = re.compile(
    rf"\b(?:не|нет|без|ни|никаких|никакой|not|no|without)\s+(?:[\w-]+\s+)?(?:{_ANY})\b"
    r"|\b(?:жалоб|претензий|рекламаций)\s+(?:\w+\s+){0,3}?(?:нет|не\s+(?:имеем|имеется|имею|было|будет))\b|жаловаться\s+не\b"
    # Of others' complaints, and of the order in which they are handled, people ask without complaining.
    rf"|\b(?:порядок|порядк\w+|процедур\w+)\s+(?:\w+\s+){{0,2}}?(?:{_ANY})\b|\bcomplaints? (?:procedure|process)\b"
)


def called(letter: Letter) -> Kind | None:
    """`claim` or `complaint` where the new words or the subject say so of the letter itself; None otherwise."""
    said = _DENIED.sub(" ", plain(f"{letter.subject}\n{letter.reply}"))
    return next((kind for kind, word in _CALLED.items() if word.search(said)), None)
