"""The word lists by which letters are sorted, read once from the `words_*.toml` files beside this module.

One alternative of a regular expression a line, matched against `plain` text: lower-case, «ё» written as «е».
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import chain
from typing import Any

from mailcase.rules import literals

_WORD = re.compile(r"\w+")
_KEPT = 20_000
"""Beginnings of words whose phrases are remembered: a megabyte or two."""
_TOLD = 60
"""Characters of the words that a reason quotes."""


class Phrase:
    """One alternative of a word list; compiled when a text may hold it for the first time."""

    def __init__(self, expression: str, home: Phrases | None = None, place: int = 0) -> None:
        self.expression = expression
        self.home = home
        """The list it stands in."""
        self.place = place
        """Its line there."""
        self.beginnings = literals.beginnings(expression)
        self.words = literals.certain(expression) if self.beginnings is None else None
        """Of a phrase that may begin anywhere: words of which a text must hold one, where any are certain."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The compiled expression."""
        return re.compile(self.expression)

    def search(self, text: str, starts: list[int] | None) -> re.Match[str] | None:
        """The match at the first of these places that has one; anywhere, where none are told."""
        if starts is None:
            return self.pattern.search(text)
        match = self.pattern.match
        for start in starts:
            if found := match(text, start):
                return found
        return None


Likely = dict["Phrases | None", dict[Phrase, list[int] | None]]
"""By word list: its phrases that may be in a text, each with the places where it may begin; None for anywhere."""


class Index:
    """Tells of a whole text at once which phrases it may hold, nearly all by the beginnings of its words."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._under: dict[str, list[Phrase]] = {}
        self._anywhere: list[tuple[str, Phrase]] = []
        for phrase in phrases:
            for beginning in phrase.beginnings or ():
                self._under.setdefault(beginning, []).append(phrase)
            if phrase.beginnings is None:
                # Every text holds the empty word.
                self._anywhere += ((word, phrase) for word in phrase.words or ("",))
        self._begun: dict[str, tuple[Phrase, ...]] = {}

    def likely(self, text: str) -> Likely:
        """What the text may hold."""
        anywhere = [phrase for word, phrase in self._anywhere if word in text]
        found: dict[Phrase, list[int] | None] = dict.fromkeys(anywhere)
        known = self._begun.get
        for word in _WORD.finditer(text):
            start = word.start()
            letters = text[start : start + literals.LENGTH]
            begun = known(letters)
            for phrase in self._look_up(letters) if begun is None else begun:
                if (starts := found.get(phrase)) is not None:
                    starts.append(start)
                else:
                    found[phrase] = [start]
        grouped: Likely = {}
        for phrase, places in found.items():
            grouped.setdefault(phrase.home, {})[phrase] = places
        return grouped

    def _look_up(self, letters: str) -> tuple[Phrase, ...]:
        """The phrases that begin so; kept, for letters share most of their words."""
        if len(self._begun) > _KEPT:
            self._begun.clear()
        under = (self._under.get(letters[:length], ()) for length in range(1, len(letters) + 1))
        return self._begun.setdefault(letters, tuple(dict.fromkeys(chain.from_iterable(under))))


@dataclass(frozen=True)
class Pieces:
    """Texts in which phrases are sought: a title and a body, or sentences."""

    texts: tuple[str, ...]

    @cached_property
    def likely(self) -> dict[Phrases | None, list[str]]:
        """By word list: the texts that may hold one of its phrases, in their order."""
        found: dict[Phrases | None, list[str]] = {}
        for text in self.texts:
            for phrases in _likely(text):
                found.setdefault(phrases, []).append(text)
        return found


class Phrases:
    """A word list: what `pattern.search` finds, without asking for what the text cannot hold."""

    def __init__(self, lines: str) -> None:
        expressions = [_from_word_start(line) for line in lines.strip().splitlines() if line]
        self.all = tuple(Phrase(expression, self, place) for place, expression in enumerate(expressions))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """All of them as one expression."""
        return re.compile("|".join(phrase.expression for phrase in self.all))

    def search(self, pieces: Pieces) -> re.Match[str] | None:
        """The first match in the first text that has one."""
        there = pieces.likely.get(self)
        return next(filter(None, map(self.search_text, there)), None) if there else None

    def search_text(self, text: str) -> re.Match[str] | None:
        """The first match in a text; of those at one place the phrase that stands first, as in one expression."""
        found = [
            (match.start(), phrase.place, match)
            for phrase, starts in _likely(text).get(self, {}).items()
            if (match := phrase.search(text, starts))
        ]
        return min(found)[2] if found else None


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The laboratory's words of the configuration, sought as they are."""

    pattern: re.Pattern[str]

    def search(self, pieces: Pieces) -> re.Match[str] | None:
        """The first match in the first text that has one."""
        return next(filter(None, map(self.pattern.search, pieces.texts)), None)


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


def quoted(found: re.Match[str]) -> str:
    """The words that a phrase found, short enough to be told as a reason."""
    return found[0].strip()[:_TOLD]


def _from_word_start(line: str) -> str:
    """A line that begins with a letter, a number or a group begins a word («скол» is not in «сколько»)."""
    begins = line[0].isalpha() or line.startswith(r"\d") or (line[0] == "(" and line[1] != "?")
    return rf"\b(?:{line})" if begins else f"(?:{line})"


@dataclass(frozen=True, slots=True)
class Words:
    """One file of words: single lists by name, tables of signs by name, and what is sought as one expression."""

    patterns: dict[str, re.Pattern[str]]
    phrases: dict[str, Phrases]
    tables: dict[str, tuple[Sign, ...]]
    parts: dict[str, str]
    """Alternatives that several single lists hold: they name them in braces."""

    @property
    def all(self) -> Iterator[Phrase]:
        """Every phrase of the file."""
        rows = (sign.phrases for table in self.tables.values() for sign in table)
        for phrases in (*self.phrases.values(), *rows):
            yield from phrases.all if isinstance(phrases, Phrases) else ()


def _filled(lines: str, parts: dict[str, str]) -> str:
    """The lines with what they name in braces."""
    for name, alternatives in parts.items():
        lines = lines.replace(f"{{{name}}}", alternatives)
    return lines


@lru_cache
def load(name: str) -> Words:
    """Read `words_<name>.toml`. The phrases of tables are compiled when first met; a test compiles all."""
    data = tomllib.loads((files("mailcase.rules") / f"words_{name}.toml").read_text(encoding="utf-8"))
    parts: dict[str, str] = data.pop("parts", {})
    whole: dict[str, str] = data.pop("whole", {})
    rows: dict[str, list[dict[str, Any]]] = {k: v for k, v in data.items() if isinstance(v, list)}
    return Words(
        patterns={k: Phrases(v).pattern for k, v in whole.items()},
        phrases={k: Phrases(_filled(v, parts)) for k, v in data.items() if isinstance(v, str)},
        tables={k: tuple(Sign(r["name"], r["weight"], Phrases(r["words"])) for r in v) for k, v in rows.items()},
        parts=parts,
    )


@lru_cache(maxsize=128)
def _likely(text: str) -> Likely:
    """What `Index.likely` tells; the sentences of a letter are asked for more than once."""
    return _index().likely(text)


@lru_cache
def _index() -> Index:
    """Over every phrase of every file."""
    return Index(phrase for name in ("complaint", "kinds", "traits") for phrase in load(name).all)
