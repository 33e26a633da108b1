"""The word lists by which letters are sorted, read once from the `words_*.toml` files beside this module.

One alternative of a regular expression a line, matched against `plain` text: lower-case, «ё» written as «е».
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that a text may show; `name` is what people read (Russian); three points of weight convince."""

    name: str
    weight: int
    pattern: re.Pattern[str]


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


def find(signs: Iterable[Sign], texts: Iterable[str]) -> Found:
    """Which signs the texts show; of equal names the heaviest counts."""
    pieces = tuple(texts)
    seen: dict[str, tuple[int, str]] = {}
    for sign in signs:
        match = next((m for m in map(sign.pattern.search, pieces) if m), None)
        if match and sign.weight > seen.get(sign.name, (0, ""))[0]:
            seen[sign.name] = (sign.weight, match[0].strip()[:60])
    return Found(tuple((name, weight, words) for name, (weight, words) in seen.items()))


def pattern(lines: str) -> re.Pattern[str]:
    """One alternative a line; one that begins with a letter or a group begins a word («скол» is not in «сколько»)."""
    return re.compile("|".join(_from_word_start(line) for line in lines.strip().splitlines() if line))


def _from_word_start(line: str) -> str:
    return rf"\b(?:{line})" if line[0].isalpha() or (line[0] == "(" and line[1] != "?") else f"(?:{line})"


@dataclass(frozen=True, slots=True)
class Words:
    """One file of words: single patterns by name, and tables of signs by name."""

    patterns: dict[str, re.Pattern[str]]
    tables: dict[str, tuple[Sign, ...]]


def load(name: str) -> Words:
    """Read `words_<name>.toml`. Raises re.error or KeyError where somebody spoiled the file: at import, not later."""
    data = tomllib.loads((files("mailcase.rules") / f"words_{name}.toml").read_text(encoding="utf-8"))
    rows: dict[str, list[dict[str, Any]]] = {k: v for k, v in data.items() if isinstance(v, list)}
    return Words(
        patterns={k: pattern(v) for k, v in data.items() if isinstance(v, str)},
        tables={k: tuple(Sign(r["name"], r["weight"], pattern(r["words"])) for r in v) for k, v in rows.items()},
    )
