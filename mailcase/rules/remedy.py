"""What does a complainant want done, and does an answer say a word about it (A85, ISO 10002)?

Several wishes stand in one letter; each is kept with the words that express it, and the answer that leaves one without
a word is asked about. Pure. A wish that is overlooked costs no more than before: people read the letter all the same.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files

from mailcase.mail.letter import Letter
from mailcase.rules.decision import Wish
from mailcase.rules.literals import certain
from mailcase.rules.staff_words import own, unsigned
from mailcase.rules.surname import plain
from mailcase.words import Remedy


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of one remedy."""

    pattern: re.Pattern[str]
    certain: tuple[str, ...]
    """One of these stands in every match: most sentences hold none, and the pattern takes long."""

    def search(self, text: str) -> re.Match[str] | None:
        held = any(word in text for word in self.certain)
        return self.pattern.search(text) if held else None


def _words(kind: str) -> dict[Remedy, _Words]:
    """The words of every remedy, one alternative a line of the file, each remedy's as one pattern."""
    text = (files("mailcase.rules") / "words_remedies.toml").read_text(encoding="utf-8")
    found = {Remedy(name): "|".join(words[kind].split("\n")[:-1]) for name, words in tomllib.loads(text).items()}
    # Every text holds the empty word.
    return {remedy: _Words(re.compile(words), certain(words) or ("",)) for remedy, words in found.items()}


_ASKED = _words("asked")
_SAID = _words("said")
_NOT_ASKED = re.compile(r"\bне (прос\w+|требу\w+|нужн\w+|надо|настаива\w+|жд\w+|претенду\w+)|без претензий")
_REFUSES = re.compile(
    r"\bне (можем|будет|буд\w+|мож\w+|имеем|предусмотр\w+|подлеж\w+|наш\w+|требу\w+|нужн\w+|обоснован\w*|усматрива\w+)"
    r"|невозможн|отказ|нет (оснований|возможности)|оснований[^.!?]{0,30}\bнет\b|cannot|unable|\bnot? "
)
# A word that the matter is being looked into promises an answer and is none (users.md 2: interim letters go freely).
_INTERIM = re.compile(
    r"разбираемся|рассматрива(ем|ется)|проверяем|выясня(ем|ется)|ответим|сообщим|ответ направим|направим ответ|вернемся"
    r"|уточн(ите|яем)|пришлите|(просим|прошу) (вас )?(прислать|сообщить|уточнить|предоставить|направить)"
    r"|нам (нужн|необходим)\w+|looking into|we will (reply|answer|come back)|под(ош|нят)\w* архив"
)
_ENDS = re.compile(r"(?<=[.!?…])\s+|\n+")
_LONGEST = 20_000
"""Characters of a letter that are read: a longer one is no plain complaint, and people read it all."""
_WORDS = 120
"""Characters of a wish that are kept."""


def sentences(text: str) -> Iterator[str]:
    """The sentences or lines of a text, without blank ones."""
    return (part.strip() for part in _ENDS.split(text) if part.strip())


def wishes(letter: Letter) -> tuple[Wish, ...]:
    """What the new words of a complaint ask for, each remedy once, in the order of the letter."""
    found: dict[Remedy, Wish] = {}
    text = unsigned((letter.reply or letter.text)[:_LONGEST], letter.signature)
    for said in sentences(own(text)):
        for remedy in asked_in(said):
            found.setdefault(remedy, Wish(remedy, said[:_WORDS]))
    return tuple(found.values())


def asked_in(sentence: str) -> tuple[Remedy, ...]:
    """The remedies that one sentence asks for."""
    low = plain(sentence)
    if _NOT_ASKED.search(low):
        return ()
    return tuple(remedy for remedy, words in _ASKED.items() if words.search(low))


def meant(words: str) -> tuple[Remedy, ...]:
    """What an employee names in so many words: «возврат денег», «извинения», «исправить протокол»; empty: nothing."""
    low = plain(words)
    return asked_in(words) or tuple(remedy for remedy, said in _SAID.items() if said.search(low))


def unanswered(text: str, wanted: Iterable[Remedy]) -> tuple[Remedy, ...]:
    """Which of them a closing letter leaves without a word; none where it is only an interim one or asks back."""
    low = plain(text[:_LONGEST])
    if "?" in text or _INTERIM.search(low):
        return ()
    return tuple(remedy for remedy in wanted if not _SAID[remedy].search(low))


def answers(text: str, remedy: Remedy) -> str:
    """What a letter says of that remedy: `yes`, `no`, or empty where it says nothing."""
    about = [low for said in sentences(text) if _SAID[remedy].search(low := plain(said))]
    if not about:
        return ""
    return "no" if remedy is not Remedy.EXPLANATION and all(_REFUSES.search(low) for low in about) else "yes"
