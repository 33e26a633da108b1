"""The word lists by which letters are sorted, read once from the `words_*.toml` files beside this module.

One alternative of a regular expression a line, matched against `plain` text: lower-case, «ё» written as «е».
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

from mailcase.rules import literals


class Phrase:
    """One alternative of a word list; compiled when a text may hold it for the first time."""

    def __init__(self, expression: str) -> None:
        self.expression = expression
        self.words = literals.certain(expression)
        self.home: Phrases | None = None
        """The list it stands in."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The compiled expression."""
        return re.compile(self.expression)


class Index:
    """Tells of a whole text at once which phrases it may hold: each word of a phrase lies under one of its grams."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._always: dict[Phrase, list[str]] = {}
        self._under: dict[str, list[tuple[frozenset[str], str, Phrase]]] = {}
        words = [(literals.grams(word), word, phrase) for phrase in phrases for word in phrase.words or ("",)]
        common = Counter(gram for grams, _, _ in words for gram in grams)
        for grams, word, phrase in words:
            if grams:
                # Under its rarest gram, which tells it best from others.
                self._under.setdefault(min(grams, key=lambda gram: (common[gram], gram)), []).append(
                    (grams, word, phrase)
                )
            else:
                self._always.setdefault(phrase, []).append(word)

    def likely(self, texts: Iterable[str]) -> dict[Phrase, list[str]]:
        """Each phrase that may be in the texts, with the words of which one must then be there."""
        grams: frozenset[str] = frozenset().union(*map(literals.grams, texts))
        found = {phrase: list(words) for phrase, words in self._always.items()}
        for gram in self._under.keys() & grams:
            for needed, word, phrase in self._under[gram]:
                if needed <= grams:
                    found.setdefault(phrase, []).append(word)
        return found


@dataclass(frozen=True)
class Pieces:
    """Texts in which phrases are sought: a title and a body, or sentences.

    `around` is a text that holds all of them, where there is one that has been looked at already.
    """

    texts: tuple[str, ...]
    around: Pieces | None = None

    @cached_property
    def likely(self) -> dict[Phrase, list[str]]:
        """The phrases of the word lists that they may hold, as `Index.likely`."""
        return self.around.likely if self.around is not None else _index().likely(self.texts)

    @cached_property
    def lists(self) -> frozenset[Phrases | None]:
        """The word lists of which they may hold a phrase: a few of some two hundred."""
        return self.around.lists if self.around is not None else frozenset(phrase.home for phrase in self.likely)


class Phrases:
    """A word list: what `pattern.search` finds, without asking for what the text cannot hold."""

    def __init__(self, lines: str) -> None:
        self.all = tuple(Phrase(_from_word_start(line)) for line in lines.strip().splitlines() if line)
        for phrase in self.all:
            phrase.home = self

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """All of them as one expression."""
        return re.compile("|".join(phrase.expression for phrase in self.all))

    def search(self, pieces: Pieces) -> re.Match[str] | None:
        """The first match in the first text that has one."""
        if self not in pieces.lists:
            return None
        there = pieces.likely
        likely = [(phrase, there[phrase]) for phrase in self.all if phrase in there]
        for text in pieces.texts if likely else ():
            found = [
                match for phrase, words in likely if _any_in(words, text) if (match := phrase.pattern.search(text))
            ]
            if found:
                # Of matches at one place the phrase that stands first in the list counts, as in one expression.
                return min(found, key=re.Match.start)
        return None


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The laboratory's words of the configuration, sought as they are."""

    pattern: re.Pattern[str]

    def search(self, pieces: Pieces) -> re.Match[str] | None:
        """The first match in the first text that has one."""
        return next(filter(None, map(self.pattern.search, pieces.texts)), None)


def _any_in(words: list[str], text: str) -> bool:
    for word in words:  # noqa: SIM110 - asked a thousand times a letter, and a generator costs three times more
        if word in text:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that a text may show; `name` is what people read (Russian); three points of weight convince."""

    name: str
    weight: int
    phrases: Phrases | OwnWords


@dataclass(frozen=True, slots=True)
class Found:
    """Signs seen in a text: each name with its weight and the words that showed it."""

    hits: tuple[tuple[str, int, str], ...]

    @property
    def score(self) -> int:
        """The sum of weights; a sign counts once however often it was seen."""
        return sum(weight for _, weight, _ in self.hits)

    def __str__(self) -> str:
        return "; ".join(f"{name}: «{words}»" for name, _, words in self.hits)


_TRANSLIT = (
    ("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"),
    ("yu", "ю"), ("ju", "ю"), ("ya", "я"), ("ja", "я"), ("yo", "е"),
)  # fmt: skip
_LETTERS = str.maketrans("abcdefghijklmnoprstuvwxyz'", "абцдефгхийклмнопрстувшхызь")
_TRANSLIT_WORDS = re.compile(
    r"\b(zdravstv|dobr(oe|yi|yj|yy|ii)|prosh|pozhal|nuzhn|mozhno|skolko|poverk|spasibo|pribor)"
)


def plain(text: str) -> str:
    """Lower-case text with «ё» as «е» and single blanks, line ends kept; Russian in Latin letters is put back."""
    low = re.sub(r"[ \t\xa0]+", " ", text.lower().replace("ё", "е"))
    return _cyrillic(low) if len(_TRANSLIT_WORDS.findall(low)) > 1 else low


def _cyrillic(low: str) -> str:
    for latin, letter in _TRANSLIT:
        low = low.replace(latin, letter)
    return low.translate(_LETTERS)


def find(signs: Iterable[Sign], pieces: Pieces) -> Found:
    """Which signs the texts show; of equal names the heaviest counts."""
    seen: dict[str, tuple[int, str]] = {}
    for sign in signs:
        match = sign.phrases.search(pieces)
        if match and sign.weight > seen.get(sign.name, (0, ""))[0]:
            seen[sign.name] = (sign.weight, match[0].strip()[:60])
    return Found(tuple((name, weight, words) for name, (weight, words) in seen.items()))


def _from_word_start(line: str) -> str:
    """A line that begins with a letter or a group begins a word («скол» is not in «сколько»)."""
    return rf"\b(?:{line})" if line[0].isalpha() or (line[0] == "(" and line[1] != "?") else f"(?:{line})"


@dataclass(frozen=True, slots=True)
class Words:
    """One file of words: single lists by name, as one expression and as phrases, and tables of signs by name."""

    patterns: dict[str, re.Pattern[str]]
    phrases: dict[str, Phrases]
    tables: dict[str, tuple[Sign, ...]]

    @property
    def all(self) -> Iterator[Phrase]:
        """Every phrase of the file."""
        rows = (sign.phrases for table in self.tables.values() for sign in table)
        for phrases in (*self.phrases.values(), *rows):
            yield from phrases.all if isinstance(phrases, Phrases) else ()


@lru_cache
def load(name: str) -> Words:
    """Read `words_<name>.toml`. The phrases of tables are compiled when first met; a test compiles all."""
    data = tomllib.loads((files("mailcase.rules") / f"words_{name}.toml").read_text(encoding="utf-8"))
    rows: dict[str, list[dict[str, Any]]] = {k: v for k, v in data.items() if isinstance(v, list)}
    lists = {k: Phrases(v) for k, v in data.items() if isinstance(v, str)}
    return Words(
        patterns={k: phrases.pattern for k, phrases in lists.items()},
        phrases=lists,
        tables={k: tuple(Sign(r["name"], r["weight"], Phrases(r["words"])) for r in v) for k, v in rows.items()},
    )


@lru_cache
def _index() -> Index:
    """Over every phrase of every file."""
    return Index(phrase for name in ("complaint", "kinds", "traits") for phrase in load(name).all)
